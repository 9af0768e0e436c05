"""This module scans events: inputs are read, rules evaluated, copies left out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.evaluate import correlation, detection, reading
from checker.evaluate.correlation import Baseline, Hit, Plan
from checker.model import (
    AnyRule,
    Batch,
    Correction,
    CorrelationRule,
    DetectionRule,
    Finding,
    Location,
    Match,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.run import correlations
from checker.run.copies import Copies
from checker.run.report import fingerprint
from checker.run.spread import processes, spread
from checker.sources import files, positions

Advance = Callable[[int, str], None]
"""Called after each input with the bytes it took on disk, and its name."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one input gave: plain values, which can cross a process border.

    `events` has, for each batch, its uri and the number and eventID of each event;
    `corrections` says which eventID corrects which (`evaluate.reading.corrections`).
    """

    uri: str
    size: int
    bytes: int = 0
    digests: int = 0
    events: tuple[tuple[str, tuple[int, ...], tuple[str | None, ...]], ...] = ()
    matches: tuple[tuple[Match, Location], ...] = ()
    hits: tuple[tuple[Hit, Location], ...] = ()
    corrections: tuple[Correction, ...] = ()
    untimed: int = 0
    problems: tuple[Unreadable, ...] = ()

    @property
    def count(self) -> int:
        """How many events could be read."""
        return sum(len(records) for _, records, _ in self.events)


@dataclass
class _Tally:
    """The counts of a run while it goes on."""

    inputs: int = 0
    bytes: int = 0
    events: int = 0
    duplicates: int = 0
    digests: int = 0
    untimed: int = 0
    unreadable: int = 0


def scan(  # noqa: PLR0913 - each is an option of the command
    rules: Iterable[AnyRule],
    inputs: Sequence[str],
    *,
    bases: Iterable[AnyRule] = (),
    baseline: Baseline | None = None,
    jobs: int | None = 1,
    advance: Advance | None = None,
) -> Report:
    """Evaluate the detections and correlations on the events of some files and folders.

    `inputs` are paths, globs or `-`; `jobs` is the number of processes, None for one on
    each core where there is enough to read.  An event that comes twice (the same
    eventID) counts once, where it came first, and one that another event of the input
    corrects (`addendum.reason` UPDATED_DATA, `addendum.originalEventID`) does not count
    at all: the correcting one stands for both, and the other is a duplicate.  `bases`
    are rules that report nothing, but that the correlations among `rules` may build on,
    and `baseline` is what the `first_seen` ones have seen before.
    """
    chosen = {rule.name: rule for rule in rules}
    known = {rule.name: rule for rule in bases} | chosen
    plan = correlation.plan(known.values(), chosen.values())
    detections = [
        rule
        for rule in known.values()
        if isinstance(rule, DetectionRule)
        and (rule.name in chosen or rule.name in plan.carried)
    ]
    by_name = {rule.name: rule for rule in detections}
    tally = _Tally()
    known_events = Copies()
    findings: list[Finding] = []
    correlated = correlations.Correlations(chosen, plan, baseline)
    problems: list[Unreadable] = []
    listed = list(files.find(inputs))
    for scanned in scan_inputs(detections, plan, listed, jobs or processes(listed)):
        copies = known_events.find(scanned.events, scanned.corrections)
        tally.inputs += 1
        tally.bytes += scanned.bytes
        tally.digests += scanned.digests
        tally.duplicates += len(copies)
        tally.events += scanned.count - len(copies)
        tally.unreadable += any(each.record is None for each in scanned.problems)
        tally.untimed += scanned.untimed
        problems.extend(scanned.problems)
        correlated.add(
            (hit, location)
            for hit, location in scanned.hits
            if (location.uri, hit.record) not in copies
        )
        findings.extend(
            _event_finding(by_name[match.rule], match, location)
            for match, location in scanned.matches
            if (location.uri, match.record) not in copies
        )
        if advance:
            advance(scanned.size, scanned.uri)
    gone = known_events.superseded()
    if gone:
        tally.duplicates += len(gone)
        tally.events -= len(gone)
        findings = [each for each in findings if each.subject["id"] not in gone]
    outcome = correlated.finish(gone, tally.untimed)
    findings.extend(outcome.findings)
    statistics = Statistics(
        inputs=tally.inputs,
        bytes=tally.bytes,
        events=tally.events,
        duplicates=tally.duplicates,
        digests=tally.digests,
        unreadable_inputs=tally.unreadable,
        unreadable_records=sum(problem.record is not None for problem in problems),
        rules=sum(
            isinstance(rule, DetectionRule | CorrelationRule)
            for rule in chosen.values()
        ),
        findings=len(findings),
        correlated=outcome.matches,
        untimed=tally.untimed,
        evicted_groups=outcome.evicted,
        clipped_events=outcome.clipped,
    )
    return Report(
        findings=tuple(findings),
        statistics=statistics,
        problems=tuple(problems),
        notes=outcome.notes,
    )


def scan_inputs(
    rules: Sequence[DetectionRule],
    plan: Plan,
    inputs: Iterable[files.Input | Unreadable],
    jobs: int,
) -> Iterator[Scanned]:
    """Scan inputs in their order, here or in `jobs` processes."""
    yield from spread(inputs, jobs, _scanner, tuple(rules), plan)


def _scanner(
    rules: Sequence[DetectionRule], plan: Plan
) -> Callable[[files.Input | Unreadable], Scanned]:
    detector = detection.compile_rules(rules, plan.carried, plan.quiet)
    return functools.partial(_scan_input, detector)


def _scan_input(
    detector: detection.Detector, each: files.Input | Unreadable
) -> Scanned:
    if isinstance(each, Unreadable):
        return Scanned(each.uri, 0, problems=(each,))
    size = digests = untimed = 0
    events: list[tuple[str, tuple[int, ...], tuple[str | None, ...]]] = []
    matches: list[tuple[Match, Location]] = []
    hits: list[tuple[Hit, Location]] = []
    corrections: list[Correction] = []
    problems: list[Unreadable] = []
    for part in files.read(each):
        if isinstance(part, Unreadable):
            problems.append(part)
        elif isinstance(part, Batch):
            size += len(part.text)
            found = detection.evaluate(detector, part)
            events.append((part.uri, found.records, found.event_ids))
            corrections.extend(reading.corrections(part))
            problems.extend((*part.problems, *found.problems))
            # A batch without any is not searched.
            wanted = {match.record for match in found.matches}
            wanted.update(hit.record for hit in found.hits)
            places = positions.locate(part, wanted)
            matches.extend((match, places[match.record]) for match in found.matches)
            hits.extend((hit, places[hit.record]) for hit in found.hits)
            untimed += found.untimed
        else:
            digests += 1
    return Scanned(
        uri=each.uri,
        size=each.size,
        bytes=size,
        digests=digests,
        events=tuple(events),
        matches=tuple(matches),
        hits=tuple(hits),
        corrections=tuple(corrections),
        untimed=untimed,
        problems=tuple(problems),
    )


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
