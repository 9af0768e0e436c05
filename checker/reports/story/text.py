"""Write the story of an identity for people: what it adds up to, then its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from checker.reports import layout, segments, summary
from checker.reports.segments import Line, Segment, visible
from checker.reports.story.rows import (
    alike,
    counted,
    counts_of,
    origin_of,
    span_of,
    words_of,
)
from checker.story import Session, Story, Told

MOST_ROWS: Final = 100
"""How many rows of the timeline are shown unless all are asked for."""

_MOST_NAMES: Final = 6
_MARGIN: Final = 13


def text(
    told: Told, *, colour: bool, width: int, full: bool, quiet: bool
) -> Iterator[str]:
    """Yield the story as text: sessions, what was used, findings, timeline."""
    draw = segments.coloured if colour else segments.plain
    yield from draw(_lines(told, width, full=full, quiet=quiet))


def _lines(told: Told, width: int, *, full: bool, quiet: bool) -> Iterator[Line]:
    story = told.story
    if not story.events:
        yield (Segment(f"No event of {visible(told.identity)} ({told.kind})."),)
        yield ()
    else:
        heading = f"{visible(told.identity)} ({told.kind})"
        yield (Segment(heading, "title"),)
        yield from layout.paragraph(span_of(story), indent=0, width=width)
        yield ()
        if not _is_one_session(told):
            yield from _sessions(story, width)
        for title, counts in counts_of(story):
            yield from _names(title.lower(), counts, width)
        yield ()
        yield from _found(story)
        yield from _timeline(story, width, full=full)
    if not quiet:
        told_of = f"{story.events:,} of {told.statistics.events:,} events"
        yield from summary.reading(
            "story", told_of, told.statistics, told.problems, told.notes, width
        )


def _is_one_session(told: Told) -> bool:
    """Return whether the heading has said all that there is to a list of sessions."""
    names = {name for one in told.story.sessions for name in (one.name, one.caller)}
    return names == {told.identity}


def _sessions(story: Story, width: int) -> Iterator[Line]:
    yield (Segment("sessions", "title"),)
    depths = _depths(story.sessions)
    for one in story.sessions:
        indent = 2 + 2 * min(depths[one.name], 8)
        said = visible(one.caller)
        if one.name != one.caller:
            said = f"{visible(one.name)} {said}"
        origin = f", {origin_of(one)}" if one.issued_by else ""
        denied = f", {one.denied:,} with an error" if one.denied else ""
        period = visible(one.first)
        if one.last != one.first:
            period += f" to {visible(one.last)}"
        numbers = f"{counted(one.events)}{denied}, {period}"
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


def _names(title: str, counts: Mapping[str, int], width: int) -> Iterator[Line]:
    """Yield names side by side; those of several words have a line each."""
    ranked = list(counts.items())
    names = [f"{visible(name, 300)} ({n:,})" for name, n in ranked[:_MOST_NAMES]]
    if len(ranked) > _MOST_NAMES:
        names.append(f"and {len(ranked) - _MOST_NAMES:,} more")
    first = (Segment(f"{title:{_MARGIN}}", "title"),)
    if not any(" " in name for name in counts):
        items = [(Segment(name),) for name in names]
        yield from layout.flow(
            items, first=first, indent=_MARGIN, gap=", ", width=width
        )
        return
    for name in names:
        yield from layout.paragraph(name, first=first, indent=_MARGIN + 2, width=width)
        first = (Segment(" " * _MARGIN),)


def _found(story: Story) -> Iterator[Line]:
    if not story.findings:
        return
    yield (Segment("findings", "title"),)
    ranked = sorted(
        story.findings.items(),
        key=lambda each: (-each[0][1].rank, -each[1], each[0][0]),
    )
    for (rule, level), number in ranked:
        yield (
            Segment("  "),
            Segment(f"{level.value:14}", level.value),
            Segment(f"{rule} ({number:,})"),
        )
    yield ()


def _timeline(story: Story, width: int, *, full: bool) -> Iterator[Line]:
    rows = list(alike(story.calls))
    shown = rows if full else rows[:MOST_ROWS]
    yield (Segment("timeline", "title"),)
    for row in shown:
        call = row.call
        items: list[layout.Item] = [(Segment(words_of(row)),)]
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
