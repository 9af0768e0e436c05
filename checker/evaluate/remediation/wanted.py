"""Describe what has to be recorded in the words that selectors have.

A trail cannot select management events by name or source, nor any event by Region or
account, so a need is widened to the least that a selector can say; each widening is
told.  Needs of the same shape share a selector.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.aws import data_events
from checker.aws.event_categories import category_of
from checker.aws.resource_types import RESOURCE_TYPES
from checker.evaluate.recording.field_selector import READERS, shorten
from checker.evaluate.recording.need import Access, Need


class NotSelectableError(Exception):
    """No event selector of a trail can say the need; `commands` may help instead."""

    def __init__(self, reason: str, commands: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.commands = commands


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorSpec:
    """Events that one selector selects; empty and None stand for all.

    `excluded` are event sources of management events that are left out.  An ARN that
    ends with `/` or `*` stands for all that begin so.
    """

    category: str
    resource_type: str | None = None
    source: str | None = None
    names: tuple[str, ...] = ()
    access: Access = "All"
    arns: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Return whether an event is one of those that are wanted."""
        if category_of(event) != self.category:
            return False
        source = event.get("eventSource")
        if self.source not in (None, source) or source in self.excluded:
            return False
        if self.names and event.get("eventName") not in self.names:
            return False
        wanted = {"Read": "true", "Write": "false"}.get(self.access)
        if wanted is not None and READERS["readOnly"](event) != wanted:
            return False
        if self.resource_type is None:
            return True
        return any(
            isinstance(each, Mapping)
            and each.get("type") == self.resource_type
            and self._holds(each.get("ARN"))
            for each in event.get("resources") or ()
        )

    def _holds(self, arn: object) -> bool:
        return not self.arns or (
            isinstance(arn, str)
            and any(
                arn.startswith(start.rstrip("*")) if is_start(start) else arn == start
                for start in self.arns
            )
        )

    def words(self) -> str:
        """Name these events for a person."""
        access = {"Read": "read-only ", "Write": "write "}.get(self.access, "")
        what = {"NetworkActivity": "network activity"}.get(
            self.category, self.category.lower()
        )
        of = f"{self.resource_type or self.source or ''} "
        text = f"{access}{of.lstrip()}{what} events"
        if self.names:
            text += f": {shorten(self.names)}"
        if self.arns:
            text += f", of {shorten(self.arns)}"
        if self.excluded:
            text += f", without {shorten(self.excluded)}"
        return text


def is_start(arn: str) -> bool:
    """Return whether an ARN stands for all that begin so."""
    return arn.endswith(("/", "*"))


def translate(
    needs: Iterable[Need], excluded: frozenset[str]
) -> tuple[list[SelectorSpec], list[str]]:
    """Return what selectors have to select for some needs, and what had to be widened.

    `excluded` are the management event sources that the trail leaves out on purpose;
    they stay out unless a need is of them.  Raises `NotSelectableError`.
    """
    found: list[SelectorSpec] = []
    notes: list[str] = []
    for need in needs:
        if need.category == "Management":
            found.append(_management(need, excluded, notes))
        elif need.category == "Data":
            found.append(_data(need, notes))
        elif need.category == "NetworkActivity":
            found.append(_network(need, notes))
        else:
            raise _insights(need)
    return _merge(found), list(dict.fromkeys(notes))


def _insights(need: Need) -> NotSelectableError:
    kinds = need.names or ("ApiCallRateInsight", "ApiErrorRateInsight")
    listed = ", ".join(f'{{"InsightType": "{kind}"}}' for kind in kinds)
    command = (
        "aws cloudtrail put-insight-selectors --trail-name NAME "
        f"--insight-selectors '[{listed}]'"
    )
    return NotSelectableError(
        f"{need.category} events are no matter of event selectors; what turns them on "
        "replaces the types that are on now",
        (command,),
    )


def _management(need: Need, excluded: frozenset[str], notes: list[str]) -> SelectorSpec:
    left_out = excluded if need.source and need.source not in excluded else ()
    wanted = SelectorSpec(
        category="Management", access=need.access, excluded=tuple(sorted(left_out))
    )
    if need.source or need.names:
        notes.append(
            "a trail cannot select management events by name or source, so all "
            f"{wanted.words()} are recorded"
        )
    return wanted


