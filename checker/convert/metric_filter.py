"""Write a detection as a CloudWatch Logs metric filter with its alarm and topic.

A comparison with a field that is absent, null, an array or an object fails, also `!=`:
each negation says that the field may be absent or null.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from checker.convert.filter_resources import Alarm, cloudformation, terraform
from checker.convert.metric_filter_pattern import LONGEST, pattern_of
from checker.convert.refusal import Reason, RefusedError
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Correlated,
    Fidelity,
    Options,
    Shape,
    fidelity,
    widened,
)
from checker.correlation_types import CorrelationType

_LONGEST_PERIOD = 86_400


def convert(subject: AnySubject, options: Options) -> Conversion:
    """Return a rule as a filter pattern, or as resources; raises `RefusedError`."""
    if isinstance(subject, Correlated):
        return _correlated(subject, options)
    (pattern, notes), dropped = widened(
        subject.form,
        lambda form: pattern_of([(form, subject.kinds)]),
        superset=options.superset,
    )
    return _conversion(
        subject, options, pattern, Alarm(), fidelity(dropped), dropped, notes
    )


def _correlated(subject: Correlated, options: Options) -> Conversion:
    """Return a count without groups as an alarm over its period."""
    correlation = subject.rule.correlation
    if correlation.type is not CorrelationType.EVENT_COUNT:
        raise RefusedError(
            f"an alarm counts events, and is no {correlation.type.value}"
        )
    if correlation.group_by:
        raise RefusedError(
            "an alarm counts all events together, and the rule those of each "
            + ", ".join(correlation.group_by)
        )
    number = _threshold(correlation.condition)
    period = correlation.timespan
    if period % 60 or period > _LONGEST_PERIOD:
        raise RefusedError("the period of an alarm is whole minutes, at most one day")
    pattern, notes = pattern_of([(base.form, base.kinds) for base in subject.bases])
    fixed = f"an alarm counts in fixed periods of {period // 60} minutes: what crosses "
    return _conversion(
        subject,
        options,
        pattern,
        Alarm(period=period, threshold=number),
        Fidelity.SUBSET,
        (),
        (fixed + "the border of two is missed", *notes),
    )


def _threshold(condition: Mapping[str, Any]) -> int:
    """Return the least whole count that meets a condition."""
    match dict(condition):
        case {"gte": int() | float() as bound, **others} if not others:
            number = math.ceil(bound)
        case {"gt": int() | float() as bound, **others} if not others:
            number = math.floor(bound) + 1
        case _:
            number = 0
    if number < 1:
        raise RefusedError("an alarm compares a count with one lower bound")
    return number


def _conversion(  # noqa: PLR0913, PLR0917 - what a conversion is made of
    subject: AnySubject,
    options: Options,
    pattern: str,
    alarm: Alarm,
    found: Fidelity,
    dropped: tuple[Reason, ...],
    notes: tuple[str, ...],
) -> Conversion:
    match options.shape:
        case Shape.PATTERN:
            text, suffix = pattern + "\n", ".txt"
        case Shape.TERRAFORM:
            text, suffix = terraform(subject.rule, pattern, alarm), ".tf"
        case Shape.DEFAULT | Shape.CLOUDFORMATION:
            text = cloudformation(subject.rule, pattern, alarm)
            suffix = ".template.json"
        case _:
            assert_never(options.shape)
    return Conversion(
        text=text,
        core=pattern,
        suffix=suffix,
        fidelity=found,
        dropped=dropped,
        notes=(*notes, *_notes(subject, pattern)),
    )


def _notes(subject: AnySubject, pattern: str) -> Iterable[str]:
    bases = subject.bases if isinstance(subject, Correlated) else (subject,)
    yield "fields that CloudTrail documents as text are never arrays or objects"
    yield (
        "a filter counts what the trail delivers to the log group, in all its Regions "
        "or one, and nothing older"
    )
    if any(base.events.reads for base in bases):
        yield "the trail must log read-only management events"
    others = sorted({c for base in bases for c in base.events.categories})
    for category in others:
        if category != "Management":
            yield f"the trail must log {_CATEGORIES.get(category, category)}"
    if "%" in pattern:
        yield "a log group takes five filters with regular expressions"


_CATEGORIES = {
    "Data": "the data events that the rule is about",
    "NetworkActivity": "network activity events",
    "Insight": "Insights events",
}


__all__ = ["LONGEST", "convert"]
