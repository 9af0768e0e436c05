"""Walk a bucket for log files, and lists no folder that is not wanted."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeAlias

from checker.sources.events.files import left_out
from checker.sources.events.remote.layout import (
    EVENTS,
    ROOT,
    Step,
    below,
    is_event_file,
    is_in_time,
    is_unknown,
    other_kind,
    step,
)
from checker.sources.events.remote.query import InputFilter

THREADS: Final = 8
"""How many folders are listed at once."""

_AHEAD: Final = 2 * THREADS
"""Of how many folders the first page is asked for before it is wanted."""

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
    """One page of a listing: objects and folders, and the token of the next page.

    `reason` says why there is no more, if it went wrong.
    """

    entries: list[Entry]
    folders: list[str]
    reason: str | None = None
    token: str | None = None


class Lister(Protocol):
    """How a bucket is listed."""

    def __call__(self, prefix: str, *, flat: bool, token: str | None = None) -> Listing:
        """List a page of what begins with a prefix: all of it, or to the next slash."""


@dataclass
class Walk:
    """What has been found so far: objects, and the folders to be listed whole."""

    lister: Lister
    wanted: InputFilter
    pool: ThreadPoolExecutor
    entries: list[Entry] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    pruned: bool = False
    skipped: dict[str, None] = field(default_factory=dict)
    beside: dict[str, None] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)

    def listed(self, prefixes: list[str]) -> Iterator[Listing]:
        """List several prefixes at once, each to the next slash, in their order."""
        answers = self.pool.map(self._whole, prefixes)
        for prefix, listing in zip(prefixes, answers, strict=True):
            if listing.reason:
                self.problems.append((prefix, listing.reason))
            self.wanted.tell(0, prefix)
            yield listing

    def keep(self, entries: list[Entry]) -> None:
        """Keep the event files that are wanted."""
        self.entries += self.chosen(entries)

    def objects(self) -> Iterator[Entry]:
        """Return every object in the order of the keys, and hold few of them."""
        things: dict[str, Entry | None] = dict.fromkeys(self.taken)
        things |= {entry.key: entry for entry in self.entries}
        rest = iter(sorted(things))
        waiting: deque[tuple[str, Future[Listing] | None]] = deque()
        while True:
            for key in itertools.islice(rest, _AHEAD - len(waiting)):
                ahead = None if things[key] else self._ahead(key)
                waiting.append((key, ahead))
            if not waiting:
                return
            key, ahead = waiting.popleft()
            entry = things[key]
            if ahead is None and entry is not None:
                yield entry
            elif ahead is not None:
                yield from self._below(key, ahead.result())

    def _below(self, folder: str, listing: Listing) -> Iterator[Entry]:
        """Return what is wanted of a folder, page by page from the first."""
        while True:
            self.wanted.tell(0, folder)
            yield from self.chosen(listing.entries)
            if listing.reason:
                self.problems.append((folder, listing.reason))
            if not listing.token:
                return
            listing = self.lister(folder, flat=True, token=listing.token)

    def chosen(self, entries: list[Entry]) -> Iterator[Entry]:
        """Return the event files that are wanted, and know of those that are not."""
        for entry in entries:
            if is_event_file(entry.key):
                if is_in_time(entry.key, self.wanted):
                    yield entry
                else:
                    self.pruned = True
            elif kind := other_kind(entry.key):
                self.others[kind] += 1

    def _ahead(self, folder: str) -> Future[Listing]:
        return self.pool.submit(self.lister, folder, flat=True)

    def _whole(self, prefix: str) -> Listing:
        listing = self.lister(prefix, flat=False)
        entries, folders = list(listing.entries), list(listing.folders)
        while listing.token:
            listing = self.lister(prefix, flat=False, token=listing.token)
            entries += listing.entries
            folders += listing.folders
        return Listing(entries, folders, listing.reason)


def find_objects(
    lister: Lister, prefix: str, wanted: InputFilter
) -> Iterator[Entry | Problem]:
    """Find the objects to read below a prefix, by their keys, then what is wrong.

    Of a bucket with AWSLogs folders, near below the prefix, what stands in those is
    read; without any, everything is.
    """
    some = False
    with ThreadPoolExecutor(THREADS) as pool:
        walk = Walk(lister, wanted, pool)
        _start(walk, prefix)
        for entry in walk.objects():
            some = True
            yield entry
    yield from conclude(walk, prefix, some=some)


def survey(lister: Lister, prefix: str, wanted: InputFilter) -> Walk:
    """Find the folders to be listed whole, and objects beside them, but list none.

    The walk can be split: what others found of its folders comes back by `conclude`.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        walk = Walk(lister, wanted, pool)
        _start(walk, prefix)
    return walk


