"""Write the story of an identity: for people, as JSON, as one page of HTML.

The JSON follows `schemas/story.json`.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import checker
from checker import secrets
from checker.reports import layout, segments, summary
from checker.reports.json import encode
from checker.reports.segments import Line, Segment, visible
from checker.story import Call, Session, Story, Told

VERSION: Final = 1
"""The version of `schemas/story.json`; it changes when a reader would break."""

MOST_ROWS: Final = 100
"""How many rows of the timeline the text shows unless it is asked for all."""

_MOST_NAMES: Final = 6


@dataclass(frozen=True, slots=True)
class _Row:
    """Calls that follow one another and differ in their time alone."""

    call: Call
    number: int
    last: str


def text(
    told: Told, *, colour: bool, width: int, full: bool, quiet: bool
) -> Iterator[str]:
    """Yield the story as text: sessions, what was used, findings, timeline."""
    draw = segments.coloured if colour else segments.plain
    yield from draw(_lines(told, width, full=full, quiet=quiet))


def json_(told: Told) -> Iterator[str]:
    """Yield the story as one JSON object in plain ASCII, a call on each line."""
    story = told.story
    head = {
        "version": VERSION,
        "tool": {"name": "trailcheck", "version": checker.__version__},
        "identity": told.identity,
        "kind": told.kind,
        "events": story.events,
        "denied": story.denied,
        "first": story.first or None,
        "last": story.last or None,
        "sessions": [dataclasses.asdict(one) for one in story.sessions],
        "regions": story.regions,
        "addresses": story.addresses,
        "userAgents": story.agents,
        "services": {
            name: {"events": events, "denied": denied}
            for name, (events, denied) in story.services.items()
        },
        "findings": [
            {"rule": rule, "level": level.value, "events": number}
            for (rule, level), number in story.findings.items()
        ],
        "omitted": story.omitted,
        "statistics": dataclasses.asdict(told.statistics),
        "problems": [dataclasses.asdict(problem) for problem in told.problems],
        "notes": list(told.notes),
    }
    yield encode(secrets.hide(head))[:-1] + ', "calls": ['
    separator = "\n "
    for call in story.calls:
        yield separator + encode(secrets.hide(_call(call)))
        separator = ",\n "
    yield "\n]}\n"


def html_(told: Told) -> Iterator[str]:
    """Yield one page without scripts, styles from elsewhere or requests."""
    story = told.story
    yield _HEAD.format(title=_escaped(f"Story of {told.identity}"))
    yield f"<h1>{_escaped(told.identity)}</h1>\n<p>{_escaped(_span(story))}</p>\n"
    yield from _table(
        "Sessions",
        ("Session", "Identity", "From", "First", "Last", "Events", "Denied"),
        (
            (
                one.name,
                one.caller,
                _origin(one),
                one.first,
                one.last,
                f"{one.events:,}",
                f"{one.denied:,}",
            )
            for one in story.sessions
        ),
    )
    yield from _table(
        "Findings",
        ("Level", "Rule", "Events"),
        (
            (level.value, rule, f"{number:,}")
            for (rule, level), number in story.findings.items()
        ),
    )
    for title, counts in _used(story):
        rows = ((name, f"{number:,}") for name, number in counts.items())
        yield from _table(title, (title, "Events"), rows)
    yield from _table(
        "Timeline",
        ("Time", "Call", "Result", "Region", "Address", "Session", "Findings"),
        (
            (
                row.call.time,
                _what(row),
                row.call.error or "",
                row.call.region,
                row.call.address,
                row.call.session,
                ", ".join(
                    f"{level.value}: {rule}" for rule, level in row.call.findings
                ),
            )
            for row in _rows(story.calls)
        ),
    )
    yield "</main></body></html>\n"


FORMATS: Final[Mapping[str, Callable[[Told], Iterator[str]]]] = {
    "json": json_,
    "html": html_,
}


def _lines(told: Told, width: int, *, full: bool, quiet: bool) -> Iterator[Line]:
    story = told.story
    if not story.events:
        yield (Segment(f"No event of {visible(told.identity)} ({told.kind})."),)
        yield ()
    else:
        heading = f"{visible(told.identity)} ({told.kind})"
        yield (Segment(heading, "title"),)
        yield from layout.paragraph(_span(story), indent=0, width=width)
        yield ()
        yield from _sessions(story, width)
        for title, counts in _used(story):
            yield from _counted(title.lower(), counts, width)
        yield ()
        yield from _found(story)
        yield from _timeline(story, width, full=full)
    if not quiet:
        told_of = f"{story.events:,} of {told.statistics.events:,} events"
        yield from summary.reading(
            "story", told_of, told.statistics, told.problems, told.notes, width
        )


def _span(story: Story) -> str:
    if not story.events:
        return "no event"
    events = f"{story.events:,} event{'s' * (story.events != 1)}"
    denied = f", {story.denied:,} with an error" if story.denied else ""
    return f"{events}{denied}, from {visible(story.first)} to {visible(story.last)}"


def _sessions(story: Story, width: int) -> Iterator[Line]:
    yield (Segment("sessions", "title"),)
    depths = _depths(story.sessions)
    for one in story.sessions:
        indent = 2 + 2 * min(depths[one.name], 8)
        said = visible(one.caller)
        if one.name != one.caller:
            said = f"{visible(one.name)} {said}"
        origin = f", {_origin(one)}" if one.issued_by else ""
        denied = f", {one.denied:,} with an error" if one.denied else ""
        span = f"{visible(one.first)} to {visible(one.last)}"
        numbers = f"{one.events:,} events{denied}, {span}"
        yield from layout.paragraph(
            f"{said}{origin}: {numbers}",
            first=(Segment(" " * indent),),
            indent=indent + 2,
            width=width,
        )
    yield ()


def _depths(sessions: Sequence[Session]) -> dict[str, int]:
    """Return how many sessions lead to each; a circle ends where it begins."""
    parents = {one.name: one.parent for one in sessions}
    depths: dict[str, int] = {}
    for one in sessions:
        seen = {one.name}
        parent = parents.get(one.name)
        while parent is not None and parent in parents and parent not in seen:
            seen.add(parent)
            parent = parents[parent]
        depths[one.name] = len(seen) - 1
    return depths


def _origin(session: Session) -> str:
    if session.issued_by is None:
        return ""
    told = f"by {session.issued_by} of {session.parent} at {session.issued_at}"
    return visible(told)


def _used(story: Story) -> list[tuple[str, Mapping[str, int]]]:
    services = {name: events for name, (events, _) in story.services.items()}
    return [
        ("Addresses", story.addresses),
        ("Regions", story.regions),
        ("User agents", story.agents),
        ("Services", services),
    ]


def _counted(title: str, counts: Mapping[str, int], width: int) -> Iterator[Line]:
    ranked = list(counts.items())
    items = [
        (Segment(f"{visible(name, 80)} ({number:,})"),)
        for name, number in ranked[:_MOST_NAMES]
    ]
    if len(ranked) > _MOST_NAMES:
        items.append((Segment(f"and {len(ranked) - _MOST_NAMES:,} more", "faint"),))
    first = (Segment(f"{title:13}", "title"),)
    yield from layout.flow(items, first=first, indent=13, gap=", ", width=width)


def _found(story: Story) -> Iterator[Line]:
    if not story.findings:
        return
    yield (Segment("findings", "title"),)
    for (rule, level), number in story.findings.items():
        yield (
            Segment("  "),
            Segment(f"{level.value:14}", level.value),
            Segment(f"{rule} ({number:,})"),
        )
    yield ()


def _timeline(story: Story, width: int, *, full: bool) -> Iterator[Line]:
    rows = list(_rows(story.calls))
    shown = rows if full else rows[:MOST_ROWS]
    yield (Segment("timeline", "title"),)
    for row in shown:
        call = row.call
        items: list[layout.Item] = [(Segment(_what(row)),)]
        items += [(Segment(call.error, "warning"),)] if call.error else []
        items += [
            (Segment(visible(value, 60), "faint"),)
            for value in (call.region, call.address)
            if value
        ]
        items += [
            (Segment(f"{level.value}:", level.value), Segment(f" {rule}"))
            for rule, level in call.findings
        ]
        first = (Segment(f"  {visible(call.time, 25):21}"),)
        yield from layout.flow(items, first=first, indent=23, gap="  ", width=width)
    if len(rows) > len(shown):
        more = len(rows) - len(shown)
        yield (Segment(f"  and {more:,} more rows: see them with --full", "faint"),)
    if story.omitted:
        yield (Segment(f"  {story.omitted:,} calls are counted above only", "faint"),)
    yield ()


def _rows(calls: Sequence[Call]) -> Iterator[_Row]:
    """Put calls that follow one another and are alike on one row."""
    first: Call | None = None
    number, last = 0, ""
    for call in calls:
        if first is not None and _kind(first) == _kind(call):
            number, last = number + 1, call.time
            continue
        if first is not None:
            yield _Row(first, number, last)
        first, number, last = call, 1, call.time
    if first is not None:
        yield _Row(first, number, last)


def _kind(call: Call) -> tuple[object, ...]:
    own = call.event_id if call.issued else None
    return (
        call.session,
        call.source,
        call.name,
        call.error,
        call.region,
        call.address,
        call.findings,
        own,
    )


def _what(row: _Row) -> str:
    call = row.call
    source = call.source.removesuffix(".amazonaws.com")
    told = f"{source}:{call.name}"
    if row.number > 1:
        told += f", {row.number:,} times until {row.last}"
    if call.issued:
        told += f" → {call.issued.key}"
    return visible(told, 200)


def _call(call: Call) -> dict[str, Any]:
    made = dataclasses.asdict(call.issued) if call.issued else None
    return {
        "time": call.time,
        "session": call.session,
        "eventSource": call.source,
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": call.address,
        "userAgent": call.agent,
        "errorCode": call.error,
        "eventID": call.event_id,
        "issued": made,
        "findings": [
            {"rule": rule, "level": level.value} for rule, level in call.findings
        ],
    }


def _escaped(value: str) -> str:
    return html.escape(visible(value))


def _table(
    title: str, heads: Sequence[str], rows: Iterator[tuple[str, ...]]
) -> Iterator[str]:
    cells = "".join(f'<th scope="col">{_escaped(head)}</th>' for head in heads)
    yield f"<h2>{_escaped(title)}</h2>\n<table><thead><tr>{cells}</tr></thead><tbody>\n"
    for row in rows:
        cells = "".join(f"<td>{_escaped(value)}</td>" for value in row)
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody></table>\n"


_HEAD: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }}
main {{ max-width: 80rem; margin: 1rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
 border-bottom: 1px solid #8884; overflow-wrap: anywhere }}
</style></head><body><main>
"""
