"""Write the first screen of a report: what there is to look at, the worst first.

The identities with the worst findings, what could not be decided, and what to do next;
the table of rules above them is `checker.reports.group_table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from checker.model import AnyRule, Finding, Report, Status
from checker.reports import layout, summary
from checker.reports.group_cells import level_word
from checker.reports.groups import By, Groups
from checker.reports.json import message as message_of
from checker.reports.order import is_visibility
from checker.reports.segments import Line, Segment, visible

MOST_ROWS: Final = 20
"""How many rules (or identities, resources) the screen lists."""

MOST_IDENTITIES: Final = 5
_LEAST_ROWS: Final = 5
_BESIDE_ROWS: Final = 28
"""About how many lines of 80 columns the screen has besides the table."""

_MOST_UNKNOWN: Final = 5
_UNDECIDED: Final = (Status.UNKNOWN, Status.ERROR)


def most_rows(height: int | None) -> int:
    """Return how many rows of two lines there are, so that all fits two terminals."""
    if height is None:
        return MOST_ROWS
    return max(_LEAST_ROWS, min(MOST_ROWS, (2 * height - _BESIDE_ROWS) // 2))


class Counts(msgspec.Struct):
    """What one reading of the findings has counted.

    `found` are the failures in the groups asked for, and `identities` those of events
    by who did it; `unknown` are the outcomes that could not be decided, by rule, each
    with the first and their number.
    """

    found: Groups
    identities: Groups = msgspec.field(default_factory=lambda: Groups(By.IDENTITY))
    unknown: dict[str, tuple[Finding, int]] = msgspec.field(default_factory=dict)

    @property
    def worst(self) -> AnyRule | None:
        """Return the rule of the worst group."""
        ranked = sorted(self.found.ranked(), key=lambda group: group.rank)
        return ranked[0].rule if ranked else None

    @classmethod
    def of(cls, report: Report, by: By) -> Counts:
        """Read the findings of a report once."""
        counts = cls(Groups(by))
        for finding in report.findings:
            counts.add(finding)
        return counts

    def add(self, finding: Finding) -> None:
        """Count one finding; what would be seen is not counted here."""
        if finding.status is Status.FAIL:
            self.found.add(finding)
            if finding.subject["type"] == "event":
                self.identities.add(finding)
        elif finding.status in _UNDECIDED and not is_visibility(finding):
            first, number = self.unknown.get(finding.rule.name, (finding, 0))
            self.unknown[finding.rule.name] = (first, number + 1)


def identities(counts: Counts, width: int) -> Iterator[Line]:
    """Yield the identities with the worst findings, each on a line."""
    if counts.found.by is By.IDENTITY:
        return
    groups = counts.identities.ranked()
    if not groups:
        return
    shown = groups[:MOST_IDENTITIES]
    numbers = [f"{group.count:,}" for group in shown]
    size = max(map(len, numbers))
    for place, (group, number) in enumerate(zip(shown, numbers, strict=True)):
        several = len(group.rules)
        about = f"{several} rule{'s' * (several != 1)}"
        level = group.worst
        first = (
            Segment(f"{'' if place else 'identities':<{summary.LABEL}}", "faint"),
            Segment(f"{level_word(level):<8}  ", level.value),
            Segment(f"{number:>{size}}  "),
        )
        name, note = Segment(visible(group.label, 300) or "unknown"), f"({about})"
        indent = summary.LABEL + 10
        used = sum(layout.columns(segment.text) for segment in (*first, name))
        items: list[layout.Item] = [(name,), (Segment(note, "faint"),)]
        if used > width:  # the name is below; the note need not follow it there
            items.reverse()
        yield from layout.flow(items, first=first, indent=indent, gap=" ", width=width)
    more = len(groups) - len(shown)
    if more or counts.identities.others:
        told = f"and {more:,} more{' at least' * bool(counts.identities.others)}"
        yield (Segment(" " * summary.LABEL), Segment(f"{told}: --by identity", "faint"))


def undecided(counts: Counts, width: int, *, full: bool = False) -> Iterator[Line]:
    """Yield the rules that could not be decided, each with the reason."""
    number = sum(count for _, count in counts.unknown.values())
    if not number:
        return
    checks = f"{number:,} check{'s' * (number != 1)} could not be decided"
    yield (
        Segment(f"{'unknown':<{summary.LABEL}}", "faint"),
        Segment(checks, "unknown"),
    )
    ranked = sorted(
        counts.unknown.values(),
        key=lambda item: (-item[0].rule.level.rank, -item[1], item[0].rule.name),
    )
    most = None if full else _MOST_UNKNOWN
    margin = (Segment(" " * summary.LABEL),)
    for finding, _ in ranked[:most]:
        yield from layout.paragraph(
            visible(f"{finding.rule.name}: {_why(finding)}", 400),
            first=margin,
            indent=summary.LABEL + 2,
            width=width,
        )
    if most is not None and len(ranked) > most:
        left = len(ranked) - most
        more = f"and of {left:,} more rule{'s' * (left != 1)}"
        yield (*margin, Segment(more, "faint"))


def _why(finding: Finding) -> str:
    """Return what the message says besides the rule's title."""
    return message_of(finding).replace(f": {finding.rule.title}:", ":", 1)


def following(commands: Sequence[str], width: int) -> Iterator[Line]:
    """Yield the commands to run next."""
    for place, command in enumerate(commands):
        label = Segment(f"{'' if place else 'next':<{summary.LABEL}}", "faint")
        yield from layout.command(
            visible(command, 4_000), first=(label,), indent=summary.LABEL, width=width
        )
