"""Test single values of an event, for filter patterns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import re2

from checker.conditions.wildcards import like

Test: TypeAlias = Callable[[Any], bool]
Values: TypeAlias = Callable[[Any], Sequence[Any]]
Step: TypeAlias = str | int | None
"""The name of a field, a place in an array, or None for every place."""


class Mistake(Exception):  # noqa: N818 - never leaves the reading of a pattern
    """What is wrong with a pattern; `offset` counts characters from 0."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
ORDERINGS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda value, wanted: value < wanted,
    "<=": lambda value, wanted: value <= wanted,
    ">": lambda value, wanted: value > wanted,
    ">=": lambda value, wanted: value >= wanted,
}


def reach(event: object, steps: Sequence[Step]) -> list[Any]:
    """Return the values at a path: none, one, or with `[*]` several."""
    values = [event]
    for step in steps:
        values = [found for value in values for found in _step(value, step)]
    return values


def _step(value: Any, step: Step) -> Sequence[Any]:
    if isinstance(step, str):
        return (value[step],) if isinstance(value, Mapping) and step in value else ()
    if not isinstance(value, list):
        return ()
    return value if step is None else value[step : step + 1]


def state(values: Values, word: str) -> Test:
    """Test for NULL, TRUE or FALSE, or with no word that there is nothing."""
    if not word:
        return lambda event: not values(event)
    wanted = {"NULL": None, "TRUE": True, "FALSE": False}[word]
    return lambda event: any(value is wanted for value in values(event))


def ordering(compare: Callable[[float, float], bool], wanted: float) -> Test:
    """Compare numbers, also those that are text."""

    def test(value: Any) -> bool:
        number = _number(value)
        return number is not None and compare(number, wanted)

    return test


def equal(wanted: str, *, plain: bool) -> Test:
    """Compare as text, `*` for any; an unquoted number also by its size."""
    number = float(wanted) if plain and NUMBER.fullmatch(wanted) else None

    def test(value: Any) -> bool:
        if number is not None and (found := _number(value)) is not None:
            return found == number
        text = _text(value)
        return text is not None and like(text, wanted, single="")

    return test


def unequal(same: Test) -> Test:
    """Test that a scalar is another one; null, arrays and objects are not."""
    return lambda value: _text(value) is not None and not same(value)


def regular(expression: str, offset: int) -> Test:
    """Search a scalar's text for a regular expression."""
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(expression, options)
    except re2.error as error:
        raise Mistake("the regular expression is wrong", offset) from error

    def test(value: Any) -> bool:
        text = _text(value)
        return text is not None and compiled.search(text) is not None

    return test


def _number(value: Any) -> float | None:
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _text(value: Any) -> str | None:
    """Return a scalar as text; null, arrays and objects are none."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, int | float) else None
