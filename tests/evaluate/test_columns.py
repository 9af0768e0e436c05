"""Columns: many headers asked at once answer as each event does alone."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.evaluate import columns, index, screen
from checker.evaluate.columns import Callers, Question, Room, Rows, questions
from checker.evaluate.header import (
    CALLER,
    Opener,
    field_of,
    header_type,
    place_of,
    plant,
    reader,
)
from checker.model import Header

TEXTS = [
    "userAgent == 'kali'",
    "matches(lower(requestParameters.key), 'ransom')",
    "requestParameters.key && requestParameters.other == `1`",
    "requestParameters.key == recipientAccountId",
    "length(keys(requestParameters)) == `2`",
    "userIdentity.arn == 'a' && !userAgent",
    "userIdentity.type == 'Root' || userIdentity.arn == 'b'",
    "requestParameters[?@ == 'x'] | [0]",
]
PLACES = [("userAgent",), ("recipientAccountId",), ("requestParameters",), CALLER]

value = st.sampled_from(["kali", "RANSOM.txt", 'a"\\b', "é", "", None])
event = st.fixed_dictionaries(
    {},
    optional={
        "userAgent": value,
        "recipientAccountId": value,
        "requestParameters": st.sampled_from([None, "HIDDEN", ["x"], 7, {}])
        | st.fixed_dictionaries({}, optional={"key": value, "other": st.just(1)}),
        "userIdentity": st.sampled_from([None, "x", {}])
        | st.fixed_dictionaries(
            {},
            optional={
                "arn": st.sampled_from(["a", "b"]),
                "type": st.sampled_from(["Root", None]),
            },
        ),
    },
)


def question(text: str) -> Question:
    node = conditions.parse(text)
    read = screen.Screen(0, node, PLACES).parts
    fields = {field_of(names) for part in read for names in part.paths or ()}
    return Question(
        conditions.closure(node), tuple(sorted(each for each in fields if each))
    )


def rows(*some: Any, room: Room | None = None) -> Rows:
    decode = msgspec.json.Decoder(header_type(PLACES)).decode
    headers = [
        decode(
            each
            if isinstance(each, bytes)
            else json.dumps(each, ensure_ascii=False).encode()
        )
        for each in some
    ]
    return Rows(headers, Callers(room or Room()).of(headers))


def answers(text: str, event: dict[str, Any]) -> bool:
    return conditions.holds(conditions.compile(text)(event))


@given(st.lists(event, max_size=20), st.sets(st.sampled_from(TEXTS), min_size=1))
def test_headers_answer_as_their_events(
    some: list[dict[str, Any]], texts: set[str]
) -> None:
    asked = sorted(texts)
    room = Room()
    together = questions([[question(text)] for text in asked], room)
    given_ = rows(*some, room=room)
    expected = {
        at: sum(1 << number for number, text in enumerate(asked) if answers(text, each))
        for at, each in enumerate(some)
    }

    for _ in range(3):  # what is remembered changes nothing
        assert dict(together.among(given_, range(len(some)))) == {
            at: mask for at, mask in expected.items() if mask
        }
        for at, mask in expected.items():
            assert dict(together.among(given_, [at])).get(at, 0) == mask


def test_values_that_never_come_again_are_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "_PATIENCE", 20)
    room = Room()
    asked = questions([[question("requestParameters.key == 'k7'")]], room)
    for start in range(0, 400, 10):
        some = [{"requestParameters": {"key": f"k{start + n}"}} for n in range(10)]
        found = dict(asked.among(rows(*some), range(10)))
        assert found == ({7: 1} if start == 0 else {})

    assert room.taken < 60


def test_a_long_value_is_answered_and_forgotten() -> None:
    room = Room()
    asked = questions([[question("length(keys(requestParameters)) == `2`")]], room)
    long = {"requestParameters": {"a": "x" * 5000, "b": 1}}

    assert dict(asked.among(rows(long), [0])) == {0: 1}
    assert room.taken == 0


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "REMEMBERED", 50)
    built = index.build([conditions.parse("contains(userAgent, 'kali')")])
    decode = msgspec.json.Decoder(built.header).decode
    for n in range(40):
        texts = [f"agent {n} {k}" for k in range(20)] + [f"kali {n}"]
        headers = [
            decode(json.dumps({"eventName": f"E{n}", "userAgent": text}).encode())
            for text in texts
        ]
        assert [each.position for each in built.candidates(headers)] == [20]
        assert built._room.taken <= 50 + 4 * 21


def test_json_that_is_damaged_within_is_left_to_the_decoder_of_events() -> None:
    """What a decoder skips it does not read: an event may not be JSON after all."""
    damaged = rb'{"requestParameters":{"key":1e999}}'
    asked = questions([[question("requestParameters.key == 'a'")]], Room())
    sound: dict[str, Any] = {"requestParameters": {"key": "a"}}

    assert dict(asked.among(rows(damaged), [0])) == {0: 1}
    many = rows(damaged, *[sound] * 9)
    assert dict(asked.among(many, range(10))) == dict.fromkeys(range(10), 1)


def test_a_caller_of_another_kind_is_odd() -> None:
    kinds = ({"type": ["Root"]}, {"type": 1}, {"type": None}, {"type": "Root"}, "x")
    callers = rows(*({"userIdentity": each} for each in kinds)).callers

    assert [each.odd for each in callers] == [True, True, False, False, False]
    assert [each.type for each in callers] == [None, None, None, "Root", None]


def test_the_same_caller_is_decoded_once() -> None:
    same = {"userIdentity": {"type": "Root"}}
    first, second = rows(same, same).callers

    assert first is second


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
    assert bytes(get(opener.open(msgspec.Raw(b"7")))) == b"null"


def test_a_key_is_not_planted_into_what_is_no_object() -> None:
    planted: dict[str, Any] = {}
    plant(planted, ("a",), "text")
    plant(planted, ("a", "b"), 1)
    plant(planted, ("c", "d"), 2)

    assert planted == {"a": "text", "c": {"d": 2}}


def test_every_header_has_what_all_events_are_asked() -> None:
    assert issubclass(header_type([("x y",)]), Header)
    header = msgspec.json.decode(b'{"x y":{"a":1}}', type=header_type([("x y",)]))

    assert bytes(reader(("x y",))(header)) == b'{"a":1}'
    assert bytes(header.userIdentity) == b"null"
