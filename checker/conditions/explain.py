"""Show why a condition holds on a document, or does not.

It runs the closures that decide, node by node, so that it cannot tell another story.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from checker.conditions import tree
from checker.conditions.access import holds
from checker.conditions.compile import closure
from checker.conditions.functions import STANDARD
from checker.conditions.show import show
from checker.conditions.signature import Function
from checker.conditions.unknown import UnknownValue


class Explanation(msgspec.Struct, frozen=True):
    """One part of a condition, on one document.

    `text` is the part, `value` what it gives, `holds` the truth of that.  When a value
    that is not known decides, `value` is an `Unknown` and `holds` is None.  `children`
    are the parts that it is made of, those included that the value did not depend on.
    `absent` are the paths below that are null or absent.
    """

    text: str
    value: Any
    holds: bool | None
    children: tuple[Explanation, ...]
    absent: tuple[str, ...]


def explain(
    node: tree.Node,
    document: object,
    functions: Mapping[str, Function] = STANDARD,
) -> Explanation:
    """The condition's value on a document, with that of each of its parts."""
    value: Any
    truth: bool | None
    try:
        value = closure(node, functions)(document)
        truth = holds(value)
    except UnknownValue as unknown:
        value, truth = unknown.unknown, None
    parts = tuple(explain(part, document, functions) for part in _parts(node))
    absent = tuple(dict.fromkeys(path for part in parts for path in part.absent))
    text = show(node)
    if isinstance(node, tree.Path) and value is None:
        absent = (text,)
    return Explanation(text, value, truth, parts, absent)


def _parts(node: tree.Node) -> tuple[tree.Node, ...]:
    """The parts that are applied to the same document, constants left out."""
    match node:
        case tree.And() | tree.Or() | tree.Not() | tree.Comparator():
            parts = tree.children(node)
        case tree.Selection() | tree.Function():
            parts = tree.children(node)
        case tree.MultiSelectList() | tree.MultiSelectDict():
            parts = tree.children(node)
        case tree.Current() | tree.Path() | tree.Literal() | tree.ExpRef():
            parts = ()
        case _:
            # Of a pipe or projection, the first part reads from this document.
            parts = tree.children(node)[:1]
    skipped = (tree.Literal, tree.ExpRef, tree.Current)
    return tuple(part for part in parts if not isinstance(part, skipped))
