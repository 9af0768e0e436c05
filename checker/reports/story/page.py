"""Write the story of an identity as one page of HTML, without scripts."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Final

from checker.reports.segments import uncommanding, visible
from checker.reports.story.rows import (
    alike,
    counts_of,
    origin_of,
    span_of,
    words_of,
)
from checker.story import Told


def render(told: Told) -> Iterator[str]:
    """Yield one page without scripts, styles from elsewhere or requests."""
    story = told.story
    yield _HEAD.format(title=_escaped(f"Story of {told.identity}"))
    yield f"<h1>{_escaped(told.identity)}</h1>\n<p>{_escaped(span_of(story))}</p>\n"
    yield from _table(
        "Sessions",
        ("Session", "Identity", "From", "First", "Last", "Events", "Denied"),
        (
            (
                one.name,
                one.caller,
                origin_of(one),
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
    for title, counts in counts_of(story):
        rows = ((name, f"{number:,}") for name, number in counts.items())
        yield from _table(title, (title, "Events"), rows)
    yield from _table(
        "Timeline",
        ("Time", "Call", "Result", "Region", "Address", "Session", "Findings"),
        (
            (
                row.call.time,
                words_of(row),
                row.call.error or "",
                row.call.region,
                row.call.address,
                row.call.session,
                ", ".join(
                    f"{level.value}: {rule}" for rule, level in row.call.findings
                ),
            )
            for row in alike(story.calls)
        ),
    )
    unread = (
        (one.uri, "" if one.record is None else str(one.record), one.reason)
        for one in told.problems
    )
    if told.problems:
        yield from _table("Not read", ("Input", "Record", "Reason"), unread)
    yield "".join(f"<p>{_escaped(note)}</p>\n" for note in told.notes)
    yield "</main></body></html>\n"


def _escaped(value: str) -> str:
    return html.escape(uncommanding(visible(value)))


def _table(
    title: str, heads: Sequence[str], rows: Iterator[tuple[str, ...]]
) -> Iterator[str]:
    cells = "".join(f'<th scope="col">{_escaped(head)}</th>' for head in heads)
    yield f"<h2>{_escaped(title)}</h2>\n"
    # A screen that is narrower than the columns is scrolled, by keyboard as well.
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="{title}">\n'
    yield f"<table><thead><tr>{cells}</tr></thead><tbody>\n"
    for row in rows:
        cells = "".join(f"<td>{_escaped(value)}</td>" for value in row)
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody></table></div>\n"


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
h1 {{ overflow-wrap: anywhere }}
.scroll {{ overflow-x: auto }}
@media screen {{ table:has(th:nth-child(6)) {{ min-width: 60rem }} }}
th, td {{ min-width: 4.5rem; text-align: left; vertical-align: top;
 padding: .25rem .6rem .25rem 0;
 border-bottom: 1px solid #8884; overflow-wrap: anywhere }}
th {{ overflow-wrap: normal }}
tr {{ break-inside: avoid }}
</style></head><body><main>
"""
