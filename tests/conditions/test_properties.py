"""Conditions against the jmespath library, on whatever is drawn."""

from __future__ import annotations

import warnings
from typing import Any

import jmespath
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from checker.conditions import (
    closure,
    explain,
    field_map,
    holds,
    lower,
    parse,
    paths,
    required,
    show,
    tree,
)
from checker.errors import ConditionError
from tests.conditions import grammar

drawn = settings(suppress_health_check=list(HealthCheck))


def library(text: str, document: object) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return jmespath.search(text, document)


def parsed(text: str) -> tree.Node:
    """The tree; another text is drawn where the library, too, refuses this one."""
    try:
        return parse(text)
    except ConditionError as error:
        if "as large as the event" in str(error):
            reject()  # what grows too much is no condition here
        try:
            library(text, None)
        except jmespath.exceptions.ParseError:
            reject()
        except (ValueError, TypeError):
            pass
        raise


@drawn
@given(
    st.sampled_from(["@", "a", "a.b", "`null`", "[a, b]"]),
    grammar.expressions,
    st.sampled_from(["", ".a", ".b.c"]),
    st.lists(grammar.documents, min_size=1, max_size=5),
)
def test_a_value_is_chosen_by_a_condition_as_in_the_library(
    base: str, condition: str, right: str, documents: list[Any]
) -> None:
    text = f"[{base}][?{condition}]{right} | [0]"
    node = parsed(text)
    for document in [*documents, None]:
        try:
            expected = library(text, document)
        except TypeError:
            continue
        assert grammar.same(closure(node)(document), expected)


@drawn
@given(grammar.expressions, st.lists(grammar.documents, min_size=1, max_size=5))
def test_without_functions_every_value_is_the_librarys(
    text: str, documents: list[Any]
) -> None:
    node = parsed(text)
    run = closure(node)
    for document in documents:
        try:
            expected = library(text, document)
        except TypeError:
            # The library compares a number with a string and falls over.
            run(document)
            continue
        assert grammar.same(run(document), expected)


@drawn
@given(grammar.calling, st.lists(grammar.documents, min_size=1, max_size=5))
def test_with_functions_too_where_the_library_has_an_answer(
    text: str, documents: list[Any]
) -> None:
    node = parsed(text)
    for document in documents:
        actual = closure(node)(document)
        try:
            expected = library(text, document)
        except (ValueError, TypeError, OverflowError):
            continue
        if "merge" not in text:
            assert grammar.same(actual, expected)


@drawn
@given(grammar.calling)
def test_a_tree_shows_as_text_that_parses_to_it(text: str) -> None:
    node = parsed(text)
    assert parse(show(node)) == node


@drawn
@given(grammar.calling, grammar.documents)
def test_an_explanation_tells_the_value_that_decides(text: str, document: Any) -> None:
    node = parsed(text)
    explanation = explain(node, document)
    assert grammar.same(explanation.value, closure(node)(document))
    assert explanation.holds is holds(explanation.value)


@drawn
@given(grammar.calling)
def test_every_path_that_is_read_is_itself_a_condition(text: str) -> None:
    node = parsed(text)
    for path in paths(node):
        try:
            parse(path)
        except ConditionError as error:
            # A path through a literal holds the literal once more.
            if "times as large" not in error.message:
                raise


@drawn
@given(grammar.calling)
def test_every_name_stands_where_its_node_says(text: str) -> None:
    for node in tree.walk(parsed(text)):
        match node:
            case tree.Path(names, offset):
                assert text[offset:].startswith((names[0], f'"{names[0]}"'))
            case tree.Function(name, _, offset):
                assert text[offset:].startswith(f"{name}(")


wanted = st.sampled_from(["'x'", "'y'", "`1`", "`true`", "`null`", "`0`"])
fields = st.sampled_from(["a", "b", "c.d"])
lists = st.sampled_from(['["x","y"]', '["y","z"]', '["x",null]', "[1,true]", '["x"]'])
comparisons = st.one_of(
    st.tuples(fields, st.sampled_from(["==", "!="]), wanted).map(" ".join),
    st.tuples(wanted, st.sampled_from(["==", "!="]), fields).map(" ".join),
    st.tuples(fields, lists).map(lambda t: f"one_of({t[0]}, `{t[1]}`)"),
    st.tuples(fields, lists).map(lambda t: f"contains(`{t[1]}`, {t[0]})"),
    st.tuples(fields, wanted).map(lambda t: f"contains({t[0]}, {t[1]})"),
    fields,
    st.sampled_from(["one", "two"]),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(
            lambda t: f"({' '.join(t)})"
        ),
        inner.map(lambda text: f"!({text})"),
    ),
    max_leaves=8,
)
field_values = st.sampled_from(["x", "y", "z", 1, True, 0, False, None, 1.0, ["x"]])
events = st.fixed_dictionaries(
    {},
    optional={
        "a": field_values,
        "b": field_values,
        "c": st.fixed_dictionaries({}, optional={"d": field_values}) | field_values,
    },
)
SELECTIONS = {
    "one": field_map({"a": ["x", "y"], "c.d": "x"}),
    "two": parse("b == 'y' || a == 'x' && b == 'z'"),
}


@drawn
@given(conditions, st.lists(events, min_size=10, max_size=30))
def test_what_holds_fulfils_what_is_required(text: str, documents: list[Any]) -> None:
    node = lower(parse(text), SELECTIONS)
    needs = required(node)
    run = closure(node)
    for document in documents:
        if holds(run(document)):
            for path, values in needs.items():
                assert closure(tree.Path(path))(document) in values
