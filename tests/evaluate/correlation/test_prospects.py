"""What is left out beforehand changes nothing that the exact steps find."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.evaluate import correlation
from checker.evaluate.correlation import (
    HitColumns,
    Plan,
    Prospects,
    Sieve,
    Signal,
    nameless,
)
from tests.evaluate.correlation.correlations import Stream, rule
from tests.evaluate.correlation.test_correlation_properties import (
    KINDS,
    limits,
    made,
    spans,
    streams,
)

ABOVE = {**KINDS, "absence": {}, "first_seen": {"field": "user"}}
"""What may build on a correlation, and on detections beside it."""


def found(plan: Plan, hits: list[Signal], most: int = 1000) -> Any:
    prospects = Prospects(plan, nameless, learned=False, most=most)
    for start in range(0, len(hits), 3):
        prospects.add(HitColumns.of(hits[start : start + 3]))
    chosen = prospects.found()
    columns = HitColumns.of(hits)
    looked_at = columns.at(Sieve(plan, nameless, chosen).rows(columns))
    times = [hit.time for hit in hits]
    return correlation.correlate(
        plan,
        looked_at,
        prospects=chosen,
        span=(min(times), max(times)) if times else None,
    )


@pytest.mark.parametrize("kind", ABOVE)
@settings(max_examples=settings().max_examples // 4)
@given(
    rows=streams(), span=spans, limit=limits, most=st.integers(0, 12), data=st.data()
)
def test_what_is_found_and_counted_is_that_of_the_exact_steps(
    kind: str,
    rows: list[dict[str, Any]],
    span: int,
    limit: dict[str, Any],
    most: int,
    data: st.DataObject,
) -> None:
    limit = {} if kind in {"absence", "first_seen"} else limit
    one = rule(kind, "abc", timespan=span, **ABOVE[kind], **limit)
    stream = Stream(one)
    hits = made(stream, data.draw(st.permutations(rows)))

    exact = correlation.correlate(stream.plan, hits)

    assert found(stream.plan, hits, most) == exact


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("below", ["event_count", "temporal", "value_count"])
@settings(max_examples=settings().max_examples // 10)
@given(rows=streams(), span=spans, limit=limits, mixed=st.booleans())
def test_correlations_of_correlations_see_the_same(
    above: str,
    below: str,
    rows: list[dict[str, Any]],
    span: int,
    limit: dict[str, Any],
    mixed: bool,  # noqa: FBT001 - drawn
) -> None:
    low = rule(below, "ab", timespan=span, **KINDS[below], **limit)
    rules = (low.name, "c") if mixed or above == "absence" else (low.name,)
    high = rule(above, rules, timespan=2 * span, name="high", **ABOVE[above])
    stream = Stream(low, high)
    hits = made(stream, [row for row in rows if row["rule"] in stream.plan.carried])

    assert found(stream.plan, hits) == correlation.correlate(stream.plan, hits)
