"""List what a detection rule needs recorded.

It needs each pair of event source and name on which its condition may hold
(`footprint`), but for those that AWS's API models do not have.  A `match` case of the
pair says the category, the resource type and the readOnly value; without one AWS's
documents do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from checker import conditions
from checker.aws import api_calls, data_events
from checker.aws.event_categories import category_of
from checker.aws.resource_types import RESOURCE_TYPES
from checker.conditions import Unknown
from checker.conditions.needs import Required
from checker.conditions.outline import Key
from checker.evaluate.recording.footprint import Footprint
from checker.evaluate.recording.need import Access, Need
from checker.model import DetectionRule, Event

# A sign-in is recorded in the Region of the endpoint, and at the global endpoint in one
# of these four: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
_SIGN_IN: Final = "signin.amazonaws.com"
_SIGN_IN_REGIONS: Final = ("us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2")


def needs(
    rule: DetectionRule, samples: Iterable[Event], snapshot: Mapping[str, Any]
) -> list[Need]:
    """List what a rule needs recorded, one need for each kind of event.

    `samples` are records that the rule matches, those of its cases.
    """
    condition = rule.detection.condition
    places = _Places(conditions.required(condition), snapshot)
    footprint = Footprint(condition)
    shown: dict[Key, list[Event]] = {}
    for event in samples:
        source, name = event.get("eventSource"), event.get("eventName")
        if isinstance(source, str) and not _is_made_up(source, name):
            key = source, name if isinstance(name, str) else None
            shown.setdefault(key, []).append(event)
    wanted = {*shown, *_without_case(footprint, shown)}
    found: dict[Need, list[str]] = {}
    for source, name in sorted(wanted, key=str):
        assert source is not None
        events = shown.get((source, name))
        made = (
            _of_cases(events, places)
            if events
            else _of_models(source, name, footprint, shown, places)
        )
        for need in made:
            found.setdefault(need, []).extend([name] if name else [])
    return [replace(need, names=tuple(dict.fromkeys(n))) for need, n in found.items()]


def why_none(rule: DetectionRule) -> str:
    """Describe why a rule needs nothing that anybody could name."""
    pairs = Footprint(rule.detection.condition).pairs
    if not pairs:
        return "its condition never holds"
    named = [f"{source} {name}" for source, name in pairs if source and name]
    if len(named) == len(pairs):
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        return f"AWS has none of the events it names: {', '.join(named[:3])}{more}"
    return "the rule names no event, and has no case to learn from"


def _is_made_up(source: str, name: object) -> bool:
    """Return whether a case gives a source the call of another, to show its rule.

    A call that no API model has may be newer than the models.
    """
    return (
        isinstance(name, str)
        and api_calls.occurs(source, name) is False
        and bool(api_calls.owners(name))
    )


def _without_case(
    footprint: Footprint, shown: Mapping[Key, object]
) -> Iterator[tuple[str, str | None]]:
    """Yield the pairs that a rule waits for and no case shows.

    Where a rule leaves sources or names open, the cases say which are meant.  Of a list
    of sources, those whose names AWS does not publish do not stand for a name that
    another of them is known to have.
    """
    cased = {source for source, _ in shown}
    named = {name for _, name in shown}
    known = {n for s, n in footprint.pairs if s and n and api_calls.occurs(s, n)}
    for source, name in footprint.pairs:
        pairs: list[tuple[str, str | None]] = []
        if source is not None and name is not None:
            if api_calls.occurs(source, name) or name not in known:
                pairs = [(source, name)]
        elif name is not None:
            owners = () if name in named else api_calls.owners(name)
            pairs = [(owner, name) for owner in owners]
        elif source is not None and source not in cased:
            pairs = [*_of_source(source, footprint)]
        for one, event in pairs:
            if (one, event) not in shown and _may_match(one, event, footprint):
                yield one, event


def _of_source(source: str, footprint: Footprint) -> Iterator[tuple[str, str | None]]:
    """Yield the calls of a source that the condition admits; without a name for all."""
    names = api_calls.known_names(source) or frozenset()
    chosen = [name for name in names if footprint.kinds(source, name)]
    if len(chosen) == len(names):
        yield source, None
    else:
        yield from ((source, name) for name in chosen)


def _may_match(source: str, name: str | None, footprint: Footprint) -> bool:
    if name is None:
        return True
    if api_calls.occurs(source, name) is False:
        return False
    return bool(footprint.kinds(source, name))


def _of_cases(events: Sequence[Event], places: _Places) -> Iterator[Need]:
    """Yield what the records of a rule's cases, all of one name, need."""
    for event in events:
        source, category = event["eventSource"], category_of(event)
        types: Sequence[str | None] = (None,)
        if category == "Data":
            known = data_events.lookup(source, str(event.get("eventName")))
            types = _types(event, known.resource_type if known else None)
        for resource_type in types:
            yield places.need(
                category, source, resource_type=resource_type, access=_access(event)
            )


