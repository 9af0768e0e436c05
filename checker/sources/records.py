"""This module splits a plain log file into its records, and only as far as asked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import msgspec

from checker.model import Header


class LogFile(msgspec.Struct):
    """A log file as CloudTrail delivers it, with its records as they stand there."""

    Records: list[msgspec.Raw]


LOG_FILE = msgspec.json.Decoder(LogFile)

_BEGIN = b'{"eventVersion":'
_BEFORE = b"[,"
_BETWEEN = b"},{"
_FEW = 8
"""Splitting a whole file costs as much as finding one record in this many."""


class Records(Sequence[bytes]):
    """The records of a log file.

    A single one is found by its eventID and the text that CloudTrail begins and ends
    records with, and believed when it is whole JSON with the same header; anything
    else, and many of them, need the whole file to be split.
    """

    __slots__ = (
        "_asked",
        "_at",
        "_decode",
        "_found",
        "_headers",
        "_last",
        "_text",
        "places",
    )

    def __init__(self, text: bytes, headers: Sequence[Header]) -> None:
        """Take a log file that is valid JSON, and the header of each record.

        `places` has the byte offset and length of the records found one by one.
        """
        self.places: dict[int, tuple[int, int]] = {}
        self._text = text
        self._headers = headers
        self._found: list[bytes] | None = None
        self._at = 0
        self._last = -1
        self._asked = 0
        self._decode = _decoder(type(headers[0])) if headers else None

    def _all(self) -> list[bytes]:
        if self._found is None:
            self._found = list(map(bytes, LOG_FILE.decode(self._text).Records))
        return self._found

    def _find(self, index: int) -> bytes | None:
        """Find one record behind those found before; None when that fails."""
        identity = self._headers[index].eventID
        if self._decode is None or index <= self._last or not identity:
            return None
        if not self.places and not self._are_told_apart():
            return None
        text = self._text
        inside = text.find(b'"eventID":"%b"' % identity.encode(), self._at)
        if inside < 0:
            return None
        start = text.rfind(_BEGIN, self._at, inside)
        if start < 1 or text[start - 1] not in _BEFORE:
            return None
        stop = text.find(b"}," + _BEGIN, inside)
        stop = text.rfind(b"}]", inside) if stop < 0 else stop
        record = text[start : stop + 1]
        try:
            header = self._decode(record)
        except msgspec.DecodeError:
            return None
        if header != self._headers[index]:
            return None
        self._at, self._last = stop + 1, index
        self.places[index] = (start, len(record))
        return record

    def _are_told_apart(self) -> bool:
        """Tell whether each record has an eventID of its own."""
        return len({each.eventID for each in self._headers}) == len(self._headers)

    def __reduce__(self) -> tuple[Any, ...]:
        return Records, (self._text, list(self._headers))

    def __len__(self) -> int:
        return len(self._headers)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._text)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if self._found is None and isinstance(index, int) and index >= 0:
            self._asked += 1
            if self._asked * _FEW <= len(self):
                record = self._find(index)
                if record is not None:
                    return record
        return self._all()[index]


@functools.lru_cache(maxsize=16)
def _decoder(header: type[Header]) -> Callable[[bytes], Header]:
    return msgspec.json.Decoder(header).decode
