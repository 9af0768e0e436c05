"""Read plain scalars as YAML 1.1 does, which most tools of other people read.

`No` is false there, and `0443` is 291.  Dates stay text: JSON has none.
https://yaml.org/type/
"""

from __future__ import annotations

import re
from typing import Any

from checker.documents.building import plain

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE"), True),
    **dict.fromkeys(("on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
}
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<binary>[01_]+)|0(?P<octal>[0-7_]+)"
    r"|0x(?P<hexadecimal>[0-9a-fA-F_]+)|(?P<decimal>0|[1-9][0-9_]*)"
    r"|(?P<sexagesimal>[1-9][0-9_]*(?::[0-5]?[0-9])+))\Z"
)
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)\Z"
)
_BASES = {"binary": 2, "octal": 8, "hexadecimal": 16, "decimal": 10}
_LONGEST = 40
"""Characters of a number; what is longer is text."""


def resolve(text: str) -> Any:
    """Return the value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST or text[:1] not in "+-.0123456789":
        return text
    if _FLOAT.match(text):
        return float(text.replace("_", ""))
    number = _INTEGER.match(text)
    return _integer(number, text) if number else text


def differs(text: str) -> bool:
    """Return whether YAML 1.2 reads a plain scalar as another value."""
    one, other = resolve(text), plain(text)
    return one.__class__ is not other.__class__ or one != other


def _integer(number: re.Match[str], text: str) -> Any:
    sign = -1 if number["sign"] == "-" else 1
    for name, base in _BASES.items():
        digits = (number[name] or "").replace("_", "")
        if digits:
            return sign * int(digits, base)
    if number["sexagesimal"] is None:
        return text  # nothing but underscores
    total = 0
    for part in number["sexagesimal"].replace("_", "").split(":"):
        total = total * 60 + int(part)
    return sign * total
