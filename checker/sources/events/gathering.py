"""Gather the events of a text in any shape but those that are read in one pass.

Texts that are damaged are read as far as they can be, value by value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from checker.model import Batch, Header, Unreadable
from checker.sources.events import csv_results, formats, salvage
from checker.sources.events.envelopes import ERRORS
from checker.sources.events.formats import ACCEPTED, SPACE, Digest
from checker.sources.events.records import LOG_FILE
from checker.sources.events.unwrap import EventExtractor

_RECORDS_TAIL = re.compile(rb"\s*+\]\s*+\}\s*+")
_TAIL_SIZE = 4096

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_RAW = msgspec.json.Decoder(msgspec.Raw)


def gather(
    uri: str, text: bytes, *, cut: bool, header: type[Header]
) -> Batch | Digest | Unreadable:
    """Find the events of a text; the arguments are those of `formats.split`."""
    if reason := csv_results.refusal(text):
        return Unreadable(uri, None, reason)
    if csv_results.is_table(text):
        gatherer = EventExtractor(uri, text)
        gatherer.add_rows(csv_results.rows(text))
        return gatherer.batch()
    if reason := formats.refusal(text):
        return Unreadable(uri, None, reason)
    gatherer = EventExtractor(uri, text)
    if (records := _plain(text)) is not None:
        gatherer.add_all(records)
        return gatherer.batch()
    if salvage.is_valid(text):
        return _single(gatherer)
    start = formats.is_array(text)
    if start is not None and not (
        formats.is_line(formats.first_line(text)) or formats.is_sequence(text)
    ):
        _salvage_array(gatherer, start, cut=cut)
        return gatherer.batch()
    if read := formats.plain_lines(uri, text, header):
        return read
    _sequence(gatherer)
    if not gatherer.records and gatherer.refused == 1:
        return Unreadable(uri, None, f"{gatherer.problems[0].reason}; {ACCEPTED}")
    return gatherer.batch()


def lines(uri: str, text: bytes, first: int, first_line: int) -> Batch:
    """Find the events of some lines of JSON."""
    gatherer = EventExtractor(uri, text, first, first_line)
    _sequence(gatherer)
    return gatherer.batch()


def elements(uri: str, text: bytes, first: int, first_line: int) -> Batch:
    """Find the events of some elements of an array."""
    gatherer = EventExtractor(uri, text, first, first_line)
    try:
        gatherer.add_all(list(map(bytes, _ARRAY.decode(b"[%b]" % text))))
    except ERRORS:
        _salvage_array(gatherer, 0, cut=True)
    return gatherer.batch()


def _plain(text: bytes) -> list[bytes] | None:
    """Split a log file or an array in one pass, or give None if it is neither."""
    try:
        if head := formats.RECORDS_HEAD.match(text):
            records = list(map(bytes, LOG_FILE.decode(text).Records))
            return records if _is_whole(text, head.end(), records) else None
        if formats.ARRAY_HEAD.match(text):
            return list(map(bytes, _ARRAY.decode(text)))
    except ERRORS:
        return None
    return None


def _is_whole(text: bytes, start: int, records: list[bytes]) -> bool:
    """Make sure that `Records` is the only key, so that no second one hides the first.

    The text is known to be valid JSON and to begin with the key.  Without white space,
    as CloudTrail writes, its length tells; else the key must not occur again.
    """
    commas = max(len(records) - 1, 0)
    if start + sum(map(len, records)) + commas + 2 == len(text):
        return text.endswith(b"]}")
    if text.count(b'"Records"') > 1:
        return False
    last = records[-1] if records else b""
    tail = text[-len(last) - _TAIL_SIZE :]
    at = tail.rfind(last) if last else tail.rfind(b"[") + 1
    return at >= 0 and _RECORDS_TAIL.fullmatch(tail, at + len(last)) is not None


def _single(gatherer: EventExtractor) -> Batch | Digest | Unreadable:
    """Evaluate a text that is one JSON value."""
    text = gatherer.text
    if gatherer.is_digest(text):
        return Digest(gatherer.uri)
    gatherer.add(text.strip(SPACE))
    if gatherer.known or gatherer.refused > 1:
        return gatherer.batch()
    # Nothing was recognised: the input as a whole is the problem.
    reason = gatherer.problems[0].reason if gatherer.problems else "it holds no event"
    return Unreadable(gatherer.uri, None, f"{reason}; {ACCEPTED}")


def _sequence(gatherer: EventExtractor) -> None:
    """Gather from values that follow each other, one a line or not."""
    text = gatherer.text
    if not formats.prefix_length(text.lstrip(SPACE)[:512]):
        try:
            values = list(map(bytes, _RAW.decode_lines(text)))
        except ERRORS:
            pass
        else:
            gatherer.add_all(values)
            return
    for piece in _pieces(text):
        raw = text[piece.start : piece.end]
        prefix = formats.prefix_length(raw)
        if prefix and salvage.is_valid(raw[prefix:]):
            gatherer.add(raw[prefix:])
        elif piece.reason is None:
            gatherer.add(raw)
        else:
            gatherer.refuse(piece.reason, piece.start)


def _pieces(text: bytes) -> Iterator[salvage.Piece]:
    """Read line by line if lines stand on their own, else value by value."""
    return salvage.lines(text) if formats.has_lines(text) else salvage.documents(text)


def _salvage_array(gatherer: EventExtractor, start: int, *, cut: bool) -> None:
    """Gather the whole elements of an array in which something is damaged."""
    text = gatherer.text
    end = start
    for piece in salvage.elements(text, start):
        end = piece.end
        if piece.reason is None:
            gatherer.add(text[piece.start : piece.end])
        else:
            gatherer.refuse(piece.reason, piece.start)
    rest = text[end:].lstrip(SPACE + b",")
    if cut:
        if rest.strip(SPACE + b"]}"):
            gatherer.refuse("it is text after the end of the array", end)
        return
    opening = b'{"":[' if text.lstrip(SPACE)[:1] == b"{" else b"["
    if not salvage.is_valid(opening + rest):
        gatherer.refuse("the text around the events is damaged or cut off", end, None)
    elif b'"Records"' in rest:
        gatherer.refuse("duplicate `Records` key", end, None)
