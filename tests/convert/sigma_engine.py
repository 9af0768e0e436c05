"""Evaluate records by a Sigma rule as pySigma has parsed it.

pySigma matches nothing itself.  Where the specification is silent, null stands for null
and absent, any scalar is compared as text, and of an array any element.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import re2
from sigma.collection import SigmaCollection
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
)
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SpecialChars,
)

from checker.conditions import text_functions

_ORDERINGS: Mapping[str, Callable[[float, float], bool]] = {
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
}


def matching(text: str, records: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Which records the one rule of a file matches."""
    [rule] = SigmaCollection.from_yaml(text).rules
    assert isinstance(rule, SigmaRule)
    assert not rule.errors
    [condition] = rule.detection.parsed_condition
    parsed = condition.parsed  # parsed anew each time that it is asked for
    return [_holds(parsed, record) for record in records]


def _holds(node: Any, record: Mapping[str, Any]) -> bool:
    match node:
        case ConditionAND():
            return all(_holds(each, record) for each in node.args)
        case ConditionOR():
            return any(_holds(each, record) for each in node.args)
        case ConditionNOT():
            return not _holds(node.args[0], record)
        case ConditionFieldEqualsValueExpression():
            values = _values(record, node.field.split("."))
            if isinstance(node.value, SigmaNull):
                return all(value is None for value in values)
            return any(_is(node.value, value) for value in values)
    raise TypeError(node)


def _values(value: Any, names: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [found for each in value for found in _values(each, names)]
    if not names:
        return [value]
    if not isinstance(value, Mapping) or names[0] not in value:
        return []
    return _values(value[names[0]], names[1:])


def _is(wanted: Any, value: Any) -> bool:
    if value is None or isinstance(value, Mapping):
        return False
    text = value if isinstance(value, str) else str(value).lower()
    match wanted:
        case SigmaString():
            cased = isinstance(wanted, SigmaCasedString)
            return bool(_regular(wanted, cased=cased).fullmatch(text))
        case SigmaNumber():
            return text == str(wanted.number)
        case SigmaBool():
            return text.lower() == str(wanted.boolean).lower()
        case SigmaRegularExpression():
            flags = "i" * (SigmaRegularExpressionFlag.IGNORECASE in wanted.flags)
            pattern = f"(?{flags})" * bool(flags) + str(wanted.regexp)
            return re2.search(pattern, text) is not None
        case SigmaCIDRExpression():
            return bool(text_functions.cidr_contains(wanted.cidr, text))
        case SigmaCompareExpression():
            compare = _ORDERINGS[wanted.op.name]
            try:
                return compare(float(text), float(wanted.number.number))
            except ValueError:
                return False
    raise TypeError(wanted)


def _regular(wanted: SigmaString, *, cased: bool) -> re.Pattern[str]:
    wild = {SpecialChars.WILDCARD_MULTI: ".*", SpecialChars.WILDCARD_SINGLE: "."}
    made = "".join(
        re.escape(part) if isinstance(part, str) else wild[part]  # type: ignore[index] # no placeholders
        for part in wanted.s
    )
    return re.compile(made, re.DOTALL if cased else re.DOTALL | re.IGNORECASE)
