"""Hits as columns are the hits, in their order."""

from __future__ import annotations

import pickle
import tracemalloc
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from checker.evaluate.correlation import HitColumns, Signal
from checker.evaluate.correlation.hit_columns import unpack

some_hits = st.lists(
    st.builds(
        Signal,
        time=st.integers(0, 3),
        event=st.sampled_from(["e1", "e2", "\ud800"]),
        rule=st.sampled_from("ab"),
        origin=st.just("a"),
        keys=st.tuples(st.sampled_from([None, "x", 1, 0.5])),
        record=st.integers(0, 3),
        about=st.just(("2026-11-20T09:00:00Z",) + (None,) * 6),
        content=st.sampled_from([None, "0" * 64]),
    ),
    max_size=6,
)


@settings(max_examples=settings().max_examples // 2)
@given(hits=some_hits)
def test_hits_come_back_from_columns_and_from_bytes(hits: list[Signal]) -> None:
    columns = HitColumns.of(hits)

    assert list(columns) == hits
    assert list(unpack(columns.pack())) == hits
    assert pickle.loads(pickle.dumps(columns)) == columns
    assert len(columns) == len(hits)
    assert columns.has_nameless == any(hit.content for hit in hits)


@settings(max_examples=settings().max_examples // 2)
@given(parts=st.lists(some_hits, max_size=4))
def test_parts_are_joined_in_their_order(parts: list[list[Signal]]) -> None:
    joined = HitColumns.joined([HitColumns.of(part) for part in parts])

    assert list(joined) == [hit for part in parts for hit in part]


@settings(max_examples=settings().max_examples // 2)
@given(hits=some_hits, data=st.data())
def test_some_rows_have_their_hits_and_what_these_carry(
    hits: list[Signal], data: st.DataObject
) -> None:
    columns = HitColumns.of(hits)
    rows = [row for row in range(len(hits)) if data.draw(st.booleans())]

    assert list(columns.at(rows)) == [hits[row] for row in rows]
    assert columns.keys(rows) == [hits[row].keys for row in rows]
    assert columns.times_at(rows) == [hits[row].time for row in rows]


@settings(max_examples=settings().max_examples // 2)
@given(hits=some_hits)
def test_every_row_is_that_of_its_rule(hits: list[Signal]) -> None:
    by_rule = HitColumns.of(hits).by_rule()

    assert {row: rule for rule, rows in by_rule.items() for row in rows} == {
        row: hit.rule for row, hit in enumerate(hits)
    }
    assert all(rows == sorted(rows) for rows in by_rule.values())


@settings(max_examples=settings().max_examples // 2)
@given(hits=some_hits)
def test_each_hit_is_placed_by_the_number_of_its_event(hits: list[Signal]) -> None:
    places = {number: (1, 10 * number, 5) for number in range(4)}

    placed = list(HitColumns.of(hits).placed(places))

    assert placed == [hit._replace(place=places[hit.record]) for hit in hits]


def test_a_hit_takes_what_is_promised_in_memory_and_on_the_disk() -> None:
    packed = HitColumns.of([distinct(number) for number in range(2_000)]).pack()

    tracemalloc.start()
    columns = unpack(packed)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held / len(columns) <= 800
    assert len(packed) / len(columns) <= 300


def distinct(number: int) -> Signal:
    """Make a hit that shares little with others."""
    event = str(uuid.UUID(int=number))
    about = (
        "2026-11-20T09:00:00Z",
        "cognito-idp.amazonaws.com",
        "InitiateAuth",
        "us-east-1",
        "123456789012",
        f"arn:aws:iam::123456789012:user/{event}",
        "192.0.2.10",
    )
    keys = (f"192.0.2.{number}", f"{event}@example.com")
    place = (1, 1000 * number, 1000 + number)
    at = 1_700_000_000_000 + number
    return Signal(
        at, event, "base", "base", keys, None, None, "a.json", number, about, place
    )
