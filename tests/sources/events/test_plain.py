"""JSON lines that are read in one pass, as they are value by value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.evaluate.detection.header import header_type
from checker.model import Batch
from checker.model.columns import HeaderList
from checker.sources.events import formats, plain, positions

HEADER = header_type({("requestParameters",), ("resources",), ("userAgent",)})
EVENT = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "Root", "accountId": "123456789012"},
    "eventTime": "2026-11-20T17:06:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "GetObject",
    "requestParameters": {"bucketName": "example"},
    "resources": [{"type": "AWS::S3::Bucket"}],
    "readOnly": True,
    "eventID": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
}
WHOLE: list[dict[str, Any]] = [
    {},
    {"requestParameters": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    {"userIdentity": None},
    {"eventSource": None},
    {"eventName": None},
    {"addendum": {"reason": "UPDATED_DATA", "originalEventID": "0"}},
]
ODD: list[dict[str, Any]] = [
    {"requestParameters": '{"bucketName": "example"}'},
    {"requestParameters": 1},
    {"requestParameters": []},
    {"responseElements": '{"x": 1}'},
    {"resources": '[{"type": "AWS::S3::Bucket"}]'},
    {"resources": {}},
    {"userIdentity": '{"type": "Root"}'},
    {"userIdentity": {"type": "Root", "sessioncontext": {}}},
    {"eventSource": "aws:s3"},
    {"readOnly": "true"},
    {"userIdentity.type": "Root"},
    {"useragent": "x"},
    {"new": {"key": 1}},
    {"userAgent": 1},
    {"userAgent": "\ud800"},
]


def line(change: dict[str, Any]) -> str:
    return json.dumps(EVENT | change, separators=(",", ":"))


def read(text: bytes) -> Batch:
    return formats.split_lines("x.jsonl", text, first=3, header=HEADER)


def placed(batch: Batch) -> object:
    placed = positions.places(batch, list(batch.numbers))
    return list(batch.records), list(batch.numbers), batch.problems, placed


def test_lines_of_whole_events_are_read_in_one_pass() -> None:
    some = [line(each) for each in WHOLE]
    batch = read("\n".join(some).encode())
    assert isinstance(batch.headers, HeaderList)
    assert list(batch.records) == [each.encode() for each in some]
    assert [each.eventName for each in batch.headers].count(None) == 1


@pytest.mark.parametrize("change", ODD, ids=str)
def test_a_line_that_need_not_be_whole_is_looked_at_closely(
    change: dict[str, Any],
) -> None:
    text = "\n".join([line({}), line(change), line({})]).encode()
    assert plain.lines("x.jsonl", text, HEADER) is None


@given(
    st.lists(
        st.sampled_from(
            [
                *map(line, [*WHOLE, *ODD, {"userAgent": "é"}]),
                line({}) * 2,
                json.dumps(EVENT, indent=1),
                line({"requestParameters": {"x": "}\\n{"}}),
                f"{line({})} {{}}",
                line({})[:-1],
                line({}).replace('"eventName"', '"eventSource"'),
                "[]",
                "",
            ]
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["\n", "\r\n", " \n", "\n\n"]),
)
def test_lines_are_read_as_value_by_value(some: list[str], end: str) -> None:
    text = end.join(some).encode()
    found = placed(read(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "lines", lambda *_: None)
        assert found == placed(read(text))
