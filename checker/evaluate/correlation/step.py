"""Run one correlation over the hits of its base rules, in order."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from checker.correlation_types import kind
from checker.evaluate.correlation import condition
from checker.evaluate.correlation.burst import Burst, Growing
from checker.evaluate.correlation.hit import Key, Signal
from checker.evaluate.correlation.plan import Planned
from checker.evaluate.correlation.readers import Group, Reader
from checker.evaluate.correlation.window import Numbers, Value, Values

Take: TypeAlias = Callable[[Signal, Reader], None]
Way: TypeAlias = tuple[Take, Reader]
"""Who takes a hit, and how to read it."""

Above: TypeAlias = Callable[[str, str, tuple[Key, ...]], Sequence[Way]]
"""Returns who takes what a correlation found of hits of some rule that carry some
values."""

_FIRST_SWEEP = 4096

_COPIES = 3_600_000
"""How far apart (ms) copies of one action may be: both bear the time of the action."""


class Counts(msgspec.Struct):
    """What a correlation left out, so that nothing is left out in silence.

    `evicted` groups were dropped because memory was full, `clipped` numbers left a full
    window early: after either, a finding may be missing.  `ungrouped` hits lacked a
    value to group by.
    """

    evicted: int = 0
    clipped: int = 0
    ungrouped: int = 0

    def __add__(self, others: Counts) -> Counts:
        """Return what two shares of the correlation left out."""
        return Counts(
            self.evicted + others.evicted,
            self.clipped + others.clipped,
            self.ungrouped + others.ungrouped,
        )


class _Recent:
    """Remembers for `span` ms what came, and with which event."""

    __slots__ = ("known", "span", "sweep_at")

    def __init__(self, span: int) -> None:
        self.span = span
        self.known: dict[tuple[Group, str, str], tuple[int, str]] = {}
        self.sweep_at = _FIRST_SWEEP

    def before(self, key: tuple[Group, str, str], hit: Signal) -> bool:
        """Return whether it came before, and remember it from now on."""
        known = self.known.get(key)
        recent = known is not None and hit.time - known[0] <= self.span
        self.known[key] = (hit.time, known[1] if known and recent else hit.event)
        if len(self.known) > self.sweep_at:
            floor = hit.time - self.span
            self.known = {k: at for k, at in self.known.items() if at[0] >= floor}
            self.sweep_at = max(_FIRST_SWEEP, 2 * len(self.known))
        return recent

    def other(self, key: tuple[Group, str, str], hit: Signal) -> bool:
        """Return whether it came before with another event."""
        known = self.known.get(key)
        same = known is not None and known[1] == hit.event
        return not same and self.before(key, hit)


class Window(Protocol):
    """What a step asks of the windows of a group."""

    burst: Growing | None
    steady: bool

    def add(self, hit: Signal, value: Value, floor: int, /) -> condition.Measure | None:
        """Take an event, and measure."""

    def members(self) -> Iterable[Signal]:
        """Return the events that the measure rests on."""

    def latest(self) -> int:
        """Return when the newest event was (ms)."""


class Step(abc.ABC):
    """One correlation at work: its groups, and the bursts that it has found.

    `above` returns the correlations that build on this one.
    """

    def __init__(self, planned: Planned, most_groups: int, above: Above | None) -> None:
        self.planned = planned
        self.name = planned.rule.name
        block = planned.rule.correlation
        self.span = block.timespan * 1000
        self.several = len(block.group_by) > 1
        self.above = above
        self.most_groups = most_groups
        self.sweep_at = min(_FIRST_SWEEP, most_groups)
        self.counts = Counts()
        self.found: list[Burst] = []
        self.kind = kind(block.type)
        self.apart = self.kind.tells_rules_apart
        self.actions = _Recent(min(self.span, _COPIES))
        self.bursts = _Recent(self.span)

    @abc.abstractmethod
    def take(self, hit: Signal, reader: Reader) -> None:
        """Take the next hit of a base rule; hits come in the order of time."""

    @abc.abstractmethod
    def finish(self) -> None:
        """Report what is still open; there are no more hits."""

    def group_of(self, hit: Signal, reader: Reader) -> Group:
        """Return the group of a hit, or None (counted) when it has no such value."""
        group = reader.group(hit.keys)
        if group is None or (self.several and None in group):  # type: ignore[operator] # several: a tuple
            self.counts.ungrouped += 1
            return None
        return group

    def repeated(self, group: Group, hit: Signal) -> bool:
        """Return copies of an action (sharedEventID), after its first.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
        """
        if hit.shared is None:
            return False
        key = (group, hit.rule if self.apart else "", hit.shared)
        return self.actions.other(key, hit)

    def report(self, group: Group, burst: Growing, end: int | None = None) -> None:
        """File a burst that is over."""
        names = self.planned.rule.correlation.group_by
        parts = group if isinstance(group, tuple) else (group,)
        assert burst.last is not None
        self.found.append(
            Burst(
                rule=self.name,
                group=dict(zip(names, parts, strict=False)),
                first=burst.events[0],
                fired=burst.fired,
                last=burst.last,
                count=burst.count,
                value=condition.plain(burst.value),
                events=tuple(burst.events),
                values=tuple(burst.values),
                end=end,
            )
        )

    def pass_on(
        self, hit: Signal, group: Group, burst: Growing, of: Iterable[Signal]
    ) -> None:
        """Hand a burst on to the correlations above, once for each group."""
        if self.above is None:
            return
        for origin, keys in dict.fromkeys([(each.origin, each.keys) for each in of]):
            ways = self.above(self.name, origin, keys)
            if ways:
                name = f"{self.name}\x1f{group!r}\x1f{burst.fired.event}"
                derived = hit._replace(
                    rule=self.name, origin=origin, keys=keys, shared=None, burst=name
                )
                for take, how in ways:
                    take(derived, how)


class Counting(Step):
    """A correlation that measures a sliding window of each group."""

    def __init__(
        self,
        planned: Planned,
        most_groups: int,
        above: Above | None,
        window: Callable[[], Window],
    ) -> None:
        super().__init__(planned, most_groups, above)
        default = self.kind.threshold(len(planned.bases))
        self.holds = condition.test(planned.rule.correlation.condition, default)
        self.window = window
        self.groups: dict[Group, Window] = {}
        self.shows_values = self.kind.lists_values
        self.once_a_burst = self.kind.burst_counts_once

    def take(self, hit: Signal, reader: Reader) -> None:
        """Count a hit; begin, extend or end the burst of its group."""
        group = reader.group(hit.keys)
        if group is None or (self.several and None in group):  # type: ignore[operator] # several: a tuple
            self.counts.ungrouped += 1
            return
        value = reader.index if reader.value is None else reader.value(hit.keys)
        if value is None:
            return
        if (hit.shared or hit.burst) and self._came_before(group, hit):
            return
        state = self.groups.get(group)
        if state is None:
            if len(self.groups) >= self.sweep_at:
                self.sweep(hit.time)
            state = self.groups[group] = self.window()
        floor = hit.time - self.span
        measured = state.add(hit, value, floor)
        if measured is None:
            return
        if not self.holds(measured):
            state.steady = False
            return
        self._hold(hit, group, state, measured, floor)
        if self.shows_values and state.burst:
            state.burst.note([value])

    def _came_before(self, group: Group, hit: Signal) -> bool:
        """Return copies of an action, and a burst below where a burst counts once."""
        if hit.shared is not None:
            return self.repeated(group, hit)
        if not self.once_a_burst or hit.burst is None:
            return False
        return self.bursts.before((group, hit.rule, hit.burst), hit)

    def _hold(
        self,
        hit: Signal,
        group: Group,
        state: Window,
        measured: condition.Measure,
        floor: int,
    ) -> None:
        burst = state.burst
        if burst is not None and burst.last is not None and burst.last.time < floor:
            self.report(group, burst)
            burst = None
        begun = burst is None
        if burst is None:
            burst = state.burst = Growing(hit, measured)
            if self.shows_values and isinstance(state, Values):
                burst.note(state.held)
        if begun or not state.steady:
            burst.extend(state.members())
            state.steady = True
        else:
            burst.add(hit)
        if self.above is not None:
            self.pass_on(hit, group, burst, state.members() if begun else (hit,))

    def sweep(self, now: int) -> None:
        """Forget groups whose window is over, then the stalest if there is no room."""
        floor = now - self.span
        for group in [g for g, state in self.groups.items() if state.latest() < floor]:
            self._drop(group)
        if len(self.groups) > self.most_groups * 9 // 10:
            stalest = sorted(self.groups, key=lambda group: self.groups[group].latest())
            for group in stalest[: max(1, self.most_groups // 10)]:
                self._drop(group)
                self.counts.evicted += 1
        # The more groups are gone when all are looked through, the less it costs.
        wanted = max(_FIRST_SWEEP, 4 * len(self.groups))
        self.sweep_at = min(wanted, self.most_groups)

    def finish(self) -> None:
        """Report the bursts that are still open."""
        for group in list(self.groups):
            self._drop(group)

    def _drop(self, group: Group) -> None:
        state = self.groups.pop(group)
        if isinstance(state, Numbers):
            self.counts.clipped += state.clipped
        if state.burst is not None:
            self.report(group, state.burst)
