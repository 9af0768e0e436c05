"""Read of the records of `match` cases what says which kind of event they are.

Reading several hundred files of cases takes longer than all else that visibility does.
What was read is kept, and believed only for the same files, byte for byte, read by the
same code.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from checker import resources
from checker.cases import read
from checker.cases.read import Case
from checker.documents import load_yaml
from checker.errors import DocumentError
from checker.model import Event
from checker.rules import RuleFile
from checker.rules.files import above
from checker.rules.private_files import cache_folder, read_private, write_private

Headers: TypeAlias = dict[str, list[Event]]

_FEWEST: Final = 100
"""Fewer files are quick to read."""

_FIELDS: Final = (
    "eventSource",
    "eventName",
    "eventCategory",
    "eventType",
    "managementEvent",
    "readOnly",
)


def match_headers(files: Sequence[RuleFile], problems: list[DocumentError]) -> Headers:
    """Return the header of each `match` record of some detections, by the rule's path.

    A rule may come without a file of cases; mistakes in one go to `problems`.
    """
    place = _place(files) if len(files) >= _FEWEST else None
    digest = _digest(files) if place else ""
    kept = _recall(place, digest) if place else None
    if kept is not None:
        return kept
    mistakes: list[DocumentError] = []
    found = {
        each.path: [
            _header(case.subject) for case in _cases(each, mistakes) if case.match
        ]
        for each in files
        if read.beside(each).is_file()
    }
    problems.extend(mistakes)
    if place and not mistakes:
        _remember(place, digest, found)
    return found


class _Case(msgspec.Struct):
    name: str
    event: str | None = None
    record: dict[str, Any] | None = None
    patch: dict[str, Any] | None = None


class _Standard(msgspec.Struct):
    match: list[str] = []
    no_match: list[str] = []


class _Matching(msgspec.Struct):
    match: list[_Case]
    standard: _Standard | None = None


def _cases(file: RuleFile, mistakes: list[DocumentError]) -> list[Case]:
    """Read the cases of a rule that match, and perhaps others.

    Of the bundled rules only what says that is read: their files are known to be sound,
    and take seconds to check.  One that is not what it was is read whole.
    """
    if str(file.root) != str(resources.root() / "rules"):
        return read.of_rule(file, mistakes)
    place = read.beside(file)
    document = load_yaml(place.name, _matching(place.read_bytes()))
    found: list[DocumentError] = [*document.problems]
    try:
        msgspec.convert(document.value, _Matching)
    except msgspec.ValidationError:
        return read.of_rule(file, mistakes)
    document.value["no_match"] = []
    cases = [] if found else read.of(document, file, found)
    return read.of_rule(file, mistakes) if found else cases


def _matching(data: bytes) -> bytes:
    """Return the blocks of a file of cases that say what matches.

    A block begins at a line that is not indented, and ends where the next one does.
    """
    kept = False
    lines = []
    for line in data.splitlines(keepends=True):
        if line[:1] not in b" -#\r\n":
            kept = line.startswith((b"match:", b"standard:"))
        if kept:
            lines.append(line)
    return b"".join(lines)


def _header(event: Mapping[str, Any]) -> Event:
    header: dict[str, Any] = {key: event[key] for key in _FIELDS if key in event}
    resources = event.get("resources")
    if isinstance(resources, list):
        header["resources"] = [
            {"type": each.get("type")} for each in resources if isinstance(each, dict)
        ]
    return header


def _recall(place: Path, digest: str) -> Headers | None:
    try:
        kept: tuple[str, Headers] = msgspec.json.decode(
            read_private(place), type=tuple[str, dict[str, list[dict[str, Any]]]]
        )
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return kept[1] if kept[0] == digest else None


def _remember(place: Path, digest: str, found: Headers) -> None:
    """Keep what was read; a folder that cannot be written to is left alone."""
    with contextlib.suppress(OSError):
        write_private(place, msgspec.json.encode((digest, found)))


def _place(files: Sequence[RuleFile]) -> Path | None:
    folder = cache_folder()
    names = "\0".join(str(each.file) for each in files)
    name = hashlib.blake2b(names.encode(errors="replace"), digest_size=8).hexdigest()
    return folder and folder / f"cases-{name}.json"


def _digest(files: Sequence[RuleFile]) -> str:
    """Digest the files of cases, the records they start from, and the code."""
    found = hashlib.blake2b(_code(), digest_size=32)
    for name, data in _parts(files):
        found.update(f"{name}\0{len(data)}\0".encode(errors="replace"))
        found.update(data)
    return found.hexdigest()


def _parts(files: Sequence[RuleFile]) -> Iterator[tuple[str, bytes]]:
    for each in files:
        file = read.beside(each)
        yield each.path, file.read_bytes() if file.is_file() else b""
    several = {str(each.root): each for each in files}.values()
    roots = {str(root): root for each in several for root in above(each)}
    for root in roots.values():
        folder = root / "events"
        if folder.is_dir():
            for record in sorted(folder.iterdir(), key=lambda file: file.name):
                if record.is_file():
                    yield record.name, record.read_bytes()


@functools.cache
def _code() -> bytes:
    found = hashlib.blake2b(sys.version.encode())
    schema = resources.root() / "schemas" / "cases.json"
    found.update(schema.read_bytes())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.digest()
