"""Read tables of events in CSV: results of Athena, Lake and Logs Insights.

Athena writes the result of every query as CSV into a bucket, CloudTrail Lake saves its
results so, and the console of CloudWatch Logs exports messages so.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-download-cloudtrail-lake-query-results.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from checker.sources.events import envelopes

_CELL = 1 << 22
"""The most characters of one cell; an event has 256 kB, or 1 MB in a data store."""

_HEAD = 1 << 14
_ENOUGH = ({"eventname"}, {"eventsource", "eventtime"}, {"@message"}, {"message"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its text, and its cells by column or what is wrong with it."""

    text: bytes
    cells: dict[str, str]
    reason: str | None = None


def is_table(text: bytes) -> bool:
    """Describe whether a text begins with a row of headings for events."""
    line, _, rest = text[:_HEAD].partition(b"\n")
    if line[:1] in (b"{", b"[", b"") or not (b"," in line or rest.strip()):
        return False
    try:
        (names,) = csv.reader([line.decode().strip()], strict=True)
    except (csv.Error, UnicodeDecodeError, ValueError):
        return False
    known = {name.strip().lower() for name in names}
    return any(needed <= known for needed in _ENOUGH)


def rows(text: bytes) -> Iterator[Row]:
    """Return the rows below the headings; what cannot be read is told in its place.

    Of a cell's quotes nothing but doubled ones are left out, so that after a row whose
    quotes do not end the rest cannot be told apart: it is one problem.
    """
    lines = io.StringIO(text.decode("utf-8", "surrogateescape"), newline="")
    taken: list[str] = []

    def told() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    before = csv.field_size_limit(_CELL)
    try:
        reader = csv.reader(told(), strict=True)
        names = [name.strip() for name in next(reader)]
        taken.clear()
        yield from _rows(reader, names, taken)
    finally:
        csv.field_size_limit(before)


def _rows(
    reader: Iterator[list[str]], names: list[str], taken: list[str]
) -> Iterator[Row]:
    while True:
        reason = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"the row of the table cannot be read: {error}"
        text = "".join(taken).encode("utf-8", "surrogateescape").rstrip(b"\r\n")
        taken.clear()
        if reason is None and not text.isascii() and not envelopes.is_utf8(text):
            reason = "it holds bytes that are not UTF-8"
        if not cells and reason is None:
            continue
        if reason is None and len(cells) != len(names):
            reason = f"the row has {len(cells)} cells, and {len(names)} headings"
        yield Row(text, dict(zip(names, cells, strict=False)), reason)
