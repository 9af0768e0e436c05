"""Describe what is at a field of the events that a rule is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from checker.authoring.lint.pins import Pin, Pins
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.walk import RECORD_VALUE, Value, Walker, Where
from checker.conditions import tree

_ANY = frozenset({"any"})


@dataclass(slots=True)
class _Missing:
    """Notes a step that nothing documented has: into a list, say."""

    kinds: set[str] = field(default_factory=set)

    def missing(self, where: Where, path: tree.Path, base: Value, name: str) -> None:  # noqa: ARG002 - the visitor's form
        self.kinds |= base.kinds

    def unopened(self, where: Where, node: tree.Node, base: Value) -> None:
        """Take no note of brackets: a field of Sigma's has none."""

    def comparison(
        self, where: Where, node: tree.Node, values: tuple[Value, ...]
    ) -> None:
        """Take no note of comparisons."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a field can be: JSON types, `any` among them, and its values if all known.

    A field inside a list, or one that nobody documents, is `any`.
    """

    kinds: frozenset[str]
    values: frozenset[str] = frozenset()

    @property
    def is_text(self) -> bool:
        """Whether it is text, or not there."""
        return self.kinds == {"string"}

    @property
    def is_scalar(self) -> bool:
        """Whether it is one text, number or truth value, or not there."""
        return bool(self.kinds) and self.kinds <= {"string", "number", "boolean"}


_SIGN_IN = "signin.amazonaws.com"


def _of_sign_in(pin: Pin) -> Pin:
    """Add the event source of sign-ins to their names, which no other source has.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
    """
    if pin.sources is None and pin.names and pin.names <= _ONLY_SIGN_IN:
        return replace(pin, sources=frozenset({_SIGN_IN}))
    return pin


_ONLY_SIGN_IN = frozenset({"ConsoleLogin", "CheckMfa", "SwitchRole", "ExitRole"})


def of(subject: Subject, path: tree.Path, about: Pins) -> Field:
    """Return what a field can be on the events that a part of a rule is about."""
    visitor = _Missing()
    about = tuple(map(_of_sign_in, about))
    where = Where(subject, ("detection", "condition"), pins=about)
    value = Walker(visitor).read(path, where, RECORD_VALUE)
    if visitor.kinds:
        return Field(_ANY)
    values: set[str] = set()
    for shape in value.shapes:
        if not shape.values or shape.open_values:
            return Field(value.kinds)
        values |= shape.values
    return Field(value.kinds, frozenset(values))
