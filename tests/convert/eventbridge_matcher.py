"""A matcher for EventBridge patterns, held to what AWS's event-ruler does.

It shares no code with the converter.  An event is flattened into its leaves, each with
the elements of the arrays on its way; a pattern is opened into its `$or` branches, in
which the later list for a field replaces an earlier one.
https://github.com/aws/event-ruler
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

OPERATORS = frozenset(
    "prefix suffix anything-but numeric cidr exists wildcard equals-ignore-case".split()
)
_ORDERINGS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
Path = tuple[str, ...]
Places = dict[Path, int]
Leaf = tuple[Any, Places]
Leaves = Mapping[Path, list[Leaf]]
Test = Callable[[Any], bool]


class InvalidPatternError(Exception):
    """A pattern that event-ruler refuses."""


class Matcher:
    """A pattern, ready to be asked."""

    def __init__(self, pattern: Mapping[str, Any] | str) -> None:
        if isinstance(pattern, str):
            pattern = json.loads(pattern)
        self._branches = [dict(branch) for branch in _branches(pattern, ())]

    def match(self, event: Mapping[str, Any]) -> bool:
        return self.match_leaves(flattened(event))

    def match_leaves(self, leaves: Leaves) -> bool:
        return any(_satisfied(branch, leaves) for branch in self._branches)


def flattened(event: Mapping[str, Any]) -> Leaves:
    """The leaves of an event by path, which many patterns can be asked about."""
    leaves: dict[Path, list[Leaf]] = {}
    for path, value, places in _leaves(event, (), {}):
        leaves.setdefault(path, []).append((value, places))
    return leaves


def _leaves(
    value: Any, path: Path, places: Places
) -> Iterator[tuple[Path, Any, Places]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, path + tuple(name.split(".")), places)
    elif isinstance(value, list):
        yield from _elements(value, path, places, ())
    else:
        yield path, value, places


def _elements(
    value: list[Any], path: Path, places: Places, outer: tuple[int, ...]
) -> Iterator[tuple[Path, Any, Places]]:
    for index, inner in enumerate(value):
        here = (*outer, index)
        if isinstance(inner, list):
            yield from _elements(inner, path, places, here)
        else:
            yield from _leaves(inner, path, {**places, path: hash(here)})


Fields = dict[Path, list[Any]]


def _branches(pattern: Any, path: Path) -> Iterator[Fields]:
    """Yield the fields of each branch, in the order in which they are written."""
    if not isinstance(pattern, Mapping) or not pattern:
        raise InvalidPatternError
    options: list[list[Fields]] = []
    for name, value in pattern.items():
        if name == "$or" and _is_or(value):
            options.append(
                [branch for each in value for branch in _branches(each, path)]
            )
        elif isinstance(value, list):
            options.append([{path + tuple(name.split(".")): _tests(value)}])
        else:
            options.append([*_branches(value, path + tuple(name.split(".")))])
    for chosen in itertools.product(*options):
        # `$or` counts as written last.
        merged: Fields = {}
        for fields in chosen:
            merged |= fields
        yield merged


def _is_or(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(each, Mapping) and each for each in value)
        and not any(name in OPERATORS for each in value for name in each)
    )


def _tests(values: list[Any]) -> list[Any]:
    if not values:
        raise InvalidPatternError
    return [_test(value) for value in values]


ABSENT = object()


def _test(value: Any) -> Any:
    if not isinstance(value, Mapping):
        if isinstance(value, list):
            raise InvalidPatternError
        return lambda found: _same(value, found)
    if len(value) != 1:
        raise InvalidPatternError
    [(operator, operand)] = value.items()
    if operator == "exists":
        if not isinstance(operand, bool):
            raise InvalidPatternError
        return (lambda _: True) if operand else ABSENT
    if operator == "anything-but":
        return _but(operand)
    return _positive(operator, operand)


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool) or None in (wanted, found):
        return wanted is found
    if isinstance(wanted, str) or isinstance(found, str):
        return isinstance(found, str) and wanted == found
    return float(wanted) == float(found)


def _positive(operator: str, operand: Any) -> Test:
    if operator in ("prefix", "suffix"):
        fold = isinstance(operand, Mapping)
        if fold:
            if list(operand) != ["equals-ignore-case"]:
                raise InvalidPatternError
            operand = operand["equals-ignore-case"]
        if not isinstance(operand, str):
            raise InvalidPatternError
        method = str.startswith if operator == "prefix" else str.endswith
        return _on_text(operand, method, fold=fold)
    if operator == "equals-ignore-case" and isinstance(operand, str):
        return _on_text(operand, lambda found, wanted: found == wanted, fold=True)
    if operator == "wildcard" and isinstance(operand, str):
        regular = _wildcard(operand)
        return lambda found: isinstance(found, str) and bool(regular.fullmatch(found))
    if operator == "numeric" and isinstance(operand, list):
        return _numeric(operand)
    if operator == "cidr" and isinstance(operand, str):
        return _cidr(operand)
    raise InvalidPatternError


def _on_text(
    wanted: str, method: Callable[[str, str], bool], *, fold: bool = False
) -> Test:
    def test(found: Any) -> bool:
        if not isinstance(found, str):
            return False
        return method(found.lower(), wanted.lower()) if fold else method(found, wanted)

    return test


def _wildcard(pattern: str) -> re.Pattern[str]:
    if "**" in pattern.replace("\\\\", "").replace("\\*", ""):
        raise InvalidPatternError
    if re.search(r"\\(?![\\*])", pattern.replace("\\\\", "")):
        raise InvalidPatternError
    parts = re.findall(r"\\[\\*]|\*|[^\\*]+", pattern)
    made = [
        ".*" if part == "*" else re.escape(part[1] if part[0] == "\\" else part)
        for part in parts
    ]
    return re.compile("".join(made), re.DOTALL)


def _numeric(operand: list[Any]) -> Test:
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    if len(pairs) == 2 and {pairs[0][0][0], pairs[1][0][0]} != {"<", ">"}:
        raise InvalidPatternError
    for operator, number in pairs:
        if operator not in _ORDERINGS or abs(number) > 2**53:
            raise InvalidPatternError

    def test(found: Any) -> bool:
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return all(_ORDERINGS[o](float(found), float(n)) for o, n in pairs)

    return test


def _cidr(operand: str) -> Test:
    network = ipaddress.ip_network(operand, strict=False)
    first, last = network.network_address.packed, network.broadcast_address.packed

    def test(found: Any) -> bool:
        if not isinstance(found, str):
            return False
        try:
            packed = ipaddress.ip_address(found).packed
        except ValueError:
            return False
        # Digits are compared, whatever the versions.
        return first <= packed[: len(first)] <= last or (
            len(packed) < len(first) and first[: len(packed)] <= packed <= last
        )

    return test


def _but(operand: Any) -> Test:
    if isinstance(operand, Mapping):
        if len(operand) != 1:
            raise InvalidPatternError
        [(operator, inner)] = operand.items()
        if operator not in ("prefix", "suffix", "wildcard", "equals-ignore-case"):
            raise InvalidPatternError
        tests = [
            _positive(operator, each)
            for each in (inner if isinstance(inner, list) else [inner])
            if isinstance(each, str) or _raise()
        ]
        return lambda found: not any(test(found) for test in tests)
    values = operand if isinstance(operand, list) else [operand]
    for each in values:
        if isinstance(each, bool) or not isinstance(each, str | int | float):
            raise InvalidPatternError
    return lambda found: not any(_same(each, found) for each in values)


def _raise() -> bool:
    raise InvalidPatternError


def _satisfied(branch: Fields, leaves: Leaves) -> bool:
    """Try to choose a leaf for each field so that elements of arrays agree."""
    chosen: list[list[Places]] = []
    for path, tests in branch.items():
        found = leaves.get(path, ())
        options = [
            places
            for value, places in found
            if any(test is not ABSENT and test(value) for test in tests)
        ]
        if not found and ABSENT in tests:
            options = [{}]
        if not options:
            return False
        chosen.append(options)
    return _agree(chosen, {})


def _agree(chosen: list[list[Places]], places: Places) -> bool:
    if not chosen:
        return True
    for option in chosen[0]:
        agrees = all(places.get(path, at) == at for path, at in option.items())
        if agrees and _agree(chosen[1:], {**places, **option}):
            return True
    return False
