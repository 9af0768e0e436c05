"""Test explanations and the printing of trees."""

from __future__ import annotations

import pytest

from checker.conditions import closure, explain, lower, parse, show

EVENT = {"user": {"type": "Root"}, "n": 0, "items": [{"a": 1}]}


def test_an_explanation_follows_the_condition() -> None:
    selections = {"root": parse("user.type == 'Root'"), "mfa": parse("mfa.used")}
    told = explain(lower(parse("root && !mfa && n"), selections), EVENT)
    assert (told.text, told.value, told.holds) == ("root && !mfa && n", 0, True)
    root, no_mfa, number = told.children
    assert (root.text, root.value) == ("root", True)
    assert root.children[0].text == "user.type == 'Root'"
    assert root.children[0].children[0].value == "Root"
    assert (no_mfa.value, no_mfa.absent) == (True, ("mfa.used",))
    assert (number.value, number.holds) == (0, True)
    assert told.absent == ("mfa.used",)


def test_parts_that_did_not_decide_are_told_too() -> None:
    told = explain(parse("absent == 'x' && n == `0`"), EVENT)
    assert told.value is False
    assert [part.value for part in told.children] == [False, True]
    assert told.absent == ("absent",)


def test_only_what_looks_at_the_document_is_a_part() -> None:
    told = explain(parse("length(items[?a == `1`].a) > `0`"), EVENT)
    [length] = told.children
    [projection] = length.children
    assert projection.value == [1]
    assert [part.text for part in projection.children] == ["items"]


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c",
        "!(a.b)",
        "(!a).b",
        "!a == b",
        "(a || b) && c || d",
        "(a && b) == c",
        "(a | b) && c",
        "a | (b | c)",
        "(a == b) == c",
        "a[0].b[1:2:3].c",
        "a[0][1:2]",
        "a[0][1:2][*].b",
        "(a[*].b)[0]",
        "(a[*].b).c",
        "(a.*.b).c",
        "(*.a).b",
        "*.a.b",
        "[(*)]",
        "[@[*]]",
        "a[*].[b, c]",
        "(a[*].[b]).c",
        "a[*][b].c",
        "x[*].a[*].[b].c",
        "a[?b].c[?d]",
        "a[?b][?c]",
        'a.{b: c, "d-e": f}',
        "a[].b[]",
        "sort_by(a, &b.c)[*].d",
        "'it\\'s'",
        '`"a\\\\b"`',
        '`"\\u0060"`',
        '`{"a": [1, true, null, "é"]}`',
        '"a\\"b".c',
        "(a == b)[0]",
        "@",
    ],
)  # fmt: skip
def test_trees_show_as_text_that_parses_to_them(text: str) -> None:
    node = parse(text)
    assert parse(show(node)) == node
    assert closure(parse(show(node)))(EVENT) == closure(node)(EVENT)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("((a))&&(b)||c", "a && b || c"),
        ('@.a  ==  "b"', "a == b"),
        ('`"x"`', "'x'"),
        ("a[?b=='c'] . d", "a[?b == 'c'].d"),
        ("lower(a)|contains(@,'x')", "lower(a) | contains(@, 'x')"),
    ],
)  # fmt: skip
def test_text_is_shown_as_people_write_it(text: str, shown: str) -> None:
    assert show(parse(text)) == shown
