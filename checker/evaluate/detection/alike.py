"""Look up what was found of events by what they say, for many events at once.

That is for events in columns: the compiled reader gives the values of some fields
together a code, which is the same in all batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar

from checker.evaluate.detection.identities import BYTES_OF_UNIT, MemoryBudget
from checker.model.columns import Combinations, HeaderColumns

Value = TypeVar("Value")

_PATIENCE: Final = 500
"""So many combinations are remembered before it is asked whether most come again."""


class Alike(Generic[Value]):
    """What was found of events, by the values of some of their fields.

    `values` has what was found by the code of the values, None where it is not known;
    under code 0, which is that of all that is too long, it stays None.
    """

    __slots__ = (
        "__weakref__",
        "_came",
        "_missed",
        "_names",
        "_room",
        "_size",
        "_table",
        "values",
    )

    def __init__(
        self, names: Iterable[str] | None, room: MemoryBudget, size: int
    ) -> None:
        """Take the fields; without them nothing is remembered.

        What is found of an event takes so much room (`MemoryBudget`).
        """
        self._names = tuple(sorted(names)) if names else None
        self._room = room
        self._size = size
        self._table: Combinations | None = None
        self._came = self._missed = 0
        self.values: list[Value | None] = [None]
        room.share(self)

    def forget(self) -> None:
        """Forget what was found, and how often that was of use."""
        if self._table is not None:
            self._table.clear()
        self.values = [None]
        self._came = self._missed = 0

    def codes(
        self, columns: HeaderColumns, positions: Sequence[int]
    ) -> Sequence[int] | None:
        """Return the code of what each of some events says; None if that is of no use.

        So it is where hardly any come again, or a field is in no column.
        """
        missed = self._missed
        if self._names is None or (missed > _PATIENCE and missed > self._came):
            return None
        if self._table is None:
            self._table = columns.combinations(self._names)
            if self._table is None:
                self._names = None
                return None
        before = self._table.size
        codes = self._table.codes(columns.source, positions)
        missed = codes.count(0)
        new = max(codes, default=0) + 1 - len(self.values)
        if new > 0:
            missed += new
            self.values += [None] * new
            taken = (self._table.size - before) // BYTES_OF_UNIT
            self._room.taken += taken + new * (1 + self._size)
        self._missed += missed
        self._came += len(codes) - missed
        return codes
