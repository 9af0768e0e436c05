"""Write a report for people.

First a screen that says what to do: one line a rule, the worst first, who did it, what
was read and what was not, and the next command.  Then some examples of each rule, or
everything.  One list of lines serves the terminal and the pipe: see
`checker.reports.segments`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from msgspec import structs

from checker.model import Finding, Level, Report, Status
from checker.reports import (
    blindness,
    group_cells,
    group_table,
    requirements,
    screen,
    segments,
    summary,
)
from checker.reports.details import Details
from checker.reports.groups import By, Group, by_rule
from checker.reports.layout import NARROWEST, WIDTH
from checker.reports.order import is_visibility, ordered, uncovered
from checker.reports.order import key as order_key
from checker.reports.screen import Counts
from checker.reports.segments import Line

EXAMPLES: Final = 3
"""How many findings of a rule are shown, unless everything is asked for."""

_LISTED: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.ERROR})
_BLANK: Final[Line] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader wants to see, and how wide.

    `full` lists every finding, `short` none; `following` returns commands to run next.
    `height` is that of the terminal, if there is one: the first screen fits two.
    """

    by: By = By.RULE
    full: bool = False
    short: bool = False
    quiet: bool = False
    width: int = WIDTH
    height: int | None = None
    following: Callable[[Counts], Sequence[str]] | None = None


def render(report: Report, *, colour: bool = False, **look: Any) -> Iterator[str]:
    """Yield the report line by line.

    `colour` is the answer of `segments.wants_colour` for the stream, and the others are
    the fields of `Look`.
    """
    draw = segments.coloured if colour else segments.plain
    return draw(_lines(report, Look(**look)))


def render_summary(
    report: Report, *, colour: bool = False, width: int = WIDTH
) -> Iterator[str]:
    """Yield only the summary, for a command that writes its findings elsewhere."""
    draw = segments.coloured if colour else segments.plain
    return draw(summary.lines(report, max(width, NARROWEST)))


def _lines(report: Report, look: Look) -> Iterator[Line]:
    width = max(look.width, NARROWEST)
    # What an exception covers is counted by the summary.
    report = structs.replace(report, findings=uncovered(report.findings))
    for judgement in report.frameworks:
        yield from requirements.lines(judgement, width)
    counts = Counts.of(report, look.by)
    groups = counts.found.ranked()
    # A stretch of time without its end hides how it went on.
    most = None if look.full or look.by is By.TIME else screen.most_rows(look.height)
    yield from group_table.rows(counts.found, width, most)
    if look.short and not groups:
        yield from blindness.brief(report, width)
    if not look.quiet:
        yield from screen.identities(counts, width)
        yield from summary.lines(
            report, width, screen.undecided(counts, width, full=look.full)
        )
        if look.following:
            yield from screen.following(look.following(counts), width)
    if look.short:
        return
    details = _details(report, counts, groups, look, width)
    first = next(details, None)
    if first is None:
        return
    if not look.quiet:
        yield _BLANK
    yield first
    yield from details


def _details(
    report: Report, counts: Counts, groups: Sequence[Group], look: Look, width: int
) -> Iterator[Line]:
    """Yield the findings, or examples of them, and what could not have fired."""
    details = Details(width, full=look.full)
    if look.full and look.by is By.RULE:
        yield from _every_rule(report, details)
    elif look.full:
        yield from _every_group(report, counts, groups, details)
    else:
        yield from _examples(
            report, counts, groups[: screen.most_rows(look.height)], details
        )
    yield from blindness.lines(report, width, full=look.full)


def _every_rule(report: Report, details: Details) -> Iterator[Line]:
    listed = (
        finding
        for finding in ordered(report.findings)
        if finding.status in _LISTED and not is_visibility(finding)
    )
    for _, found in groupby(listed, key=by_rule):
        yield from details.of_rule(found, "")


def _every_group(
    report: Report, counts: Counts, groups: Sequence[Group], details: Details
) -> Iterator[Line]:
    """Yield every finding that is in a group, the worst group first."""
    places = {group.label: place for place, group in enumerate(groups)}
    known = {group.label: group for group in groups}
    label_of = counts.found.key

    def key(finding: Finding) -> Any:
        label = label_of(finding)
        return places.get(label, len(places)), label, order_key(finding)

    listed = (
        each for each in ordered(report.findings, key) if each.status is Status.FAIL
    )
    for label, found in groupby(listed, key=label_of):
        # A group of which nothing is known any more is one of the least.
        group = known.get(label)
        level = group.worst if group else Level.INFORMATIONAL
        yield from details.of_group(level, label, _counted(group), found)


def _examples(
    report: Report, counts: Counts, groups: Sequence[Group], details: Details
) -> Iterator[Line]:
    """Yield the first findings of each group; of signals there is the number."""
    wanted = [group for group in groups if group.worst is not Level.INFORMATIONAL]
    examples = _first(report.findings, counts, {group.label for group in wanted})
    for group in wanted:
        found = examples[group.label]
        more = group.count - len(found)
        if counts.found.by is By.RULE:
            lines = details.of_rule(found, _number(group), more)
        else:
            label = group_cells.label(group, counts.found.by, whole=True)
            lines = details.of_group(group.worst, label, _counted(group), found, more)
        yield from lines


def _first(
    findings: Iterable[Finding], counts: Counts, wanted: set[str]
) -> dict[str, list[Finding]]:
    """Return the first findings of some groups, in the order of all reports."""
    found: dict[str, list[tuple[Any, Finding]]] = {label: [] for label in wanted}
    for finding in findings:
        if finding.status is not Status.FAIL:
            continue
        held = found.get(counts.found.key(finding))
        if held is None:
            continue
        place = order_key(finding)
        if len(held) < EXAMPLES or place < held[-1][0]:
            held.append((place, finding))
            held.sort(key=lambda pair: pair[0])
            del held[EXAMPLES:]
    return {label: [each for _, each in held] for label, held in found.items()}


def _number(group: Group) -> str:
    return f"{group.count:,} findings" if group.count > 1 else ""


def _counted(group: Group | None) -> str:
    if group is None:
        return ""
    rules = len(group.rules)
    many = f"{rules} rule{'s' * (rules != 1)}{' or more' * group.rules.more}"
    return f"{group.count:,} finding{'s' * (group.count != 1)} of {many}"
