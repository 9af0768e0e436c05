"""Merge and correlate: the rounds in which rows of one key meet."""

from __future__ import annotations

import itertools
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from checker.evaluate.correlation import Burst, Counts, HitColumns, Signal, Span
from checker.model import DetectionRule, Match
from checker.run.cluster.rows import Kind, Place, Row, Work
from checker.run.scanning.correlations import Correlations, Judged
from checker.run.scanning.duplicates import Counted, DuplicateCounter
from checker.run.scanning.fingerprints import dedup_key, hit_key, shared_key
from checker.spill.key_set import KeySet


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
        while hits := [hit for _, hit in itertools.islice(some, 4096)]:
            correlations.add(HitColumns.of(hits))
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
