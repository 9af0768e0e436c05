"""Read events as columns by the compiled reader (`core/`), where it is installed.

It reads what is plain.  Whatever it refuses, the Python reader reads, which is the
reference; both give the same events, findings, problems and positions.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, overload

import msgspec

from checker.model import Header
from checker.model.columns import KIND, Coded, Column, EventIds, HeaderColumns, Kind
from checker.sources.events import accelerator
from checker.sources.events.records import CutRecords, CutValues

_MOST_KINDS = 20_000
_LONGEST_KIND = 1_000
"""So many kinds of events, each of at most so many bytes, are remembered."""

_IDENTITY = "userIdentity"
_EVENT_ID = "eventID"
_ADDENDUM = "addendum"
_TIME = "eventTime"
_OF_EVENT = frozenset({_EVENT_ID, _ADDENDUM, _IDENTITY})
_TEXTS = """
    eventTime awsRegion sourceIPAddress userAgent errorMessage recipientAccountId
    sharedEventID eventCategory sessionCredentialFromConsole vpcEndpointId
    """.split()
_OBJECTS = ("tlsDetails",)
_PLACES = """
    requestParameters responseElements additionalEventData serviceEventDetails resources
    """.split()
"""Fields that are read besides those of a header: hits are made of them, and rules that
have hits read them."""

_decode = msgspec.json.Decoder().decode

_MakeColumn: TypeAlias = Callable[[Any, int, bytes], Column[Any]]
"""Makes the column of a field that has a number, of what was read of a text."""


class Read(NamedTuple):
    """What was read of a text.

    `samples` are the positions of one event of each shape: the keys, and how the value
    of each begins.  All events have a userIdentity.
    """

    headers: HeaderColumns
    records: CutRecords
    is_ascii: bool
    samples: Sequence[int]


def log_file(text: bytes, header: type[Header]) -> Read | None:
    """Read a log file as CloudTrail delivers it; None for what Python has to read."""
    reader = _reader_of(header)
    return None if reader is None else reader.read(text, reader.core.log_file)


def lines(text: bytes, header: type[Header]) -> Read | None:
    """Read events on lines of their own; None for what Python has to read."""
    reader = _reader_of(header)
    return None if reader is None else reader.read(text, reader.core.lines)


def _reader_of(header: type[Header]) -> _Reader | None:
    """Return what reads headers of a type, which are made for the fields of rules."""
    core = accelerator.module()
    return None if core is None or header is Header else _reader(core, header)


@functools.lru_cache(maxsize=16)
def _reader(core: Any, header: type[Header]) -> _Reader | None:
    kind = [names[0] for names in KIND[:-1]]
    fields = msgspec.structs.fields(header)
    texts, places = dict.fromkeys(_TEXTS), dict.fromkeys(_PLACES)
    for field in fields:
        name = field.encode_name
        if name in kind or name in _OF_EVENT:
            continue
        if field.type == (str | None):
            texts[name] = None
        elif field.type is not msgspec.Raw or name in texts:
            return None
        elif name not in _OBJECTS:
            places[name] = None
    made = core.Reader(
        kind=kind,
        caller=KIND[-1],
        texts=list(texts),
        objects=_OBJECTS,
        places=list(places),
        absent=[_ADDENDUM],
        id=_EVENT_ID,
    )
    return _Reader(made, header, list(texts), list(places))


class _Reader:
    """Reads texts for the fields of one type of header."""

    def __init__(
        self,
        core: Any,
        header: type[Header],
        texts: Sequence[str],
        places: Sequence[str],
    ) -> None:
        self.core = core
        self._header = header
        self._decode = msgspec.json.Decoder(header).decode
        self._columns: list[tuple[str, _MakeColumn]] = [
            *((name, _TextColumn if name == _TIME else _texts) for name in texts),
            *((name, _objects) for name in _OBJECTS),
            *((name, _values) for name in places),
        ]
        self._kinds: dict[tuple[bytes, ...], Kind | None] = {}

    def read(self, text: bytes, columns: Callable[[bytes], Any]) -> Read | None:
        """Return the columns of a text, by a method of the compiled reader."""
        found = columns(text)
        if found is None:
            return None
        kinds = list(map(self._kind, found.kind_values))
        plain = [kind for kind in kinds if kind is not None]
        if len(plain) < len(kinds):
            return None
        make: dict[str, Callable[[], Column[Any]]] = {}
        for number, (name, column) in enumerate(self._columns):
            make[name] = functools.partial(column, found, number, text)
        records = CutRecords(text, _words(found.spans))
        headers = HeaderColumns(
            self._header,
            lambda position: self._decode(records[position]),
            Coded(_words(found.kinds), plain),
            _coded(*found.callers),
            make,
            _OBJECTS,
            EventIds(found.ids, found.event_ids),
            self.core.combinations,
            found,
        )
        return Read(headers, records, found.is_ascii, found.samples)

    def _kind(self, values: tuple[bytes, ...]) -> Kind | None:
        try:
            return self._kinds[values]
        except KeyError:
            kind = _plain(tuple(map(_decode, values)))
        if sum(map(len, values)) <= _LONGEST_KIND:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            self._kinds[values] = kind
        return kind


class _TextColumn(Column[str | None]):
    """The column of a field whose texts hardly ever come again: read when asked."""

    __slots__ = ("_found", "_number")

    def __init__(self, found: Any, number: int, _: bytes) -> None:
        self._found = found
        self._number = number

    def at(self, positions: Iterable[int]) -> list[str | None]:
        """Return the texts at some positions."""
        texts = self._found.texts(self._number, list(positions))
        return [_decode(each) if each.__class__ is bytes else each for each in texts]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.at(range(len(self))))

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | list[str | None] | None:
        if isinstance(index, slice):
            return self.at(range(len(self))[index])
        return self.at([range(len(self))[index]])[0]


def _texts(found: Any, number: int, _: bytes) -> Coded[str | None]:
    """Return the column of a field that holds text."""
    codes, values = found.column(number)
    return Coded(_words(codes), list(map(_decode, values)))


def _objects(found: Any, number: int, _: bytes) -> Coded[bytes]:
    """Return the column of a field whose objects come again and again, as JSON."""
    return _coded(*found.column(number))


def _values(found: Any, number: int, text: bytes) -> CutValues:
    """Return the column of a field as JSON, each value cut out when it is asked for."""
    return CutValues(text, _words(found.places(number)))


def _coded(codes: bytes, values: Sequence[bytes]) -> Coded[bytes]:
    return Coded(_words(codes), values)


def _plain(kind: tuple[Any, ...]) -> Kind | None:
    """Return a kind of events; None if such events have to be looked at one by one.

    Its fields must be of their types, and tell that it is a kind of events at all.
    """
    source, name, *_ = kind
    read_only = kind[_READ_ONLY]
    texts = (*kind[:_READ_ONLY], *kind[_READ_ONLY + 1 :])
    is_typed = all(each is None or isinstance(each, str) for each in texts) and (
        read_only is None or isinstance(read_only, bool)
    )
    if not is_typed or not source or not name or source.startswith("aws:"):
        return None
    return kind


_READ_ONLY = list(map(operator.itemgetter(0), KIND)).index("readOnly")


def _words(data: bytes) -> memoryview[int]:
    return memoryview(data).cast("I")
