"""Styled text, and the two ways to write it.

A report for people is one list of lines of segments.  `plain` drops the styles and
needs nothing; `coloured` draws them and is the only place that imports rich.  Text that
comes from events, paths or rules goes through `visible` first: it must not be able to
move the cursor, set the title, change colours or turn the direction of reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from checker import secrets


class Segment(NamedTuple):
    """A piece of text in one style: a key of `STYLES`, or "" for none."""

    text: str
    style: str = ""


Line: TypeAlias = tuple[Segment, ...]
"""The segments of one line, without its line end."""

STYLES: Final = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "informational": "blue",
    "fail": "red",
    "error": "magenta",
    "unknown": "magenta",
    "blind": "red",
    "partial": "yellow",
    "visible": "green",
    "pass": "green",
    "title": "bold",
    "faint": "dim",
    "warning": "yellow",
}


def plain(lines: Iterable[Line]) -> Iterator[str]:
    """Yield each line as bare text with its line end."""
    for line in lines:
        text = "".join(segment.text for segment in line).rstrip()
        yield uncommanding(text) + "\n"


def coloured(lines: Iterable[Line]) -> Iterator[str]:
    """Yield each line with escape sequences of the terminal's own sixteen colours."""
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {name: Style.parse(words) for name, words in STYLES.items()}
    for line in lines:
        if uncommanding(text := "".join(segment.text for segment in line)) != text:
            # Where a runner would read a command, no style is worth the trouble.
            yield uncommanding(text) + "\n"
            continue
        yield (
            "".join(
                styles[style].render(text, color_system=ColorSystem.STANDARD)
                if style and text
                else text
                for text, style in line
            )
            + "\n"
        )


def wants_colour(*, terminal: bool, environ: Mapping[str, str]) -> bool:
    """Whether to draw colours on a stream.

    `terminal` says whether the stream is one.  NO_COLOR counts when it is not empty
    (https://no-color.org), and so does FORCE_COLOR (https://force-color.org) for a
    stream that is not a terminal; NO_COLOR wins.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return terminal and environ.get("TERM") != "dumb"


def visible(text: str, limit: int = 1000) -> str:
    """The text without secrets, escaped: for whatever a rule's author did not write."""
    return escaped(secrets.hide_text(text), limit)


def escaped(text: str, limit: int = 1000) -> str:
    r"""The text on one line, each unprintable character as `\x1b` or `\u202e`.

    Unprintable is everything that Unicode calls control, format (bidirectional and zero
    width characters), surrogate, private, unassigned, or a separator but the space.
    What is longer than `limit` characters is cut and ends in "…".
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _escape(character)
        for character in text
    )


def uncommanding(line: str) -> str:
    r"""The line such that a CI runner takes it for no command.

    GitHub's runner obeys a line that begins with `::`, also after blanks, and one with
    `##[` anywhere; Azure's one with `##vso[`.
    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    if "##" in line:
        line = _HASHES.sub(r"#\\x23\1", line)
    if "::" in line:
        line = _COLONS.sub(r"\1\\x3a", line)
    return line


_HASHES: Final = re.compile(r"##(\[|vso\[)")
_COLONS: Final = re.compile(r"^(\s*):(?=:)")


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
