"""Find which matches can be part of what a correlation looks for at all.

Nearly all matches of a log are in groups that never have as many of them, within one
timespan, as the condition asks for.  Here they are only counted: by group and by
stretch of time, a millisecond longer than the timespan, so that no window reaches over
more than two stretches.  What two neighbours have together is at least what any window
in them has.  The exact steps (`step`) then take the matches of stretches that have
enough, and answer as if they had taken all.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from checker.correlation_types import CorrelationType, kind
from checker.evaluate.correlation import condition
from checker.evaluate.correlation.addresses import Label
from checker.evaluate.correlation.hit import Key, Signal
from checker.evaluate.correlation.hit_columns import HitColumns
from checker.evaluate.correlation.plan import Plan, Planned
from checker.evaluate.correlation.readers import Group, Reader, reader
from checker.evaluate.correlation.window import Value

MOST_STRETCHES = 100_000
"""How many stretches are counted at once, of all correlations, about 400 bytes each;
beyond that the correlation that has the most takes every match."""

_MOST_UNKNOWN = 100_000
"""Matches of a `first_seen` correlation beyond which its exact step takes them all:
it reports what it had no room for."""

_RULES = frozenset({CorrelationType.TEMPORAL, CorrelationType.TEMPORAL_ORDERED})
"""The types that count base rules."""

_DISTINCT = _RULES | {CorrelationType.VALUE_COUNT}
"""The types that count values, or base rules; of these a stretch holds the values."""

_Stretch: TypeAlias = tuple[Group, int]
"""A group, and the number of a stretch of time since 1970."""

_NOTHING: Final[frozenset[Value]] = frozenset()
_Stretches: TypeAlias = Iterable[_Stretch]


class Prospect(msgspec.Struct, frozen=True):
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

    def has_derived(self, group: Group) -> bool:
        """Return whether what another correlation found of a group may count.

        The bursts of a group are told by those before them: of a group that has enough
        anywhere all are taken.  One that lacks a value is taken to be counted.
        """
        return (
            group in self.groups
            or group is None
            or (isinstance(group, tuple) and None in group)
        )


class _Counter(msgspec.Struct):
    """What one correlation counts.

    `least` is the smallest number that satisfies it, `values` says that what is counted
    are distinct values.  None of `least` is a `first_seen` correlation without anything
    learned: it has nothing to tell before the timespan is over.  A group that lacks a
    value is counted as any other, and told from them at the end.

    With `others` there are base rules whose matches are not counted here: correlations.
    `least` is then what the rest has to have, and theirs may be in a stretch beside.
    """

    span: int
    several: bool
    least: int | None
    values: bool
    others: bool = False
    lacking: int = 0
    matches: int = 0
    events: Counter[_Stretch] = msgspec.field(default_factory=Counter)
    distinct: dict[_Stretch, set[Value]] = msgspec.field(default_factory=dict)

    @property
    def stretches(self) -> int:
        """How many are counted."""
        return len(self.events) + len(self.distinct)

    @property
    def ungrouped(self) -> int:
        """How many matches lack a value to group by."""
        return self.lacking + sum(
            [number for (group, _), number in self.events.items() if self._lacks(group)]
        )

    def count(
        self, how: Reader, keys: Sequence[tuple[Key, ...]], at: Sequence[int]
    ) -> None:
        """Count matches of a base rule, by what they carry and their stretches."""
        groups = map(how.group, keys)
        if self.least is None:
            lacking = sum(map(self._lacks, groups))
            self.lacking += lacking
            self.matches += len(keys) - lacking
        elif self.values:
            self._count_values(how, keys, zip(groups, at, strict=True))
        else:
            self.events.update(zip(groups, at, strict=True))

    def _count_values(
        self, how: Reader, keys: Sequence[tuple[Key, ...]], stretches: _Stretches
    ) -> None:
        distinct, least = self.distinct, self.least or 0
        value_of = how.value
        values = (
            itertools.repeat(how.index) if value_of is None else map(value_of, keys)
        )
        # Those of a caller, say, come again and again: each is looked at once.
        for (stretch, value), number in Counter(
            zip(stretches, values, strict=False)
        ).items():
            if self._lacks(stretch[0]):
                self.lacking += number
            elif value is not None:
                known = distinct.get(stretch)
                if known is None:
                    distinct[stretch] = {value}
                elif len(known) < least:
                    known.add(value)

    def _lacks(self, group: Group) -> bool:
        return group is None or (self.several and None in group)  # type: ignore[operator] # several: a tuple

    def enough(self) -> set[_Stretch]:
        """Return the stretches that have enough, alone or with a neighbour."""
        least, events, distinct = self.least or 0, self.events, self.distinct
        found: set[_Stretch] = set()
        # One of two neighbours that have enough has half of it.
        for stretch in [each for each, number in events.items() if 2 * number >= least]:
            if self._lacks(stretch[0]):
                continue
            number = events[stretch]
            if number >= least:
                found.add(stretch)
            for other in _beside(stretch):
                if other in events and number + events[other] >= least:
                    found |= {stretch, other}
        for stretch in [
            each for each, some in distinct.items() if 2 * len(some) >= least
        ]:
            values = distinct[stretch]
            if len(values) >= least:
                found.add(stretch)
            for other in _beside(stretch):
                both = values | distinct.get(other, _NOTHING)
                if len(both) >= least and (self.others or other in distinct):
                    found |= {stretch, other}
        return found


def _beside(stretch: _Stretch) -> tuple[_Stretch, _Stretch]:
    group, number = stretch
    return (group, number - 1), (group, number + 1)


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
        self._routes: dict[str, list[tuple[Reader, _Counter]]] = {}
        self._oldest, self._newest = span or (math.inf, -math.inf)
        for planned in plan.steps:
            direct = [base for base in planned.bases if base.name in plan.carried]
            counter = _counter(planned, len(direct), learned=learned)
            if counter is None:
                continue
            self._counters[planned.rule.name] = counter
            for base in direct:
                how = reader(planned, base, base.name, plan, label)
                self._routes.setdefault(base.name, []).append((how, counter))

    def add(self, hits: HitColumns) -> None:
        """Count some matches."""
        if not hits:
            return
        for rule, rows in hits.by_rule().items():
            routes = self._routes.get(rule)
            if routes:
                keys, times = hits.keys(rows), hits.times_at(rows)
                for how, counter in routes:
                    width = counter.span + 1
                    counter.count(how, keys, [time // width for time in times])
        first, last = hits.span
        self._oldest = min(self._oldest, first)
        self._newest = max(self._newest, last)
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


def _counter(planned: Planned, direct: int, *, learned: bool) -> _Counter | None:
    """Return how to count for a correlation; None where a count tells nothing.

    So many of its base rules are `direct`: detections.
    """
    block = planned.rule.correlation
    several = len(block.group_by) > 1
    others = len(planned.bases) - direct
    if others and (block.type not in _RULES or not direct):
        return None
    if block.type is CorrelationType.FIRST_SEEN:
        span = block.timespan * 1000
        return None if learned else _Counter(span, several, None, values=False)
    values = block.type in _DISTINCT
    if not values and block.type is not CorrelationType.EVENT_COUNT:
        return None
    default = kind(block.type).threshold(len(planned.bases))
    least = condition.least(block.condition, default)
    span = block.timespan * 1000
    if others:
        least -= others
        return (
            _Counter(span, several, least, values, others=True) if least > 0 else None
        )
    # What one match satisfies, any group may have.
    return _Counter(span, several, least, values) if least > 1 else None
