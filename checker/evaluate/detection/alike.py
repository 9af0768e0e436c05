"""Look up what was found of events by what they say, for many events at once.

That is for events in columns: the compiled reader gives the values of some fields
together a code, which is the same in all batches.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Generic, TypeVar

from checker.evaluate.detection.identities import BYTES_OF_UNIT, MemoryBudget
from checker.model.columns import Combinations, HeaderColumns

Value = TypeVar("Value")


class Alike(Generic[Value]):
    """What was found of events, by the values of the fields that each subject reads.

    `values` has what was found by the code of the values, None where it is not known;
    under code 0, which is that of what is not remembered, it stays None.
    """

    __slots__ = ("__weakref__", "_room", "_size", "_subjects", "_table", "values")

    def __init__(self, room: MemoryBudget, size: int) -> None:
        """Begin with nothing; what is found takes so much room (`MemoryBudget`)."""
        self._room = room
        self._size = size
        self._table: Combinations | None = None
        self._subjects: dict[Hashable, int] = {}
        self.values: list[Value | None] = [None]
        room.share(self)

    def forget(self) -> None:
        """Forget what was found."""
        if self._table is not None:
            self._table.clear()
        self.values = [None]

    def reset(self) -> None:
        """Forget the subjects too, with their numbers."""
        self._table = None
        self._subjects = {}
        self.values = [None]

    def __len__(self) -> int:
        """Return how many subjects there are."""
        return len(self._subjects)

    def number(self, subject: Hashable) -> int | None:
        """Return the number of a subject; None if it is new."""
        return self._subjects.get(subject)

    def add(
        self, subject: Hashable, names: Collection[str] | None, columns: HeaderColumns
    ) -> int:
        """Return the number of a new subject that reads some fields of columns.

        That is 0 where it may read any, or one is in no column: nothing is remembered.
        """
        if self._table is None:
            self._table = columns.combinations()
        number = None if names is None else self._table.add(sorted(names))
        self._subjects[subject] = number or 0
        return number or 0

    def of_kinds(
        self, columns: HeaderColumns, subjects: Sequence[int]
    ) -> tuple[Sequence[int], Sequence[int]]:
        """Return the positions of events, and the codes of what they say.

        That is of events whose kind has a subject: there is one for each kind of the
        columns, 0 for none.  Events that are passed over are not there.
        """
        if not any(subjects):
            return (), ()
        before = self._begun.size
        found = self._begun.of_kinds(columns.source, subjects)
        self._grow(before)
        return found

    def codes(
        self,
        columns: HeaderColumns,
        positions: Sequence[int],
        subjects: Sequence[int],
    ) -> Sequence[int]:
        """Return the codes of what events at some positions say, each for a subject."""
        if not any(subjects):
            return (0,) * len(positions)
        before = self._begun.size
        codes = self._begun.codes(columns.source, positions, subjects)
        self._grow(before)
        return codes

    def keep(self, code: int, value: Value) -> None:
        """Remember what was found of events of a code.

        Where it is empty they are passed over from now on.
        """
        if code:
            self.values[code] = value
            if not value:
                self._begun.pass_over(code)

    @property
    def _begun(self) -> Combinations:
        assert self._table is not None, "some subject has a number"
        return self._table

    def _grow(self, before: int) -> None:
        """Make place for the values of new codes, which take room."""
        new = self._begun.count - len(self.values)
        if new:
            self.values += [None] * new
            taken = (self._begun.size - before) // BYTES_OF_UNIT
            self._room.taken += taken + new * (1 + self._size)
