"""Lower a rule's `detection` block into one tree.

A selection is a field map or a condition; the block's condition names selections.  A
bare name stands for its selection where the condition looks at the whole document:
not inside a projection, a filter or an `&expression`, not after a dot or a pipe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec import structs

from checker.conditions import tree
from checker.conditions.parse import parse_field
from checker.errors import ConditionError


class Name(msgspec.Struct, frozen=True):
    """A name that a condition reads from the document itself.

    `bare` when the condition uses the whole value, as it does for a selection; false
    for the first name of `userIdentity.type`.
    """

    name: str
    offset: int
    bare: bool


def lower(condition: tree.Node, selections: Mapping[str, tree.Node]) -> tree.Node:
    """The condition with every bare name of a selection replaced by a `Selection`."""

    def stand_in(path: tree.Path) -> tree.Node:
        if len(path.names) == 1 and path.names[0] in selections:
            name = path.names[0]
            return tree.Selection(name, selections[name], path.offset)
        return path

    return _at_root(condition, stand_in)


def names(node: tree.Node) -> tuple[Name, ...]:
    """The first names of all paths read from the document, in the text's order.

    Those of selections are left out: their offsets belong to other texts.
    """
    found: list[Name] = []

    def note(path: tree.Path) -> tree.Node:
        found.append(Name(path.names[0], path.offset, len(path.names) == 1))
        return path

    _at_root(node, note)
    return tuple(found)


def used(node: tree.Node) -> tuple[str, ...]:
    """The selections that a lowered condition uses, each once, in the text's order."""
    every = (each for each in tree.walk(node) if isinstance(each, tree.Selection))
    return tuple(dict.fromkeys(each.name for each in every))


def _at_root(  # noqa: C901 - one case for each node
    node: tree.Node, change: Callable[[tree.Path], tree.Node]
) -> tree.Node:
    """The tree with each path that reads from the document itself changed."""

    def again(child: tree.Node) -> tree.Node:
        return _at_root(child, change)

    match node:
        case tree.Path():
            return change(node)
        case tree.And(operands) | tree.Or(operands):
            return structs.replace(node, operands=tuple(map(again, operands)))
        case tree.Not(operand):
            return tree.Not(again(operand))
        case tree.Comparator(_, left, right):
            return structs.replace(node, left=again(left), right=again(right))
        case tree.Function(_, arguments):
            return structs.replace(node, arguments=tuple(map(again, arguments)))
        case tree.MultiSelectList(items):
            return tree.MultiSelectList(tuple(map(again, items)))
        case tree.MultiSelectDict(pairs):
            return tree.MultiSelectDict(tuple((key, again(x)) for key, x in pairs))
        case tree.Sub(left) | tree.Pipe(left):
            return structs.replace(node, left=again(left))
        case tree.Index(base) | tree.Slice(base) | tree.Flatten(base):
            return structs.replace(node, base=again(base))
        case tree.ListProjection(base) | tree.ValueProjection(base):
            return structs.replace(node, base=again(base))
        case tree.FilterProjection(base):
            return structs.replace(node, base=again(base))
    return node


def field_map(mapping: Mapping[str, object]) -> tree.Node:
    """The tree of a field map: every field equals its value, or one of its values.

    A key is a dotted path (`requestParameters."x-amz-acl"`), a value a string, number,
    boolean or null (which is also an absent field), or a list of those.  Raises
    `ConditionError` with the offset in the key.
    """
    entries = tuple(_entries(mapping))
    if not entries:
        raise ConditionError("a field map needs at least one field")
    return entries[0] if len(entries) == 1 else tree.And(entries)


def _entries(mapping: Mapping[str, object]) -> Iterator[tree.Node]:
    for key, value in mapping.items():
        path = parse_field(str(key))
        if not isinstance(path, tree.Path):
            raise ConditionError(f"{key}: a field is named by a path such as a.b.c")
        values = value if isinstance(value, list) else [value]
        if not values:
            raise ConditionError(f"{key}: an empty list matches nothing")
        for each in values:
            if isinstance(each, float) and not math.isfinite(each):
                raise ConditionError(f"{key}: JSON cannot hold the number {each}")
            if each is not None and not isinstance(each, str | int | float):
                raise ConditionError(
                    f"{key}: a field is compared with text, a number, true, false or "
                    f"null, not with {type(each).__name__}"
                )
        if len(values) == 1:
            yield tree.Comparator("==", path, tree.Literal(values[0]))
        else:
            yield tree.Function("one_of", (path, tree.Literal(values)), path.offset)
