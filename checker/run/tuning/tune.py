"""Run rules, propose exceptions for what is marked, and run them with these."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from checker import documents
from checker.errors import DocumentError, RulesError, SourceError, UsageError
from checker.model import AnyRule, Finding, Report, Status, Unreadable
from checker.rules import exceptions
from checker.run.audit import audit
from checker.run.collect import collect
from checker.run.policy.exceptions import Exceptions
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.scan import scan
from checker.run.tuning.propose import propose
from checker.run.tuning.recorder import Recorder
from checker.sources.events.inputs import InputFilter

_MARK: Final = re.compile(r"[0-9a-f]{8,64}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VOLATILE: Final = re.compile(
    r".*(?:ID|Id|Token|Time|Date|time|date|Key)|.*[Uu]serAgent.*|tlsDetails.*"
)
_DEEPEST: Final = 4
_MOST_PATHS: Final = 60
_LONGEST: Final = 200
_ALWAYS: Final = ("eventName", "eventSource", "userIdentity.type")


@dataclass(frozen=True, slots=True)
class Given:
    """What is run: rules over events and settings, with what they build on."""

    rules: Sequence[AnyRule]
    bases: Sequence[AnyRule] = ()
    events: Sequence[str] = ()
    settings: Sequence[str] = ()
    wanted: InputFilter | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """Proposals as entries of a file of exceptions, and what came of trying them.

    `covered` of the `marked` findings are covered by the entries, and so are `wrongly`
    ones that are not marked.  Nothing tells the `inseparable` from others.
    """

    entries: tuple[dict[str, Any], ...]
    marked: tuple[Finding, ...]
    covered: int
    wrongly: tuple[Finding, ...]
    inseparable: tuple[Finding, ...]
    others: int
    problems: tuple[Unreadable, ...] = field(default=())


def tune(
    given: Given, marks: Sequence[str], today: date, words: Mapping[str, str]
) -> Tuning:
    """Propose exceptions for the findings that some marks name, and try them.

    A mark is a fingerprint, its beginning of eight characters or more, or an eventID.
    `words` are the `reason`, `owner` and `expires` of the entries.  Raises `UsageError`
    for a mark that names no finding.
    """
    found, problems = _run(given, NONE)
    if problems and not found:
        raise SourceError(problems[0].uri, problems[0].reason)
    marked = _marked(found, marks)
    if not marked:
        raise UsageError("--false: no mark is given: name fingerprints, or a file")
    paths = _paths(given, marked)
    recorder = Recorder(paths=paths)
    recorded, _ = _run(given, recorder)
    entries: list[dict[str, Any]] = []
    inseparable: list[Finding] = []
    for name in sorted({finding.rule.name for finding in marked.values()}):
        of_rule = [each for each in recorded if each.rule.name == name]
        proposals, lost = _of_rule(of_rule, marked, recorder, paths.get(name, ()))
        entries += [{"rule": name, "match": each, **words} for each in proposals]
        inseparable += lost
    accepted = _accepted(given, entries, today)
    return Tuning(
        tuple(entries),
        tuple(marked.values()),
        sum(mark in marked for mark in accepted),
        tuple(each for mark, each in accepted.items() if mark not in marked),
        tuple(inseparable),
        len(found) - len(marked),
        problems,
    )


def _run(given: Given, policy: Policy) -> tuple[list[Finding], tuple[Unreadable, ...]]:
    """Return the findings of events and settings."""
    reports: list[Report] = []
    if given.events:
        prepared = policy.prepared(given.rules)
        reports.append(
            scan(
                prepared,
                given.events,
                bases=given.bases,
                wanted=given.wanted,
                policy=policy,
            )
        )
    if given.settings:
        reports.append(audit(given.rules, given.settings, policy))
    findings = [
        finding
        for report in reports
        for finding in report.findings
        if finding.status is Status.FAIL
    ]
    return findings, tuple(each for report in reports for each in report.problems)


def _marked(findings: Sequence[Finding], marks: Sequence[str]) -> dict[str, Finding]:
    """Return the findings that marks name, by their fingerprints."""
    by_event: dict[object, list[Finding]] = {}
    for finding in findings:
        by_event.setdefault(finding.subject.get("id"), []).append(finding)
    found: dict[str, Finding] = {}
    for mark in dict.fromkeys(marks):
        named = by_event.get(mark) or [
            each
            for each in findings
            if _MARK.fullmatch(mark) and each.fingerprint.startswith(mark)
        ]
        if not named:
            raise UsageError(
                f"--false {mark}: no finding has that fingerprint or eventID here"
            )
        found.update({each.fingerprint: each for each in named})
    return found


def _of_rule(
    findings: Sequence[Finding],
    marked: Collection[str],
    recorder: Recorder,
    paths: Sequence[str],
) -> tuple[list[Mapping[str, Any]], list[Finding]]:
    known = {
        each.fingerprint: facts
        for each in findings
        if (facts := recorder.facts_of(each)) is not None
    }
    false = [facts for mark, facts in known.items() if mark in marked]
    true = [facts for mark, facts in known.items() if mark not in marked]
    proposals, lost = propose(false, true, paths)
    gone = {id(each) for each in lost}
    left = [f for f in findings if id(known.get(f.fingerprint)) in gone]
    return [each.match for each in proposals], left


def _paths(given: Given, marked: Mapping[str, Finding]) -> dict[str, tuple[str, ...]]:
    """Return the fields of the marked findings' events, by the rule's name."""
    ids = {str(finding.subject.get("id")) for finding in marked.values()}
    events = (
        collect(given.events, ids=ids, wanted=given.wanted).events
        if given.events
        else ()
    )
    by_id = {event.get("eventID"): event for event in events}
    found: dict[str, dict[str, None]] = {}
    for finding in marked.values():
        event = by_id.get(finding.subject.get("id"), {})
        of_rule = found.setdefault(finding.rule.name, dict.fromkeys(_ALWAYS))
        for part in ("requestParameters", "additionalEventData", "responseElements"):
            of_rule.update(dict.fromkeys(_fields(event.get(part), part)))
        group = finding.evidence.get("group")
        if isinstance(group, Mapping):
            of_rule.update(dict.fromkeys(map(str, group)))
    return {name: tuple(paths)[:_MOST_PATHS] for name, paths in found.items()}


def _fields(value: Any, path: str, depth: int = 1) -> Iterator[str]:
    """Yield the paths of values that an exception can ask for."""
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            if _NAME.fullmatch(key):
                yield from _fields(inner, f"{path}.{key}", depth + 1)
        return
    values = value if isinstance(value, list) else [value]
    short = all(
        isinstance(each, str | int | float) and len(str(each)) <= _LONGEST
        for each in values
    )
    if values and short and not _VOLATILE.fullmatch(path):
        yield path


def _accepted(
    given: Given, entries: Sequence[dict[str, Any]], today: date
) -> dict[str, Finding]:
    """Run with the proposals, read as a file of theirs would be."""
    if not entries:
        return {}
    document = documents.load_json("proposals", json.dumps({"exceptions": [*entries]}))
    problems: list[DocumentError] = []
    read = exceptions.read(document, problems)
    if problems:
        raise RulesError(problems)
    policy = Policy(Exceptions(read, given.rules, today))
    findings, _ = _run(given, policy)
    return {each.fingerprint: each for each in findings if each.suppressed}
