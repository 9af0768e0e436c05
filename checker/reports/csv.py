"""Write a report as CSV: a header, then one finding a line.

The file can be opened in a spreadsheet: what would be a formula there is text.  After
the findings of an audit of frameworks there is a line for each requirement, of kind
`requirement`, in the same columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from checker import secrets
from checker.framework import Judged, Judgement
from checker.model import Acceptance, Finding, Report
from checker.reports.json import acceptance, evidence_text, message, subject
from checker.reports.order import kind, ordered
from checker.reports.segments import escaped, uncommanding

COLUMNS: Final = (
    "level",
    "status",
    "kind",
    "rule",
    "title",
    "eventTime",
    "eventSource",
    "eventName",
    "accountId",
    "region",
    "principal",
    "sourceIPAddress",
    "subjectType",
    "subject",
    "message",
    "file",
    "record",
    "line",
    "controls",
    "evidence",
    "fingerprint",
    "suppressed",
)

_LONGEST: Final = 32_000
"""Excel cuts a cell off after 32,767 characters."""

_FORMULA: Final = re.compile(r"[\s\"']*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
r"""What a formula begins with, at the start of a cell and after a semicolon.

Spreadsheets of many countries separate cells by semicolons, and do so within a cell
that was quoted for commas.  https://owasp.org/www-community/attacks/CSV_Injection
"""


def render(report: Report) -> Iterator[str]:
    """Yield the header and a line for each finding and each requirement."""
    yield row(COLUMNS)
    for finding in ordered(report.findings):
        told = _finding(finding)
        # What JSON has, has no secrets left to look for.
        yield _row([_safe(told[column]) for column in COLUMNS])
    for judgement in report.frameworks:
        for judged in judgement.requirements:
            told = _requirement(judgement, judged)
            yield row([told.get(column, "") for column in COLUMNS])


def row(cells: Sequence[str]) -> str:
    """Return the cells as one line, without formulas and control characters."""
    return _row([cell(each) for each in cells])


def cell(text: str) -> str:
    """Return the text as a spreadsheet may have it: an apostrophe marks it as text."""
    return _safe(secrets.hide_text(text))


def _safe(text: str) -> str:
    """Return the text without formulas, control characters and runner commands."""
    first = text[:1]
    if ";" in text or not (first.isalnum() or first in "{["):
        parts = text.split(";")
        text = ";".join(f"'{part}" if _FORMULA.match(part) else part for part in parts)
    return uncommanding(escaped(text, _LONGEST))


def _row(cells: Sequence[str]) -> str:
    line: str = _WRITER.writerow(cells)
    return line


class _Line:
    """What a writer writes to: it hands each line back instead of keeping it."""

    @staticmethod
    def write(text: str) -> str:
        return text


_WRITER: Final[Any] = csv.writer(_Line(), lineterminator="\n")


def _finding(finding: Finding) -> dict[str, str]:
    rule, about, where = finding.rule, subject(finding), finding.location
    uri = secrets.hide_text(where.uri) if where else ""
    return {
        **{key: about.get(key) or "" for key in COLUMNS[5:12]},
        "level": finding.level.value,
        "status": finding.status.value,
        "kind": kind(rule),
        "rule": rule.name,
        "title": rule.title,
        "region": about.get("awsRegion") or about.get("region") or "",
        "subjectType": about["type"] or "",
        "subject": about["id"] or "",
        "message": message(finding),
        "file": "stdin" if uri == "-" else uri,
        "record": _text(where and where.record),
        "line": _text(where and where.start_line),
        "controls": "; ".join(
            f"{name} {', '.join(ids)}" for name, ids in rule.controls.items()
        ),
        "evidence": evidence_text(finding.evidence),
        "fingerprint": finding.fingerprint,
        "suppressed": _accepted(finding.suppressed),
    }


def _requirement(judgement: Judgement, judged: Judged) -> dict[str, str]:
    return {
        "status": judged.answer.value,
        "kind": "requirement",
        "rule": " ".join(behind.rule for behind in judged.rules),
        "title": judged.requirement.title,
        "subjectType": judgement.framework.name,
        "subject": judged.requirement.id,
        "message": judged.reason,
        "controls": f"{judgement.framework.name} {judged.requirement.id}",
    }


def _accepted(accepted: Acceptance | None) -> str:
    if accepted is None:
        return ""
    return "{reason} ({owner}, until {expires})".format(**acceptance(accepted))


def _text(value: object) -> str:
    return "" if value is None else str(value)
