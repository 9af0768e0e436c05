"""Write an RE2 pattern in Java's syntax, as Trino reads it.

`$` is the end, `.` no line break, unless the flags `m` and `s` say otherwise: these
two are written out where they matter, and `i` stays a flag.
https://github.com/google/re2/wiki/Syntax
https://trino.io/docs/current/functions/regexp.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FOREIGN_ESCAPES = frozenset("CQEpPG0123456789")
"""What RE2 has behind a backslash and Java has not, or means otherwise: `\\101` is a
letter by its number, or a group that occurs again.
"""
_REPETITION = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_GROUP = re.compile(r"\(\?([ims]*)(?:-([ims]+))?([:)])")
_CLASS_BEGINS_WITH_BRACKET = re.compile(r"\[\^?\]")
_LINE_BEGINS_WITH = re.compile(r"\^[A-Za-z0-9/:_-](?![?*{])")


class ForeignPatternError(Exception):
    """A pattern has a part that Java has not, or reads otherwise."""


def java(pattern: str) -> str:
    """Return an RE2 pattern in Java's syntax; raises `ForeignPatternError`."""
    return _Reader(pattern).whole()


@dataclass(slots=True)
class _Reader:
    """Reads a pattern from left to right, with the flags of each open group."""

    pattern: str
    at: int = 0
    made: list[str] = field(default_factory=list)
    flags: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])
    begins: bool = True
    """Whether nothing stands yet in the innermost group."""

    def whole(self) -> str:
        while self.at < len(self.pattern):
            self._part()
        return "".join(self.made)

    def _part(self) -> None:
        character = self.pattern[self.at]
        match character:
            case "\\":
                self._escape()
            case "{":
                self._brace()
            case "[":
                self._class()
            case "(":
                self._group()
            case ")":
                if len(self.flags) > 1:
                    self.flags.pop()
                self._write(character)
            case "$":
                self._write("(?m:$)" if self._has("m") else "\\z")
            case "^" if self._has("m"):
                self._line_begin()
            case ".":
                self._write("(?s:.)" if self._has("s") else "[^\\n]")
            case _:
                self._write(character)

    def _write(self, text: str, length: int = 1) -> None:
        self.made.append(text)
        self.at += length
        self.begins = False

    def _escape(self) -> None:
        text = self.pattern[self.at : self.at + 2]
        if text[1:] in _FOREIGN_ESCAPES:
            raise ForeignPatternError("Java has no such regular expression")
        self._write(text, 2)

    def _brace(self) -> None:
        """A brace that begins no repetition is itself to RE2, and a mistake to Java."""
        found = _REPETITION.match(self.pattern, self.at)
        self._write(found[0] if found else "\\{", len(found[0]) if found else 1)

    def _has(self, flag: str) -> bool:
        return flag in self.flags[-1]

    def _line_begin(self) -> None:
        """Java has no line after the last line break, RE2 has an empty one."""
        if not _LINE_BEGINS_WITH.match(self.pattern, self.at):
            raise ForeignPatternError("Java and RE2 differ in where a last line begins")
        self._write("(?m:^)")

    def _group(self) -> None:
        if not self.pattern.startswith("(?", self.at):
            self._write("(")
            self.flags.append(self.flags[-1])
            self.begins = True
            return
        found = _GROUP.match(self.pattern, self.at)
        if found is None:
            raise ForeignPatternError("Java has no such group, or means another")
        on, off, end = frozenset(found[1]), frozenset(found[2] or ""), found[3]
        flags = (self.flags[-1] | on) - off
        case = "-i" if "i" in off else "i" if "i" in on else ""
        begins = self.begins
        if end == ":":
            self._write(f"(?{case}:", len(found[0]))
            self.flags.append(flags)
            self.begins = True
            return
        if case and not begins:
            # Whether it holds beyond a `|` is read in more than one way.
            raise ForeignPatternError("the flag `i` stands inside of a pattern")
        self._write(f"(?{case})" if case else "", len(found[0]))
        self.flags[-1] = flags
        self.begins = begins

    def _class(self) -> None:
        if _CLASS_BEGINS_WITH_BRACKET.match(self.pattern, self.at):
            raise ForeignPatternError("a class begins with `]`")
        self._write("[")
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            if self.pattern.startswith("[:", self.at):
                raise ForeignPatternError("Java has no such regular expression")
            if character == "\\":
                self._escape()
            elif character in "[&":
                self._write(f"\\{character}")  # Java has classes in classes
            else:
                self._write(character)
                if character == "]":
                    return
