"""Columns: many headers asked at once answer as each event does alone."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.evaluate.detection import index, prefilter
from checker.evaluate.detection import predicates as questions_module
from checker.evaluate.detection.field_types import field_types
from checker.evaluate.detection.header import CALLER, field_of, header_type
from checker.evaluate.detection.identities import IdentityCache, MemoryBudget, Rows
from checker.evaluate.detection.predicates import Predicate
from checker.evaluate.detection.questions import questions

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

FIELDS = field_types(frozenset(PLACES))

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


def question(text: str) -> Predicate:
    node = conditions.parse(text)
    read = prefilter.Prefilter(0, node, PLACES).parts
    fields = {field_of(names) for part in read for names in part.paths or ()}
    return Predicate(
        conditions.closure(node), tuple(sorted(each for each in fields if each))
    )


def rows(*some: Any, room: MemoryBudget | None = None) -> Rows:
    decode = msgspec.json.Decoder(header_type(PLACES)).decode
    headers = [
        decode(
            each
            if isinstance(each, bytes)
            else json.dumps(each, ensure_ascii=False).encode()
        )
        for each in some
    ]
    return Rows(headers, IdentityCache(room or MemoryBudget()).of(headers))


def answers(text: str, event: dict[str, Any]) -> bool:
    return conditions.holds(conditions.compile(text)(event))


@given(st.lists(event, max_size=20), st.sets(st.sampled_from(TEXTS), min_size=1))
def test_headers_answer_as_their_events(
    some: list[dict[str, Any]], texts: set[str]
) -> None:
    asked = sorted(texts)
    room = MemoryBudget()
    together = questions([[question(text)] for text in asked], room)
    given_ = rows(*some, room=room)
    expected = {
        at: sum(1 << number for number, text in enumerate(asked) if answers(text, each))
        for at, each in enumerate(some)
    }
    odd = {at for at, each in enumerate(some) if FIELDS.misfit(each)}

    for _ in range(3):  # what is remembered changes nothing
        found = dict(together.among(given_, range(len(some))))
        for at, mask in expected.items():
            for said in (found, dict(together.among(given_, [at]))):
                # What is odd may pass: it is decoded, which tells what is wrong.
                passed = said.get(at, 0)
                assert passed & mask == mask if at in odd else passed == mask


def test_values_that_never_come_again_are_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(questions_module, "_PATIENCE", 20)
    room = MemoryBudget()
    asked = questions([[question("requestParameters.key == 'k7'")]], room)
    for start in range(0, 400, 10):
        some = [{"requestParameters": {"key": f"k{start + n}"}} for n in range(10)]
        found = dict(asked.among(rows(*some), range(10)))
        assert found == ({7: 1} if start == 0 else {})

    assert room.taken < 60


def test_a_long_value_is_answered_and_forgotten() -> None:
    room = MemoryBudget()
    asked = questions([[question("length(keys(requestParameters)) == `2`")]], room)
    long = {"requestParameters": {"a": "x" * 5000, "b": 1}}

    assert dict(asked.among(rows(long), [0])) == {0: 1}
    assert room.taken == 0


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "REMEMBERED", 50)
    monkeypatch.setattr(index, "MOST_KINDS", 7)
    built = index.build([conditions.parse("contains(userAgent, 'kali')")])
    decode = msgspec.json.Decoder(built.header).decode
    for n in range(40):
        texts = [f"agent {n} {k}" for k in range(20)] + [f"kali {n}"]
        headers = [
            decode(json.dumps({"eventName": f"E{n}", "userAgent": text}).encode())
            for text in texts
        ]
        assert [each.position for each in built.candidates(headers)] == [20]
        assert built.room.taken <= 50 + 4 * 21 + 30
        assert len(built._plans) <= 8


def test_json_that_is_damaged_within_is_left_to_the_decoder_of_events() -> None:
    """What a decoder skips it does not read: an event may not be JSON after all."""
    damaged = rb'{"requestParameters":{"key":1e999}}'
    asked = questions([[question("requestParameters.key == 'a'")]], MemoryBudget())
    sound: dict[str, Any] = {"requestParameters": {"key": "a"}}

    assert dict(asked.among(rows(damaged), [0])) == {0: 1}
    many = rows(damaged, *[sound] * 9)
    assert dict(asked.among(many, range(10))) == dict.fromkeys(range(10), 1)
