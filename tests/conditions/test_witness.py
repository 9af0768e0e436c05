"""Witnesses: whatever a condition holds on has one of them in its JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checker import conditions
from checker.conditions.witness import hidden, witnesses


def of(text: str) -> tuple[bytes, ...]:
    return witnesses(conditions.parse(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b == 'Root'", (b'"Root"',)),
        ("'Root' == a", (b'"Root"',)),
        ("one_of(a, ['Root', 'User'])", (b'"Root"', b'"User"')),
        (
            "ends_with(a, '/CognitoIdentityCredentials')",
            (b"CognitoIdentityCredentials",),
        ),
        ("a == 'x' && contains(b, 'Terraform')", (b"Terraform",)),
        ("a == 'Root' || b == 'User'", (b'"Root"', b'"User"')),
        ("a == 'Root' || b", ()),
        ("contains(a, 'kali') || contains(a, '-kali')", (b"kali",)),
        ("a != 'Root'", ()),
        ("!(a == 'Root')", ()),
        ("a == `1`", ()),
        ("a == 'a/b'", ()),
        ("contains(a, 'x&y')", ()),
        ("lower(a) == 'root'", ()),
        ("contains(a, b)", ()),
        ("a[0] == 'Root'", ()),
    ],
)
def test_only_what_must_stand_there_is_a_witness(
    text: str, found: tuple[bytes, ...]
) -> None:
    assert of(text) == found


values = st.sampled_from(
    ["Root", "Rooted", "abcdef", "x", "é", "a/b", None, 1, ["Root"]]
)
documents = st.dictionaries(st.sampled_from("ab"), values)
leaves = st.builds(
    "{} == '{}'".format, st.sampled_from("ab"), st.sampled_from(["Root", "é", "a/b"])
) | st.builds(
    "{}({}, '{}')".format,
    st.sampled_from(["contains", "starts_with", "ends_with"]),
    st.sampled_from("ab"),
    st.sampled_from(["Root", "cdef", "a/b"]),
)
texts = st.recursive(
    leaves,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=5,
)


@given(texts, documents, st.booleans())
def test_a_document_that_matches_has_a_witness(
    text: str,
    document: dict[str, Any],
    ascii_only: bool,  # noqa: FBT001 - drawn
) -> None:
    found = of(text)
    assume(found)

    if conditions.holds(conditions.compile(text)(document)):
        written = json.dumps(document, ensure_ascii=ascii_only).encode()
        assert any(witness in written for witness in found)


@given(st.sampled_from("Root_.:-09azAZ"))
def test_an_escaped_letter_is_seen(letter: str) -> None:
    assert hidden(f'{{"a": "\\u{ord(letter):04x}"}}'.encode())
    assert hidden(f'{{"a": "\\u{ord(letter):04X}"}}'.encode())


def test_what_writers_do_escape_hides_nothing() -> None:
    assert not hidden(rb'{"a": "\u003c\u003e\u0026\u003d\u0027 \u00e9"}')
