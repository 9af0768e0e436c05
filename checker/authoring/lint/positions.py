"""Find where in its file a part of a condition stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.authoring.lint.problem import CHECKS, Problem, Severity
from checker.conditions import tree
from checker.documents import Document, Path
from checker.model import AnyRule


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule that was read, with the document that it was read from."""

    rule: AnyRule
    document: Document

    @property
    def any_case(self) -> bool:
        """Whether the rule compares text in any case."""
        return False

    @property
    def is_sigma(self) -> bool:
        """Whether the rule is written as Sigma has it: what to write is Sigma's too."""
        return False

    def problem(
        self,
        check: str,
        message: str,
        fix: str = "",
        *,
        at: tuple[int, int],
        severity: Severity | None = None,
    ) -> Problem:
        """Make a problem at a line and column."""
        return Problem(
            check,
            severity or CHECKS[check].severity,
            self.document.path,
            *at,
            message,
            fix,
            self.rule.name,
        )

    def selection(self, name: str) -> Path:
        """Return the path of a selection in the document."""
        return ("detection", name)

    def place(self, text: Path, node: tree.Node) -> tuple[int, int]:
        """Return the line and column of a node that belongs to the text at a path.

        A field map has no text: its fields stand at their keys.
        """
        value = _value(self.document, text)
        if isinstance(value, dict):
            key = next(iter(_field_keys(value, node)), None)
            return self.document.key_position((*text, key) if key else text)
        offset = next(
            (n.offset for n in tree.walk(node) if isinstance(n, _PLACED)), None
        )
        if not isinstance(value, str) or offset is None:
            return self.document.position(text)
        return _offset_position(self.document, text, value, offset)

    def literal(self, text: Path, node: tree.Node, value: object) -> tuple[int, int]:
        """Return the place of a literal inside a node: in a list, the entry's own."""
        written = _value(self.document, text)
        if isinstance(written, dict):
            for key in _field_keys(written, node):
                entries = written[key]
                if isinstance(entries, list) and value in entries:
                    return self.document.position((*text, key, entries.index(value)))
                return self.document.position((*text, key))
        if isinstance(written, str) and isinstance(value, str):
            start = next(
                (n.offset for n in tree.walk(node) if isinstance(n, _PLACED)), 0
            )
            offset = written.find(value, start)
            if offset >= 0:
                return _offset_position(self.document, text, written, offset)
        return self.place(text, node)


_PLACED = (tree.Path, tree.Function, tree.Selection)


def _value(document: Document, path: Path) -> object:
    value: object = document.value
    for key in path:
        value = value[key] if isinstance(value, dict) else None
    return value


def _field_keys(fields: dict[str, object], node: tree.Node) -> Iterator[str]:
    """The keys of a field map whose path a node reads."""
    read = {each.names for each in tree.walk(node) if isinstance(each, tree.Path)}
    for key in fields:
        if tuple(part.strip('"') for part in key.split(".")) in read:
            yield key
    dotted = {".".join(names) for names in read}
    for key in fields:
        if key.replace('"', "") in dotted:
            yield key


def _offset_position(
    document: Document, path: Path, value: str, offset: int
) -> tuple[int, int]:
    """Like `Document.offset_position`, and exact for folded text as well.

    YAML folds white space alone, so the n-th other character of the value is the n-th
    other character of the source.
    """
    scalar = document.values.get(path)
    if scalar is None or scalar.style == '"':
        return document.offset_position(path, offset)
    lines = document.text.splitlines()
    skip = sum(not letter.isspace() for letter in value[:offset])
    line = scalar.line - 1
    column = scalar.column - 1
    if scalar.style in ("|", ">"):
        line, column = line + 1, 0
    elif scalar.style == "'":
        column += 1
        skip += value[:offset].count("'")
    while line < min(scalar.end_line, len(lines)):
        for index in range(column, len(lines[line])):
            if lines[line][index].isspace():
                continue
            if skip == 0:
                return line + 1, index + 1
            skip -= 1
        line, column = line + 1, 0
    return document.position(path)
