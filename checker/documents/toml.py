"""Read TOML into documents; where each key stands is found when it is asked for.

The standard library reads TOML and keeps no positions.  Each statement is valid TOML by
itself, which says what it defines: so the places follow from the same reader.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from msgspec import structs

from checker.documents.document import Document, Path, Scalar
from checker.errors import DocumentError, MistakeKind

_AT: Final = re.compile(r"\(at line (\d+), column (\d+)\)\Z")
_ENDS: Final = re.compile(r"[\]}\"']|\A[^\[{\"']*\Z")
"""What a line has that may be the last one of a statement."""


def load_toml(path: str, text: str, table: Path = ()) -> Document:
    """Read a TOML text, or one table of it; a mistake is in the document's `problems`.

    The value is None where the table is missing.
    """
    try:
        value: Any = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        said = _AT.sub("", str(error)).strip()
        return _broken(path, text, f"not TOML: {said}", line, column)
    except (RecursionError, ValueError) as error:
        return _broken(path, text, f"not TOML: {error}", 1, 1)
    for name in table:
        value = value.get(name) if isinstance(value, dict) else None
    return Document(path, text, value, table=table)


def places(document: Document) -> Document:
    """Add to a TOML document where its keys stand; values stand with their keys."""
    keys: dict[Path, tuple[int, int]] = {}
    above: Path = ()
    for line, statement in _statements(document.text):
        value = _plain(tomllib.loads(statement))
        if statement.startswith("["):
            above = tuple(_down(value))
            number = _elements(keys, above) if statement.startswith("[[") else None
            above = above if number is None else (*above, number)
            for length in range(1, len(above) + 1):
                keys.setdefault(above[:length], (line, 1))
            continue
        for path in _paths(value):
            keys.setdefault((*above, *path), (line, 1))
    table = document.table or ()
    inner = {
        path[len(table) :]: place
        for path, place in keys.items()
        if path[: len(table)] == table
    }
    values = {
        path: Scalar(line, column, line, column, "")
        for path, (line, column) in inner.items()
    }
    return structs.replace(document, keys=inner, values=values)


def _broken(path: str, text: str, said: str, line: int, column: int) -> Document:
    problem = DocumentError(said, path, line, column, kind=MistakeKind.YAML)
    return Document(path, text, None, problems=(problem,))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line of each statement and its text; the whole is known to be TOML."""
    begun: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not begun and (not stripped or stripped.startswith("#")):
            continue
        if not begun:
            start = number
        begun.append(line)
        if not _ENDS.search(stripped):
            continue
        statement = "\n".join(begun).strip()
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield start, statement
        begun = []


def _down(value: Any) -> Iterator[str]:
    """Yield the names of a table header, from the value of that line alone."""
    while value:
        value = value[0] if isinstance(value, list) else value
        if not value:
            return
        name = next(iter(value))
        yield name
        value = value[name]


def _elements(keys: dict[Path, tuple[int, int]], path: Path) -> int:
    """Count the tables of an array that were met before."""
    number = 0
    while (*path, number) in keys:
        number += 1
    return number


def _paths(value: Any) -> Iterator[Path]:
    entries = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in entries:
        yield (key,)
        yield from ((key, *path) for path in _paths(inner))


def _plain(value: Any) -> Any:
    """Return a value in JSON's own types: dates and times as their text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str | int | float | bool):
        return value
    return str(value)
