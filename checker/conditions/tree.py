"""The tree that every walker of a condition reads.

One frozen class per form of JMESPath, in a normal form, so that a walker meets each
meaning once:

- `a.b.c` is one `Path`, and `@.a` is `a`;
- `x.a[0]` is `(x.a)[0]`: whatever is read first stands deepest;
- chains of `&&` and `||` are one `And` or `Or` with two or more operands, none of which
  is of the same class (both operators are associative, also in the value they give).

`offset` is the character (from 0) of the text where a node's name stands; it takes no
part in equality.  `NO_PLACE` is that of a node that was not read from a text.
https://jmespath.org/specification.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, cast
from typing import Literal as OneOf

import msgspec
from msgspec import structs

Operator: TypeAlias = OneOf["==", "!=", "<", "<=", ">", ">="]

NO_PLACE = -1


class Node(msgspec.Struct, frozen=True):
    """Any node of the tree.

    A start builds thousands: a struct takes a fifth of what a dataclass does.
    """


class Current(Node, frozen=True):
    """`@`: the value that the expression is applied to."""


class Path(Node, frozen=True):
    """`a.b.c`: fields of fields of the current value; null where there is none."""

    names: tuple[str, ...]
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)


class Literal(Node, frozen=True):
    """A JSON value: `'text'` or JSON in backticks.

    Compared by `text`, its JSON, because Python takes `1`, `1.0` and `true` for equal
    and cannot hash arrays and objects.  `parameter` names the parameter of a rule that
    the value was set by (`parameters.settle`).
    """

    value: object
    parameter: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        structs.force_setattr(self, "text", json.dumps(self.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class Sub(Node, frozen=True):
    """`left.right`: `right` applied to the value of `left`, written with a dot."""

    left: Node
    right: Node


class Pipe(Node, frozen=True):
    """`left | right`: `right` applied to the value of `left`; ends a projection."""

    left: Node
    right: Node


class And(Node, frozen=True):
    """`a && b && …`: the first operand that does not hold, else the last."""

    operands: tuple[Node, ...]


class Or(Node, frozen=True):
    """`a || b || …`: the first operand that holds, else the last."""

    operands: tuple[Node, ...]


class Not(Node, frozen=True):
    """`!a`: true when `a` does not hold."""

    operand: Node


class Comparator(Node, frozen=True):
    """`left == right` and the like; the four orderings give null for unlike types."""

    operator: Operator
    left: Node
    right: Node


class Index(Node, frozen=True):
    """`base[3]`, from the end when negative."""

    base: Node
    index: int


class Slice(Node, frozen=True):
    """`base[start:stop:step]` of an array, without the projection that may follow."""

    base: Node
    start: int | None = None
    stop: int | None = None
    step: int | None = None


class Flatten(Node, frozen=True):
    """`base[]` without its projection: arrays inside an array opened, one level."""

    base: Node


class ListProjection(Node, frozen=True):
    """`base[*]right`: `right` on each element, without the nulls.

    Slices and `[]` project too: their `base` is a `Slice` or a `Flatten`.
    """

    base: Node
    right: Node


class ValueProjection(Node, frozen=True):
    """`base.*right`: `right` on each value of an object, without the nulls."""

    base: Node
    right: Node


class FilterProjection(Node, frozen=True):
    """`base[?condition]right`: `right` on each element for which `condition` holds."""

    base: Node
    condition: Node
    right: Node


class MultiSelectList(Node, frozen=True):
    """`[a, b]`: an array of values; null when the current value is null."""

    items: tuple[Node, ...]


class MultiSelectDict(Node, frozen=True):
    """`{a: b}`: an object of values; null when the current value is null."""

    items: tuple[tuple[str, Node], ...]


class ExpRef(Node, frozen=True):
    """`&expression`: an expression handed to a function, such as `sort_by`."""

    expression: Node


class Function(Node, frozen=True):
    """`name(arguments…)`."""

    name: str
    arguments: tuple[Node, ...]
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Function)
            and self.name == other.name
            and self.arguments == other.arguments
        )

    def __hash__(self) -> int:
        return hash((self.name, self.arguments))


class Selection(Node, frozen=True):
    """A rule's named selection where its condition names it."""

    name: str
    node: Node
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Selection)
            and self.name == other.name
            and self.node == other.node
        )

    def __hash__(self) -> int:
        return hash((self.name, self.node))


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in the order in which the text has them."""
    return _CHILDREN[node.__class__](node)


_CHILDREN: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Current: lambda _: (),
    Path: lambda _: (),
    Literal: lambda _: (),
    Sub: lambda node: (node.left, node.right),
    Pipe: lambda node: (node.left, node.right),
    And: lambda node: node.operands,
    Or: lambda node: node.operands,
    Not: lambda node: (node.operand,),
    Comparator: lambda node: (node.left, node.right),
    Index: lambda node: (node.base,),
    Slice: lambda node: (node.base,),
    Flatten: lambda node: (node.base,),
    ListProjection: lambda node: (node.base, node.right),
    ValueProjection: lambda node: (node.base, node.right),
    FilterProjection: lambda node: (node.base, node.condition, node.right),
    MultiSelectList: lambda node: node.items,
    MultiSelectDict: lambda node: tuple([item for _, item in node.items]),
    ExpRef: lambda node: (node.expression,),
    Function: lambda node: node.arguments,
    Selection: lambda node: (node.node,),
}

_LEAVES = frozenset({Current, Path, Literal})

NODES: tuple[type[Node], ...] = tuple(_CHILDREN)
"""Every class of node."""


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first, in the order of the text."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        # Most have nothing below them, and a start walks over all the rules' nodes.
        if node.__class__ not in _LEAVES:
            stack.extend(reversed(children(node)))


def with_children(node: Any, below: Sequence[Node]) -> Node:
    """Copy a node with other children, in the order of `children`."""
    match node:
        case And() | Or():
            return structs.replace(node, operands=tuple(below))
        case Function():
            return structs.replace(node, arguments=tuple(below))
        case MultiSelectList():
            return MultiSelectList(tuple(below))
        case MultiSelectDict(pairs):
            keys = (key for key, _ in pairs)
            return MultiSelectDict(tuple(zip(keys, below, strict=True)))
    if not below:
        return cast(Node, node)
    fields = structs.asdict(node)
    nodes = [name for name, value in fields.items() if isinstance(value, Node)]
    return cast(
        Node,
        structs.replace(node, **dict(zip(nodes, below, strict=True))),
    )
