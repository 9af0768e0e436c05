"""This module splits a plain log file into its records when the first is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import msgspec


class LogFile(msgspec.Struct):
    """A log file as CloudTrail delivers it, with its records as they stand there."""

    Records: list[msgspec.Raw]


LOG_FILE = msgspec.json.Decoder(LogFile)


class Records(Sequence[bytes]):
    """The records of a log file.

    Most files hold nothing that any rule is about, and are never split.
    """

    __slots__ = ("_count", "_found", "_text")

    def __init__(self, text: bytes, count: int) -> None:
        """Take a log file that is valid JSON, and the number of its records."""
        self._text = text
        self._count = count
        self._found: list[msgspec.Raw] | None = None

    def _all(self) -> list[msgspec.Raw]:
        if self._found is None:
            self._found = LOG_FILE.decode(self._text).Records
        return self._found

    def lengths(self) -> list[int]:
        """Give the length of each record in bytes."""
        return list(map(len, self._all()))

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
        return bytes(self._all()[index])
