"""The solver calls nothing impossible that is possible."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.authoring.lint.solver import Solver

VALUES = [None, "", "a", "ab", "b", True, False, 0, 1, 2, 5, [], {}, ["a"], {"k": 1}]
ATOMS = [
    "x",
    "y",
    "x == 'a'",
    "x != 'a'",
    "'a' == x",
    "x == 'b'",
    "x != 'b'",
    "x == `true`",
    "x == `1`",
    "x == `[]`",
    "x == `null`",
    "x < `2`",
    "x >= `2`",
    "x > `1`",
    "one_of(x, ['a', 'b'])",
    "one_of(x, ['b'])",
    "contains(['a', 'ab'], x)",
    "starts_with(x, 'a')",
    "contains(x, 'b')",
    "lower(x) == 'a'",
    "length(x) == `2`",
    "x.k == `1`",
    "x == y",
    "y == 'a'",
    "y != `null`",
]


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda each: f"({each[0]} && {each[1]})"),
        pair.map(lambda each: f"({each[0]} || {each[1]})"),
        inner.map(lambda each: f"!({each})"),
    )


CONDITIONS = st.recursive(st.sampled_from(ATOMS), combined, max_leaves=8)


@given(CONDITIONS)
def test_what_holds_for_some_document_is_never_called_impossible(text: str) -> None:
    node = conditions.parse(text)
    run = conditions.closure(node)
    held = any(
        conditions.holds(run({"x": x, "y": y}))
        for x, y in itertools.product(VALUES, VALUES)
    )

    assert Solver().possible(node) or not held


@pytest.mark.parametrize(
    "text",
    [
        "x == 'a' && x == 'b'",
        "x == 'a' && x != 'a'",
        "x && !x",
        "!x && x == 'a'",
        "!(x != 'a' || x == 'a')",
        "x == 'a' && starts_with(x, 'b')",
        "!x && starts_with(x, 'b')",
        "one_of(x, ['a', 'b']) && x != 'a' && x != 'b'",
        "one_of(x, ['a', 'b']) && one_of(x, ['c'])",
        "x < `2` && x > `5`",
        "x == 'a' && (x == 'b' || x == 'c')",
        "(x == 'a' || y == 'a') && x == 'b' && y == 'b'",
        "`false` && x",
        "x == `1` && x == 'a'",
    ],
)
def test_plain_contradictions_are_seen(text: str) -> None:
    assert not Solver().possible(conditions.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "x == 'a' && y == 'b'",
        "x != 'a' && x != 'b'",
        "x < `2` && x > `1`",
        "starts_with(x, 'a') && !starts_with(x, 'ab')",
        "x && x.k && !(x.l)",
        "x != `true` && x != `false`",
    ],
)
def test_what_can_hold_is_possible(text: str) -> None:
    assert Solver().possible(conditions.parse(text))
