"""The fields of a decoded event, as values that can be looked up."""

from __future__ import annotations

import json

import pytest

from checker.evaluate.detection.event_fields import DecodedFields, Stored
from checker.evaluate.detection.identities import Caller
from checker.model import Header

CALLER = Caller(b'{"type":"Root"}')


def fields_of(record: bytes) -> DecodedFields:
    return DecodedFields(json.loads(record), Stored(Header(), CALLER, record))


def test_objects_and_lists_are_looked_up_by_their_json() -> None:
    fields = fields_of(
        b'{"userIdentity": {"type":"Root"}, "resources": [ 1 ], "eventName":"A"}'
    )

    assert fields["userIdentity"] is CALLER
    assert bytes(fields["resources"]) == b"[ 1 ]"
    assert fields["eventName"] == "A"
    assert fields["requestParameters"] is None


def test_a_number_cannot_be_looked_up() -> None:
    with pytest.raises(KeyError):
        fields_of(b'{"eventName":1}')["eventName"]
