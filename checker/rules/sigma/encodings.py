"""Make of a value what Sigma's encoding modifiers say.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md#encoding
"""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from collections.abc import Sequence

from checker.conditions import sigma_text
from checker.errors import ConditionError

WIDE = {"wide": "utf-16le", "utf16le": "utf-16le", "utf16": "utf-16le"}
WIDE |= {"utf16be": "utf-16be"}
"""The modifiers that write two bytes for each character; `utf16` with a mark."""

MODIFIERS = frozenset({"windash", "base64", "base64offset", *WIDE})

_DASHES = "-/\u2013\u2014\u2015"
_DASH = re.compile(r"\B[-/]\b")
_MOST_DASHES = 4

# https://www.nccgroup.com/research-blog/content-based-detection-of-base64/ : which
# characters do not depend on what stands before and after the value.
_STARTS = (0, 2, 3)
_ENDS = (None, -3, -2)


def encoded(value: str, modifiers: Sequence[str]) -> list[str]:
    """Return the values that a value stands for, each with Sigma's escapes.

    Raises `ConditionError` for a value that cannot be encoded.
    """
    values = _dashes(value) if "windash" in modifiers else [value]
    wide = next((each for each in modifiers if each in WIDE), None)
    if "base64" in modifiers or "base64offset" in modifiers:
        offsets = (0, 1, 2) if "base64offset" in modifiers else None
        return [text for each in values for text in _base64(each, wide, offsets)]
    return [_wide(each, wide) for each in values] if wide else values


def _dashes(value: str) -> list[str]:
    """Return a value with each dash of an option written in every way."""
    places = [found.start() for found in _DASH.finditer(value)]
    if len(places) > _MOST_DASHES:
        raise ConditionError(
            f"windash makes {len(_DASHES)}^{len(places)} values of this: write the "
            f"options as values of their own, with at most {_MOST_DASHES} dashes each"
        )
    found = []
    for signs in itertools.product(_DASHES, repeat=len(places)):
        text = list(value)
        for place, sign in zip(places, signs, strict=True):
            text[place] = sign
        found.append("".join(text))
    return found


def _base64(value: str, wide: str | None, offsets: Sequence[int] | None) -> list[str]:
    plain = sigma_text.plain(value)
    if plain is None:
        raise ConditionError("a value with wildcards has no base64: escape them (\\*)")
    data = plain.encode(WIDE[wide] if wide else "utf-8", errors="replace")
    if wide == "utf16":
        data = b"\xff\xfe" + data
    if offsets is None:
        return [b64encode(data).decode()]
    return [
        b64encode(b" " * at + data)[_STARTS[at] : _ENDS[(len(data) + at) % 3]].decode()
        for at in offsets
    ]


def _wide(value: str, wide: str) -> str:
    """Return a text in which every second character is NUL."""
    mark = "\ufeff" if wide == "utf16" else ""
    found = [mark]
    for part in sigma_text.parts(value):
        if isinstance(part, sigma_text.Wildcard):
            found.append(part.value)
            continue
        if not part.isascii():
            raise ConditionError(f"{wide} takes ASCII only, unless base64 follows it")
        found.append(sigma_text.escaped(part.encode(WIDE[wide]).decode()))
    return "".join(found)
