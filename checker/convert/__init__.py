"""Write rules as what other systems run.

Each target is one module with `convert(subject, options)`, and a row of `TARGETS`; what
it has for forms and tests it fills in `target`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checker.convert import athena, eventbridge, insights, metric_filter, sigma
from checker.convert.kinds import Kinds, kinds
from checker.convert.normal import normal
from checker.convert.refusal import Reason, RefusedError
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Convert,
    Correlated,
    Events,
    Fidelity,
    Options,
    Refused,
    Shape,
    Subject,
    require_possible,
)

TARGETS: Mapping[str, Convert] = {
    "eventbridge": eventbridge.convert,
    "metric-filter": metric_filter.convert,
    "insights": insights.convert,
    "athena": athena.convert,
    "sigma": sigma.convert,
}

__all__ = [
    "TARGETS",
    "AnySubject",
    "Conversion",
    "Correlated",
    "Events",
    "Fidelity",
    "Kinds",
    "Options",
    "Reason",
    "Refused",
    "Shape",
    "Subject",
    "convert",
    "insights_query",
    "kinds",
    "normal",
]


def insights_query(
    where: str | None,
    by: Sequence[str],
    show: Sequence[str],
    *,
    most: int,
    bucket: int | None,
) -> str | Refused:
    """Return the query of Logs Insights that counts, or lists, some events.

    Raises `ConditionError` for a wrong condition.
    """
    try:
        return insights.top(where, by, show, most=most, bucket=bucket)
    except RefusedError as refused:
        return Refused(refused.reason)


def convert(
    subject: AnySubject, target: str, options: Options | None = None
) -> Conversion | Refused:
    """Return a rule as a target has it, or why the target cannot express it."""
    try:
        require_possible(subject)
        return TARGETS[target](subject, options or Options())
    except RefusedError as refused:
        return Refused(refused.reason)
