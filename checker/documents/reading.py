"""Read YAML and JSON into documents, strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from msgspec import structs

from checker.documents import yaml_1_1
from checker.documents.building import Builder, Tags
from checker.documents.document import Document, Path
from checker.errors import DocumentError, MistakeKind

MAX_BYTES = 256 * 1024
_LONGEST_SCALAR = 40
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f]"
)


def load_yaml(
    path: str, data: bytes, *, limit: int = MAX_BYTES, tags: Tags | None = None
) -> Document:
    """Read one YAML file; mistakes are in the document's `problems`.

    `path` is what messages call the file; `limit` is in bytes.  A tagged value is read
    as a map of one key, which `tags` names; without `tags` every tag is a mistake.
    """
    text, problem = _decode(path, data, limit)
    if problem:
        return Document(path, "", None, problems=(problem,))
    return Builder(path, text, tags).build()


def load_all_yaml(path: str, data: bytes, *, limit: int = MAX_BYTES) -> list[Document]:
    """Read every document of a YAML file as other tools do: scalars by YAML 1.1.

    A file that could not be understood gives one document without a value, with the
    problem; mistakes of a document are in its `problems`.
    """
    text, problem = _decode(path, data, limit)
    if problem:
        return [Document(path, "", None, problems=(problem,))]
    return Builder(path, text, resolve=yaml_1_1.resolve).build_all()


def ambiguous(document: Document) -> Iterator[tuple[Path, str]]:
    """Yield the place and text of each value that is read as another than it looks.

    YAML 1.1 and 1.2 read it differently, or a number loses its spelling: of `1.10` is
    left 1.1.
    """
    lines = document.text.splitlines()
    for path, scalar in document.values.items():
        if scalar.style or scalar.line != scalar.end_line or scalar.line > len(lines):
            continue
        text = lines[scalar.line - 1][scalar.column - 1 : scalar.end_column - 1]
        if len(text) > _LONGEST_SCALAR:
            continue
        value = document.at(path)
        respelled = type(value) in (int, float) and text != str(value)
        if respelled or yaml_1_1.differs(text):
            yield path, text


def load_config(
    path: str, data: bytes, *, table: tuple[str, ...] | None = None
) -> Document:
    """Read a file of settings: YAML, or TOML where a `table` of it is named."""
    if table is None:
        return load_yaml(path, data)
    try:
        # Other tools write to such files as well: TOML's own rules on characters hold.
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        problem = DocumentError("not UTF-8 text", path, kind=MistakeKind.FILE)
        return Document(path, "", None, problems=(problem,))
    from checker.documents.toml import load_toml

    return load_toml(path, text, table)


def load_json(path: str, text: str) -> Document:
    """Read one JSON file that is small enough to want positions for.

    JSON's syntax is checked by the json module; positions are found when `check` has
    something to point at.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = DocumentError(
            f"not JSON: {error.msg}",
            path,
            error.lineno,
            error.colno,
            kind=MistakeKind.YAML,
        )
        return Document(path, text, None, problems=(problem,))
    except (ValueError, RecursionError) as error:
        return Document(
            path,
            text,
            None,
            problems=(
                DocumentError(f"not JSON: {error}", path, kind=MistakeKind.YAML),
            ),
        )
    return Document(path, text, value)


def placed(document: Document) -> Document:
    """Add the positions to a JSON document, by reading it as YAML, which it is.

    And to a TOML document, by reading its statements one by one.
    """
    if document.table is not None:
        from checker.documents.toml import places

        return places(document)
    placed = Builder(document.path, document.text).build()
    return structs.replace(document, keys=placed.keys, values=placed.values)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _decode(path: str, data: bytes, limit: int) -> tuple[str, DocumentError | None]:
    if len(data) > limit:
        size = f"{len(data):,} bytes; the limit is {limit:,}"
        return "", DocumentError(
            f"the file is too large: {size}", path, kind=MistakeKind.FILE
        )
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return "", DocumentError(
            "not UTF-8 text", path, line, column, kind=MistakeKind.FILE
        )
    hidden = _INVISIBLE.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        name = f"U+{ord(hidden.group()):04X}"
        message = f"invisible or control character {name}: take it out"
        return "", DocumentError(message, path, line, column, kind=MistakeKind.FILE)
    return text, None
