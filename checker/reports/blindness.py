"""Show which rules could not fire, under what is missing for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from checker.model import Finding, Level, Report, Status
from checker.reports import layout
from checker.reports.group_cells import level_word
from checker.reports.json import message as message_of
from checker.reports.order import held, is_visibility, ordered
from checker.reports.segments import Line, Segment, escaped, visible

MOST_CAUSES: Final = 15
MOST_RULES: Final = 12
"""How many causes are listed, and rules of each, unless everything is asked for."""

_MOST_EXAMPLES: Final = 3
"""How many rules of each the first screen names."""

_UNSEEN: Final = (Status.BLIND, Status.PARTIAL, Status.UNKNOWN)
_MARGIN: Final = 10


def brief(report: Report, width: int) -> Iterator[Line]:
    """Yield what is missing for most of the rules, each with the worst of them."""
    yield from _listed(report, width, MOST_CAUSES, _MOST_EXAMPLES)


def lines(report: Report, width: int, *, full: bool) -> Iterator[Line]:
    """Yield what is missing, each with the rules that it leaves blind, worst first."""
    most = (None, None) if full else (MOST_CAUSES, MOST_RULES)
    yield from _listed(report, width, *most)


def _listed(
    report: Report, width: int, most: int | None, most_rules: int | None
) -> Iterator[Line]:
    groups = _groups(
        ordered([each for each in held(report.findings) if is_visibility(each)])
    )
    # The findings are worst first, so within a status the groups are too.
    ranked = sorted(groups.items(), key=lambda item: _UNSEEN.index(item[0][0]))
    shown = ranked[:most]
    close = most_rules == _MOST_EXAMPLES
    for (status, missing), group in shown:
        yield from _cause(status, missing, group, width, most_rules)
        if not close:
            yield ()
    left = ranked[len(shown) :]
    if left:
        rules = sum(len(group) for _, group in left)
        told = (
            f"and {len(left):,} more cause{'s' * (len(left) != 1)} with "
            f"{rules:,} rule{'s' * (rules != 1)}: --full lists them"
        )
        yield (Segment(" " * _MARGIN), Segment(told, "faint"))
    if left or (close and shown):
        yield ()


def _groups(
    findings: Iterable[Finding],
) -> dict[tuple[Status, str], list[Finding]]:
    groups: dict[tuple[Status, str], list[Finding]] = {}
    for finding in findings:
        if finding.status in _UNSEEN:
            key = (finding.status, _missing(finding))
            groups.setdefault(key, []).append(finding)
    return groups


def _cause(
    status: Status,
    missing: str,
    group: Sequence[Finding],
    width: int,
    most: int | None,
) -> Iterator[Line]:
    count = f"{len(group):,} rule{'s' * (len(group) != 1)}{_levels(group)}"
    items = layout.words(f"because {missing}", "title")
    yield from layout.flow(
        [*items, (Segment(f"({count})", "faint"),)],
        first=(Segment(f"{status.value:<{_MARGIN - 2}}  ", status.value),),
        indent=_MARGIN,
        gap=" ",
        width=width,
    )
    names = [
        (
            Segment(visible(finding.rule.name), finding.rule.level.value),
            *([Segment(",")] if finding is not group[-1] else []),
        )
        for finding in group[:most]
    ]
    if most is not None and len(group) > most:
        names.append((Segment(f"and {len(group) - most:,} more", "faint"),))
    yield from layout.flow(names, indent=_MARGIN, gap=" ", width=width)


def _levels(group: Sequence[Finding]) -> str:
    """Return the level that all have, or how many there are of each, worst first."""
    counts = Counter(finding.rule.level for finding in group)
    if len(counts) == 1:
        return f", {level_word(group[0].rule.level)}"
    told = (
        f"{counts[level]:,} {level_word(level)}"
        for level in reversed(Level)
        if counts[level]
    )
    return f": {', '.join(told)}"


def _missing(finding: Finding) -> str:
    """Return what `evidence.missing` says; the message where it says nothing."""
    missing: Any = finding.evidence.get("missing")
    if isinstance(missing, str) and missing:
        return visible(missing).rstrip(".")
    return escaped(message_of(finding)).rstrip(".")
