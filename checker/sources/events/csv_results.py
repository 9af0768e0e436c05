"""Read tables of events in CSV: results of Athena, Lake and Logs Insights.

Athena writes the result of every query as CSV into a bucket, CloudTrail Lake saves its
results so, and the console of CloudWatch Logs exports messages so.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-download-cloudtrail-lake-query-results.html
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import msgspec

from checker.sources.events import envelopes, names
from checker.sources.events.names import Kind

_CELL = 1 << 22
"""The most characters of one cell; an event has 256 kB, or 1 MB in a data store."""

_HEAD = 1 << 14
_PREAMBLE = re.compile(rb"(?:#TYPE [^\n]*\n|sep=.\r?\n)")
"""What PowerShell and Excel write above the headings."""

_DELIMITERS = (",", "\t", ";")


class Row(msgspec.Struct, frozen=True):
    """One row: its text, and its cells by column or what is wrong with it."""

    text: bytes
    cells: dict[str, str]
    reason: str | None = None


def is_table(text: bytes) -> bool:
    """Return whether a text begins with a row of headings for events."""
    headings, _, rest = _line(text)
    if not headings:
        return False
    if len(headings) == 1:
        name = headings[0]
        alone = names.column(name).kind is Kind.WHOLE or name in names.CARRIERS
        return alone and b"{" in rest[:_HEAD]
    known = {name.lower() for name in headings}
    return names_events(headings) or not known.isdisjoint(names.CARRIERS)


def names_events(headings: list[str]) -> bool:
    """Return whether headings name an event, or a column that holds one."""
    return names_event(headings) or any(
        names.column(name).kind is Kind.WHOLE for name in headings
    )


def names_event(headings: list[str]) -> bool:
    """Return whether headings name an event."""
    paths = {names.column(name).path for name in headings}
    return ("eventName",) in paths or {("eventSource",), ("eventTime",)} <= paths


def refusal(text: bytes) -> str | None:
    """Return why a table cannot be read as a whole: some leave out what rules need.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html
    """
    headings = set(_line(text)[0])
    if {"Event name", "User name"} <= headings:
        return (
            "it is the CSV of the console's event history, which lacks what rules need "
            "(userIdentity, requestParameters …): choose Download as JSON there"
        )
    if any(names.column(name).kind is Kind.WHOLE for name in headings):
        return None
    return envelopes.foreign(headings)


def _line(text: bytes) -> tuple[list[str], str, bytes]:
    """Return the headings that a text begins with, their delimiter, and the rest."""
    preamble = _PREAMBLE.match(text)
    start = preamble.end() if preamble else 0
    line, _, rest = text[start : start + _HEAD].partition(b"\n")
    if line[:1] in (b"{", b"[", b"") or not (rest.strip() or b"," in line):
        return [], "", b""
    for delimiter in _DELIMITERS:
        try:
            (cells,) = csv.reader(
                [line.decode().strip("\r\n ")], strict=True, delimiter=delimiter
            )
        except (csv.Error, UnicodeDecodeError, ValueError):
            continue
        if len(cells) > 1 or delimiter == _DELIMITERS[-1]:
            return [name.strip() for name in cells], delimiter, rest
    return [], "", b""


def rows(text: bytes) -> Iterator[Row]:
    """Return the rows below the headings; what cannot be read is told in its place.

    Of a cell's quotes nothing but doubled ones are left out, so that after a row whose
    quotes do not end the rest cannot be told apart: it is one problem.
    """
    _, delimiter, _ = _line(text)
    preamble = _PREAMBLE.match(text)
    body = text[preamble.end() :] if preamble else text
    lines = io.StringIO(body.decode("utf-8", "surrogateescape"), newline="")
    taken: list[str] = []

    def told() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    before = csv.field_size_limit(_CELL)
    try:
        reader = csv.reader(told(), strict=True, delimiter=delimiter or ",")
        headings = [name.strip() for name in next(reader)]
        taken.clear()
        yield from _rows(reader, headings, taken)
    finally:
        csv.field_size_limit(before)


def _rows(
    reader: Iterator[list[str]], headings: list[str], taken: list[str]
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
        if reason is None and len(cells) != len(headings):
            reason = f"the row has {len(cells)} cells, and {len(headings)} headings"
        yield Row(text, dict(zip(headings, cells, strict=False)), reason)
