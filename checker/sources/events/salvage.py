"""Read damaged JSON: the values that are whole, and what lies between.

It is the slow and careful way, for text that the fast decoder refused as a whole: one
bad event must not cost its neighbours.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

import msgspec

_RAW = msgspec.json.Decoder(msgspec.Raw)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_GAP = re.compile(rb"[^{,]*+")
_SCALAR = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^,\]\s{\[]++', re.DOTALL)
_FIRST_KEY = re.compile(rb'\{\s*+"((?:[^"\\]++|\\.)*+)"\s*+:', re.DOTALL)
_LONE_SURROGATE = re.compile(rb"\\u[dD][89aAbB]..(?!\\u)")
_NOT_A_NUMBER = re.compile(rb"[:,\[]\s*+-?(?:NaN|Infinity)")
_ARRAY_END = re.compile(rb"\]\s*+(?:[\]}]|,\s*+\"|\Z)")
_GUESSES = 8


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a text, from byte `start` up to `end`.

    `reason` None means that it is one whole JSON value; else it says what is wrong.
    """

    start: int
    end: int
    reason: str | None = None


def mistake(text: bytes) -> str | None:
    """Describe why a text is not one JSON value, or None if it is one."""
    try:
        _RAW.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return describe(error, text)
    return None


def is_valid(text: bytes) -> bool:
    """Describe whether a text is one JSON value."""
    try:
        _RAW.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def describe(error: Exception, text: bytes) -> str:
    """Put what the decoder says into words that help."""
    said = str(error).removeprefix("JSON is malformed: ")
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it holds bytes that are not UTF-8"
    if "out of range" in said:
        return "it holds a number that is too large"
    truncated = "truncated" in said
    if "surrogate" in said or (truncated and _LONE_SURROGATE.search(text)):
        return r"it holds half of a UTF-16 surrogate pair (\ud800 to \udfff)"
    if truncated:
        return "its JSON ends before its end"
    if "invalid character" in said and _NOT_A_NUMBER.search(text):
        return "it holds NaN or Infinity, which JSON does not have"
    return f"it is not valid JSON: {said}"


def elements(text: bytes, start: int) -> Iterator[Piece]:
    """Return the elements of a JSON array, from `start` (after its `[`) on.

    The array ends at its `]` or with the text; `end` of the last piece given tells
    where that is.  Text that is no element is a piece with a reason.
    """
    openings = _Openings(text, start, rb",\s*+")
    at = start
    while True:
        at = _skip(text, at)
        if at >= len(text) or _ARRAY_END.match(text, at):
            return
        piece = _element(text, at, openings)
        yield piece
        at = _skip(text, piece.end)
        if text[at : at + 1] == b",":
            at += 1
        elif at < len(text) and not _ARRAY_END.match(text, at):
            gap = _GAP.match(text, at + 1)
            end = gap.end() if gap else at + 1
            if text[at : at + 1] != b"{":
                yield Piece(at, end, "it is text between two events")
                at = end
            if text[at : at + 1] == b",":
                at += 1


def documents(text: bytes, start: int = 0) -> Iterator[Piece]:
    """Return the JSON values of a text one after another, comma or none."""
    openings = _Openings(text, start, rb"\s*+")
    at = start
    while (at := _skip(text, at)) < len(text):
        piece = _element(text, at, openings)
        yield piece
        at = piece.end


def lines(text: bytes) -> Iterator[Piece]:
    """Yield the lines of a text that hold anything, each of which is to be a value.

    A comma after a value is the writer's, who meant an array.
    """
    at = 0
    for line in text.split(b"\n"):
        bare = line.strip(b" \t\r")
        if bare:
            start = at + line.index(bare[:1])
            if bare[-1:] == b"," and bare[:-1].strip():
                bare = bare[:-1].rstrip(b" \t")
            yield Piece(start, start + len(bare), mistake(bare))
        at += len(line) + 1


def _skip(text: bytes, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


class _Openings:
    """Where events of a text may begin, which is where reading can start afresh.

    Each place is looked for once, however many values are read: the places asked for
    only grow.
    """

    def __init__(self, text: bytes, start: int, before: bytes) -> None:
        keys = {b"eventVersion"}
        if first := _FIRST_KEY.match(text, _skip(text, start)):
            keys.add(first[1])
        names = b"|".join(re.escape(key) for key in sorted(keys))
        self._pattern = re.compile(before + rb'(\{\s*+"(?:' + names + rb')"\s*+:)')
        self._text = text
        self._found: deque[int] = deque()
        self._searched = start

    def after(self, at: int) -> Iterator[int]:
        """Where the value that begins at `at` may end at the latest: some guesses."""
        found = self._found
        while found and found[0] <= at:
            found.popleft()
        for number in range(_GUESSES):
            if number == len(found) and not self._search(at + 1):
                yield len(self._text)
                return
            yield found[number]

    def _search(self, at: int) -> bool:
        match = self._pattern.search(self._text, max(self._searched, at))
        self._searched = match.end() if match else len(self._text)
        if match:
            self._found.append(match.start())
        return match is not None


def _element(text: bytes, at: int, openings: _Openings) -> Piece:
    """Read one value: whole if it can be, else up to where the next one may begin."""
    if text[at : at + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(text, at)
        end = scalar.end() if scalar else at + 1
        return Piece(at, end, mistake(text[at:end]))
    limits = list(openings.after(at))
    first, last = limits[0], limits[-1]
    reason = None
    # Once, up to the last guess: a scan for each would cost many times as much.
    close = _end(text, at, last)
    if close is not None:
        reason = mistake(text[at:close])
        if reason is None:
            return Piece(at, close)
        # Well balanced, and followed by what follows an event: only this one is bad.
        after = _skip(text, close)
        if close <= first and text[after : after + 1] in (b",", b"]", b"{", b""):
            return Piece(at, close, reason)
    last = first
    return Piece(at, last, reason or mistake(text[at:last]) or "it is not valid JSON")


def _end(text: bytes, at: int, limit: int) -> int | None:
    """Find the end of the object or array that begins at `at`, before `limit`."""
    depth = 0
    for token in _TOKEN.finditer(text, at, limit):
        match token[0]:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
                if depth == 0:
                    return token.end()
    return None
