"""Where the nodes of a JSON document are in its text: lines count from 1."""

from __future__ import annotations

import json
import re

_OPENING = ("{", "[")
_CLOSING = ("}", "]")
_MARKS = (*_CLOSING, ",", ":")
_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[{}\[\],:\n]|[^\s{}\[\],:"]++', re.DOTALL
)


def json_lines(text: bytes) -> dict[str, int]:
    """Map the JSON pointer (RFC 6901) of every node of a document to its line.

    `text` is valid JSON; of anything else the lines of what comes before the mistake
    are right.  Iterative, and linear in the size of the answer.
    """
    lines: dict[str, int] = {}
    line = 1
    inside: list[_Container] = []
    for part in _TOKEN.findall(text.decode("utf-8", "replace").removeprefix("\ufeff")):
        if part == "\n":
            line += 1
        elif inside and part in _CLOSING:
            inside.pop()
        elif inside and part == ",":
            inside[-1].next()
        elif part in _MARKS:
            continue
        elif inside and inside[-1].key is None:
            inside[-1].key = _unquoted(part)
        else:
            pointer = f"{inside[-1].pointer}/{inside[-1].key}" if inside else ""
            lines[pointer] = line
            if part in _OPENING:
                inside.append(_Container(pointer, is_object=part == _OPENING[0]))
    return lines


class _Container:
    """An object or array that is open; `key` None means that a key comes next."""

    def __init__(self, pointer: str, *, is_object: bool) -> None:
        self.pointer = pointer
        self.key: str | None = None if is_object else "0"
        self._is_object = is_object

    def next(self) -> None:
        """Go on to the next member."""
        if self._is_object:
            self.key = None
        else:
            self.key = str(int(self.key or 0) + 1)


def _unquoted(token: str) -> str:
    """Return a key's text as a JSON pointer writes it."""
    name = token[1:-1]
    if "\\" in name:
        try:
            name = json.loads(token, strict=False)
        except ValueError:
            name = token[1:-1]
    return name.replace("~", "~0").replace("/", "~1")
