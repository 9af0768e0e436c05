"""Describe in SARIF what a run could not do (§3.20.21, §3.58).

Nothing that is missing from the results goes unsaid: unreadable inputs and records,
checks without an answer, results beyond the limit, and the report's own notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from checker import secrets
from checker.model import Finding, Report
from checker.reports.remarks import remarks
from checker.reports.sarif_artifacts import Artifacts
from checker.reports.sarif_rules import sentence

MOST: Final = 1_000
"""How many problems, and how many open checks, are told one by one."""

_KINDS: Final = {
    "unreadable": ("UnreadableInput", "An input, or a record of it, cannot be read."),
    "not_judged": ("CheckNotJudged", "What a check needs is missing."),
    "results_dropped": ("ResultsDropped", "There are more results than are given."),
    "note": ("RunNote", "What a reader of the results should know."),
}

DESCRIPTORS: Final[list[dict[str, Any]]] = [
    {
        "id": id_,
        "name": name,
        "shortDescription": {"text": said},
        "fullDescription": {"text": said},
        "help": {"text": said, "markdown": said},
    }
    for id_, (name, said) in _KINDS.items()
]
"""The driver's `notifications`."""


def notifications(
    report: Report, open_: Sequence[Finding], dropped: int, artifacts: Artifacts
) -> list[dict[str, Any]]:
    """The invocation's `toolExecutionNotifications`.

    `open_` are the findings without an answer that are not results, `dropped` is the
    number of results beyond the limit.
    """
    return [
        *_problems(report, artifacts),
        *_open(open_),
        *_dropped(dropped),
        *(_notification("note", "note", note) for note in remarks(report)),
    ]


def _problems(report: Report, artifacts: Artifacts) -> Iterator[dict[str, Any]]:
    for problem in report.problems[:MOST]:
        record = "" if problem.record is None else f" record {problem.record}"
        told = _notification(
            "unreadable", "error", f"{problem.uri}{record}: {problem.reason}"
        )
        location = {"artifactLocation": artifacts.locate(problem.uri)}
        told["locations"] = [{"physicalLocation": location}]
        yield told
    more = len(report.problems) - MOST
    if more > 0:
        yield _notification(
            "unreadable", "error", f"{more:,} more inputs or records cannot be read"
        )


def _open(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings[:MOST]:
        told = _notification(
            "not_judged", "warning", f"{finding.rule.name}: {finding.message}"
        )
        told["associatedRule"] = {"id": finding.rule.name}
        yield told
    more = len(findings) - MOST
    if more > 0:
        yield _notification(
            "not_judged", "warning", f"{more:,} more checks have no answer"
        )


def _dropped(dropped: int) -> Iterator[dict[str, Any]]:
    if dropped:
        noun = "result is" if dropped == 1 else "results are"
        yield _notification(
            "results_dropped",
            "warning",
            f"{dropped:,} {noun} left out, of the lowest levels found;"
            " the JSON report has every finding",
        )


def _notification(kind: str, level: str, text: str) -> dict[str, Any]:
    index = list(_KINDS).index(kind)
    return {
        "descriptor": {"id": kind, "index": index},
        "level": level,
        "message": {"text": sentence(secrets.hide_text(text))},
    }
