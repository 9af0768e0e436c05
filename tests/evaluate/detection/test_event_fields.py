"""The fields of an event in a record, as values that can be looked up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checker.evaluate.detection.batch_reader import DEEPEST, Reading
from checker.evaluate.detection.event_fields import CALLED_BY, EventFields
from checker.evaluate.detection.field_types import STATED, field_types
from checker.evaluate.detection.header import header_type
from checker.evaluate.detection.identities import Caller, MemoryBudget
from checker.evaluate.detection.record_fields import HeaderRows
from checker.evaluate.detection.remembered import of_event
from checker.evaluate.detection.subject import account_and_principal, said_of
from checker.model import Batch

ROOT = b'{"type":"Root"}'
CALLER = Caller(ROOT)


def fields_of(record: bytes, header: tuple[str, ...] = ()) -> EventFields | None:
    reading = Reading(
        Batch("x", record, [record], range(1)),
        header_type([(name,) for name in header]),
        lambda: field_types(STATED | {("resources",), ("vpcEndpointId",)}),
    )
    called_by = of_event(account_and_principal, CALLED_BY, MemoryBudget())
    source = HeaderRows(reading, reading.headers(), [CALLER], called_by)
    return source.fields(0)


@pytest.mark.parametrize("header", [(), ("requestParameters", "userAgent")])
def test_objects_and_lists_are_looked_up_by_their_json(header: tuple[str, ...]) -> None:
    fields = fields_of(
        b'{"userIdentity": {"type":"Root"}, "resources": [ 1 ], "eventName":"A",'
        b' "requestParameters": {"a": 1}, "userAgent": "b", "vpcEndpointId": "v",'
        b' "responseElements": "HIDDEN", "readOnly": true}',
        header,
    )

    assert fields is not None
    assert fields["userIdentity"] is CALLER
    assert bytes(fields["resources"]) == b"[ 1 ]"
    assert bytes(fields["requestParameters"]) == b'{"a": 1}'
    assert [fields[name] for name in ("eventName", "userAgent", "vpcEndpointId")] == [
        "A",
        "b",
        "v",
    ]
    assert fields["responseElements"] == "HIDDEN"
    assert fields["additionalEventData"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("eventName", 1),
        ("resources", {}),
        ("requestParameters", "{}"),
        ("errorCode", []),
    ],
)
def test_an_event_with_a_field_of_another_type_is_decoded_whole(
    name: str, value: object
) -> None:
    assert fields_of(json.dumps({name: value}).encode()) is None


def test_an_event_that_may_be_nested_too_deep_is_decoded_whole() -> None:
    for depth in (DEEPEST - 2, DEEPEST - 1):
        value: Any = 1
        for _ in range(depth):
            value = [value]
        record = json.dumps({"responseElements": {"a": value}}).encode()
        assert (fields_of(record) is None) is (depth == DEEPEST - 1)


def test_a_field_that_nobody_named_is_not_known_but_in_the_whole_event() -> None:
    fields = fields_of(b'{"eventName": "A", "custom": {"a": 1}}')

    assert fields is not None
    with pytest.raises(KeyError):
        fields["custom"]
    assert fields.having(["custom"])["custom"] == {"a": 1}


def test_a_finding_says_of_a_record_what_it_says_of_the_decoded_event() -> None:
    event = {
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.7",
        "recipientAccountId": "123456789012",
        "userIdentity": json.loads(ROOT),
        "eventID": "e",
        "sharedEventID": "s",
    }
    fields = fields_of(json.dumps(event).encode())

    assert fields is not None
    assert fields.about == said_of(event)
    assert (fields.event_id, fields.time) == ("e", event["eventTime"])
    assert fields.shared_id == "s"
