"""Write what a change of settings does: grouped by effect, then by what causes it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from checker.model import ConfigurationRule, Finding, Level, Report
from checker.reports import layout, segments, summary
from checker.reports.markdown import code, prose
from checker.reports.segments import Line, Segment, visible

_HEADINGS: Final = {
    "blinded": ("detection goes blind", "detections go blind", "blind"),
    "blind": (
        "detection is blind; not known before",
        "detections are blind; not known before",
        "blind",
    ),
    "narrowed": (
        "detection sees fewer events",
        "detections see fewer events",
        "partial",
    ),
    "fails": ("control starts to fail", "controls start to fail", "fail"),
    "failing": (
        "control fails; not known before",
        "controls fail; not known before",
        "fail",
    ),
    "worsened": (
        "control fails for more reasons",
        "controls fail for more reasons",
        "fail",
    ),
    "unclear": ("rule is no longer known", "rules are no longer known", "unknown"),
    "widened": ("detection sees more events", "detections see more events", "visible"),
    "visible": ("detection becomes visible", "detections become visible", "visible"),
    "known": (
        "detection becomes known to be visible",
        "detections become known to be visible",
        "visible",
    ),
    "passes": ("control no longer fails", "controls no longer fail", "pass"),
}
"""For each `run.comparing.effects.Effect`: one rule, several rules, the style."""

MOST_RULES: Final = 100
"""How many rules of one effect are listed; of the others the number is."""

MOST_WORDS: Final = 600
"""How many characters of a reason are written."""

_Group: TypeAlias = tuple[str, str, list[Finding]]


def text(report: Report, *, colour: bool, width: int) -> Iterator[str]:
    """Yield the comparison as text; `width` is in columns."""
    draw = segments.coloured if colour else segments.plain
    yield from draw(_lines(report, width))


def markdown(report: Report) -> Iterator[str]:
    """Yield the comparison as Markdown, for a comment on a pull request."""
    effects = list(_effects(report.findings))
    told = [_heading(effect, len(found)) for effect, found in effects]
    yield f"## trailcheck: {', '.join(told) or _nothing(report)}\n\n"
    for effect, findings in effects:
        yield f"### {_heading(effect, len(findings))}\n\n"
        for before, after, several in _bounded(findings):
            yield f"{prose(after)}<br>before: {prose(before)}\n\n"
            for finding in several:
                name = code(finding.rule.name)
                yield f"- {finding.level.value} {name}{_where(finding)}\n"
            yield "\n"
        if len(findings) > MOST_RULES:
            yield f"and {len(findings) - MOST_RULES:,} more\n\n"
    yield "```text\n"
    yield from segments.plain(_notes(report))
    yield "```\n"


def _nothing(report: Report) -> str:
    if report.statistics.unreadable_inputs:
        return "not compared"
    if report.problems:  # what is unknown in both
        return f"no known change; {report.problems[0].reason.partition(':')[0]}"
    return "no detection or control changes"


def _effects(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    for effect in _HEADINGS:
        found = [one for one in findings if one.evidence["change"] == effect]
        if found:
            yield effect, sorted(found, key=_rank)


def _rank(finding: Finding) -> tuple[int, str, str]:
    levels = [*reversed(Level)]
    return (
        levels.index(finding.level),
        finding.rule.name,
        str(finding.subject.get("id")),
    )


def _groups(findings: Sequence[Finding]) -> Iterator[_Group]:
    """Yield the findings with one cause together, in the order of the first."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        before, after = _reasons(finding)
        selectors = finding.evidence.get("selectors")
        groups.setdefault((before, str(selectors or after)), []).append(finding)
    for several in groups.values():
        yield *_reasons(several[0]), several


def _bounded(findings: Sequence[Finding]) -> Iterator[_Group]:
    """Yield the groups as far as their findings are listed."""
    left = MOST_RULES
    for before, after, several in _groups(findings):
        if left <= 0:
            return
        yield before, after, several[:left]
        left -= len(several)


def _reasons(finding: Finding) -> tuple[str, str]:
    evidence = finding.evidence
    before, after = (
        textwrap.shorten(evidence[side]["reason"], MOST_WORDS, placeholder=" …")
        for side in ("before", "after")
    )
    return before, after


def _heading(effect: str, number: int) -> str:
    one, several, _ = _HEADINGS[effect]
    return f"{number:,} {one if number == 1 else several}"


def _lines(report: Report, width: int) -> Iterator[Line]:
    for effect, findings in _effects(report.findings):
        yield (Segment(_heading(effect, len(findings)), _HEADINGS[effect][2]),)
        names = max(len(one.rule.name) for one in findings)
        for before, after, several in _bounded(findings):
            yield from _wrapped(after, "  ", width)
            yield from _wrapped(f"before: {before}", "  ", width, "faint")
            for finding in several:
                yield from _listed(finding, names, width)
        if len(findings) > MOST_RULES:
            more = len(findings) - MOST_RULES
            yield (Segment(f"  and {more:,} more (--format json has all)", "faint"),)
        yield ()
    if not (report.findings or report.statistics.unreadable_inputs):
        style = "unknown" if report.problems else "pass"
        told = _nothing(report)
        yield (Segment(f"{told[0].upper()}{told[1:]}.", style),)
        yield ()
    yield from _notes(report, width)


def _wrapped(words: str, indent: str, width: int, style: str = "") -> Iterator[Line]:
    for line in textwrap.wrap(
        visible(words),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    ):
        yield (Segment(line, style),)


def _listed(finding: Finding, names: int, width: int) -> Iterator[Line]:
    """Yield a rule, and the resource of a control beside it or below.

    A detection has none: its subject is the rule itself.
    """
    level, name = finding.level.value, finding.rule.name
    first = (Segment("    "), Segment(f"{level:13} ", level))
    items: list[layout.Item] = [(Segment(name),)]
    if isinstance(finding.rule, ConfigurationRule):
        subject = visible(str(finding.subject.get("id") or ""), 200)
        items = [(Segment(f"{name:{names}}"),), (Segment(subject),)]
    yield from layout.flow(items, first=first, indent=20, gap="  ", width=width)


def _where(finding: Finding) -> str:
    if not isinstance(finding.rule, ConfigurationRule):
        return f" {prose(finding.rule.title)}"
    return f" {prose(finding.rule.title)}: {code(str(finding.subject.get('id')))}"


def _notes(report: Report, width: int = layout.WIDTH) -> Iterator[Line]:
    return summary.lines(report, width)
