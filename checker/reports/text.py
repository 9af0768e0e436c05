"""Write a report for people.

Findings stand under their rule, worst first; what would not be seen stands under what
is missing; a summary says what was read and what was not.  One list of lines serves the
terminal and the pipe: see `checker.reports.segments`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from checker.model import (
    ConfigurationRule,
    DetectionRule,
    Finding,
    Level,
    Location,
    Report,
    Status,
)
from checker.reports import requirements, segments, summary
from checker.reports.evidence import phrases
from checker.reports.json import message as message_of
from checker.reports.json import subject
from checker.reports.order import is_visibility, ordered
from checker.reports.segments import Line, Segment, escaped, visible

WIDTH: Final = 100
"""Columns after which evidence and lists of rules go on to the next line."""

MOST_LISTED: Final = 1_000
"""How many findings of one rule are listed; of the others the number is said."""

_MARGIN: Final = 10
_BRIEF: Final = "info"
_LISTED: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.ERROR})
_UNSEEN: Final = (Status.BLIND, Status.PARTIAL, Status.UNKNOWN)
_BLANK: Final[Line] = ()


def render(
    report: Report, *, colour: bool = False, quiet: bool = False
) -> Iterator[str]:
    """Yield the report line by line.

    `colour` is the answer of `segments.wants_colour` for the stream; `quiet` leaves the
    summary out.
    """
    draw = segments.coloured if colour else segments.plain
    return draw(_lines(report, quiet=quiet))


def render_summary(report: Report, *, colour: bool = False) -> Iterator[str]:
    """Yield only the summary, for a command that writes its findings elsewhere."""
    draw = segments.coloured if colour else segments.plain
    return draw(summary.lines(report))


def _lines(report: Report, *, quiet: bool) -> Iterator[Line]:
    unseen: list[Finding] = []
    brief = False
    judged = _judged(ordered(report.findings), unseen)
    for _, found in groupby(judged, key=_heading):
        group = _Group.of(found)
        yield from _rule(group)
        brief = bool(group.listed) and _is_brief(group.listed[0])
    if brief:
        yield _BLANK
    yield from _visibility(unseen)
    for judgement in report.frameworks:
        yield from requirements.lines(judgement)
    if not quiet:
        yield from summary.lines(report)


def _heading(finding: Finding) -> tuple[str, Level]:
    """What findings under one heading share: a rule may have findings of two levels."""
    return finding.rule.name, finding.level


def _judged(findings: Iterable[Finding], unseen: list[Finding]) -> Iterator[Finding]:
    """The findings on what is there, one by one; the others go into `unseen`."""
    for finding in findings:
        if is_visibility(finding):
            unseen.append(finding)
        else:
            yield finding


@dataclass(frozen=True, slots=True)
class _Group:
    """The findings of one rule: the first ones to be listed, and how many there are."""

    listed: list[Finding]
    counts: Counter[Status]

    @classmethod
    def of(cls, found: Iterable[Finding]) -> _Group:
        group = cls([], Counter())
        for finding in found:
            group.counts[finding.status] += 1
            if finding.status in _LISTED and len(group.listed) < MOST_LISTED:
                group.listed.append(finding)
        return group

    @property
    def unlisted(self) -> int:
        """How many are left out of the list for want of room."""
        return sum(self.counts[each] for each in _LISTED) - len(self.listed)


def _rule(group: _Group) -> Iterator[Line]:
    """The lines of one rule: its title, each finding, and how to mend it."""
    listed = group.listed
    if not listed:
        return
    rule = listed[0].rule
    level = listed[0].level.value
    title = Segment(escaped(rule.title), "title")
    if _is_brief(listed[0]):
        # What is merely worth knowing is counted: the other formats list it.
        number = len(listed) + group.unlisted
        count = Segment(f"  {rule.name} · {number:,}", "faint")
        yield (Segment(f"{_BRIEF:<{_MARGIN - 2}}  ", level), title, count)
        return
    yield (Segment(f"{level:<{_MARGIN - 2}}  ", level), title)
    yield (
        Segment(" " * _MARGIN),
        Segment(f"{visible(rule.name)}{_counts(group)}", "faint"),
    )
    shared = _shared_message(listed)
    if shared:
        yield (Segment(" " * _MARGIN), Segment(shared))
    told = [list(phrases(finding)) for finding in listed]
    common = _common(told)
    yield from _evidence(common, indent=_MARGIN)
    yield _BLANK
    widths = _widths(listed)
    for finding, said in zip(listed, told, strict=True):
        own = [phrase for phrase in said if phrase not in common]
        yield from _finding(finding, own, widths, message=not shared)
    if group.unlisted:
        more = f"  and {group.unlisted:,} more: --format json lists them all"
        yield (Segment(more, "faint"),)
    if isinstance(rule, ConfigurationRule) and rule.remediation:
        yield from _remediation(rule.remediation.text, rule.remediation.cli)
    yield _BLANK


def _is_brief(finding: Finding) -> bool:
    return finding.level is Level.INFORMATIONAL


def _counts(group: _Group) -> str:
    if isinstance(group.listed[0].rule, ConfigurationRule):
        return "".join(
            f" · {group.counts[status]} {summary.words(status)}"
            for status in Status
            if group.counts[status]
        )
    number = group.counts.total()
    return f" · {number:,} findings" if number > 1 else ""


def _shared_message(listed: list[Finding]) -> str:
    """The message if all findings have the same and it says more than the title."""
    if listed[0].subject["type"] == "event":
        return ""
    messages = {finding.message for finding in listed}
    if len(messages) > 1:
        return ""
    return _message(listed[0])


def _message(finding: Finding) -> str:
    """What the message says beyond the title; an event's columns say all of it."""
    if finding.subject["type"] == "event" and isinstance(finding.rule, DetectionRule):
        return ""
    if finding.reason is None:
        return escaped(message_of(finding))
    return visible(finding.reason)


