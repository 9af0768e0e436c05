"""Find events of several rules in the order in which these are listed.

CloudTrail tells the time of an event to the second, so events of one second fit in
either order.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from checker.evaluate.correlation.burst import Growing
from checker.evaluate.correlation.hit import Signal
from checker.evaluate.correlation.window import Value

Chain: TypeAlias = "tuple[int, Signal, Chain | None]"
"""When a sequence began (ms), its latest event, and what stood before that."""

_Chosen: TypeAlias = dict[int, Signal]
"""An event of the present second for each of some rules, all of them distinct."""


class Sequence:
    """Measures the longest ordered sequence with an event in it: `temporal_ordered`.

    Of the seconds before the present one it holds, for each rule and length, the
    sequence that began last: at most the square of the number of rules.  Of the present
    second it holds as many events of each rule as there are rules, for no sequence can
    tell more of them apart.
    """

    __slots__ = ("_members", "best", "burst", "here", "newest", "rules", "steady")

    def __init__(self, rules: int) -> None:
        self.burst: Growing | None = None
        self.steady = False
        self.rules = rules
        self.best: list[list[Chain | None]] = [[None] * (n + 1) for n in range(rules)]
        self.here: list[dict[str, Signal]] = [{} for _ in range(rules)]
        self.newest = 0
        self._members: list[Signal] = []

    def add(self, hit: Signal, value: Value, floor: int) -> int | None:
        """Return the length of the longest sequence of the window with this event.

        `value` is the position of the event's rule.
        """
        assert isinstance(value, int)
        if hit.time != self.newest:
            self._close()
            self.newest = hit.time
        own = self.here[value]
        identity = _identity(hit)
        if identity not in own and len(own) >= self.rules:
            del own[next(iter(own))]
        own[identity] = hit
        longest: tuple[int, int] = (0, 0)
        for before, began, chain in self._prefixes(floor):
            if before >= value:
                continue
            chosen = self._choose(before + 1, self.rules, value, hit)
            length = _length(chain) + len(chosen)
            if (length, began) > longest:
                longest = (length, began)
                self._members = [*_members(chain), *chosen.values()]
        self._members.sort(key=_order)
        return longest[0]

    def members(self) -> Iterable[Signal]:
        """Return the events of the sequence that `add` found, in order of time."""
        return self._members

    def latest(self) -> int:
        """Return when the newest event was."""
        return self.newest

    def _prefixes(self, floor: int) -> Iterable[tuple[int, int, Chain | None]]:
        """Yield what a sequence may have had before this second, nothing included.

        Each with the position of its last rule, and when it began.
        """
        yield -1, self.newest, None
        for rule, row in enumerate(self.best):
            for chain in row:
                if chain is not None and chain[0] >= floor:
                    yield rule, chain[0], chain

    def _choose(self, first: int, end: int, value: int, hit: Signal) -> _Chosen:
        """Choose distinct events of this second for as many rules as can be.

        The rules are those from `first` up to `end`, and `hit` stands for its own.
        Augmenting paths find a choice for the most rules (Kuhn).
        """
        taken: dict[str, int] = {_identity(hit): value}
        chosen: _Chosen = {value: hit}
        for rule in range(first, end):
            if rule != value and self.here[rule]:
                _augment(rule, self.here, taken, chosen, {value})
        return dict(sorted(chosen.items()))

    def _close(self) -> None:
        """Extend what is known by the second that is over."""
        found: list[tuple[int, Chain]] = []
        for rule in range(self.rules):
            for hit in self.here[rule].values():
                for before, _, chain in self._prefixes(0):
                    if before < rule:
                        found += self._extended(before, chain, rule, hit)
        for rule, chain in found:
            row, length = self.best[rule], _length(chain) - 1
            known = row[length]
            if known is None or _began(chain) > _began(known):
                row[length] = chain
        for events in self.here:
            events.clear()

    def _extended(
        self, before: int, chain: Chain | None, rule: int, hit: Signal
    ) -> Iterable[tuple[int, Chain]]:
        """Yield the sequences that go on from one and end with an event, by length."""
        chosen = self._choose(before + 1, rule + 1, rule, hit)
        others = [event for number, event in chosen.items() if number != rule]
        for count in range(len(others) + 1):
            made = chain
            for event in (*others[:count], hit):
                made = (made[0] if made else event.time, event, made)
            assert made is not None
            yield rule, made


def _augment(
    rule: int,
    here: list[dict[str, Signal]],
    taken: dict[str, int],
    chosen: _Chosen,
    seen: set[int],
) -> bool:
    """Find an event for a rule, if need be by giving another rule a different one."""
    seen.add(rule)
    for identity, event in here[rule].items():
        holder = taken.get(identity)
        if holder is None or (
            holder not in seen and _augment(holder, here, taken, chosen, seen)
        ):
            taken[identity] = rule
            chosen[rule] = event
            return True
    return False


def _identity(hit: Signal) -> str:
    """Return what copies of one event, and of one action, have in common."""
    return hit.shared or hit.event


def _length(chain: Chain | None) -> int:
    length = 0
    while chain is not None:
        chain = chain[2]
        length += 1
    return length


def _members(chain: Chain | None) -> list[Signal]:
    hits: list[Signal] = []
    while chain is not None:
        hits.append(chain[1])
        chain = chain[2]
    return hits[::-1]


def _began(chain: Chain) -> tuple[int, int, str]:
    return chain[0], chain[1].time, chain[1].event


def _order(hit: Signal) -> tuple[int, str]:
    return hit.time, hit.event
