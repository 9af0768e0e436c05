"""Cut a stream of text into batches, so that memory stays bounded.

A text of at most `UNIT` bytes is one batch, as CloudTrail's own files are; JSON lines
are of at most `LINES` bytes.  Larger lines and arrays come as several batches, each cut
between two events; any other shape must be read whole, up to `WHOLE` bytes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec
from msgspec import structs

from checker.model import Batch, Header, Unreadable
from checker.sources.events import formats
from checker.sources.events.compression import Stream, StreamError
from checker.sources.events.positions import characters, line_ends

UNIT = 16 << 20
"""Bytes of text in one batch, and the longest single event; CloudTrail's have 1 MB."""

LINES = 1 << 20
"""Bytes of one batch of JSON lines or of a larger array: an event that is found costs
several times its text in memory, and each of them may be.  What is made of four times
as much leaves the processor's cache, and takes nearly twice as long an event."""

WHOLE = 256 << 20

Read: TypeAlias = Batch | formats.Digest | Unreadable
_Split: TypeAlias = Callable[..., Batch]

_BOM = b"\xef\xbb\xbf"
_WINDOW = 1 << 20
_FIRST_KEY = re.compile(rb'\s*+(\{\s*+"[^"\\]*+"|"\{\s*+\\"[^"\\]*+\\")')
_TOO_LONG = "CloudTrail writes none so long; larger documents must be JSON lines"


class _Gap(msgspec.Struct, frozen=True):
    """What is between two elements of an array, and how the next one begins."""

    pattern: re.Pattern[bytes]
    start: bytes


_OBJECTS = _Gap(re.compile(rb"\}(\s*+,)\s*+(?=\{)"), b',{"')
_TEXTS = _Gap(re.compile(rb'"(\s*+,)\s*+(?=")'), b',"{')
"""Of events as text: in them each quotation mark has a backslash before it."""

_TEXT_KEY = re.compile(rb'\{(?:\s|\\[nrt])*+\\"')
_OBJECT_KEY = re.compile(rb'\{\s*+"')


def batches(uri: str, stream: Stream, header: type[Header] = Header) -> Iterator[Read]:
    """Read a stream of text to its end: batches, and what could not be read.

    `header` is what is read of each event at once, where that is possible.
    """
    buffer = _Buffer(stream)
    split_lines = functools.partial(formats.split_lines, header=header)
    buffer.fill(min(LINES, UNIT))
    buffer.text = buffer.text.removeprefix(_BOM)
    if not buffer.ended and _are_lines(buffer.text):
        yield from _parts(uri, buffer, _lines(buffer), split_lines)
        return
    buffer.fill(UNIT)
    if buffer.ended:
        yield from _unit(uri, buffer, header)
    elif reason := formats.refusal(buffer.text):
        yield Unreadable(uri, None, reason)
    elif _is_lines(buffer.text):
        yield from _parts(uri, buffer, _lines(buffer), split_lines)
    elif (start := formats.is_array(buffer.text[:_WINDOW])) is not None and (
        gap := _gap(buffer.text[start : start + _WINDOW])
    ):
        elements = _elements(buffer, start, gap)
        yield from _parts(uri, buffer, elements, formats.split_elements)
    else:
        buffer.fill(WHOLE)
        if buffer.ended:
            yield from _unit(uri, buffer, header)
        else:
            yield Unreadable(
                uri,
                None,
                f"it is one document of more than {WHOLE >> 20} MiB in a shape that "
                "cannot be read in parts: write its events as JSON lines",
            )


