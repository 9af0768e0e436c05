"""Hold many hits as columns: they are counted, kept and looked through all at once."""

from __future__ import annotations

import functools
import itertools
import marshal
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import msgspec

from checker.evaluate.correlation.hit import Key, Signal

Column: TypeAlias = Sequence[Any]

_TIME, _RULE, _KEYS, _SHARED, _RECORD, _PLACE, _CONTENT = map(
    Signal._fields.index,
    ("time", "rule", "keys", "shared", "record", "place", "content"),
)
_NONE: Final[tuple[Column, ...]] = ((),) * len(Signal._fields)
_new = cast(
    Callable[[tuple[Any, ...]], Signal], functools.partial(tuple.__new__, Signal)
)


class HitColumns(msgspec.Struct, frozen=True):
    """Some hits, in the order in which they came: a column for each field of `Signal`.

    Small and picklable; to iterate over it makes the hits.
    """

    columns: tuple[Column, ...] = _NONE

    @classmethod
    def of(cls, hits: Iterable[Signal]) -> HitColumns:
        """Return some hits as columns."""
        return cls(tuple(zip(*hits, strict=True)) or _NONE)

    @classmethod
    def joined(cls, parts: Sequence[HitColumns]) -> HitColumns:
        """Return the hits of some parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        columns = zip(*[part.columns for part in parts], strict=True)
        return cls(tuple([tuple(itertools.chain(*each)) for each in columns]) or _NONE)

    def __len__(self) -> int:
        """Return how many hits there are."""
        return len(self.times)

    def __iter__(self) -> Iterator[Signal]:
        """Yield the hits."""
        return map(_new, zip(*self.columns, strict=True))

    @property
    def times(self) -> Sequence[int]:
        """The time of each."""
        return self.columns[_TIME]

    @property
    def rules(self) -> Sequence[str]:
        """The rule of each."""
        return self.columns[_RULE]

    @property
    def shared(self) -> Sequence[str | None]:
        """The sharedEventID of each."""
        return self.columns[_SHARED]

    @property
    def records(self) -> Sequence[int]:
        """The number in its input of the event of each."""
        return self.columns[_RECORD]

    @property
    def has_nameless(self) -> bool:
        """Whether an event of theirs has no eventID."""
        return any(self.columns[_CONTENT])

    @property
    def span(self) -> tuple[int, int]:
        """The times of the first of them and of the last; there is at least one."""
        return min(self.times), max(self.times)

    def by_rule(self) -> dict[str, list[int]]:
        """Return the rows of the hits of each rule."""
        rows: dict[str, list[int]] = {}
        for row, rule in enumerate(self.rules):
            if rule in rows:
                rows[rule].append(row)
            else:
                rows[rule] = [row]
        return rows

    def keys(self, rows: Iterable[int]) -> list[tuple[Key, ...]]:
        """Return the values that the hits in some rows carry."""
        return list(map(self.columns[_KEYS].__getitem__, rows))

    def times_at(self, rows: Iterable[int]) -> list[int]:
        """Return the times of the hits in some rows."""
        return list(map(self.times.__getitem__, rows))

    def at(self, rows: Sequence[int]) -> Iterator[Signal]:
        """Yield the hits in some rows."""
        if len(rows) < 2:
            return (_new([column[row] for column in self.columns]) for row in rows)  # type: ignore[arg-type] # becomes a tuple
        chosen = map(operator.itemgetter(*rows), self.columns)
        return map(_new, zip(*chosen, strict=True))

    def placed(self, places: Mapping[int, tuple[int | None, ...]]) -> HitColumns:
        """Return them with their places, by the number of the event in its input."""
        columns = list(self.columns)
        columns[_PLACE] = tuple(map(places.__getitem__, self.records))
        return HitColumns(tuple(columns))

    def pack(self) -> bytes:
        """Return them as bytes: what they have in common is written once."""
        return marshal.dumps(self.columns)  # type: ignore[arg-type] # plain values


def unpack(packed: bytes) -> HitColumns:
    """Return the hits that were packed, by this process."""
    # From a file that no other process can open by name.
    return HitColumns(marshal.loads(packed))  # noqa: S302 - see above
