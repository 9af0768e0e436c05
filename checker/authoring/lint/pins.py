"""Determine which events a part of a condition is about.

A condition is followed down to each of its parts with the event sources and names that
must hold for the part to matter: what the operands beside it in an `&&` demand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from checker.conditions import tree

_MOST = 64


@dataclass(frozen=True, slots=True)
class Pin:
    """One alternative: the sources and names that an event must have.

    None says that nothing is demanded; `loose` names the fields that are demanded in
    another way than by their whole value (a prefix, a pattern).
    """

    sources: frozenset[str] | None = None
    names: frozenset[str] | None = None
    loose: frozenset[str] = frozenset()


Pins: TypeAlias = tuple[Pin, ...]
ANYTHING: Pins = (Pin(),)


def pins(node: tree.Node, *, holding: bool = True) -> Pins:
    """Return the alternatives under which a node holds (or does not)."""
    match node:
        case tree.Selection(_, inner):
            return pins(inner, holding=holding)
        case tree.Not(operand):
            return pins(operand, holding=not holding)
        case tree.And(operands) | tree.Or(operands):
            found = [pins(each, holding=holding) for each in operands]
            if isinstance(node, tree.And) is holding:
                joined = ANYTHING
                for each in found:
                    joined = both(joined, each)
                return joined
            merged = tuple(dict.fromkeys(pin for each in found for pin in each))
            return merged if len(merged) <= _MOST else ANYTHING
    return (_pin(node, holding=holding),)


def both(left: Pins, right: Pins) -> Pins:
    """Return the alternatives of two demands together; impossible ones are left out."""
    if right == ANYTHING:
        return left
    if left == ANYTHING:
        return right
    if len(left) * len(right) > _MOST * _MOST:
        return left
    found: dict[Pin, None] = {}
    for one in left:
        for other in right:
            sources = _meet(one.sources, other.sources)
            names = _meet(one.names, other.names)
            if sources != frozenset() and names != frozenset():
                found[Pin(sources, names, one.loose | other.loose)] = None
    return tuple(found) if len(found) <= _MOST else left


def compared(node: tree.Node) -> tuple[tree.Path, list[object]] | None:
    """Return the field and the values of an equality, however written."""
    match node:
        case tree.Comparator("==" | "!=", tree.Path() as path, tree.Literal(value)):
            return path, [value]
        case tree.Comparator("==" | "!=", tree.Literal(value), tree.Path() as path):
            return path, [value]
        case tree.Function("one_of", (tree.Path() as path, listed)):
            values = constants(listed)
        case tree.Function("contains", (listed, tree.Path() as path)):
            values = constants(listed)
        case _:
            return None
    return None if values is None else (path, values)


def constants(node: tree.Node) -> list[object] | None:
    """Return the values of a list of constants: `['a', 'b']`, or JSON in backticks."""
    match node:
        case tree.Literal(list(values)):
            return values
        case tree.MultiSelectList(items):
            literals = [each for each in items if isinstance(each, tree.Literal)]
            if len(literals) == len(items):
                return [each.value for each in literals]
    return None


def _pin(node: tree.Node, *, holding: bool) -> Pin:
    equality = compared(node)
    if equality:
        path, values = equality
        negative = isinstance(node, tree.Comparator) and node.operator == "!="
        chosen = frozenset(each for each in values if isinstance(each, str))
        if holding is not negative and len(chosen) == len(values):
            if path.names == ("eventSource",):
                return Pin(sources=chosen)
            if path.names == ("eventName",):
                return Pin(names=chosen)
        return Pin()
    if holding and isinstance(node, tree.Function | tree.Path):
        return Pin(loose=frozenset(_fields(node)))
    return Pin()


def _fields(node: tree.Node) -> Iterator[str]:
    for each in tree.walk(node):
        if isinstance(each, tree.Path) and each.names[0] in (
            "eventSource",
            "eventName",
        ):
            yield each.names[0]


def _meet(
    left: frozenset[str] | None, right: frozenset[str] | None
) -> frozenset[str] | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right
