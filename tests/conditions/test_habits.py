"""What people write who come from Sigma or SQL is answered with what to write here."""

from __future__ import annotations

import pytest

from checker import conditions
from checker.conditions import habits
from checker.errors import ConditionError


@pytest.mark.parametrize(
    ("text", "offset", "instead"),
    [
        ("call and other", 5, "`&&` for `and`"),
        ("call OR other", 5, "`||` for `OR`"),
        ("call && not other", 8, "`!` for `not`"),
        ("1 of sel_*", 0, "join them by `||`"),
        ("call && all of them", 8, "join them by `&&`"),
        ("any of sel_*", 0, "join them by `||`"),
        ("call | count() > 5", 5, "count in a correlation"),
        ("userAgent contains 'aws'", 10, "contains(userAgent, 'aws')"),
        ('userAgent contains "aws"', 10, "contains(userAgent, 'aws')"),
        ("eventName startswith 'Get'", 10, "starts_with(eventName, 'Get')"),
        ("a.b endswith 'x'", 4, "ends_with(a.b, 'x')"),
        ("a.b in ('x', 'y')", 4, "one_of(a.b, ['x', 'y'])"),
        ("!(a.b in ['x'])", 6, "one_of(a.b, ['x'])"),
        ("errorCode is null", 10, "errorCode == `null`"),
        ("errorCode is not null", 10, "errorCode != `null`"),
        ("a like 'x'", 2, "contains(a, 'x')"),
        ("a = 'x'", 2, "`==`"),
        ("a =~ 'x'", 2, "matches(FIELD, 'pattern')"),
        ("a & b", 2, "`&&`"),
        ("(a && b", 7, "never closed"),
    ],
)
def test_a_habit_is_placed_and_answered(text: str, offset: int, instead: str) -> None:
    with pytest.raises(ConditionError) as caught:
        conditions.parse(text)

    assert instead in caught.value.message
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("regex(a, 'x')", "write matches(FIELD, 'text')"),
        ("match(a, 'x')", "did you mean matches()?"),
        ("startsWith(a, 'x')", "did you mean starts_with()?"),
        ("exists(a)", "write FIELD != `null`"),
        ("contain(a, 'x')", "did you mean contains()?"),
        ("matches(a, '(?!x)y')", "no look-ahead"),
        ("matches(a, '(?<=x)y')", "no look-behind"),
        (r"matches(a, '(x)\1')", "no back-references"),
        ("matches(a, '(x')", "missing ): (x"),
    ],
)
def test_a_function_or_pattern_of_others_is_answered(text: str, instead: str) -> None:
    with pytest.raises(ConditionError) as caught:
        conditions.parse(text)

    assert instead in caught.value.message


@pytest.mark.parametrize(
    "text", ["of && them", "contains(a, 'all of them')", "is", "a == '1 of x'", "in.a"]
)
def test_a_word_that_is_a_habit_elsewhere_is_a_name_or_text_here(text: str) -> None:
    conditions.parse(text)


@pytest.mark.parametrize(
    ("key", "value", "instead"),
    [
        ("userAgent|contains", "aws", "contains(userAgent, 'aws')"),
        ("a.b|startswith", ["x"], "starts_with(a.b, 'x')"),
        ("a|contains", ["x", "y"], "contains(a, 'x') || …"),
        ("a|contains|all", ["x", "y"], "contains(a, 'x') && …"),
        ("a|cidr", "192.0.2.0/24", "cidr_contains(['192.0.2.0/24'], a)"),
        ("a|base64offset", "x", "write an expression"),
    ],
)
def test_a_modifier_is_answered_with_a_call(
    key: str, value: object, instead: str
) -> None:
    assert instead in (habits.modifier(key, value) or "")


@pytest.mark.parametrize("key", ["userAgent", 'a."x|y"'])
def test_a_key_without_a_modifier_is_no_habit(key: str) -> None:
    assert habits.modifier(key, "x") is None


@pytest.mark.parametrize(
    ("value", "call"),
    [
        ("*cli*", "contains(FIELD, 'cli')"),
        ("aws*", "starts_with(FIELD, 'aws')"),
        ("*aws", "ends_with(FIELD, 'aws')"),
        ("*", None),
        ("**", None),
        ("a*b", None),
        ("a?*", None),
        ("plain", None),
    ],
)
def test_a_wildcard_at_an_end_is_a_call(value: str, call: str | None) -> None:
    assert habits.wildcard(value) == call
