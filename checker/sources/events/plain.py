"""Read plain log files and JSON lines in one pass, which decodes headers only.

None stands for whatever is odd in any way, which is then looked at record by record.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from checker.model import Batch, Header
from checker.model.columns import KIND, HeaderList
from checker.sources.events import envelopes, whole
from checker.sources.events.envelopes import ERRORS
from checker.sources.events.records import Lines, Records

_SAMPLED = 8
"""How many records of a log file are looked at closely, whose writer wrote them all."""

_NULL = ord("n")
_OPENINGS = frozenset({ord("{"), _NULL})
"""How an object or null begins."""

_FLAGS = frozenset({bool, type(None)})
_SOURCE, _NAME, _READ_ONLY = (
    [names[0] for names in KIND].index(name)
    for name in ("eventSource", "eventName", "readOnly")
)


def log_file(uri: str, text: bytes, start: int, header: type[Header]) -> Batch | None:
    """Read a log file as CloudTrail delivers it, whose first record is at `start`."""
    if _comes_again(text, start):
        return None
    ascii_ = text.isascii()
    if not ascii_ and not envelopes.is_utf8(text):
        return None
    try:
        headers = HeaderList(_log_file(header)(text).Records)
    except ERRORS:
        return None
    records = Records(text, len(headers), headers)
    if not (_are_events(headers, records) and _are_whole(headers, records, text)):
        return None
    numbers = range(len(headers))
    return Batch(uri, text, records, numbers, headers=headers, ascii=ascii_)


def lines(uri: str, text: bytes, header: type[Header], first: int = 0) -> Batch | None:
    """Read events on lines of their own, numbered from `first`; each is looked at."""
    ascii_ = text.isascii()
    if not text.startswith(b"{") or not (ascii_ or envelopes.is_utf8(text)):
        return None
    decode, places = whole.lines(header)
    try:
        headers = HeaderList(decode(text))
    except ERRORS:
        return None
    records = Lines(text, len(headers))
    if not (
        all(is_whole(headers) for is_whole in places)
        and all(map(whole.is_whole_identity, headers.identities.values))
        and _are_events(headers, records)
    ):
        return None
    numbers = range(first, first + len(headers))
    return Batch(uri, text, records, numbers, headers=headers, ascii=ascii_)


def _are_events(headers: HeaderList, records: Records | Lines) -> bool:
    """Check that each record is an event; where its header leaves doubts, by all of it.

    What lacks a source, a name or an identity may have it in another spelling.
    """
    kinds = headers.kinds.values
    openings = {each[0] for each in headers.identities.values}
    flags = {kind[_READ_ONLY].__class__ for kind in kinds}
    if not (openings <= _OPENINGS and flags <= _FLAGS):
        return False
    are_doubtful = list(map(_is_doubtful, kinds))
    if _NULL not in openings and not any(are_doubtful):
        return True
    doubtful = [
        at
        for at, (kind, identity) in enumerate(
            zip(headers.kinds.codes, headers.identities, strict=True)
        )
        if are_doubtful[kind] or identity[0] == _NULL
    ]
    records.expect(len(doubtful))
    return all(
        envelopes.is_event(records[at]) and whole.is_whole(records[at])
        for at in doubtful
    )


def _is_doubtful(kind: Sequence[Any]) -> bool:
    source = kind[_SOURCE]
    return not source or not kind[_NAME] or source.startswith("aws:")


def _are_whole(headers: HeaderList, records: Records, text: bytes) -> bool:
    """Check that the fields of records are in their places, by a sample of them.

    Each distinct identity is looked at, and all records where any key in the text has a
    dot, as a field of a field has that a tool wrote beside its event.
    """
    if not all(map(whole.is_whole_identity, headers.identities.values)):
        return False
    count = len(records)
    step = max(count // _SAMPLED, 1)
    if _dotted_key().search(text):
        records.expect(count)
        step = 1
    return all(whole.is_whole(records[at]) for at in range(0, count, step))


@functools.lru_cache(maxsize=16)
def _log_file(header: type[Header]) -> Callable[[bytes], Any]:
    """Return the function that reads a log file for its headers only."""
    records: Any = list[header]  # type: ignore[valid-type] # a type made at run time
    kind = msgspec.defstruct(
        "LogFile", [("Records", records)], forbid_unknown_fields=True
    )
    return msgspec.json.Decoder(kind).decode


def _comes_again(text: bytes, start: int) -> bool:
    """Return whether a second `Records` may hide the first."""
    # RE2 passes over a text without one seven times as fast as `bytes.find`.
    for found in _records_key().finditer(text, start):
        if text[found.start() - 1 : found.start()] == b'"':
            return True
    return False


@functools.lru_cache(maxsize=1)
def _records_key() -> Any:
    import re2

    return re2.compile(b'Records"\\s*:')


@functools.lru_cache(maxsize=1)
def _dotted_key() -> Any:
    import re2

    return re2.compile(rb'\.[A-Za-z_.]+"\s*:')
