"""A file that people write: its value, and where it all stands."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from checker.errors import DocumentError, MistakeKind

Path: TypeAlias = tuple[str | int, ...]

_CONDITION_BLOCKS = frozenset({"detection", "correlation", "configuration"})
"""The blocks of a rule that contain its conditions."""


class Scalar(msgspec.Struct, frozen=True):
    """How a text stands in its file: where it starts, where it ends, in which style.

    `line` and `column` count from 1; `style` is YAML's indicator (`'`, `"`, `|`, `>`)
    or empty for plain text.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    style: str


class Document(msgspec.Struct, frozen=True):
    """One file's value, with the position of every key and value in it.

    `value` is None when the file could not be understood at all; `problems` lists what
    was wrong with it as text (not against any schema).  `table` is where in a TOML file
    the value is from; None for YAML and JSON.  `more` says that others follow
    it in the file.
    """

    path: str
    text: str
    value: Any
    keys: Mapping[Path, tuple[int, int]] = msgspec.field(default_factory=dict)
    values: Mapping[Path, Scalar] = msgspec.field(default_factory=dict)
    problems: tuple[DocumentError, ...] = ()
    more: bool = False
    table: Path | None = None

    def at(self, path: Path) -> Any:
        """Return the value at a path; KeyError or IndexError if none."""
        return functools.reduce(lambda node, key: node[key], path, self.value)

    def position(self, path: Path) -> tuple[int, int]:
        """Return the (line, column) of a value, or of the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        scalar = self.values.get(path)
        return (scalar.line, scalar.column) if scalar else (1, 1)

    def key_position(self, path: Path) -> tuple[int, int]:
        """Return the (line, column) of a key, or of the nearest thing around it."""
        return self.keys.get(path) or self.position(path)

    def key_offset(self, path: Path) -> int:
        """Return the character (from 0) of the file's text at which a key begins."""
        line, column = self.key_position(path)
        return _starts(self.text)[line - 1] + column - 1

    def place_of(self, offset: int) -> tuple[int, int]:
        """Return the (line, column) of a character (from 0) of the file's text."""
        starts = _starts(self.text)
        line = bisect.bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def error(
        self,
        message: str,
        path: Path = (),
        *,
        key: bool = False,
        kind: MistakeKind | None = None,
    ) -> DocumentError:
        """Make a mistake that points at a value, or at its key.

        Its kind is that of the block of a rule that the path leads into.
        """
        line, column = self.key_position(path) if key else self.position(path)
        if kind is None:
            in_block = bool(path) and path[0] in _CONDITION_BLOCKS
            kind = MistakeKind.CONDITION if in_block else MistakeKind.SCHEMA
        return DocumentError(message, self.path, line, column, kind=kind)

    def offset_position(self, path: Path, offset: int) -> tuple[int, int]:
        """Return the (line, column) of a character (from 0) inside a text value.

        Exact for plain, quoted and literal (`|`) text; folded (`>`) and escaped text
        is reported at its start.
        """
        scalar = self.values.get(path)
        value = self.at(path)
        if scalar is None or not isinstance(value, str):
            return self.position(path)
        if scalar.style == "|":
            before = value[:offset]
            line = scalar.line + 1 + before.count("\n")
            source = _lines(self.text)[scalar.line : line]
            if not source:
                return scalar.line, scalar.column
            first = next((text for text in source if text.strip()), "")
            indent = len(first) - len(first.lstrip(" "))
            return line, indent + offset - (before.rfind("\n") + 1) + 1
        if scalar.style in ("", "'") and scalar.line == scalar.end_line:
            quotes = value[:offset].count("'") + 1 if scalar.style else 0
            return scalar.line, scalar.column + offset + quotes
        return scalar.line, scalar.column


@functools.lru_cache(maxsize=4)
def _starts(text: str) -> list[int]:
    """Return where each line of a file begins; one more after the last."""
    lengths = [len(line) for line in text.splitlines(keepends=True)]
    return [0, *itertools.accumulate(lengths)]


@functools.lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    """Split a file once for all its mistakes."""
    return text.splitlines()