def _finding(
    finding: Finding,
    own: Sequence[tuple[str, str]],
    widths: Sequence[int],
    *,
    message: bool,
) -> Iterator[Line]:
    first = [Segment("  ")]
    for (text, style), width in zip(_cells(finding), widths, strict=True):
        if width:
            first += [
                Segment(text, style),
                Segment(" " * (max(0, width - len(text)) + 2)),
            ]
    yield tuple(first[:-1])
    said = _message(finding) if message else ""
    if said:
        yield (Segment("      "), Segment(said))
    yield from _evidence(own, indent=6)
    if finding.location:
        yield (Segment("      "), Segment(where(finding.location), "faint"))


def _common(told: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """The evidence that all findings of a rule share, to be said once."""
    if len(told) == 1:
        return []
    return [phrase for phrase in told[0] if all(phrase in said for said in told)]


def _evidence(said: Sequence[tuple[str, str]], *, indent: int) -> Iterator[Line]:
    items = [(Segment(f"{name} = ", "faint"), Segment(value)) for name, value in said]
    yield from flow(items, indent=indent, gap="  ")


def _cells(finding: Finding) -> list[Segment]:
    """What the first line of a finding says, in columns."""
    told = {key: visible(value or "", 120) for key, value in subject(finding).items()}
    if told["type"] == "event":
        return [
            Segment(told["eventTime"], "faint"),
            Segment(told["eventName"]),
            Segment(told["principal"]),
            Segment(told["sourceIPAddress"]),
            Segment(told["awsRegion"], "faint"),
        ]
    # An ARN says its account and Region already.
    account = told.get("accountId", "")
    known = told["id"].startswith("arn:")
    return [
        Segment(summary.words(finding.status), finding.status.value),
        Segment(told["id"]),
        Segment("" if known else told.get("region", ""), "faint"),
        Segment("" if known or account == told["id"] else account, "faint"),
    ]


def _widths(listed: list[Finding]) -> list[int]:
    """How wide each column has to be; rules hold subjects of one kind each."""
    rows = [_cells(finding) for finding in listed]
    return [
        min(60, max(len(cell.text) for cell in column))
        for column in zip(*rows, strict=True)
    ]


def where(location: Location) -> str:
    """The location in words: `logs/x.json.gz record 12`, `snapshot.json line 40`."""
    uri = "stdin" if location.uri == "-" else visible(location.uri)
    if location.record is not None:
        return f"{uri} record {location.record}"
    return f"{uri} line {location.start_line}"


def flow(
    items: Sequence[tuple[Segment, ...]], *, indent: int, gap: str
) -> Iterator[Line]:
    """Put the items side by side, on as many lines of `WIDTH` columns as they need."""
    margin = Segment(" " * indent)
    line: list[Segment] = []
    used = indent
    for item in items:
        width = sum(len(segment.text) for segment in item)
        if line and used + len(gap) + width > WIDTH:
            yield (margin, *line)
            line, used = [], indent
        if line:
            line.append(Segment(gap))
            used += len(gap)
        line += item
        used += width
    if line:
        yield (margin, *line)


def _remediation(text: str, cli: str | None) -> Iterator[Line]:
    yield _BLANK
    words = [(Segment(word),) for word in escaped(" ".join(text.split())).split(" ")]
    lines = flow(words, indent=6, gap=" ")
    yield (Segment("  fix "), *next(lines, _BLANK)[1:])
    yield from lines
    for line in (cli or "").strip().splitlines():
        yield (Segment("      "), Segment(escaped(line, 4000), "faint"))


def _visibility(findings: list[Finding]) -> Iterator[Line]:
    """The rules that could not fire, under what is missing for them."""
    groups: dict[tuple[Status, str], list[Finding]] = {}
    for finding in findings:
        if finding.status in _UNSEEN:
            key = (finding.status, _missing(finding))
            groups.setdefault(key, []).append(finding)
    # `findings` are worst first, so within a status the groups are too.
    for (status, missing), group in sorted(
        groups.items(), key=lambda item: _UNSEEN.index(item[0][0])
    ):
        count = f"{len(group)} rule{'s' if len(group) > 1 else ''}"
        yield (
            Segment(f"{status.value:<{_MARGIN - 2}}  ", status.value),
            Segment(f"because {missing}", "title"),
            Segment(f"  {count}", "faint"),
        )
        names = [_named(finding, comma=finding is not group[-1]) for finding in group]
        yield from flow(names, indent=_MARGIN, gap=" ")
        yield _BLANK


def _missing(finding: Finding) -> str:
    """What `evidence.missing` says; the message where it says nothing."""
    missing: Any = finding.evidence.get("missing")
    if isinstance(missing, str) and missing:
        return visible(missing).rstrip(".")
    return escaped(message_of(finding)).rstrip(".")


def _named(finding: Finding, *, comma: bool) -> tuple[Segment, ...]:
    name = Segment(visible(finding.rule.name), finding.rule.level.value)
    return (name, Segment(",")) if comma else (name,)
