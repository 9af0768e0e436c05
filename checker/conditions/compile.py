"""Turn a tree into closures: one per node, nothing interpreted later.

The answers are those of the `jmespath` library on plain JSON values, but that a
function on a wrong type gives null, and so does an ordering of a number and a string.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from checker.conditions import access, tree
from checker.conditions.access import Build, Closure, holds
from checker.conditions.functions import STANDARD
from checker.conditions.needs import given_items
from checker.conditions.signature import Function
from checker.conditions.unknown import Unknown, refuse, spread

ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def closure(
    node: tree.Node, functions: Mapping[str, Function] = STANDARD
) -> Callable[[Any], Any]:
    """The function from a document (decoded JSON) to the value of the tree there.

    Raises `UnknownValue`, when called, for an unknown value that it needs.
    """

    def build(child: tree.Node) -> Closure:
        if isinstance(child, tree.Function):
            return _function(child, functions[child.name], build)
        if isinstance(child, tree.And | tree.Or):
            natural = all(_is_natural(each, functions) for each in child.operands)
            return _chain(child, build, natural=natural)
        return _BUILDERS[type(child)](child, build)

    return build(node)


def _is_natural(node: tree.Node, functions: Mapping[str, Function]) -> bool:
    """Is Python's truth of the node's values JMESPath's?  Only 0 sets them apart."""
    match node:
        case tree.Comparator() | tree.Not() | tree.MultiSelectList():
            return True
        case tree.ListProjection() | tree.ValueProjection() | tree.FilterProjection():
            return True
        case tree.And(operands) | tree.Or(operands):
            return all(_is_natural(each, functions) for each in operands)
        case tree.Selection(_, inner):
            return _is_natural(inner, functions)
        case tree.Function(name):
            returns = functions[name].returns
            return bool(returns) and "number" not in returns
    return False


def _chain(node: tree.And | tree.Or, build: Build, *, natural: bool) -> Closure:
    """`&&` or `||` over all operands."""
    operands = tuple(build(each) for each in node.operands)
    if natural:
        return _natural_chain(operands, isinstance(node, tree.And))
    *first, last = operands
    stop = isinstance(node, tree.Or)

    def chain(value: Any) -> Any:
        for each in first:
            found = each(value)
            if holds(found) is stop:
                return found
        return last(value)

    return chain


