"""Describe values: what JSON type they have, and what is inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a value can be: a JSON type, or anything.

    `kind` is `string`, `number`, `boolean`, `object`, `list` or `any`.  An object with
    `closed` has no members but these; `member` finds one by name, lazily, because
    shapes of AWS refer to themselves.  Of an object that is not closed, `instead` gives
    the right name for what cannot be a member, by that in small letters.  `values` are
    all that a string can be, when AWS names them all.
    """

    kind: str
    members: Mapping[str, Callable[[], Shape]] = field(default_factory=dict)
    element: Callable[[], Shape] | None = None
    closed: bool = False
    values: frozenset[str] = frozenset()
    open_values: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)

    def member(self, name: str) -> Shape | None:
        """Return a member's shape; None where the object cannot have it."""
        if name in self.members:
            return self.members[name]()
        return None if self.closed or name.lower() in self.instead else ANY

    def each(self) -> Shape:
        """Return the shape of an element of a list."""
        return self.element() if self.element else ANY


ANY = Shape("any")
TEXT = Shape("string")
BOOLEAN = Shape("boolean")
NUMBER = Shape("number")
OBJECT = Shape("object")
LIST = Shape("list")


def text(values: str, *, more: bool = False) -> Shape:
    """Return text that is one of some words; `more` when AWS may add others."""
    return Shape("string", values=frozenset(values.split()), open_values=more)


def closed(**members: Shape) -> Shape:
    """Return an object with these members and no others."""
    return Shape(
        "object", {name: always(shape) for name, shape in members.items()}, closed=True
    )


def lists(element: Shape) -> Shape:
    """Return a list of things of one shape."""
    return Shape("list", element=always(element))


def always(shape: Shape) -> Callable[[], Shape]:
    """Return a function that returns the shape."""
    return lambda: shape
