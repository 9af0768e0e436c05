"""Part the listing of inputs into units, so that several machines list at once.

A unit is some folders of a bucket, or the files and folders that were named.  It names
what is to be listed and holds none of it: the objects of 10^8 are found where the unit
is listed, never where it was made.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from checker.errors import UsageError
from checker.model import Unreadable
from checker.sources.events import files
from checker.sources.events.files import STDIN, Input
from checker.sources.events.inputs import (
    Found,
    InputFilter,
    refuse_filter,
    scheme,
)
from checker.sources.events.remote import s3
from checker.sources.events.remote.listing import (
    THREADS,
    Entry,
    Problem,
    Walk,
    conclude,
    survey,
)
from checker.sources.events.remote.query import S3

MOST_UNITS: Final = 4096
"""The most units of one bucket: what the driver of a cluster holds."""

Listed: TypeAlias = Input | Unreadable | tuple[str, Entry]
"""What a unit lists, picklable: an object comes with the address of its bucket."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one task lists: paths, or folders and known objects of a bucket.

    A unit without any is a place in the order for what is wrong with the whole.
    """

    paths: tuple[str, ...] = ()
    address: str = ""
    folders: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a unit has to say besides what it lists."""

    others: Counter[str] = field(default_factory=Counter)
    pruned: bool = False
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bucket:
    """A bucket that was surveyed: its units, the last of them for its problems."""

    address: str
    prefix: str
    walk: Walk
    units: range


class Survey:
    """The units of some inputs, in the order of `inputs.find`."""

    def __init__(self, inputs: Sequence[str], wanted: InputFilter) -> None:
        """Find the units; raises `UsageError` for inputs that have none."""
        refuse_filter(inputs, wanted)
        self.units: list[Unit] = []
        self._wanted = wanted
        self._buckets: list[_Bucket] = []
        self._problems: list[tuple[int, Unreadable]] = []
        for kind, group in itertools.groupby(inputs, scheme):
            given = tuple(group)
            if STDIN in given or kind not in (None, S3):
                odd = STDIN if STDIN in given else given[0]
                raise UsageError(f"{odd}: a cluster reads files and s3:// inputs")
            if kind is None:
                self.units.append(Unit(paths=given))
                continue
            for address in given:
                self._survey(address)

    def _survey(self, address: str) -> None:
        store = s3.open_store(address, self._wanted)
        if isinstance(store, Unreadable):
            self._problems.append((len(self.units), store))
            self.units.append(Unit())
            return
        bucket, prefix = s3.split(address)
        walk = survey(store.listed, prefix, self._wanted)
        first = len(self.units)
        self.units += _units(f"{S3}{bucket}", walk)
        self.units.append(Unit())
        units = range(first, len(self.units))
        self._buckets.append(_Bucket(f"{S3}{bucket}", prefix, walk, units))

    def conclude(
        self, told: Mapping[int, Told], counts: Mapping[int, int]
    ) -> list[tuple[int, Unreadable]]:
        """Return what is wrong with whole inputs, each with the unit of its place.

        `told` and `counts` have what each unit said, and how much it listed.
        """
        for said in told.values():
            for remark in said.remarks:
                self._wanted.remark(remark)
        found = list(self._problems)
        for bucket in self._buckets:
            walk = bucket.walk
            for said in (told[unit] for unit in bucket.units if unit in told):
                walk.others += said.others
                walk.pruned |= said.pruned
                walk.problems += said.problems
            some = any(counts.get(unit) for unit in bucket.units)
            found += [
                (bucket.units[-1], Unreadable(f"{bucket.address}/{key}", None, reason))
                for key, reason in conclude(walk, bucket.prefix, some=some)
            ]
        return found


def _units(address: str, walk: Walk) -> Iterator[Unit]:
    """Part a walk, in the order in which it lists."""
    things: dict[str, Entry | None] = dict.fromkeys(walk.taken)
    things |= {entry.key: entry for entry in walk.entries}
    names = sorted(things)
    size = -(-len(names) // MOST_UNITS) or 1
    for start in range(0, len(names), size):
        some = [(name, things[name]) for name in names[start : start + size]]
        yield Unit(
            address=address,
            folders=tuple([name for name, entry in some if entry is None]),
            entries=tuple([entry for _, entry in some if entry is not None]),
        )


def list_unit(unit: Unit, wanted: InputFilter) -> Iterator[Listed | Told]:
    """Yield what a unit lists, in order, then what it has to say."""
    if unit.paths:
        remarks: list[str] = []
        yield from files.find(unit.paths, remarks.append)
        yield Told(remarks=tuple(remarks))
        return
    if not unit.address:
        return
    store = s3.open_store(unit.address, wanted)
    if isinstance(store, Unreadable):
        yield store
        return
    with ThreadPoolExecutor(THREADS) as pool:
        entries, folders = list(unit.entries), list(unit.folders)
        walk = Walk(store.listed, wanted, pool, entries, folders)
        for entry in walk.objects():
            yield unit.address, entry
    yield Told(walk.others, walk.pruned, tuple(walk.problems))


def uri(listed: Listed) -> str:
    """Return the name of what was listed, as findings have it."""
    if isinstance(listed, tuple):
        address, entry = listed
        return f"{address}/{entry.key}"
    return listed.uri


def size(listed: Listed) -> int:
    """Return how many bytes there are to read."""
    if isinstance(listed, tuple):
        return listed[1].size
    return listed.size if isinstance(listed, Input) else 0


def found(some: Iterable[Listed], wanted: InputFilter) -> Iterator[Found]:
    """Yield what was listed as it is read, with a client for each bucket."""
    stores: dict[str, s3.Store | Unreadable] = {}
    for each in some:
        if not isinstance(each, tuple):
            yield each
            continue
        address, entry = each
        if address not in stores:
            stores[address] = s3.open_store(address, wanted)
        store = stores[address]
        if isinstance(store, Unreadable):
            yield Unreadable(uri(each), None, store.reason)
        else:
            yield store.remote(entry)
