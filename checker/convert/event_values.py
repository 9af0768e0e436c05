"""Lists of values of EventBridge patterns, and what two of them have in common.

The values of a list are alternatives.  A pattern has one list for a field, so that two
tests of a field that must both hold have to become one list.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker.convert.form import Scalar


@dataclass(frozen=True, slots=True)
class Exact:
    """A text, number, boolean or null, as it stands in JSON."""

    value: Scalar

    @property
    def key(self) -> str:
        """Return the JSON text, which tells 1 from true."""
        return json.dumps(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no value: `{"exists": false}`."""


@dataclass(frozen=True, slots=True)
class Like:
    """A text: `operator` is prefix, suffix, wildcard or equals-ignore-case.

    With `fold` the prefix or suffix is taken in any case.
    """

    operator: str
    text: str
    fold: bool = False


@dataclass(frozen=True, slots=True)
class But:
    """Any value, null too, but these texts or numbers."""

    values: tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class ButLike:
    """Any value, null too, but texts like these (`operator` as of `Like`)."""

    operator: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number that compares so: `[">=", 5]`."""

    comparison: tuple[str | float, ...]


Value: TypeAlias = Exact | Absent | Like | But | ButLike | Numeric
Values: TypeAlias = tuple[Value, ...]

_COMPARE = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def written(value: Value) -> Any:
    """Return a value as it stands in a pattern."""
    match value:
        case Exact(found):
            return found
        case Absent():
            return {"exists": False}
        case Like(operator, text, fold):
            return {operator: {"equals-ignore-case": text} if fold else text}
        case But(values):
            return {"anything-but": values[0] if len(values) == 1 else list(values)}
        case ButLike(operator, texts):
            only = texts[0] if len(texts) == 1 else list(texts)
            return {"anything-but": {operator: only}}
        case Numeric(comparison):
            return {"numeric": list(comparison)}


def union(*lists: Values) -> Values:
    """Return the values of all lists, each once."""
    return tuple(dict.fromkeys(value for values in lists for value in values))


def common(one: Values, other: Values) -> Values | None:
    """Return the list of what both allow; None where no list says it."""
    if set(one) <= set(other):
        return one
    if set(other) <= set(one):
        return other
    found: list[Value] = []
    for left in one:
        for right in other:
            both = _both(left, right)
            if both is None:
                return None
            found += both
    return union(tuple(found))


def _both(  # noqa: C901 - one case for each two values
    one: Value, other: Value
) -> Sequence[Value] | None:
    """Return what two values have in common; None where it cannot be written."""
    if one == other:
        return [one]
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Absent):
            return []  # nothing else is about what is absent
        if isinstance(left, Exact):
            return [left] if allows(right, left.value) else []
    if isinstance(one, Numeric) and isinstance(other, Numeric):
        return None
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Numeric) and not isinstance(right, But):
            return [left] if isinstance(right, ButLike) else []
        if isinstance(left, Numeric):
            texts = all(isinstance(v, str) for v in right.values)  # type: ignore[union-attr] # a But
            return [left] if texts else None
    if isinstance(one, Like) and isinstance(other, Like):
        return _both_like(one, other)
    if isinstance(one, But | ButLike) and isinstance(other, But | ButLike):
        return _neither(one, other)
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Like) and isinstance(right, But | ButLike):
            return [left] if _apart(left, right) else None
    return None


def _both_like(one: Like, other: Like) -> Sequence[Value] | None:
    for left, right in ((one, other), (other, one)):
        if _within(left, right):
            return [left]
    if one.fold or other.fold:
        return None
    if one.operator == other.operator and one.operator in ("prefix", "suffix"):
        return []  # neither begins (ends) with the other
    return None


def _within(one: Like, other: Like) -> bool:
    """Return whether every text like one is like the other."""
    if other.fold or one.fold:
        return False
    operators = one.operator, other.operator
    if operators == ("prefix", "prefix"):
        return one.text.startswith(other.text)
    if operators == ("suffix", "suffix"):
        return one.text.endswith(other.text)
    if other.operator == "wildcard" and one.operator in ("prefix", "suffix"):
        inner = _inner(other.text)
        return inner is not None and inner in one.text
    if operators == ("wildcard", "wildcard"):
        wide, narrow = _inner(other.text), _inner(one.text)
        return wide is not None and narrow is not None and wide in narrow
    return False


def _inner(pattern: str) -> str | None:
    """Return the text of `*text*`; None for other patterns."""
    if len(pattern) < 3 or not (pattern[0] == pattern[-1] == "*"):
        return None
    inner = pattern[1:-1]
    plain = inner.replace("\\\\", "").replace("\\*", "")
    if "*" in plain:
        return None
    return inner.replace("\\*", "*").replace("\\\\", "\\")


def _neither(one: But | ButLike, other: But | ButLike) -> Sequence[Value] | None:
    if isinstance(one, But) and isinstance(other, But):
        return [But(tuple(dict.fromkeys(one.values + other.values)))]
    alike = isinstance(one, ButLike) and isinstance(other, ButLike)
    if alike and one.operator == other.operator:  # type: ignore[union-attr] # both are
        texts = dict.fromkeys(one.texts + other.texts)  # type: ignore[union-attr] # likewise
        return [ButLike(one.operator, tuple(texts))]  # type: ignore[union-attr] # likewise
    wild = [*_as_wildcards(one), *_as_wildcards(other)]
    if None in wild:
        return None
    return [ButLike("wildcard", tuple(dict.fromkeys(map(str, wild))))]


def _as_wildcards(value: But | ButLike) -> list[str | None]:
    """Return wildcard patterns for what is excluded; None for what has none."""
    if isinstance(value, But):
        return [
            escaped(each) if isinstance(each, str) and each else None
            for each in value.values
        ]
    made = {"prefix": "{}*", "suffix": "*{}", "wildcard": "{}"}.get(value.operator)
    if made is None:
        return [None]
    if value.operator == "wildcard":
        return list(value.texts)
    return [made.format(escaped(text)) for text in value.texts]


def _apart(like: Like, but: But | ButLike) -> bool:
    """Return whether what is excluded never is like a text: it says nothing then."""
    if isinstance(but, But):
        return not any(isinstance(v, str) and allows(like, v) for v in but.values)
    if like.fold or but.operator != like.operator:
        return False
    if like.operator == "prefix":
        return not any(
            text.startswith(like.text) or like.text.startswith(text)
            for text in but.texts
        )
    if like.operator == "suffix":
        return not any(
            text.endswith(like.text) or like.text.endswith(text) for text in but.texts
        )
    return False


def allows(value: Value, found: Scalar) -> bool:
    """Return whether a value of a list takes a value of an event that is there."""
    match value:
        case Exact():
            return value == Exact(found)
        case Absent():
            return False
        case Like(operator, text, fold):
            return isinstance(found, str) and _like(operator, text, found, fold=fold)
        case But(values):
            return not any(Exact(each) == Exact(found) for each in values)
        case ButLike(operator, texts):
            return not isinstance(found, str) or not any(
                _like(operator, text, found, fold=False) for text in texts
            )
        case Numeric((operator, number)):
            is_number = isinstance(found, int | float) and not isinstance(found, bool)
            return is_number and _COMPARE[str(operator)](found, number)
        case Numeric():
            raise TypeError(value)


def _like(operator: str, text: str, found: str, *, fold: bool) -> bool:
    if fold or operator == "equals-ignore-case":
        text, found = text.lower(), found.lower()
    if operator == "prefix":
        return found.startswith(text)
    if operator == "suffix":
        return found.endswith(text)
    if operator == "wildcard":
        return _wildcard(text, found)
    return found == text


def _wildcard(pattern: str, found: str) -> bool:
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        return found == pieces[0]
    first, *middle, last = pieces
    if not found.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        next_ = found.find(piece, at)
        if next_ < 0:
            return False
        at = next_ + len(piece)
    return found.endswith(last) and at + len(last) <= len(found)


def _pieces(pattern: str) -> list[str]:
    pieces, at = [""], 0
    while at < len(pattern):
        if pattern[at] == "\\":
            pieces[-1] += pattern[at + 1]
            at += 1
        elif pattern[at] == "*":
            pieces.append("")
        else:
            pieces[-1] += pattern[at]
        at += 1
    return pieces


def escaped(text: str) -> str:
    """Return a text as a wildcard pattern has it: no `*` of it is one."""
    return text.replace("\\", "\\\\").replace("*", "\\*")
