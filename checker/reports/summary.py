"""Describe what a run read, left out and found, in a few lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from checker.model import (
    ConfigurationRule,
    Level,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.reports import layout, remarks
from checker.reports.order import held, is_visibility, kinds
from checker.reports.segments import Line, Segment, visible

MOST_PROBLEMS: Final = 20
"""How many unreadable inputs and records are listed one by one."""

LABEL: Final = 12
"""Columns of the label before each line."""


def lines(
    report: Report, width: int = layout.WIDTH, undecided: Iterable[Line] = ()
) -> Iterator[Line]:
    """Yield the lines of the summary; `undecided` stand with what was not read."""
    rules = _count(report.statistics.rules, "rule") or "no rule"
    yield from _input(report.statistics, report.problems, width, f", against {rules}")
    yield from undecided
    checks = _outcomes(report, visibility=False)
    seen = _outcomes(report, visibility=True)
    if not (seen and not checks and not report.statistics.events):
        yield _labelled("findings", _levels(report))
    for label, told in (("checks", checks), ("visibility", seen)):
        if told:
            yield _labelled(label, told)
    if report.blind:
        yield from _wrapped("blind", visible(remarks.blind(report.blind)), width)
    accepted = _sentence(
        _count(report.statistics.suppressed, "by an exception", "by exceptions"),
        _count(report.statistics.known, "in the baseline", "in the baseline"),
    )
    if accepted:
        yield _labelled("suppressed", [Segment(accepted)])
    for note in report.notes:
        yield from _wrapped("note", visible(note), width)


def reading(  # noqa: PLR0913, PLR0917 - the parts of a summary
    label: str,
    told: str,
    statistics: Statistics,
    problems: tuple[Unreadable, ...],
    notes: Iterable[str],
    width: int = layout.WIDTH,
) -> Iterator[Line]:
    """Yield the lines on a run that judges nothing: what was read, then `told`."""
    yield from _input(statistics, problems, width)
    yield _labelled(label, [Segment(told)])
    for note in notes:
        yield from _wrapped("note", visible(note), width)


def _input(
    statistics: Statistics,
    problems: tuple[Unreadable, ...],
    width: int,
    also: str = "",
) -> Iterator[Line]:
    yield _labelled("read", [Segment(_read(statistics) + also)])
    skipped = _sentence(
        _count(statistics.digests, "digest file"),
        _count(statistics.duplicates, "duplicate event"),
        _count(statistics.outside, "event outside the time", "events outside the time"),
    )
    if skipped:
        yield _labelled("skipped", [Segment(skipped)])
    yield from _unreadable(statistics, problems, width)


def _wrapped(label: str, text: str, width: int) -> Iterator[Line]:
    """A labelled sentence, on as many lines as it needs."""
    first = (Segment(f"{label:<{LABEL}}", "faint"),)
    return layout.paragraph(text, first=first, indent=LABEL, width=width)


def words(status: Status) -> str:
    """The status as a person says it."""
    return status.value.replace("_", " ")


def size(count: int) -> str:
    """A number of bytes in decimal units: 999 B, 1.3 kB, 250 MB."""
    if count < 1000:
        return f"{count} B"
    number, units = count / 1000, ["kB", "MB", "GB", "TB"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000
        units.pop(0)
    return f"{number:.1f} {units[0]}" if number < 9.95 else f"{number:,.0f} {units[0]}"


def _read(statistics: Statistics) -> str:
    inputs = _count(statistics.inputs, "input") or "no input"
    parts = [inputs]
    if statistics.bytes:
        parts.append(size(statistics.bytes))
    if statistics.events:
        parts.append(_count(statistics.events, "event"))
    return ", ".join(parts)


def _unreadable(
    statistics: Statistics, problems: tuple[Unreadable, ...], width: int
) -> Iterator[Line]:
    counted = _sentence(
        _count(statistics.unreadable_inputs, "input"),
        _count(statistics.unreadable_records, "record"),
    ) or _count(len(problems), "problem")
    if not counted:
        return
    yield _labelled("unreadable", [Segment(counted, "warning")])
    margin = Segment(" " * LABEL)
    for problem in problems[:MOST_PROBLEMS]:
        place = visible(problem.uri)
        if problem.record is not None:
            place += f" record {problem.record}"
        yield from layout.flow(
            [(Segment(f"{place}:"),), *layout.words(visible(problem.reason))],
            first=(margin,),
            indent=LABEL + 2,
            gap=" ",
            width=width,
        )
    if len(problems) > MOST_PROBLEMS:
        more = f"and {len(problems) - MOST_PROBLEMS:,} more"
        yield (margin, Segment(more, "faint"))


def _levels(report: Report) -> list[Segment]:
    counts: Counter[Level] = Counter()
    for (status, level), number in kinds(report.findings).items():
        counts[level] += number * (status is Status.FAIL)
    told = (
        Segment(f"{counts[level]:,} {level.value}", level.value)
        for level in reversed(Level)
        if counts[level]
    )
    return _joined(told) or [Segment("none")]


def _outcomes(report: Report, *, visibility: bool) -> list[Segment]:
    counts = Counter(
        finding.status
        for finding in held(report.findings)
        if finding.suppressed is None
        and is_visibility(finding) is visibility
        and (visibility or isinstance(finding.rule, ConfigurationRule))
    )
    return _joined(
        Segment(f"{counts[status]:,} {words(status)}", status.value)
        for status in Status
        if counts[status]
    )


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for segment in segments:
        style = segment.style if segment.style != "not_applicable" else ""
        joined += [Segment(", ")] * bool(joined) + [segment._replace(style=style)]
    return joined


def _labelled(label: str, told: list[Segment]) -> Line:
    return (Segment(f"{label:<{LABEL}}", "faint"), *told)


def _sentence(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}" * bool(number)
