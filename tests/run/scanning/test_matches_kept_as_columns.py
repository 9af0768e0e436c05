"""Of matches that come in parts each counts once, and corrected ones do not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.evaluate import correlation
from checker.evaluate.correlation import HitColumns, Signal
from checker.model import AnyRule
from checker.run.scanning import correlations
from checker.run.scanning.correlations import Correlations
from tests.evaluate.correlation.correlations import Stream, rule
from tests.evaluate.correlation.test_correlation_properties import made, streams

RULES: list[AnyRule] = [
    rule("event_count", "ab", "count", gte=3),
    rule("value_count", "ab", "values", group_by=("ip", "n"), field="user", gte=2),
    rule("temporal_ordered", ("count", "c"), "above", group_by=("ip", "user")),
    rule("absence", "ab", "absent"),
    rule("first_seen", "a", "first", field="user"),
]
NAMES = {each.name: each for each in RULES}


@settings(max_examples=settings().max_examples // 2)
@given(rows=streams(), most=st.integers(1, 20), data=st.data())
def test_what_is_found_and_counted_is_that_of_each_match_once(
    rows: list[dict[str, Any]], most: int, data: st.DataObject
) -> None:
    stream = Stream(*RULES)
    hits = data.draw(st.permutations(made(stream, rows)))
    copies = [hit for hit in hits if data.draw(st.booleans())]
    gone = {hit.event for hit in hits if data.draw(st.integers(0, 5)) == 0}
    counted = [hit for hit in hits if hit.event not in gone]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(correlations, "AT_ONCE", most)
        patch.setattr(correlations, "MOST_KEPT", most)
        several = Correlations(NAMES, stream.plan, most=most)
        parts: list[list[Signal]] = [[hit] for hit in hits]
        for part in (*parts, copies):
            several.add(HitColumns.of(part))
        judged = several.judge(gone, copies=bool(copies))

    exact = correlation.correlate(stream.plan, counted)
    assert judged.bursts == exact.bursts
    assert judged.counts == exact.counts
    assert judged.matches == len(counted)
    assert judged.fed == {hit.rule for hit in counted}
