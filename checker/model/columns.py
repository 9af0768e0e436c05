"""Events read as columns: for each event the code of a value that others have too."""

from __future__ import annotations

import itertools
import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, overload

from checker.model.events import Header

Kind: TypeAlias = tuple[str | bool | None, ...]
"""The values at `KIND`."""

KIND: tuple[tuple[str, ...], ...] = (
    ("eventSource",),
    ("eventName",),
    ("errorCode",),
    ("eventType",),
    ("readOnly",),
    ("userIdentity", "type"),
)
"""The fields that say of what kind an event is: each has few values in a log."""

Value = TypeVar("Value")
Other = TypeVar("Other")
_GUID = 16


class Column(Sequence[Value], Generic[Value]):
    """A value for each event."""

    __slots__ = ()

    @property
    def get(self) -> Callable[[int], Value]:
        """Return what gives the value at a position, at the least cost."""
        return self.__getitem__

    def at(self, positions: Iterable[int]) -> list[Value]:
        """Return the values at some positions."""
        return list(map(self.__getitem__, positions))


class Coded(Column[Value]):
    """A value for each event: its code, which is its place among the `values`."""

    __slots__ = ("codes", "values")

    def __init__(self, codes: Sequence[int], values: Sequence[Value]) -> None:
        """Take a code for each event, and what the codes stand for."""
        self.codes = codes
        self.values = values

    def map(self, of_all: Callable[[Sequence[Value]], Sequence[Other]]) -> Coded[Other]:
        """Return what the values become, each of them once."""
        return Coded(self.codes, of_all(self.values))

    def at(self, positions: Iterable[int]) -> list[Value]:
        """Return the values at some positions."""
        codes = map(self.codes.__getitem__, positions)
        return list(map(self.values.__getitem__, codes))

    @property
    def get(self) -> Callable[[int], Value]:
        """Return what gives the value at a position, at the least cost."""
        codes, values = self.codes, self.values
        return lambda position: values[codes[position]]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Value]:
        return map(self.values.__getitem__, self.codes)

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> list[Value]: ...
    def __getitem__(self, index: int | slice) -> Value | list[Value]:
        if isinstance(index, slice):
            return list(map(self.values.__getitem__, self.codes[index]))
        return self.values[self.codes[index]]


def coded(values: Iterable[Value]) -> Coded[Value]:
    """Return values of which many are equal as codes."""
    # What is new gets the next number, without a step of Python for any value.
    known: defaultdict[Value, int] = defaultdict(itertools.count().__next__)
    codes = list(map(known.__getitem__, values))
    return Coded(codes, list(known))


def distinct(values: Sequence[Value]) -> Collection[Value]:
    """Return the values that come, each once; of coded ones perhaps some more."""
    return values.values if isinstance(values, Coded) else set(values)


class EventIds(Column[str | None]):
    """The eventIDs of events, all of them GUIDs: 16 bytes each."""

    __slots__ = ("_texts", "packed")

    def __init__(
        self,
        packed: bytes,
        texts: Callable[[Sequence[int]], Sequence[str]] | None = None,
    ) -> None:
        """Take the bytes of all, and what returns some of them as texts faster."""
        self.packed = packed
        self._texts = texts

    def at(self, positions: Iterable[int]) -> list[str | None]:
        """Return the eventIDs at some positions."""
        if self._texts is None:
            return super().at(positions)
        return list(self._texts(list(positions)))

    def __len__(self) -> int:
        return len(self.packed) // _GUID

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self.packed)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | list[str | None]:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[index]]
        start = range(len(self))[index] * _GUID
        text = self.packed[start : start + _GUID].hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Combinations(Protocol):
    """The values of some fields together that events have, and the code of each.

    The fields are those of a subject.  Codes begin with 1, and are the same for all
    columns of one type of header; what is too long, or hardly ever comes again, has
    code 0.
    """

    @property
    def count(self) -> int:
        """The number of codes, 0 included."""

    @property
    def size(self) -> int:
        """How many bytes their values take."""

    def add(self, names: Sequence[str], /) -> int | None:
        """Return the number of a new subject, from 1 on; None if a field is not there.

        Whatever it has, an event's code for subject 0 is 0.
        """

    def of_kinds(
        self, source: Any, subjects: Sequence[int], /
    ) -> tuple[Sequence[int], Sequence[int]]:
        """Return the positions and codes of events whose kind has a subject.

        `subjects` has one for each kind of the columns, 0 for none, and `source` is
        that of the columns.  Those that are passed over are not among them.
        """

    def codes(
        self, source: Any, positions: Sequence[int], subjects: Sequence[int], /
    ) -> Sequence[int]:
        """Return the code of what each of some events has, for a subject."""

    def pass_over(self, code: int, /) -> None:
        """Let `of_kinds` pass over events of a code from now on."""

    def clear(self) -> None:
        """Forget all codes."""


