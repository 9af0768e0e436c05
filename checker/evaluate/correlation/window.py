"""The sliding windows of one group, one class for each way to count.

`add` takes an event that is newer than all before it, forgets what is older than
`floor` (ms) and gives what is now measured, or None when the event does not count.
`members` gives the events that the measure rests on, oldest first.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from checker.evaluate.correlation.burst import Growing
from checker.evaluate.correlation.hit import Key, Signal

Value: TypeAlias = Key | tuple[Key, ...]

MOST_HELD = 10_000
"""How many numbers a window of `value_sum` and its kin holds; the oldest go first."""


class Events:
    """Counts events: `event_count`.

    It holds as many events as the condition can tell apart (its largest number and one
    more), 8 bytes each beside the hits themselves.
    """

    __slots__ = ("burst", "held", "most", "steady")

    def __init__(self, most: int) -> None:
        self.burst: Growing | None = None
        self.steady = False
        self.held: list[Signal] = []
        self.most = most

    def add(self, hit: Signal, value: Value, floor: int) -> int | None:  # noqa: ARG002 - as the others
        """Count the events of the window."""
        held = self.held
        if held:
            if held[-1].event == hit.event:
                return None
            if held[0].time < floor:
                del held[: _expired(held, floor)]
            if len(held) == self.most:
                del held[0]
        held.append(hit)
        return len(held)

    def members(self) -> Iterable[Signal]:
        """Return the events of the window."""
        return self.held

    def latest(self) -> int:
        """Return when the newest event was."""
        return self.held[-1].time if self.held else 0


class Values:
    """Counts distinct values: `value_count`; the value is the base rule in `temporal`.

    Of each value it holds the latest event, and only as many values as the condition
    can tell apart: about 100 bytes each.
    """

    __slots__ = ("burst", "held", "most", "steady")

    def __init__(self, most: int) -> None:
        self.burst: Growing | None = None
        self.steady = False
        self.held: dict[Value, Signal] = {}
        self.most = most

    def add(self, hit: Signal, value: Value, floor: int) -> int | None:
        """Count the distinct values of the window."""
        held = self.held
        held.pop(value, None)
        for old in list(held):
            if held[old].time >= floor and len(held) < self.most:
                break
            del held[old]
        held[value] = hit
        return len(held)

    def members(self) -> Iterable[Signal]:
        """Return the latest event of each value."""
        return self.held.values()

    def latest(self) -> int:
        """Return when the newest event was."""
        return next((hit.time for hit in reversed(self.held.values())), 0)


class Numbers:
    """Adds numbers up: `value_sum` and, with `average`, `value_avg`.

    It holds every number of the window, about 150 bytes each, up to `MOST_HELD`; sums
    are exact, so that nothing depends on what came and went.
    """

    __slots__ = ("burst", "clipped", "held", "steady", "total")

    def __init__(self) -> None:
        self.burst: Growing | None = None
        self.steady = False
        self.held: list[tuple[Signal, int | Fraction]] = []
        self.total: int | Fraction = 0
        self.clipped = 0

    def add(self, hit: Signal, value: Value, floor: int) -> int | Fraction | None:
        """Add up the numbers of the window."""
        number = _number(value)
        if number is None or (self.held and self.held[-1][0].event == hit.event):
            return None
        self._forget(floor)
        self.held.append((hit, number))
        self._enter(number)
        return self.measure()

    def measure(self) -> int | Fraction:
        """Return the sum."""
        return self.total

    def members(self) -> Iterable[Signal]:
        """Return the events of the window."""
        return [hit for hit, _ in self.held]

    def latest(self) -> int:
        """Return when the newest event was."""
        return self.held[-1][0].time if self.held else 0

    def _forget(self, floor: int) -> None:
        held = self.held
        gone = 0
        while gone < len(held) and held[gone][0].time < floor:
            gone += 1
        if len(held) - gone >= MOST_HELD:
            gone += 1
            self.clipped += 1
        for _, number in held[:gone]:
            self._leave(number)
        del held[:gone]

    def _enter(self, number: int | Fraction) -> None:
        self.total += number

    def _leave(self, number: int | Fraction) -> None:
        self.total -= number


class Average(Numbers):
    """Averages numbers: `value_avg`."""

    __slots__ = ()

    def measure(self) -> int | Fraction:
        """Return the mean."""
        return Fraction(self.total) / len(self.held)


class Percentile(Numbers):
    """Ranks numbers: `value_percentile`, and `value_median`, its 50th.

    Between two ranks it interpolates linearly: the median of an even number of values
    is the mean of the two in the middle.
    """

    __slots__ = ("part", "ranked")

    def __init__(self, percentile: float) -> None:
        super().__init__()
        self.part = Fraction(str(percentile)) / 100
        self.ranked: list[int | Fraction] = []

    def measure(self) -> int | Fraction:
        """Return the percentile."""
        rank = self.part * (len(self.ranked) - 1)
        low = math.floor(rank)
        value = self.ranked[low]
        if rank > low:
            value += (self.ranked[low + 1] - value) * (rank - low)
        return value

    def _enter(self, number: int | Fraction) -> None:
        bisect.insort(self.ranked, number)

    def _leave(self, number: int | Fraction) -> None:
        del self.ranked[bisect.bisect_left(self.ranked, number)]


def _expired(held: list[Signal], floor: int) -> int:
    """Count the events at the head that have left the window."""
    gone = 1
    while gone < len(held) and held[gone].time < floor:
        gone += 1
    return gone


def _number(value: Value) -> int | Fraction | None:
    """Read a number exactly, as it is written; text counts when it is all digits."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) < 40
    ):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else Fraction(str(value))
    return None
