"""Write a report as JSON lines: one finding a line, and nothing else.

Each line is a `finding` object of `schemas/report.json`, and after them, where an audit
was asked about frameworks, one `judged` object for each requirement.  There is no line
for the statistics and problems: the command says them on stderr and by its exit code.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.model import Report
from checker.reports import requirements
from checker.reports.json import encode, line
from checker.reports.order import ordered


def render(report: Report) -> Iterator[str]:
    """Yield one line of JSON for each finding."""
    for finding in ordered(report.findings):
        yield line(finding) + "\n"
    for judgement in report.frameworks:
        for each in requirements.rows(judgement):
            yield encode(each) + "\n"
