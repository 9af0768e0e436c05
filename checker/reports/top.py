"""Write which values come most often: for people, as JSON, as CSV.

The JSON follows `schemas/top.json`.  The CSV can be opened in a spreadsheet:
what would be a formula there is text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from msgspec import structs

import checker
from checker import secrets
from checker.model import Group, Ranking, Value
from checker.reports import csv, layout, segments, summary
from checker.reports.json import encode
from checker.reports.segments import Line, Segment, visible

VERSION: Final = 1
"""The version of `schemas/top.json`; it changes when a reader would break."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WIDEST: Final = 60


def text(
    ranking: Ranking,
    *,
    colour: bool = False,
    quiet: bool = False,
    width: int = layout.WIDTH,
) -> Iterator[str]:
    """Yield a table, largest groups first, and what was read unless `quiet`."""
    draw = segments.coloured if colour else segments.plain
    return draw(_lines(ranking, width, quiet=quiet))


def json_(ranking: Ranking) -> Iterator[str]:
    """Yield the ranking as one JSON object in plain ASCII, one line for each group."""
    head = {"name": "trailcheck", "version": checker.__version__}
    yield f'{{"version": {VERSION}, "tool": {encode(head)},\n'
    yield f' "fields": {encode(list(ranking.fields))}, "bucket": '
    yield f'{encode(ranking.bucket)},\n "groups": ['
    separator = "\n  "
    for group in ranking.groups:
        yield separator + encode(_document(ranking, group))
        separator = ",\n  "
    counts = {
        "counted": ranking.counted,
        "distinct": ranking.distinct,
        "low": ranking.low,
    }
    yield f'],\n {encode(counts)[1:-1]},\n "statistics": '
    yield f'{encode(structs.asdict(ranking.statistics))},\n "problems": '
    problems = [structs.asdict(problem) for problem in ranking.problems]
    yield encode(secrets.hide(problems))
    yield f',\n "notes": {encode(secrets.hide(list(ranking.notes)))}}}\n'


def csv_(ranking: Ranking) -> Iterator[str]:
    """Yield one row for each group, or for each group and bucket, after a header.

    An absent field is an empty cell, anything but text its JSON.
    """
    timed = ranking.bucket is not None
    first = ["eventTime"] if timed else []
    yield csv.row(["count", *first, *ranking.fields])
    for group in ranking.groups:
        values = [_plain(value) or "" for value in _values(ranking, group)]
        if not timed:
            yield csv.row([str(group.count), *values])
        for begin, count in group.buckets if timed else ():
            yield csv.row([str(count), _time(begin) or "", *values])


Render: TypeAlias = Callable[..., Iterator[str]]

FORMATS: Final[dict[str, Render]] = {"text": text, "json": json_, "csv": csv_}


def remarks(ranking: Ranking) -> Iterator[str]:
    """Yield what was read and left out, for a format that has no place for it."""
    return segments.plain(_remarks(ranking))


def _document(ranking: Ranking, group: Group) -> dict[str, Any]:
    values = [
        json.loads(value) if isinstance(value, bytes) else value
        for value in _values(ranking, group)
    ]
    document: dict[str, Any] = {"values": values, "count": group.count}
    if ranking.bucket is not None:
        document["buckets"] = [
            {"eventTime": _time(begin), "count": count}
            for begin, count in group.buckets
        ]
    return document


def _values(ranking: Ranking, group: Group) -> Iterator[Value]:
    """Yield the values of a group without secrets."""
    for field, value in zip(ranking.fields, group.values, strict=True):
        within = secrets.within(field)
        if secrets.needs_parent(field):
            # What is beside the value, and might call it a secret, is not here.
            within = secrets.Within.SECRET
        if isinstance(value, bytes):
            yield encode(secrets.hide(json.loads(value), within)).encode()
        else:
            yield secrets.hide(value, within)


def _lines(ranking: Ranking, width: int, *, quiet: bool) -> Iterator[Line]:
    rows = [
        [_shown(value) for value in _values(ranking, group)] for group in ranking.groups
    ]
    titles = [visible(name, _WIDEST) for name in ranking.fields]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    counts = [f"{group.count:,}" for group in ranking.groups]
    margin = max(map(len, ["count", *counts]))
    if rows:
        yield _table_row("count", "", titles, margin, widths, "title")
    for group, count, row in zip(ranking.groups, counts, rows, strict=True):
        share = f"{100 * group.count / ranking.counted:.1f} %"
        yield _table_row(count, share, row, margin, widths, "")
        for begin, number in group.buckets if ranking.bucket else ():
            told = _time(begin) or "no readable eventTime"
            yield (
                Segment(f"{number:>{margin},}", "faint"),
                Segment(" " * 11),
                Segment(told, "faint"),
            )
    more = ranking.distinct - len(ranking.groups)
    if more:
        rest = ranking.counted - sum(group.count for group in ranking.groups)
        told = f"and {more:,} more group{'s' * (more != 1)} of {rest:,} events"
        yield (Segment(" " * margin + "  "), Segment(told, "faint"))
    if not quiet:
        if rows:
            yield ()
        yield from _remarks(ranking, width)


def _table_row(  # noqa: PLR0913, PLR0917 - the parts of one line
    count: str,
    share: str,
    cells: Sequence[str],
    margin: int,
    widths: Sequence[int],
    style: str,
) -> Line:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    return (
        Segment(f"{count:>{margin}}", "title"),
        Segment(f"  {share:>7}  ", "faint"),
        Segment("  ".join(padded), style),
    )


def _remarks(ranking: Ranking, width: int = layout.WIDTH) -> Iterator[Line]:
    said = f"{ranking.counted:,} of {ranking.statistics.events:,} events"
    yield from summary.reading(
        "counted", said, ranking.statistics, ranking.problems, ranking.notes, width
    )


def _shown(value: Value) -> str:
    plain = _plain(value)
    return "-" if plain is None else visible(plain, _WIDEST)


def _plain(value: Value) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
