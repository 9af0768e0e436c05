"""Test what is told of a condition without running it."""

from __future__ import annotations

import pytest

from checker.conditions import field_map, literals, lower, parse, paths, required

SELECTIONS = {
    "put": field_map({"source": "s3", "name": ["Put", "Get"]}),
    "root": parse("user.type == 'Root'"),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b && a.c == 'x' || !b", ("b", "a.c")),
        ("resources[*].ARN", ("resources[].ARN",)),
        ("resources[0].ARN", ("resources[].ARN",)),
        ("resources[].ARN", ("resources[].ARN",)),
        ("resources[1:]", ("resources[]",)),
        ("resources[?type == 'x'].ARN", ("resources[].type", "resources[].ARN")),
        ("tags.*.v", ("tags.*.v",)),
        ("*.v", ("*.v",)),
        ("[0]", ("@[]",)),
        ("a | b | c", ("a.b.c",)),
        ("items[?a] | [0].b", ("items[].a", "items[][].b")),
        ("sort_by(items, &n)", ("items", "items[].n")),
        ("map(&n, items)", ("items", "items[].n")),
        ("{x: a, y: [b]} | x", ("a", "b")),
        ('r."x-amz-acl"', ('r."x-amz-acl"',)),
        ("put && root", ("source", "name", "user.type")),
        ("length(@) == `1`", ()),
        ("'x'", ()),
    ],
)
def test_paths_are_the_fields_that_are_read(
    text: str, expected: tuple[str, ...]
) -> None:
    assert paths(lower(parse(text), SELECTIONS)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a == 'x'", {"a": {"x"}}),
        ("'x' == a.b", {"a.b": {"x"}}),
        ("a == 'x' && b == `1`", {"a": {"x"}, "b": {1}}),
        ("a == 'x' || a == 'y'", {"a": {"x", "y"}}),
        ("a == 'x' || b == 'y'", {}),
        ("a == 'x' || c", {}),
        ("a == 'x' && (a == 'y' || a == 'x')", {"a": {"x"}}),
        ("a == 'x' && a == 'y'", {"a": set()}),
        ("(a == 'x' && b == 'y') || (a == 'z' && c)", {"a": {"x", "z"}}),
        ("!(a != 'x' || b == 'y')", {"a": {"x"}}),
        ("!(a != 'x' && a != 'y')", {"a": {"x", "y"}}),
        ("!!(a == 'x')", {"a": {"x"}}),
        ("!(a == 'x')", {}),
        ("a != 'x'", {}),
        ("a == `null`", {}),
        ("a == b", {}),
        ("a == `[1]`", {}),
        ("a > `1`", {}),
        ('one_of(a, `["x", "y"]`)', {"a": {"x", "y"}}),
        ('contains(`["x", "y"]`, a)', {"a": {"x", "y"}}),
        ('one_of(a, `["x", null]`)', {}),
        ('contains(`"xy"`, a)', {}),
        ("contains(a, 'x')", {}),
        ("items[?a == 'x']", {}),
        ("u | a == 'x'", {}),
        ("put", {"source": {"s3"}, "name": {"Put", "Get"}}),
        ("root && put && name == 'Get'",
         {"source": {"s3"}, "name": {"Get"}, "user.type": {"Root"}}),
        ("put && name == 'Put'", {"source": {"s3"}, "name": {"Put"}}),
        ("put || root", {}),
    ],
)  # fmt: skip
def test_required_are_the_equalities_that_must_hold(
    text: str, expected: dict[str, set[object]]
) -> None:
    found = required(lower(parse(text), SELECTIONS))
    assert {".".join(path): set(values) for path, values in found.items()} == expected


def test_literals_are_the_strings_of_the_text() -> None:
    node = lower(parse("put && contains(a, 'x') && b == `1`"), SELECTIONS)
    assert literals(node) == ("s3", "Put", "Get", "x")
