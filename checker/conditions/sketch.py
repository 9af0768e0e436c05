"""Texts of which parts are not known yet: `arn:aws:s3:::` and a bucket's name to come.

A template names its resources before they exist.  What is written around such a name
is known, and two texts that name the same resource in the same place are the same.
So a policy can be held against a bucket, and an alarm against a topic, before either
has an ARN.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

_MOST_STEPS = 40_000
"""How many steps are taken to compare two texts; beyond, they may be the same."""


class Hole(msgspec.Struct, frozen=True):
    """A part that is not known: what it stands for.

    One that stands for a `resource` (its name or id, or an `attribute` of it) is never
    empty, and differs from that of any other resource.
    """

    name: str
    resource: bool = False
    attribute: str = ""

    def __str__(self) -> str:
        return f"<{self.name}{'.' * bool(self.attribute)}{self.attribute}>"


class _Any(msgspec.Struct, frozen=True):
    """A wildcard of a pattern."""

    several: bool


ACCOUNT = Hole("AWS::AccountId")
"""The account that a template is deployed to."""

CHOICE = Hole("a name that the caller chooses")
"""One part of an ARN that a caller chooses, such as a Region or a name."""

FOREIGN = "999999999999"
"""The account that rules take for somebody else's: never the template's own."""

Sketch: TypeAlias = tuple[str | Hole, ...]
_Token: TypeAlias = str | Hole | _Any


def joined(parts: Sketch) -> Sketch:
    """Return a sketch with neighbouring texts put together and empty ones left out."""
    found: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part:
            found.append(part)
    return tuple(found)


def filled(sketch: Sketch) -> bool:
    """Return whether there is surely something in the text."""
    return any(isinstance(part, str) or _is_filled(part) for part in sketch)


def _is_filled(hole: Hole) -> bool:
    return hole.resource or hole.name.startswith("AWS::")


def same(one: Sketch, other: Sketch) -> bool | None:
    """Return whether two texts are the same; None where that is not known yet."""
    if one == other:
        return True
    first, second = _uncommon(_tokens(one), _tokens(other))
    if any(
        _is_generated(a) and _is_written(b)
        for a, b in ((first, second), (second, first))
    ):
        return False
    return None if _overlap(first, second) else False


def _is_generated(tokens: list[_Token]) -> bool:
    """Return whether a text is the name of a resource, which is made up for it."""
    (first, *rest) = tokens or [""]
    named = isinstance(first, Hole) and first.resource and not first.attribute
    return named and not rest


def _is_written(tokens: list[_Token]) -> bool:
    """Return whether somebody wrote a text, who cannot know a name that is made up."""
    return all(isinstance(token, str) or token == CHOICE for token in tokens)


def like(value: Sketch, pattern: Sketch) -> bool | None:
    """Return whether a text fits a pattern with `*` and `?`; None where not known."""
    wanted = _tokens(pattern, wildcards=True)
    text = _tokens(value)
    if _fits(text, wanted):
        return True
    return None if _overlap(text, wanted) else False


def _tokens(sketch: Sketch, *, wildcards: bool = False) -> list[_Token]:
    """Split into characters, holes and wildcards; a foreign account is one token."""
    found: list[_Token] = []
    for part in sketch:
        if isinstance(part, Hole):
            found.append(part)
            continue
        for index, piece in enumerate(part.split(FOREIGN)):
            found += [FOREIGN] if index else []
            found += piece
    if not wildcards:
        return found
    meaning = {"*": _Any(several=True), "?": _Any(several=False)}
    return [meaning.get(t, t) if isinstance(t, str) else t for t in found]


def _fits(text: list[_Token], pattern: list[_Token]) -> bool:
    """Return whether a text surely fits, whatever its holes hold."""
    if len(text) * len(pattern) > _MOST_STEPS:
        return False
    # reached[i]: the pattern so far takes the first i tokens of the text.
    reached = [True] + [False] * len(text)
    for wanted in pattern:
        if isinstance(wanted, _Any) and wanted.several:
            first = reached.index(True) if True in reached else len(reached)
            reached = [index >= first for index in range(len(reached))]
            continue
        reached = [False] + [
            reached[index] and _surely(token, wanted)
            for index, token in enumerate(text)
        ]
    return reached[-1]


def _surely(token: _Token, wanted: _Token) -> bool:
    return isinstance(token, str) if isinstance(wanted, _Any) else token == wanted


def _overlap(one: list[_Token], other: list[_Token]) -> bool:
    """Return whether any values of the holes and wildcards make both the same text."""
    one, other = _uncommon(one, other)
    if len(one) * len(other) > _MOST_STEPS:
        return True
    row = [True]
    for token in other:
        row.append(row[-1] and _may_be_empty(token))
    for left in one:
        above, row = row, [row[0] and _may_be_empty(left)]
        for index, right in enumerate(other, 1):
            row.append(
                (above[index - 1] and _may_be(left, right))
                # One of them goes on, or ends, where it can take any number.
                or (above[index] and (_may_be_empty(left) or _takes(right, left)))
                or (row[index - 1] and (_may_be_empty(right) or _takes(left, right)))
            )
    return row[-1]


def _uncommon(
    one: list[_Token], other: list[_Token]
) -> tuple[list[_Token], list[_Token]]:
    """Leave out what both begin with, and what both end with."""
    start = 0
    for left, right in zip(one, other, strict=False):
        if left != right or isinstance(left, _Any):
            break
        start += 1
    one, other = one[start:], other[start:]
    end = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right or isinstance(left, _Any):
            break
        end += 1
    return one[: len(one) - end], other[: len(other) - end]


def _may_be_empty(token: _Token) -> bool:
    if isinstance(token, _Any):
        return token.several
    return isinstance(token, Hole) and not _is_filled(token)


def _takes(one: _Token, other: _Token) -> bool:
    """Return whether a token can hold another one and more beside it."""
    if isinstance(one, _Any):
        return one.several
    if not isinstance(one, Hole):
        return False
    if isinstance(other, Hole) and _apart(one, other):
        return False
    if one == CHOICE:
        return not (isinstance(other, str) and other in (":", "/"))
    if one != ACCOUNT:
        return True
    return isinstance(other, _Any) or (
        isinstance(other, str) and other != FOREIGN and other.isdigit()
    )


def _apart(one: Hole, other: Hole) -> bool:
    """Return whether two holes stand for the same attribute of two resources."""
    if not (one.resource and other.resource):
        return False
    return one.attribute == other.attribute and one.name != other.name


def _may_be(one: _Token, other: _Token) -> bool:
    """Return whether two tokens can stand for the same text."""
    if one == other:
        return True
    if isinstance(one, _Any) or isinstance(other, _Any):
        return True
    if isinstance(one, Hole) and isinstance(other, Hole):
        return not _apart(one, other)
    if isinstance(one, Hole):
        return _takes(one, other)
    return isinstance(other, Hole) and _takes(other, one)
