"""Find what did not happen: `absence` and `first_seen`.

Both are trailcheck's own: Sigma has no correlation type for them.
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.evaluate.correlation.burst import Growing
from checker.evaluate.correlation.hit import Key, Signal
from checker.evaluate.correlation.plan import Planned
from checker.evaluate.correlation.readers import Group, Reader
from checker.evaluate.correlation.step import _FIRST_SWEEP, Above, Step
from checker.evaluate.correlation.window import Value

MOST_PENDING = 10_000
"""How many events of one group may wait for the one that is to follow."""


class _Waiting:
    """The events of a group that something is still to follow, and the last burst."""

    __slots__ = ("answered", "burst", "pending")

    def __init__(self) -> None:
        self.pending: dict[str, Signal] = {}
        self.answered: int | None = None
        self.burst: Growing | None = None


class Absence(Step):
    """The first rule's event, not followed by one of the others within the timespan.

    What happens in the same second counts as following: the order is not known.  The
    burst of a base correlation waits from its last event on.  `alarm` asks the engine
    to call `expire` once a time (ms) has passed.
    """

    def __init__(self, planned: Planned, most_groups: int, above: Above | None) -> None:
        super().__init__(planned, most_groups, above)
        self.groups: dict[Group, _Waiting] = {}
        self.alarms: list[tuple[int, Group, str]] = []

    def take(self, hit: Signal, reader: Reader) -> None:
        """Let a hit wait, or answer those that wait."""
        group = self.group_of(hit, reader)
        if group is None:
            return
        if self.repeated(group, hit):
            return
        state = self.groups.get(group)
        if state is None:
            if len(self.groups) >= self.sweep_at:
                self.sweep(hit.time)
            state = self.groups[group] = _Waiting()
        if reader.index:
            state.answered = hit.time
            state.pending.clear()
            return
        if state.answered == hit.time:
            return
        identity = hit.burst or hit.event
        if len(state.pending) >= MOST_PENDING and identity not in state.pending:
            state.pending.pop(next(iter(state.pending)))
            self.counts.clipped += 1
        state.pending[identity] = hit
        self.alarms.append((hit.time + self.span, group, identity))

    def expire(self, deadline: int, group: Group, identity: str) -> None:
        """Nothing has followed in time, unless it was answered or waits anew."""
        state = self.groups.get(group)
        hit = state.pending.get(identity) if state else None
        if state is None or hit is None or hit.time + self.span != deadline:
            return
        del state.pending[identity]
        burst = state.burst
        last = burst.last if burst else None
        if burst and last and hit.time - last.time > self.span:
            self.report(group, burst, last.time + self.span)
            burst = None
        if burst is None:
            burst = state.burst = Growing(hit, 1)
        burst.add(hit)
        self.pass_on(hit._replace(time=deadline), group, burst, (hit,))

    def sweep(self, now: int) -> None:
        """Forget groups in which nothing waits, then the stalest if memory is full."""
        for group, state in list(self.groups.items()):
            last = state.burst.last if state.burst else None
            answered = state.answered is not None and state.answered >= now
            over = last is None or now - last.time > 2 * self.span
            if over and not state.pending and not answered:
                self._drop(group)
        if len(self.groups) > self.most_groups * 9 // 10:
            # Those that have waited longest stand first.
            for group in list(self.groups)[: max(1, self.most_groups // 10)]:
                self._drop(group)
                self.counts.evicted += 1
        wanted = max(_FIRST_SWEEP, 2 * len(self.groups))
        self.sweep_at = min(wanted, self.most_groups)

    def finish(self) -> None:
        """Report what is left; every alarm has been heard."""
        for group in list(self.groups):
            self._drop(group)

    def _drop(self, group: Group) -> None:
        burst = self.groups.pop(group).burst
        if burst is not None and burst.last is not None:
            self.report(group, burst, burst.last.time + self.span)


class FirstSeen(Step):
    """A value new to its group: not seen in the timespan, not learned before.

    Without learned values nothing is new before the input has lasted for the timespan:
    what came before is not known.
    """

    def __init__(
        self,
        planned: Planned,
        most_groups: int,
        above: Above | None,
        learned: Mapping[tuple[Key, ...], int] | None = None,
    ) -> None:
        super().__init__(planned, most_groups, above)
        self.learned = learned
        self.since: int | None = None
        self.known: dict[tuple[Group, Value], int] = {}

    def take(self, hit: Signal, reader: Reader) -> None:
        """Remember a value, and report it if it is new."""
        group = self.group_of(hit, reader)
        value = reader.value(hit.keys) if reader.value else None
        if (
            group is None
            or value is None
            or (isinstance(value, tuple) and None in value)
        ):
            return
        if self.repeated(group, hit):
            return
        combination = (group, value)
        before = self.known.get(combination)
        if before is None and len(self.known) >= self.sweep_at:
            self.sweep(hit.time)
        self.known[combination] = hit.time
        if before is not None and hit.time - before <= self.span:
            return
        if self.learned is None:
            since = hit.time if self.since is None else self.since
            if hit.time - since < self.span:
                return
        elif flat(combination) in self.learned:
            return
        burst = Growing(hit, 1)
        burst.add(hit)
        burst.note([value])
        self.report(group, burst)
        self.pass_on(hit, group, burst, (hit,))

    def sweep(self, now: int) -> None:
        """Forget values that have not been seen for the timespan, then the stalest."""
        floor = now - self.span
        self.known = {each: at for each, at in self.known.items() if at >= floor}
        if len(self.known) > self.most_groups * 9 // 10:
            stalest = sorted(self.known, key=lambda each: self.known[each])
            for combination in stalest[: max(1, self.most_groups // 10)]:
                del self.known[combination]
                self.counts.evicted += 1
        wanted = max(_FIRST_SWEEP, 2 * len(self.known))
        self.sweep_at = min(wanted, self.most_groups)

    def finish(self) -> None:
        """Do nothing: what is new has been reported."""


def flat(combination: tuple[Group, Value]) -> tuple[Key, ...]:
    """Write a group and a value in one row, as a learned file has them."""
    group, value = combination
    return (
        *(group if isinstance(group, tuple) else (group,)),
        *(value if isinstance(value, tuple) else (value,)),
    )
