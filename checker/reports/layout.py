"""Fit lines of segments to the width of a terminal, without breaking a name.

Only what is wider than a whole line goes beyond the width: an ARN, a path or a rule's
name is copied and searched for, and half of one is of no use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from checker.reports.segments import Line, Segment

WIDTH: Final = 100
"""Columns of a line where there is no terminal to ask."""

NARROWEST: Final = 40
_LEAST_INDENT: Final = 2

Item: TypeAlias = tuple[Segment, ...]
"""Segments that stay on one line."""


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes.

    Wide characters take two, combining ones none: https://www.unicode.org/reports/tr11/
    """
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Return the text with blanks up to `width` columns, in front if `right`."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks


def flow(
    items: Iterable[Item],
    *,
    first: Line | None = None,
    indent: int,
    gap: str,
    width: int,
) -> Iterator[Line]:
    """Put items side by side, on as many lines of `width` columns as they need.

    `first` begins the first line in the place of blanks; the others hang below it.
    An item that is too long to hang there is moved to the left, on a line of its own.
    """
    blank: Line = (Segment(" " * indent),)
    line = list(blank if first is None else first)
    used = indent if first is None else sum(columns(each.text) for each in first)
    filled = False
    for item in items:
        size = sum(columns(segment.text) for segment in item)
        if filled and used + len(gap) + size > width:
            yield tuple(line)
            line, used, filled = list(blank), indent, False
        if not filled and used + size > width:
            if any(not part.text.isspace() for part in line if part.text):
                yield tuple(line)
            used = indent
            while used > _LEAST_INDENT and used + size > width:
                used = max(used // 2, _LEAST_INDENT)
            line = [Segment(" " * used)]
        if filled:
            line.append(Segment(gap))
            used += len(gap)
        line += item
        used += size
        filled = True
    if filled or first is not None:
        yield tuple(line)


def words(text: str, style: str = "") -> list[Item]:
    """Return the words of a text, to be put on lines with `flow`."""
    return [(Segment(word, style),) for word in text.split(" ") if word]


def paragraph(
    text: str, *, first: Line | None = None, indent: int, width: int, style: str = ""
) -> Iterator[Line]:
    """Yield a text on as many lines as it needs; they hang below the first."""
    return flow(words(text, style), first=first, indent=indent, gap=" ", width=width)


def command(
    text: str, *, first: Line | None = None, indent: int, width: int
) -> Iterator[Line]:
    """Yield a shell command, its lines ended by a backslash where it is broken.

    It can be copied as it stands: it is broken between words, never within quotes, and
    an option and its value stay together.
    """
    start, *parts = _arguments(text)
    line = list(first or (Segment(" " * indent),))
    line.append(Segment(start))
    used = indent + columns(start)
    for part in parts:
        size = columns(part) + 1
        if used + size + 2 * (part is not parts[-1]) > width:
            yield (*line, Segment(" \\"))
            line, used = [Segment(" " * (indent + 1))], indent + 1
        line.append(Segment(f" {part}"))
        used += size
    yield tuple(line)


_WORD: Final = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^ ])+""")
"""A word of a shell; what is quoted in it may have blanks."""


def _arguments(text: str) -> list[str]:
    """Split a command into its words, each option with its value."""
    if text.lstrip().startswith("#"):
        return [text]
    parts: list[str] = []
    for word in _WORD.findall(text):
        option = parts[-1] if parts else ""
        if option.startswith("--") and " " not in option and not word.startswith("--"):
            parts[-1] = f"{option} {word}"
        else:
            parts.append(word)
    indent = " " * (len(text) - len(text.lstrip(" ")))
    return [indent + parts[0], *parts[1:]] if parts else [text]


def widest(texts: Iterable[str], most: int) -> int:
    """Return the columns of the widest text that does not exceed `most`."""
    return max((size for text in texts if (size := columns(text)) <= most), default=0)
