"""Headers: what is read of every event, and how a path finds it there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from checker.evaluate.detection.header import (
    Opener,
    field_of,
    header_type,
    place_of,
    reader,
    set_field,
)
from checker.model import Header


@pytest.mark.parametrize(
    ("path", "field", "place"),
    [
        ("userAgent", "userAgent", "userAgent"),
        ("userAgent.x", "userAgent", "userAgent"),
        ("requestParameters", "requestParameters", "requestParameters"),
        ("requestParameters.a.b", "requestParameters.a", "requestParameters"),
        ("userIdentity.sessionContext.x", "userIdentity", "userIdentity"),
        ("addendum.reason", None, None),
    ],
)
def test_a_path_is_read_in_a_field_of_the_header(
    path: str, field: str | None, place: str | None
) -> None:
    found = field_of(tuple(path.split(".")))

    assert (found and ".".join(found)) == field
    assert (found and ".".join(place_of(found))) == place


def test_an_opened_object_has_the_keys_that_were_asked_for() -> None:
    opener = Opener(["x-amz-acl", "key"])
    get = reader(("requestParameters", "x-amz-acl"))
    some = [b'{"x-amz-acl":"a","n":[1]}', b"null", b'"x"', b"[]", b'{"key":1}']

    opened = opener.open_all(map(msgspec.Raw, some))

    assert [bytes(get(each)) for each in opened] == [b'"a"', *[b"null"] * 4]
    assert bytes(get(opener.open(msgspec.Raw(b'" "')))) == b"null"


@pytest.mark.parametrize("value", [b"7", b"true", b"[1]", b'"{\\"key\\":1}"', b'" ["'])
def test_what_is_neither_an_object_nor_a_mask_is_not_opened(value: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        Opener(["key"]).open(msgspec.Raw(value))


def test_a_key_is_not_planted_into_what_is_no_object() -> None:
    planted: dict[str, Any] = {}
    set_field(planted, ("a",), "text")
    set_field(planted, ("a", "b"), 1)
    set_field(planted, ("c", "d"), 2)

    assert planted == {"a": "text", "c": {"d": 2}}


def test_every_header_has_what_all_events_are_asked() -> None:
    assert issubclass(header_type([("x y",)]), Header)
    header = msgspec.json.decode(b'{"x y":{"a":1}}', type=header_type([("x y",)]))

    assert bytes(reader(("x y",))(header)) == b'{"a":1}'
    assert bytes(header.userIdentity) == b"null"
