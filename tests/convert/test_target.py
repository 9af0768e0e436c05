"""What a target inherits: the way through a form, and to the method of each test."""

from __future__ import annotations

from typing import get_args

import pytest

from checker.conditions import parse, tree
from checker.convert import form
from checker.convert.form import all_of, any_of
from checker.convert.kinds import Kind
from checker.convert.refusal import RefusedError
from checker.convert.target import At, AtomWriter, FormWriter, bare

ORIGIN = form.Origin("selection", "text")
NODE = parse("a")


class Words(FormWriter[str], AtomWriter[str, str]):
    """A target that has a word for everything."""

    def all_of(self, parts: tuple[form.Form, ...]) -> str:
        return f"({' and '.join(map(self.said, parts))})"

    def any_of(self, parts: tuple[form.Form, ...]) -> str:
        return f"({' or '.join(map(self.said, parts))})"

    def atom(self, atom: form.Atom) -> str:
        return self.tested(atom) if atom.holds else f"not {self.tested(atom)}"

    def elements(self, elements: form.Elements) -> str:
        return f"some {'.'.join(elements.names)}: {self.said(elements.inside)}"

    def at(self, atom: form.Atom) -> At[str]:
        return At(atom, ".".join(atom.names), Kind.TEXT)

    def one_of(self, at: At[str], values: tuple[form.Scalar, ...]) -> str:
        return f"{at.field} one_of {values}"

    def text(self, at: At[str], test: form.Text) -> str:
        return f"{at.field} {test.part.value} {test.literal}"

    def contains(self, at: At[str], literal: str) -> str:
        return f"{at.field} contains {literal}"

    def matches(self, at: At[str], pattern: str, *, fold: bool) -> str:
        return f"{at.field} matches {pattern} {fold}"

    def ordered(self, at: At[str], operator: str, number: float) -> str:
        return f"{at.field} {operator} {number}"

    def truthy(self, at: At[str]) -> str:
        return f"{at.field} is something"

    def in_networks(self, at: At[str], networks: tuple[str, ...]) -> str:
        return f"{at.field} in {networks}"

    def same_as(self, at: At[str], names: form.Names) -> str:
        return f"{at.field} is {'.'.join(names)}"

    def opaque(self, atom: form.Atom, node: tree.Node) -> str:
        return f"{atom.origin.text} is opaque: {type(node).__name__}"


SAID: dict[form.Test, str] = {
    form.OneOf(("x",)): "a one_of ('x',)",
    form.Text(form.Part.PREFIX, "x"): "a prefix x",
    form.Contains("x"): "a contains x",
    form.Matches("x.", fold=True): "a matches x. True",
    form.Ordered("<", 5): "a < 5",
    form.Truthy(): "a is something",
    form.InNetworks(("192.0.2.0/24",)): "a in ('192.0.2.0/24',)",
    form.SameAs(("b", "c")): "a is b.c",
    form.Opaque(NODE): "text is opaque: Path",
}


def _atom(test: form.Test, *, holds: bool = True) -> form.Atom:
    return form.Atom(("a",), test, holds, ORIGIN)


@pytest.mark.parametrize("test", SAID, ids=lambda test: type(test).__name__)
def test_each_kind_of_test_has_its_method(test: form.Test) -> None:
    assert Words().said(_atom(test)) == SAID[test]
    assert Words().said(_atom(test, holds=False)) == f"not {SAID[test]}"


def test_every_kind_of_test_is_shown_here() -> None:
    kinds = {*get_args(form.FieldTest), form.Opaque}
    assert {type(test) for test in SAID} == kinds


def test_parts_are_joined_at_every_depth() -> None:
    one, two, three = (_atom(form.Contains(text)) for text in "xyz")
    inside = form.Elements(("b",), any_of(two, three), True, False, ORIGIN)  # noqa: FBT003 - as the form has it
    whole = all_of(one, any_of(two, inside))
    said = Words().said(whole)
    assert said == (
        "(a contains x and (a contains y or some b: (a contains y or a contains z)))"
    )
    assert bare(whole, said) == said[1:-1]
    assert bare(one, Words().said(one)) == "a contains x"


@pytest.mark.parametrize(
    ("constant", "why"),
    [(form.ALWAYS, "it always holds"), (form.NEVER, "it never holds")],
)
def test_a_target_without_a_word_for_a_constant_refuses_it(
    constant: form.Form, why: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        Words().said(constant)
    assert (caught.value.reason.why, caught.value.part) == (why, None)
