"""Files of events that copy, correct and correlate, for tests of scans in parts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from checker.model import AnyRule, DetectionRule, Level
from tests.run.scanning.test_correlation_files import RULES, named

LOUD: DetectionRule = structs.replace(
    named("a"), name="loud", id="id-loud", level=Level.MEDIUM, fields=("awsRegion",)
)
PACK: list[AnyRule] = [LOUD, *RULES]

_events = st.fixed_dictionaries(
    {
        "number": st.integers(0, 12),
        "eventName": st.sampled_from(["a", "b", "c"]),
        "second": st.integers(0, 40),
        "sourceIPAddress": st.sampled_from(["192.0.2.1", "192.0.2.2"]),
        "awsRegion": st.sampled_from(["us-east-1", "eu-west-1", "\ud800é\x1f"]),
        "sharedEventID": st.sampled_from([None, None, "s1"]),
        "corrects": st.sampled_from([None, None, None, 0, 1, 2]),
        "kind": st.sampled_from(["plain"] * 6 + ["nameless", "timeless", "broken"]),
    }
)
some_files = st.lists(
    st.one_of(
        st.lists(_events, max_size=8),
        st.lists(_events, max_size=8),
        st.sampled_from(["not JSON", "digest", "empty"]),
    ),
    min_size=1,
    max_size=8,
)
"""What some files hold: events, or something else."""


def write(folder: Path, files: list[Any]) -> None:
    """Write each as a file; every other one is compressed."""
    for number, content in enumerate(files):
        data = _text(content).encode()
        name = folder / f"{number:02}.json"
        if number % 2:
            name, data = name.with_suffix(".json.gz"), gzip.compress(data)
        name.write_bytes(data)


def _text(content: Any) -> str:
    if content == "not JSON":
        return '{"Records": [{'
    if content == "digest":
        return json.dumps({"digestS3Bucket": "b", "logFiles": []})
    if content == "empty":
        return ""
    return '{"Records": [' + ",".join(map(_record, content)) + "]}"


def _record(row: dict[str, Any]) -> str:
    if row["kind"] == "broken":
        return "[1]"
    event = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "Root"},
        "eventSource": "iam.amazonaws.com",
        "eventID": None if row["kind"] == "nameless" else event_id(row["number"]),
        "eventTime": f"2026-11-20T00:00:{row['second']:02}Z",
        "eventName": row["eventName"],
        "sourceIPAddress": row["sourceIPAddress"],
        "awsRegion": row["awsRegion"],
        "sharedEventID": row["sharedEventID"],
    }
    if row["kind"] == "timeless":
        event["eventTime"] = "soon"
    if row["corrects"] is not None:
        original = event_id(row["corrects"])
        event["addendum"] = {"reason": "UPDATED_DATA", "originalEventID": original}
    return json.dumps(event)


def event_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"
