"""Write a test of one field as a list of values of an EventBridge pattern.

What is absent fails `anything-but`, so each negation says that the field may be absent;
null passes it.  An object counts as absent and an array is opened, so a test that
would tell these apart is refused unless the field is known to be neither.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from typing import assert_never

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
from checker.convert.form import (
    Atom,
    Contains,
    InNetworks,
    Matches,
    Names,
    OneOf,
    Opaque,
    Ordered,
    Part,
    SameAs,
    Text,
    Truthy,
)
from checker.convert.kinds import Kind, Kinds
from checker.convert.refusal import RefusedError, unsaid

_NULL = Exact(None)
_NOTHING: Values = (_NULL, Absent())
_ANY_TEXT = Like("prefix", "")
_ANY_NUMBER = Numeric((">=", -5_000_000_000))
"""Any number that EventBridge compares: they are from -5 to 5 billions."""
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_LARGEST = 2**53
"""Numbers beyond are not told apart by a double, which EventBridge compares by."""


def values(  # noqa: C901 - one case for each test
    atom: Atom, kinds: Kinds, documented: Names
) -> Values:
    """Return the list of values of a field for which an atom holds.

    A text that is not there is left out by CloudTrail, and never null but at the top.
    """
    test, kind = atom.test, kinds.of(documented)
    match test:
        case OneOf():
            return _one_of(atom, test, kind)
        case Text():
            return _text(atom, test)
        case Contains(literal):
            return _contains(atom, literal, kind)
        case Matches(pattern, fold):
            texts = alternatives(pattern, fold=fold)
            if texts is None:
                raise _refused(atom, "EventBridge has no regular expressions")
            return _any_text(atom, texts)
        case Ordered(operator, number):
            return _ordered(atom, operator, number)
        case Truthy():
            if kind is Kind.ARRAY and not kinds.of((*documented, "[]")).is_scalar:
                kind = Kind.UNKNOWN
            return _truthy(atom, kind) if atom.holds else _falsy(atom, kind)
        case InNetworks():
            raise _refused(
                atom, "EventBridge takes IPv6 addresses for members of IPv4 networks"
            )
        case SameAs():
            raise _refused(atom, "EventBridge compares a field with constants alone")
        case Opaque(node):
            raise _refused(atom, unsaid(node, "EventBridge"))
        case _:
            assert_never(test)


def _refused(atom: Atom, why: str) -> RefusedError:
    return RefusedError(why, atom.origin, atom)


def _one_of(atom: Atom, test: OneOf, kind: Kind) -> Values:
    if not atom.holds:
        return _none_of(atom, test, kind)
    found: Values = ()
    for value in test.values:
        if value is None:
            _require_scalar(atom, kind, "null from an object")
            found = union(found, _NOTHING)
        else:
            _require_double(atom, value)
            found = union(found, (Exact(value),))
    return found


def _none_of(atom: Atom, test: OneOf, kind: Kind) -> Values:
    if not test.values:
        raise _refused(atom, "it always holds: a list of the rule is empty")
    if None in test.values:
        if kind is Kind.TEXT and test.values == (None,):
            return (_ANY_TEXT,)
        raise _refused(atom, "EventBridge has nothing that is all but null")
    texts = tuple(v for v in test.values if isinstance(v, str))
    flags = tuple(v for v in test.values if isinstance(v, bool))
    numbers = tuple(
        v for v in test.values if isinstance(v, int | float) and not isinstance(v, bool)
    )
    for number in numbers:
        _require_double(atom, number)
    if flags and not texts and not numbers:
        others = tuple(Exact(v) for v in (True, False) if v not in flags)
        any_number = () if kind is Kind.BOOLEAN else (_ANY_NUMBER,)
        return (*others, _ANY_TEXT, *any_number, *_NOTHING)
    if flags:
        raise _refused(atom, "EventBridge has no list of all but a boolean and a text")
    return (But(texts + numbers), Absent())


def _text(atom: Atom, test: Text) -> Values:
    if test.fold and not test.literal.isascii():
        raise _refused(atom, "EventBridge folds the case of other letters otherwise")
    if atom.holds:
        return (_like(atom, test),)
    return (_unlike(atom, test), Absent())


def _like(atom: Atom, test: Text) -> Value:
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
            raise _refused(atom, "EventBridge has no wildcard in any case")
        case Part.INSIDE:
            return Like("wildcard", f"*{escaped(test.literal)}*")
        case _:
            assert_never(test.part)


def _unlike(atom: Atom, test: Text) -> Value:
    match test.part:
        case Part.WHOLE if test.fold:
            return ButLike("equals-ignore-case", (test.literal,))
        case Part.WHOLE:
            return But((test.literal,))
        case Part.PREFIX | Part.SUFFIX if not test.fold and test.literal:
            return ButLike(test.part.value, (test.literal,))
        case Part.INSIDE if not test.fold and test.literal:
            return ButLike("wildcard", (f"*{escaped(test.literal)}*",))
    raise _refused(atom, "EventBridge has no `anything-but` of this in any case")


def _any_text(atom: Atom, texts: tuple[Text, ...]) -> Values:
    if atom.holds:
        return union(*(_text(atom, text) for text in texts))
    found: Values | None = None
    for text in texts:
        unlike = _text(atom, text)
        found = unlike if found is None else common(found, unlike)
        if found is None:
            raise _refused(atom, "EventBridge has no list that excludes all of these")
    if found is None:
        raise _refused(atom, "it always holds")
    return found


def _contains(atom: Atom, literal: str, kind: Kind) -> Values:
    if kind.is_scalar:
        return _text(atom, Text(Part.INSIDE, literal))
    if kind is Kind.ARRAY and atom.holds:
        return (Exact(literal),)
    if kind is Kind.ARRAY:
        raise _refused(atom, "EventBridge cannot say that no element is so")
    raise _refused(
        atom,
        "it is not known to be a text, and EventBridge asks each element of arrays",
    )


def _ordered(atom: Atom, operator: str, number: float) -> Values:
    _require_double(atom, number)
    if atom.holds:
        return (Numeric((operator, number)),)
    flags = (Exact(value=True), Exact(value=False))
    opposite = Numeric((_OPPOSITE[operator], number))
    return (opposite, _ANY_TEXT, *flags, *_NOTHING)


def _truthy(atom: Atom, kind: Kind) -> Values:
    if kind is Kind.BOOLEAN:
        return (Exact(value=True), Exact("true"), Exact("false"))
    _require_scalar(atom, kind, "what is set from null")
    if kind is Kind.TEXT:  # left out where there is none, never null
        return (But(("",)),)
    raise _refused(
        atom, "it may be null or false, which EventBridge would take for set"
    )


def _falsy(atom: Atom, kind: Kind) -> Values:
    if kind is Kind.ARRAY:
        return _NOTHING  # an empty array has no leaf
    _require_scalar(atom, kind, "an object from nothing")
    return (Exact(""), Exact(value=False), *_NOTHING)


def _require_scalar(atom: Atom, kind: Kind, what: str) -> None:
    if not kind.is_scalar:
        raise _refused(
            atom,
            f"it is not known to be a text, number or boolean, "
            f"and EventBridge cannot tell {what}",
        )


def _require_double(atom: Atom, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if abs(value) > _LARGEST:
        raise _refused(atom, f"EventBridge cannot compare {value} exactly")
