"""Remember which rules hold on events, by the fields that their conditions read.

Of most events of a kind their rules ask the same few fields, and find there what they
found of others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import Enum
from typing import Final, TypeAlias

from checker.evaluate.detection.identities import Key, MemoryBudget

Values: TypeAlias = tuple[Key, ...]
Places: TypeAlias = tuple[int, ...]
"""The places of the rules that hold, in their order."""

_SIZE: Final = 2
"""What a verdict takes besides its values, in units of room."""


class Unknown(Enum):
    """What is said of an event whose like has not come."""

    UNKNOWN = 0


UNKNOWN: Final = Unknown.UNKNOWN
Verdict: TypeAlias = "Places | Verdicts | None"
"""The rules that hold; None where no header left anything open.

Or the verdicts on more fields, which decide.
"""


class Verdicts:
    """What was found of events, by the values that decide.

    Without `names` nothing is remembered.
    """

    __slots__ = ("__weakref__", "_known", "_room", "names")

    def __init__(self, names: Collection[str] | None, room: MemoryBudget) -> None:
        """Begin with none; `names` are the fields that decide."""
        self.names = None if names is None else tuple(sorted(names))
        self._known: dict[Values, Verdict] = {}
        self._room = room
        room.share(self)

    def forget(self) -> None:
        """Forget what was found."""
        self._known.clear()

    def get(self, values: Values) -> Verdict | Unknown:
        """Return what was found of some values."""
        return self._known.get(values, UNKNOWN)

    def learn(self, values: Values, verdict: Verdict) -> None:
        """Remember what was found."""
        if self._room.take(values):
            self._room.taken += _SIZE
            self._known[values] = verdict


class Recall:
    """The events of one batch, and what is remembered of their like."""

    __slots__ = ("_asked", "_holding", "_stored")

    def __init__(self, stored: Callable[[int, tuple[str, ...]], Values]) -> None:
        """Begin; `stored` returns some fields at a position, and raises `KeyError`."""
        self._stored = stored
        self._asked: dict[int, tuple[Verdicts, Values]] = {}
        self._holding: dict[int, Places] = {}

    def ask(self, verdicts: Verdicts, position: int) -> Verdict | Unknown:
        """Return what was found of an event's like."""
        names = verdicts.names
        if names is None:
            return UNKNOWN
        try:
            values = self._stored(position, names)
        except KeyError:
            verdicts.names = None
            return UNKNOWN
        found = verdicts.get(values)
        if found is UNKNOWN:
            self._asked[position] = verdicts, values
        return found

    def keep(self, position: int, places: Places) -> None:
        """Keep which rules hold on an event, for who judges it."""
        self._holding[position] = places

    def kept(self) -> Iterator[tuple[int, Places]]:
        """Yield the events of which it is known which rules hold, by position."""
        yield from self._holding.items()

    def learn(self, position: int, verdict: Verdict) -> None:
        """Remember what was found of an event, for those that are like it."""
        asked = self._asked.pop(position, None)
        if asked is not None:
            verdicts, values = asked
            verdicts.learn(values, verdict)

    def pass_over(self, but: Collection[int]) -> None:
        """Remember of the events on which nothing is left open, all `but` some."""
        for position in [each for each in self._asked if each not in but]:
            self.learn(position, None)
