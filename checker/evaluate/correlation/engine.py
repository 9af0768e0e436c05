"""Feed hits to correlations, and the bursts of these to those above."""

from __future__ import annotations

import gc
import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec
from msgspec import structs

from checker.correlation_types import kind
from checker.evaluate.correlation.absence import Absence, FirstSeen, flat
from checker.evaluate.correlation.addresses import Label, nameless
from checker.evaluate.correlation.burst import Burst
from checker.evaluate.correlation.hit import Key, Learned, Signal, in_order
from checker.evaluate.correlation.plan import Plan, Planned, origins
from checker.evaluate.correlation.prospects import Prospect
from checker.evaluate.correlation.readers import Reader, reader
from checker.evaluate.correlation.step import Counts, Step, Take, Way
from checker.evaluate.correlation.types import step as step_of

MOST_GROUPS = 200_000
"""How many groups of one correlation are held at once; the stalest go first."""

GROUP_BYTES = 500
HIT_BYTES = 1_200
"""What a group takes, and each event that its windows or its burst hold, at most.

Texts of ordinary length are meant; `benchmarks/bench_correlation.py` measures it.  A
window of `event_count` and of `value_count` holds as many events as its condition can
tell apart, a burst 100, and an open `value_sum` up to 10,000.
"""

_Route: TypeAlias = tuple[Take, Reader, Prospect | None]
"""Who takes a hit, how to read it, and which ones suffice (None: all)."""


Span: TypeAlias = tuple[int, int]
"""The times (ms) of the first hit and of the last."""


class Correlated(msgspec.Struct, frozen=True):
    """What the correlations found, and what they left out, by the name of the rule.

    Bursts come in the order of the rules, then by their first event.
    """

    bursts: tuple[Burst, ...] = ()
    counts: Mapping[str, Counts] = msgspec.field(default_factory=dict)


