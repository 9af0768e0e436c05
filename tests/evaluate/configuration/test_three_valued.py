"""The truth of a condition of which parts are not known."""

from __future__ import annotations

import pytest

from checker import conditions
from checker.conditions.settings import SETTINGS
from checker.conditions.unknown import Unknown, UnknownValue
from checker.evaluate.configuration.three_valued import truth

DENIED = Unknown("denied")


def judged(text: str, body: object) -> tuple[bool | str, list[str]]:
    said: list[str] = []
    try:
        return truth(conditions.parse(text, SETTINGS), body, SETTINGS, said), said
    except UnknownValue as unknown:
        return unknown.reason, said


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"on": True}, {"on": DENIED}], True),
        ([{"on": DENIED}, {"on": True}], True),
        ([{"on": False}, {"on": DENIED}], "denied"),
        ([{"on": True}, DENIED], True),
        ([DENIED], "denied"),
        (DENIED, "denied"),
        ([{"on": False}, None], False),
        ([], False),
        (None, False),
        ("text", False),
    ],
)
def test_a_filter_holds_when_it_surely_holds_for_any_row(
    rows: object, expected: object
) -> None:
    assert judged("rows[?on]", {"rows": rows})[0] == expected


def test_what_a_filter_lets_through_says_why() -> None:
    rows = [{"bad": True, "reason": "one"}, {"bad": False, "reason": "two"}]

    assert judged("!(rows[?bad])", {"rows": rows}) == (False, ["one"])
    assert judged("!(rows)", {"rows": rows}) == (False, ["one", "two"])
    assert judged("!(rows[?bad]) && !(rows)", {"rows": []}) == (True, [])


def test_an_unknown_row_leaves_the_reasons_of_the_others() -> None:
    rows = [{"bad": DENIED}, {"bad": True, "reason": "one"}]

    assert judged("!(rows[?bad])", {"rows": rows}) == (False, ["one"])


def test_a_filter_inside_a_filter_knows_what_decides() -> None:
    body = {"rows": [{"a": True, "b": DENIED}, {"a": False, "b": DENIED}]}

    assert judged("rows[?a || b]", body)[0] is True
    assert judged("rows[?a && b]", body)[0] == "denied"


def test_a_projection_after_a_filter_is_judged_as_its_value() -> None:
    assert judged("rows[?on].name", {"rows": [{"on": True}]})[0] is False
    assert judged("rows[?on].name", {"rows": [{"on": True, "name": "x"}]})[0] is True
