"""YAML and JSON that people write: read strictly, with every mistake placed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import documents
from checker.documents import Document, load_json, load_yaml


def said(text: str) -> list[tuple[int, int, str]]:
    document = load_yaml("x.yml", text.encode())
    return [(each.line, each.column, each.message) for each in document.problems]


def value(text: str) -> object:
    document = load_yaml("x.yml", text.encode())
    assert document.problems == ()
    return document.value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("012345670123", "012345670123"),
        ("012345678901", "012345678901"),
        ("112345678901", 112345678901),
        ("0", 0),
        ("-3", -3),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("12:30:45", "12:30:45"),
        ("2026-11-21", "2026-11-21"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("=", "="),
        ("'true'", "true"),
        ('"1"', "1"),
    ],
)
def test_plain_text_means_what_json_would_mean(written: str, read: object) -> None:
    assert value(f"a: {written}") == {"a": read}


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: *x", 1, 4, "begins with '*'"),
        ("a: &x 1", 1, 4, "begins with '&'"),
        ("a: !tag 1", 1, 4, "begins with '!'"),
        ("a: !b", 1, 4, "begins with '!'"),
        ("a: @b", 1, 4, "begins with '@'"),
        ("a: `1` == b", 1, 4, "begins with '`'"),
        ("a: b == 'c: d'", 1, 11, "holds ': '"),
        ("a: 1\na: 2", 2, 1, "stands twice (first on line 1)"),
        ("a: 1\n---\nb: 2", 2, 1, "more than one document"),
        ("<<: {a: 1}", 1, 1, "merge keys"),
        ("a:\n\t- b", 2, 1, "tab"),
        ("? [a, b]\n: c", 1, 3, "a key must be text"),
        ("a: \u202eb", 1, 4, "U+202E"),
        ("a: [1", 1, 4, "begins with '['"),
    ],
)
def test_a_mistake_is_placed_and_says_how_to_mend_it(
    text: str, line: int, column: int, message: str
) -> None:
    found = said(text)

    assert [(each[0], each[1]) for each in found] == [(line, column)]
    assert message in found[0][2]


def test_all_mistakes_of_a_file_are_listed() -> None:
    assert len(said("a: &x 1\nb: *x\na: !t 2\n")) == 4


def test_an_alias_bomb_costs_no_more_than_its_size() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 9)}]")
    begun = time.process_time()

    found = said("\n".join(lines))

    assert len(found) == 9 + 72
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_ten_thousand_levels_are_refused_and_not_walked(opening: str) -> None:
    found = said(opening * 10_000)

    assert found
    assert "nested deeper than" in found[-1][2] or "YAML" in found[-1][2]


def test_a_file_over_the_limit_is_refused() -> None:
    text = "a: " + "x" * documents.MAX_BYTES

    assert "too large" in said(text)[0][2]


def tag(name: str) -> str | None:
    return {"Ref": "Ref", "Sub": "Fn::Sub", "Join": "Fn::Join"}.get(name)


def test_a_tag_that_is_asked_for_becomes_a_map_of_one_key() -> None:
    text = (
        b"a: !Ref b\nc: !Join ['-', [!Ref d, !Sub '${e}', 3]]\n"
        b"f: !Sub\n  - g\n  - {h: 1}"
    )

    document = load_yaml("x.yml", text, tags=tag)

    assert document.problems == ()
    assert document.value == {
        "a": {"Ref": "b"},
        "c": {"Fn::Join": ["-", [{"Ref": "d"}, {"Fn::Sub": "${e}"}, 3]]},
        "f": {"Fn::Sub": ["g", {"h": 1}]},
    }
    assert document.position(("a",)) == (1, 4)
    assert document.position(("c", "Fn::Join", 1, 0, "Ref")) == (2, 17)
    assert document.position(("f", "Fn::Sub", 1, "h")) == (5, 9)


@pytest.mark.parametrize(
    "text", ["!Ref a: 1", "a: !Other b", "a: !!binary b", "a: !<x> b"]
)
def test_other_tags_stay_mistakes_when_some_are_asked_for(text: str) -> None:
    (problem,) = load_yaml("x.yml", text.encode(), tags=tag).problems

    assert "a tag to YAML" in problem.message


def test_a_tagged_root_is_a_map_as_well() -> None:
    assert load_yaml("x.yml", b"!Ref a", tags=tag).value == {"Ref": "a"}


def test_the_limit_can_be_raised() -> None:
    data = b"a: " + b"x" * documents.MAX_BYTES

    assert load_yaml("x.yml", data).problems
    assert not load_yaml("x.yml", data, limit=2 * documents.MAX_BYTES).problems


def test_bytes_that_are_not_utf8_are_placed() -> None:
    document = load_yaml("x.yml", b"a: 1\nb: \xff")

    assert (document.problems[0].line, document.problems[0].column) == (2, 4)
    assert "UTF-8" in document.problems[0].message


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_problem(data: bytes) -> None:
    document = load_yaml("x.yml", data)

    assert isinstance(document, Document)
    assert document.value is None or not isinstance(document.value, bytes)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text("abc d"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_json_reads_the_same_as_yaml_and_as_json(written: object) -> None:
    import json

    text = json.dumps(written)

    assert load_yaml("x.yml", text.encode()).value == written
    assert load_json("x.json", text).value == written


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("a: xyz", 2, (1, 6)),
        ("a: 'x''yz'", 2, (1, 8)),
        ("a: |\n  xyz\n  uvw", 5, (3, 4)),
        ("a: |-\n\n  xyz", 2, (3, 4)),
        ('a: "x\\ty"', 2, (1, 4)),
        ("a: >\n  xyz\n  uvw", 5, (1, 4)),
    ],
)
def test_a_character_of_a_text_is_found_in_the_file(
    text: str, offset: int, place: tuple[int, int]
) -> None:
    document = load_yaml("x.yml", text.encode())

    assert document.offset_position(("a",), offset) == place


@pytest.mark.parametrize("text", ["{", "NaN", '{"a": Infinity}', "[" * 100_000])
def test_what_is_not_json_is_said(text: str) -> None:
    assert "not JSON" in load_json("x.json", text).problems[0].message


@pytest.mark.parametrize(
    "tail", ["a", "a.", "-", '"', "a:", "a: ", "- ", " ", "\ta", "a\n  "]
)
def test_a_line_with_a_mistake_takes_time_linear_in_its_length(tail: str) -> None:
    def seconds(size: int) -> float:
        text = ('x: "a" ' + tail * size)[:size].encode()
        start = time.process_time()
        documents.load_yaml("x.yml", text)
        return time.process_time() - start

    seconds(1_000)
    # The square of this took minutes.
    assert seconds(250_000) < 3
