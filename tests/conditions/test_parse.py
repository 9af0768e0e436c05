"""Test what a condition's author is told, and what hostile text does."""

from __future__ import annotations

import time

import pytest

from checker.conditions import closure, parse, tree
from checker.errors import ConditionError


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("", 0, "empty"),
        (" \n", 0, "empty"),
        ("a-b", 1, '"x-amz-acl"'),
        ("a.x-amz-acl == 'b'", 3, "double quotes"),
        ("a = 'b'", 2, "compare with `==`"),
        ("a =", 2, "=="),
        ("a == 1", 5, "backticks"),
        ("a == 'b", 5, "never closed"),
        ('a == "b', 5, "never closed"),
        ("a == `1", 5, "never closed"),
        ("a # b", 2, "'#'"),
        ("a and b", 2, "`&&`"),
        ("a or b", 2, "`||`"),
        ("not a", 0, "`!`"),
        ("a == 'b' and c", 9, "`&&`"),
        ("a == 'b' c", 9, "unexpected 'c'"),
        ("a[?b", 4, "ends too early"),
        ("(a", 2, "ends too early"),
        ("a.", 2, "ends too early"),
        ("a )", 2, "unexpected ')'"),
        ("== 'b'", 0, "unexpected '=='"),
        ('a && "lower"(b)', 5, "no quotes"),
        ("a && contans(b, 'c')", 5, "did you mean contains()?"),
        ("zzzzzz(a)", 0, "unknown function zzzzzz()"),
        ("a && length(b, c)", 5, "takes 1 argument, not 2"),
        ("starts_with(a)", 0, "takes 2 arguments, not 1"),
        ("not_null()", 0, "at least 1 argument, not 0"),
        ("&a", 0, "function's argument"),
        ("a || &b", 5, "function's argument"),
        ("contains(a, &b)", 12, "a value"),
        ("sort_by(a, b)", 11, "such as &name"),
        ("map(a, b)", 4, "such as &name"),
        ("matches(a, '(')", 11, "not an RE2 pattern: missing )"),
        ("matches(a, '(?<=x)y')", 11, "not an RE2 pattern"),
        ("matches(a, `1`)", 11, "a pattern is a string"),
        ("cidr_contains('192.0.2.1/24', a)", 14, "host bits"),
        ('cidr_contains(`["192.0.2.0/24", 1]`, a)', 14, "a network is a string"),
        ("a[1:2:0]", 6, "step of a slice"),
        ("a[::0]", 4, "step of a slice"),
        ("a == `NaN`", 5, "JSON cannot hold"),
        ("a == `[1e999]`", 5, "JSON cannot hold"),
        ("a == `\\`", 5, "never closed"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, offset: int, words: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert words in caught.value.message
    assert caught.value.offset == offset


MANY = 10_000


@pytest.mark.parametrize(
    "text",
    [
        "(" * MANY + "a" + ")" * MANY,
        "[" * MANY + "a" + "]" * MANY,
        "{a: " * MANY + "a" + "}" * MANY,
        "a[?" * MANY + "a" + "]" * MANY,
        "length(" * MANY + "a" + ")" * MANY,
        "!" * MANY + "a",
        "& " * MANY + "a",
        "map(&a || " * MANY,
        "a" + "[*]" * MANY,
        "a" + "[]" * MANY,
        "a" + ".*" * MANY,
        "a" + ".b[*]" * MANY,
        "a" + "[1:2]" * MANY,
        "a" + "[?b]" * MANY,
        "a" + " == a" * MANY,
        "a" + " | a" * MANY,
        "`" + "[" * MANY + "]" * MANY + "`",
        "`" + "[" * 400 + "]" * 400 + "`",
        "a[" + "1" * MANY + "]",
        "a" * (64 * 1024 + 1),
        "é" * (40 * 1024),
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_text_is_an_error_and_quick(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ConditionError):
        parse(text)
    assert time.perf_counter() - started < 5


def test_long_but_flat_conditions_are_welcome() -> None:
    words = " || ".join(f"a == '{number}'" for number in range(4000))
    run = closure(parse(words))
    assert run({"a": "3999"}) is True
    assert run({"a": "4000"}) is False
    keys = ", ".join(f"k{number}: a[{number}:]" for number in range(50))
    assert len(closure(parse("{" + keys + "}"))({"a": []})) == 50


def test_nesting_that_people_write_is_allowed() -> None:
    text = "!(a || [b && c == (" * 24 + "a" + ")])" * 24
    assert closure(parse(text))({}) in (True, False)
    assert parse("(" * 99 + "a" + ")" * 99) == tree.Path(("a",))


def test_each_meaning_has_one_tree() -> None:
    assert parse("a.b.c") == tree.Path(("a", "b", "c"))
    assert parse("@.a . b") == parse("a.b") == parse("(a).b") == parse('"a"."b"')
    assert parse("a.b[0].c") == tree.Sub(
        tree.Index(tree.Path(("a", "b")), 0), tree.Path(("c",))
    )
    letters = tuple(tree.Path((name,)) for name in "abc")
    assert parse("a && (b && c)") == parse("(a && b) && c") == tree.And(letters)
    assert parse("a || (b || c)") == parse("a || b || c") == tree.Or(letters)
    assert parse("'1'") != parse("`1`") != parse("`true`") != parse("`1.0`")
    assert hash(parse("a == `[1, {}]`")) == hash(parse("a==`[1,{}]`"))


def test_nodes_know_where_their_names_stand() -> None:
    text = "xx[?yy == 'z'].{ww: vv} | not_null(\"u-u\", sort_by(tt, &ss)) || rr.q"
    offsets = {
        node.names[0] if isinstance(node, tree.Path) else node.name: node.offset
        for node in tree.walk(parse(text))
        if isinstance(node, tree.Path | tree.Function)
    }
    assert offsets.pop("u-u") == text.index('"u-u"')
    assert offsets == {name: text.index(name) for name in offsets}
    assert set(offsets) == {"xx", "yy", "vv", "not_null", "sort_by", "tt", "ss", "rr"}


def test_walking_follows_the_text() -> None:
    node = parse("a && [b, {x: c}] || f[?g].h | to_array(!i)")
    read = [each.names[0] for each in tree.walk(node) if isinstance(each, tree.Path)]
    assert read == ["a", "b", "c", "f", "g", "h", "i"]


@pytest.mark.parametrize(
    "text", ["a", "_a1", "a.b", "userIdentity.arn", "null.true", ".".join("a" * 200)]
)
def test_a_plain_path_is_what_the_library_makes_of_it(text: str) -> None:
    # A blank sends it past the short way.
    assert parse(text) == parse(f"{text} ")


@pytest.mark.parametrize("text", ["a.", ".a", "a..b", "1a", "a.1", "a\n.", "é"])
def test_what_is_only_like_a_plain_path_is_a_mistake(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)
