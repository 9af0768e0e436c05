"""Find which matches can be part of what a correlation looks for at all.

Nearly all matches of a log are in groups that never have as many of them, within one
timespan, as the condition asks for.  Here they are only counted: by group and by
stretch of time, a millisecond longer than the timespan, so that no window reaches over
more than two stretches.  What two neighbours have together is at least what any window
in them has.  The exact steps (`step`) then take the matches of stretches that have
enough, and answer as if they had taken all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from checker.correlation_types import CorrelationType, kind
from checker.evaluate.correlation import condition
from checker.evaluate.correlation.addresses import Label
from checker.evaluate.correlation.hit import Signal
from checker.evaluate.correlation.plan import Plan, Planned
from checker.evaluate.correlation.readers import Group, Reader, reader
from checker.evaluate.correlation.window import Value

MOST_STRETCHES = 100_000
"""How many stretches are counted at once, of all correlations, about 400 bytes each;
beyond that the correlation that has the most takes every match."""

_MOST_UNKNOWN = 100_000
"""Matches of a `first_seen` correlation beyond which its exact step takes them all:
it reports what it had no room for."""

_DISTINCT = frozenset(
    {
        CorrelationType.VALUE_COUNT,
        CorrelationType.TEMPORAL,
        CorrelationType.TEMPORAL_ORDERED,
    }
)
"""The types that count values, or base rules; of these a stretch holds the values."""

_Stretch: TypeAlias = tuple[Group, int]
"""A group, and the number of a stretch of time since 1970."""

_Add: TypeAlias = Callable[[_Stretch, Signal], None]
Count: TypeAlias = Callable[[Signal], None]
"""Counts a match of one base rule for one correlation."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """The matches that one correlation has to look at.

    `ungrouped` counts those that lack a value to group by; no other is counted there.
    """

    width: int
    stretches: Collection[_Stretch]
    groups: Collection[Group]
    ungrouped: int

    def has(self, hit: Signal, how: Reader) -> bool:
        """Return whether a hit may count.

        Copies of an action (sharedEventID) are told by those before them: of a group
        that has enough anywhere all are taken.
        """
        group = how.group(hit.keys)
        return (group, hit.time // self.width) in self.stretches or (
            hit.shared is not None and group in self.groups
        )


@dataclass(slots=True)
class _Counter:
    """What one correlation counts.

    `least` is the smallest number that satisfies it, `values` says that what is counted
    are distinct values.  None of `least` is a `first_seen` correlation without anything
    learned: it has nothing to tell before the timespan is over.
    """

    span: int
    several: bool
    least: int | None
    values: bool
    ungrouped: int = 0
    matches: int = 0
    events: dict[_Stretch, int] = field(default_factory=dict)
    distinct: dict[_Stretch, set[Value]] = field(default_factory=dict)

    @property
    def stretches(self) -> int:
        """How many are counted."""
        return len(self.events) + len(self.distinct)

    def counting(self, how: Reader) -> Count:
        """Return the function that counts the matches of a base rule."""
        # One closure for each route: a call and its look-ups are what a match costs.
        group_of, several, width = how.group, self.several, self.span + 1
        add: _Add = self._adding(how) if self.values else self._event
        if self.least is None:
            add = self._unknown

        def count(hit: Signal) -> None:
            group = group_of(hit.keys)
            if group is None or (several and None in group):  # type: ignore[operator] # several: a tuple
                self.ungrouped += 1
            else:
                add((group, hit.time // width), hit)

        return count

    def _unknown(self, _stretch: _Stretch, _hit: Signal) -> None:
        self.matches += 1

    def _event(self, stretch: _Stretch, _hit: Signal) -> None:
        self.events[stretch] = self.events.get(stretch, 0) + 1

    def _adding(self, how: Reader) -> _Add:
        distinct, least, value_of = self.distinct, self.least or 0, how.value

        def add(stretch: _Stretch, hit: Signal) -> None:
            value = how.index if value_of is None else value_of(hit.keys)
            if value is None:
                return
            known = distinct.get(stretch)
            if known is None:
                distinct[stretch] = {value}
            elif len(known) < least:
                known.add(value)

        return add

    def enough(self) -> set[_Stretch]:
        """Return the stretches that have enough, alone or with a neighbour."""
        least, found = self.least or 0, set()
        for stretch, number in self.events.items():
            after = (stretch[0], stretch[1] + 1)
            if number >= least:
                found.add(stretch)
            if number + self.events.get(after, 0) >= least and after in self.events:
                found |= {stretch, after}
        for stretch, values in self.distinct.items():
            after = (stretch[0], stretch[1] + 1)
            if len(values) >= least:
                found.add(stretch)
            if len(values | self.distinct.get(after, set())) >= least:
                found |= {stretch, after} & self.distinct.keys()
        return found


class Prospects:
    """Counts all matches of a run, in any order, before they are judged in theirs."""

    def __init__(
        self,
        plan: Plan,
        label: Label,
        *,
        learned: bool,
        span: tuple[float, float] | None = None,
        most: int = MOST_STRETCHES,
    ) -> None:
        """Begin with none; `learned` says that `first_seen` has a baseline.

        `span` has the times of the first and the last match of the run, where those
        that come here are a part of them.
        """
        self._most = most
        self._counters: dict[str, _Counter] = {}
        self._routes: dict[str, list[tuple[Count, _Counter]]] = {}
        self._oldest, self._newest = span or (math.inf, -math.inf)
        origins = set(plan.carried)
        for planned in plan.steps:
            counter = _counter(planned, learned=learned)
            if counter is None or not origins.issuperset(_names(planned)):
                continue
            self._counters[planned.rule.name] = counter
            for base in planned.bases:
                how = reader(planned, base, base.name, plan, label)
                route = (counter.counting(how), counter)
                self._routes.setdefault(base.name, []).append(route)

    def add(self, hits: Sequence[Signal]) -> None:
        """Count some matches."""
        routes = self._routes
        for hit in hits:
            for count, _ in routes.get(hit.rule, ()):
                count(hit)
        times = [hit.time for hit in hits]
        if times:
            self._oldest = min(self._oldest, *times)
            self._newest = max(self._newest, *times)
        while sum(each.stretches for each in self._counters.values()) > self._most:
            self._give_up(
                max(self._counters, key=lambda name: self._counters[name].stretches)
            )

    def found(self) -> Mapping[str, Prospect]:
        """Return what each correlation has to look at; of one not here, everything."""
        return {
            name: self._prospect(counter)
            for name, counter in self._counters.items()
            if not self._may_be_new(counter)
        }

    def _prospect(self, counter: _Counter) -> Prospect:
        stretches = counter.enough()
        return Prospect(
            width=counter.span + 1,
            stretches=stretches,
            groups={group for group, _ in stretches},
            ungrouped=counter.ungrouped,
        )

    def _may_be_new(self, counter: _Counter) -> bool:
        """Return whether a `first_seen` correlation may have something to tell."""
        if counter.least is not None:
            return False
        lasted = self._newest - self._oldest
        return lasted >= counter.span or counter.matches > _MOST_UNKNOWN

    def _give_up(self, name: str) -> None:
        gone = self._counters.pop(name)
        for rule, routes in self._routes.items():
            self._routes[rule] = [each for each in routes if each[1] is not gone]


def _counter(planned: Planned, *, learned: bool) -> _Counter | None:
    """Return how to count for a correlation; None where a count tells nothing."""
    block = planned.rule.correlation
    several = len(block.group_by) > 1
    if block.type is CorrelationType.FIRST_SEEN:
        span = block.timespan * 1000
        return None if learned else _Counter(span, several, None, values=False)
    values = block.type in _DISTINCT
    if not values and block.type is not CorrelationType.EVENT_COUNT:
        return None
    default = kind(block.type).threshold(len(planned.bases))
    least = condition.least(block.condition, default)
    # What one match satisfies, any group may have.
    return (
        _Counter(block.timespan * 1000, several, least, values) if least > 1 else None
    )


def _names(planned: Planned) -> set[str]:
    return {base.name for base in planned.bases}
