"""The fields of a decoded event, as values that can be looked up."""

from __future__ import annotations

import json

import pytest

from checker.evaluate.detection.event_fields import DecodedFields


def test_objects_and_lists_are_looked_up_by_their_json() -> None:
    record = b'{"userIdentity": {"type":"Root"}, "resources": [ 1 ], "eventName":"A"}'

    fields = DecodedFields(json.loads(record), record)

    assert bytes(fields["userIdentity"]) == b'{"type":"Root"}'
    assert bytes(fields["resources"]) == b"[ 1 ]"
    assert fields["eventName"] == "A"
    assert fields["requestParameters"] is None


def test_a_number_cannot_be_looked_up() -> None:
    with pytest.raises(KeyError):
        DecodedFields({"eventName": 1}, b'{"eventName":1}')["eventName"]
