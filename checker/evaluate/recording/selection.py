"""Evaluate an event by all event selectors of a trail together.

Without any event selector a trail records all management events and nothing else.  When
basic and advanced event selectors both come back (AWS keeps one kind only), the
advanced ones count.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.conditions.unknown import Unknown
from checker.evaluate.recording import advanced_selectors, basic_selectors
from checker.evaluate.recording.event_selector import Event, EventSelector
from checker.evaluate.recording.field_selector import SHOWN
from checker.evaluate.recording.made_up import shown
from checker.evaluate.recording.verdict import RecordingVerdict, no, part, unknown, yes

_DEFAULT = (EventSelector(label="the default", category="Management"),)


class Selection:
    """All event selectors of one trail, indexed by category and resource type."""

    __slots__ = ("_answers", "_by_category", "_by_type", "_everywhere", "_narrows")

    def __init__(self, event_selectors: Sequence[EventSelector]) -> None:
        everywhere = [one for one in event_selectors if one.category is None]
        categories = {one.category for one in event_selectors if one.category}
        self._everywhere = tuple(everywhere)
        self._by_category = {
            category: tuple(
                one for one in event_selectors if one.category in (category, None)
            )
            for category in categories
        }
        self._by_type = _by_type(self._by_category.get("Data", ()))
        self._answers = {
            id(one): yes(f"selected by {one.label}") for one in event_selectors
        }
        self._narrows = frozenset(
            category
            for category, several in self._by_category.items()
            if any(
                one.field == "readOnly" for each in several for _, one in each.fields
            )
        )

    def candidates(self, category: str) -> tuple[EventSelector, ...]:
        """Return the event selectors that may select events of a category."""
        return self._by_category.get(category, self._everywhere)

    def judge(self, event: Event, category: str) -> RecordingVerdict:
        """Return whether any event selector selects the event.

        Every call is either read or write, so a record that does not say which is
        judged as both: only where the two differ is the answer unknown.
        """
        if category in self._narrows and event.get("readOnly") is None:
            read = self._judge({**event, "readOnly": True}, category)
            write = self._judge({**event, "readOnly": False}, category)
            if read.verdict is write.verdict:
                return read
            return unknown(
                "the event does not say whether it is readOnly: if so, "
                f"{read.reason}; if not, {write.reason}",
                read.cause if read.verdict is None else write.cause,
            )
        return self._judge(event, category)

    def _judge(self, event: Event, category: str) -> RecordingVerdict:
        candidates = self._candidates(event, category)
        doubtful = None
        for one in candidates:
            verdict = one.decide(event)
            if verdict is True:
                return self._answers[id(one)]
            if verdict is None and doubtful is None:
                doubtful = one
        if doubtful is not None:
            found = doubtful.obstacle(event)
            return unknown(
                f"whether it is selected is not known: {found}",
                doubtful.why_unknown(),
                ((found.selector, found.field),),
            )
        return _excluded(event, category, candidates)

    def _candidates(self, event: Event, category: str) -> tuple[EventSelector, ...]:
        if category != "Data":
            return self._by_category.get(category, self._everywhere)
        found = None
        for resource in event.get("resources") or ():
            if isinstance(resource, Mapping):
                several = self._by_type.get(resource.get("type", ""))
                if several is not None and several is not found:
                    if found is not None:
                        return self._by_category["Data"]
                    found = several
        if found is not None:
            return found
        data = self._by_category.get("Data", self._everywhere)
        return tuple(one for one in data if not (one.types and one.types.selects))


def _excluded(
    event: Event, category: str, candidates: tuple[EventSelector, ...]
) -> RecordingVerdict:
    if not candidates:
        kinds = [
            shown(str(resource.get("type")))
            for resource in event.get("resources") or ()
            if isinstance(resource, Mapping) and resource.get("type")
        ]
        of = f"{', '.join(kinds)} " if category == "Data" and kinds else ""
        events = f"{of}{_WORDS.get(category, category)} events"
        return no(f"no event selector selects {events}")
    name = shown(event.get("eventName") or "the event")
    obstacles = [one.obstacle(event) for one in candidates[:SHOWN]]
    reasons = [str(one) for one in obstacles]
    more = len(candidates) - SHOWN
    if more > 0:
        reasons.append(f"{more} more")
    return no(
        f"{name} is excluded by {'; by '.join(reasons)}",
        tuple((one.selector, one.field) for one in obstacles),
    )


_WORDS = {
    "Management": "management",
    "Data": "data",
    "NetworkActivity": "network activity",
}


def _by_type(
    event_selectors: Sequence[EventSelector],
) -> dict[str, tuple[EventSelector, ...]]:
    """Return, for each type that is named, the event selectors that may select it.

    A trail may name every type there is, in a selector each: those that name theirs
    and say no more about types are not tried on the others.
    """
    kinds = {kind for one in event_selectors if one.types for kind in one.types.equals}
    found: dict[str, list[EventSelector]] = {kind: [] for kind in kinds}
    for one in event_selectors:
        types = one.types
        named = types.equals if types is not None and types.only_equals else kinds
        for kind in named:
            if types is None or types.test(kind) is not False:
                found[kind].append(one)
    return {kind: tuple(several) for kind, several in found.items()}


def selection(trail: Mapping[str, Any]) -> Selection:
    """Read the event selectors of a trail or event data store."""
    return Selection(tuple(_event_selectors(trail)))


def _event_selectors(trail: Mapping[str, Any]) -> Iterator[EventSelector]:
    if "EventDataStoreArn" in trail:
        raw = part(trail, "AdvancedEventSelectors")
        if raw.__class__ is Unknown:
            yield _unknown(raw)
        elif raw:
            yield from advanced_selectors.parse(raw, "event data store")
        else:
            yield from _DEFAULT
        return
    selectors = part(trail, "event_selectors")
    if selectors.__class__ is Unknown:
        yield _unknown(selectors)
        return
    selectors = selectors or {}
    raw, basic = (
        selectors.get("AdvancedEventSelectors"),
        selectors.get("EventSelectors"),
    )
    if raw.__class__ is Unknown:
        yield _unknown(raw)
    elif raw:
        yield from advanced_selectors.parse(raw, "trail")
    elif basic.__class__ is Unknown:
        yield _unknown(basic)
    elif basic:
        yield from basic_selectors.parse(basic)
    else:
        yield from _DEFAULT


def _unknown(value: Unknown) -> EventSelector:
    return EventSelector(
        label="its event selectors",
        category=None,
        doubt=value.reason,
        cause=value.cause,
    )
