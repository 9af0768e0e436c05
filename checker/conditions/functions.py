"""The functions that a condition can call.

All of JMESPath's own (https://jmespath.org/specification.html#built-in-functions) and
those that rules about CloudTrail need: `lower`, `matches`, `cidr_contains`, `one_of`,
`parse_json` for what events hold as text, `split` for names in one text,
`resource_name` for names and ARNs, `internet_wide` for networks together, those that
say what policies allow (`policy_functions`), and those that test a field as Sigma does
(`sigma_functions`).
Where JMESPath raises because an argument has the wrong type, these give null: events
lack fields, and a rule over thousands of kinds of them must go on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from checker.conditions import networks, policy_functions, sigma_functions
from checker.conditions import text_functions as text
from checker.conditions.arn_text import resource_name
from checker.conditions.json_text import parse_json
from checker.conditions.signature import (
    ANY,
    ARRAY,
    BOOLEAN,
    EXPREF,
    NUMBER,
    NUMBERS,
    OBJECT,
    SORTABLE,
    STRING,
    STRINGS,
    TYPES,
    Call,
    Function,
    checked,
)
from checker.conditions.sketch import Hole, joined
from checker.conditions.unknown import Unknown, UnknownValue, any_of, refuse

__all__ = ["STANDARD", "Function"]


MOST_JOINED = 16 << 20
"""How many characters `join` makes at most."""


def _contains(subject: Any, search: Any) -> Any:
    kind = subject.__class__
    if kind is list:
        return _in(search, subject)
    if kind is str and search.__class__ is str:
        return search in subject
    return refuse(subject, search)


def _in(search: Any, items: list[Any]) -> bool:
    """Is it any of the items?  One that surely is decides alone."""
    if search.__class__ is Unknown and search.among is not None:
        answers = {_in(one, items) for one in search.among}
        return answers.pop() if len(answers) == 1 else refuse(search)
    try:
        return search in items
    except UnknownValue:
        return any_of(items, lambda item: bool(search == item))


def _contains_in(subject: Any) -> Callable[[Any], bool | None] | None:
    """`contains` with its array given: a set where all of it is text."""
    if type(subject) is not list or not all(type(item) is str for item in subject):
        return None
    items = frozenset(subject)

    def contains(search: Any) -> Any:
        if search.__class__ is str:
            return search in items
        return search.__class__ is Unknown and _in(search, subject)

    return contains


def _contains_what(search: Any) -> Callable[[Any], bool | None]:
    """`contains` with what is searched for given."""

    def contains(subject: Any) -> Any:
        if subject.__class__ is str:
            return search in subject if search.__class__ is str else None
        if subject.__class__ is list:
            return _in(search, subject)
        return refuse(subject)

    return contains


def _length(value: Any) -> Any:
    kind = value.__class__
    if kind is str or kind is list or kind is dict:
        return len(value)
    return refuse(value)


def _not_null(*values: Any) -> Any:
    for value in values:
        if value is not None:
            refuse(value)
            return value
    return None


def _type(value: Any) -> str | None:
    return TYPES.get(value.__class__) or refuse(value)


def _to_array(value: Any) -> list[Any]:
    refuse(value)
    return value if type(value) is list else [value]


def _plain(value: Any) -> str:
    refuse(value)
    return str(value)


def _to_string(value: Any) -> str:
    if type(value) is str:
        return value
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _to_number(value: Any) -> Any:
    if type(value) is int or type(value) is float:
        return value
    if type(value) is not str:
        return refuse(value)
    for convert in (int, float):
        try:
            return convert(value)
        except ValueError:
            continue
    return None


def _split(subject: str, separator: str) -> list[str]:
    """`split(string, separator)`: the parts between separators; whole without one.

    For what AWS writes as one text of several names, such as `bucket/key`.
    """
    return subject.split(separator) if separator else [subject]


def _average(numbers: list[float]) -> Any:
    return sum(numbers) / len(numbers) if numbers else None


def _merge(*objects: dict[str, Any]) -> dict[str, Any]:
    return {key: value for each in objects for key, value in each.items()}


def _join(glue: str, items: list[Any]) -> Any:
    """Join texts; of those that are known in part, what is known.

    Null for more than `MOST_JOINED` characters: an event may give text and separator.
    """
    unknown = next((item for item in items if item.__class__ is Unknown), None)
    if unknown is None:
        length = sum(map(len, items)) + len(glue) * len(items)
        return glue.join(items) if length <= MOST_JOINED else None
    parts: list[str | Hole] = []
    for index, item in enumerate(items):
        sketch = item.sketch if item.__class__ is Unknown else (str(item),)
        if sketch is None:
            raise UnknownValue(item)
        parts += [glue, *sketch] if index else sketch
    return Unknown(unknown.reason, unknown.cause, sketch=joined(tuple(parts)))


def _joined(glue: Any, items: Any) -> Any:
    if type(glue) is not str or type(items) is not list:
        return refuse(glue, items)
    if any(type(item) not in (str, Unknown) for item in items):
        return None
    return _join(glue, items)


def _map(expression: Callable[[Any], Any], array: list[Any]) -> list[Any]:
    return [expression(element) for element in array]


def _keys(array: list[Any], expression: Callable[[Any], Any]) -> list[Any]:
    """The key of each element; `TypeError` unless all are numbers or all strings."""
    keys = [expression(element) for element in array]
    refuse(*keys)
    if {TYPES.get(type(key)) for key in keys} not in ({"number"}, {"string"}):
        raise TypeError
    return keys


def _sort_by(array: list[Any], expression: Callable[[Any], Any]) -> list[Any]:
    if not array:
        return array
    keys = _keys(array, expression)
    order = sorted(range(len(array)), key=keys.__getitem__)
    return [array[position] for position in order]


def _extreme_by(pick: Callable[..., int]) -> Call:
    def extreme(array: list[Any], expression: Callable[[Any], Any]) -> Any:
        if not array:
            return None
        keys = _keys(array, expression)
        return array[pick(range(len(array)), key=keys.__getitem__)]

    return extreme


def _values(value: dict[str, Any]) -> list[Any]:
    return list(value.values())


def _reverse(value: Any) -> Any:
    return value[::-1]


def _extreme(pick: Callable[..., Any]) -> Call:
    return lambda array: pick(array, default=None)


def _one_of(value: Any, array: Any) -> Any:
    if type(array) is not list:
        return refuse(value, array)
    if value.__class__ is Unknown:
        return _in(value, array)
    is_bool = value.__class__ is bool
    return any(value == item and (item.__class__ is bool) is is_bool for item in array)


def _one_of_these(array: Any) -> Callable[[Any], bool | None] | None:
    """`one_of` with its array given: a set where all of it is text."""
    quick = _contains_in(array)
    return quick or (lambda value: _one_of(value, array))


def _function(
    name: str,
    arguments: tuple[frozenset[str], ...],
    returns: frozenset[str],
    call: Call,
    *,
    variadic: bool = False,
) -> Function:
    return Function(name, arguments, returns, checked(arguments, call), variadic)


_BY_TYPE = (
    _function("abs", (NUMBER,), NUMBER, abs),
    _function("avg", (NUMBERS,), NUMBER, _average),
    _function("ceil", (NUMBER,), NUMBER, math.ceil),
    _function("floor", (NUMBER,), NUMBER, math.floor),
    _function("keys", (OBJECT,), ARRAY, list),
    _function("map", (EXPREF, ARRAY), ARRAY, _map),
    _function("max", (SORTABLE,), ANY, _extreme(max)),
    _function("max_by", (ARRAY, EXPREF), ANY, _extreme_by(max)),
    _function("merge", (OBJECT,), OBJECT, _merge, variadic=True),
    _function("min", (SORTABLE,), ANY, _extreme(min)),
    _function("min_by", (ARRAY, EXPREF), ANY, _extreme_by(min)),
    _function("reverse", (ARRAY | STRING,), ARRAY | STRING, _reverse),
    _function("sort", (SORTABLE,), ARRAY, sorted),
    _function("sort_by", (ARRAY, EXPREF), ARRAY, _sort_by),
    _function("split", (STRING, STRING), STRINGS, _split),
    _function("sum", (NUMBERS,), NUMBER, sum),
    _function("to_number", (ANY,), NUMBER, _to_number),
    _function("to_string", (ANY,), STRING, _to_string),
    _function("values", (OBJECT,), ARRAY, _values),
    _function("resource_name", (STRING,), STRING, resource_name),
    _function("internet_wide", (ANY,), BOOLEAN, networks.internet_wide),
    _function("public_statements", (ANY,), ARRAY, policy_functions.public_statements),
    _function(
        "full_access_statements", (ANY,), ARRAY, policy_functions.full_access_statements
    ),
    _function(
        "foreign_accounts", (ANY, STRING), ARRAY, policy_functions.foreign_accounts
    ),
    _function(
        "unbound_federation",
        (ANY, STRING | STRINGS),
        ARRAY,
        policy_functions.unbound_federation,
    ),
)

# These check the types of their arguments themselves: most conditions call one of them.
_HOT = (
    Function(
        "cidr_contains",
        (STRING | STRINGS, STRING),
        BOOLEAN,
        text.cidr_contains,
        check={0: text.cidr_problem},
        bind={0: text.cidr_contains_in},
    ),
    Function(
        "contains",
        (ARRAY | STRING, ANY),
        BOOLEAN,
        _contains,
        bind={0: _contains_in, 1: _contains_what},
    ),
    Function(
        "ends_with", (STRING, STRING), BOOLEAN, text.ends_with, bind={1: text.ends}
    ),
    Function("join", (STRING, STRINGS), STRING, _joined),
    Function("length", (STRING | ARRAY | OBJECT,), NUMBER, _length),
    Function("lower", (STRING,), STRING, text.lower),
    Function(
        "matches",
        (STRING, STRING),
        BOOLEAN,
        text.matches,
        check={1: text.pattern_problem},
        bind={1: text.matches_pattern},
    ),
    Function("parse_json", (STRING,), ANY, parse_json),
    Function("not_null", (ANY,), ANY, _not_null, variadic=True),
    Function("one_of", (ANY, ARRAY), BOOLEAN, _one_of, bind={1: _one_of_these}),
    Function(
        "starts_with",
        (STRING, STRING),
        BOOLEAN,
        text.starts_with,
        bind={1: text.starts},
    ),
    Function("to_array", (ANY,), ARRAY, _to_array),
    Function("type", (ANY,), STRING, _type),
)

STANDARD: Mapping[str, Function] = {
    each.name: each for each in (*_BY_TYPE, *_HOT, *sigma_functions.FUNCTIONS)
}
"""Every function of the dialect, by name."""
