"""Hold many hits as columns: they are counted, kept and looked through all at once."""

from __future__ import annotations

import functools
import marshal
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from checker.evaluate.correlation.hit import Key, Signal

_TIME, _RULE, _KEYS, _SHARED, _CONTENT = map(
    Signal._fields.index, ("time", "rule", "keys", "shared", "content")
)
_new = cast(
    Callable[[tuple[Any, ...]], Signal], functools.partial(tuple.__new__, Signal)
)

Column: TypeAlias = Sequence[Any]


class HitColumns:
    """Some hits, in the order in which they came.

    `columns` has one for each field of a `Signal`, and `rows` the places of the hits of
    each rule, in their order.
    """

    __slots__ = ("columns", "rows")

    def __init__(
        self, columns: Sequence[Column], rows: Mapping[str, Sequence[int]]
    ) -> None:
        """Take the columns."""
        self.columns = columns
        self.rows = rows

    @classmethod
    def of(cls, hits: Sequence[Signal]) -> HitColumns:
        """Return some hits as columns."""
        columns: Sequence[Column] = tuple(zip(*hits, strict=True))
        rows: dict[str, list[int]] = {}
        if columns:
            for row, rule in enumerate(columns[_RULE]):
                rows.setdefault(rule, []).append(row)
        return cls(columns or ((),) * len(Signal._fields), rows)

    def __len__(self) -> int:
        """Return how many hits there are."""
        return len(self.times)

    @property
    def times(self) -> Sequence[int]:
        """The time of each."""
        return self.columns[_TIME]

    @property
    def shared(self) -> Sequence[str | None]:
        """The sharedEventID of each."""
        return self.columns[_SHARED]

    @property
    def has_nameless(self) -> bool:
        """Return whether an event of theirs has no eventID."""
        return any(self.columns[_CONTENT])

    @property
    def span(self) -> tuple[int, int]:
        """The times of the first of them and of the last; there is at least one."""
        return min(self.times), max(self.times)

    def keys(self, rows: Sequence[int]) -> list[tuple[Key, ...]]:
        """Return the values that the hits in some rows carry."""
        return list(map(self.columns[_KEYS].__getitem__, rows))

    def times_at(self, rows: Sequence[int]) -> list[int]:
        """Return the times of the hits in some rows."""
        return list(map(self.times.__getitem__, rows))

    def hits(self) -> list[Signal]:
        """Return all hits."""
        return list(map(_new, zip(*self.columns, strict=True)))

    def at(self, rows: Sequence[int]) -> list[Signal]:
        """Return the hits in some rows."""
        if not rows:
            return []
        if len(rows) == 1:
            return [_new(tuple([column[rows[0]] for column in self.columns]))]
        chosen = map(operator.itemgetter(*rows), self.columns)
        return list(map(_new, zip(*chosen, strict=True)))

    def pack(self) -> bytes:
        """Return them as bytes: what they have in common is written once."""
        return marshal.dumps((self.columns, self.rows))  # type: ignore[arg-type] # plain values


def unpack(packed: bytes) -> HitColumns:
    """Return the hits that were packed, by this process."""
    # From a file that no other process can open by name.
    return HitColumns(*marshal.loads(packed))  # noqa: S302 - see above
