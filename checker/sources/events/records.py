"""Split a plain log file into its records when they are asked for."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, overload

import msgspec

from checker.model import Header
from checker.model.columns import Column


class LogFile(msgspec.Struct):
    """A log file as CloudTrail delivers it, with its records as they stand there."""

    Records: list[msgspec.Raw]


LOG_FILE = msgspec.json.Decoder(LogFile)
_RAW = msgspec.json.Decoder(msgspec.Raw)
Region: TypeAlias = tuple[int, int]
"""The offset and the length of a record, in bytes of the text."""

_BEFORE = b'{"Records":[{"":0'
_BEHIND = b"0}]}"
_FEW = 8
"""To cut out one record costs as much as to split off this many."""

_NEAR = 8
"""How far a record may be from one that has a userIdentity."""


class Records(Sequence[bytes]):
    """The records of a log file.

    Most files hold nothing that any rule is about, and are never split; of others a few
    records are cut out.
    """

    __slots__ = ("_count", "_cut", "_found", "_headers", "_starts", "_text")

    def __init__(
        self, text: bytes, count: int, headers: Sequence[Header] | None = None
    ) -> None:
        """Take a log file that is valid JSON, and the number of its records.

        `headers` are those of the records, as they were decoded from this very text.
        """
        self._text = text
        self._count = count
        self._headers = headers
        self._cut: dict[int, Region] = {}
        self._found: list[msgspec.Raw] | None = None
        self._starts: list[int] | None = None

    def expect(self, number: int) -> None:
        """Prepare for how many will be asked for: of many, all are split off."""
        if self._headers is not None and number * _FEW > self._count:
            self._headers = None

    def regions(self, indexes: Iterable[int]) -> list[Region]:
        """Return where some records stand."""
        return list(map(self._region, indexes))

    def _region(self, index: int) -> Region:
        if self._headers is not None and self._found is None:
            known = (
                self._cut.get(index)
                or _usual_region(self._text, self._headers[index : index + 2])
                or _region(self._text, self._headers, index)
            )
            if known is not None:
                self._cut[index] = known
                return known
            self._headers = None
        records = self._all()
        if self._starts is None:
            self._starts = _starts(self._text, records)
        return self._starts[index], len(records[index])

    def _all(self) -> list[msgspec.Raw]:
        if self._found is None:
            self._found = LOG_FILE.decode(self._text).Records
        return self._found

    def __reduce__(self) -> tuple[Any, ...]:
        return Records, (self._text, self._count)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        return map(bytes, self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._text)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return list(map(bytes, self._all()[index]))
        if self._headers is None or self._found is not None:
            return bytes(self._all()[index])
        start, length = self._region(range(self._count)[index])
        return self._text[start : start + length]


class _CutTexts(Column[bytes]):
    """Parts of a text, each cut out when it is asked for.

    `spans` are the offset and the length of each, one after the other.
    """

    __slots__ = ("_spans", "_text")

    def __init__(self, text: bytes, spans: Sequence[int]) -> None:
        """Take a text, and where its parts are."""
        self._text = text
        self._spans = spans

    def at(self, positions: Iterable[int]) -> list[bytes]:
        """Return the parts at some positions."""
        text, spans = self._text, self._spans
        return [
            text[(start := spans[2 * at]) : start + spans[2 * at + 1]]
            for at in positions
        ]

    def __len__(self) -> int:
        return len(self._spans) // 2

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return self.at(range(len(self))[index])
        return self.at([range(len(self))[index]])[0]


class CutRecords(_CutTexts):
    """The records of a text."""

    __slots__ = ()

    def regions(self, indexes: Iterable[int]) -> list[Region]:
        """Return where some records are."""
        spans = self._spans
        return [(spans[2 * at], spans[2 * at + 1]) for at in indexes]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._text)


class Lines(Sequence[bytes]):
    """The records of JSON lines: cut out once somebody asks for one."""

    __slots__ = ("_count", "_cut", "_text")

    def __init__(self, text: bytes, count: int) -> None:
        """Take a text of valid JSON values that follow each other, and their number."""
        self._text = text
        self._count = count
        self._cut: CutRecords | None = None

    def expect(self, number: int) -> None:
        """Prepare for how many will be asked for: there is nothing to prepare."""

    def regions(self, indexes: Iterable[int]) -> list[Region]:
        """Return where some records stand."""
        return self._records().regions(indexes)

    def _records(self) -> CutRecords:
        if self._cut is None:
            self._cut = CutRecords(self._text, _of_lines(self._text, self._count))
        return self._cut

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._text)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        return self._records()[index]


def _of_lines(text: bytes, count: int) -> list[int]:
    """Return the offset and the length of each value, one after the other.

    Between a bracket that closes and one that opens JSON has more than an end of line,
    unless a value ends there: if all lines are in brackets, each is a value or more.
    """
    lines = text.rstrip(b" \t\r\n").split(b"\n")
    if len(lines) == count and all(
        line.startswith(b"{") and line.endswith(b"}") for line in lines
    ):
        lengths = list(map(len, lines))
        ends = itertools.accumulate([length + 1 for length in lengths], initial=0)
        starts = list(ends)[:-1]
    else:
        values = _RAW.decode_lines(text)
        lengths = list(map(len, values))
        starts = [_offset(text, value) for value in values]
    return list(itertools.chain.from_iterable(zip(starts, lengths, strict=True)))


class CutValues(_CutTexts):
    """The JSON of one field of events: where it is not there, its span is empty."""

    __slots__ = ()

    def at(self, positions: Iterable[int]) -> list[bytes]:
        """Return the values at some positions."""
        return [each or b"null" for each in super().at(positions)]

    @property
    def get(self) -> Callable[[int], bytes]:
        """Return what gives the value at a position, at the least cost."""
        text, spans = self._text, self._spans

        def value(position: int) -> bytes:
            start = spans[2 * position]
            return text[start : start + spans[2 * position + 1]] or b"null"

        return value


def _starts(text: bytes, records: Sequence[msgspec.Raw]) -> list[int]:
    """Return where each record of a log file begins.

    CloudTrail writes one comma between events.  There is at least one byte, so that
    the last begins where it should only if there is no more anywhere.
    """
    lengths = (len(record) + 1 for record in records)
    first = _offset(text, records[0])
    starts = list(itertools.accumulate(lengths, initial=first))[:-1]
    if starts[-1] == _offset(text, records[-1]):
        return starts
    return [_offset(text, record) for record in records]


def _usual_region(text: bytes, headers: Sequence[Header]) -> Region | None:
    """Find a record by how CloudTrail begins it, and the one behind it.

    The bracket before the keys that stand before a userIdentity opens its record.
    """
    starts = [_usual_start(text, header) for header in headers]
    match starts:
        case [int(start), int(behind)] if text.startswith(b"},", behind - 2):
            return start, behind - 1 - start
    return None


def _usual_start(text: bytes, header: Header) -> int | None:
    value = _value(text, header)
    if value is None:
        return None
    start = text.rfind(b"{", 0, value[0])
    return start if _USUAL.fullmatch(text, start, value[0]) else None


_USUAL = re.compile(rb'\{"eventVersion":"[0-9.]{1,8}","userIdentity":')


def _region(text: bytes, headers: Sequence[Header], index: int) -> Region | None:
    """Find a record between its neighbours, without a look at the others.

    The headers know where in the text the userIdentity of a record stands.  From that
    of a record before to that of one behind is valid JSON, once a key and a value are
    put where they are missing.  None where no record nearby has a userIdentity.
    """
    before, start, opening = -1, 0, b""
    for at in range(index - 1, max(index - _NEAR, -1), -1):
        if value := _value(text, headers[at]):
            before, start, opening = at, value[1], _BEFORE
            break
    end, closing = len(text), b""
    for at in range(index + 1, min(index + _NEAR, len(headers))):
        if value := _value(text, headers[at]):
            end, closing = value[0], _BEHIND
            break
    if (not opening and index >= _NEAR) or (
        not closing and index + _NEAR < len(headers)
    ):
        return None
    part = b"%b%b%b" % (opening, text[start:end], closing)
    record = LOG_FILE.decode(part).Records[index - max(before, 0)]
    return start + _offset(part, record) - len(opening), len(record)


def _value(text: bytes, header: Header) -> Region | None:
    """Return where a header's userIdentity begins and ends in the text."""
    value = header.userIdentity
    start, length = _offset(text, value), len(value)
    return (start, start + length) if 0 <= start <= len(text) - length else None


def _offset(text: bytes, value: msgspec.Raw) -> int:
    """Return where in the text it was decoded from a value stands."""
    address = _address()
    return address(value) - address(text)


@functools.cache
def _address() -> Callable[[object], int]:
    """Return the function that tells where in memory a value stands.

    msgspec's Raw is a view of the text that it was decoded from.
    https://jcristharif.com/msgspec/api.html#msgspec.Raw
    """
    # What cffi loads besides, to read C, takes longer than many a scan.
    from _cffi_backend import FFI

    ffi = FFI()
    cast, look = ffi.cast, ffi.from_buffer
    return lambda value: int(cast("uintptr_t", look(value)))
