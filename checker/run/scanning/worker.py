"""Scan one input: what a process works out before it is put together.

What it gives crosses a process border, and is therefore small and plain.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

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
from checker.run.scanning.fingerprints import of_events
from checker.run.scanning.located_match import LocatedMatch
from checker.sources.events import files, positions
from checker.sources.events.inputs import inside
from checker.sources.events.period import Period

PIECE = 1_000
"""After so many findings, matches and problems what an input gave is handed on."""


class Scanned(NamedTuple):
    """A piece of what one input gave: plain values, which can cross a process border.

    Most inputs give one piece; of several only the `last` has the input's `size`.
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
    last: bool = True


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
) -> Callable[[Item], Iterator[Scanned]]:
    detector = detection.compile_rules(rules, plan.carried, plan.quiet)
    marks = {rule.name: of_events(rule) for rule in rules}
    return functools.partial(_scan_input, detector, marks, period)


_Marks: TypeAlias = Mapping[str, Callable[[str], str]]
"""What gives a finding on an event its fingerprint, by the name of the rule."""


@dataclass(slots=True)
class _Piece:
    """What an input has given since its last piece."""

    length: int = 0
    digests: int = 0
    records: int = 0
    outside: int = 0
    untimed: int = 0
    event_ids: list[bytes] = field(default_factory=list)
    rows: list[LocatedMatch] = field(default_factory=list)
    hits: list[Signal] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    problems: list[Unreadable] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Return whether it is to be handed on."""
        rows, hits, problems = len(self.rows), len(self.hits), len(self.problems)
        return rows + hits + problems + len(self.corrections) > PIECE

    def add(
        self,
        detector: detection.Detector,
        marks: _Marks,
        part: Batch,
    ) -> None:
        """Evaluate a batch, and take what it gave."""
        self.length += len(part.text)
        self.outside += part.outside
        self.others += part.others
        found = detection.evaluate(detector, part)
        self.records += len(found.event_ids)
        self.event_ids.append(pack(found.event_ids))
        self.corrections.extend(batch_reader.corrections(part))
        self.problems.extend((*part.problems, *found.problems))
        # A batch without any is not searched.
        wanted = {match.record for match in found.matches}
        wanted.update(hit.record for hit in found.hits)
        places = positions.locate(part, wanted)
        self.rows.extend(
            [
                _row(marks[match.rule], match, part.uri, places[match.record])
                for match in found.matches
            ]
        )
        self.hits.extend([located(hit, places[hit.record][1:]) for hit in found.hits])
        self.untimed += found.untimed

    def scanned(self, each: Item, *, last: bool) -> Scanned:
        """Return it as plain values."""
        return Scanned(
            uri=each.uri,
            size=each.size if last and isinstance(each, files.Input) else 0,
            length=self.length,
            digests=self.digests,
            records=self.records,
            outside=self.outside,
            event_ids=b"".join(self.event_ids),
            rows=tuple(self.rows),
            hits=tuple(self.hits),
            corrections=tuple(self.corrections),
            untimed=self.untimed,
            problems=tuple(self.problems),
            others=tuple(self.others),
            last=last,
        )


def _scan_input(
    detector: detection.Detector,
    marks: _Marks,
    period: Period,
    each: Item,
) -> Iterator[Scanned]:
    """Scan one input; the same pieces for the same input, whoever scans it."""
    piece = _Piece()
    if isinstance(each, Unreadable):
        piece.problems.append(each)
        yield piece.scanned(each, last=True)
        return
    parts = inside(files.read(each, detector.header), period)
    while True:
        try:
            part = next(parts, None)
            if part is None:
                break
            if isinstance(part, Unreadable):
                piece.problems.append(part)
            elif isinstance(part, Batch):
                piece.add(detector, marks, part)
            else:
                piece.digests += 1
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - it must not end the others' scan
            reason = f"reading it failed ({type(error).__name__}: {error!s:.200})"
            piece.problems.append(Unreadable(each.uri, None, reason))
            break
        if piece.is_full:
            yield piece.scanned(each, last=False)
            piece = _Piece()
    yield piece.scanned(each, last=True)


def _row(
    mark: Callable[[str], str],
    match: Match,
    uri: str,
    place: positions.RecordPosition,
) -> LocatedMatch:
    name, record, subject, evidence, lowered = match
    # An eventID need not be text.
    fingerprint = mark(str(subject["id"] or f"{uri}\x1f{record}"))
    return LocatedMatch(name, subject, (uri, *place), evidence, fingerprint, lowered)
