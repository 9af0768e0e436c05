"""Show findings one by one, under what they have in common.

A few examples of each group, or all of them: those that are many are written as they
come, each with all of its evidence.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from checker.model import (
    AnyRule,
    ConfigurationRule,
    DetectionRule,
    Finding,
    Level,
    Location,
)
from checker.reports import layout, summary
from checker.reports.evidence import phrases
from checker.reports.group_cells import level_word
from checker.reports.groups import text
from checker.reports.json import message as message_of
from checker.reports.segments import Line, Segment, escaped, visible

MOST_HELD: Final = 1_000
"""Of so many findings of a rule it is known what they share; of more it is not."""

_MARGIN: Final = 10
_INDENT: Final = 6
_HANGING: Final = 2
_WIDEST: Final = 60
_BLANK: Final[Line] = ()

_EVENT: Final = (
    ("eventTime", "faint"),
    ("eventName", ""),
    ("principal", ""),
    ("sourceIPAddress", ""),
    ("awsRegion", "faint"),
)

Phrases: TypeAlias = Sequence[tuple[str, str]]
"""Observed fields with their values, both as text."""


class Details:
    """Writes findings for one report: each text that fixes something comes once."""

    def __init__(self, width: int, *, full: bool) -> None:
        """Begin with nothing written; `full` cuts no value at the end of a line."""
        self._width = width
        self._full = full
        self._fixes: dict[str, str] = {}

    def of_rule(
        self, findings: Iterable[Finding], counted: str, more: int = 0
    ) -> Iterator[Line]:
        """Yield the title of a rule, its findings, and how to fix them.

        `counted` says how many there are, and `more` are left out.
        """
        found = iter(findings)
        held = list(itertools.islice(found, MOST_HELD))
        rule = held[0].rule
        yield from self._title(held[0].level, escaped(rule.title))
        yield from self._flow([visible(rule.name), counted], _MARGIN, gap=" · ")
        yield from self._findings(held, found)
        yield from self._more(more)
        yield from self._fix(rule)
        yield _BLANK

    def of_group(
        self,
        level: Level,
        label: str,
        counted: str,
        findings: Iterable[Finding],
        more: int = 0,
    ) -> Iterator[Line]:
        """Yield findings of several rules, under what is said of them together."""
        yield from self._title(level, label)
        yield from self._flow([counted], _MARGIN, gap="")
        yield _BLANK
        for finding in findings:
            name = Segment(visible(finding.rule.name), "title")
            first = f"  {level_word(finding.level):<8}  "
            start = Segment(first, finding.level.value)
            yield from self._row([name, *_cells(finding)], start)
            yield from self._below(finding, list(phrases(finding)), message=True)
        yield from self._more(more)
        yield _BLANK

    def _more(self, number: int) -> Iterator[Line]:
        if number:
            yield (Segment(f"  and {number:,} more: --full lists them", "faint"),)

    def _findings(
        self, held: Sequence[Finding], more: Iterator[Finding]
    ) -> Iterator[Line]:
        """Yield findings of one rule; what all of them share is said once."""
        following = next(more, None)
        shared, common = "", list[tuple[str, str]]()
        told = [list(phrases(finding)) for finding in held]
        if following is None:
            shared, common = _shared_message(held), _common(told)
        else:
            more = itertools.chain((following,), more)
        if shared:
            yield from self._text(shared, _MARGIN)
        yield from self._evidence(common, _MARGIN)
        yield _BLANK
        widths = _widths([_cells(finding) for finding in held])
        rows = itertools.chain(
            zip(held, told, strict=True),
            ((finding, list(phrases(finding))) for finding in more),
        )
        for finding, said in rows:
            own = [phrase for phrase in said if phrase not in common]
            yield from self._row(_cells(finding), Segment("  "), widths)
            yield from self._below(finding, own, message=not shared)

    def _title(self, level: Level, title: str) -> Iterator[Line]:
        first = (Segment(f"{level_word(level):<{_MARGIN - 2}}  ", level.value),)
        return layout.paragraph(
            title, first=first, indent=_MARGIN, width=self._width, style="title"
        )

    def _row(
        self, cells: Sequence[Segment], first: Segment, widths: Sequence[int] = ()
    ) -> Iterator[Line]:
        """Yield the first line of a finding, in columns if they fit."""
        line, used = [first], len(first.text)
        for (shown, style), width in zip(cells, widths, strict=False):
            if width:
                blanks = width - layout.columns(shown)
                line.append(Segment(f"{shown}{' ' * blanks}  ", style))
                used += width + max(0, -blanks) + 2
        if widths and used <= self._width + 2:
            last = line.pop()
            yield (*line, Segment(last.text.rstrip(), last.style))
            return
        items = [(cell,) for cell in cells if cell.text]
        yield from layout.flow(
            items, first=(first,), indent=_INDENT, gap="  ", width=self._width
        )

    def _below(
        self, finding: Finding, own: Phrases, *, message: bool
    ) -> Iterator[Line]:
        """Yield what stands under the first line of a finding."""
        said = _message(finding) if message else ""
        if said:
            yield from self._text(said, _INDENT)
        yield from self._evidence(own, _INDENT)
        if finding.location:
            yield (Segment(" " * _INDENT), Segment(where(finding.location), "faint"))

    def _evidence(self, said: Phrases, indent: int) -> Iterator[Line]:
        short: list[layout.Item] = []
        long: list[layout.Item] = []
        for name, value in said:
            start = Segment(f"{name} =", "faint")
            shown = self._cut(value, name, indent)
            size = layout.columns(start.text) + 1 + layout.columns(shown)
            if indent + size <= self._width:
                short.append((start, Segment(f" {shown}")))
            else:
                long.append((start, *map(Segment, shown.split(" "))))
        yield from layout.flow(short, indent=indent, gap="  ", width=self._width)
        for words in long:
            yield from layout.flow(
                [(word,) for word in words],
                first=(Segment(" " * indent),),
                indent=indent + _HANGING,
                gap=" ",
                width=self._width,
            )

    def _cut(self, value: str, name: str, indent: int) -> str:
        """Cut a long value at the end of the line; a name in it is not cut."""
        room = self._width - indent - layout.columns(name) - 3
        if self._full or " " not in value or layout.columns(value) <= room:
            return value
        cut = value[: max(room - 1, 20)]
        return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"

    def _text(self, said: str, indent: int) -> Iterator[Line]:
        return layout.paragraph(said, indent=indent, width=self._width)

    def _flow(self, texts: Sequence[str], indent: int, *, gap: str) -> Iterator[Line]:
        items = [(Segment(text, "faint"),) for text in texts if text]
        return layout.flow(items, indent=indent, gap=gap, width=self._width)

    def _fix(self, rule: AnyRule) -> Iterator[Line]:
        """Yield how to fix what a configuration rule found; a text comes once."""
        if not isinstance(rule, ConfigurationRule) or not rule.remediation:
            return
        yield _BLANK
        said = escaped(" ".join(rule.remediation.text.split()), 4_000)
        before = self._fixes.setdefault(said, rule.name)
        if before != rule.name:
            said = f"as for {visible(before)}"
        first = (Segment("  fix ", "title"),)
        yield from layout.paragraph(
            said, first=first, indent=_INDENT, width=self._width
        )
        yield from self._commands(rule, rule.remediation.cli or "")

    def _commands(self, rule: AnyRule, cli: str) -> Iterator[Line]:
        """Yield the commands of a fix if they fit, else where they can be read."""
        lines = [
            line
            for command in cli.strip().splitlines()
            for line in layout.command(
                escaped(command, 4_000), indent=_INDENT, width=self._width
            )
        ]
        sizes = [sum(layout.columns(part.text) for part in line) for line in lines]
        if self._full and max(sizes, default=0) <= self._width:
            yield from lines
        elif lines:
            where = f"commands: trailcheck show {visible(rule.name)}"
            yield from self._flow([where], _INDENT, gap="")


def _shared_message(held: Sequence[Finding]) -> str:
    """Return the message if all have the same and it says more than the title."""
    if held[0].subject["type"] == "event":
        return ""
    messages = {finding.message for finding in held}
    return _message(held[0]) if len(messages) == 1 else ""


def _message(finding: Finding) -> str:
    """Return what the message says beyond the title; an event's columns say it all."""
    if finding.subject["type"] == "event" and isinstance(finding.rule, DetectionRule):
        return ""
    if finding.reason is None:
        return escaped(message_of(finding))
    return visible(finding.reason)


