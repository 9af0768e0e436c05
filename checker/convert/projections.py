"""Bring what a condition says of the elements of an array into the normal form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from checker.conditions import show, tree
from checker.convert.form import (
    NEVER,
    AllOf,
    Atom,
    Elements,
    Form,
    Names,
    OneOf,
    Opaque,
    Origin,
    SameAs,
    all_of,
    any_of,
    below,
)


class NotSayableError(Exception):
    """A node is none of those that tests can say."""


@dataclass(frozen=True, slots=True)
class Projections:
    """Reads projections, all of one part of a rule: `origin`.

    `form` returns the form of a filter, as of any condition.
    """

    form: Callable[[tree.Node], Form]
    origin: Origin

    def some(self, node: tree.Node, inside: Form) -> Form:
        """Return that some element, not null, of an array satisfies a form."""
        match node:
            case tree.Path(names):
                return self._elements(names, inside)
            case tree.Current():
                return self._elements((), inside)
            case tree.MultiSelectList(items):
                return any_of(*(_of(item, inside) for item in items))
            case tree.Sub(tree.Path(names), tree.MultiSelectList() as listed):
                return below(self.some(listed, inside), names)
            case tree.Flatten(base):
                return self._opened(base, inside)
            case tree.ListProjection(base, right):
                return self.some(base, _of(right, inside))
            case tree.FilterProjection(base, condition, right):
                held = all_of(self.form(condition), _of(right, inside))
                return self.some(base, held)
            case tree.Pipe(left, right):
                return self.some(_with_base(right, left), inside)
            case tree.Function("to_array", (only,)):
                return self._elements(names_of(only), inside, or_self=True)
        raise NotSayableError

    def _opened(self, node: tree.Node, inside: Form) -> Form:
        """Return `some` of an array with the arrays inside it opened."""
        match node:
            case tree.MultiSelectList(items):
                return any_of(
                    *(
                        self._elements(names_of(item), inside, or_self=True)
                        for item in items
                    )
                )
            case tree.Sub(tree.Path(names), tree.MultiSelectList() as listed):
                return below(self._opened(listed, inside), names)
            case tree.ListProjection(base, tree.MultiSelectList() as listed):
                return self.some(base, self._opened(listed, inside))
            case tree.ListProjection(base, tree.Path(names)):
                inner = self._elements(names, inside, or_self=True)
                return self.some(base, inner)
            case tree.FilterProjection(base, condition, tree.Path(names)):
                inner = self._elements(names, inside, or_self=True)
                return self.some(base, all_of(self.form(condition), inner))
            case tree.Path() | tree.ListProjection(_, tree.Current()):
                # An array in an array is none of CloudTrail's forms.
                return self.some(node, inside)
        raise NotSayableError

    def _elements(self, names: Names, inside: Form, *, or_self: bool = False) -> Form:
        if inside == NEVER:
            return NEVER
        return Elements(names, inside, True, or_self, self.origin)  # noqa: FBT003 - as above


def _of(right: tree.Node, inside: Form) -> Form:
    """Return what an element satisfies: its `right` is not null, and inside holds."""
    if isinstance(right, tree.Current):
        return inside
    names = names_of(right)
    held = below(inside, names)
    origin = Origin("", show(right))
    there = Atom(names, OneOf((None,)), False, origin)  # noqa: FBT003 - not null
    return held if _fails_on_null(inside) else all_of(there, held)


def _fails_on_null(form: Form) -> bool:
    """Return whether a form surely does not hold of null."""
    match form:
        case Atom(test=OneOf(values), holds=holds):
            return holds and None not in values
        case Atom(test=Opaque() | SameAs()):
            return False
        case Atom(holds=holds) | Elements(holds=holds):
            return holds
    parts = [_fails_on_null(part) for part in form.parts]
    return any(parts) if isinstance(form, AllOf) else all(parts)


def _with_base(node: tree.Node, base: tree.Node) -> tree.Node:
    """Return what follows a pipe, applied to what stands before it."""
    match node:
        case tree.Current():
            return base
        case tree.FilterProjection() | tree.ListProjection() | tree.Flatten():
            return structs.replace(node, base=_with_base(node.base, base))
    raise NotSayableError


def names_of(node: tree.Node) -> Names:
    """Return the names of a field's path; raises `NotSayableError` for others."""
    match node:
        case tree.Path(names):
            return names
        case tree.Current():
            return ()
        case tree.Selection(_, inner):
            return names_of(inner)
        case tree.Sub(tree.Path(names), tree.Path(more)):
            return names + more
    raise NotSayableError
