"""This module takes a condition apart into what must hold, each by itself.

A part that reads few fields can be judged before an event is decoded in full.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from checker.conditions import tree
from checker.conditions.needs import given_items
from checker.conditions.text_functions import pattern_in_any

Names = tuple[str, ...]

_PLAIN = (tree.Selection, tree.And, tree.Or, tree.Not, tree.Comparator, tree.Function)


def parts(node: tree.Node) -> tuple[tree.Node, ...]:
    """Give the nodes that all must hold for the node to hold, and suffice for it."""
    return tuple(_parts(node))


def reads(node: tree.Node) -> frozenset[Names] | None:
    """Give the paths that a node reads of the document, by their names.

    What it reads of a value found there, as a projection does, is not among them.  None
    when it reads the document in other ways: `@`, or `*` of it.
    """
    found: set[Names] = set()
    pending = [node]
    while pending:
        each = pending.pop()
        match each:
            case tree.Path(names):
                found.add(names)
            case tree.Current():
                return None
            case tree.Sub(left) | tree.Pipe(left):
                pending.append(left)
            case (
                tree.ListProjection(base)
                | tree.ValueProjection(base)
                | tree.FilterProjection(base)
            ):
                pending.append(base)
            case tree.ExpRef():
                continue
            case _:
                pending.extend(tree.children(each))
    return frozenset(found)


def about_value(node: tree.Node) -> tree.Node:
    """Turn a node that reads one path (`reads`) into one on the value found there."""
    match node:
        case tree.Path():
            return tree.Current()
        case tree.Selection(_, inner):
            return about_value(inner)
        case tree.And(operands) | tree.Or(operands):
            return type(node)(tuple(map(about_value, operands)))
        case tree.Not(operand):
            return tree.Not(about_value(operand))
        case tree.Comparator(_, left, right):
            return dataclasses.replace(
                node, left=about_value(left), right=about_value(right)
            )
        case tree.Function(_, arguments):
            return dataclasses.replace(
                node, arguments=tuple(map(about_value, arguments))
            )
    # `['a', 'b']` is null on null, but the document that it stood in never was.
    items = given_items(node)
    return node if items is None else tree.Literal(items)


def absent(node: tree.Node) -> Callable[[Iterable[str]], bool] | None:
    """Give a function that tells of many texts that a node holds on none of them.

    There is one for `matches(@, pattern)` and `matches(lower(@), pattern)`, if the
    pattern looks at nothing but the text that it matches (`node` is `about_value`).
    """
    match node:
        case tree.Function("matches", (value, tree.Literal(str(pattern)))):
            occurs = pattern_in_any(pattern)
        case _:
            return None
    match value:
        case tree.Current() if occurs:
            return lambda texts: not occurs(texts)
        case tree.Function("lower", (tree.Current(),)) if occurs:
            return lambda texts: not occurs(map(str.lower, texts))
    return None


def join(nodes: tuple[tree.Node, ...]) -> tree.Node | None:
    """Join parts into one node again; None when there are none."""
    return tree.And(nodes) if len(nodes) > 1 else next(iter(nodes), None)


def _parts(node: tree.Node, *, holding: bool = True) -> Iterator[tree.Node]:
    """Give what must hold for the node to hold, or not to: !(a || b) is !a && !b."""
    match node:
        case tree.Selection(_, inner):
            yield from _parts(inner, holding=holding)
        case tree.Not(operand):
            yield from _parts(operand, holding=not holding)
        case tree.And(operands) if holding:
            for each in operands:
                yield from _parts(each)
        case tree.Or(operands) if not holding:
            for each in operands:
                yield from _parts(each, holding=False)
        case _:
            yield node if holding else tree.Not(node)
