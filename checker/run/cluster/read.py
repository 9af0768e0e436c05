"""List and scan: the first round, which alone reads inputs."""

from __future__ import annotations

import operator
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

from checker.evaluate.correlation import Signal
from checker.model import Correction, Match, Unreadable
from checker.parallel.gc_pause import gc_paused
from checker.run.cluster import sizes
from checker.run.cluster.rows import WHOLE, Kind, Listing, Place, Row, Work
from checker.run.scanning.duplicates import SIZE
from checker.run.scanning.fingerprints import hit_key
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

Item = TypeVar("Item")


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
            weight += size(each) + sizes.OBJECT
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
            yield from _split(tuple(piece.hits), Kind.HIT, at, work, _bucket_of_hit)
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
