"""Write a regular expression as a few literals, where it is no more than that.

`:policy/(A|B)$` is text that ends with `:policy/A` or `:policy/B`.  Only what is surely
the same is taken: groups, alternatives, small classes and optional characters.
https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from dataclasses import dataclass

from checker.convert.form import Part, Text

_MOST = 24
"""How many literals a pattern may come to."""

_SPECIAL = frozenset("\\.+*?()|[]{}^$")


class _NotLiteralError(Exception):
    """A pattern is more than literals."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A literal, and whether it is held to the text's begin and end."""

    text: str = ""
    begins: bool = False
    ends: bool = False


def alternatives(pattern: str, *, fold: bool = False) -> tuple[Text, ...] | None:
    """Return texts of which one holds where the pattern occurs; None for no such."""
    try:
        pieces = _Reader(pattern).whole()
    except _NotLiteralError:
        return None
    found = (_text(piece, fold=fold) for piece in pieces)
    kept = [text for text in found if not fold or text.literal == text.literal.lower()]
    return tuple(dict.fromkeys(kept))


def _text(piece: _Piece, *, fold: bool) -> Text:
    part = {
        (True, True): Part.WHOLE,
        (True, False): Part.PREFIX,
        (False, True): Part.SUFFIX,
        (False, False): Part.INSIDE,
    }[piece.begins, piece.ends]
    return Text(part, piece.text, fold)


class _Reader:
    """Reads a pattern from left to right into all the literals that it stands for."""

    def __init__(self, pattern: str) -> None:
        self._rest = pattern

    def whole(self) -> list[_Piece]:
        """Read the pattern to its end."""
        pieces = self._alternation()
        if self._rest:
            raise _NotLiteralError
        return pieces

    def _alternation(self) -> list[_Piece]:
        pieces = self._sequence()
        while self._take("|"):
            pieces += self._sequence()
        if len(pieces) > _MOST:
            raise _NotLiteralError
        return pieces

    def _sequence(self) -> list[_Piece]:
        pieces = [_Piece()]
        while self._rest and self._rest[0] not in "|)":
            follow = self._unit()
            pieces = [_joined(one, other) for one in pieces for other in follow]
            if len(pieces) > _MOST:
                raise _NotLiteralError
        return pieces

    def _unit(self) -> list[_Piece]:
        if self._take("^"):
            return [_Piece(begins=True)]
        if self._take("$"):
            return [_Piece(ends=True)]
        if self._take("("):
            if self._rest.startswith("?") and not self._take("?:"):
                raise _NotLiteralError
            pieces = self._alternation()
            if not self._take(")"):
                raise _NotLiteralError
        else:
            pieces = [_Piece(each) for each in self._characters()]
        if self._take("?"):
            pieces = [_Piece(), *pieces]
        if self._rest[:1] in ("*", "+", "{", "?") and self._rest:
            raise _NotLiteralError
        return pieces

    def _characters(self) -> str:
        """Read one character, or the few of a class."""
        if not self._take("["):
            return self._character()
        found = ""
        while self._rest and not self._take("]"):
            if self._rest[0] in "^[\\" or (
                self._rest[0] == "-" and found and self._rest[1:2] != "]"
            ):
                raise _NotLiteralError
            found += self._rest[0]
            self._rest = self._rest[1:]
        if not found:
            raise _NotLiteralError
        return found

    def _character(self) -> str:
        first, self._rest = self._rest[0], self._rest[1:]
        if first == "\\":
            second, self._rest = self._rest[:1], self._rest[1:]
            if not second or second.isalnum() or not second.isascii():
                raise _NotLiteralError
            return second
        if first in _SPECIAL:
            raise _NotLiteralError
        return first

    def _take(self, token: str) -> bool:
        found = self._rest.startswith(token)
        self._rest = self._rest[len(token) * found :]
        return found


def _joined(one: _Piece, other: _Piece) -> _Piece:
    if (other.begins and (one.text or one.begins)) or (
        one.ends and (other.text or other.ends)
    ):
        raise _NotLiteralError
    return _Piece(
        one.text + other.text, one.begins or other.begins, one.ends or other.ends
    )
