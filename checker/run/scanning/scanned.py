"""What one input gave: plain values, which cross a process border or a wire."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from checker.evaluate.correlation import HitColumns
from checker.model import Correction, Unreadable

Row_co = TypeVar("Row_co", covariant=True)


class Scanned(NamedTuple, Generic[Row_co]):
    """A piece of what one input gave; most inputs give one.

    Of several pieces only the `last` has the input's `size`.  `length` is that of its
    text in bytes, `records` the number of its events, `outside` that of the others,
    which lie outside the period, and `event_ids` has the eventID of each that has one,
    16 bytes each.  `matches` are what was looked for (a `Match` in a scan), and
    `others` names columns that were left out.
    """

    uri: str
    size: int
    length: int = 0
    digests: int = 0
    records: int = 0
    outside: int = 0
    event_ids: bytes = b""
    matches: tuple[Row_co, ...] = ()
    hits: HitColumns = HitColumns()
    corrections: tuple[Correction, ...] = ()
    untimed: int = 0
    problems: tuple[Unreadable, ...] = ()
    others: tuple[str, ...] = ()
    last: bool = True
