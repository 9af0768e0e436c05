"""This module walks a bucket for log files, and lists no folder that is not wanted."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeAlias

from checker.sources.remote.layout import (
    ROOT,
    Step,
    below,
    is_event_file,
    is_in_time,
    step,
)
from checker.sources.remote.wanted import Wanted

_THREADS: Final = 8
_DEPTH: Final = 4
"""How many folders may stand above AWSLogs, below the address that is given."""

_MOST: Final = 100
"""How many folders are searched for AWSLogs."""

Problem: TypeAlias = tuple[str, str]
"""A key or prefix, and what is wrong with it."""


class Entry(NamedTuple):
    """An object as a listing shows it; there may be millions, and tuples are small."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The objects and folders of a listing; `reason` says why it ends early."""

    entries: list[Entry]
    folders: list[str]
    reason: str | None = None


class Lister(Protocol):
    """How a bucket is listed."""

    def __call__(self, prefix: str, *, flat: bool) -> Listing:
        """List what begins with a prefix: all of it, or up to the next slash."""


@dataclass
class _Walk:
    """What has been found so far."""

    lister: Lister
    wanted: Wanted
    pool: ThreadPoolExecutor
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    pruned: bool = False

    def listed(self, prefixes: list[str], *, flat: bool) -> Iterator[Listing]:
        """List several prefixes at once; answers in their order."""
        call = functools.partial(self.lister, flat=flat)
        answers = self.pool.map(call, prefixes)
        for prefix, listing in zip(prefixes, answers, strict=True):
            if listing.reason:
                self.problems.append((prefix, listing.reason))
            self.wanted.tell(0, prefix)
            yield listing

    def keep(self, entries: list[Entry]) -> None:
        """Keep the event files that are wanted, and know of those that are not."""
        for entry in entries:
            if is_event_file(entry.key):
                if is_in_time(entry.key, self.wanted):
                    self.entries.append(entry)
                else:
                    self.pruned = True


def find_objects(
    lister: Lister, prefix: str, wanted: Wanted
) -> Iterator[Entry | Problem]:
    """Find the objects to read below a prefix, by their keys, then what is wrong.

    Of a bucket with AWSLogs folders, near below the prefix, what stands in those is
    read; without any, everything is.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        walk = _Walk(lister, wanted, pool)
        _start(walk, prefix)
    yield from sorted(set(walk.entries))
    if not (walk.entries or walk.problems or walk.pruned):
        reason = "no event file stands there: check the bucket and the prefix"
        if set(prefix) & set("*?["):
            reason += ", which is the start of names here and no pattern"
        walk.problems.append((prefix, reason))
    yield from walk.problems


def _start(walk: _Walk, prefix: str) -> None:
    """Take a prefix for what it is: an object, a folder, or the start of names."""
    (listing,) = walk.listed([prefix], flat=False)
    named = [entry for entry in listing.entries if entry.key == prefix]
    if named and prefix:
        if not prefix.endswith("/"):
            # What is named is read, whatever its name.
            walk.entries += named
            return
    elif f"{prefix}/" in listing.folders:
        prefix += "/"
        (listing,) = walk.listed([prefix], flat=False)
    parts = below(prefix.rpartition("/")[0])
    if parts is not None:
        _start_below(walk, parts, prefix, listing)
        return
    roots = _search(walk, listing)
    if roots:
        _descend(walk, roots)
        _missing(walk, prefix)
        return
    if listing.entries or listing.folders:
        _everything(walk, prefix, listing)


def _start_below(
    walk: _Walk, parts: tuple[str, ...], prefix: str, listing: Listing
) -> None:
    """Begin inside of AWSLogs."""
    steps = [step(parts[:count], walk.wanted) for count in range(1, len(parts) + 1)]
    if Step.SKIP in steps:
        # Digests, say, that were named: they are not CloudTrail's event folders.
        _everything(walk, prefix, listing)
        return
    walk.seen.update(parts)
    if Step.PRUNE not in steps:
        walk.keep(listing.entries)
        if steps and steps[-1] is Step.TAKE and prefix.endswith("/"):
            _take(walk, listing.folders)
        else:
            _descend(walk, listing.folders)
    else:
        walk.pruned = True
    _missing(walk, prefix)


def _search(walk: _Walk, listing: Listing) -> list[str]:
    """Search folder by folder for those named AWSLogs."""
    roots: list[str] = []
    level, searched = listing.folders, 0
    for _ in range(_DEPTH):
        roots += [folder for folder in level if folder.endswith(f"{ROOT}/")]
        level = [folder for folder in level if not folder.endswith(f"{ROOT}/")]
        searched += len(level)
        if searched > _MOST:
            if roots:
                reason = (
                    f"there are too many folders to search for {ROOT}: name its own"
                )
                walk.problems.append((level[0], reason))
            break
        level = [
            folder
            for listed in walk.listed(level, flat=False)
            for folder in listed.folders
        ]
    return [root for root in roots if root.split("/")[-2] == ROOT]


def _descend(walk: _Walk, folders: list[str]) -> None:
    """Open the folders that are wanted, level by level; list what is taken whole."""
    taken: list[str] = []
    while folders:
        opened: list[str] = []
        for folder in folders:
            parts = below(folder) or ()
            walk.seen.update(parts)
            what = step(parts, walk.wanted)
            if what is Step.OPEN:
                opened.append(folder)
            elif what is Step.TAKE:
                taken.append(folder)
            else:
                walk.pruned = True
        folders = []
        for listing in walk.listed(opened, flat=False):
            walk.keep(listing.entries)
            folders += listing.folders
    _take(walk, taken)


def _take(walk: _Walk, folders: list[str]) -> None:
    for listing in walk.listed(folders, flat=True):
        walk.keep(listing.entries)


def _everything(walk: _Walk, prefix: str, listing: Listing) -> None:
    """Take what stands below a prefix outside of CloudTrail's own layout."""
    if walk.wanted.accounts or walk.wanted.regions:
        reason = (
            "there is no AWSLogs folder here whose accounts and Regions could be "
            "chosen: leave --account and --region out, or name another prefix"
        )
        walk.problems.append((prefix, reason))
        return
    walk.keep(listing.entries)
    _take(walk, listing.folders)


def _missing(walk: _Walk, prefix: str) -> None:
    """Say which accounts and Regions were asked for and are nowhere."""
    for kind, names in (
        ("account", walk.wanted.accounts),
        ("Region", walk.wanted.regions),
    ):
        if walk.problems:
            return
        walk.problems += [
            (prefix, f"there is no folder of {kind} {name}")
            for name in names
            if name not in walk.seen
        ]
