"""Write a normal form as a condition in Trino's SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from checker.conditions import tree
from checker.convert.athena_table import Column, Json, Place, Struct, Textual, place
from checker.convert.form import (
    AllOf,
    AnyOf,
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
    Part,
    SameAs,
    Scalar,
    Text,
    Truthy,
)
from checker.convert.java_pattern import ForeignPatternError, java
from checker.convert.kinds import Kind, Kinds
from checker.convert.literals import reads_as_scalar
from checker.convert.refusal import RefusedError, unsaid

_EMPTY = "'null', 'false', '\"\"', '[]', '{}'"


def where(form: Form, kinds: Kinds) -> str:
    """Return the condition of a form over a row of the table; raises `RefusedError`."""
    return _Writer(kinds).condition(form, _ROW, depth=1)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names are read from: a row of the table, or an element of an array."""

    find: Callable[[Names], Place | None]
    documented: Names = ()
    part: Elements | None = None
    depth: int = 0


_ROW = _Scope(place)


def literal(text: str) -> str:
    """Return a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Writer:
    kinds: Kinds

    def condition(self, form: Form, scope: _Scope, *, depth: int) -> str:
        match form:
            case AllOf(parts) | AnyOf(parts) if not parts:
                return "TRUE" if isinstance(form, AllOf) else "FALSE"
            case AllOf(parts):
                return self._joined(" AND ", parts, scope, depth)
            case AnyOf(parts):
                return self._joined(" OR ", parts, scope, depth)
            case Atom():
                return self._signed(form, self._atom(form, scope))
            case Elements():
                return self._signed(form, self._elements(form, scope))
            case _:
                assert_never(form)

    def _joined(
        self, operator: str, parts: tuple[Form, ...], scope: _Scope, depth: int
    ) -> str:
        texts = [self.condition(part, scope, depth=depth + 1) for part in parts]
        text = operator.join(texts)
        if len(text) > 60:
            glue = "\n" + "  " * depth + operator.strip() + " "
            text = glue.join(texts)
        return f"({text})"

    def _signed(self, form: Atom | Elements, text: str) -> str:
        two_valued = f"COALESCE({text}, FALSE)"
        return two_valued if form.holds else f"NOT {two_valued}"

    def _atom(self, atom: Atom, scope: _Scope) -> str:
        if isinstance(atom.test, Opaque):
            return self._opaque(atom, atom.test.node, scope)
        found = self._place(atom, atom.names, scope)
        kind = self.kinds.of(scope.documented + atom.names)
        test = atom.test
        match test:
            case OneOf(values):
                return self._one_of(found, values, kind)
            case Text():
                return self._text(found, test, kind)
            case Contains(wanted):
                return self._contains(found, wanted, kind)
            case Matches(pattern, fold):
                text = found.text(exact=kind is not Kind.TEXT)
                subject = f"lower({text})" if fold else text
                return f"regexp_like({subject}, {literal(_java(atom, pattern))})"
            case Ordered(operator, number):
                return f"{self._number(atom, found)} {operator} {number!r}"
            case Truthy():
                return self._truthy(atom, found, kind)
            case InNetworks(networks):
                text = found.text(exact=True)
                address = f"TRY_CAST({text} AS IPADDRESS)"
                tests = [f"contains({literal(n)}, {address})" for n in networks]
                return " OR ".join(tests)
            case SameAs(names):
                return self._same(atom, found, names, scope)
            case _:
                assert_never(test)

    def _place(self, atom: Atom, names: Names, scope: _Scope) -> Place:
        found = scope.find(names)
        if found is None:
            why = f"AWS's table has no column for {'.'.join(names)}"
            raise self._refused(atom, scope, why)
        return found

    def _refused(self, atom: Atom | Elements, scope: _Scope, why: str) -> RefusedError:
        part = scope.part or atom
        return RefusedError(why, part.origin, part)

    def _one_of(self, found: Place, values: tuple[Scalar, ...], kind: Kind) -> str:
        tests: list[str] = []
        texts = [value for value in values if isinstance(value, str)]
        plain = [
            text
            for text in texts
            if kind is Kind.TEXT or not reads_as_scalar(Text(Part.WHOLE, text))
        ]
        guarded = [text for text in texts if text not in plain]
        for group, exact in ((plain, False), (guarded, True)):
            if len(group) == 1:
                tests.append(f"{found.text(exact=exact)} = {literal(group[0])}")
            elif group:
                listed = ", ".join(map(literal, group))
                tests.append(f"{found.text(exact=exact)} IN ({listed})")
        tests += [
            found.equals_json(json.dumps(value))
            for value in values
            if value is not None and not isinstance(value, str)
        ]
        if None in values:
            tests.append(found.is_null())
        return " OR ".join(tests)

    def _text(self, found: Place, test: Text, kind: Kind) -> str:
        exact = kind is not Kind.TEXT and reads_as_scalar(test)
        text = found.text(exact=exact)
        if test.fold:
            text = f"lower({text})"
        wanted = literal(test.literal)
        match test.part:
            case Part.WHOLE:
                return f"{text} = {wanted}"
            case Part.PREFIX:
                return f"starts_with({text}, {wanted})"
            case Part.SUFFIX if test.literal == "":
                return f"{text} IS NOT NULL"
            case Part.SUFFIX:
                length = len(test.literal)
                return (
                    f"length({text}) >= {length} AND "
                    f"substr({text}, -{length}) = {wanted}"
                )
            case Part.INSIDE if test.literal == "":
                return f"{text} IS NOT NULL"
            case Part.INSIDE:
                return f"strpos({text}, {wanted}) > 0"
            case _:
                assert_never(test.part)

    def _contains(self, found: Place, wanted: str, kind: Kind) -> str:
        inside = self._text(found, Text(Part.INSIDE, wanted), kind)
        array = found.array()
        if kind.is_scalar or array is None:
            return inside
        element = Json("e", "$").text(exact=reads_as_scalar(Text(Part.WHOLE, wanted)))
        any_element = (
            f"any_match({array}, e -> COALESCE({element} = {literal(wanted)}, FALSE))"
        )
        if kind is Kind.ARRAY:
            return any_element
        return f"COALESCE({inside}, FALSE) OR COALESCE({any_element}, FALSE)"

    def _number(self, atom: Atom, found: Place) -> str:
        match found:
            case Json():
                return f"TRY_CAST({found.json_text()} AS DOUBLE)"
        raise RefusedError("the column holds text", atom.origin, atom)

    def _truthy(self, atom: Atom, found: Place, kind: Kind) -> str:
        match found:
            case Json():
                return f"{found.json_text()} NOT IN ({_EMPTY})"
            case Textual() if kind is Kind.BOOLEAN:
                return f"{found.text(exact=False)} = 'true'"
            case Textual():
                return f"{found.text(exact=False)} <> ''"
            case Column(json=True):
                return f"{found.name} NOT IN ('', {_EMPTY})"
        why = "AWS's table cannot tell an empty object from an absent one there"
        raise RefusedError(why, atom.origin, atom)

    def _same(self, atom: Atom, found: Place, names: Names, scope: _Scope) -> str:
        other = self._place(atom, names, scope)
        for place_, at in ((found, atom.names), (other, names)):
            kind = self.kinds.of(scope.documented + at)
            if kind is not Kind.TEXT or isinstance(place_, Struct | Column):
                why = f"{'.'.join(at)} is not known to be a text"
                raise self._refused(atom, scope, why)
        one, two = found.text(exact=True), other.text(exact=True)
        return f"{one} IS NOT DISTINCT FROM {two}"

    def _elements(self, form: Elements, scope: _Scope) -> str:
        found = scope.find(form.names)
        array = None if found is None else found.array()
        if found is None or array is None:
            why = f"AWS's table has no array at {'.'.join(form.names)}"
            raise self._refused(form, scope, why)
        name = f"e{scope.depth + 1}"
        inner = _Scope(
            found.element(name),
            (*scope.documented, *form.names, "[]"),
            scope.part or form,
            scope.depth + 1,
        )
        inside = self.condition(form.inside, inner, depth=scope.depth + 2)
        there = found.element(name)(())
        if isinstance(there, Json):
            inside = f"COALESCE({there.json_text()} <> 'null', FALSE) AND {inside}"
        some = f"any_match({array}, {name} -> {inside})"
        if not form.or_self or not isinstance(found, Json):
            return some
        alone = replace(inner, find=found.below)
        itself = self.condition(form.inside, alone, depth=scope.depth + 2)
        is_other = (
            f"COALESCE({found.json_text()} NOT LIKE '[%' AND "
            f"{found.json_text()} <> 'null', FALSE)"
        )
        return f"COALESCE({some}, FALSE) OR ({is_other} AND {itself})"

    def _opaque(self, atom: Atom, node: tree.Node, scope: _Scope) -> str:
        match node:
            case tree.Comparator(
                operator,
                tree.Function("length", (tree.Path(names),)),
                tree.Literal(int(number)),
            ) if not isinstance(number, bool):
                found = scope.find(names)
                kind = self.kinds.of(scope.documented + names)
                if isinstance(found, Json) and kind is Kind.ARRAY:
                    sql = {"==": "=", "!=": "<>"}.get(operator, operator)
                    return f"cardinality({found.array()}) {sql} {number}"
            case tree.Comparator("==", tree.Path(names), tree.Literal([])):
                found = scope.find(names)
                if isinstance(found, Json):
                    return found.equals_json("[]")
            case tree.Function("contains", (tree.Path(names), tree.Path(others))):
                one, other = scope.find(names), scope.find(others)
                texts = {self.kinds.of(scope.documented + at) for at in (names, others)}
                if one and other and texts == {Kind.TEXT}:
                    inside, outside = other.text(exact=True), one.text(exact=True)
                    return f"strpos({outside}, {inside}) > 0"
        raise self._refused(atom, scope, unsaid(node, "SQL"))


def _java(atom: Atom, pattern: str) -> str:
    try:
        return java(pattern)
    except ForeignPatternError as error:
        raise RefusedError(str(error), atom.origin, atom) from None
