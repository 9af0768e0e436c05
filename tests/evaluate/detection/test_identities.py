"""Callers: the same JSON is decoded once, and what is no good for a header is odd."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from checker.evaluate.detection.identities import Caller, IdentityCache, MemoryBudget
from checker.model import Header


def of(*identities: Any, room: MemoryBudget | None = None) -> list[Caller]:
    headers = [
        Header(userIdentity=msgspec.Raw(json.dumps(each).encode()))
        for each in identities
    ]
    return list(IdentityCache(room or MemoryBudget()).of(headers))


def test_a_caller_of_another_kind_is_odd() -> None:
    kinds = ({"type": ["Root"]}, {"type": 1}, {"type": None}, {"type": "Root"}, "x")
    callers = of(*kinds)

    assert [each.odd for each in callers] == [True, True, False, False, True]
    assert [each.type for each in callers] == [None, None, None, "Root", None]


def test_the_same_caller_is_decoded_once() -> None:
    first, second = of({"type": "Root"}, {"type": "Root"})

    assert first is second


def test_an_answer_about_a_caller_is_kept() -> None:
    asked: list[Any] = []

    def test(event: Any) -> Any:
        asked.append(event)
        return event["userIdentity"]["type"] == "Root"

    (caller,) = of({"type": "Root"})

    assert caller.passes(test)
    assert caller.passes(test)
    assert asked == [{"userIdentity": {"type": "Root"}}]


def test_callers_are_forgotten_when_room_is_needed() -> None:
    room = MemoryBudget()
    callers = IdentityCache(room)
    header = Header(userIdentity=msgspec.Raw(b'{"type":"Root"}'))
    (first,) = callers.of([header])
    (again,) = callers.of([header])
    assert again is first
    assert room.taken > 0

    room.clear()

    assert room.taken == 0
    (anew,) = callers.of([header])
    assert anew is not first


def test_room_is_taken_by_what_is_short() -> None:
    room = MemoryBudget()

    assert room.take("x")
    assert room.take(("x" * 200, b"y" * 200, None))
    assert room.taken == 1 + 4
    assert not room.take(b"x" * 5000)
    assert not room.take(("x" * 2000, b"y" * 2000))
    assert room.taken == 5
