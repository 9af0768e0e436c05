"""Read and writes the small files of records that people work with.

One record, a log file (`{"Records": […]}`), an array, or one record a line; plain or
gzip.  Files for a scan are read by the sources, which hold many records at once.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from checker.errors import SourceError, UsageError
from checker.model import Event
from checker.reports.json import printable

Shape: TypeAlias = Literal["record", "Records", "array", "lines"]

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a file and how they stand in it."""

    shape: Shape
    records: tuple[Event, ...]


def load(path: Path) -> Records:
    """Read a file of records.  Raises `SourceError` when it is none."""
    uri = str(path)
    if path.is_dir():
        raise SourceError(uri, "a folder: name a file of records in it")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
            if data.startswith(b"\x1f\x8b"):
                with gzip.GzipFile(path) as unzipped:
                    data = unzipped.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise SourceError(uri, "file too large (limit: 64 MiB)")
        return parse(uri, data.decode("utf-8-sig"))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(uri, reason) from error
    except UnicodeDecodeError as error:
        raise SourceError(uri, "not text in UTF-8") from error


def parse(uri: str, text: str) -> Records:
    """Read the text of such a file; `uri` is what messages call it."""
    shape: Shape = "record"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise SourceError(uri, f"not JSON: {error}") from error
        shape, value = "lines", [_line(uri, *each) for each in enumerate(lines, 1)]
    if isinstance(value, dict) and isinstance(value.get("Records"), list):
        shape, value = "Records", value["Records"]
    elif isinstance(value, list):
        shape = "lines" if shape == "lines" else "array"
    else:
        value = [value]
    for number, record in enumerate(value):
        if not isinstance(record, dict):
            raise SourceError(uri, f"record {number} is not a JSON object")
        if too_deep(record):
            message = f"record {number} is nested deeper than {MAX_DEPTH} levels"
            raise SourceError(uri, message)
    return Records(shape, tuple(value))


def named(name: str) -> Event:
    """Read the record that a user names: a file of one record, or `file#N` (from 0).

    Raises `UsageError` when the file holds several, or not so many.
    """
    path, _, number = name.rpartition("#")
    if Path(name).exists() or not (path and re.fullmatch("[0-9]{1,9}", number)):
        path, number = name, ""
    records = load(Path(path)).records
    if not records:
        raise UsageError(f"{path} contains no record: name a file of CloudTrail's")
    held = f"{path} contains {len(records)} record{'s' * (len(records) != 1)}"
    if not number and len(records) != 1:
        raise UsageError(f"{held}: say which, as in {path}#0")
    index = int(number or 0)
    if index >= len(records):
        raise UsageError(f"{held}, counted from #0")
    return records[index]


def write(shape: Shape, records: Sequence[Event]) -> Iterator[str]:
    """Yield the text of records, in the shape that a file had."""
    if shape == "lines":
        for record in records:
            yield printable(json.dumps(record, ensure_ascii=False)) + "\n"
        return
    value: Any = list(records)
    if shape == "record":
        value = value[0]
    elif shape == "Records":
        value = {"Records": value}
    yield printable(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def too_deep(value: Any) -> bool:
    """Return whether a value is nested deeper than AWS nests, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for each in level
            for child in (
                each.values()
                if isinstance(each, dict)
                else each
                if isinstance(each, list)
                else ()
            )
        ]
        if not level:
            return False
    return True


def _line(uri: str, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(uri, f"line {number} is not JSON: {error}") from error
