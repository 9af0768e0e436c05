"""What a correlation finds: a burst of events of one group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from checker.evaluate.correlation.condition import Measure
from checker.evaluate.correlation.hit import Key, Signal

MOST_EVENTS = 100
"""How many events, and how many values, of a burst are listed; all are counted."""


class Burst(msgspec.Struct, frozen=True):
    """One stretch of events of one group that satisfy a correlation.

    `fired` is the event at which the condition first held, `value` what was measured
    there, `count` the number of events from `first` to `last`.  `events` lists the
    first `MOST_EVENTS` of them; `values` the first so many distinct values of the
    condition's field.  `end` (ms) is when an absence ran out; when that is later than
    the last hit of the input (`until`), what came after it is unknown: `open` is true.
    """

    rule: str
    group: Mapping[str, Key]
    first: Signal
    fired: Signal
    last: Signal
    count: int
    value: float
    events: tuple[Signal, ...]
    values: tuple[Key | tuple[Key, ...], ...] = ()
    end: int | None = None
    open: bool = False
    until: int | None = None


class Growing:
    """A burst that may still grow; one per group at most."""

    __slots__ = ("count", "events", "fired", "last", "value", "values")

    def __init__(self, hit: Signal, value: Measure) -> None:
        self.events: list[Signal] = []
        self.values: dict[Key | tuple[Key, ...], None] = {}
        self.fired = hit
        self.last: Signal | None = None
        self.value = value
        self.count = 0

    def add(self, hit: Signal) -> None:
        """Add one event that comes after all that are here, or the same again."""
        last = self.last
        if last is not None and (hit.time, hit.event) <= (last.time, last.event):
            return
        self.last = hit
        self.count += 1
        if len(self.events) < MOST_EVENTS:
            self.events.append(hit)

    def extend(self, hits: Iterable[Signal]) -> None:
        """Add the events, in order, that come after all that are here."""
        for hit in hits:
            self.add(hit)

    def note(self, values: Iterable[Key | tuple[Key, ...]]) -> None:
        """Remember values for the report."""
        for value in values:
            if len(self.values) < MOST_EVENTS:
                self.values[value] = None
