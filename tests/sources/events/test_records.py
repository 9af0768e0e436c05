"""The records of a log file: split when asked for, and placed in its text."""

from __future__ import annotations

import json
import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch
from checker.sources.events import formats, positions

nested: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {"eventVersion": "1.11", "eventID": "0"},
        [{"eventVersion": "1.11"}, {"eventVersion": "1.11", "eventID": "1"}],
        '{"eventVersion":"1.11","eventID":"2"},{"eventVersion":"1.11"}',
        {"eventVersion": "1.11", "userIdentity": {"type": "Root"}},
        "}]}",
        "é]},{",
    ]
)
events = st.builds(
    lambda identity, before, after: {
        "eventVersion": "1.11",
        **(
            {"userIdentity": {"type": "Root", "value": after}} if identity > "6" else {}
        ),
        "eventSource": "s3.amazonaws.com",
        "requestParameters": {"value": before},
        **({"userIdentity": {"type": "Root"}} if "4" <= identity <= "6" else {}),
        "eventName": "GetObject",
        "eventID": identity,
        "additionalEventData": {"value": after},
    },
    st.integers(0, 9).map(str),
    nested,
    nested,
)


def read(text: str) -> Batch:
    found = formats.split("x.json", text.encode())
    assert isinstance(found, Batch)
    return found


@given(
    st.lists(events, min_size=1, max_size=30),
    st.sets(st.integers(0, 29), max_size=4),
    st.sampled_from([(",", ":"), (", ", ": ")]),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.sampled_from(["", "\n "]),
)
def test_each_record_stands_where_its_location_says(
    some: list[dict[str, Any]],
    asked: set[int],
    separators: tuple[str, str],
    indent: int | None,
    ascii_: bool,  # noqa: FBT001 - drawn
    before: str,
) -> None:
    text = before + json.dumps(
        {"Records": some}, separators=separators, indent=indent, ensure_ascii=ascii_
    )
    batch = read(text)

    places = positions.places(batch, asked)

    assert list(map(json.loads, batch.records)) == some
    assert places.keys() == {at for at in asked if at < len(some)}
    for at, (line, start, length) in places.items():
        assert json.loads(text[start : start + length]) == some[at]
        assert line == text.count("\n", 0, start) + 1


def test_records_cross_a_process_border() -> None:
    batch = read(
        '{"Records":[{"eventVersion":"1","eventSource":"a.b","eventName":"C"}]}'
    )

    again = pickle.loads(pickle.dumps(batch.records))

    assert again == batch.records
    assert list(again) == list(batch.records)
    assert again[:1] == [batch.records[0]]
