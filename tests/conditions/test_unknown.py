"""Test that what nobody knows is never taken for an answer."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from checker.conditions import Unknown, UnknownValue, explain, holds, parse
from checker.conditions import compile as compile_condition

REASON = "trail status: AccessDenied"


def trail() -> dict[str, Any]:
    return {
        "Name": "t",
        "Status": Unknown(REASON),
        "Parts": [1, Unknown(REASON)],
        "Known": True,
    }


@pytest.mark.parametrize(
    "text",
    [
        "Status.IsLogging",
        "Status.IsLogging.x",
        "Status == 'x'",
        "Status != 'x'",
        "'x' == Status",
        "Status == `true`",
        "Status == `null`",
        "Status == `1`",
        "Status == `[]`",
        "Status == absent",
        "absent == Status",
        "Status == Status",
        "Status == Name",
        "Status < `1`",
        "Name < Status",
        "Status && Known",
        "Status || Known",
        "!Status",
        "!(Known && Status)",
        "Status[0]",
        "Status[*]",
        "Status[1:]",
        "Status[]",
        "Status.*",
        "Status[?a]",
        "Status.[a]",
        "Status.{a: a}",
        "Status | a",
        "Parts[1] == `1`",
        "Parts[?@ == `1`]",
        "Parts[?@]",
        "length(Status)",
        "contains(Status, 'x')",
        'contains(`["a"]`, Status)',
        "contains(Name, Status)",
        "contains(Parts, `2`)",
        "starts_with(Status, 'x')",
        "starts_with(Name, Status)",
        "ends_with(Status, 'x')",
        "lower(Status)",
        "matches(Status, 'x')",
        "matches(Name, Status)",
        "cidr_contains('192.0.2.0/24', Status)",
        "cidr_contains(Status, Name)",
        "one_of(Status, `[1]`)",
        'one_of(Status, `["a"]`)',
        "one_of(Name, Status)",
        "not_null(Status)",
        "not_null(absent, Status)",
        "type(Status)",
        "to_array(Status)",
        "to_string(Status)",
        "to_string(Parts)",
        "to_number(Status)",
        "sum(Parts)",
        "max(Parts)",
        "sort_by(Parts, &@)",
        "join(Status, Parts)",
        "join(Known, Status)",
        "map(&a, Status)",
        "map(&a, Parts)",
        "keys(Status)",
        "merge(@, Status)",
    ],
)
def test_a_condition_that_needs_it_raises_with_the_reason(text: str) -> None:
    with pytest.raises(UnknownValue) as caught:
        holds(compile_condition(text)(trail()))
    assert caught.value.reason == REASON


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Known || Status", True),
        ("absent && Status.IsLogging", None),
        ("Parts[0]", 1),
        ("length(Parts)", 2),
        ("length(@)", 4),
        ("not_null(Name, Status)", "t"),
        ("Name == 't' && Known", True),
        # Nothing is in an empty list, and one that surely is decides.
        ("contains(`[]`, Status)", False),
        ("one_of(Status, `[]`)", False),
        ("contains(Parts, `1`)", True),
    ],
)
def test_one_that_does_not_is_answered(text: str, value: object) -> None:
    assert compile_condition(text)(trail()) == value


@pytest.mark.parametrize(
    "use",
    [
        bool,
        len,
        iter,
        hash,
        lambda x: x == 1,
        lambda x: x != 1,
        lambda x: 1 == x,  # noqa: SIM300 - the other side
        lambda x: x < 1,
        lambda x: x["a"],
        lambda x: "a" in x,
        lambda x: x.get("a"),
        lambda x: {"a": x} == {"a": 1},
        lambda x: [x] == [1],
    ],
)
def test_python_cannot_overlook_it_either(use: Callable[[Any], object]) -> None:
    with pytest.raises(UnknownValue, match="AccessDenied"):
        use(Unknown(REASON))


def test_it_can_be_shown_copied_and_sent_to_another_process() -> None:
    unknown = Unknown(REASON)
    assert repr(unknown) == f"Unknown({REASON!r}, {unknown.cause})"
    for again in (pickle.loads(pickle.dumps(unknown)), copy.deepcopy(unknown)):
        assert type(again) is Unknown
        assert again.reason == REASON


def test_an_explanation_says_what_is_not_known_and_goes_on() -> None:
    explanation = explain(parse("Status.IsLogging && Known"), trail())
    assert explanation.holds is None
    assert explanation.value.reason == REASON
    status, known = explanation.children
    assert status.holds is None
    assert known.holds is True


@pytest.mark.parametrize(
    ("values", "expected"), [(("ON", "OPTIONAL"), True), (("OFF", "NONE"), False)]
)
def test_a_list_decides_on_one_of_several_values_where_all_answer_alike(
    values: tuple[str, ...], *, expected: bool
) -> None:
    condition = compile_condition("one_of(mode, ['ON', 'OPTIONAL'])")
    mixed = {"mode": Unknown(REASON, among=("ON", "OFF"))}

    assert condition({"mode": Unknown(REASON, among=values)}) is expected
    with pytest.raises(UnknownValue):
        condition(mixed)


@pytest.mark.parametrize(
    ("among", "expected"),
    [
        ((14, 20), True),
        ((8, 20), None),
        ((6, 8), False),
        ((14, "20"), None),
        (("a", "b"), False),
    ],
)
def test_an_order_that_all_possible_values_have_is_known(
    among: tuple[object, ...], *, expected: bool | None
) -> None:
    condition = compile_condition("length >= `14`")
    body = {"length": Unknown(REASON, among=among)}

    if expected is None:
        with pytest.raises(UnknownValue):
            holds(condition(body))
    else:
        assert holds(condition(body)) is expected
