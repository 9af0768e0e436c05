"""Turn the condition of a correlation into a test of a number."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

Measure: TypeAlias = int | Fraction
Test: TypeAlias = Callable[[Measure], bool]

# Each with its operands the other way round: partial() binds the first.
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.lt,
    "gte": operator.le,
    "lt": operator.gt,
    "lte": operator.ge,
    "eq": operator.eq,
    "neq": operator.ne,
}


def test(condition: Mapping[str, Any], default: Measure) -> Test:
    """Compile a condition; without an operator it is `gte: default`.

    Several operators must all hold, and both ends of a `range` are inside it.
    """
    tests = [
        functools.partial(_OPERATORS[name], value)
        for name, value in _limits(condition, default)
    ]
    if len(tests) == 1:
        return tests[0]
    return lambda number: all(each(number) for each in tests)


def bound(condition: Mapping[str, Any], default: Measure) -> int:
    """Return the number beyond which no larger count changes the answer."""
    return max(math.ceil(limit) for _, limit in _limits(condition, default)) + 1


def least(condition: Mapping[str, Any], default: Measure) -> int:
    """Return a count below which a condition never holds."""
    lowest = 0
    for name, limit in _limits(condition, default):
        if name in ("gte", "eq"):
            lowest = max(lowest, math.ceil(limit))
        elif name == "gt":
            lowest = max(lowest, math.floor(limit) + 1)
    return lowest


def _limits(
    condition: Mapping[str, Any], default: Measure
) -> list[tuple[str, Measure]]:
    limits = [(name, condition[name]) for name in _OPERATORS if name in condition]
    if "range" in condition:
        ends = condition["range"]
        limits += [("gte", ends["min"]), ("lte", ends["max"])]
    return [(name, exact(limit)) for name, limit in limits or [("gte", default)]]


def exact(number: float) -> Measure:
    """Return a number written: 0.1 is a tenth, not the double nearest to it."""
    return number if isinstance(number, int) else Fraction(str(number))


def plain(number: Measure) -> int | float:
    """Return a number for a report."""
    if isinstance(number, Fraction):
        return int(number) if number.denominator == 1 else float(number)
    return number
