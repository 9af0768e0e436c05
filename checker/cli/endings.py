"""The last line of a command on standard error: what it wrote, and why it ends so."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

from checker.cli.messages import tell

if TYPE_CHECKING:
    from checker.model import Report


def leave(
    code: int, why: str, *, wrote: str | None = None, quiet: bool = False
) -> NoReturn:
    """Exit; one line says what was written, and why the exit code is not 0.

    `quiet` leaves out what was written if all is well.
    """
    told = [f"wrote {wrote}"] if wrote and not (quiet and code == 0) else []
    if code:
        told.append(f"exit {code}: {why}")
    if told:
        tell("; ".join(told))
    sys.exit(code)


def unread(number: int) -> str:
    """Return why a command that judges nothing ends with 3."""
    return f"{counted(number, 'problem')} (--allow-partial accepts that)"


def why(report: Report, code: int, fail_on: str) -> str:
    """Return why a report ends with an exit code."""
    if code == 0:
        return ""
    if code == 130:
        return "interrupted; the report is on what was read until then"
    found = _found(report, fail_on)
    if code == 1:
        return found
    missing = " and ".join(_missing(report))
    also = f"; {found} as well" if found else ""
    return f"{missing} (--allow-partial accepts that){also}"


def contents(report: Report) -> str:
    """Return what a report is about in a few words: `12 findings`."""
    from checker.model import Status
    from checker.reports.order import kinds

    counts: Counter[Status] = Counter()
    for (status, _), number in kinds(report.findings).items():
        counts[status] += number
    blind = counts[Status.BLIND]
    return (
        counted(blind, "blind rule")
        if blind
        else counted(counts[Status.FAIL], "finding")
    )


def _found(report: Report, fail_on: str) -> str:
    """Count what is at or above the level that fails a run."""
    from checker.model import Level, Status
    from checker.reports.order import kinds

    if fail_on == "never":
        return ""
    counts: Counter[Status] = Counter()
    for (status, level), number in kinds(report.findings).items():
        if level >= Level(fail_on):
            counts[status] += number
    told = [
        counted(counts[status], noun) * bool(counts[status])
        for status, noun in ((Status.FAIL, "finding"), (Status.BLIND, "blind rule"))
    ]
    shown = " and ".join(filter(None, told))
    return f"{shown} at or above {fail_on} (--fail-on)" if shown else ""


def _missing(report: Report) -> list[str]:
    """Describe what was not read, and what could not be decided."""
    from checker.model import Status
    from checker.reports.order import kinds

    statistics = report.statistics
    told = []
    inputs, records = statistics.unreadable_inputs, statistics.unreadable_records
    if inputs or records or report.problems:
        parts = [
            counted(inputs, "input") * bool(inputs),
            counted(records, "record") * bool(records),
        ]
        named = " and ".join(filter(None, parts))
        told.append(
            f"{named or counted(len(report.problems), 'part')} could not be read"
        )
    unknown = sum(
        number
        for (status, _), number in kinds(report.findings).items()
        if status in (Status.UNKNOWN, Status.ERROR)
    )
    if unknown:
        causes = _causes(report)
        told.append(f"{counted(unknown, 'check')} could not be decided{causes}")
    return told


def _causes(report: Report) -> str:
    """Return why checks are unknown, where that is known: ` (3 denied)`."""
    from checker.reports.order import held

    causes = Counter(
        each.cause.value.replace("_", " ")
        for each in held(report.findings)
        if each.cause
    )
    told = ", ".join(f"{number} {cause}" for cause, number in causes.most_common(3))
    return f" ({told})" if told else ""


def counted(number: int, noun: str) -> str:
    """Return so many things in words: `1 rule`, `1,200 rules`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
