"""Find whether a file that is to be written is one that is read, or among them."""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from checker.sources.events.files import STDIN, SUFFIXES

Identity: TypeAlias = tuple[int, int]
Taken: TypeAlias = Callable[[str], bool]
"""Whether a file of this name is read when its folder is."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A file that may not exist yet: where it really is, and what it is there."""

    real: str
    name: str
    folder: Identity | None
    itself: Identity | None

    @classmethod
    def of(cls, path: str) -> _Place:
        real = Path(os.path.realpath(path))
        return cls(str(real), real.name, _identity(str(real.parent)), _file(str(real)))


def overlap(path: str, inputs: Sequence[str], taken: Taken) -> str | None:
    """Return how a file to be written meets the inputs; None where it does not.

    Links, hard links, globs and other spellings of a path are seen through.  In a
    folder only what is `taken` from it counts.
    """
    place = _Place.of(path)
    for given in inputs:
        found = _meets(place, given, taken)
        if found:
            return found
    return None


def is_taken(name: str) -> bool:
    """Return whether an event file of this name is read when its folder is."""
    if name.startswith("."):
        return False
    return "." not in name or name.lower().endswith(SUFFIXES)


def _meets(place: _Place, given: str, taken: Taken) -> str | None:
    if given == STDIN:
        same = place.itself is not None and place.itself == _standard_input()
        return "it is what standard input reads" if same else None
    if os.path.lexists(given) or not glob.has_magic(given):
        return _meets_path(place, given, taken)
    # What the pattern would match once the file is there: `*` of fnmatch takes more
    # than a glob's.
    pattern = os.path.realpath(given)
    patterns = (pattern, pattern.replace(f"**{os.sep}", ""))
    if any(fnmatch.fnmatch(place.real, each) for each in patterns):
        return f"the pattern {given} matches it"
    for match in glob.iglob(given, recursive=True):  # noqa: PTH207 - any root
        found = _meets_path(place, match, taken)
        if found:
            return found
    return None


def _meets_path(place: _Place, given: str, taken: Taken) -> str | None:
    same = place.itself is not None and place.itself == _file(given)
    if same or place.real == os.path.realpath(given):
        return f"it is {given}, which is read"
    if not Path(given).is_dir():
        return None
    for folder in _folders(given):
        if _identity(folder) == place.folder and taken(place.name):
            return f"it is in {given}, which is read"
        if place.itself is not None and _holds(folder, place.itself, taken):
            return f"it is a file of {given}, which is read"
    return None


def _folders(top: str) -> Iterator[str]:
    """Walk the folders below one, links followed, each once."""
    seen: set[Identity | None] = {None}
    pending = [top]
    while pending:
        path = pending.pop()
        identity = _identity(path)
        if identity in seen:
            continue
        seen.add(identity)
        yield path
        pending += [each.path for each in _entries(path) if _is_folder(each)]


def _holds(folder: str, itself: Identity, taken: Taken) -> bool:
    return any(
        taken(each.name) and _file(each.path) == itself for each in _entries(folder)
    )


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [each for each in entries if not each.name.startswith(".")]
    except OSError:
        return []  # reading the folder reports what is wrong with it


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _identity(path: str) -> Identity | None:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _file(path: str) -> Identity | None:
    """Return the identity of a regular file; a device or pipe holds nothing to lose."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    regular = stat.S_ISREG(status.st_mode)
    return (status.st_dev, status.st_ino) if regular else None


def _standard_input() -> Identity | None:
    try:
        status = os.fstat(0)
    except OSError:
        return None
    return status.st_dev, status.st_ino
