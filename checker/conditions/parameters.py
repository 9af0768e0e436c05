"""Put the values of a rule's parameters where its conditions name them.

A rule names a threshold or a list that users can set with `parameter('min_days')`.
The call is gone once the rule is loaded: a literal stands there, which remembers whose
value it is, so that another value can be put in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checker.conditions import tree

FUNCTION = "parameter"


def calls(node: tree.Node) -> Iterator[tree.Function]:
    """Return each `parameter(…)` that is still a call, in the order of the text."""
    for each in tree.walk(node):
        if isinstance(each, tree.Function) and each.name == FUNCTION:
            yield each


def name(call: tree.Function) -> str | None:
    """Return the parameter that a call names; None where it is no plain text."""
    argument = call.arguments[0]
    if isinstance(argument, tree.Literal) and isinstance(argument.value, str):
        return argument.value
    return None


def settle(node: tree.Node, values: Mapping[str, object]) -> tree.Node:
    """Copy a tree with these values for its parameters; the others stay."""
    match node:
        case tree.Function(function) if function == FUNCTION:
            called = name(node)
            if called is not None and called in values:
                return tree.Literal(values[called], called)
        case tree.Literal(_, parameter) if parameter in values:
            return tree.Literal(values[parameter], parameter)
    below = [settle(child, values) for child in tree.children(node)]
    return tree.with_children(node, below)


def opened(node: tree.Node) -> tree.Node:
    """Copy a tree with a field that can be anything where a parameter's value stands.

    For who asks what a condition can come to, whatever its parameters are set to.
    """
    if isinstance(node, tree.Literal) and node.parameter:
        return tree.Path((f"{FUNCTION}({node.parameter})",))
    return tree.with_children(node, [opened(child) for child in tree.children(node)])