def _of_models(
    source: str,
    name: str | None,
    footprint: Footprint,
    shown: Mapping[Key, Sequence[Event]],
    places: _Places,
) -> Iterator[Need]:
    """Yield what events without a case need, by AWS's documents."""
    if name is None:
        yield places.need("Management", source)
        return
    kinds = footprint.kinds(source, name)
    documented = data_events.lookup(source, name)
    if documented:
        if _admits(kinds.get("Data"), documented.read_only):
            access = _word(documented.read_only) or kinds["Data"]
            yield places.need(
                "Data", source, resource_type=documented.resource_type, access=access
            )
            return
    elif "Management" in kinds:
        likely = _word(api_calls.read_only(name))
        access = kinds["Management"]
        yield places.need(
            "Management",
            source,
            access=likely if likely and access == "All" else access,
        )
        return
    elif "Data" in kinds:
        # AWS names no resource type for the call: those of its siblings are likely.
        found = [
            each
            for (other, _), events in shown.items()
            for event in events
            if other == source and category_of(event) == "Data"
            for each in _types(event, None)
        ]
        for resource_type in dict.fromkeys(found or [None]):
            yield places.need(
                "Data", source, resource_type=resource_type, access=kinds["Data"]
            )
        return
    if "NetworkActivity" in kinds:
        # No selector tells reads from writes there.
        yield places.need("NetworkActivity", source, access=kinds["NetworkActivity"])


def _admits(
    access: Access | None,
    read_only: bool | None,  # noqa: FBT001 - a value of the record, not a switch
) -> bool:
    return access is not None and (
        read_only is None or access in ("All", _word(read_only))
    )


def _word(read_only: bool | None) -> Access | None:  # noqa: FBT001 - AWS's own flag
    return None if read_only is None else "Read" if read_only else "Write"


def _types(event: Event, documented: str | None) -> list[str | None]:
    """Return the resource types of a data event: the one that AWS names, or all."""
    resources = event.get("resources")
    found = [
        each["type"]
        for each in (resources if isinstance(resources, list) else [])
        if isinstance(each, dict) and each.get("type") in RESOURCE_TYPES
    ]
    if documented in found or not found:
        return [documented]
    return found


def _access(event: Event) -> Access:
    value = event.get("readOnly")
    if value in (True, "true"):
        return "Read"
    return "Write" if value in (False, "false") else "All"


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a rule's events are recorded: Regions, and the account."""

    required: Required
    snapshot: Mapping[str, Any]

    def need(
        self,
        category: str,
        source: str,
        *,
        resource_type: str | None = None,
        access: Access = "All",
    ) -> Need:
        """Return the need for events of one kind, without their names."""
        account = self._account().get("id")
        return Need(
            category=category,
            source=source,
            resource_type=resource_type,
            access=access,
            regions=self._regions(source),
            account=account if isinstance(account, str) else None,
        )

    def _account(self) -> Mapping[str, Any]:
        account = self.snapshot.get("account")
        return account if isinstance(account, Mapping) else {}

    def _regions(self, source: str) -> tuple[str, ...] | None:
        """Return the Regions where such events can be recorded; None for every one."""
        pinned = self.required.get(("awsRegion",))
        if pinned and all(isinstance(region, str) for region in pinned):
            return tuple(sorted(str(region) for region in pinned))
        scanned, partition = (
            None if isinstance(value, Unknown) else value
            for value in map(self._account().get, ("regions_scanned", "partition"))
        )
        if source == _SIGN_IN and partition in (None, "aws"):
            # "Root users: us-east-1" says the page above.
            if self.required.get(("userIdentity", "type")) == frozenset({"Root"}):
                return ("us-east-1",)
            return tuple(dict.fromkeys([*_SIGN_IN_REGIONS, *(scanned or ())]))
        return tuple(dict.fromkeys(scanned)) if scanned else None
