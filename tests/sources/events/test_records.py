"""The records of a log file: split when asked for, and placed in its text."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import strategies as st

from checker.model import Batch
from checker.sources.events import formats

nested: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {"eventVersion": "1.11", "eventID": "0"},
        [{"eventVersion": "1.11"}, {"eventVersion": "1.11", "eventID": "1"}],
        '{"eventVersion":"1.11","eventID":"2"},{"eventVersion":"1.11"}',
        "}]}",
        "é]},{",
    ]
)
events = st.builds(
    lambda identity, before, after: {
        "eventVersion": "1.11",
        "eventSource": "s3.amazonaws.com",
        "requestParameters": before,
        **({} if identity < "4" else {"userIdentity": before}),
        "eventName": "GetObject",
        "eventID": identity,
        "resources": after,
    },
    st.integers(0, 9).map(str),
    nested,
    nested,
)


def read(text: str) -> Batch:
    found = formats.split("x.json", text.encode())
    assert isinstance(found, Batch)
    return found


def test_records_cross_a_process_border() -> None:
    batch = read(
        '{"Records":[{"eventVersion":"1","eventSource":"a.b","eventName":"C"}]}'
    )

    again = pickle.loads(pickle.dumps(batch.records))

    assert again == batch.records
    assert list(again) == list(batch.records)
    assert again[:1] == [batch.records[0]]
