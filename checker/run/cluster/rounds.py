"""What each task of a cluster does: pure, but that the first round reads its inputs."""

from __future__ import annotations

import enum
import itertools
import operator
import zlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from checker.evaluate.correlation import (
    Addresses,
    Burst,
    Counts,
    Learned,
    Shares,
    Signal,
    Span,
    nameless,
)
from checker.model import Correction, DetectionRule, Match, Unreadable
from checker.parallel.gc_pause import gc_paused
from checker.run.scanning.correlations import Correlations, Judged
from checker.run.scanning.duplicates import SIZE, Counted, DuplicateCounter
from checker.run.scanning.fingerprints import dedup_key, hit_key, shared_key
from checker.run.scanning.job import Job
from checker.run.scanning.reading import read_inputs
from checker.run.scanning.tally import MOST_PROBLEMS, Tally
from checker.run.scanning.worker import detecting
from checker.sources.events.inputs import Found, InputFilter
from checker.sources.events.units import (
    Listed,
    Told,
    Unit,
    found,
    list_unit,
    size,
    uri,
)
from checker.spill.key_set import KeySet

Place: TypeAlias = tuple[int, int]
"""Where an input stands among all: its unit, and its place in that."""

Key: TypeAlias = tuple[Any, ...]
"""The bucket of a row, then its order there: kind, place, piece."""

Row: TypeAlias = tuple[Key, Any]
Item = TypeVar("Item")

OBJECT_WEIGHT: Final = 16 << 10
"""What an object costs besides its bytes: to ask for it takes as long as to evaluate
some 16 KiB.  Small objects are packed by their number, large ones by their bytes."""

WHOLE: Final = -1
"""The place, in a unit, of what the unit says of itself."""


class Kind(enum.IntEnum):
    """What a row is; rows of a bucket come in this order."""

    TALLY = 0
    PROBLEM = 1
    CORRECTION = 2
    OTHERS = 3
    IDS = 4
    MATCH = 5
    HIT = 6
    SHARED = 7
    GROUPED = 8
    MERGED = 9


@dataclass(frozen=True, slots=True)
class Work:
    """What every task needs: picklable, sent once to each machine.

    There are `buckets` of eventIDs, matches and hits, and as many of groups.  With
    `keeps`, matches are handed on to become findings elsewhere, in the order of inputs:
    `ends` then has, for each unit, how many inputs were listed up to its end.
    """

    job: Job
    wanted: InputFilter
    buckets: int
    learned: Learned | None = None
    addresses: Addresses | None = None
    keeps: bool = True
    ends: tuple[int, ...] = ()

    @property
    def ledger(self) -> int:
        """The bucket that is read first in the second round."""
        return 2 * self.buckets

    @property
    def shares(self) -> Shares:
        """What the correlations are split into."""
        label = self.addresses.label if self.addresses else nameless
        return Shares(self.job.plan, label)


@dataclass(frozen=True, slots=True)
class Listing:
    """How much a unit listed: a number of inputs, and their weight."""

    count: int
    weight: int
    told: Told


def list_units(
    units: Iterable[tuple[int, Unit]], wanted: InputFilter
) -> Iterator[tuple[Place, Listed | Listing]]:
    """Yield what some units list, each with its place, and what each says."""
    for number, unit in units:
        count = weight = 0
        told = Told()
        for each in list_unit(unit, wanted):
            if isinstance(each, Told):
                told = each
                continue
            yield (number, count), each
            count += 1
            weight += size(each) + OBJECT_WEIGHT
        yield (number, WHOLE), Listing(count, weight, told)


def share_of(listed: Listed, shares: int) -> int:
    """Return which task reads an input, by its name alone.

    A listing that is made again, because a machine was lost, may have more in it: that
    moves no other input to another task.
    """
    return zlib.crc32(uri(listed).encode("utf-8", "surrogateescape")) % shares


