"""This module scans events: inputs are read, rules evaluated, copies left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from checker.errors import UsageError
from checker.evaluate import detection
from checker.model import (
    AnyRule,
    Batch,
    DetectionRule,
    Finding,
    Location,
    Match,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.run.report import fingerprint
from checker.sources import files, positions

Advance = Callable[[int, str], None]
"""Called after each input with the bytes it took on disk, and its name."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one input gave: plain values, which can cross a process border."""

    uri: str
    size: int
    bytes: int = 0
    digests: int = 0
    event_ids: tuple[str | None, ...] = ()
    records: tuple[int, ...] = ()
    matches: tuple[tuple[Match, Location], ...] = ()
    problems: tuple[Unreadable, ...] = ()


@dataclass
class _Tally:
    """The counts of a run while it goes on."""

    inputs: int = 0
    bytes: int = 0
    events: int = 0
    duplicates: int = 0
    digests: int = 0


def scan(
    rules: Iterable[AnyRule],
    inputs: Sequence[str],
    *,
    jobs: int = 1,
    advance: Advance | None = None,
) -> Report:
    """Evaluate the detection rules on the events of some files and folders.

    `inputs` are paths, globs or `-`; `jobs` is the number of processes.  An event that
    comes twice (the same eventID) counts once, where it came first.
    """
    detections = [rule for rule in rules if isinstance(rule, DetectionRule)]
    by_name = {rule.name: rule for rule in detections}
    tally = _Tally()
    seen: set[str] = set()
    findings: list[Finding] = []
    problems: list[Unreadable] = []
    for scanned in _scan_all(detections, files.find(inputs), jobs):
        copies = _copies(scanned, seen)
        tally.inputs += 1
        tally.bytes += scanned.bytes
        tally.digests += scanned.digests
        tally.duplicates += len(copies)
        tally.events += len(scanned.records) - len(copies)
        problems.extend(scanned.problems)
        findings.extend(
            _event_finding(by_name[match.rule], match, location)
            for match, location in scanned.matches
            if match.record not in copies
        )
        if advance:
            advance(scanned.size, scanned.uri)
    statistics = Statistics(
        inputs=tally.inputs,
        bytes=tally.bytes,
        events=tally.events,
        duplicates=tally.duplicates,
        digests=tally.digests,
        unreadable_inputs=sum(problem.record is None for problem in problems),
        unreadable_records=sum(problem.record is not None for problem in problems),
        rules=len(detections),
        findings=len(findings),
    )
    return Report(
        findings=tuple(findings), statistics=statistics, problems=tuple(problems)
    )


def _scan_all(
    rules: Sequence[DetectionRule],
    inputs: Iterable[files.Input | Unreadable],
    jobs: int,
) -> Iterator[Scanned]:
    """Scan inputs in their order, here or in `jobs` processes."""
    if jobs <= 1:
        detector = detection.compile_rules(rules)
        for each in inputs:
            yield _scan_input(detector, each)
        return
    with ProcessPoolExecutor(jobs, initializer=_prepare, initargs=(rules,)) as pool:
        yield from pool.map(_scan_here, inputs)


_detector: detection.Detector | None = None


def _prepare(rules: Sequence[DetectionRule]) -> None:
    """Compile the rules once in each worker: closures cannot cross a process border."""
    global _detector  # noqa: PLW0603 - a worker process serves one scan
    _detector = detection.compile_rules(rules)


def _scan_here(each: files.Input | Unreadable) -> Scanned:
    if _detector is None:
        raise UsageError("the worker process was not prepared")
    return _scan_input(_detector, each)


def _scan_input(
    detector: detection.Detector, each: files.Input | Unreadable
) -> Scanned:
    if isinstance(each, Unreadable):
        return Scanned(each.uri, 0, problems=(each,))
    size = digests = 0
    event_ids: list[str | None] = []
    records: list[int] = []
    matches: list[tuple[Match, Location]] = []
    problems: list[Unreadable] = []
    for part in files.read(each):
        if isinstance(part, Unreadable):
            problems.append(part)
        elif isinstance(part, Batch):
            size += len(part.text)
            evaluated = detection.evaluate(detector, part)
            event_ids.extend(evaluated.event_ids)
            records.extend(evaluated.records)
            problems.extend((*part.problems, *evaluated.problems))
            matches.extend(_located(part, evaluated.matches))
        else:
            digests += 1
    return Scanned(
        each.uri,
        each.size,
        size,
        digests,
        tuple(event_ids),
        tuple(records),
        tuple(matches),
        tuple(problems),
    )


def _located(
    batch: Batch, matches: Sequence[Match]
) -> Iterator[tuple[Match, Location]]:
    """Find where the matches stand; a batch without any is not searched."""
    places = positions.locate(batch, {match.record for match in matches})
    for match in matches:
        yield match, places[match.record]


def _copies(scanned: Scanned, seen: set[str]) -> set[int]:
    """Give the records of an input whose eventID came before, and remember the rest."""
    copies: set[int] = set()
    for number, event_id in zip(scanned.records, scanned.event_ids, strict=True):
        if event_id is None:
            continue
        if event_id in seen:
            copies.add(number)
        seen.add(event_id)
    return copies


def _event_finding(rule: DetectionRule, match: Match, location: Location) -> Finding:
    identity = match.subject["id"] or f"{location.uri}\x1f{location.record}"
    return Finding(
        rule=rule,
        status=Status.FAIL,
        subject=match.subject,
        location=location,
        evidence=match.evidence,
        message=_sentence(rule, match.subject),
        fingerprint=fingerprint(rule, f"event\x1f{identity}"),
    )


def _sentence(rule: DetectionRule, subject: Mapping[str, Any]) -> str:
    """Say in one sentence what happened, who did it, where and when."""
    parts = [f"{subject['eventName']} by {subject['principal'] or 'an unnamed caller'}"]
    if subject["sourceIPAddress"]:
        parts.append(f"from {subject['sourceIPAddress']}")
    if subject["awsRegion"]:
        parts.append(f"in {subject['awsRegion']}")
    if subject["eventTime"]:
        parts.append(f"at {subject['eventTime']}")
    return f"{rule.title}: {' '.join(parts)}."