@dataclass(frozen=True, slots=True, eq=False)
class HeaderColumns(Sequence[Header]):
    """The headers of events as columns; a column is made when it is asked for.

    `decode` returns the header at a position, `kinds` are the values at `KIND`, and
    `identities` the JSON of each userIdentity.  `make` returns other fields of events:
    texts and, where a header has JSON, that.  Of `objects` that is coded.  No event has
    an addendum, and whole events can be decoded.  `combinations` returns what
    gives the values of some fields together a code, which it reads in `source`.
    """

    header: type[Header]
    decode: Callable[[int], Header]
    kinds: Coded[Kind]
    identities: Coded[bytes]
    make: Mapping[str, Callable[[], Column[Any]]]
    objects: Collection[str]
    event_ids: EventIds
    combinations: Callable[[], Combinations]
    source: Any
    _columns: dict[str, Column[Any]] = field(default_factory=dict)
    _reads: dict[str, Callable[[int], Any]] = field(default_factory=dict)

    def column(self, name: str) -> Column[Any]:
        """Return the values of a field; raises `KeyError` for one that is not here."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._made(name)
        return found

    def read(self, name: str) -> Callable[[int], Any]:
        """Return what gives the value of a field at a position, as `column`."""
        found = self._reads.get(name)
        if found is None:
            found = self._reads[name] = self.column(name).get
        return found

    def _made(self, name: str) -> Column[Any]:
        if name == "userIdentity":
            return self.identities
        if name == "eventID":
            return self.event_ids
        place = _KIND_PLACES.get(name)
        if place is None:
            return self.make[name]()
        return self.kinds.map(lambda kinds: [kind[place] for kind in kinds])

    def at(self, positions: Sequence[int]) -> SomeHeaders:
        """Return the headers at some positions."""
        return SomeHeaders(self, positions)

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, index: int) -> Header: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Header]: ...
    def __getitem__(self, index: int | slice) -> Header | Sequence[Header]:
        at = range(len(self))[index]
        if isinstance(at, range):
            return self.at(at)
        return self.decode(at)


@dataclass(frozen=True, slots=True, eq=False)
class SomeHeaders(Sequence[Header]):
    """Some of the headers of columns, by their positions."""

    columns: HeaderColumns
    positions: Sequence[int]

    def column(self, name: str) -> list[Any]:
        """Return the values of a field, as `HeaderColumns.column`."""
        return self.columns.column(name).at(self.positions)

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, index: int) -> Header: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Header]: ...
    def __getitem__(self, index: int | slice) -> Header | Sequence[Header]:
        if isinstance(index, slice):
            return self.columns.at(self.positions[index])
        return self.columns[self.positions[index]]


class HeaderList(list[Header]):
    """Headers that were decoded one by one, and what comes in them again and again.

    `identities` are the JSON of each userIdentity, and `kinds` the values at `KIND`
    without the last, which is a part of it.
    """

    __slots__ = ("identities", "kinds")

    def __init__(self, headers: Iterable[Header]) -> None:
        """Take the headers."""
        super().__init__(headers)
        self.identities = coded(map(bytes, map(_IDENTITY, self)))
        self.kinds: Coded[Kind] = coded(map(_KIND, self))


_IDENTITY = operator.attrgetter("userIdentity")
_KIND = operator.attrgetter(*(names[0] for names in KIND[:-1]))
_KIND_PLACES: Final = {names[0]: place for place, names in enumerate(KIND[:-1])}