def scan_share(work: Work, listed: Iterable[tuple[Place, Listed]]) -> Iterator[Row]:
    """Yield the rows of some inputs, by the pure call of `scan --jobs`.

    What cannot be read is a row as well.  An input that comes twice, for two of those
    that were named hold it, is read once.
    """
    first: dict[str, tuple[Place, Listed]] = {}
    for place, each in sorted(listed, key=operator.itemgetter(0)):
        first.setdefault(uri(each), (place, each))
    places: deque[Place] = deque()
    inputs = found((each for _, each in first.values()), work.wanted)

    def placed() -> Iterator[Found]:
        for (place, _), each in zip(first.values(), inputs, strict=True):
            places.append(place)
            yield each

    tally = Tally()
    ids: dict[int, bytearray] = {}
    with gc_paused() as step:
        for number, piece in enumerate(
            read_inputs(placed(), work.wanted, 1, detecting, work.job)
        ):
            place = places.popleft() if piece.last else places[0]
            room = MOST_PROBLEMS - len(tally.problems)
            tally.take(piece._replace(event_ids=b"", corrections=()))
            at = (place, number)
            for problem in piece.problems[:room]:
                yield (work.buckets, Kind.PROBLEM, *at), problem
            for correction in piece.corrections:
                yield (work.buckets, Kind.CORRECTION, *at), correction
            if piece.others:
                yield (work.buckets, Kind.OTHERS, *at), piece.others
            _split_ids(piece.event_ids, work.buckets, ids)
            yield from _split(piece.matches, Kind.MATCH, at, work, _bucket_of_match)
            yield from _split(piece.hits, Kind.HIT, at, work, _bucket_of_hit)
            step()
    for bucket, some in ids.items():
        yield (bucket, Kind.IDS, (), 0), bytes(some)
    if first:
        last = max(place for place, _ in first.values())
        counts = Tally()
        counts.add(tally)
        counts.last = tally.last
        yield (work.buckets, Kind.TALLY, last, 0), counts


def _split_ids(packed: bytes, buckets: int, into: dict[int, bytearray]) -> None:
    for start in range(0, len(packed), SIZE):
        # The last bytes of a random GUID.
        each = packed[start : start + SIZE]
        bucket = int.from_bytes(each[-4:]) % buckets
        held = into.get(bucket)
        if held is None:
            held = into[bucket] = bytearray()
        held += each


def _split(
    some: Collection[Item],
    kind: Kind,
    at: tuple[Place, int],
    work: Work,
    bucket_of: Callable[[Item], int],
) -> Iterator[Row]:
    """Yield the rows of a piece: one for each bucket, of numbers and plain tuples."""
    parts: dict[int, list[tuple[int, tuple[Any, ...]]]] = {}
    for number, each in enumerate(some):
        bucket = bucket_of(each) % work.buckets
        parts.setdefault(bucket, []).append((number, tuple(each)))  # type: ignore[arg-type] # named tuples
    for bucket, part in parts.items():
        yield (bucket, kind, *at), part


def _bucket_of_match(match: Match) -> int:
    return int(match.fingerprint[:8], 16)


def _bucket_of_hit(hit: Signal) -> int:
    return int.from_bytes(hit_key(hit)[:4])


def read_ledger(rows: Iterable[Row]) -> Tally:
    """Return the counts of all inputs, their first problems and their corrections."""
    tally = Tally()
    for (_, kind, *_), value in rows:
        match kind:
            case Kind.TALLY:
                tally.add(value)
                tally.last = value.last
            case Kind.PROBLEM:
                assert isinstance(value, Unreadable)
                tally.list_problem(value)
            case Kind.CORRECTION:
                assert isinstance(value, Correction)
                tally.corrections.add([value])
            case _:
                tally.name_others(value)
    return tally


@dataclass(slots=True)
class Merged:
    """What is known of the whole after the second round, or of a bucket.

    `found` counts the findings by rule and whether the level is lowered, where these do
    not pass the driver.
    """

    counted: Counted = field(default_factory=lambda: Counted(0, frozenset(), 0))
    judged: Judged = field(default_factory=Judged)
    span: Span | None = None
    found: Counter[tuple[str, bool]] = field(default_factory=Counter)
    shared: int = 0

    def add(self, other: Merged) -> None:
        """Add those of another bucket; what is judged apart is handed on apart."""
        one, two = self.counted, other.counted
        self.counted = Counted(
            one.copies + two.copies, one.came | two.came, one.unchecked + two.unchecked
        )
        spans = [each for each in (self.span, other.span) if each]
        if spans:
            self.span = min(s[0] for s in spans), max(s[1] for s in spans)
        self.found += other.found
        self.shared += other.shared
        self.judged = merge_judged(self.judged, other.judged)


def merge_judged(one: Judged, other: Judged) -> Judged:
    """Put together what two shares counted; they have no bursts."""
    counts = dict(one.counts)
    for name, some in other.counts.items():
        counts[name] = counts.get(name, Counts()) + some
    return Judged((), counts, one.matches + other.matches, one.fed | other.fed)


