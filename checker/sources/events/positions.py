"""Where the events of a batch are in its text.

Lines count from 1; characters are Unicode code points and count from 0, as SARIF 2.1.0
§3.30 wants them.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from checker.model import Batch
from checker.sources.events.records import CutRecords, Lines, Records

Place: TypeAlias = tuple[int, int, int]
"""The line in which a record begins, its character offset and its length."""

_CONTINUATION = bytes(range(0x80, 0xC0))


def positions(
    text: bytes,
    records: Sequence[bytes],
    spans: Sequence[tuple[int, int]] = (),
    wanted: Collection[int] | None = None,
    *,
    ascii_: bool = False,
) -> list[Place]:
    """Return (start line, character offset, character length) of records.

    `records` are those of one batch, all and in order.  `spans`, when not empty, holds
    their (byte offset, byte length) in `text`.  `wanted` are the indexes of those to
    place, all when None; the answer is in the order of the records.  `ascii_` says that
    the text is known to be ASCII.
    """
    plain = ascii_ or text.isascii()
    regions = _regions(text, records, spans, wanted)
    if plain and b"\n" not in text:
        seen = 0
        return [(1, seen := max(seen, at), size) for at, size in regions]
    return list(_places(text, regions, plain=plain))


def _regions(
    text: bytes,
    records: Sequence[bytes],
    spans: Sequence[tuple[int, int]],
    wanted: Collection[int] | None,
) -> Sequence[tuple[int, int]]:
    """Return the byte offset and length of the records that are wanted."""
    chosen = range(len(records)) if wanted is None else sorted(wanted)
    if spans or not records:
        return [spans[number] for number in chosen]
    if isinstance(records, Records | CutRecords | Lines):
        return records.regions(chosen)
    # CloudTrail writes one comma between events; a search costs far more.
    lengths = map(len, records)
    ends = list(itertools.accumulate(lengths, initial=text.find(records[0])))
    found = [(ends[at] + at, ends[at + 1] - ends[at]) for at in chosen]
    if all(
        text.startswith(records[at], start)
        for at, (start, _) in zip(chosen, found, strict=True)
    ):
        return found
    return _searched(text, records, set(chosen))


def _searched(
    text: bytes, records: Sequence[bytes], wanted: Collection[int]
) -> list[tuple[int, int]]:
    """Find records that follow each other in a text, whatever stands between them."""
    found: list[tuple[int, int]] = []
    end = 0
    for number, record in enumerate(records):
        start = text.find(record, end)
        end = start + len(record)
        if number in wanted:
            found.append((start, len(record)))
    return found


def _places(
    text: bytes, regions: Iterable[tuple[int, int]], *, plain: bool
) -> Iterator[Place]:
    """Turn regions, in their order, into lines and characters."""
    line, chars, seen = 1, 0, 0
    lines = b"\n" in text
    for offset, length in regions:
        start = max(offset, seen)
        line += line_ends(text[seen:start]) if lines else 0
        chars += start - seen if plain else characters(text[seen:start])
        size = length if plain else characters(text[start : start + length])
        yield line, chars, size
        seen = start


def places(batch: Batch, numbers: Collection[int]) -> dict[int, Place]:
    """Return the places of some records of a batch, by their number in the input."""
    given = batch.numbers
    if isinstance(given, range):
        wanted = [given.index(number) for number in sorted(numbers) if number in given]
    else:
        wanted = [at for at, number in enumerate(given) if number in numbers]
    if not wanted:
        return {}
    text, records, spans = batch.text, batch.records, batch.spans
    found = positions(text, records, spans, wanted, ascii_=batch.ascii)
    first_line, first_char = batch.first_line, batch.first_char
    if first_line or first_char:
        found = [
            (first_line + line, first_char + start, size) for line, start, size in found
        ]
    return dict(zip(map(given.__getitem__, wanted), found, strict=True))


def line_ends(text: bytes) -> int:
    """Count the ends of lines."""
    # What is deleted is looked for many bytes at a time; `bytes.count` looks at each.
    return len(text) - len(text.replace(b"\n", b""))


def characters(text: bytes) -> int:
    """Count the code points of UTF-8 text; it may begin or end inside of one."""
    if text.isascii():
        return len(text)
    return len(text.translate(None, _CONTINUATION))
