"""The functions that test a field as Sigma does.

Each is given a field by its path, and looks at all values there: a path leads through
arrays to each element, and one value that fits is enough.  Values are compared as text,
in any case (`…_cased`: as written): 443 is `443`, true is `true`; null, objects and
absent fields fit nothing.  docs/sigma.md has what the specification leaves open.

    sigma_equals(field, texts)      one of some texts, with Sigma's wildcards
    sigma_contains, sigma_startswith, sigma_endswith    likewise, for a part of the text
    sigma_re(field, patterns)       a pattern of RE2 occurs
    sigma_cidr(field, networks)     the address is in one of some networks
    sigma_gt, sigma_gte, sigma_lt, sigma_lte (field, number)    digits as text too
    sigma_minute, _hour, _day, _week, _month, _year (field, numbers)   in UTC
    sigma_fieldref(field, field)    both have a value in common
    sigma_exists(field)             the field is there, be it null
    sigma_null(field)               it is null or absent

`sigma_contains(@, texts)` looks at every value of the event.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from checker.conditions import sigma_text
from checker.conditions.access import leaves
from checker.conditions.networks import read_network
from checker.conditions.sigma_text import Place, of_scalar
from checker.conditions.signature import ANY, BOOLEAN, Function
from checker.conditions.text_functions import (
    cidr_contains_in,
    matches_pattern,
    pattern_problem,
)
from checker.conditions.unknown import refuse

Test: TypeAlias = Callable[[list[Any]], bool]

PREFIX = "sigma_"
"""What the names of these functions begin with."""

CASED = "_cased"
"""What the names of those that tell capitals apart end with."""

EXISTS = PREFIX + "exists"
EQUALS = PREFIX + Place.WHOLE.value

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_LONGEST_NUMBER = 400
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[-+][0-9]{2}:[0-9]{2})?\Z",
    re.ASCII,
)
_MILLISECONDS = 1_000_000_000_000
"""Numbers above it are milliseconds since 1970, the others seconds."""

TIME_PARTS: Final[Mapping[str, range]] = {
    "minute": range(60),
    "hour": range(24),
    "day": range(1, 32),
    "week": range(1, 54),
    "month": range(1, 13),
    "year": range(1, 10_000),
}
"""The parts of a time that Sigma compares, each with the numbers that it can be."""

_PARTS: dict[str, Callable[[datetime], int]] = {
    "minute": lambda time: time.minute,
    "hour": lambda time: time.hour,
    "day": lambda time: time.day,
    "week": lambda time: time.isocalendar().week,
    "month": lambda time: time.month,
    "year": lambda time: time.year,
}
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def _texts(values: list[Any]) -> Iterator[str]:
    for value in leaves(values):
        text = of_scalar(value)
        if text is not None:
            yield text
        else:
            refuse(value)


def _text_test(place: Place, given: Any, *, cased: bool) -> Test:
    test = sigma_text.test(place, given, cased=cased)

    def among(values: list[Any]) -> bool:
        if len(values) == 1 and values[0].__class__ is str:
            return test(values[0])
        return any(map(test, _texts(values)))

    return among


def _text_problem(place: Place, given: Any, *, cased: bool) -> str | None:
    problem = _list_problem(given, str, "texts")
    if problem:
        return problem
    for value in given:
        found = sigma_text.problem(place, value, cased=cased)
        if found:
            return found
    return None


def _list_problem(given: Any, kind: type, what: str) -> str | None:
    if type(given) is not list or not given or any(type(x) is not kind for x in given):
        return f"it takes a list of {what}"
    return None


def _patterns(given: Any) -> Test:
    tests = [matches_pattern(pattern) for pattern in given]
    return lambda values: any(
        test(text) for text in _texts(values) for test in tests if test
    )


def _patterns_problem(given: Any) -> str | None:
    problem = _list_problem(given, str, "patterns")
    found = () if problem else map(pattern_problem, given)
    return problem or next(filter(None, found), None)


def network(text: str) -> str:
    """Return a network as CIDR; raises `ValueError` for what is none.

    An address alone is a network of one, and bits of the host are left out.
    """
    return str(read_network(text.strip(), strict=False))


def _networks(given: Any) -> Test:
    test = cidr_contains_in([network(each) for each in given])
    assert test is not None
    return lambda values: any(map(test, _texts(values)))


def _networks_problem(given: Any) -> str | None:
    problem = _list_problem(given, str, "networks")
    for text in () if problem else given:
        try:
            network(text)
        except ValueError as error:
            return f"not a network in CIDR form: {error}"
    return problem


def _order(compare: Callable[[float, float], bool], given: Any) -> Test:
    return lambda values: any(
        compare(number, given)
        for number in map(_number, leaves(values))
        if number is not None
    )


def _number(value: Any) -> float | None:
    kind = value.__class__
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return] # a number
    if kind is not str:
        refuse(value)
        return None
    if len(value) > _LONGEST_NUMBER or not _NUMBER.match(value):
        return None
    return float(value)


def _number_problem(given: Any) -> str | None:
    return None if type(given) in (int, float) else "it takes a number"


def _time_test(part: Callable[[datetime], int], given: Any) -> Test:
    wanted = frozenset(given)
    return lambda values: any(
        part(time) in wanted for time in map(_time, leaves(values)) if time
    )


@functools.lru_cache(maxsize=4096)
def _read_time(text: str) -> datetime | None:
    if not _TIME.match(text):
        return None
    try:
        time = datetime.fromisoformat(text.upper())
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _time(value: Any) -> datetime | None:
    if value.__class__ is str:
        return _read_time(value)
    if value.__class__ is int or value.__class__ is float:
        seconds = value / 1000 if value > _MILLISECONDS else value
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    refuse(value)
    return None


def _same(first: Any, second: Any, *, cased: bool) -> bool:
    texts = set(_texts([first])), set(_texts([second]))
    if not cased:
        texts = {each.lower() for each in texts[0]}, {each.lower() for each in texts[1]}
    return not texts[0].isdisjoint(texts[1])


def _is_null(values: list[Any]) -> bool:
    refuse(*values)
    return not values or (len(values) == 1 and values[0] is None)


def _function(
    name: str,
    opens: Callable[[Any], Test],
    check: Callable[[Any], str | None],
) -> Function:
    def call(value: Any, given: Any) -> Any:
        return None if check(given) else opens(given)([value])

    return Function(
        PREFIX + name, (ANY, ANY), BOOLEAN, call, check={1: check}, opens=opens
    )


def _reference(name: str, *, cased: bool) -> Function:
    def opens(given: Any) -> Test:
        return lambda values: _same(values, given, cased=cased)

    same = functools.partial(_same, cased=cased)
    return Function(PREFIX + name, (ANY, ANY), BOOLEAN, same, opens=opens)


def _alone(name: str, test: Test) -> Function:
    def call(value: Any) -> bool:
        return test([value])

    return Function(PREFIX + name, (ANY,), BOOLEAN, call, opens=lambda _: test)


def _all() -> Iterator[Function]:
    for place in Place:
        for cased in (False, True):
            yield _function(
                place.value + (CASED if cased else ""),
                functools.partial(_text_test, place, cased=cased),
                functools.partial(_text_problem, place, cased=cased),
            )
    yield _function("re", _patterns, _patterns_problem)
    yield _function("cidr", _networks, _networks_problem)
    for name, compare in _ORDERS.items():
        yield _function(name, functools.partial(_order, compare), _number_problem)
    for name, part in _PARTS.items():
        numbers = functools.partial(_list_problem, kind=int, what="whole numbers")
        yield _function(name, functools.partial(_time_test, part), numbers)
    yield _reference("fieldref", cased=False)
    yield _reference("fieldref" + CASED, cased=True)
    yield _alone("exists", bool)
    yield _alone("null", _is_null)


FUNCTIONS: tuple[Function, ...] = tuple(_all())
"""Every function that tests a field as Sigma does."""

ORDERS = tuple(_ORDERS)
