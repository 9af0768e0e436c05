"""Every correlation of the pack at its edges: one less is silent, a second is told.

The base rules stand in as rules that match; `<name>.cases.yml` has real records.
"""

from __future__ import annotations

from typing import Any

import pytest

from checker import rules
from checker.evaluate import correlation
from checker.evaluate.correlation import Burst, Signal
from checker.model import Correlation, CorrelationRule
from tests.evaluate.correlation.correlations import base

PACK = [rule for rule in rules.load() if isinstance(rule, CorrelationRule)]
COUNTS = ("event_count", "value_count", "value_sum", "temporal")


def of(*kinds: str) -> list[Any]:
    return [
        pytest.param(rule, id=rule.name)
        for rule in PACK
        if rule.correlation.type.value in kinds
    ]


class Edge:
    """Hits for one correlation, each with a time and the number of its base rule."""

    def __init__(self, rule: CorrelationRule) -> None:
        self.block: Correlation = rule.correlation
        names = self.block.rules
        self.rule = rule
        self.plan = correlation.plan([rule, *map(base, names)], [rule])
        given = self.block.condition.get("field", ())
        self.fields = {given} if isinstance(given, str) else set(given)
        self.events = 0

    def hit(self, at: int, place: int = 0, value: object = None) -> Signal:
        """Make a hit at a second; `value` is that of the condition's fields."""
        self.events += 1
        name = self.block.rules[place]
        of_base = next(b for s in self.plan.steps for b in s.bases if b.name == name)
        fields = {field.path for field in of_base.field}
        keys = tuple(
            (f"v{self.events}" if value is None else value)
            if path in fields - {field.path for field in of_base.group}
            else "group"
            for path in self.plan.carried[name]
        )
        return Signal(at * 1000, f"e{self.events:06}", name, name, keys)  # type: ignore[arg-type] # as a key

    def found(self, *hits: Signal, learned: Any = None) -> tuple[Burst, ...]:
        found = correlation.correlate(
            self.plan, hits, learned=learned, label=lambda value: value
        )
        return found.bursts

    def needed(self) -> int:
        """Return how many hits it takes: `gte`, or one of each rule."""
        if self.block.type.value == "value_sum":
            return 2
        default = (
            len(self.block.rules) if self.block.type.value.startswith("temp") else 1
        )
        assert set(self.block.condition) <= {"gte", "field"}
        return int(self.block.condition.get("gte", default))

    def hits(self, times: list[int]) -> list[Signal]:
        """Make hits: of one rule, of each in turn, or of numbers that add up."""
        if self.block.type.value == "value_sum":
            whole = self.block.condition["gte"]
            parts = [whole // 2, whole - whole // 2]
            return [
                self.hit(at, 0, part) for at, part in zip(times, parts, strict=False)
            ]
        turns = self.block.type.value.startswith("temp")
        return [self.hit(at, n if turns else 0) for n, at in enumerate(times)]


@pytest.mark.parametrize("rule", of(*COUNTS, "temporal_ordered"))
def test_one_less_is_silent_and_enough_is_told_to_the_second(
    rule: CorrelationRule,
) -> None:
    edge = Edge(rule)
    number, span = edge.needed(), rule.correlation.timespan
    times = list(range(number - 1)) if number <= span else [0] * (number - 1)

    enough = edge.found(*edge.hits([*times, span]))
    less = edge.found(*edge.hits(times))
    late = edge.found(*edge.hits([0] * (number - 1) + [span + 1]))

    assert [burst.last.time for burst in enough] == [span * 1000]
    assert less == ()
    assert late == () or number == 1


@pytest.mark.parametrize("rule", of("temporal_ordered"))
def test_the_other_way_round_is_silent(rule: CorrelationRule) -> None:
    edge = Edge(rule)
    number = len(rule.correlation.rules)

    assert edge.found(*(edge.hit(n, number - 1 - n) for n in range(number))) == ()


@pytest.mark.parametrize("rule", of("absence"))
def test_what_follows_in_time_is_no_absence(rule: CorrelationRule) -> None:
    edge = Edge(rule)
    span = rule.correlation.timespan

    for place in range(1, len(rule.correlation.rules)):
        assert edge.found(edge.hit(0), edge.hit(span, place)) == ()
        (burst,) = edge.found(edge.hit(0), edge.hit(span + 1, place))
        assert not burst.open
    (burst,) = edge.found(edge.hit(0))
    assert burst.open


@pytest.mark.parametrize("rule", of("first_seen"))
def test_what_is_new_is_told_once_the_past_is_known(rule: CorrelationRule) -> None:
    edge = Edge(rule)
    span = rule.correlation.timespan

    def times(*hits: Signal, learned: Any = None) -> list[int]:
        found = edge.found(*hits, learned=learned)
        return [burst.last.time // 1000 for burst in found]

    assert times(edge.hit(0, 0, "old"), edge.hit(span - 1, 0, "new")) == []
    assert times(edge.hit(0, 0, "old"), edge.hit(span, 0, "new")) == [span]
    assert times(edge.hit(0, 0, "old"), edge.hit(span, 0, "old")) == []
    assert times(edge.hit(0, 0, "old"), edge.hit(span + 1, 0, "old")) == [span + 1]
    assert times(edge.hit(0, 0, "new"), learned={rule.name: {}}) == [0]


def test_no_correlation_is_left_out() -> None:
    kinds = {rule.correlation.type.value for rule in PACK}

    assert kinds <= {*COUNTS, "temporal_ordered", "absence", "first_seen"}
    assert len(PACK) > 80
