"""Keep the events of a stretch of time, judging by their own eventTime."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from checker.errors import UsageError
from checker.model import Batch
from checker.sources.events.envelopes import ERRORS
from checker.sources.events.records import Records

_SPAN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST = 64
"""The most characters of a time; what is longer is none."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Period(msgspec.Struct, frozen=True):
    """The times from `since` up to, but without, `until`; None is without end."""

    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def holds(self, time: datetime) -> bool:
        """Return whether a time lies in it."""
        return (self.since is None or self.since <= time) and (
            self.until is None or time < self.until
        )


def span(text: str) -> timedelta | None:
    """Read a length of time such as `90s`, `15m`, `12h`, `3d` or `2w`."""
    found = _SPAN.fullmatch(text.strip())
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else None


def moment(option: str, text: str, now: datetime) -> datetime:
    """Read a point in time: RFC 3339, a date (its first instant in UTC), or a span ago.

    A time without an offset is UTC, as everything in CloudTrail.  Raises `UsageError`.
    """
    ago = span(text)
    if ago is not None:
        return now - ago
    try:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text}: write a time (2026-11-21T09:00:00Z), a date "
            "(2026-11-21), or how long ago (90m, 12h, 3d, 2w)"
        ) from None


def period(since: str | None, until: str | None, now: datetime) -> Period:
    """Read the options --since and --until.

    Raises `UsageError` for one that is no time, and where nothing lies between them.
    """
    first = None if since is None else moment("--since", since, now)
    last = None if until is None else moment("--until", until, now)
    if first is not None and last is not None and first >= last:
        hint = ""
        if _DATE.fullmatch(since or "") and since == until:
            hint = ": for that whole day name the next day as --until"
        raise UsageError(f"--since {since} is not before --until {until}{hint}")
    return Period(first, last)


def within(batch: Batch, wanted: Period) -> Batch:
    """Leave the events of a batch that lie in the period, and count the others.

    An event whose eventTime is missing or no time cannot be told to lie outside, and
    stays.
    """
    if not wanted or not len(batch.numbers):
        return batch
    inside = _inside(batch, wanted)
    if all(inside):
        return batch
    kept = [at for at, holds in enumerate(inside) if holds]
    lost = len(inside) - len(kept)
    if not kept:
        return structs.replace(
            batch, records=(), numbers=(), spans=(), headers=None, outside=lost
        )
    records, spans = batch.records, batch.spans or _spans(batch)
    return structs.replace(
        batch,
        records=tuple([records[at] for at in kept]),
        numbers=tuple([batch.numbers[at] for at in kept]),
        spans=tuple([spans[at] for at in kept]),
        # Headers stand for a text all of whose records count.
        headers=None,
        outside=lost,
    )


class _Timed(msgspec.Struct, gc=False):
    eventTime: Any = None  # noqa: N815 - CloudTrail's own name


class _LogFile(msgspec.Struct):
    """A log file, of which only the times are of interest; cheaper than splitting."""

    Records: list[_Timed]


_timed = msgspec.json.Decoder(_Timed)
_log_file = msgspec.json.Decoder(_LogFile)


def _inside(batch: Batch, wanted: Period) -> Sequence[bool]:
    times = _times(batch)
    told = {time: _holds(time, wanted) for time in set(times)}
    return [told[time] for time in times]


def _times(batch: Batch) -> list[str | None]:
    if isinstance(batch.records, Records):
        # A plain log file, whose times one pass over it finds.
        return [_text(each.eventTime) for each in _log_file.decode(batch.text).Records]
    return [_time_of(record) for record in batch.records]


def _time_of(record: bytes) -> str | None:
    try:
        return _text(_timed.decode(record).eventTime)
    except ERRORS:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _holds(text: str | None, wanted: Period) -> bool:
    time = None if text is None or len(text) > _LONGEST else _parse(text)
    return time is None or wanted.holds(time)


@functools.lru_cache(maxsize=8192)
def _parse(text: str) -> datetime | None:
    """Read an eventTime; without an offset it is UTC, as in `evaluate.correlation`."""
    try:
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError:
        return None


def _spans(batch: Batch) -> list[tuple[int, int]]:
    """Find where each record stands in the text, as they follow each other there."""
    found: list[tuple[int, int]] = []
    end = 0
    for record in batch.records:
        start = end + 1
        if not batch.text.startswith(record, start):
            start = batch.text.find(record, end)
        found.append((start, len(record)))
        end = start + len(record)
    return found
