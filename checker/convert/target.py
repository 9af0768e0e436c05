"""What a target fills in: how it joins forms, and what it has for each test.

A target that cannot express something raises `RefusedError`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar, assert_never

from checker.conditions import tree
from checker.convert import form
from checker.convert.kinds import Kind
from checker.convert.refusal import RefusedError

Said = TypeVar("Said")
Field = TypeVar("Field")


class FormWriter(ABC, Generic[Said]):
    """Writes forms, whatever their tests are."""

    __slots__ = ()

    def said(self, whole: form.Form) -> Said:
        """Return what a target has for a form."""
        match whole:
            case form.AllOf(()):
                return self.always()
            case form.AnyOf(()):
                return self.never()
            case form.AllOf(parts):
                return self.all_of(parts)
            case form.AnyOf(parts):
                return self.any_of(parts)
            case form.Atom():
                return self.atom(whole)
            case form.Elements():
                return self.elements(whole)
            case _:
                assert_never(whole)

    def always(self) -> Said:
        """Return what always holds; most targets have nothing for it."""
        raise RefusedError("it always holds")

    def never(self) -> Said:
        """Return what never holds; most targets have nothing for it."""
        raise RefusedError("it never holds")

    @abstractmethod
    def all_of(self, parts: tuple[form.Form, ...]) -> Said:
        """Return what holds where every part does."""

    @abstractmethod
    def any_of(self, parts: tuple[form.Form, ...]) -> Said:
        """Return what holds where some part does."""

    @abstractmethod
    def atom(self, atom: form.Atom) -> Said:
        """Return what holds where an atom does."""

    @abstractmethod
    def elements(self, elements: form.Elements) -> Said:
        """Return what holds where some element of an array is so, or none is."""


def bare(whole: form.Form, text: str) -> str:
    """Return the text of a form without the parentheses around several parts."""
    return text[1:-1] if isinstance(whole, form.AllOf | form.AnyOf) else text


@dataclass(frozen=True, slots=True)
class At(Generic[Field]):
    """What is tested: an atom, its field as the target has it, and its JSON type."""

    atom: form.Atom
    field: Field
    kind: Kind


class AtomWriter(ABC, Generic[Field, Said]):
    """Writes the test of an atom: one method for each kind of test."""

    __slots__ = ()

    def tested(self, atom: form.Atom) -> Said:
        """Return what a target has for the test of an atom."""
        if isinstance(atom.test, form.Opaque):
            return self.opaque(atom, atom.test.node)
        return self.tested_at(self.at(atom), atom.test)

    def tested_at(self, at: At[Field], test: form.FieldTest) -> Said:
        """Return what a target has for a test of a field."""
        match test:
            case form.OneOf(values):
                return self.one_of(at, values)
            case form.Text():
                return self.text(at, test)
            case form.Contains(literal):
                return self.contains(at, literal)
            case form.Matches(pattern, fold):
                return self.matches(at, pattern, fold=fold)
            case form.Ordered(operator, number):
                return self.ordered(at, operator, number)
            case form.Truthy():
                return self.truthy(at)
            case form.InNetworks(networks):
                return self.in_networks(at, networks)
            case form.SameAs(names):
                return self.same_as(at, names)
            case _:
                assert_never(test)

    @abstractmethod
    def at(self, atom: form.Atom) -> At[Field]:
        """Return the field of an atom."""

    @abstractmethod
    def one_of(self, at: At[Field], values: tuple[form.Scalar, ...]) -> Said:
        """Return the test of `OneOf`."""

    @abstractmethod
    def text(self, at: At[Field], test: form.Text) -> Said:
        """Return the test of `Text`."""

    @abstractmethod
    def contains(self, at: At[Field], literal: str) -> Said:
        """Return the test of `Contains`."""

    @abstractmethod
    def matches(self, at: At[Field], pattern: str, *, fold: bool) -> Said:
        """Return the test of `Matches`."""

    @abstractmethod
    def ordered(self, at: At[Field], operator: str, number: float) -> Said:
        """Return the test of `Ordered`."""

    @abstractmethod
    def truthy(self, at: At[Field]) -> Said:
        """Return the test of `Truthy`."""

    @abstractmethod
    def in_networks(self, at: At[Field], networks: tuple[str, ...]) -> Said:
        """Return the test of `InNetworks`."""

    @abstractmethod
    def same_as(self, at: At[Field], names: form.Names) -> Said:
        """Return the test of `SameAs`."""

    @abstractmethod
    def opaque(self, atom: form.Atom, node: tree.Node) -> Said:
        """Return the test of `Opaque`: what a target writes by hand."""
