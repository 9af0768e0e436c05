"""The nodes of a condition: what makes two of them equal, and what copies keep."""

from __future__ import annotations

import pickle

import pytest
from msgspec import structs

from checker.conditions import tree

FIELD = tree.Path(("eventName",), 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FIELD, tree.Path(("eventName",), 7)),
        (tree.Function("lower", (FIELD,)), tree.Function("lower", (FIELD,), 9)),
        (tree.Selection("call", FIELD), tree.Selection("call", FIELD, 9)),
        (tree.Literal([1]), tree.Literal([1], "limit")),
    ],
)
def test_where_a_node_stands_takes_no_part_in_equality(
    one: tree.Node, other: tree.Node
) -> None:
    assert one == other
    assert hash(one) == hash(other)
    assert tree.Not(one) == tree.Not(other)
    assert len({one, other}) == 1


def test_nodes_of_different_classes_or_fields_differ() -> None:
    nodes = {
        FIELD,
        tree.Path(("eventSource",), 3),
        tree.Not(FIELD),
        tree.ExpRef(FIELD),
        tree.Selection("call", FIELD),
        tree.Selection("other", FIELD),
        tree.Selection("call", tree.Current()),
        tree.Function("call", (FIELD,)),
        tree.Function("call", ()),
        tree.Literal("eventName"),
    }
    assert len(nodes) == 10


def test_literals_that_python_takes_for_equal_differ() -> None:
    literals = {tree.Literal(1), tree.Literal(1.0), tree.Literal(True)}  # noqa: FBT003 - a JSON value
    assert {each.text for each in literals} == {"1", "1.0", "true"}


def test_a_literal_with_another_value_has_its_text() -> None:
    changed = structs.replace(tree.Literal("a", "limit"), value=["b"])
    assert changed == tree.Literal(["b"])
    assert (changed.text, changed.parameter) == ('["b"]', "limit")


def test_a_node_travels_to_another_process_whole() -> None:
    node = tree.And((tree.Comparator("==", FIELD, tree.Literal({"a": [None]})),))
    copy = pickle.loads(pickle.dumps(node))
    assert copy == node
    assert [structs.asdict(each) for each in tree.walk(copy)] == [
        structs.asdict(each) for each in tree.walk(node)
    ]
