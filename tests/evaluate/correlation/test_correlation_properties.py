"""Random streams: the order of the input is nothing, and plain counting agrees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.evaluate.correlation import Burst, Signal
from tests.evaluate.correlation.correlations import (
    Stream,
    brute,
    brute_absence,
    brute_first_seen,
    rule,
)


@st.composite
def streams(draw: st.DrawFn) -> list[dict[str, Any]]:
    return _consistent(draw(loose))


loose = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 40),
            "event": st.sampled_from([f"e{n:02}" for n in range(30)]),
            "rule": st.sampled_from("abc"),
            "shared": st.sampled_from([None, None, None, "s1", "s2"]),
            "ip": st.sampled_from(["x", "x", "x", "y", None]),
            "user": st.sampled_from(["u", "v", "w", 1, None]),
            "n": st.sampled_from([0, 1, 2, 5, -3, 0.1, 0.25, None]),
        }
    ),
    max_size=16,
)
spans = st.integers(1, 15)
limits = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"gte": st.integers(1, 5)}),
    st.fixed_dictionaries({"gt": st.integers(0, 4)}),
    st.fixed_dictionaries({"lt": st.integers(1, 4)}),
    st.fixed_dictionaries({"lte": st.integers(0, 4)}),
    st.fixed_dictionaries({"eq": st.integers(1, 4)}),
    st.fixed_dictionaries({"neq": st.integers(1, 4)}),
    st.fixed_dictionaries({"gt": st.integers(0, 3), "lte": st.integers(2, 5)}),
    st.just({"range": {"min": 2, "max": 4}}),
)


def _consistent(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let rows of one eventID be one event, and no rule match it twice."""
    first: dict[str, dict[str, Any]] = {}
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in some:
        one = first.setdefault(row["event"], row)
        if (row["event"], row["rule"]) not in seen:
            seen.add((row["event"], row["rule"]))
            kept.append({**one, "rule": row["rule"]})
    return kept


def said(burst: Burst) -> tuple[Any, ...]:
    group = burst.group["ip"]
    ends = burst.first.event, burst.fired.event, burst.last.event
    return group, *ends, burst.count, float(burst.value)


def made(stream: Stream, rows: list[dict[str, Any]]) -> list[Signal]:
    return [
        stream.hit(
            row["at"],
            row["event"],
            row["rule"],
            row["shared"],
            ip=row["ip"],
            user=row["user"],
            n=row["n"],
        )
        for row in rows
    ]


def _shown(burst: tuple[Any, ...]) -> tuple[Any, ...]:
    group, _, fired, last, _, value = burst
    return group, fired, last, value


KINDS: dict[str, dict[str, Any]] = {
    "event_count": {},
    "value_count": {"field": "user"},
    "value_sum": {"field": "n"},
    "value_avg": {"field": "n"},
    "value_median": {"field": "n"},
    "value_percentile": {"field": "n", "percentile": 75},
    "temporal": {},
    "temporal_ordered": {},
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=settings().max_examples // 4)
@given(rows=streams(), span=spans, limit=limits, data=st.data())
def test_plain_counting_over_sorted_events_agrees_in_any_order(
    kind: str,
    rows: list[dict[str, Any]],
    span: int,
    limit: dict[str, Any],
    data: st.DataObject,
) -> None:
    one = rule(kind, "abc", timespan=span, **KINDS[kind], **limit)
    stream = Stream(one)
    hits = made(stream, data.draw(st.permutations(rows)))

    found = stream.run(hits)

    expected = brute(one, rows)
    if kind == "temporal_ordered":
        # Of sequences of one length any will do, which decides its first event.
        told = [said(burst) for burst in found.bursts]
        assert sorted(map(_shown, told), key=str) == sorted(
            map(_shown, expected), key=str
        )
    else:
        assert sorted(map(said, found.bursts), key=str) == expected
    assert all(burst.count == len(burst.events) for burst in found.bursts)


@given(rows=streams(), span=spans, data=st.data())
def test_what_does_not_follow_is_found_in_any_order(
    rows: list[dict[str, Any]], span: int, data: st.DataObject
) -> None:
    one = rule("absence", "abc", timespan=span)
    stream = Stream(one)

    found = stream.run(made(stream, data.draw(st.permutations(rows)))).bursts

    assert sorted(
        (burst.group["ip"], [hit.event for hit in burst.events]) for burst in found
    ) == brute_absence(one, rows)


@given(rows=streams(), span=spans, data=st.data())
def test_what_is_new_is_found_in_any_order(
    rows: list[dict[str, Any]], span: int, data: st.DataObject
) -> None:
    one = rule("first_seen", "abc", timespan=span, field="user")
    stream = Stream(one)
    known = data.draw(st.none() | st.just({("x", "u"): 0, ("y", 1): 0}))
    learned = None if known is None else {"it": known}

    hits = made(stream, data.draw(st.permutations(rows)))
    found = stream.run(hits, learned=learned).bursts

    assert sorted(
        ((burst.group["ip"], burst.last.event, burst.values[0]) for burst in found),
        key=str,
    ) == brute_first_seen(one, rows, known)
