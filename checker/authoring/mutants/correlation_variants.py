"""Make the mutants of a correlation: the rule with one small change.

A number of the condition or the timespan is one off, a group-by field or a base rule is
left out, the type is another.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import structs

from checker.correlation_types import CorrelationType, Use, duration, kind
from checker.model import Correlation, CorrelationRule


class Change(enum.Enum):
    """What a mutant changes; the value is the key of the block in which it does."""

    TIMESPAN = "timespan"
    NUMBER = "condition"
    GROUP = "group-by"
    BASE = "rules"
    TYPE = "type"


class Variant(NamedTuple):
    """A mutant of a correlation; `description` names it within the rule, for good."""

    change: Change
    description: str
    rule: CorrelationRule


def variants(rule: CorrelationRule) -> Iterator[Variant]:
    """Yield each mutant of a correlation with a description of its change."""
    block = rule.correlation
    for change, description, part in _changes(block):
        mutant = structs.replace(block, **part)
        yield Variant(change, description, structs.replace(rule, correlation=mutant))


def _changes(block: Correlation) -> Iterator[tuple[Change, str, dict[str, Any]]]:
    """Yield each change with the fields of the block that it gives a new value."""
    for by in (-1, 1):
        span = block.timespan + by
        yield Change.TIMESPAN, f"timespan {duration(span)}", {"timespan": span}
    for description, condition in _other_numbers(block.condition):
        yield Change.NUMBER, description, {"condition": condition}
    for field in block.group_by:
        rest = tuple(other for other in block.group_by if other != field)
        yield Change.GROUP, f"not by {field}", {"group_by": rest}
    for base in block.rules:
        fewer = tuple(other for other in block.rules if other != base)
        if len(fewer) >= kind(block.type).fewest_rules:
            yield Change.BASE, f"without {base}", {"rules": fewer}
    if (other_type := kind(block.type).mutant) is not None:
        yield Change.TYPE, f"type {other_type.value}", _of_type(block, other_type)


def _other_numbers(
    condition: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in condition.items():
        for by in (-1, 1) if isinstance(value, int) else ():
            yield f"{name}: {value + by}", {**condition, name: value + by}
    ends = condition.get("range", {})
    for name, value in ends.items():
        for by in (-1, 1):
            changed = {**ends, name: value + by}
            yield f"range {name}: {value + by}", {**condition, "range": changed}


def _of_type(block: Correlation, other_type: CorrelationType) -> dict[str, Any]:
    condition = dict(block.condition)
    if kind(other_type).field is Use.REFUSED:
        condition.pop("field", None)
    else:
        condition.setdefault("field", "eventName")
    return {"type": other_type, "condition": condition}
