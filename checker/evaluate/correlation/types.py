"""Choose how each type of correlation measures.

What else depends on the type is in `checker.correlation_types`.
"""

from __future__ import annotations

import functools
from typing import assert_never

from checker.correlation_types import CorrelationType, kind
from checker.evaluate.correlation import condition
from checker.evaluate.correlation.absence import Absence, FirstSeen
from checker.evaluate.correlation.hit import Learned
from checker.evaluate.correlation.plan import Planned
from checker.evaluate.correlation.sequence import Sequence
from checker.evaluate.correlation.step import Above, Counting, Step
from checker.evaluate.correlation.window import (
    Average,
    Events,
    Numbers,
    Percentile,
    Values,
)

_MEDIAN = 50


def step(
    planned: Planned, most_groups: int, above: Above | None, learned: Learned | None
) -> Step:
    """Return the step that runs a correlation, with the window of its type."""
    block = planned.rule.correlation
    rules = len(planned.bases)
    most = condition.bound(block.condition, kind(block.type).threshold(rules))
    counting = functools.partial(Counting, planned, most_groups, above)
    match block.type:
        case CorrelationType.EVENT_COUNT:
            return counting(functools.partial(Events, most))
        case CorrelationType.VALUE_COUNT | CorrelationType.TEMPORAL:
            return counting(functools.partial(Values, most))
        case CorrelationType.TEMPORAL_ORDERED:
            return counting(functools.partial(Sequence, rules))
        case CorrelationType.VALUE_SUM:
            return counting(Numbers)
        case CorrelationType.VALUE_AVG:
            return counting(Average)
        case CorrelationType.VALUE_PERCENTILE:
            percentile = block.condition["percentile"]
            return counting(functools.partial(Percentile, percentile))
        case CorrelationType.VALUE_MEDIAN:
            return counting(functools.partial(Percentile, _MEDIAN))
        case CorrelationType.ABSENCE:
            return Absence(planned, most_groups, above)
        case CorrelationType.FIRST_SEEN:
            rows = None if learned is None else learned.get(planned.rule.name)
            return FirstSeen(planned, most_groups, above, rows)
        case _:
            assert_never(block.type)
