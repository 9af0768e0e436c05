"""Counting by fields: what a plain counter gives, from fewer decoded events."""

from __future__ import annotations

import collections
import json
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from checker import conditions
from checker.evaluate.detection import counting
from checker.evaluate.detection.counting import Groups, Key, Query
from checker.model import Batch, Event, Header

CONDITIONS = (
    "eventSource == 'iam.amazonaws.com'",
    "eventName == 'CreateUser' || eventName == 'DeleteUser'",
    "errorCode == 'AccessDenied' && eventSource != 'iam.amazonaws.com'",
    "one_of(userIdentity.type, ['Root', 'IAMUser'])",
    "!errorCode",
    "starts_with(eventName, 'Create')",
    "requestParameters.n > `1`",
)
FIELDS = (
    "eventName",
    "errorCode",
    "userIdentity.type",
    "requestParameters",
    "requestParameters.n",
    "[eventSource, errorCode]",
)
SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, "true", 1, 2, "1", "", "é", [], {"b": 1, "a": 2}]
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "eventSource": st.sampled_from(
                ["iam.amazonaws.com", "s3.amazonaws.com", None]
            ),
            "eventName": st.sampled_from(["CreateUser", "DeleteUser", "GetUser", None]),
            "errorCode": st.sampled_from(["AccessDenied", "NoSuchEntity", None]),
            "userIdentity": st.one_of(
                SCALARS,
                st.fixed_dictionaries(
                    {"type": st.sampled_from(["Root", "IAMUser", "AWSAccount"])}
                ),
            ),
            "requestParameters": st.one_of(
                SCALARS, st.fixed_dictionaries({"n": SCALARS})
            ),
        },
    ),
    max_size=20,
)


def batch(events: Sequence[Event], header: type[Header] | None = None) -> Batch:
    """Hold events as they come, or with their headers, as a log file comes."""
    records = [json.dumps(event).encode() for event in events]
    text = b"\n".join(records)
    found = None
    if header:
        try:
            found = [msgspec.json.decode(record, type=header) for record in records]
        except msgspec.ValidationError:
            found = None
    return Batch("x", text, records, range(len(records)), headers=found)


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(
    events=EVENTS,
    where=st.sampled_from([None, *CONDITIONS]),
    by=st.lists(st.sampled_from(FIELDS), max_size=3),
    headers=st.booleans(),
)
def test_the_counts_are_those_of_a_plain_counter(
    events: list[Event], where: str | None, by: list[str], *, headers: bool
) -> None:
    query = Query(
        tuple(map(conditions.parse, by)), conditions.parse(where) if where else None
    )
    counter = counting.compile_query(query)
    counted = counting.evaluate(
        counter, batch(events, counter.header if headers else None)
    )
    tally = Groups()
    for _, key in counted.matches:
        tally.add(key)
    groups, distinct = tally.groups(1_000)

    holds = conditions.compile(where) if where else lambda _: True
    fields = [conditions.compile(text) for text in by]
    plain = collections.Counter(
        tuple(canonical(field(event)) for field in fields)
        for event in events
        if conditions.holds(holds(event))
    )
    found = {
        tuple(
            canonical(json.loads(v) if isinstance(v, bytes) else v)
            for v in group.values
        ): group.count
        for group in groups
    }
    assert found == plain
    assert distinct == len(groups) == len(plain)
    assert [g.count for g in groups] == sorted(plain.values(), reverse=True)


KEYS = st.lists(st.integers(0, 30), max_size=300)


def key(number: int, bucket: int | None = None) -> Key:
    return bucket, (str(number),)


@given(KEYS, st.integers(1, 40))
def test_counts_are_exact_or_low_by_no_more_than_is_said(
    numbers: list[int], most: int
) -> None:
    tally = Groups(most)
    for number in numbers:
        tally.add(key(number))
    found = {group.values[0]: group.count for group in tally.groups(1_000)[0]}
    truth = collections.Counter(map(str, numbers))

    for value, count in truth.items():
        assert count - tally.low <= found.get(value, 0) <= count
    assert tally.low * most <= len(numbers)
    assert len(found) <= 2 * most
    if len(truth) <= 2 * most:
        assert tally.low == 0
    assert tally.total == len(numbers)


@given(KEYS, st.data())
def test_what_is_taken_back_was_never_counted(
    numbers: list[int], data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(numbers)))
    tally, expected = Groups(), Groups()
    for number in numbers:
        tally.add(key(number))
    for number in numbers[kept:]:
        tally.remove(key(number))
    for number in numbers[:kept]:
        expected.add(key(number))

    assert tally.groups(100) == expected.groups(100)
    assert tally.total == kept


def test_groups_of_the_same_size_stand_in_the_order_of_their_values() -> None:
    tally = Groups()
    for value in ("b", b"1", None, "1", "a"):
        tally.add((None, (value,)))

    groups, distinct = tally.groups(4)

    assert [group.values[0] for group in groups] == [None, "1", b"1", "a"]
    assert distinct == 5


def test_the_largest_groups_are_those_of_all_time() -> None:
    tally = Groups()
    for bucket, number in ((0, 1), (0, 1), (0, 2), (5, 2), (None, 2)):
        tally.add(key(number, bucket))

    (group,), distinct = tally.groups(1)

    assert (group.values, group.count, distinct) == (("2",), 3, 2)
    assert group.buckets == ((0, 1), (5, 1), (None, 1))


@pytest.mark.parametrize(
    ("bucket", "time", "begin"),
    [
        (3600, "2026-11-20T09:59:59Z", "2026-11-20T09:00:00Z"),
        (3600, "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
        (900, "2026-11-20T10:14:59.999Z", "2026-11-20T10:00:00Z"),
        (86400, "2026-11-20T23:30:00-01:00", "2026-11-21T00:00:00Z"),
        (604800, "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z"),
        (604800, "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"),
        (3600, "1969-12-31T23:59:59Z", "1969-12-31T23:00:00Z"),
    ],
)
def test_buckets_begin_on_whole_hours_days_and_mondays(
    bucket: int, time: str, begin: str
) -> None:
    counter = counting.compile_query(Query((), None, bucket))
    times = batch([{"eventTime": time}, {"eventTime": begin}, {"eventTime": "soon"}])

    rows = [row[1][0] for row in counting.evaluate(counter, times).matches]

    assert rows[0] == rows[1] is not None
    assert rows[2] is None


def test_long_values_are_cut_but_stay_apart() -> None:
    one, other = counting.value("x" * 5_000 + "1"), counting.value("x" * 5_000 + "2")

    assert one != other
    assert isinstance(one, str)
    assert len(one) < 1_100
    assert counting.value(["x" * 5_000]) != counting.value(["x" * 5_001])


def test_only_events_that_can_hold_it_are_decoded() -> None:
    query = Query((), conditions.parse(CONDITIONS[0]))
    broken = b'{"eventSource": "s3.amazonaws.com", "x": tru }'
    records = (broken, broken.replace(b"s3", b"iam"))
    counter = counting.compile_query(query)
    names = ("s3.amazonaws.com", "iam.amazonaws.com")
    headers = [counter.header(eventSource=name) for name in names]
    both = Batch("x", b"".join(records), records, (0, 1), headers=headers)

    counted = counting.evaluate(counter, both)

    assert [problem.record for problem in counted.problems] == [1]
    assert counted.records == (0,)