def merge_bucket(
    work: Work, gone: Collection[str], rows: Iterable[Row]
) -> Iterator[Row]:
    """Yield what is left of a bucket without copies, and where it goes next.

    As `ScanCollector.take`: of each finding and each hit the first stands.
    """
    event_ids = DuplicateCounter()
    matches, hits = KeySet(), KeySet()
    merged = Merged()
    grouped = _Grouped(work, gone)
    rules = {rule.name: rule for rule in work.job.detections}
    for (_, kind, *at), value in rows:
        if kind == Kind.IDS:
            event_ids.add(value)
        elif kind == Kind.MATCH:
            new = [
                (number, match)
                for number, match in ((n, Match._make(each)) for n, each in value)
                if matches.add(dedup_key(match.fingerprint))
            ]
            if work.keeps:
                output = _output(work, at[0])
                for number, match in new:
                    yield (output, Kind.MATCH, *at, number), tuple(match)
            else:
                yield from _finish(work, rules, gone, new, merged.found)
        else:
            some = [Signal._make(each) for _, each in value]
            yield from grouped.rows(hit for hit in some if hits.add(hit_key(hit)))
    merged.counted = event_ids.finish(gone)
    merged.judged, merged.span = grouped.judged(), grouped.span
    yield (work.ledger, Kind.MERGED), merged


def _output(work: Work, place: Place) -> int:
    """Return the bucket in which an input's findings stand in the order of inputs."""
    unit, index = place
    before = work.ends[unit - 1] if unit else 0
    total = max(work.ends[-1], 1)
    return work.buckets + min(
        (before + index) * work.buckets // total, work.buckets - 1
    )


def _finish(
    work: Work,
    rules: dict[str, DetectionRule],
    gone: Collection[str],
    new: Iterable[tuple[int, Match]],
    counts: Counter[tuple[str, bool]],
) -> Iterator[Row]:
    """Yield the findings that no one else decides about, by day and account."""
    for _, match in new:
        shared = shared_key(rules[match.rule], match.evidence)
        if shared is not None:
            bucket = int.from_bytes(shared[:4]) % work.buckets
            yield (bucket, Kind.SHARED, 0), shared
        if match.subject["id"] in gone:
            continue
        counts[match.rule, match.lowered] += 1
        day, account = str(match.subject["eventTime"])[:10], match.subject["accountId"]
        spread = zlib.crc32(f"{day}\x1f{account}".encode("utf-8", "surrogatepass"))
        yield (work.buckets + spread % work.buckets, Kind.MATCH, 0), tuple(match)


class _Grouped:
    """Sends the hits that count to where their groups are judged."""

    def __init__(self, work: Work, gone: Collection[str]) -> None:
        self._work = work
        self._gone = gone
        self._shares = work.shares
        self._matches = 0
        self._fed: set[str] = set()
        self.span: Span | None = None

    def rows(self, hits: Iterable[Signal]) -> Iterator[Row]:
        for hit in hits:
            if hit.event in self._gone or not self._work.job.plan.steps:
                continue
            self._matches += 1
            self._fed.add(hit.rule)
            first, last = self.span or (hit.time, hit.time)
            self.span = min(first, hit.time), max(last, hit.time)
            for plan, group in self._shares.of(hit):
                yield (group % self._work.buckets, Kind.GROUPED, plan), tuple(hit)

    def judged(self) -> Judged:
        """Return what is counted before the groups are judged."""
        return Judged((), self._shares.counts(), self._matches, frozenset(self._fed))


def read_merged(rows: Iterable[Row]) -> Merged:
    """Return what all buckets have counted."""
    merged = Merged()
    for _, value in rows:
        merged.add(value)
    return merged


def judge_bucket(
    work: Work, span: Span | None, rows: Iterable[Row]
) -> Iterator[Judged | int]:
    """Yield what the correlations of some groups gave.

    Before that, how many of some findings repeat an action (sharedEventID).
    """
    chosen = {rule.name: rule for rule in work.job.chosen}
    plans = work.shares.plans
    for (kind, plan), some in itertools.groupby(rows, _kind_and_plan):
        if kind == Kind.SHARED:
            shared = DuplicateCounter()
            for _, key in some:
                shared.add(key)
            yield shared.finish().copies
            continue
        correlations = Correlations(
            chosen, plans[plan], work.learned, addresses=work.addresses, span=span
        )
        while hits := [Signal._make(hit) for _, hit in itertools.islice(some, 4096)]:
            correlations.add(hits)
        judged = correlations.judge()
        yield Judged(judged.bursts, judged.counts)


def _kind_and_plan(row: Row) -> tuple[int, int]:
    (_, kind, plan, *_), _ = row
    return kind, plan


def bursts_of(judged: Iterable[Judged | int]) -> tuple[list[Burst], Merged]:
    """Part what was judged from its counts, where findings do not pass the driver."""
    bursts: list[Burst] = []
    merged = Merged()
    for each in judged:
        if isinstance(each, int):
            merged.shared += each
            continue
        bursts += each.bursts
        merged.found.update((burst.rule, False) for burst in each.bursts)
        merged.judged = merge_judged(merged.judged, each)
    return bursts, merged
