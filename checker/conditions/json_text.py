"""Read JSON that an event holds as text: `parse_json`."""

from __future__ import annotations

import json
from typing import Any

from checker.conditions.unknown import refuse

_DEEPEST = 64
"""How deep the values of `parse_json` go at most."""


def parse_json(text: Any) -> Any:
    """`parse_json(string)`: the value that the text is; null for what is no JSON.

    The caller wrote the text.  What is nested deeper than any policy can be is
    no JSON either, so that nothing that walks over the value goes too deep.
    """
    if type(text) is not str:
        return refuse(text)
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    level = [value]
    for _ in range(_DEEPEST):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return value
    return None


def _parts(value: Any) -> Any:
    kind = value.__class__
    return value.values() if kind is dict else value if kind is list else ()


def _no_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)