def _data(need: Need, notes: list[str]) -> SelectorSpec:
    kind = need.resource_type
    if kind is None:
        called = need.source or shorten(need.names) or "any service"
        raise NotSelectableError(
            "a selector for data events must name a resource type, and the data "
            f"events of {called} can be of several"
        )
    if kind not in RESOURCE_TYPES:
        notes.append(
            f"{kind} is not in AWS's list of resource types of November 2026; if AWS "
            "has not added it since, it refuses the selector"
        )
    documented = data_events.source(kind)
    return SelectorSpec(
        category="Data",
        resource_type=kind,
        source=need.source if need.source != documented else None,
        names=need.names,
        access=need.access,
        arns=(need.arn,) if need.arn else (),
    )


def _network(need: Need, notes: list[str]) -> SelectorSpec:
    if need.source is None:
        raise NotSelectableError(
            "a selector for network activity events must name one event source"
        )
    if need.access != "All":
        notes.append(
            "network activity events cannot be selected by read or write, so both are "
            "recorded"
        )
    return SelectorSpec(
        category="NetworkActivity", source=need.source, names=need.names
    )


def _merge(found: Sequence[SelectorSpec]) -> list[SelectorSpec]:
    """Put those of the same shape into one, and drop what another one holds."""
    merged = _join(found, "names")
    merged = [_plain(one) for one in merged]
    merged = _join(merged, "arns")
    merged = _join(merged, "access")
    return [
        one
        for index, one in enumerate(merged)
        if not any(
            _holds(other, one) and (other != one or place < index)
            for place, other in enumerate(merged)
            if place != index
        )
    ]


_FIELDS = tuple(each.name for each in dataclasses.fields(SelectorSpec))


def _join(found: Iterable[SelectorSpec], field: str) -> list[SelectorSpec]:
    """Join those that differ in one field only."""
    groups: dict[Hashable, list[SelectorSpec]] = {}
    for one in found:
        shape = (*(getattr(one, name) for name in _FIELDS if name != field),)
        groups.setdefault(shape, []).append(one)
    return [
        dataclasses.replace(
            several[0],
            **{field: _JOINS[field]([getattr(one, field) for one in several])},
        )
        for several in groups.values()
    ]


def _union(values: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Unite lists of which an empty one stands for all."""
    if not all(values):
        return ()
    return tuple(sorted({value for several in values for value in several}))


def _access(values: Sequence[Access]) -> Access:
    return values[0] if len(set(values)) == 1 else "All"


_JOINS: Mapping[str, Callable[[Any], Any]] = {
    "names": _union,
    "arns": _union,
    "access": _access,
}


def _plain(one: SelectorSpec) -> SelectorSpec:
    """Leave out what AWS's list of the type's calls makes sure anyway."""
    kind = one.resource_type
    if kind is None:
        return one
    every = data_events.names(kind)
    complete = data_events.complete(kind)
    names = () if complete and set(every) <= set(one.names) else one.names
    source = one.source or data_events.source(kind) or ""
    calls = names or (every if complete else ())
    flags = {
        known.read_only if known else None
        for known in (data_events.lookup(source, name) for name in calls)
    }
    says = {"Read": True, "Write": False}.get(one.access)
    sure = says is not None and flags == {says}
    return dataclasses.replace(one, names=names, access="All" if sure else one.access)


def _holds(wide: SelectorSpec, narrow: SelectorSpec) -> bool:
    """Return whether whatever fits `narrow` fits `wide`."""
    return (
        wide.category == narrow.category
        and wide.resource_type == narrow.resource_type
        and wide.source in (None, narrow.source)
        and _within(narrow.names, wide.names)
        and wide.access in ("All", narrow.access)
        and _within(narrow.arns, wide.arns)
        and {*wide.excluded} <= {*narrow.excluded}
    )


def _within(narrow: tuple[str, ...], wide: tuple[str, ...]) -> bool:
    """Return whether one list lies in another; an empty one stands for all."""
    return not wide or (bool(narrow) and {*narrow} <= {*wide})