def _natural_chain(operands: tuple[Closure, ...], conjunction: bool) -> Closure:  # noqa: FBT001 - both kinds, one chain
    if len(operands) == 1:
        return operands[0]
    if len(operands) == 2:
        a, b = operands
        if conjunction:
            return lambda value: a(value) and b(value)
        return lambda value: a(value) or b(value)
    if len(operands) == 3:
        a, b, c = operands
        if conjunction:
            return lambda value: a(value) and b(value) and c(value)
        return lambda value: a(value) or b(value) or c(value)
    middle = max(3, len(operands) // 2)
    left = _natural_chain(operands[:middle], conjunction)
    right = _natural_chain(operands[middle:], conjunction)
    return _natural_chain((left, right), conjunction)


def _not(node: tree.Not, build: Build) -> Closure:
    operand = build(node.operand)
    return lambda value: not holds(operand(value))


def _selection(node: tree.Selection, build: Build) -> Closure:
    return build(node.node)


def _comparator(node: tree.Comparator, build: Build) -> Closure:
    if node.operator in ORDERINGS:
        return _ordering(node, build)
    equal = _equality(node.left, node.right, build)
    if node.operator == "==":
        return equal
    return lambda value: not equal(value)


def _equality(left: tree.Node, right: tree.Node, build: Build) -> Closure:
    if isinstance(left, tree.Literal):
        left, right = right, left
    read = build(left)
    if isinstance(right, tree.Literal):
        return _equals_literal(left, read, right.value)
    other = build(right)

    def equal(value: Any) -> bool:
        first, second = read(value), other(value)
        if first is None or second is None:
            one = second if first is None else first
            return one == None if one.__class__ is Unknown else first is second  # noqa: E711 - Unknown compares
        same = (first.__class__ is bool) is (second.__class__ is bool)
        return first == second and same

    return equal


def _equals_literal(left: tree.Node, read: Closure, wanted: Any) -> Closure:
    """Equality with a constant: most of what rules ask."""
    if type(wanted) is str:
        if isinstance(left, tree.Path) and len(left.names) == 1:
            return _field_is_text(left.names[0], wanted)
        return lambda value: read(value) == wanted
    if wanted is None or type(wanted) is bool:

        def same(value: Any) -> bool:
            found = read(value)
            return found == wanted if found.__class__ is Unknown else found is wanted

        return same
    if type(wanted) is int or type(wanted) is float:

        def equal(value: Any) -> bool:
            found = read(value)
            return found == wanted and found.__class__ is not bool

        return equal
    return lambda value: read(value) == wanted


def _field_is_text(name: str, wanted: str) -> Closure:
    def equal(value: Any) -> bool:
        if value.__class__ is dict:
            return value.get(name) == wanted
        refuse(value)
        return False

    return equal


def _ordering(node: tree.Comparator, build: Build) -> Closure:
    """`<` and kin: numbers with numbers and, as the library has it, text with text."""
    left, right = build(node.left), build(node.right)
    compare = ORDERINGS[node.operator]

    def order(value: Any) -> Any:
        first, second = left(value), right(value)
        kind, other = first.__class__, second.__class__
        if (kind is int or kind is float) and (other is int or other is float):
            return compare(first, second)
        if kind is str and other is str:
            return compare(first, second)
        return _unsure_order(compare, first, second)

    return order


def _unsure_order(
    compare: Callable[[Any, Any], bool], first: Any, second: Any
) -> bool | Unknown | None:
    """Compare what may be one of several values; null for what has no order."""
    if first.__class__ is Unknown or second.__class__ is Unknown:

        def with_first(one: Any) -> Any:
            return spread(second, lambda two: _unsure_order(compare, one, two))

        found: bool | Unknown | None = spread(first, with_first)
        return found
    numbers = all(type(one) in (int, float) for one in (first, second))
    texts = all(type(one) is str for one in (first, second))
    return compare(first, second) if numbers or texts else None


def _function(node: tree.Function, function: Function, build: Build) -> Closure:
    if function.opens:
        return _opened(node, function, function.opens)
    for position, bind in function.bind.items():
        given, other = node.arguments[position], node.arguments[1 - position]
        bound = bind(given.value) if isinstance(given, tree.Literal) else None
        if bound is None and isinstance(other, tree.Path | tree.Current):
            # `['a', 'b']` is null where the current value is, and so is a path then.
            items = given_items(given)
            bound = None if items is None else bind(items)
            bound = bound if bound and bound(None) is None else None
        if bound:
            return _applied(bound, build(other))
    arguments = [_argument(each, build) for each in node.arguments]
    call = function.call
    if len(arguments) == 1:
        return _applied(call, arguments[0])

    def apply(value: Any) -> Any:
        return call(*[each(value) for each in arguments])

    return apply


def _opened(
    node: tree.Function,
    function: Function,
    opens: Callable[[Any], Callable[[list[Any]], bool]],
) -> Closure:
    """A test of all values of a field, also through arrays."""
    read, *others = [
        access.opened(each)
        for each in node.arguments
        if not isinstance(each, tree.Literal)
    ]
    if others:
        (other,) = others
        return lambda value: function.call(read(value), other(value))
    given = [each for each in node.arguments if isinstance(each, tree.Literal)]
    test = opens(given[0].value if given else None)
    return lambda value: test(read(value))


def _applied(call: Closure, argument: Closure) -> Closure:
    return lambda value: call(argument(value))


def _argument(node: tree.Node, build: Build) -> Closure:
    if isinstance(node, tree.ExpRef):
        expression = build(node.expression)
        return lambda _: expression
    return build(node)


_BUILDERS: dict[type[tree.Node], Callable[[Any, Build], Closure]] = {
    tree.Comparator: _comparator,
    tree.Current: access.current,
    tree.FilterProjection: access.filter_projection,
    tree.Flatten: access.flatten,
    tree.Index: access.index,
    tree.ListProjection: access.list_projection,
    tree.Literal: access.literal,
    tree.MultiSelectDict: access.multi_select_dict,
    tree.MultiSelectList: access.multi_select_list,
    tree.Not: _not,
    tree.Path: access.path,
    tree.Pipe: access.pipe,
    tree.Selection: _selection,
    tree.Slice: access.slice_,
    tree.Sub: access.chain,
    tree.ValueProjection: access.value_projection,
}
