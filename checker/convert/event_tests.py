"""Write a test of one field as a list of values of an EventBridge pattern.

What is absent fails `anything-but`, so each negation says that the field may be absent;
null passes it.  An object counts as absent and an array is opened, so a test that
would tell these apart is refused unless the field is known to be neither.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from checker.conditions import tree
from checker.convert import form
from checker.convert.alternatives import alternatives
from checker.convert.event_values import (
    Absent,
    But,
    ButLike,
    Exact,
    Like,
    Numeric,
    Value,
    Values,
    common,
    escaped,
    union,
)
from checker.convert.form import Part, Text
from checker.convert.kinds import Kind, Kinds
from checker.convert.literals import is_whole_number, reads_as_scalar
from checker.convert.refusal import RefusedError, unsaid
from checker.convert.target import At, AtomWriter

_At: TypeAlias = At[form.Names]

_NULL = Exact(None)
_NOTHING: Values = (_NULL, Absent())
_ANY_TEXT = Like("prefix", "")
_ANY_NUMBER = Numeric((">=", -5_000_000_000))
"""Any number that EventBridge compares: they are from -5 to 5 billions."""
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_LARGEST = 2**53
"""Numbers beyond are not told apart by a double, which EventBridge compares by."""


def values(atom: form.Atom, kinds: Kinds, documented: form.Names) -> Values:
    """Return the list of values of a field for which an atom holds.

    A text that is not there is left out by CloudTrail, and never null but at the top.
    """
    return _Writer(kinds, documented).tested(atom)


@dataclass(frozen=True, slots=True)
class _Writer(AtomWriter[form.Names, Values]):
    """Writes the tests of one field, which is documented under these names."""

    kinds: Kinds
    documented: form.Names

    def at(self, atom: form.Atom) -> At[form.Names]:
        return At(atom, self.documented, self.kinds.of(self.documented))

    def one_of(self, at: _At, values: tuple[form.Scalar, ...]) -> Values:
        if not at.atom.holds:
            return _none_of(at, values)
        found: Values = ()
        for value in values:
            if value is None:
                _require_scalar(at, "null from an object")
                found = union(found, _NOTHING)
            else:
                _require_double(at.atom, value)
                found = union(found, (Exact(value),))
        return found

    def text(self, at: _At, test: Text) -> Values:
        if test.fold and not test.literal.isascii():
            why = "EventBridge folds the case of other letters otherwise"
            raise RefusedError(why, at.atom)
        scalars = _scalars(at.atom, test) if test.scalar else ()
        if at.atom.holds:
            return (_like(at.atom, test), *scalars)
        return (_unlike(at.atom, test), Absent())

    def contains(self, at: _At, literal: str) -> Values:
        if at.kind.is_scalar:
            return self.text(at, Text(Part.INSIDE, literal))
        if at.kind is not Kind.ARRAY:
            raise RefusedError(
                "it is not known to be a text, and EventBridge asks each element of "
                "arrays",
                at.atom,
            )
        if not at.atom.holds:
            raise RefusedError(
                "EventBridge cannot express that no element is so", at.atom
            )
        return (Exact(literal),)

    def matches(self, at: _At, pattern: str, *, fold: bool) -> Values:
        texts = alternatives(pattern, fold=fold)
        if texts is None:
            raise RefusedError("EventBridge has no regular expressions", at.atom)
        lists = [self.text(at, text) for text in texts]
        return union(*lists) if at.atom.holds else _all(at.atom, lists)

    def ordered(self, at: _At, operator: str, number: float) -> Values:
        _require_double(at.atom, number)
        if at.atom.holds:
            return (Numeric((operator, number)),)
        flags = (Exact(value=True), Exact(value=False))
        opposite = Numeric((_OPPOSITE[operator], number))
        return (opposite, _ANY_TEXT, *flags, *_NOTHING)

    def truthy(self, at: _At) -> Values:
        if at.kind is Kind.ARRAY and not self.kinds.of((*at.field, "[]")).is_scalar:
            at = replace(at, kind=Kind.UNKNOWN)
        return _truthy(at) if at.atom.holds else _falsy(at)

    def in_networks(self, at: _At, networks: tuple[str, ...]) -> Values:  # noqa: ARG002 - none can be said
        why = "EventBridge takes IPv6 addresses for members of IPv4 networks"
        raise RefusedError(why, at.atom)

    def same_as(self, at: _At, names: form.Names) -> Values:  # noqa: ARG002 - none can be said
        why = "EventBridge compares a field with constants alone"
        raise RefusedError(why, at.atom)

    def opaque(self, atom: form.Atom, node: tree.Node) -> Values:
        raise RefusedError(unsaid(node, "EventBridge"), atom)


def _none_of(at: _At, values: tuple[form.Scalar, ...]) -> Values:
    if not values:
        raise RefusedError("it always holds: a list of the rule is empty", at.atom)
    if None in values:
        if at.kind is Kind.TEXT and values == (None,):
            return (_ANY_TEXT,)
        raise RefusedError("EventBridge has nothing that is all but null", at.atom)
    texts = tuple(v for v in values if isinstance(v, str))
    flags = tuple(v for v in values if isinstance(v, bool))
    numbers = tuple(
        v for v in values if isinstance(v, int | float) and not isinstance(v, bool)
    )
    for number in numbers:
        _require_double(at.atom, number)
    if flags and not texts and not numbers:
        others = tuple(Exact(v) for v in (True, False) if v not in flags)
        any_number = () if at.kind is Kind.BOOLEAN else (_ANY_NUMBER,)
        return (*others, _ANY_TEXT, *any_number, *_NOTHING)
    if flags:
        why = "EventBridge has no list of all but a boolean and a text"
        raise RefusedError(why, at.atom)
    return (But(texts + numbers), Absent())


def _like(atom: form.Atom, test: Text) -> Value:
    match test.part:
        case Part.WHOLE if test.fold:
            return Like("equals-ignore-case", test.literal)
        case Part.WHOLE:
            return Exact(test.literal)
        case Part.PREFIX | Part.SUFFIX:
            return Like(test.part.value, test.literal, test.fold)
        case Part.INSIDE if test.literal == "":
            return _ANY_TEXT
        case Part.INSIDE if test.fold:
            raise RefusedError("EventBridge has no wildcard in any case", atom)
        case Part.INSIDE:
            return Like("wildcard", f"*{escaped(test.literal)}*")
        case _:
            assert_never(test.part)


def _scalars(atom: form.Atom, test: Text) -> Values:
    """Return the number or boolean whose text passes a test, if there is one."""
    if not reads_as_scalar(test):
        return ()
    if test.part is Part.WHOLE and test.literal in ("true", "false"):
        return (Exact(test.literal == "true"),)
    if test.part is Part.WHOLE and is_whole_number(test.literal):
        return (Exact(int(test.literal)),)
    raise RefusedError("EventBridge does not compare a number as text", atom)


def _unlike(atom: form.Atom, test: Text) -> Value:
    match test.part:
        case Part.WHOLE if test.fold:
            return ButLike("equals-ignore-case", (test.literal,))
        case Part.WHOLE:
            return But((test.literal,))
        case Part.PREFIX | Part.SUFFIX if not test.fold and test.literal:
            return ButLike(test.part.value, (test.literal,))
        case Part.INSIDE if not test.fold and test.literal:
            return ButLike("wildcard", (f"*{escaped(test.literal)}*",))
    raise RefusedError("EventBridge has no `anything-but` of this in any case", atom)


def _all(atom: form.Atom, lists: list[Values]) -> Values:
    if not lists:
        raise RefusedError("it always holds", atom)
    found, *others = lists
    for other in others:
        both = common(found, other)
        if both is None:
            why = "EventBridge has no list that excludes all of these"
            raise RefusedError(why, atom)
        found = both
    return found


def _truthy(at: _At) -> Values:
    if at.kind is Kind.BOOLEAN:
        return (Exact(value=True), Exact("true"), Exact("false"))
    _require_scalar(at, "what is set from null")
    if at.kind is Kind.TEXT:  # left out where there is none, never null
        return (But(("",)),)
    why = "it may be null or false, which EventBridge would take for set"
    raise RefusedError(why, at.atom)


def _falsy(at: _At) -> Values:
    if at.kind is Kind.ARRAY:
        return _NOTHING  # an empty array has no leaf
    _require_scalar(at, "an object from nothing")
    return (Exact(""), Exact(value=False), *_NOTHING)


def _require_scalar(at: _At, what: str) -> None:
    if not at.kind.is_scalar:
        raise RefusedError(
            f"it is not known to be a text, number or boolean, "
            f"and EventBridge cannot tell {what}",
            at.atom,
        )


def _require_double(atom: form.Atom, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if abs(value) > _LARGEST:
        raise RefusedError(f"EventBridge cannot compare {value} exactly", atom)
