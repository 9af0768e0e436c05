"""Write the first screen of a report: what there is to look at, the worst first.

One line a rule (or identity, resource, stretch of time), the identities with the worst
findings, what could not be decided, and what to do next.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from checker.model import AnyRule, Finding, Level, Report, Status
from checker.reports import layout, summary
from checker.reports.groups import By, Group, Groups, Names
from checker.reports.json import message as message_of
from checker.reports.order import is_visibility
from checker.reports.segments import Line, Segment, visible

MOST_ROWS: Final = 20
"""How many rules (or identities, resources) the screen lists."""

MOST_IDENTITIES: Final = 5
_MOST_UNKNOWN: Final = 5
_MARGIN: Final = 10
_GAP: Final = "  "
_WIDE: Final = 120
_WIDEST: Final = 44
_NARROW: Final = 34
"""Columns of names in a wide table and in a narrow one; a longer name moves its row."""

_LONGEST_TIME: Final = 36
_NARROW_CELL: Final = 20

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")
_WORDS: Final = {Level.INFORMATIONAL: "info"}
_UNDECIDED: Final = (Status.UNKNOWN, Status.ERROR)
_NOUNS: Final = {
    By.RULE: "rule",
    By.IDENTITY: "identity",
    By.RESOURCE: "resource",
    By.TIME: "time",
}
_PLURALS: Final = {By.IDENTITY: "identities", By.TIME: "times"}


@dataclass(slots=True)
class Counts:
    """What one reading of the findings has counted.

    `found` are the failures in the groups asked for, and `identities` those of events
    by who did it; `unknown` are the outcomes that could not be decided, by rule, each
    with the first and their number.
    """

    found: Groups
    identities: Groups = field(default_factory=lambda: Groups(By.IDENTITY))
    unknown: dict[str, tuple[Finding, int]] = field(default_factory=dict)

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


def level_word(level: Level) -> str:
    """Return the word for a level in the margin of a line."""
    return _WORDS.get(level, level.value)


def plural(number: int, by: By) -> str:
    """Return so many groups in words: `3 identities`."""
    noun = _NOUNS[by]
    return f"{number:,} {noun if number == 1 else _PLURALS.get(by, f'{noun}s')}"


def rows(counts: Counts, width: int, most: int | None = MOST_ROWS) -> Iterator[Line]:
    """Yield one line a group, and how many there are besides; nothing if none."""
    groups = counts.found.ranked()
    shown = groups if most is None else groups[:most]
    if not shown:
        return
    yield from _table(shown, counts.found.by, width)
    rest = groups[len(shown) :]
    more = sum(group.count for group in rest) + counts.found.others
    if more:
        left = plural(len(rest), counts.found.by) if rest else "others"
        told = f"and {left} with {more:,} findings{_levels(rest)}: --full lists them"
        yield from layout.paragraph(
            told,
            first=(Segment(" " * _MARGIN),),
            indent=_MARGIN,
            width=width,
            style="faint",
        )
    yield ()


def _levels(groups: Sequence[Group]) -> str:
    """Return how bad the groups are: ` (3 high, 20 low)`."""
    told = [
        f"{number:,} {level.value}"
        for level in reversed(Level)
        if (number := sum(group.worst is level for group in groups))
    ]
    return f" ({', '.join(told)})" if told else ""


_Cell: TypeAlias = Callable[[Group], str]


def _table(groups: Sequence[Group], by: By, width: int) -> Iterator[Line]:
    """Yield the lines of groups; what does not fit goes on below the name."""
    wide = width >= _WIDE
    owners = {name for group in groups for name in group.accounts}

    def when(group: Group) -> str:
        return _when(group.first, group.last, wide=wide)

    def where(group: Group) -> str:
        return _where(group, accounts=wide and len(owners) > 1)

    columns: list[tuple[str, _Cell]] = [
        ("who or what", _who) if by is By.RULE else ("rules", _rules),
        ("where", where),
    ]
    if by is not By.TIME:
        columns.insert(0, ("first to last", when))
    names = _distinct([(label(group, by), group.label) for group in groups])
    table = [[cell(group) for _, cell in columns] for group in groups]
    sizes = [layout.widest([_NOUNS[by], *names], _WIDEST if wide else _NARROW)]
    for place, (title, _) in enumerate(columns):
        texts = [title, *(row[place] for row in table)]
        most = _LONGEST_TIME if columns[place][1] is when or wide else _NARROW_CELL
        sizes.append(layout.widest(texts, most))
    titles = [_NOUNS[by], *(title for title, _ in columns)]
    heading = f"{'level':<{_MARGIN}}count  {_padded(titles, sizes)}"
    if len(heading) > width:
        heading = f"{'level':<{_MARGIN}}count  {', '.join(titles)}"
    yield (Segment(heading if len(heading) <= width else "level", "faint"),)
    for group, name, row in zip(groups, names, table, strict=True):
        yield from _row(group, [name, *row], sizes, width)


def _distinct(names: Sequence[tuple[str, str]]) -> list[str]:
    """Return short names; those that are the same with the account of their ARN."""
    times = Counter(short_name for short_name, _ in names)
    return [
        f"{name} in {visible(whole.split(':')[4])}"
        if times[name] > 1 and whole.count(":") > 4
        else name
        for name, whole in names
    ]


def _padded(texts: Sequence[str], sizes: Sequence[int]) -> str:
    return _GAP.join(map(layout.padded, texts, sizes)).rstrip()


def _row(
    group: Group, texts: Sequence[str], sizes: Sequence[int], width: int
) -> Iterator[Line]:
    """Yield a group in columns, or as far as they fit, and the rest below its name."""
    level, number = group.worst, f"{group.count:>5,}"
    first = (
        Segment(f"{level_word(level):<{_MARGIN - 2}}  ", level.value),
        Segment(f"{number}{_GAP}"),
    )
    indent = _MARGIN + len(number) + 2
    name = texts[0]
    # In columns, or those that begin the line, or none of them: what fits first.
    for kept in (len(texts), min(len(texts), 2), 0):
        cells = [*map(layout.padded, texts[:kept], sizes), *filter(None, texts[kept:])]
        rest = _GAP.join(cells).rstrip()[len(name) :]
        if indent + layout.columns(name + rest) <= width:
            yield (*first, Segment(name, "title"), Segment(rest))
            return
    items = [(Segment(text),) for text in texts[1:] if text]
    named = [(Segment(name, "title"),), *items]
    yield from layout.flow(named, first=first, indent=indent, gap=_GAP, width=width)


def label(group: Group, by: By, *, whole: bool = False) -> str:
    """Return what a group is called; an ARN without its account, unless `whole`."""
    shown = visible if whole else short
    match by:
        case By.RULE:
            return visible(group.rule.name)
        case By.IDENTITY:
            return shown(group.label) or "no identity (settings)"
        case By.RESOURCE:
            return shown(group.label) or "no resource"
        case By.TIME:
            hour = ":00" * ("T" in group.label)
            return f"{visible(group.label).replace('T', ' ')}{hour}" or "no time"


def _who(group: Group) -> str:
    return _most(group.names, short)


def _rules(group: Group) -> str:
    """Return the rule with the worst finding, and how many there are besides."""
    return f"{visible(group.rule.name)}{_more(group.rules)}"


def _most(names: Names, shown: Callable[[str], str]) -> str:
    """Return the most frequent name, and how many there are besides."""
    ranked = names.ranked()
    if not ranked:
        return ""
    return f"{shown(ranked[0][0])}{_more(names)}"


def _more(names: Names) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return f"{more}{' or more' * names.more}"


def _where(group: Group, *, accounts: bool) -> str:
    regions, owners = group.regions.ranked(), group.accounts.ranked()
    told = [
        visible(names[0][0]) if len(names) == 1 else f"{len(names)} {noun}"
        for names, noun in (
            (owners if accounts else [], "accounts"),
            (regions, "Regions"),
        )
        if names
    ]
    return " ".join(told)


def short(name: str) -> str:
    """Return a name as people say it: of an ARN only what follows the account."""
    parts = name.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn" and parts[5]:
        name = parts[5].removeprefix("assumed-role/")
    return visible(name, 300)


def _when(first: str, last: str, *, wide: bool) -> str:
    """Return the first and the last time, as short as they allow."""
    begin, end = _TIME.match(first), _TIME.match(last)
    if not begin or not end:
        return visible(first, 20)
    (day, time), (last_day, last_time) = begin.groups(), end.groups()
    if (day, time) == (last_day, last_time):
        return f"{day} {time}"
    if day == last_day:
        return f"{day} {time} to {last_time}"
    if wide:
        return f"{day} {time} to {last_day} {last_time}"
    same = day[:5] == last_day[:5]
    return f"{day} to {last_day[5:] if same else last_day}"


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
        items: list[layout.Item] = [
            (Segment(visible(group.label, 300) or "unknown"),),
            (Segment(f"({about})", "faint"),),
        ]
        yield from layout.flow(
            items, first=first, indent=summary.LABEL + 10, gap=" ", width=width
        )
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
        more = f"and of {len(ranked) - most:,} more rules"
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
