"""Write a normal form as a condition in Trino's SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import assert_never

from checker.conditions import tree
from checker.convert import form
from checker.convert.athena_table import (
    Column,
    Find,
    Json,
    Place,
    Struct,
    Textual,
    place,
)
from checker.convert.form import Part, Text
from checker.convert.java_pattern import ForeignPatternError, java
from checker.convert.kinds import Kind, Kinds
from checker.convert.literals import is_whole_number, reads_as_scalar
from checker.convert.refusal import RefusedError, unsaid
from checker.convert.target import At, AtomWriter, FormWriter

_EMPTY = "'null', 'false', '\"\"', '[]', '{}'"


def where(wanted: form.Form, kinds: Kinds) -> str:
    """Return the condition of a form over a row of the table; raises `RefusedError`."""
    return _Writer(kinds, _ROW, depth=1).said(wanted)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names are read from: a row of the table, or an element of an array."""

    find: Find
    documented: form.Names = ()
    part: form.Elements | None = None
    depth: int = 0


_ROW = _Scope(place)


def literal(text: str) -> str:
    """Return a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Writer(FormWriter[str], AtomWriter[Place, str]):
    """Writes what is read in a scope; `depth` is the indentation of its lines."""

    kinds: Kinds
    scope: _Scope
    depth: int

    def always(self) -> str:
        return "TRUE"

    def never(self) -> str:
        return "FALSE"

    def all_of(self, parts: tuple[form.Form, ...]) -> str:
        return self._joined("AND", parts)

    def any_of(self, parts: tuple[form.Form, ...]) -> str:
        return self._joined("OR", parts)

    def _joined(self, operator: str, parts: tuple[form.Form, ...]) -> str:
        texts = [*map(replace(self, depth=self.depth + 1).said, parts)]
        text = f" {operator} ".join(texts)
        if len(text) > 60:
            text = f"\n{'  ' * self.depth}{operator} ".join(texts)
        return f"({text})"

    def atom(self, atom: form.Atom) -> str:
        return _signed(self.tested(atom), holds=atom.holds)

    def elements(self, elements: form.Elements) -> str:
        return _signed(self._some(elements), holds=elements.holds)

    def _some(self, elements: form.Elements) -> str:
        found = self.scope.find(elements.names)
        array = None if found is None else found.array()
        if array is None:
            why = f"AWS's table has no array at {'.'.join(elements.names)}"
            raise self._refused(elements, why)
        name = f"e{self.scope.depth + 1}"
        element = array.element(name)
        inner = _Scope(
            element,
            (*self.scope.documented, *elements.names, "[]"),
            self.scope.part or elements,
            self.scope.depth + 1,
        )
        inside = self._inside(elements, inner)
        there = element(())
        if isinstance(there, Json):
            inside = f"COALESCE({there.json_text()} <> 'null', FALSE) AND {inside}"
        some = f"any_match({array.sql}, {name} -> {inside})"
        if not elements.or_self or not isinstance(found, Json):
            return some
        itself = self._inside(elements, replace(inner, find=found.below))
        is_other = (
            f"COALESCE({found.json_text()} NOT LIKE '[%' AND "
            f"{found.json_text()} <> 'null', FALSE)"
        )
        return f"COALESCE({some}, FALSE) OR ({is_other} AND {itself})"

    def _inside(self, elements: form.Elements, scope: _Scope) -> str:
        writer = _Writer(self.kinds, scope, depth=self.scope.depth + 2)
        return writer.said(elements.inside)

    def at(self, atom: form.Atom) -> At[Place]:
        return At(atom, self._place(atom, atom.names), self._kind(atom.names))

    def _kind(self, names: form.Names) -> Kind:
        return self.kinds.of(self.scope.documented + names)

    def _place(self, atom: form.Atom, names: form.Names) -> Place:
        found = self.scope.find(names)
        if found is None:
            why = f"AWS's table has no column for {'.'.join(names)}"
            raise self._refused(atom, why)
        return found

    def _refused(self, part: form.Atom | form.Elements, why: str) -> RefusedError:
        return RefusedError(why, self.scope.part or part)

    def one_of(self, at: At[Place], values: tuple[form.Scalar, ...]) -> str:
        tests: list[str] = []
        texts = [value for value in values if isinstance(value, str)]
        plain = [
            text
            for text in texts
            if at.kind is Kind.TEXT or not reads_as_scalar(Text(Part.WHOLE, text))
        ]
        guarded = [text for text in texts if text not in plain]
        for group, exact in ((plain, False), (guarded, True)):
            if len(group) == 1:
                tests.append(f"{at.field.text(exact=exact)} = {literal(group[0])}")
            elif group:
                listed = ", ".join(map(literal, group))
                tests.append(f"{at.field.text(exact=exact)} IN ({listed})")
        tests += [
            at.field.equals_json(json.dumps(value))
            for value in values
            if value is not None and not isinstance(value, str)
        ]
        if None in values:
            tests.append(at.field.is_null())
        return " OR ".join(tests)

    def text(self, at: At[Place], test: Text) -> str:
        loose = at.kind is Kind.TEXT or test.scalar
        exact = not loose and reads_as_scalar(test)
        text = at.field.text(exact=exact)
        if test.fold:
            text = f"lower({text})"
        wanted = literal(test.literal)
        match test.part:
            case Part.WHOLE if test.scalar and is_whole_number(test.literal):
                number = at.field.equals_json(test.literal)  # 443.0, too
                return f"{text} = {wanted} OR {number}"
            case Part.WHOLE:
                return f"{text} = {wanted}"
            case Part.PREFIX:
                return f"starts_with({text}, {wanted})"
            case Part.SUFFIX | Part.INSIDE if test.literal == "":
                return f"{text} IS NOT NULL"
            case Part.SUFFIX:
                length = len(test.literal)
                return (
                    f"length({text}) >= {length} AND "
                    f"substr({text}, -{length}) = {wanted}"
                )
            case Part.INSIDE:
                return f"strpos({text}, {wanted}) > 0"
            case _:
                assert_never(test.part)

    def contains(self, at: At[Place], wanted: str) -> str:
        inside = self.text(at, Text(Part.INSIDE, wanted))
        array = at.field.array()
        if at.kind.is_scalar or array is None:
            return inside
        element = Json("e", "$").text(exact=reads_as_scalar(Text(Part.WHOLE, wanted)))
        is_wanted = f"COALESCE({element} = {literal(wanted)}, FALSE)"
        any_element = f"any_match({array.sql}, e -> {is_wanted})"
        return f"COALESCE({inside}, FALSE) OR COALESCE({any_element}, FALSE)"

    def matches(self, at: At[Place], pattern: str, *, fold: bool) -> str:
        text = at.field.text(exact=at.kind is not Kind.TEXT)
        subject = f"lower({text})" if fold else text
        return f"regexp_like({subject}, {literal(_java(at.atom, pattern))})"

    def ordered(self, at: At[Place], operator: str, number: float) -> str:
        if not isinstance(at.field, Json):
            raise RefusedError("the column holds text", at.atom)
        return f"TRY_CAST({at.field.json_text()} AS DOUBLE) {operator} {number!r}"

    def truthy(self, at: At[Place]) -> str:
        match at.field:
            case Json():
                return f"{at.field.json_text()} NOT IN ({_EMPTY})"
            case Textual() if at.kind is Kind.BOOLEAN:
                return f"{at.field.text(exact=False)} = 'true'"
            case Textual():
                return f"{at.field.text(exact=False)} <> ''"
            case Column(name):
                return f"{name} NOT IN ('', {_EMPTY})"
            case Struct():
                why = "AWS's table cannot tell an empty object from an absent one there"
                raise RefusedError(why, at.atom)
            case _:
                assert_never(at.field)

    def in_networks(self, at: At[Place], networks: tuple[str, ...]) -> str:
        address = f"TRY_CAST({at.field.text(exact=True)} AS IPADDRESS)"
        return " OR ".join(f"contains({literal(n)}, {address})" for n in networks)

    def same_as(self, at: At[Place], names: form.Names) -> str:
        other = self._place(at.atom, names)
        for place_, each in ((at.field, at.atom.names), (other, names)):
            if self._kind(each) is not Kind.TEXT or isinstance(place_, Struct | Column):
                why = f"{'.'.join(each)} is not known to be a text"
                raise self._refused(at.atom, why)
        one, two = at.field.text(exact=True), other.text(exact=True)
        return f"{one} IS NOT DISTINCT FROM {two}"

    def opaque(self, atom: form.Atom, node: tree.Node) -> str:
        match node:
            case tree.Comparator(
                operator,
                tree.Function("length", (tree.Path(names),)),
                tree.Literal(int(number)),
            ) if not isinstance(number, bool):
                found = self.scope.find(names)
                if isinstance(found, Json) and self._kind(names) is Kind.ARRAY:
                    sql = {"==": "=", "!=": "<>"}.get(operator, operator)
                    lengths = (
                        f"cardinality({found.array().sql})",
                        f"length({found.text(exact=True)})",
                    )
                    return f"COALESCE({', '.join(lengths)}) {sql} {number}"
            case tree.Comparator("==", tree.Path(names), tree.Literal([])):
                found = self.scope.find(names)
                if isinstance(found, Json):
                    return found.equals_json("[]")
            case tree.Function("contains", (tree.Path(names), tree.Path(others))):
                one, other = self.scope.find(names), self.scope.find(others)
                texts = {self._kind(names), self._kind(others)}
                if one and other and texts == {Kind.TEXT}:
                    inside, outside = other.text(exact=True), one.text(exact=True)
                    return f"strpos({outside}, {inside}) > 0"
        raise self._refused(atom, unsaid(node, "SQL"))


def _signed(text: str, *, holds: bool) -> str:
    two_valued = f"COALESCE({text}, FALSE)"
    return two_valued if holds else f"NOT {two_valued}"


def _java(atom: form.Atom, pattern: str) -> str:
    try:
        return java(pattern)
    except ForeignPatternError as error:
        raise RefusedError(str(error), atom) from None
