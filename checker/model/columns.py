"""Events read as columns: for each event the code of a value that others have too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, overload

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


class Coded(Sequence[Value], Generic[Value]):
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


def distinct(values: Sequence[Value]) -> Collection[Value]:
    """Return the values that come, each once; of coded ones perhaps some more."""
    return values.values if isinstance(values, Coded) else set(values)


class EventIds(Sequence[str | None]):
    """The eventIDs of events, all of them GUIDs: 16 bytes each."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        """Take the bytes of all."""
        self.packed = packed

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


@dataclass(frozen=True, slots=True, eq=False)
class HeaderColumns(Sequence[Header]):
    """The headers of events, of which one is decoded only when it is asked for.

    `cut` returns the records at some positions, `kinds` are the values at `KIND`,
    `identities` the JSON of each userIdentity, and `texts` other fields of the `header`
    by name.  No event has an addendum.
    """

    header: type[Header]
    decode: Callable[[bytes], Header]
    cut: Callable[[Iterable[int]], Iterable[bytes]]
    kinds: Coded[Kind]
    identities: Coded[bytes]
    texts: Mapping[str, Coded[Any]]
    event_ids: EventIds

    def at(self, positions: Iterable[int]) -> list[Header]:
        """Return the headers at some positions."""
        return list(map(self.decode, self.cut(positions)))

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, index: int) -> Header: ...
    @overload
    def __getitem__(self, index: slice) -> list[Header]: ...
    def __getitem__(self, index: int | slice) -> Header | list[Header]:
        if isinstance(index, slice):
            return self.at(range(len(self))[index])
        return self.at([index])[0]
