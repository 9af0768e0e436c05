"""Matches of one group are judged together, whoever judges them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checker import rules
from checker.evaluate.correlation import (
    Counts,
    Shares,
    Signal,
    Span,
    correlate,
    in_order,
    plan,
)
from tests.evaluate.correlation.correlations import Stream, rule

STREAM = Stream(
    rule("event_count", "ab", "many", gte=2),
    rule("temporal_ordered", ("many", "c"), "chain", timespan=20),
    rule("event_count", "c", "whole", group_by=(), gte=3),
    rule("value_count", "b", "users", group_by=("ip", "user"), field="n", gte=2),
    rule("first_seen", "a", "first", field="n", timespan=5),
    rule("absence", "ab", "absent", group_by=("user",)),
    rule("temporal", ("users", "whole"), "apart", group_by=("n",)),
)

some_hits = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 40),
            "event": st.integers(0, 60).map(lambda number: f"e{number:02}"),
            "name": st.sampled_from("abc"),
            "shared": st.sampled_from([None, None, "s1"]),
            "ip": st.sampled_from(["192.0.2.1", "192.0.2.2", None, 1, 1.0]),
            "user": st.sampled_from(["u", "v", None]),
            "n": st.sampled_from([1, 2, "x"]),
        }
    ),
    max_size=30,
    unique_by=lambda row: (row["event"], row["name"]),
)


def bursts(found: Any) -> list[tuple[Any, ...]]:
    return [
        (burst.rule, str(burst.group), burst.first.event, burst.count, burst.open)
        for burst in found.bursts
    ]


def in_shares(hits: list[Signal], machines: int) -> tuple[list[Any], dict[str, int]]:
    """Evaluate the groups of a stream on some machines, each with its plans."""
    shares = Shares(STREAM.plan)
    ordered = in_order(hits)
    span: Span | None = (ordered[0].time, ordered[-1].time) if ordered else None
    held: dict[tuple[int, int], list[Signal]] = {}
    for hit in hits:
        for number, group in shares.of(hit):
            held.setdefault((number, group % machines), []).append(hit)
    found: list[Any] = []
    counts = shares.counts()
    for (number, _), some in held.items():
        judged = correlate(shares.plans[number], some, span=span)
        found += bursts(judged)
        for name, more in judged.counts.items():
            counts[name] = counts.get(name, Counts()) + more
    ungrouped = {name: some.ungrouped for name, some in counts.items()}
    return sorted(found), {name: n for name, n in ungrouped.items() if n}


@settings(max_examples=60)
@given(rows=some_hits, machines=st.integers(1, 7))
def test_groups_that_are_judged_apart_give_what_all_give_together(
    rows: list[dict[str, Any]], machines: int
) -> None:
    hits = [STREAM.hit(**row) for row in rows]

    found, ungrouped = in_shares(hits, machines)

    whole = correlate(STREAM.plan, hits)
    assert found == sorted(bursts(whole))
    assert ungrouped == {
        name: some.ungrouped for name, some in whole.counts.items() if some.ungrouped
    }


def test_correlations_of_one_group_by_are_split_and_the_others_kept_whole() -> None:
    shares = Shares(STREAM.plan)
    hits = [STREAM.hit(0, "e", "c", ip=f"192.0.2.{n}", user="u") for n in range(99)]
    groups: dict[str, set[int]] = {}
    for hit in hits:
        for number, group in shares.of(hit):
            name = "+".join(step.rule.name for step in shares.plans[number].steps)
            groups.setdefault(name, set()).add(group)

    assert [[s.rule.name for s in part.steps] for part in shares.plans] == [
        ["many", "chain"],
        ["first"],
        ["absent"],
        ["whole", "users", "apart"],
    ]
    assert len(groups["many+chain"]) > 90
    assert len(groups["whole+users+apart"]) == 1


def test_the_bundled_correlations_are_split() -> None:
    shares = Shares(plan(rules.load()))

    assert sum(len(part.steps) for part in shares.plans) == len(
        plan(rules.load()).steps
    )
    assert len(shares.plans) > 20
