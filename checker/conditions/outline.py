"""Outline a condition: what can be told of it without an event.

To work it out of all rules takes a tenth of a second: it is kept with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from checker.conditions import tree
from checker.conditions.needs import required
from checker.conditions.parts import Names, opened_fields, parts, reads

Key: TypeAlias = tuple[str | None, str | None]
"""An eventSource and an eventName, as a condition has them; None means any."""

_Texts: TypeAlias = frozenset[str] | None
_NAMING = frozenset({("eventSource",), ("eventName",)})


class Part(msgspec.Struct, frozen=True):
    """A part of a condition (`parts`), and the paths that it reads (`reads`).

    `named` are all paths that stand in it, if they are others: a projection applies
    some to elements, and Sigma's functions open some.
    """

    node: tree.Node
    paths: tuple[Names, ...] | None
    named: tuple[Names, ...] = ()


class Outline(msgspec.Struct, frozen=True, eq=False):
    """What is told of a condition, the `node`.

    `keys` are the (eventSource, eventName) that it requires, and `opened` the paths of
    several names that Sigma's functions open.
    """

    node: tree.Node
    parts: tuple[Part, ...]
    keys: tuple[Key, ...]
    opened: tuple[Names, ...]


def outline(node: tree.Node) -> Outline:
    """Outline a condition."""
    taken = tuple([_part(each) for each in parts(node)])
    return Outline(node, taken, tuple(_keys(taken)), opened_fields(node))


def _part(node: tree.Node) -> Part:
    found = reads(node)
    paths = None if found is None else tuple(sorted(found))
    named = frozenset(
        each.names for each in tree.walk(node) if isinstance(each, tree.Path)
    )
    return Part(node, paths, () if named == found else tuple(sorted(named)))


def _keys(taken: Iterable[Part]) -> list[Key]:
    sources = names = None
    for part in taken:
        naming = not _NAMING.isdisjoint(part.paths or ())
        if not naming and part.node.__class__ is not tree.Function:
            continue
        needed = required(part.node)
        if not all(needed.values()):
            # It never holds, as where a user's list is empty.
            return []
        sources = _both(sources, _texts(needed.get(("eventSource",))))
        names = _both(names, _texts(needed.get(("eventName",))))
    return [
        (source, name)
        for source in ((None,) if sources is None else sorted(sources))
        for name in ((None,) if names is None else sorted(names))
    ]


def _both(first: _Texts, second: _Texts) -> _Texts:
    """Return what two requirements have in common; None requires nothing.

    Texts may be compared in any case, so their case keeps none apart here.
    """
    if first is None or second is None:
        return second if first is None else first
    lower = {each.lower() for each in second}
    return frozenset(each for each in first if each.lower() in lower)


def _texts(values: frozenset[Any] | None) -> _Texts:
    """Return the required values when each is text: only those can be an index key."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return values
