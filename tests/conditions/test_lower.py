"""Test how a rule's selections and condition become one tree."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import (
    Name,
    closure,
    field_map,
    lower,
    names,
    parse,
    show,
    tree,
    used,
)
from checker.errors import ConditionError

SELECTIONS = {"one": parse("a == 'x'"), "two": field_map({"b": [1, 2]})}


def test_bare_names_become_selections() -> None:
    text = "one && !two || (two | @) == one && contains([one], `true`) || one[?a]"
    node = lower(parse(text), SELECTIONS)
    found = [x for x in tree.walk(node) if isinstance(x, tree.Selection)]
    assert [each.name for each in found] == ["one", "two", "two", "one", "one", "one"]
    assert all(text[each.offset :].startswith(each.name) for each in found)
    assert used(node) == ("one", "two")


@pytest.mark.parametrize(
    "text",
    ["a.one", "one.a", "a[*].one", "a[?one]", "a | one", "map(&one, a)", "a.{x: one}"],
)
def test_names_that_look_elsewhere_stay_fields(text: str) -> None:
    assert lower(parse(text), SELECTIONS) == parse(text)


def test_a_selection_decides_like_its_own_text() -> None:
    run = closure(lower(parse("one && two"), SELECTIONS))
    assert run({"a": "x", "b": 2}) is True
    assert run({"a": "x", "b": 3}) is False
    assert run({"a": "y", "b": 2}) is False


def test_names_read_from_the_document_are_told_with_their_place() -> None:
    node = parse("one && user.type == 'x' || items[?kind].n || length(two) && f | g")
    assert names(node) == (
        Name("one", 0, bare=True),
        Name("user", 7, bare=False),
        Name("items", 27, bare=True),
        Name("two", 52, bare=True),
        Name("f", 60, bare=True),
    )


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({"a": "x"}, "a == 'x'"),
        ({"a": ["x"]}, "a == 'x'"),
        ({"a": ["x", "y"]}, 'one_of(a, `["x", "y"]`)'),
        ({"a.b": True, "c": 0}, "a.b == `true` && c == `0`"),
        ({'r."x-amz-acl"': None}, 'r."x-amz-acl" == `null`'),
    ],
)
def test_a_field_map_is_a_conjunction(mapping: dict[str, Any], text: str) -> None:
    assert field_map(mapping) == parse(text)
    assert show(field_map(mapping)) == text


def test_null_in_a_field_map_means_absent_or_null() -> None:
    run = closure(field_map({"errorCode": None, "b": ["x", None]}))
    assert run({}) is True
    assert run({"errorCode": None, "b": "x"}) is True
    assert run({"errorCode": "AccessDenied"}) is False
    assert run({"b": "y"}) is False


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({}, "at least one field"),
        ({"a": []}, "empty list"),
        ({"a": {"b": 1}}, "not with dict"),
        ({"a": [["x"]]}, "not with list"),
        ({"a[0]": 1}, "a path such as"),
        ({"length(a)": 1}, "a path such as"),
        ({"r.x-amz-acl": 1}, "double quotes"),
        ({"a": float("nan")}, "cannot hold"),
    ],
)
def test_what_no_field_map_can_say_is_refused(
    mapping: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConditionError, match=words):
        field_map(mapping)
