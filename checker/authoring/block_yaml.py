"""Write values as block YAML, the way people write it in cases files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# Text that YAML reads as that very text, without quotes, wherever it stands.
_PLAIN = re.compile(r"[A-Za-z/][\w./@+-]*(?:[:=][\w./@+-]+)*(?: [\w./@+(),;-]+)*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def block(value: Any, indent: int) -> Iterator[str]:
    """Yield the lines of a map or list, each with its line end, `indent` spaces in.

    Raises `ValueError` for a number that JSON cannot hold.
    """
    margin = " " * indent
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _entry(f"{margin}{scalar(key)}:", entry, indent)
    else:
        for entry in value:
            yield from _entry(f"{margin}-", entry, indent)


def scalar(value: Any) -> str:
    """Write a text, number, boolean or null; text in quotes unless it needs none."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        text = json.dumps(value, ensure_ascii=False)
        return "".join(each if each.isprintable() else _escape(each) for each in text)
    return json.dumps(value, allow_nan=False)


def _entry(head: str, entry: Any, indent: int) -> Iterator[str]:
    if isinstance(entry, dict | list) and entry:
        yield f"{head}\n"
        yield from block(entry, indent + 2)
    elif isinstance(entry, dict | list):
        yield f"{head} {'{}' if isinstance(entry, dict) else '[]'}\n"
    else:
        yield f"{head} {scalar(entry)}\n"


def _escape(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        # Half a character: YAML has no way to say it.
        return "?"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
