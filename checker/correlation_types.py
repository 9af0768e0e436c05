"""The types of correlation: what each needs, reports, and is mutated into.

One class for each type.  How a type measures is in `evaluate.correlation.types`; all
else that depends on the type is here, for the loader, the reports and the mutants.
Sigma's types, and two of trailcheck's own: `absence` and `first_seen`.

https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from typing import ClassVar, assert_never

import msgspec


class CorrelationType(enum.Enum):
    """The `type` of a correlation block, as `schemas/correlation.json` has it."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_PERCENTILE = "value_percentile"
    VALUE_MEDIAN = "value_median"
    ABSENCE = "absence"
    FIRST_SEEN = "first_seen"


class Use(enum.Enum):
    """Whether a key of the condition belongs to a type."""

    NEEDED = "needed"
    OPTIONAL = "optional"
    REFUSED = "refused"


class Ending(msgspec.Struct, frozen=True):
    """How a burst ended, in words: what the sentence of a finding may need.

    `until` is there when the input ended before the timespan was over.
    """

    timespan: str
    values: Sequence[object]
    until: str | None


class Kind:
    """What is true of a type of correlation; the defaults are those of a plain count.

    `number` is an operator of the condition, such as `gte`, `field` its field, of which
    `several` may be given, and `percentile` its own key.  `least` is the smallest count
    that can come up, and `counts_fractions` says that it can be any number.
    """

    is_sigmas: ClassVar[bool] = True
    """Whether Sigma has it; the others are trailcheck's own."""
    number: ClassVar[Use] = Use.NEEDED
    field: ClassVar[Use] = Use.REFUSED
    several: ClassVar[bool] = False
    percentile: ClassVar[Use] = Use.REFUSED
    least: ClassVar[int] = 1
    counts_fractions: ClassVar[bool] = False
    fewest_rules: ClassVar[int] = 1
    """How many base rules it takes at least."""
    too_few_rules: ClassVar[str] = "needs a rule"
    """What to say of a block that lists fewer."""
    one_of_each: ClassVar[bool] = False
    """Whether each base rule is to match: a condition then counts rules."""
    needs_every_rule: ClassVar[bool] = False
    """Whether it cannot fire, or be trusted, once one base rule is blind."""
    tells_rules_apart: ClassVar[bool] = False
    """Whether an action counts once for each base rule, and not once altogether."""
    burst_counts_once: ClassVar[bool] = False
    """Whether a growing burst of a base correlation counts as one event."""
    lists_values: ClassVar[bool] = False
    """Whether a finding lists the values that were counted."""
    is_measured: ClassVar[bool] = True
    """Whether the measure is evidence of its own, besides the number of events."""
    one_match_can_suffice: ClassVar[bool] = False
    """Whether a single match can satisfy it, as the condition may say."""
    needs_learned: ClassVar[bool] = False
    """Whether it compares with what was seen before (`trailcheck learn`)."""
    mutant: ClassVar[CorrelationType | None] = None
    """The type that the cases must tell from it."""

    def threshold(self, rules: int) -> int:
        """Return what the condition asks of a count if it has no number."""
        return rules if self.one_of_each else 1

    def most(self, rules: int) -> float:
        """Return the largest count that can come up, of so many base rules."""
        return rules if self.one_of_each else math.inf

    def outcome(self, ending: Ending) -> str:  # noqa: ARG002 - as the others
        """Return what the sentence of a finding adds to its events; empty: nothing."""
        return ""


class EventCount(Kind):
    """Sigma's `event_count`: how many events."""

    burst_counts_once = True
    is_measured = False
    one_match_can_suffice = True
    mutant = CorrelationType.VALUE_COUNT


class ValueCount(Kind):
    """Sigma's `value_count`: how many distinct values."""

    field = Use.NEEDED
    several = True
    least = 0  # a group has an event, but its events may all lack the field
    lists_values = True
    one_match_can_suffice = True
    mutant = CorrelationType.EVENT_COUNT


class Temporal(Kind):
    """Sigma's `temporal`: events of several rules, in any order."""

    number = Use.OPTIONAL
    one_of_each = True
    needs_every_rule = True
    tells_rules_apart = True
    mutant = CorrelationType.TEMPORAL_ORDERED


class TemporalOrdered(Temporal):
    """Sigma's `temporal_ordered`: events of several rules, in the order listed."""

    mutant = CorrelationType.TEMPORAL


class ValueSum(Kind):
    """Sigma's `value_sum`: the sum of a field that holds numbers."""

    field = Use.NEEDED
    counts_fractions = True
    burst_counts_once = True
    mutant = CorrelationType.VALUE_AVG


class ValueAverage(ValueSum):
    """Sigma's `value_avg`: the mean."""

    mutant = CorrelationType.VALUE_SUM


class ValuePercentile(ValueSum):
    """Sigma's `value_percentile`."""

    percentile = Use.NEEDED


class ValueMedian(ValueSum):
    """Sigma's `value_median`: the 50th percentile."""


class Absence(Kind):
    """An event of the first rule that none of the other rules' events follows."""

    is_sigmas = False
    number = Use.REFUSED
    fewest_rules = 2
    too_few_rules = "needs two rules or more: what happens, then what is to follow"
    needs_every_rule = True
    tells_rules_apart = True
    is_measured = False

    def outcome(self, ending: Ending) -> str:
        """Describe what did not follow, and how long it was waited for."""
        if ending.until is None:
            return f"not followed within {ending.timespan} by what should"
        return (
            f"not followed by what should up to {ending.until}, where the matches of "
            f"the input end: its {ending.timespan} were not over"
        )


class FirstSeen(Kind):
    """A value that is new to its group."""

    is_sigmas = False
    number = Use.REFUSED
    field = Use.NEEDED
    several = True
    is_measured = False
    needs_learned = True

    def outcome(self, ending: Ending) -> str:
        """Name the new value."""
        return f"with a value not seen before: {', '.join(map(str, ending.values))}"


def kind(of: CorrelationType) -> Kind:  # noqa: C901 - one line a type
    """Return what is true of a type."""
    match of:
        case CorrelationType.EVENT_COUNT:
            return EventCount()
        case CorrelationType.VALUE_COUNT:
            return ValueCount()
        case CorrelationType.TEMPORAL:
            return Temporal()
        case CorrelationType.TEMPORAL_ORDERED:
            return TemporalOrdered()
        case CorrelationType.VALUE_SUM:
            return ValueSum()
        case CorrelationType.VALUE_AVG:
            return ValueAverage()
        case CorrelationType.VALUE_PERCENTILE:
            return ValuePercentile()
        case CorrelationType.VALUE_MEDIAN:
            return ValueMedian()
        case CorrelationType.ABSENCE:
            return Absence()
        case CorrelationType.FIRST_SEEN:
            return FirstSeen()
        case _:
            assert_never(of)


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def duration(seconds: int) -> str:
    """Describe a timespan in its largest whole unit: `15 minutes`."""
    for size, name in _UNITS:
        if seconds % size == 0:
            number = seconds // size
            return f"{number} {name}{'s' * (number != 1)}"
    return f"{seconds} seconds"
