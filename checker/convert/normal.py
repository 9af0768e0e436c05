"""Bring a condition into the normal form (`form`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checker.conditions import show, tree
from checker.conditions.needs import given_items
from checker.conditions.parts import uses_sigma
from checker.convert.form import (
    ALWAYS,
    NEVER,
    Atom,
    Contains,
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
    negated,
)
from checker.convert.projections import NotSayableError, Projections, names_of

_PARTS = {"starts_with": Part.PREFIX, "ends_with": Part.SUFFIX}
_MIRRORED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


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
        except NotSayableError:
            return self._atom(node, (), Opaque(node))

    def _said(self, node: tree.Node) -> Form:
        match node:
            case tree.Path() | tree.Current():
                return self._atom(node, names_of(node), Truthy())
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

    def _some(self, whole: tree.Node, node: tree.Node, inside: Form) -> Form:
        return Projections(self.form, self._origin(whole)).some(node, inside)

    def _listed(self, node: tree.Node, subject: tree.Node, given: tree.Node) -> Form:
        values = _scalars(given)
        if isinstance(subject, tree.Function) and subject.name == "lower":
            return self._listed_folded(node, names_of(subject.arguments[0]), values)
        names = names_of(subject)
        return self._atom(node, names, OneOf(values)) if values else NEVER

    def _listed_folded(
        self, node: tree.Node, names: Names, values: tuple[Scalar, ...]
    ) -> Form:
        """Return that a text in lower case is one of some; others never are."""
        if None in values:
            raise NotSayableError  # `lower` of what is no text is null
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
        return self._atom(node, names_of(left), SameAs(names_of(right)))

    def _is_value(self, node: tree.Node, subject: tree.Node, value: object) -> Form:
        if not isinstance(value, str | int | float | bool | None):
            raise NotSayableError
        match subject:
            case tree.Literal(given):
                same = given == value and given.__class__ is value.__class__
                return ALWAYS if same else NEVER
            case tree.Function("to_string", (inner,)) if value in ("true", "false"):
                given = OneOf((value, value == "true"))
                return self._atom(node, names_of(inner), given)
            case tree.Function("lower", (inner,)) if isinstance(value, str):
                test = Text(Part.WHOLE, value, fold=True)
                return self._folded(self._atom(node, names_of(inner), test))
            case tree.Or(operands) if value:
                # `(a || b) == v`: the first that holds decides.
                found: list[Form] = []
                before: list[Form] = []
                for operand in operands:
                    is_value = self._is_value(node, operand, value)
                    found.append(all_of(*before, is_value))
                    before.append(negated(self.form(operand)))
                return any_of(*found)
        return self._atom(node, names_of(subject), OneOf((value,)))

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
            raise NotSayableError
        number = right.value
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise NotSayableError
        return self._atom(node, names_of(left), Ordered(operator, number))

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
                    raise NotSayableError
                test = InNetworks(tuple(map(str, texts)))
                return self._atom(node, names_of(subject), test)
        raise NotSayableError

    def _text(
        self, node: tree.Node, subject: tree.Node, part: Part, literal: str
    ) -> Form:
        if isinstance(subject, tree.Function) and subject.name == "lower":
            names = names_of(subject.arguments[0])
            test = Text(part, literal, fold=True)
            return self._folded(self._atom(node, names, test))
        return self._atom(node, names_of(subject), Text(part, literal))

    def _matches(self, node: tree.Node, subject: tree.Node, pattern: str) -> Form:
        fold = isinstance(subject, tree.Function) and subject.name == "lower"
        if isinstance(subject, tree.Function) and fold:
            subject = subject.arguments[0]
        return self._atom(node, names_of(subject), Matches(pattern, fold))

    def _contains(self, node: tree.Node, subject: tree.Node, sought: tree.Node) -> Form:
        items = given_items(subject)
        if items is not None:
            if not all(isinstance(item, str) for item in items):
                raise NotSayableError
            return self._listed(node, sought, subject)
        if not isinstance(sought, tree.Literal):
            raise NotSayableError
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
            raise NotSayableError
        return self._some(node, subject, self._atom(node, (), OneOf((value,))))

    def _first_contains(
        self, node: tree.Node, operands: tuple[tree.Node, ...], value: str
    ) -> Form:
        found: list[Form] = []
        before: list[Form] = []
        for operand in operands:
            test = self._atom(node, names_of(operand), Contains(value))
            found.append(all_of(*before, test))
            before.append(negated(self.form(operand)))
        return any_of(*found)


def _scalars(given: tree.Node) -> tuple[Scalar, ...]:
    items = given_items(given)
    if items is None:
        raise NotSayableError
    if not all(isinstance(item, str | int | float | bool | None) for item in items):
        raise NotSayableError
    return tuple(dict.fromkeys(items))  # type: ignore[arg-type] # all are scalars
