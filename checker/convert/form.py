"""The normal form that every target reads.

A condition becomes ANDs and ORs of atoms: selections are opened, `!` is pushed down to
the atoms, a function on a field becomes a test of it.  An atom holds or does not: what
is absent, null or of another type fails its test, and so passes its negation.  What no
test says stays as the part of the condition that it is (`Opaque`), for the target to
refuse or to write by hand.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from checker.conditions import tree

Names: TypeAlias = tuple[str, ...]
Scalar: TypeAlias = str | int | float | bool | None


class Part(enum.Enum):
    """Which part of a text a literal is compared with."""

    WHOLE = "whole"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of these, of the same JSON type; None: null or absent."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The value is text that is, begins with, ends with or contains a literal.

    With `fold` the text is taken in lower case, and so is the literal.  With `scalar`
    a number or boolean is compared as its text.
    """

    part: Part
    literal: str
    fold: bool = False
    scalar: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """The value is text that contains a literal, or an array that has it."""

    literal: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The value is text in which an RE2 pattern occurs (`fold`: of its lower case)."""

    pattern: str
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """The value is a number that compares so with another."""

    operator: str
    number: float


@dataclass(frozen=True, slots=True)
class Truthy:
    """The value is something: not null, false, nor an empty text, array or object."""


@dataclass(frozen=True, slots=True)
class InNetworks:
    """The value is the text of an address in one of the networks."""

    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SameAs:
    """The value equals that of another field; both absent or null are equal."""

    names: Names


@dataclass(frozen=True, slots=True)
class Opaque:
    """What no other test says: the node itself."""

    node: tree.Node


FieldTest: TypeAlias = (
    OneOf | Text | Contains | Matches | Ordered | Truthy | InNetworks | SameAs
)
Test: TypeAlias = FieldTest | Opaque


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in a rule a part stands: the selection, and its text.

    `offset` counts characters from 0 in the selection's own text; None where the rule
    has no such text, as Sigma's.
    """

    selection: str
    text: str
    offset: int | None = 0

    def __str__(self) -> str:
        if self.offset is None:
            return f"`{self.text}` ({self.selection})"
        return f"`{self.text}` ({self.selection}, character {self.offset + 1})"


@dataclass(frozen=True, slots=True)
class Atom:
    """One test of one field; `holds` false: the test fails."""

    names: Names
    test: Test
    holds: bool
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True)
class Elements:
    """Some element of an array, not null, satisfies a form; `holds` false: none does.

    `inside` reads from the element.  With `or_self` a value that is no array, and not
    null, is asked itself.
    """

    names: Names
    inside: Form
    holds: bool
    or_self: bool
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; no parts: it always holds."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds; no parts: it never holds."""

    parts: tuple[Form, ...]


Form: TypeAlias = Atom | Elements | AllOf | AnyOf

ALWAYS = AllOf(())
NEVER = AnyOf(())


def all_of(*parts: Form) -> Form:
    """Join parts with AND: flat, without repetitions and what always holds."""
    kept: dict[Form, None] = {}
    for part in parts:
        if part == NEVER:
            return NEVER
        kept.update(dict.fromkeys(part.parts if isinstance(part, AllOf) else (part,)))
    found = tuple(kept)
    return found[0] if len(found) == 1 else AllOf(found)


def any_of(*parts: Form) -> Form:
    """Join parts with OR: flat, without repetitions and what never holds."""
    kept: dict[Form, None] = {}
    for part in parts:
        if part == ALWAYS:
            return ALWAYS
        kept.update(dict.fromkeys(part.parts if isinstance(part, AnyOf) else (part,)))
    found = tuple(kept)
    return found[0] if len(found) == 1 else AnyOf(found)


def negated(form: Form) -> Form:
    """Return the form that holds where another does not."""
    match form:
        case Atom() | Elements():
            return replace(form, holds=not form.holds)
        case AllOf(parts):
            return any_of(*map(negated, parts))
        case AnyOf(parts):
            return all_of(*map(negated, parts))
        case _:
            assert_never(form)


def below(form: Form, names: Names) -> Form:
    """Return a form that reads from a field what another reads from its value."""
    match form:
        case Atom(test=SameAs(other)):
            return replace(form, names=names + form.names, test=SameAs(names + other))
        case Atom() | Elements():
            return replace(form, names=names + form.names)
        case AllOf(parts):
            return AllOf(tuple(below(part, names) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(below(part, names) for part in parts))
        case _:
            assert_never(form)


def atoms(form: Form) -> Iterator[Atom | Elements]:
    """Yield the atoms and scopes of a form, not those inside scopes."""
    match form:
        case Atom() | Elements():
            yield form
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from atoms(part)
        case _:
            assert_never(form)


def without(form: Form, dropped: Form) -> Form:
    """Return a form that is only wider: a part of it taken to hold.

    No `!` stands above a part, so that a form grows with each of its parts.
    """
    if form == dropped:
        return ALWAYS
    match form:
        case AllOf(parts):
            return all_of(*(without(part, dropped) for part in parts))
        case AnyOf(parts):
            return any_of(*(without(part, dropped) for part in parts))
    return form


def rewritten(form: Form, change: Callable[[Atom | Elements], Form]) -> Form:
    """Return a form with each atom and scope changed."""
    match form:
        case AllOf(parts):
            return all_of(*(rewritten(part, change) for part in parts))
        case AnyOf(parts):
            return any_of(*(rewritten(part, change) for part in parts))
        case Atom() | Elements():
            return change(form)
        case _:
            assert_never(form)
