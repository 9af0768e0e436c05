"""Determine whether one event selector of a trail selects an event.

An event is recorded when any event selector selects it, and an event selector selects
it when all its field selectors pass, those on `resources` on the same element of the
event's resources.  Basic and advanced event selectors are both read into this form.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from checker.conditions.unknown import Cause
from checker.evaluate.recording.field_selector import FieldSelector, Verdict

Event: TypeAlias = Mapping[str, Any]


class Obstacle(msgspec.Struct, frozen=True):
    """The part of an event selector that keeps an event out, or the answer open.

    `selector` is the event selector's label, `field` the field selector's field, empty
    where no single one decides, and `text` describes it.
    """

    selector: str
    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.selector}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSelector:
    """One event selector for one event category.

    `category` None means that it cannot be told.  `doubt` says why the answer is not
    known even when every field passes, and `cause` of which kind that is.  `types` and
    `arns` are the field selectors on `resources`; `types` None is a selector that does
    not look at resources.
    """

    label: str
    category: str | None
    fields: tuple[tuple[Callable[[Event], str | None], FieldSelector], ...] = ()
    types: FieldSelector | None = None
    arns: tuple[FieldSelector, ...] = ()
    doubt: str | None = None
    cause: Cause = Cause.UNDECIDABLE

    def decide(self, event: Event) -> Verdict:
        """Return whether it selects an event of its category."""
        verdict: Verdict = True
        for read, field_selector in self.fields:
            passed = field_selector.test(read(event))
            if passed is False:
                return False
            if passed is None:
                verdict = None
        if self.types is not None:
            passed = self._resources(event)
            if passed is False:
                return False
            if passed is None:
                verdict = None
        return verdict if self.doubt is None else None

    def _resources(self, event: Event) -> Verdict:
        verdict: Verdict = False
        for resource in event.get("resources") or ():
            if not isinstance(resource, Mapping):
                continue
            passed = self._resource(resource)
            if passed:
                return True
            if passed is None:
                verdict = None
        return verdict

    def _resource(self, resource: Mapping[str, Any]) -> Verdict:
        verdict = self.types.test(resource.get("type")) if self.types else True
        if verdict is False:
            return False
        for arn in self.arns:
            passed = _test_arn(arn, resource)
            if passed is False:
                return False
            if passed is None:
                verdict = None
        return verdict

    def obstacle(self, event: Event) -> Obstacle:
        """Return what keeps it from selecting the event, or from being sure."""
        unsure = None
        for read, field_selector in self.fields:
            value = read(event)
            passed = field_selector.test(value)
            if passed is False:
                return self._obstacle(field_selector, field_selector.why(value))
            if passed is None and unsure is None:
                unsure = self._obstacle(field_selector, field_selector.why(value))
        if self.types is not None and self._resources(event) is not True:
            return self._on_resources(self.types, event)
        return unsure or Obstacle(self.label, "", str(self.doubt))

    def _obstacle(self, field_selector: FieldSelector, text: str) -> Obstacle:
        return Obstacle(self.label, field_selector.field, text)

    def _on_resources(self, types: FieldSelector, event: Event) -> Obstacle:
        found = self._obstacle(types, types.why(None))
        for resource in event.get("resources") or ():
            if not isinstance(resource, Mapping):
                continue
            if types.test(resource.get("type")) is False:
                continue
            for arn in self.arns:
                if _test_arn(arn, resource) is not True:
                    found = self._obstacle(arn, _why_arn(arn, resource))
        return found

    def why_unknown(self) -> Cause:
        """Return the cause where it is not known whether an event is selected."""
        if self.doubt is not None:
            return self.cause
        fields = [one for _, one in self.fields] + [self.types, *self.arns]
        causes = (one.cause for one in fields if one is not None and one.is_unknown)
        return next(causes, Cause.UNDECIDABLE)

    def boundaries(self) -> Iterator[FieldSelector]:
        """Return each field selector, for probes on both sides of each boundary."""
        yield from (field_selector for _, field_selector in self.fields)
        if self.types is not None:
            yield self.types
        yield from self.arns


def _test_arn(arn: FieldSelector, resource: Mapping[str, Any]) -> Verdict:
    """Test one resource; S3 lists a bucket under `ARNPrefix`, with no ARN beside it.

    What a selector on resources.ARN makes of such a resource AWS does not say.
    """
    value = resource.get("ARN")
    if isinstance(value, str):
        return arn.test(value)
    prefix = resource.get("ARNPrefix")
    if not isinstance(prefix, str):
        return arn.test(None)
    if not arn.wording:
        return None
    if any(prefix.startswith(start) and is_every(start) for start in arn.starts):
        return True
    related = (
        prefix.startswith(start) or start.startswith(prefix)
        for start in (*arn.starts, *arn.vague)
    )
    return None if any(related) else False


def _why_arn(arn: FieldSelector, resource: Mapping[str, Any]) -> str:
    value = resource.get("ARN")
    if value is None and "ARNPrefix" in resource:
        return (
            f"{arn.wording or 'resources.ARN'}, and the event has only an ARNPrefix, "
            "of which AWS does not say how it is matched"
        )
    text = arn.why(value)
    if (
        isinstance(value, str)
        and arn.test(value) is None
        and value.startswith(arn.vague)
    ):
        text += ", where AWS does not say what a bucket without a slash matches"
    return text


def is_every(value: str) -> bool:
    """Return a basic data resource value that stands for all: `arn:aws:s3` and kin."""
    return value.rstrip(":").count(":") <= 2