class _Buffer:
    """The text that was read and not yet given away, and how the stream ended."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.text = b""
        self.ended = False
        self.damage: StreamError | None = None

    def fill(self, size: int) -> None:
        """Read on until more than `size` bytes are held or the stream ends."""
        held = [self.text]
        length = len(self.text)
        while length <= size and not self.ended:
            block = next(self._stream, None)
            if isinstance(block, bytes):
                held.append(block)
                length += len(block)
            else:
                self.ended = True
                self.damage = block
        self.text = held[1] if len(held) == 2 and not held[0] else b"".join(held)

    def take(self, size: int) -> bytes:
        """Return away the first bytes."""
        taken, self.text = self.text[:size], self.text[size:]
        return taken


class _Part(msgspec.Struct, frozen=True):
    """A part of a text: `before` holds no event, `text` some; or what is wrong.

    The problem is that of one record, or with `whole` of the input.
    """

    text: bytes
    before: bytes = b""
    reason: str | None = None
    whole: bool = False


def _unit(uri: str, buffer: _Buffer, header: type[Header]) -> Iterator[Read]:
    """Read a text that is held whole."""
    damage = buffer.damage
    if damage and not (damage.intact and buffer.text.strip()):
        yield Unreadable(uri, None, damage.reason)
        return
    result = formats.split(uri, buffer.text, cut=damage is not None, header=header)
    if not damage:
        yield result
        return
    kept = 0
    if isinstance(result, Batch):
        yield result
        kept = len(result.records)
    yield _ending(uri, damage, kept)


def _ending(uri: str, damage: StreamError, kept: int) -> Unreadable:
    """Describe what became of an input that was damaged after some events."""
    kept_events = f"the {kept} whole events before that were read"
    if not damage.intact:
        kept_events += ", but cannot be trusted"
    return Unreadable(uri, None, f"{damage.reason}; {kept_events}")


def _parts(
    uri: str, buffer: _Buffer, parts: Iterator[_Part], split: _Split
) -> Iterator[Read]:
    """Turn parts into batches whose numbers and positions are those of the whole."""
    number = line = char = kept = 0
    for part in parts:
        line += line_ends(part.before)
        char += characters(part.before)
        if part.reason and part.whole:
            yield Unreadable(uri, None, part.reason)
            continue
        if part.reason:
            place = f"{part.reason} (line {line + 1})"
            problem = Unreadable(uri, number, place)
            batch = Batch(uri, b"", (), (), (problem,))
        elif part.text:
            batch = split(uri, part.text, first=number, first_line=line)
        else:
            continue
        kept += len(batch.records)
        yield structs.replace(batch, first_line=line, first_char=char)
        numbered = [p.record for p in batch.problems if p.record is not None]
        number = max((number - 1, *batch.numbers[-1:], *numbered)) + 1
        line += line_ends(part.text)
        char += len(part.text) if batch.ascii else characters(part.text)
    if buffer.damage:
        yield _ending(uri, buffer.damage, kept)


def _are_lines(text: bytes) -> bool:
    """Return whether the first lines of a text are JSON, each by itself."""
    if b"}\n{" not in text or formats.refusal(text):
        return False
    return formats.is_line(formats.first_line(text))


def _gap(elements: bytes) -> _Gap | None:
    """Return what is between the elements of an array; None where some are text."""
    if _OBJECT_KEY.search(elements):
        return None if elements.lstrip()[:1] == b'"' else _OBJECTS
    return _TEXTS if _TEXT_KEY.search(elements) else _OBJECTS


def _is_lines(text: bytes) -> bool:
    """Describe whether a large text is JSON lines, or at least one very long line."""
    if b"\n" in text.strip():
        return formats.is_line(formats.first_line(text))
    return formats.is_array(text[:_WINDOW]) is None


def _lines(buffer: _Buffer) -> Iterator[_Part]:
    """Cut at the ends of lines; a line longer than a batch is skipped, not held."""
    given = False
    most = min(LINES, UNIT)
    while buffer.text:
        buffer.fill(most)
        text, done = buffer.text, 0
        while len(text) - done > most:
            # This is between two values, whatever else has several lines.
            cut = text.rfind(b"}\n{", done, done + most) + 2
            if cut < done + 2:
                break
            yield _Part(text[done:cut])
            given, done = True, cut
        if done:
            buffer.text = text[done:]
            continue
        buffer.fill(UNIT)
        cut = len(buffer.text) if buffer.ended else buffer.text.rfind(b"\n") + 1
        cut = cut or _last_gap(buffer.text)
        if cut:
            yield _Part(buffer.take(cut))
            given = True
            continue
        yield _Part(
            b"", reason=f"the line is longer than {UNIT >> 20} MiB: {_TOO_LONG}"
        )
        yield from _skip(buffer, b"\n", 1)
        if buffer.ended and not buffer.text and not given:
            reason = f"nothing of it could be read; {formats.ACCEPTED}"
            yield _Part(b"", reason=reason, whole=True)


def _skip(buffer: _Buffer, until: bytes, length: int) -> Iterator[_Part]:
    """Pass over text through the first `length` bytes of `until`, holding little."""
    while (at := buffer.text.find(until)) < 0 and not buffer.ended:
        # `until` may begin in what is held and end in what comes.
        yield _Part(b"", before=buffer.take(len(buffer.text) - len(until) + 1))
        buffer.fill(len(until))
    end = len(buffer.text) if at < 0 else at + length
    yield _Part(b"", before=buffer.take(end))


def _last_gap(text: bytes) -> int:
    """Find where one of several documents on one line ends: `}{`, as of Firehose.

    If one of them is damaged, it is where the next seems to begin; 0 means nowhere.
    """
    at = text.rfind(b"}{")
    for _ in range(8):
        if at < 0:
            break
        if formats.is_sequence(text[: at + 1]):
            return at + 1
        at = text.rfind(b"}{", 0, at)
    key = _FIRST_KEY.match(text)
    return text.rfind(b"}" + key[1]) + 1 if key else 0


def _elements(buffer: _Buffer, start: int, gap: _Gap) -> Iterator[_Part]:
    """Cut an array between two of its elements."""
    yield _Part(b"", before=buffer.take(start))
    most = min(LINES, UNIT)
    while buffer.text:
        buffer.fill(most)
        cut = None
        if len(buffer.text) > most:
            cut = _between(buffer.text[:most], gap, certain=True)
        if cut is None:
            buffer.fill(UNIT)
            if buffer.ended:
                yield from _last_elements(buffer)
                return
            cut = _between(buffer.text, gap)
        if cut is None:
            yield _Part(
                b"", reason=f"the event is longer than {UNIT >> 20} MiB: {_TOO_LONG}"
            )
            yield from _skip(buffer, gap.start, 1)
            continue
        end, comma = cut
        yield _Part(buffer.take(end))
        yield _Part(b"", before=buffer.take(comma - end))


def _between(
    text: bytes, between: _Gap, *, certain: bool = False
) -> tuple[int, int] | None:
    """Find the end of the last whole element of a text, and the comma after it.

    If one of the elements seems bad, it is a likely place; None where only a `certain`
    one will do.
    """
    window = max(len(text) - _WINDOW, 0)
    while True:
        gaps = list(between.pattern.finditer(text, window))[::-1]
        key = _FIRST_KEY.match(text)
        if key:
            # The gap before what looks like the next event is the likeliest.
            gaps.sort(key=lambda gap: not text.startswith(key[1], gap.end()))
        for gap in gaps[:8]:
            if formats.is_elements(text[: gap.start(1)]):
                return gap.span(1)
        if certain:
            return None
        if gaps:
            # One of the events is bad; the salvage will tell which.
            return gaps[0].span(1)
        if not window:
            return None
        window = max(window - 8 * _WINDOW, 0)


def _last_elements(buffer: _Buffer) -> Iterator[_Part]:
    """Return the elements up to the array's end, and what follows if it is damaged."""
    text = buffer.text
    at = text.rfind(b"]")
    if buffer.damage:
        yield _Part(text)
    elif at >= 0 and not text[at + 1 :].strip(b" \t\r\n}"):
        yield _Part(text[:at])
    else:
        yield _Part(text)
        reason = "the text around the events is damaged or cut off"
        yield _Part(b"", reason=reason, whole=True)
    buffer.text = b""
