"""Find events of several rules in the order in which these are listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from checker.evaluate.correlation.burst import Growing
from checker.evaluate.correlation.hit import Signal
from checker.evaluate.correlation.window import Value

Chain: TypeAlias = "tuple[int, Signal, Chain | None]"
"""When a sequence began (ms), its latest event, and what stood before that."""


class Sequence:
    """Measures the longest ordered sequence that ends at an event: `temporal_ordered`.

    For each rule and length it holds the sequence that began last, and the one from
    before the latest event, because an event follows no sequence that ends in itself:
    at most twice the square of the number of rules.
    """

    __slots__ = ("best", "burst", "chain", "newest", "steady")

    def __init__(self, rules: int) -> None:
        self.burst: Growing | None = None
        self.steady = False
        self.best: list[list[_Slot | None]] = [[None] * (n + 1) for n in range(rules)]
        self.chain: Chain | None = None
        self.newest = 0

    def add(self, hit: Signal, value: Value, floor: int) -> int | None:
        """Return the length of the longest sequence of the window that ends here.

        `value` is the position of the event's rule.
        """
        assert isinstance(value, int)
        self.newest = hit.time
        self._put(value, 0, (hit.time, hit, None))
        longest: Chain = (hit.time, hit, None)
        length = 1
        for size in range(1, value + 1):
            before = [
                chain
                for row in self.best[size - 1 : value]
                if (slot := row[size - 1]) is not None
                and (chain := slot.before(hit)) is not None
            ]
            if not before:
                break
            latest = max(before, key=_began)
            if latest[0] < floor:
                break
            longest = (latest[0], hit, latest)
            self._put(value, size, longest)
            length = size + 1
        self.chain = longest
        return length

    def members(self) -> Iterable[Signal]:
        """Return the events of the sequence that `add` found."""
        hits: list[Signal] = []
        chain = self.chain
        while chain is not None:
            hits.append(chain[1])
            chain = chain[2]
        return reversed(hits)

    def latest(self) -> int:
        """Return when the newest event was."""
        return self.newest

    def _put(self, rule: int, size: int, chain: Chain) -> None:
        slot = self.best[rule][size]
        if slot is None:
            slot = self.best[rule][size] = _Slot()
        slot.put(chain)


class _Slot:
    """The sequence that began last, and the one from before its latest event."""

    __slots__ = ("now", "old")

    def __init__(self) -> None:
        self.now: Chain | None = None
        self.old: Chain | None = None

    def put(self, chain: Chain) -> None:
        if self.now is not None and not _same(self.now[1], chain[1]):
            self.old = self.now
        self.now = chain

    def before(self, hit: Signal) -> Chain | None:
        now = self.now
        return self.old if now is not None and _same(now[1], hit) else now


def _same(one: Signal, other: Signal) -> bool:
    """Return whether two hits are of one event, or of copies of one action."""
    return one.event == other.event or (
        one.shared is not None and one.shared == other.shared
    )


def _began(chain: Chain) -> tuple[int, int, str]:
    return chain[0], chain[1].time, chain[1].event
