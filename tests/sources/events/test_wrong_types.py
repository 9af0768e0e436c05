"""An event with a field of another type than CloudTrail's is a problem that names it.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch, Unreadable
from checker.sources.events import formats, names

EVENT = {
    "eventVersion": "1.11",
    "eventTime": "2026-11-01T00:00:00Z",
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "DeleteTrail",
    "eventID": "00000000-0000-4000-8000-000000000000",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/u"},
    "requestParameters": {"name": "t"},
}
SCALARS = st.booleans() | st.integers(-99, 99) | st.floats(-9, 9)
LISTS = st.lists(SCALARS | st.just({"a": 1}), min_size=1, max_size=3)
WRONG = st.one_of(
    st.tuples(st.sampled_from(sorted(names.OBJECTS)), SCALARS | LISTS),
    st.tuples(st.sampled_from(sorted(names.LISTS)), SCALARS),
    st.tuples(
        st.sampled_from(sorted(names.NAMES)), SCALARS | LISTS | st.just({"a": "b"})
    ),
)


def shaped(shape: str, events: list[dict[str, Any]]) -> bytes:
    """Write events as one of the shapes that inputs have."""
    if shape == "lines":
        return b"\n".join(json.dumps(each).encode() for each in events)
    if shape == "detail":
        wrapped = [{"source": "aws.x", "detail": each} for each in events]
        return json.dumps(wrapped).encode()
    if shape == "text":
        return json.dumps({"Records": [json.dumps(each) for each in events]}).encode()
    return json.dumps({"Records": events} if shape == "records" else events).encode()


def read(text: bytes) -> tuple[int, list[Unreadable]]:
    """Return how many events a text has, and its problems."""
    batch = formats.split("x.json", text)
    if isinstance(batch, Batch):
        return len(batch.records), list(batch.problems)
    assert isinstance(batch, Unreadable)
    return 0, [batch]


@given(WRONG, st.sampled_from(["lines", "detail", "records", "array", "text"]))
def test_a_field_of_the_wrong_type_is_named(wrong: tuple[str, Any], shape: str) -> None:
    field, value = wrong

    kept, problems = read(shaped(shape, [EVENT, {**EVENT, field: value}, EVENT]))

    assert kept == 2
    assert [field in each.reason for each in problems] == [True]


@pytest.mark.parametrize("shape", ["lines", "records", "array"])
@pytest.mark.parametrize(
    "right",
    [
        {"requestParameters": None, "responseElements": None, "userIdentity": None},
        {"responseElements": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        {"responseElements": []},
        {"resources": [{"ARN": "arn:aws:s3:::b"}]},
    ],
)
def test_what_aws_writes_is_no_problem(shape: str, right: dict[str, Any]) -> None:
    assert read(shaped(shape, [EVENT, {**EVENT, **right}])) == (2, [])


@pytest.mark.parametrize("place", [0, 1001, 1999])
@pytest.mark.parametrize("value", [[1], 7, True, "text"])
def test_one_wrong_identity_in_a_large_log_file_is_named(
    value: object, place: int
) -> None:
    events: list[dict[str, Any]] = [EVENT] * 2000
    events[place] = {**EVENT, "userIdentity": value}

    kept, problems = read(shaped("records", events))

    assert kept == 1999
    assert ["userIdentity" in each.reason for each in problems] == [True]
