"""Compare the values of condition keys as IAM's condition operators do.

Names of partitions are not told apart: the resources of one snapshot lie in one
partition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from checker.conditions import Unknown, wildcards
from checker.conditions import sketch as sketches
from checker.conditions.sketch import CHOICE, Hole, Sketch, joined, same

_Test: TypeAlias = Callable[[str | Unknown, str | Unknown], bool | None]


def chosen(text: str) -> str | Unknown:
    """Return a value of which the caller chooses the parts that are written `*`."""
    if "*" not in text:
        return text
    parts: list[str | Hole] = []
    for index, part in enumerate(text.split("*")):
        parts += [CHOICE] if index else []
        parts += [part] if part else []
    return Unknown(CHOICE.name, sketch=tuple(parts))


def is_chosen(value: object) -> bool:
    """Return whether the caller chooses a part of a value."""
    return isinstance(value, Unknown) and CHOICE in (value.sketch or ())


def text_of(value: object) -> str | Unknown:
    """Return a value as policies have it: only text."""
    if isinstance(value, Unknown):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sketch(value: object) -> Sketch | None:
    if isinstance(value, Unknown):
        return value.sketch
    return (value,) if isinstance(value, str) else None


def like(value: object, pattern: object, *, lowered: bool = False) -> bool | None:
    """Return whether a value fits a pattern; None where that is not known."""
    if isinstance(pattern, str) and pattern == "*":
        return True
    if not isinstance(value, Unknown) and not isinstance(pattern, Unknown):
        text = str(pattern).lower() if lowered else str(pattern)
        return wildcards.like(plain(str(value)), plain(text))
    held, wanted = _plain_sketch(value), _plain_sketch(pattern)
    if held is None or wanted is None:
        return None
    return sketches.like(held, wanted)


def plain(arn: str) -> str:
    """Return an ARN as it is in the partition aws."""
    return re.sub(r"^arn:aws[a-z-]*:", "arn:aws:", arn)


def _plain_sketch(value: object) -> Sketch | None:
    """Return a text known in part, with the partition's name written one way."""
    sketch = _sketch(value)
    if not sketch:
        return sketch
    first, *rest = sketch
    if first == "arn:" and rest and rest[0] == Hole("AWS::Partition"):
        return joined(("arn:aws", *rest[1:]))
    return (plain(first), *rest) if isinstance(first, str) else sketch


def _equals(value: str | Unknown, wanted: str | Unknown) -> bool | None:
    if not isinstance(value, Unknown) and not isinstance(wanted, Unknown):
        return plain(value) == plain(wanted)
    one, other = _plain_sketch(value), _plain_sketch(wanted)
    return None if one is None or other is None else same(one, other)


def _equals_any_case(value: str | Unknown, wanted: str | Unknown) -> bool | None:
    if isinstance(value, Unknown) or isinstance(wanted, Unknown):
        one, other = _plain_sketch(value), _plain_sketch(wanted)
        if one is None or other is None:
            return None
        return same(_lowered(one), _lowered(other))
    return value.lower() == wanted.lower()


def _lowered(sketch: Sketch) -> Sketch:
    return tuple(part.lower() if isinstance(part, str) else part for part in sketch)


def _in_network(value: str | Unknown, network: str | Unknown) -> bool | None:
    if isinstance(value, Unknown) or isinstance(network, Unknown):
        return None
    try:
        inside = ipaddress.ip_network(network, strict=False)
        return ipaddress.ip_address(value) in inside
    except ValueError:
        return None


def _number(compare: Callable[[float, float], bool]) -> _Test:
    def test(value: str | Unknown, wanted: str | Unknown) -> bool | None:
        if isinstance(value, Unknown) or isinstance(wanted, Unknown):
            return None
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return None

    return test


OPERATORS: Mapping[str, _Test] = {
    "stringequals": _equals,
    "stringequalsignorecase": _equals_any_case,
    "stringlike": like,
    "arnequals": like,
    "arnlike": like,
    "bool": _equals_any_case,
    "ipaddress": _in_network,
    "numericequals": _number(lambda value, wanted: value == wanted),
    "numericlessthan": _number(lambda value, wanted: value < wanted),
    "numericlessthanequals": _number(lambda value, wanted: value <= wanted),
    "numericgreaterthan": _number(lambda value, wanted: value > wanted),
    "numericgreaterthanequals": _number(lambda value, wanted: value >= wanted),
}
