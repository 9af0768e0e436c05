"""Evaluate a condition on settings, of which parts may not be known.

It is Kleene's logic: `false && unknown` is false, `true && unknown` is unknown.  A
filter, `trails[?status.IsLogging]`, holds when it holds for any element, so one that
surely passes decides, whatever is not known of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions import tree

Functions: TypeAlias = Mapping[str, conditions.Function]


def truth(node: tree.Node, body: object, functions: Functions, said: list[str]) -> bool:
    """Return whether a condition holds of a resource.

    `said` gathers the `reason` of each row that the condition came upon: what a
    function such as `dead_selectors` found, or a filter let through.  Raises
    `UnknownValue` when the answer hangs on what is not known.
    """
    match node:
        case tree.Not(operand):
            return not truth(operand, body, functions, said)
        case tree.And(operands):
            return not _any(operands, lambda one: not truth(one, body, functions, said))
        case tree.Or(operands):
            return _any(operands, lambda one: truth(one, body, functions, said))
        case tree.FilterProjection(base, condition, tree.Current()):
            rows = conditions.closure(base, functions)(body)
            return _filter(rows, condition, functions, said)
        case _:
            value = conditions.closure(node, functions)(body)
            for row in value if isinstance(value, list) else ():
                _say(row, said)
            return conditions.holds(value)


def _any(items: Iterable[Any], test: Callable[[Any], bool]) -> bool:
    """Return whether any passes; one that surely does decides alone."""
    unknown: conditions.UnknownValue | None = None
    for item in items:
        try:
            if test(item):
                return True
        except conditions.UnknownValue as error:
            unknown = unknown or error
    if unknown:
        raise unknown
    return False


def _filter(
    rows: object, condition: tree.Node, functions: Functions, said: list[str]
) -> bool:
    """Return whether the condition holds of any row, after a look at every one."""
    if isinstance(rows, conditions.Unknown):
        raise conditions.UnknownValue(rows)
    found = False
    unknown: conditions.Unknown | None = None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, conditions.Unknown):
            unknown = row if unknown is None else unknown
            continue
        try:
            holds = row is not None and truth(condition, row, functions, [])
        except conditions.UnknownValue as error:
            unknown = error.unknown if unknown is None else unknown
            continue
        if holds:
            found = True
            _say(row, said)
    if unknown is not None and not found:
        raise conditions.UnknownValue(unknown)
    return found


def _say(row: object, said: list[str]) -> None:
    reason = row.get("reason") if isinstance(row, Mapping) else None
    if isinstance(reason, str):
        said.append(reason)