class Correlator:
    """Correlates hits that come in the order of time, one by one.

    Use `correlate` for hits in any order.  A hit that is older than the one before it
    is refused with `ValueError`.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that the answer depends on
        self,
        plan: Plan,
        *,
        most_groups: int = MOST_GROUPS,
        learned: Learned | None = None,
        label: Label = nameless,
        prospects: Mapping[str, Prospect] | None = None,
        span: Span | None = None,
    ) -> None:
        self._label = label
        self._prospects = prospects or {}
        self._span = span
        self._now: int | None = None
        self._routes: dict[str | tuple[str, str], list[_Route]] = {}
        self._alarms: list[tuple[int, int, int, Absence, tuple[object, str]]] = []
        self._rung = 0
        self._steps: list[Step] = []
        self._origins = origins(plan)
        bases = {base.name for step in plan.steps for base in step.bases}
        for planned in plan.steps:
            above = self._above if planned.rule.name in bases else None
            step = step_of(planned, most_groups, above, learned)
            self._steps.append(step)
            self._route(plan, planned, step)
        self._absences = [each for each in self._steps if isinstance(each, Absence)]
        self._firsts = [each for each in self._steps if isinstance(each, FirstSeen)]

    def feed(self, hits: Iterable[Signal]) -> None:
        """Take the next hits, in order of (time, event)."""
        routes = self._routes
        now = self._now
        for hit in hits:
            if hit.time != now:
                now = hit.time
                self._advance(now)
            for take, how, prospect in routes.get(hit.rule, ()):
                if prospect is None or prospect.has(hit, how):
                    take(hit, how)

    def _advance(self, now: int) -> None:
        if self._now is None:
            for first in self._firsts:
                first.since = self._span[0] if self._span else now
        elif now < self._now:
            raise ValueError("hits must come in the order of their time")
        self._now = now
        if self._absences:
            self._ring(now)

    def finish(self) -> Correlated:
        """Return what was found; there are no more hits."""
        until = self._span[1] if self._span else self._now or 0
        self._ring(None)
        bursts: list[Burst] = []
        for step in self._steps:
            step.finish()
            step.found.sort(key=first_of)
            bursts += [
                structs.replace(burst, open=True, until=until)
                if burst.end is not None and burst.end > until
                else burst
                for burst in step.found
            ]
        return Correlated(
            tuple(bursts), {step.name: step.counts for step in self._steps}
        )

    def seen(self) -> Iterator[tuple[str, Mapping[tuple[Key, ...], int]]]:
        """Yield when each `first_seen` rule last saw each combination.

        There are no more hits.
        """
        self._ring(None)
        for step in self._firsts:
            yield step.name, {flat(each): at for each, at in step.known.items()}

    def _above(self, name: str, origin: str, keys: tuple[Key, ...]) -> list[Way]:
        """Return who takes what a correlation found of such matches."""
        return [
            (take, how)
            for take, how, prospect in self._routes.get((name, origin), ())
            if prospect is None or prospect.has_derived(how.group(keys))
        ]

    def _ring(self, now: int | None) -> None:
        """Let what has run out before `now` expire, in order; everything if None."""
        while True:
            self._gather()
            if not self._alarms or (now is not None and self._alarms[0][0] >= now):
                return
            deadline, _, _, step, (group, identity) = heapq.heappop(self._alarms)
            step.expire(deadline, group, identity)  # type: ignore[arg-type] # the plan pairs them

    def _gather(self) -> None:
        for rank, step in enumerate(self._absences):
            for deadline, group, identity in step.alarms:
                self._rung += 1
                alarm = (deadline, rank, self._rung, step, (group, identity))
                heapq.heappush(self._alarms, alarm)
            step.alarms.clear()

    def _route(self, plan: Plan, planned: Planned, step: Step) -> None:
        prospect = self._prospects.get(step.name)
        if prospect is not None:
            step.counts.ungrouped += prospect.ungrouped
        for base in planned.bases:
            if base.name not in self._origins:
                how = reader(planned, base, base.name, plan, self._label)
                if prospect is None or prospect.stretches:
                    route = self._routes.setdefault(base.name, [])
                    route.append((step.take, how, prospect))
                continue
            for origin in sorted(self._origins[base.name]):
                how = reader(planned, base, origin, plan, self._label)
                derived = self._routes.setdefault((base.name, origin), [])
                derived.append((step.take, how, prospect))


def correlate(  # noqa: PLR0913 - one for each thing that the answer depends on
    plan: Plan,
    hits: Iterable[Signal],
    *,
    ordered: bool = False,
    most_groups: int = MOST_GROUPS,
    learned: Learned | None = None,
    label: Label = nameless,
    prospects: Mapping[str, Prospect] | None = None,
    span: Span | None = None,
) -> Correlated:
    """Correlate hits that come in any order; the answer does not depend on it.

    Hits that are `ordered` already (`in_order`) are taken one by one and need not fit
    into memory.  Events that came twice must be gone already.  `label` gives the label
    of an address (`Addresses.label`).  `prospects` say what each correlation has to
    look at (`Prospects.found`, of the same hits): the answer is the same.  `span` is
    that of the run, where `hits` are all of some groups.  Pure: the answer depends on
    the arguments alone.
    """
    correlator = Correlator(
        plan,
        most_groups=most_groups,
        learned=learned,
        label=label,
        prospects=prospects,
        span=span,
    )
    # Nothing here makes a cycle: the collector would only walk the hits, again and
    # again, for a quarter of the time.
    collects = gc.isenabled()
    gc.disable()
    try:
        correlator.feed(hits if ordered else in_order(hits))
        return correlator.finish()
    finally:
        if collects:
            gc.enable()


def learn(
    plan: Plan,
    hits: Iterable[Signal],
    learned: Learned | None = None,
    label: Label = nameless,
) -> Learned:
    """Add hits to what was learned: when `first_seen` rules last saw each combination.

    What had not been seen for a rule's timespan before its newest hit is left out.
    Where such a rule builds on another correlation the hits are in order of time.
    """
    updated = {name: dict(rows) for name, rows in (learned or {}).items()}
    spans = {}
    routes: dict[str, list[tuple[str, Reader]]] = {}
    derived = origins(plan)
    correlator: Correlator | None = None
    for planned in plan.steps:
        if not kind(planned.rule.correlation.type).needs_learned:
            continue
        spans[planned.rule.name] = planned.rule.correlation.timespan * 1000
        updated.setdefault(planned.rule.name, {})
        for base in planned.bases:
            if base.name in derived:
                correlator = correlator or Correlator(plan, label=label)
                continue
            how = reader(planned, base, base.name, plan, label)
            routes.setdefault(base.name, []).append((planned.rule.name, how))
    for hit in hits:
        if correlator:
            correlator.feed([hit])
        for name, how in routes.get(hit.rule, ()):
            value = how.value(hit.keys) if how.value else None
            row = flat((how.group(hit.keys), value))
            if None not in row:
                rows = updated[name]
                rows[row] = max(hit.time, rows.get(row, hit.time))
    for name, seen in correlator.seen() if correlator else ():
        rows = updated[name]
        rows.update((row, max(at, rows.get(row, at))) for row, at in seen.items())
    return {
        name: dict(_recent(rows, spans[name])) if name in spans else rows
        for name, rows in updated.items()
    }


def _recent(
    rows: Mapping[tuple[Key, ...], int], span: int
) -> Iterator[tuple[tuple[Key, ...], int]]:
    floor = max(rows.values(), default=0) - span
    return ((row, at) for row, at in rows.items() if at >= floor)


def first_of(burst: Burst) -> tuple[int, str, tuple[str, ...]]:
    """Return the place of a burst among those of its rule."""
    group = tuple(f"{value}" for value in burst.group.values())
    return burst.first.time, burst.first.event, group
