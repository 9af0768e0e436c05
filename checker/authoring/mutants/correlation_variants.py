"""Make the mutants of a correlation: the rule with one small change.

A number of the condition or the timespan is one off, a group-by field or a base rule is
left out, the type is another.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from checker.model import Correlation, CorrelationRule

_OTHER_TYPES = {
    "event_count": "value_count",
    "value_count": "event_count",
    "temporal": "temporal_ordered",
    "temporal_ordered": "temporal",
    "value_sum": "value_avg",
    "value_avg": "value_sum",
    "value_percentile": "value_avg",
    "value_median": "value_avg",
}


def variants(rule: CorrelationRule) -> Iterator[tuple[str, CorrelationRule]]:
    """Return each mutant of a correlation with a description of its change."""
    for said, block in _blocks(rule.correlation):
        yield said, dataclasses.replace(rule, correlation=block)


def _blocks(block: Correlation) -> Iterator[tuple[str, Correlation]]:
    for by in (-1, 1):
        span = block.timespan + by
        yield f"timespan {span} s", dataclasses.replace(block, timespan=span)
    for name, value in block.condition.items():
        if isinstance(value, int):
            for by in (-1, 1):
                changed = {**block.condition, name: value + by}
                said = f"{name}: {value + by}"
                yield said, dataclasses.replace(block, condition=changed)
    ends = block.condition.get("range", {})
    for name, value in ends.items():
        for by in (-1, 1):
            changed = {**block.condition, "range": {**ends, name: value + by}}
            said = f"range {name}: {value + by}"
            yield said, dataclasses.replace(block, condition=changed)
    for field in block.group_by:
        rest = tuple(each for each in block.group_by if each != field)
        yield f"not by {field}", dataclasses.replace(block, group_by=rest)
    for base in block.rules:
        fewer = tuple(each for each in block.rules if each != base)
        if len(fewer) > (block.type == "absence"):
            yield f"without {base}", dataclasses.replace(block, rules=fewer)
    yield from _types(block)


def _types(block: Correlation) -> Iterator[tuple[str, Correlation]]:
    other = _OTHER_TYPES.get(block.type)
    if other is None:
        return
    condition: dict[str, Any] = dict(block.condition)
    if other == "value_count":
        condition["field"] = "eventName"
    if other == "event_count":
        condition.pop("field", None)
    yield f"type {other}", dataclasses.replace(block, type=other, condition=condition)
