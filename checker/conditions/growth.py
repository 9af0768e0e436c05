"""Bound how much larger than an event the values of a condition can become.

A few hundred characters can double a value at each step (`join('', [@, @]) | …`): sixty
steps make more than any machine holds.  What a condition can build is bounded from its
tree, before it meets an event.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from checker.conditions import tree
from checker.conditions.signature import BOOLEAN, NUMBER, Function
from checker.errors import ConditionError

MOST: Final = 100
"""How many times as large as the event a value may become."""

MOST_OWN: Final = 16 << 20
"""How many characters a value may have that come from the condition itself."""

_ESCAPED: Final = 6
"""How many characters `to_string` makes of one at most: `\\u00e9`."""


class _Size(msgspec.Struct, frozen=True):
    """A bound of a value's size: so many `times` that of the input, and some `more`.

    The size is that of the value as JSON, written out: what two parts share counts for
    each of them.
    """

    times: float
    more: float

    def within(self, outer: _Size) -> _Size:
        """Return the size where the input itself is of the size `outer`."""
        return _Size(self.times * outer.times, self.times * outer.more + self.more)

    def each(self, outer: _Size) -> _Size:
        """Return the size of the results for all elements of an array or object."""
        # It has no more elements than it is long.
        factor = self.times + self.more
        return _Size(factor * outer.times, factor * outer.more)

    def __add__(self, other: _Size) -> _Size:
        return _Size(self.times + other.times, self.more + other.more)

    def __or__(self, other: _Size) -> _Size:
        return _Size(max(self.times, other.times), max(self.more, other.more))


class _Bound(msgspec.Struct, frozen=True):
    """The size of a node's value, and of the largest value on the way to it."""

    value: _Size
    largest: _Size

    @classmethod
    def of(cls, value: _Size, *below: _Size) -> _Bound:
        return cls(value, functools.reduce(operator.or_, below, value))


_ALL = _Size(1, 0)
_ONE = _Size(0, 1)
_WITH_BASE = (
    tree.Index,
    tree.Slice,
    tree.Flatten,
    tree.ListProjection,
    tree.ValueProjection,
    tree.FilterProjection,
)


def check_growth(node: tree.Node, functions: Mapping[str, Function]) -> None:
    """Raise `ConditionError` for a condition whose values can become too large."""
    largest = _bound(node, functions).largest
    if largest.times > MOST or largest.more > MOST_OWN:
        raise ConditionError(
            f"its values can become more than {MOST} times as large as the event: "
            "build less from copies of one value"
        )


def _bound(node: tree.Node, functions: Mapping[str, Function]) -> _Bound:
    below = [_bound(each, functions) for each in tree.children(node)]
    largest = [each.largest for each in below]
    values = [each.value for each in below]
    match node:
        case tree.Current() | tree.Path():
            return _Bound.of(_ALL)
        case tree.Literal():
            return _Bound.of(_Size(0, len(node.text)))
        case tree.Sub() | tree.Pipe():
            left, right = below
            inner = right.largest.within(left.value)
            return _Bound.of(right.value.within(left.value), left.largest, inner)
        case tree.Not() | tree.Comparator():
            return _Bound.of(_ONE, *largest)
        case tree.ListProjection() | tree.ValueProjection() | tree.FilterProjection():
            base, *others = below
            inside = [each.largest.within(base.value) for each in others]
            value = others[-1].value.each(base.value)
            return _Bound.of(value, base.largest, *inside)
        case tree.MultiSelectList() | tree.MultiSelectDict():
            return _Bound.of(_together(tree.children(node), values), *largest)
        case tree.Function():
            return _function(node, below, functions[node.name])
    # One of what is below, or a part of it.
    return _Bound.of(functools.reduce(operator.or_, values), *largest)


def _together(nodes: Sequence[tree.Node], values: Sequence[_Size]) -> _Size:
    """Return the size of several values, which may be parts of one.

    Fields of different names have no part in common: together they are as large as
    what they are fields of.
    """
    apart: list[tuple[str, ...]] = []
    shared, total = _Size(0, 0), _ONE
    for node, value in zip(nodes, values, strict=True):
        names = _field(node)
        if names and not any(_overlap(names, other) for other in apart):
            apart.append(names)
            total += _Size(0, value.more)
            shared |= _Size(value.times, 0)
        else:
            total += value
    return total + shared


def _overlap(names: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(one == two for one, two in zip(names, other, strict=False))


def _field(node: tree.Node) -> tuple[str, ...]:
    """Return the path of the field that a node reads all that it gives from."""
    while not isinstance(node, tree.Path):
        if isinstance(node, tree.Sub | tree.Pipe):
            node = node.left
        elif isinstance(node, _WITH_BASE):
            node = node.base
        else:
            return ()
    return node.names


def _function(node: tree.Function, below: list[_Bound], function: Function) -> _Bound:
    pairs = list(zip(node.arguments, below, strict=True))
    arguments = [each for each, _ in pairs if not _is_expression(each)]
    given = [each for argument, each in pairs if not _is_expression(argument)]
    applied = [each for argument, each in pairs if _is_expression(argument)]
    values = [each.value for each in given]
    whole = _together(arguments, values)
    largest = [each.largest for each in given]
    # An expression meets one element at a time.
    largest += [each.largest.within(whole) for each in applied]
    if function.returns and function.returns <= BOOLEAN | NUMBER:
        return _Bound.of(_ONE, *largest)
    if node.name == "not_null":
        whole = functools.reduce(operator.or_, values)
    elif node.name == "map":
        whole = applied[0].value.each(whole)
    elif node.name == "join":
        whole = _Size(1 + _length(node.arguments[0]), 0).within(whole)
    elif node.name == "to_string":
        whole = _Size(_ESCAPED, 0).within(whole)
    return _Bound.of(whole, *largest)


def _is_expression(node: tree.Node) -> bool:
    return isinstance(node, tree.ExpRef)


def _length(separator: tree.Node) -> int:
    """Return how much a separator adds to each part.

    What `join` makes with one that an event gives is bounded when it is called.
    """
    return len(separator.text) if isinstance(separator, tree.Literal) else 0
