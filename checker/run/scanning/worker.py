"""Scan one input: what a process works out before it is put together.

What it gives crosses a process border, and is therefore small and plain.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import NamedTuple

from checker.evaluate.correlation import Plan, Signal, located
from checker.evaluate.detection import batch_reader
from checker.evaluate.detection import detector as detection
from checker.model import (
    Batch,
    Correction,
    DetectionRule,
    Match,
    Unreadable,
)
from checker.parallel.scheduler import Item, map_ordered
from checker.run.scanning.duplicates import pack
from checker.run.scanning.fingerprints import fingerprint
from checker.run.scanning.located_match import LocatedMatch
from checker.sources.events import files, positions
from checker.sources.events.inputs import inside
from checker.sources.events.period import Period


class Scanned(NamedTuple):
    """What one input gave: plain values, which can cross a process border.

    `length` is that of its text in bytes, `records` the number of its events, `outside`
    that of the others, which lie outside the period, and `event_ids` has the eventID of
    each that has one, 16 bytes each.  `others` names columns that were left out.
    """

    uri: str
    size: int
    length: int = 0
    digests: int = 0
    records: int = 0
    outside: int = 0
    event_ids: bytes = b""
    rows: tuple[LocatedMatch, ...] = ()
    hits: tuple[Signal, ...] = ()
    corrections: tuple[Correction, ...] = ()
    untimed: int = 0
    problems: tuple[Unreadable, ...] = ()
    others: tuple[str, ...] = ()


def scan_inputs(  # noqa: PLR0913 - what, of what, and how
    rules: Sequence[DetectionRule],
    plan: Plan,
    inputs: Iterable[Item],
    jobs: int,
    remark: Callable[[str], None] | None = None,
    *,
    period: Period | None = None,
) -> Generator[Scanned]:
    """Scan inputs in their order, here or in `jobs` processes (`run.spread`)."""
    arguments = (tuple(rules), plan, period or Period())
    yield from map_ordered(inputs, jobs, _scanner, *arguments, remark=remark)


def _scanner(
    rules: Sequence[DetectionRule], plan: Plan, period: Period
) -> Callable[[Item], Scanned]:
    detector = detection.compile_rules(rules, plan.carried, plan.quiet)
    by_name = {rule.name: rule for rule in rules}
    return functools.partial(_scan_input, detector, by_name, period)


def _scan_input(
    detector: detection.Detector,
    rules: Mapping[str, DetectionRule],
    period: Period,
    each: Item,
) -> Scanned:
    if isinstance(each, Unreadable):
        return Scanned(each.uri, 0, problems=(each,))
    length = digests = records = outside = untimed = 0
    event_ids: list[bytes] = []
    rows: list[LocatedMatch] = []
    hits: list[Signal] = []
    corrections: list[Correction] = []
    problems: list[Unreadable] = []
    others: list[str] = []
    for part in inside(files.read(each, detector.header), period):
        if isinstance(part, Unreadable):
            problems.append(part)
        elif isinstance(part, Batch):
            length += len(part.text)
            outside += part.outside
            others += part.others
            found = detection.evaluate(detector, part)
            records += len(found.event_ids)
            event_ids.append(pack(found.event_ids))
            corrections.extend(batch_reader.corrections(part))
            problems.extend((*part.problems, *found.problems))
            # A batch without any is not searched.
            wanted = {match.record for match in found.matches}
            wanted.update(hit.record for hit in found.hits)
            places = positions.locate(part, wanted)
            rows.extend(
                [
                    _row(rules[match.rule], match, part.uri, places[match.record])
                    for match in found.matches
                ]
            )
            hits.extend([located(hit, places[hit.record][1:]) for hit in found.hits])
            untimed += found.untimed
        else:
            digests += 1
    return Scanned(
        uri=each.uri,
        size=each.size,
        length=length,
        digests=digests,
        records=records,
        outside=outside,
        event_ids=b"".join(event_ids),
        rows=tuple(rows),
        hits=tuple(hits),
        corrections=tuple(corrections),
        untimed=untimed,
        problems=tuple(problems),
        others=tuple(others),
    )


def _row(
    rule: DetectionRule, match: Match, uri: str, place: positions.RecordPosition
) -> LocatedMatch:
    name, record, subject, evidence, lowered = match
    identity = subject["id"] or f"{uri}\x1f{record}"
    mark = fingerprint(rule, f"event\x1f{identity}")
    return LocatedMatch(name, subject, (uri, *place), evidence, mark, lowered)
