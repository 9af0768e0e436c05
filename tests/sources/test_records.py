"""The records of a log file: a few are found without splitting all of it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch, Header
from checker.sources import positions, records, shapes
from checker.sources.records import Records

nested: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {"eventVersion": "1.11", "eventID": "0"},
        [{"eventVersion": "1.11"}, {"eventVersion": "1.11", "eventID": "1"}],
        [{}, {}],
        '{"eventVersion":"1.11","eventID":"2"},{"eventVersion":"1.11"}',
        "}]}",
        "é]},{",
    ]
)
ids = st.integers(0, 4_000).map(str)
events = st.builds(
    lambda identity, name, before, after: {
        "eventVersion": "1.11",
        "eventSource": "s3.amazonaws.com",
        "requestParameters": before,
        "eventName": name,
        "eventID": identity,
        "resources": after,
    },
    ids,
    st.sampled_from(["GetObject", "PutObject"]),
    nested,
    nested,
)


def read(text: str) -> Batch:
    found = shapes.split("x.json", text.encode())
    assert isinstance(found, Batch)
    return found


@given(
    st.lists(events, min_size=30, max_size=40),
    st.sets(st.integers(0, 29), max_size=3),
    st.sampled_from([(",", ":"), (", ", ": ")]),
    st.booleans(),
)
def test_a_record_found_alone_is_the_one_that_splitting_gives(
    some: list[dict[str, Any]],
    asked: set[int],
    separators: tuple[str, str],
    ascii_: bool,  # noqa: FBT001 - drawn
) -> None:
    text = json.dumps({"Records": some}, separators=separators, ensure_ascii=ascii_)
    batch = read(text)
    whole = records.LOG_FILE.decode(text.encode()).Records

    found = {at: batch.records[at] for at in sorted(asked)}

    assert found == {at: bytes(whole[at]) for at in asked}
    lines = {
        at: place.char_offset for at, place in positions.locate(batch, asked).items()
    }
    all_of = positions.positions(batch.text, list(map(bytes, whole)))
    assert lines == {at: all_of[at][1] for at in asked}


def test_few_records_are_found_without_splitting_the_file() -> None:
    some = [
        {
            "eventVersion": "1.11",
            "eventSource": "a.b",
            "eventName": "C",
            "eventID": str(n),
        }
        for n in range(100)
    ]
    text = json.dumps({"Records": some}, separators=(",", ":")).encode()
    headers = shapes.split("x.json", text)
    assert isinstance(headers, Batch)
    found = headers.records
    assert isinstance(found, Records)

    assert json.loads(found[10]) == some[10]
    assert json.loads(found[99]) == some[99]
    assert list(found.places) == [10, 99]
    assert json.loads(found[10]) == some[10]  # behind: now the file is split
    assert list(map(json.loads, found)) == some
    assert found[2:4] == list(found)[2:4]


def test_a_header_that_differs_is_not_believed() -> None:
    """The text holds another event under the eventID that is asked for."""
    event = {"eventVersion": "1.11", "eventName": "C", "eventID": "1"}
    text = json.dumps({"Records": [event] * 9}, separators=(",", ":")).encode()
    found = Records(text, [Header(eventName="D", eventID="1")] * 9)

    assert json.loads(found[8]) == event
    assert not found.places
