"""Write a report as JUnit XML, for the test pages of Jenkins, GitLab and others.

Each outcome is a test case under the name of its rule: what is wrong is a failure, what
could not be evaluated an error, what does not apply or is accepted is skipped.  There
is no published standard; the document is valid by both schemas in use, that of Ant's
tasks
(https://github.com/windyroad/JUnit-Schema) and that of Jenkins' xUnit plugin
(https://github.com/jenkinsci/xunit-plugin), provided that a `timestamp` is given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec import structs

from checker.framework import Answer, Judged, Judgement
from checker.model import ConfigurationRule, Finding, Report, Status, Unreadable
from checker.reports import segments, summary
from checker.reports.details import where
from checker.reports.evidence import phrases
from checker.reports.json import acceptance, message, subject
from checker.reports.order import kinds, ordered, suppressed
from checker.reports.segments import escaped, visible
from checker.secrets import hide_text

_COMMANDS: Final = {"##": "#&#35;"}
"""XML's own way to write what Azure's and GitHub's runners take for a command."""

_SPECIAL: Final = re.compile(r"[&<>\"'#]")
_READING: Final = "trailcheck.input"
_STATUSES: Final = {
    Status.FAIL: "failure",
    Status.BLIND: "failure",
    Status.PARTIAL: "failure",
    Status.UNKNOWN: "error",
    Status.ERROR: "error",
    Status.NOT_APPLICABLE: "skipped",
    Status.PASS: "",
    Status.VISIBLE: "",
}
_ANSWERS: Final = {
    Answer.FAIL: "failure",
    Answer.UNKNOWN: "error",
    Answer.MANUAL: "skipped",
    Answer.NOT_APPLICABLE: "skipped",
    Answer.PASS: "",
}


def render(report: Report, *, timestamp: str | None = None) -> Iterator[str]:
    """Yield the report as one test suite.

    `timestamp` is when the run was, as `2026-11-29T22:51:46` in UTC.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    yield f"<testsuite{_attributes(_head(report, timestamp))}>\n<properties>\n"
    for name, number in structs.asdict(report.statistics).items():
        yield f"  <property{_attributes({'name': name, 'value': str(number)})}/>\n"
    yield "</properties>\n"
    yield from _input(report.problems)
    for finding in ordered(report.findings):
        yield _finding(finding)
    for judgement in report.frameworks:
        for judged in judgement.requirements:
            yield _requirement(judgement, judged)
    told = _escaped("".join(segments.plain(summary.lines(report))))
    yield f"<system-out>{told}</system-out>\n<system-err/>\n"
    yield "</testsuite>\n</testsuites>\n"


def _head(report: Report, timestamp: str | None) -> dict[str, str]:
    """Return what the suite says of itself: the counts stand before the cases."""
    counts: Counter[str] = Counter()
    for (status, _), number in kinds(report.findings).items():
        counts[_STATUSES[status]] += number
    counts["skipped"] += suppressed(report.findings)
    for judgement in report.frameworks:
        for answer, number in judgement.counts().items():
            counts[_ANSWERS[answer]] += number
    # A suite without a case is an error to some readers: the reading is one.
    counts["error" if report.problems else ""] += len(report.problems) or 1
    head = {
        "name": "trailcheck",
        "tests": str(counts.total()),
        "failures": str(counts["failure"]),
        "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
        "time": "0",
        "hostname": "localhost",
        "package": "trailcheck",
        "id": "0",
    }
    return {**head, "timestamp": timestamp} if timestamp else head


def _input(problems: tuple[Unreadable, ...]) -> Iterator[str]:
    """Yield a case for each input or record that could not be read, or one for all."""
    if not problems:
        yield _case(_READING, "every input was read", "", "", "", "")
    for problem in problems:
        place = hide_text(problem.uri)
        if problem.record is not None:
            place += f" record {problem.record}"
        reason = visible(problem.reason)
        yield _case(_READING, place, "error", "unreadable", reason, reason)


def _finding(finding: Finding) -> str:
    told = subject(finding)
    outcome = _STATUSES[finding.status]
    name = _name(told)
    level = f"{finding.level.value} {finding.status.value}"
    if finding.suppressed:
        accepted = acceptance(finding.suppressed)
        until = f"Accepted until {accepted['expires']} by {accepted['owner']}"
        said = f"{until}: {accepted['reason']}"
        return _case(finding.rule.name, name, "skipped", level, said, "")
    body = "\n".join(_body(finding, told)) if outcome else ""
    return _case(finding.rule.name, name, outcome, level, message(finding), body)


def _name(subject: dict[str, str | None]) -> str:
    """Return what tells a case from the others of its rule."""
    parts = ("eventTime", "eventName", "id", "region", "accountId")
    return " ".join(filter(None, map(subject.get, parts))) or "-"


def _body(finding: Finding, told: dict[str, str | None]) -> Iterator[str]:
    """Yield what a person needs besides the message, line by line."""
    for key in ("principal", "sourceIPAddress", "awsRegion"):
        if value := told.get(key):
            yield f"{key}: {escaped(value)}"
    for name, value in phrases(finding):
        yield f"{name}: {value}"
    if finding.location:
        yield f"at: {where(finding.location)}"
    rule = finding.rule
    if isinstance(rule, ConfigurationRule) and rule.remediation:
        yield f"fix: {visible(' '.join(rule.remediation.text.split()))}"


def _requirement(judgement: Judgement, judged: Judged) -> str:
    requirement, answer = judged.requirement, judged.answer
    name = f"{requirement.id} {requirement.title}"
    body = "\n".join(behind.rule for behind in judged.rules)
    outcome = _ANSWERS[answer]
    return _case(
        judgement.framework.name,
        name,
        outcome,
        answer.value,
        hide_text(judged.reason),
        body,
    )


def _case(  # noqa: PLR0913, PLR0917 - the parts of one element
    group: str, name: str, outcome: str, kind: str, message: str, body: str
) -> str:
    attributes = _attributes({"classname": group, "name": name, "time": "0"})
    if not outcome:
        return f"<testcase{attributes}/>\n"
    said = _attributes({"message": message, "type": kind})
    if outcome == "skipped":
        return f"<testcase{attributes}><skipped{said}/></testcase>\n"
    return (
        f"<testcase{attributes}><{outcome}{said}>{_escaped(body)}</{outcome}>"
        "</testcase>\n"
    )


def _attributes(values: dict[str, str]) -> str:
    """Return the attributes; what XML cannot hold is escaped as for a terminal."""
    return "".join(f" {name}={_quoted(value)}" for name, value in values.items())


def _quoted(value: str) -> str:
    from xml.sax.saxutils import quoteattr

    shown = escaped(value)
    return quoteattr(shown, _COMMANDS) if _SPECIAL.search(shown) else f'"{shown}"'


def _escaped(text: str) -> str:
    # Every command imports this module, and that one the whole of urllib and ssl.
    from xml.sax.saxutils import escape

    return escape(text, _COMMANDS)