def _common(told: Sequence[Phrases]) -> list[tuple[str, str]]:
    """Return the evidence that all findings of a rule share, to be said once."""
    if len(told) == 1:
        return []
    return [phrase for phrase in told[0] if all(phrase in said for said in told)]


def _cells(finding: Finding) -> list[Segment]:
    """Return what the first line of a finding says, in columns."""
    subject = finding.subject
    if subject["type"] == "event":
        return [
            Segment(_shown(text(subject.get(name)), 300), style)
            for name, style in _EVENT
        ]
    # An ARN says its account and Region already.
    name = text(subject.get("id"))
    account, region = text(subject.get("accountId")), text(subject.get("region"))
    known = name.startswith("arn:")
    return [
        Segment(summary.words(finding.status), finding.status.value),
        Segment(visible(name, 300)),
        Segment("" if known else visible(region), "faint"),
        Segment("" if known or account == name else visible(account), "faint"),
    ]


def _widths(rows: Sequence[Sequence[Segment]]) -> list[int]:
    """Return how wide each column has to be; rules hold subjects of one kind each."""
    return [
        min(_WIDEST, max(layout.columns(cell.text) for cell in column))
        for column in zip(*rows, strict=True)
    ]


_shown = functools.lru_cache(4_096)(visible)
"""The same few names come over and over."""


def where(location: Location) -> str:
    """Return the location in words: `logs/x.json.gz record 12`, `plan.json line 40`."""
    uri = "stdin" if location.uri == "-" else visible(location.uri)
    if location.record is not None:
        return f"{uri} record {location.record}"
    return f"{uri} line {location.start_line}"
