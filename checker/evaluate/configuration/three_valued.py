"""Evaluate a condition on settings, of which parts may not be known.

It is Kleene's logic: `false && unknown` is false, `true && unknown` is unknown.  A
filter, `trails[?status.IsLogging]`, holds when it holds for any element, so one that
surely passes decides, whatever is not known of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from checker import conditions
from checker.conditions import Unknown, UnknownValue, tree
from checker.conditions.unknown import any_of

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
            return not any_of(
                operands, lambda one: not truth(one, body, functions, said)
            )
        case tree.Or(operands):
            return any_of(operands, lambda one: truth(one, body, functions, said))
        case tree.FilterProjection(base, condition, tree.Current()):
            rows = conditions.closure(base, functions)(body)
            return _filter(rows, condition, functions, said)
        case _:
            value = conditions.closure(node, functions)(body)
            for row in value if isinstance(value, list) else ():
                _say(row, said)
            return conditions.holds(value)


def _filter(
    rows: object, condition: tree.Node, functions: Functions, said: list[str]
) -> bool:
    """Return whether the condition holds of any row, after a look at every one."""
    if isinstance(rows, Unknown):
        if rows.among is None:
            raise UnknownValue(rows)
        answers = {_filter(one, condition, functions, said) for one in rows.among}
        if len(answers) > 1:
            raise UnknownValue(rows)
        return answers.pop()
    found = False
    unknown: Unknown | None = None
    for row in rows if isinstance(rows, list) else ():
        try:
            holds = _row(row, condition, functions)
        except UnknownValue as error:
            unknown = error.unknown if unknown is None else unknown
            continue
        if holds:
            found = True
            _say(row, said)
    if unknown is not None and not found:
        raise UnknownValue(unknown)
    return found


def _row(row: object, condition: tree.Node, functions: Functions) -> bool:
    """Return whether the condition holds of a row, which may not be known."""
    if not isinstance(row, Unknown):
        return row is not None and truth(condition, row, functions, [])
    if row.among is None and row.sketch is None:
        raise UnknownValue(row)
    if row.among is None:
        return truth(condition, row, functions, [])
    answers = {_row(one, condition, functions) for one in row.among}
    if len(answers) > 1:
        raise UnknownValue(row)
    return answers.pop()


def _say(row: object, said: list[str]) -> None:
    reason = row.get("reason") if isinstance(row, Mapping) else None
    if isinstance(reason, str):
        said.append(reason)
