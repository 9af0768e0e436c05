"""Bring a condition into the normal form (`form`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from checker.conditions import show, tree
from checker.conditions.needs import given_items
from checker.conditions.parts import uses_sigma
from checker.convert.form import (
    ALWAYS,
    NEVER,
    AllOf,
    Atom,
    Contains,
    Elements,
    Form,
    InNetworks,
    Matches,
    Names,
    OneOf,
    Opaque,
    Ordered,
    Origin,
    Part,
    SameAs,
    Scalar,
    Test,
    Text,
    Truthy,
    all_of,
    any_of,
    below,
    negated,
)

_PARTS = {"starts_with": Part.PREFIX, "ends_with": Part.SUFFIX}
_MIRRORED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class _NotSayableError(Exception):
    """A node is none of those that tests can say."""


def normal(condition: tree.Node) -> Form:
    """Return the normal form of a condition; it holds where the condition does."""
    return _Normal("condition").form(condition)


@dataclass(frozen=True, slots=True)
class _Normal:
    """Builds forms of what stands in one selection, or in the condition."""

    selection: str

    def form(self, node: tree.Node) -> Form:
        """Return the form of a node's truth."""
        match node:
            case tree.Selection(name, inner):
                return _Normal(name).form(inner)
            case tree.And(operands):
                return all_of(*map(self.form, operands))
            case tree.Or(operands):
                return any_of(*map(self.form, operands))
            case tree.Not(operand):
                return negated(self.form(operand))
            case tree.Literal(value):
                return ALWAYS if value or value.__class__ in (int, float) else NEVER
        try:
            return self._said(node)
        except _NotSayableError:
            return self._atom(node, (), Opaque(node))

    def _said(self, node: tree.Node) -> Form:
        match node:
            case tree.Path() | tree.Current():
                return self._atom(node, _names(node), Truthy())
            case tree.Comparator("==" | "!=" as operator, left, right):
                same = self._equal(node, left, right)
                return same if operator == "==" else negated(same)
            case tree.Comparator(operator, left, right):
                return self._ordered(node, operator, left, right)
            case tree.Function("not_null", (only,)):
                return self.form(only)
            case tree.Function(name, arguments):
                return self._call(node, name, arguments)
        return self._some(node, node, ALWAYS)

    def _listed(self, node: tree.Node, subject: tree.Node, given: tree.Node) -> Form:
        values = _scalars(given)
        if isinstance(subject, tree.Function) and subject.name == "lower":
            return self._listed_folded(node, _names(subject.arguments[0]), values)
        names = _names(subject)
        return self._atom(node, names, OneOf(values)) if values else NEVER

    def _listed_folded(
        self, node: tree.Node, names: Names, values: tuple[Scalar, ...]
    ) -> Form:
        """Return that a text in lower case is one of some; others never are."""
        if None in values:
            raise _NotSayableError  # `lower` of what is no text is null
        return any_of(
            *(
                self._folded(
                    self._atom(node, names, Text(Part.WHOLE, value, fold=True))
                )
                for value in values
                if isinstance(value, str)
            )
        )

    def _atom(self, node: tree.Node, names: Names, test: Test) -> Atom:
        return Atom(names, test, True, self._origin(node))  # noqa: FBT003 - it holds

    def _origin(self, node: tree.Node) -> Origin:
        offsets = [
            each.offset
            for each in tree.walk(node)
            if isinstance(each, tree.Path | tree.Function)
        ]
        offset = min(offsets, default=0)
        is_text = offset >= 0 and not uses_sigma(node)
        return Origin(self.selection, show(node), offset if is_text else None)

    def _equal(self, node: tree.Node, left: tree.Node, right: tree.Node) -> Form:
        if isinstance(left, tree.Literal):
            left, right = right, left
        if isinstance(right, tree.Literal):
            return self._is_value(node, left, right.value)
        return self._atom(node, _names(left), SameAs(_names(right)))

    def _is_value(self, node: tree.Node, subject: tree.Node, value: object) -> Form:
        if not isinstance(value, str | int | float | bool | None):
            raise _NotSayableError
        match subject:
            case tree.Literal(given):
                same = given == value and given.__class__ is value.__class__
                return ALWAYS if same else NEVER
            case tree.Function("to_string", (inner,)) if value in ("true", "false"):
                given = OneOf((value, value == "true"))
                return self._atom(node, _names(inner), given)
            case tree.Function("lower", (inner,)) if isinstance(value, str):
                test = Text(Part.WHOLE, value, fold=True)
                return self._folded(self._atom(node, _names(inner), test))
            case tree.Or(operands) if value:
                # `(a || b) == v`: the first that holds decides.
                found: list[Form] = []
                before: list[Form] = []
                for operand in operands:
                    is_value = self._is_value(node, operand, value)
                    found.append(all_of(*before, is_value))
                    before.append(negated(self.form(operand)))
                return any_of(*found)
        return self._atom(node, _names(subject), OneOf((value,)))

    def _folded(self, atom: Atom) -> Form:
        """A literal that is not in lower case never is in a text that is."""
        test = atom.test
        assert isinstance(test, Text)
        return atom if test.literal == test.literal.lower() else NEVER

    def _ordered(
        self, node: tree.Node, operator: str, left: tree.Node, right: tree.Node
    ) -> Form:
        if isinstance(left, tree.Literal):
            left, right, operator = right, left, _MIRRORED[operator]
        if not isinstance(right, tree.Literal):
            raise _NotSayableError
        number = right.value
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise _NotSayableError
        return self._atom(node, _names(left), Ordered(operator, number))

    def _call(
        self, node: tree.Node, name: str, arguments: tuple[tree.Node, ...]
    ) -> Form:
        match name, arguments:
            case "one_of", (subject, given):
                return self._listed(node, subject, given)
            case "contains", (subject, sought):
                return self._contains(node, subject, sought)
            case (("starts_with" | "ends_with"), (subject, tree.Literal(str(literal)))):
                return self._text(node, subject, _PARTS[name], literal)
            case "matches", (subject, tree.Literal(str(pattern))):
                return self._matches(node, subject, pattern)
            case "cidr_contains", (given, subject):
                networks = given.value if isinstance(given, tree.Literal) else None
                texts = [networks] if isinstance(networks, str) else given_items(given)
                if not texts or not all(isinstance(each, str) for each in texts):
                    raise _NotSayableError
                test = InNetworks(tuple(map(str, texts)))
                return self._atom(node, _names(subject), test)
        raise _NotSayableError

    def _text(
        self, node: tree.Node, subject: tree.Node, part: Part, literal: str
    ) -> Form:
        if isinstance(subject, tree.Function) and subject.name == "lower":
            names = _names(subject.arguments[0])
            test = Text(part, literal, fold=True)
            return self._folded(self._atom(node, names, test))
        return self._atom(node, _names(subject), Text(part, literal))

    def _matches(self, node: tree.Node, subject: tree.Node, pattern: str) -> Form:
        fold = isinstance(subject, tree.Function) and subject.name == "lower"
        if isinstance(subject, tree.Function) and fold:
            subject = subject.arguments[0]
        return self._atom(node, _names(subject), Matches(pattern, fold))

    def _contains(self, node: tree.Node, subject: tree.Node, sought: tree.Node) -> Form:
        items = given_items(subject)
        if items is not None:
            if not all(isinstance(item, str) for item in items):
                raise _NotSayableError
            return self._listed(node, sought, subject)
        if not isinstance(sought, tree.Literal):
            raise _NotSayableError
        value = sought.value
        match subject:
            case tree.Path(names) if isinstance(value, str):
                return self._atom(node, names, Contains(value))
            case tree.Current() if isinstance(value, str):
                return self._atom(node, (), Contains(value))
            case tree.Function("lower", _) if isinstance(value, str):
                return self._text(node, subject, Part.INSIDE, value)
            case tree.Or(operands) if isinstance(value, str):
                return self._first_contains(node, operands, value)
        if not isinstance(value, str | bool):
            raise _NotSayableError
        return self._some(node, subject, self._atom(node, (), OneOf((value,))))

    def _first_contains(
        self, node: tree.Node, operands: tuple[tree.Node, ...], value: str
    ) -> Form:
        found: list[Form] = []
        before: list[Form] = []
        for operand in operands:
            test = self._atom(node, _names(operand), Contains(value))
            found.append(all_of(*before, test))
            before.append(negated(self.form(operand)))
        return any_of(*found)

    def _some(self, whole: tree.Node, node: tree.Node, inside: Form) -> Form:
        """Return that some element, not null, of an array satisfies a form."""
        match node:
            case tree.Path(names):
                return self._elements(whole, names, inside)
            case tree.Current():
                return self._elements(whole, (), inside)
            case tree.MultiSelectList(items):
                return any_of(*(_of(item, inside) for item in items))
            case tree.Sub(tree.Path(names), tree.MultiSelectList() as listed):
                return below(self._some(whole, listed, inside), names)
            case tree.Flatten(base):
                return self._opened(whole, base, inside)
            case tree.ListProjection(base, right):
                return self._some(whole, base, _of(right, inside))
            case tree.FilterProjection(base, condition, right):
                held = all_of(self.form(condition), _of(right, inside))
                return self._some(whole, base, held)
            case tree.Pipe(left, right):
                return self._some(whole, _with_base(right, left), inside)
            case tree.Function("to_array", (only,)):
                return self._elements(whole, _names(only), inside, or_self=True)
        raise _NotSayableError

    def _opened(self, whole: tree.Node, node: tree.Node, inside: Form) -> Form:
        """Return `_some` of an array with the arrays inside it opened."""
        match node:
            case tree.MultiSelectList(items):
                return any_of(
                    *(
                        self._elements(whole, _names(item), inside, or_self=True)
                        for item in items
                    )
                )
            case tree.Sub(tree.Path(names), tree.MultiSelectList() as listed):
                return below(self._opened(whole, listed, inside), names)
            case tree.ListProjection(base, tree.MultiSelectList() as listed):
                return self._some(whole, base, self._opened(whole, listed, inside))
            case tree.ListProjection(base, tree.Path(names)):
                inner = self._elements(whole, names, inside, or_self=True)
                return self._some(whole, base, inner)
            case tree.FilterProjection(base, condition, tree.Path(names)):
                inner = self._elements(whole, names, inside, or_self=True)
                return self._some(whole, base, all_of(self.form(condition), inner))
            case tree.Path() | tree.ListProjection(_, tree.Current()):
                # An array in an array is none of CloudTrail's forms.
                return self._some(whole, node, inside)
        raise _NotSayableError

    def _elements(
        self, whole: tree.Node, names: Names, inside: Form, *, or_self: bool = False
    ) -> Form:
        if inside == NEVER:
            return NEVER
        origin = self._origin(whole)
        return Elements(names, inside, True, or_self, origin)  # noqa: FBT003 - as above


def _of(right: tree.Node, inside: Form) -> Form:
    """Return what an element satisfies: its `right` is not null, and inside holds."""
    if isinstance(right, tree.Current):
        return inside
    names = _names(right)
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
            return replace(node, base=_with_base(node.base, base))
    raise _NotSayableError


def _names(node: tree.Node) -> Names:
    match node:
        case tree.Path(names):
            return names
        case tree.Current():
            return ()
        case tree.Selection(_, inner):
            return _names(inner)
        case tree.Sub(tree.Path(names), tree.Path(more)):
            return names + more
    raise _NotSayableError


def _scalars(given: tree.Node) -> tuple[Scalar, ...]:
    items = given_items(given)
    if items is None:
        raise _NotSayableError
    if not all(isinstance(item, str | int | float | bool | None) for item in items):
        raise _NotSayableError
    return tuple(dict.fromkeys(items))  # type: ignore[arg-type] # all are scalars
