"""What a literal can be mistaken for, by targets that compare everything as text."""

from __future__ import annotations

import re

from checker.convert.form import Part, Text

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
_PIECE = re.compile(r"[-+0-9.eE]*")


def is_whole_number(literal: str) -> bool:
    """Return whether a literal is the text of a number without a fraction."""
    return bool(_WHOLE.fullmatch(literal))


def reads_as_scalar(text: Text) -> bool:
    """Return whether the text of a number or boolean can pass a test of a literal.

    `443` reads as a number, and so may what begins with `4`; `tr` begins `true`.
    """
    literal = text.literal
    if text.part is Part.WHOLE:
        return literal in ("true", "false") or bool(_NUMBER.fullmatch(literal))
    if _PIECE.fullmatch(literal):
        return True
    words = ("true", "false")
    match text.part:
        case Part.PREFIX:
            return any(word.startswith(literal) for word in words)
        case Part.SUFFIX:
            return any(word.endswith(literal) for word in words)
        case _:
            return any(literal in word for word in words)
