"""List the small changes of a condition: what its mutants are made from.

Each variant is one typing error or one forgotten thing: a clause dropped, `&&` for
`||`, another comparison, a `!` left out, another literal, a list with an entry missing,
another function on text.  The walk stops at selections: they are mutated on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import structs

from checker.authoring.mutants import pattern_variants
from checker.conditions import Function, show, tree

OTHER = "-other"
"""What is put after a text to make it another one."""

_OPERATORS: Mapping[tree.Operator, tuple[tree.Operator, ...]] = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
}
_TEXT_TESTS = ("starts_with", "ends_with", "contains")
_OTHER_NETWORK = "198.18.7.0/24"
_NETWORK = re.compile(r"[0-9A-Fa-f:.]+/[0-9]{1,3}")


class Variant(msgspec.Struct, frozen=True):
    """A changed tree, and what was changed in words that stay the same over time."""

    node: tree.Node
    change: str


def variants(node: tree.Node, functions: Mapping[str, Function]) -> tuple[Variant, ...]:
    """List the variants of a tree, each once, those that change nothing left out."""
    found: dict[tree.Node, Variant] = {}
    for each in _variants(node, functions):
        if each.node != node:
            found.setdefault(each.node, each)
    return tuple(found.values())


def _variants(node: tree.Node, functions: Mapping[str, Function]) -> Iterator[Variant]:
    yield from _own(node, functions)
    if isinstance(node, tree.Selection):
        return
    for position, child in enumerate(tree.children(node)):
        for each in _variants(child, functions):
            yield Variant(_with_child(node, position, each.node), each.change)


def _own(node: tree.Node, functions: Mapping[str, Function]) -> Iterator[Variant]:
    """List the changes of this very node."""
    match node:
        case tree.And() | tree.Or():
            yield from _chain(node)
        case tree.Not(operand):
            yield _changed(node, operand)
        case tree.Comparator(operator, left, right):
            for other in _OPERATORS[operator]:
                yield _changed(node, tree.Comparator(other, left, right))
        case tree.Function():
            yield from _function(node, functions)
        case tree.FilterProjection(base, _, right):
            # The projection that keeps every element, as `[*]` does.
            yield _changed(node, tree.ListProjection(base, right))
        case tree.MultiSelectList(items) if len(items) > 1:
            for position, item in enumerate(items):
                rest = (*items[:position], *items[position + 1 :])
                change = f"{show(node)} without {show(item)}"
                yield Variant(tree.MultiSelectList(rest), change)
    if not isinstance(node, tree.Function):
        yield from _literals(node)


def _chain(node: tree.And | tree.Or) -> Iterator[Variant]:
    operands = node.operands
    for position, clause in enumerate(operands):
        rest = (*operands[:position], *operands[position + 1 :])
        yield Variant(
            rest[0] if len(rest) == 1 else structs.replace(node, operands=rest),
            f"{show(clause)} dropped",
        )
    other = tree.Or if isinstance(node, tree.And) else tree.And
    yield _changed(node, other(operands))


def _function(
    node: tree.Function, functions: Mapping[str, Function]
) -> Iterator[Variant]:
    name, arguments = node.name, node.arguments
    if name in _TEXT_TESTS and not isinstance(arguments[0], tree.Literal):
        for other in _TEXT_TESTS:
            if other != name:
                yield _changed(node, tree.Function(other, arguments))
        yield _changed(node, tree.Comparator("==", *arguments))
    if name == "lower":
        yield _changed(node, arguments[0])
    check = functions[name].check if name in functions else {}
    for position, argument in enumerate(arguments):
        if not isinstance(argument, tree.Literal):
            continue
        for change, value in _argument(name, argument.value):
            if position in check and check[position](value):
                continue
            plain = _with_child(node, position, tree.Literal(value))
            changed = _with_child(node, position, _other(argument, value))
            yield Variant(changed, change or f"{show(node)} -> {show(plain)}")


def _argument(function: str, value: object) -> Iterator[tuple[str, object]]:
    """List other literals for an argument, each with what was changed if not plain."""
    if function == "matches" and isinstance(value, str):
        yield "", value + OTHER
        for part, pattern in pattern_variants.without_parts(value):
            yield f"{show(tree.Literal(value))} without {part}", pattern
    elif function == "cidr_contains" and isinstance(value, str):
        yield "", _OTHER_NETWORK
    else:
        yield from _other_values(value)


def _literals(node: tree.Node) -> Iterator[Variant]:
    """List the changes of the literals that stand directly below a node."""
    for position, child in enumerate(tree.children(node)):
        if not isinstance(child, tree.Literal):
            continue
        for change, value in _other_values(child.value):
            bare = tree.Literal(value)
            if isinstance(node, tree.Comparator):
                told = _with_child(node, position, bare)
                plain = f"{show(node)} -> {show(told)}"
            else:
                plain = f"{show(child)} -> {show(bare)}"
            changed = _with_child(node, position, _other(child, value))
            yield Variant(changed, change or plain)


def _other(literal: tree.Literal, value: object) -> tree.Literal:
    """Change a literal; one that a parameter sets goes on to be set by it.

    A case that sets the parameter undoes the change, so that only cases with the
    default kill it: those that stand at its edge.
    """
    return structs.replace(literal, value=value)


def _other_values(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, bool):
        yield "", not value
    elif isinstance(value, int | float):
        yield "", value + 1
        yield "", value - 1
    elif isinstance(value, str):
        yield "", value + OTHER
        # A network is the same in capitals.
        if value.swapcase() != value and not _NETWORK.fullmatch(value):
            yield "", value.swapcase()
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            rest = [*value[:position], *value[position + 1 :]]
            text = f"{show(tree.Literal(value))} without {show(tree.Literal(entry))}"
            yield text, rest


def _changed(before: tree.Node, after: tree.Node) -> Variant:
    return Variant(after, f"{show(before)} -> {show(after)}")


def _with_child(node: tree.Node, position: int, child: tree.Node) -> tree.Node:
    children = [*tree.children(node)]
    children[position] = child
    return tree.with_children(node, children)
