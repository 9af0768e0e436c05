"""Texts known in part: what holds whatever the rest is, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions import Cause, Unknown, UnknownValue
from checker.conditions.sketch import ACCOUNT, FOREIGN, Hole, Sketch, like, same
from checker.conditions.unknown import either
from checker.conditions.wildcards import like as plain_like

LOGS, OTHER = Hole("Logs", resource=True), Hole("Other", resource=True)
OPEN = Hole("Open")
BUCKET = "arn:aws:s3:::"


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ((LOGS,), (LOGS,), True),
        ((LOGS,), (OTHER,), False),
        ((LOGS,), ("logs",), False),
        ((OPEN,), (OPEN,), True),
        ((OPEN,), ("logs",), None),
        ((OPEN,), (), None),
        ((LOGS,), (), False),
        ((BUCKET, OPEN), (BUCKET, "logs"), None),
        ((BUCKET, OPEN), ("arn:aws:sns:", OPEN), False),
        ((BUCKET, LOGS, "/"), (BUCKET, LOGS), False),
        (("arn:", ACCOUNT, ":x"), (f"arn:{FOREIGN}:x",), False),
        (("arn:", ACCOUNT, ":x"), ("arn:123456789012:x",), None),
        (("arn:", ACCOUNT, ":x"), ("arn:someone:x",), False),
    ],
)
def test_two_texts_are_the_same_or_not_or_it_is_open(
    one: Sketch,
    other: Sketch,
    answer: bool | None,  # noqa: FBT001 - a table
) -> None:
    assert same(one, other) is answer
    assert same(other, one) is answer


@pytest.mark.parametrize(
    ("value", "pattern", "answer"),
    [
        ((BUCKET, LOGS), (BUCKET, LOGS), True),
        ((BUCKET, LOGS, "/key"), (BUCKET, LOGS, "/*"), True),
        ((BUCKET, LOGS), (BUCKET, LOGS, "/*"), False),
        ((BUCKET, LOGS), (BUCKET, "*"), True),
        ((BUCKET, LOGS), ("*",), True),
        ((BUCKET, LOGS), (BUCKET, OTHER), False),
        ((BUCKET, LOGS), (BUCKET, OPEN), None),
        ((BUCKET, LOGS), (BUCKET, "?"), None),
        ((f"x:{FOREIGN}",), ("x:", ACCOUNT), False),
        ((f"x:{FOREIGN}",), ("x:", ACCOUNT, "*"), False),
        ((f"x:{FOREIGN}",), ("x:*",), True),
        (("a" * 300,), (*["*a"] * 200, OPEN), None),
    ],
)
def test_a_text_fits_a_pattern_or_not_or_it_is_open(
    value: Sketch,
    pattern: Sketch,
    answer: bool | None,  # noqa: FBT001 - a table
) -> None:
    assert like(value, pattern) is answer


PIECES = st.lists(
    st.sampled_from(["a", "b", "/", "*", "?", OPEN, Hole("More")]), max_size=6
)


def filled_in(sketch: list[str | Hole], values: dict[str, str]) -> str:
    return "".join(
        values[part.name] if isinstance(part, Hole) else part for part in sketch
    )


@given(
    PIECES,
    PIECES,
    st.fixed_dictionaries(
        {"Open": st.text("ab/", max_size=3), "More": st.text("ab/", max_size=3)}
    ),
)
def test_what_is_said_of_a_text_holds_whatever_is_filled_in(
    one: list[str | Hole], other: list[str | Hole], values: dict[str, str]
) -> None:
    text, second = filled_in(one, values), filled_in(other, values)
    assert same(tuple(one), tuple(other)) in (None, text == second)
    value = [part for part in one if part not in ("*", "?")]
    expected = plain_like(filled_in(value, values), second)
    assert like(tuple(value), tuple(other)) in (None, expected)


def later(*among: object) -> Unknown:
    found = either(among, "later", Cause.NOT_KNOWN_BEFORE_APPLY)
    assert isinstance(found, Unknown)
    return found


def test_what_all_values_have_in_common_is_answered() -> None:
    assert bool(later("a", "b"))
    assert later("ON", "OPTIONAL") != "OFF"
    assert not bool(later(None, []))
    with pytest.raises(UnknownValue, match="later"):
        bool(later("a", None))
    with pytest.raises(UnknownValue, match="later"):
        later("a", "b").__eq__("a")


def test_of_several_that_are_the_same_the_value_is_known() -> None:
    assert either(["a", "a"], "later", Cause.UNDECIDABLE) == "a"
    nested = later(later("a", "b"), "a")
    assert nested.among == ("a", "b")
    many = either(range(100), "later", Cause.UNDECIDABLE)
    assert many.among is None


def test_a_reference_is_there() -> None:
    reference = Unknown("later", sketch=(LOGS,))
    assert reference
    assert reference != ""
    assert reference != None  # noqa: E711 - what a condition asks
    with pytest.raises(UnknownValue):
        bool(Unknown("later", sketch=(OPEN,)))
    assert re.match(r"Unknown\('later'", repr(reference))
