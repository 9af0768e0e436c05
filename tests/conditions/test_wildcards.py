"""Wildcards: what fnmatch would say, and no pattern that takes for ever."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions.wildcards import like


@pytest.mark.parametrize(
    ("value", "pattern", "matches"),
    [
        ("", "", True),
        ("", "*", True),
        ("a", "", False),
        ("abc", "abc", True),
        ("abc", "a*", True),
        ("abc", "*c", True),
        ("abc", "a*b", False),
        ("abc", "a?c", True),
        ("abc", "a??c", False),
        ("aXbXc", "a*X*c", True),
        ("a*c", "a?c", True),
        ("[a]", "[a]", True),
        ("a", "[a]", False),
        ("line\nline", "line*", True),
    ],
)
def test_stars_and_question_marks(value: str, pattern: str, *, matches: bool) -> None:
    assert like(value, pattern) is matches


def test_a_question_mark_can_stand_for_itself() -> None:
    assert like("what?", "what?", single="")
    assert not like("whatX", "what?", single="")


@given(st.text(alphabet="ab?*", max_size=8), st.text(alphabet="ab?*", max_size=6))
def test_the_answer_is_that_of_a_regular_expression(value: str, pattern: str) -> None:
    expression = "".join(
        {"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern
    )

    assert like(value, pattern) is bool(re.fullmatch(expression, value, re.DOTALL))


def test_many_stars_take_no_longer() -> None:
    begin = time.perf_counter()

    assert not like("a" * 5_000, "*a" * 40 + "b")
    assert time.perf_counter() - begin < 2
