"""Put reports together and says how a command exits."""

from __future__ import annotations

from collections.abc import Sequence

from checker.model import Finding, Level, Report, Statistics, Status
from checker.reports import order
from checker.run.scanning.findings import Findings


def join(first: Report, second: Report) -> Report:
    """Put two reports into one; every count of the statistics is added up."""
    counts = {
        name: getattr(first.statistics, name) + getattr(second.statistics, name)
        for name in Statistics.__struct_fields__
    }
    return Report(
        findings=_joined(first.findings, second.findings),
        statistics=Statistics(**counts),
        problems=first.problems + second.problems,
        notes=tuple(dict.fromkeys(first.notes + second.notes)),
        frameworks=first.frameworks + second.frameworks,
        blind=first.blind + second.blind,
    )


def _joined(first: Sequence[Finding], second: Sequence[Finding]) -> Sequence[Finding]:
    """Put findings together; those that are on the disk stay there."""
    return first + second if isinstance(first, Findings) else (*first, *second)


def exit_code(
    report: Report,
    fail_on: Level | None,
    *,
    allow_partial: bool,
    findings_first: bool = False,
) -> int:
    """Return the exit code of a report: 3 incomplete, 1 findings, 0 neither.

    With `findings_first` an incomplete report with findings is 1: proof of tampering
    does not become less by what else could not be verified.

    `fail_on` None means that no finding counts.  An outcome that is unknown, for want
    of an answer from AWS, makes the report incomplete.
    """
    unknown = {Status.UNKNOWN, Status.ERROR}
    kinds = order.kinds(report.findings)
    incomplete = bool(report.problems) or any(status in unknown for status, _ in kinds)
    bad = {Status.FAIL, Status.BLIND}
    found = fail_on is not None and any(
        status in bad and level >= fail_on for status, level in kinds
    )
    if found and findings_first:
        return 1
    if incomplete and not allow_partial:
        return 3
    return 1 if found else 0
