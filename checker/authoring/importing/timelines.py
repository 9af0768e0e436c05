"""Make the events of a correlation's cases: as many as it asks for, and one too few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.authoring.importing.witness import set_field
from checker.conditions import parse, tree
from checker.correlation_types import CorrelationType
from checker.evaluate.correlation.plan import fields
from checker.model import Correlation, Event

Steps = list[dict[str, Any]]

_MOST = 50
"""Events of a case; correlations that ask for more get no case."""


def steps(
    block: Correlation, events: Mapping[str, Event | None]
) -> tuple[Steps, Steps] | None:
    """Return the steps of a match and of a near miss; None where none are known."""
    records = [events.get(name) for name in block.rules]
    known = [each for each in records if each is not None]
    if len(known) < len(records) or block.aliases:
        return None
    match block.type:
        case CorrelationType.EVENT_COUNT:
            return _counted(block, known[0])
        case CorrelationType.VALUE_COUNT:
            return _values(block, known[0])
        case CorrelationType.TEMPORAL | CorrelationType.TEMPORAL_ORDERED:
            every = [{"at": at, "record": event} for at, event in enumerate(known)]
            return (every, every[:-1]) if not block.condition else None
    return None


def _least(block: Correlation) -> int | None:
    """Return the smallest count that satisfies a condition of one bound."""
    bounds = {key: block.condition[key] for key in block.condition if key != "field"}
    least = bounds.get("gte", bounds.get("gt", -1) + 1 if "gt" in bounds else None)
    if least is None or len(bounds) > 1 or least != int(least):
        return None
    return int(least) if 1 < least <= _MOST else None


def _counted(block: Correlation, event: Event) -> tuple[Steps, Steps] | None:
    least = _least(block)
    if least is None:
        return None
    every = max(block.timespan // (least + 1), 1)
    enough: Steps = [{"count": least, "every": every, "record": event}]
    return enough, [{**enough[0], "count": least - 1}]


def _values(block: Correlation, event: Event) -> tuple[Steps, Steps] | None:
    least, names = _least(block), fields(block.condition)
    path = parse(names[0]) if len(names) == 1 else None
    if least is None or not isinstance(path, tree.Path):
        return None
    return None if _is_tested(path) else _varied(path, least, event)


def _is_tested(path: tree.Path) -> bool:
    """Return whether other values of a field are other events altogether."""
    return path.names in (("eventName",), ("eventSource",))


def _varied(path: tree.Path, least: int, event: Event) -> tuple[Steps, Steps]:
    found: Steps = [
        {"at": at, "record": set_field(event, path.names, f"value-{at}")}
        for at in range(least)
    ]
    return found, found[:-1]