def conclude(walk: Walk, prefix: str, *, some: bool) -> list[Problem]:
    """Return what is wrong, once all is listed and `some` object was found or none."""
    if not (some or walk.problems):
        walk.problems.append((prefix, _nothing(walk, prefix)))
    elif some:
        _remark(walk)
    return walk.problems


def _nothing(walk: Walk, prefix: str) -> str:
    """Return why nothing was read, by what was seen: never an all-clear."""
    beside = f"; not looked at: {_listed(walk.beside)}" if walk.beside else ""
    if walk.pruned:
        reason = (
            "no log file of the accounts, Regions and times that were asked for is "
            "there: check --account, --region, --since and --until"
        )
    elif walk.skipped:
        reason = (
            f"no {EVENTS[0]} folder with log files is below {ROOT}, only "
            f"{_listed(walk.skipped)}: check the trail's bucket and prefix"
        )
    elif walk.others:
        reason = f"no event file is there: {left_out(walk.others)}"
    else:
        reason = "no event file is there: check the bucket and the prefix"
    if set(prefix) & set("*?["):
        reason += ", which is the start of names here and no pattern"
    return reason + beside


def _remark(walk: Walk) -> None:
    """Return what was left out and may have been meant."""
    if walk.others:
        walk.wanted.remark(f"{left_out(walk.others)}.")
    if walk.beside:
        walk.wanted.remark(
            f"only {ROOT} was read; not looked at: {_listed(walk.beside)}."
        )
    unknown = [name for name in walk.skipped if is_unknown(name)]
    if unknown:
        walk.wanted.remark(
            f"folders below {ROOT} that are not CloudTrail's were left out: "
            f"{_listed(unknown)}."
        )


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - 8} more" if len(every) > 8 else ""
    return ", ".join(every[:8]) + more


def _start(walk: Walk, prefix: str) -> None:
    """Take a prefix for what it is: an object, a folder, or the start of names."""
    (listing,) = walk.listed([prefix])
    named = [entry for entry in listing.entries if entry.key == prefix]
    if named and prefix:
        if not prefix.endswith("/"):
            # What is named is read, whatever its name.
            walk.entries += named
            return
    elif f"{prefix}/" in listing.folders:
        prefix += "/"
        (listing,) = walk.listed([prefix])
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
    walk: Walk, parts: tuple[str, ...], prefix: str, listing: Listing
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
            walk.taken += listing.folders
        else:
            _descend(walk, listing.folders)
    else:
        walk.pruned = True
    _missing(walk, prefix)


def _search(walk: Walk, listing: Listing) -> list[str]:
    """Search folder by folder for those named AWSLogs."""
    roots: list[str] = []
    level, searched = listing.folders, 0
    for _ in range(_DEPTH + 1):
        roots += filter(_is_root, level)
        level = list(itertools.filterfalse(_is_root, level))
        searched += len(level)
        if searched > _MOST:
            if roots:
                reason = (
                    f"there are too many folders to search for {ROOT}: name its own"
                )
                walk.problems.append((level[0], reason))
            break
        level = [folder for listed in walk.listed(level) for folder in listed.folders]
    if roots:
        walk.beside |= {
            folder: None
            for folder in listing.folders
            if not any(root.startswith(folder) for root in roots)
        }
    return roots


def _is_root(folder: str) -> bool:
    return f"/{folder}".lower().endswith(f"/{ROOT}/".lower())


def _descend(walk: Walk, folders: list[str]) -> None:
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
            elif what is Step.SKIP:
                walk.skipped.setdefault(parts[-1])
            else:
                walk.pruned = True
        folders = []
        for listing in walk.listed(opened):
            walk.keep(listing.entries)
            folders += listing.folders
    walk.taken += taken


def _everything(walk: Walk, prefix: str, listing: Listing) -> None:
    """Take what stands below a prefix outside of CloudTrail's own layout."""
    if walk.wanted.accounts or walk.wanted.regions:
        reason = (
            "there is no AWSLogs folder here whose accounts and Regions could be "
            "chosen: leave --account and --region out, or name another prefix"
        )
        walk.problems.append((prefix, reason))
        return
    walk.keep(listing.entries)
    walk.taken += listing.folders


def _missing(walk: Walk, prefix: str) -> None:
    """Describe which accounts and Regions were asked for and are nowhere."""
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
