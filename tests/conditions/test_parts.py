"""Parts of a condition: all must hold and suffice, and each reads what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.conditions import parts, tree

LEAVES = st.sampled_from(
    [
        "a == 'x'",
        "a.b != 'y'",
        "contains(['x', 'y'], a)",
        "contains(a, 'x')",
        "one_of(a, ['x'])",
        "matches(lower(a), 'x|y')",
        "a",
        "!b",
        "b == `null`",
        "length(c[?@ == 'x']) > `0`",
        "not_null(a, b)",
    ]
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("(!({}))".format, inner)
    ),
    max_leaves=6,
)
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ["x", "Y", "", None, 0, 1, True, False, [], {"b": "y"}]
)
DOCUMENTS = st.fixed_dictionaries(
    {}, optional={"a": VALUES, "b": VALUES, "c": st.lists(VALUES)}
)


def holds(node: tree.Node, document: object) -> bool:
    return conditions.holds(conditions.closure(node)(document))


@given(EXPRESSIONS, DOCUMENTS)
def test_a_condition_holds_when_all_its_parts_do(
    text: str, document: dict[str, Any]
) -> None:
    node = conditions.parse(text)

    assert all(holds(part, document) for part in parts.parts(node)) is holds(
        node, document
    )


@given(EXPRESSIONS, DOCUMENTS)
def test_a_part_about_one_path_says_the_same_of_the_value_there(
    text: str, document: dict[str, Any]
) -> None:
    node = conditions.parse(text)
    read = parts.reads(node)
    if read is None or len(read) != 1 or "?" in text:
        return
    (names,) = read
    value = conditions.compile(".".join(names))(document)

    assert holds(parts.about_value(node), value) is holds(node, document)


@given(EXPRESSIONS, DOCUMENTS)
def test_what_is_left_when_some_fields_are_known_says_the_same(
    text: str, document: dict[str, Any]
) -> None:
    node = conditions.parse(text)
    known = frozenset({("a",), ("a", "b")})
    answers = {each: holds(each, document) for each in parts.decided(node, known)}

    left = parts.settled(node, answers)

    assert holds(left, document) is holds(node, document)
    assert left in answers or not {*parts.decided(left, known)} - {left}
    if known.issuperset(parts.reads(node) or {()}):
        assert isinstance(left, tree.Literal)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a == 'x' && b", "b"),
        ("a == 'y' && b", "`false`"),
        ("a == 'x' && b || a == 'y' && c", "b"),
        ("!(a == 'x' && b)", "!b"),
        ("a == 'y' || b || c", "b || c"),
        ("a == 'x' && (b || a == 'y' && c) && (c || b)", "b && (c || b)"),
        ("(a == 'x' && b) == `true`", "(a == 'x' && b) == `true`"),
        ("not_null(a == 'y', b)", "not_null(a == 'y', b)"),
        ("b", "b"),
    ],
)
def test_what_is_known_of_a_field_is_put_into_a_condition(text: str, left: str) -> None:
    node = conditions.parse(text)
    answers = {
        each: holds(each, {"a": "x"})
        for each in parts.decided(node, frozenset({("a",)}))
    }

    assert parts.settled(node, answers) == conditions.parse(left)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a == 'x'", {("a",)}),
        ("a.b && !c", {("a", "b"), ("c",)}),
        ("contains(['x'], a)", {("a",)}),
        ("`true`", set()),
        ("@", None),
        ("*.a", None),
        ("to_string(@)", None),
        ("a[0]", {("a",)}),
        ("a[?b == 'x'].c", {("a",)}),
        ("a.* | [0]", {("a",)}),
        ("[a, b.c][] | @[?d]", {("a",), ("b", "c")}),
        ("contains([a], 'x')", {("a",)}),
        ("sort_by(a, &b)", {("a",)}),
        ("[@][?a == 'x'].b.c | [0]", {("a",), ("b", "c")}),
        ("[@][?a]", None),
        ("[@, a][?b]", None),
    ],
)
def test_what_a_node_reads_by_paths_alone_is_known(
    text: str, read: set[tuple[str, ...]] | None
) -> None:
    assert parts.reads(conditions.parse(text)) == read


@given(
    st.sampled_from(
        ["x", "x|y", "(?i)xy", "[^x]y", "x.y", "x?", "^x", "x$", r"\bx", r"x\z"]
    ),
    st.lists(st.text("xyXYΣ\n ")),
    st.booleans(),
)
def test_a_pattern_said_to_be_absent_is_in_none_of_the_texts(
    pattern: str,
    texts: list[str],
    lowered: bool,  # noqa: FBT001 - drawn
) -> None:
    value = "lower(@)" if lowered else "@"
    node = conditions.parse(f"matches({value}, '{pattern}')")

    absent = parts.absent(node)

    together = "\n".join(texts).encode()
    quoted = b"\n".join(json.dumps(each, ensure_ascii=False).encode() for each in texts)
    if absent and (absent(together) or (b"\\" not in quoted and absent(quoted))):
        assert not any(holds(node, text) for text in texts)


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("^x$", "ax"),
        (r"\bx\b", "ax"),
        (r"(^|/)x[]^$]\z", "ax$"),
        (r"\Ax^{2}y", "axy"),
    ],
)
def test_where_a_text_ends_is_not_looked_at_in_many(pattern: str, other: str) -> None:
    absent = parts.absent(conditions.parse(f"matches(@, '{pattern}')"))

    assert absent is not None
    assert absent(b"a\nb")
    assert not absent(f"a\n{other}".encode())


JSON = st.recursive(
    st.sampled_from(["/x", "/xy", "é/x", "/", "\n/x", "a/x", "/X", 0, 1.5, None, True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["/x", "a", "é"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(["/x", "/(x|y)", "/(X|x)y", "_x", "x", "/.", "9/x", "(?i)/x"]),
    st.lists(JSON, max_size=4),
    st.booleans(),
)
def test_a_pattern_said_to_be_absent_is_in_no_value_as_text(
    pattern: str,
    values: list[Any],
    spaced: bool,  # noqa: FBT001 - drawn
) -> None:
    absent = parts.absent(conditions.parse(f"matches(to_string(@), '{pattern}')"))
    node = conditions.parse(f"matches(to_string(@), '{pattern}')")
    separators = None if spaced else (",", ":")
    texts = "\n".join(
        json.dumps(each, ensure_ascii=False, separators=separators) for each in values
    )

    assert (absent is None) is (pattern in {"x", "/.", "9/x", "(?i)/x"})
    if absent and "\\" not in texts and absent(texts.encode()):
        assert not any(holds(node, each) for each in values)


def test_a_pattern_without_ends_is_asked_of_all_texts_at_once() -> None:
    absent = parts.absent(conditions.parse("matches(lower(@), 'ransom')"))

    assert absent is not None
    assert absent(b"a\nb")
    assert not absent(b"a\nRANSOM.txt")
