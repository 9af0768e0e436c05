"""Turn the selections of a Sigma rule into conditions.

A map is an AND of its fields, a list an OR of its entries; text in a list is a keyword,
which may be anywhere in the event.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any

from checker.conditions import tree
from checker.documents import Document, Path
from checker.errors import DocumentError
from checker.rules.sigma import fields
from checker.rules.sigma.fields import Item, joined_by

_KEYWORDS = Item(None, (), "")

NOT_SELECTIONS = frozenset({"condition", "timeframe"})
"""Keys of a detection block that are no selections; `timeframe` belongs to Sigma 1."""


def read(
    document: Document, block: Path, problems: list[DocumentError], *skip: str
) -> dict[str, tree.Node]:
    """Read the selections of a block by name; mistakes go to `problems`."""
    found: dict[str, tree.Node] = {}
    written: Mapping[str, Any] = document.at(block)
    for name in written:
        if name in NOT_SELECTIONS or name in skip:
            continue
        try:
            found[name] = selection(document, (*block, name))
        except DocumentError as error:
            problems.append(error)
    return found


def selection(document: Document, path: Path) -> tree.Node:
    """Return the condition of one selection; raises `DocumentError`."""
    value = document.at(path)
    if isinstance(value, dict):
        return _map(document, path, value)
    if not isinstance(value, list):
        if value is None:
            raise document.error("an empty selection: write its fields", path)
        return fields.of_values(document, path, _KEYWORDS)
    if not value:
        raise document.error("an empty list matches nothing: write its entries", path)
    if not any(isinstance(each, dict) for each in value):
        return fields.of_values(document, path, _KEYWORDS)
    return joined_by(
        tree.Or, [_entry(document, (*path, index)) for index in range(len(value))]
    )


def _entry(document: Document, path: Path) -> tree.Node:
    value = document.at(path)
    if isinstance(value, dict):
        return _map(document, path, value)
    return fields.of_values(document, path, _KEYWORDS)


def _map(document: Document, path: Path, value: Mapping[str, Any]) -> tree.Node:
    if not value:
        raise document.error("an empty selection: write its fields", path)
    nodes = [fields.node(document, (*path, key)) for key in value]
    _check_dates(document, path, value)
    return joined_by(tree.And, nodes)


def _check_dates(document: Document, path: Path, value: Mapping[str, Any]) -> None:
    """Refuse days that no month beside them has, such as 30 of February."""
    parts: dict[tree.Path, dict[str, str]] = {}
    for key in value:
        item = fields.read_key(key)
        if item.field is not None and "neq" not in item.modifiers:
            parts.setdefault(item.field, {})[item.operator] = key
    for keys in parts.values():
        if {"day", "month"} <= keys.keys():
            days, months = (_numbers(value[keys[part]]) for part in ("day", "month"))
            # A leap year has the longest months.
            if min(days) > max(calendar.monthrange(2000, each)[1] for each in months):
                message = f"no month {months[-1]} has a day {min(days)}: never matches"
                raise document.error(message, (*path, keys["day"]))


def _numbers(value: Any) -> list[int]:
    return [int(each) for each in (value if isinstance(value, list) else [value])]
