"""This module finds texts that must stand in the JSON of whatever a condition holds on.

They let a scan pass over the bytes of events that no rule can match, without decoding
them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from checker.conditions import tree
from checker.conditions.needs import given_items

# Characters that every JSON writer leaves as they are, save for \u escapes (`hidden`).
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")
_ESCAPED = re.compile(
    rb"\\u00(?:2[dDeE]|3[0-9aA]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])"
)
_SUBSTRING = frozenset({"contains", "starts_with", "ends_with"})
_SHORTEST = 4
_COMMON = frozenset(
    f'"{word}"'.encode()
    for word in "AssumedRole IAMUser AWSService AwsApiCall Management Role".split()
)
"""What stands in most events of CloudTrail, and tells few of them apart."""


def witnesses(
    node: tree.Node, apart_from: Collection[tuple[str, ...]] = ()
) -> tuple[bytes, ...]:
    """Give texts of which at least one stands in the JSON of a document that matches.

    Empty when there is no such set.  A text that JSON spells with escapes (u0041) is
    not found by its bytes: ask `hidden` of the same JSON.  Paths in `apart_from` are
    looked at by other means, and bear no witness.
    """
    return _holding(node, frozenset(apart_from))


def hidden(text: bytes) -> bool:
    """Tell whether a JSON text spells a plain character with an escape."""
    # The first test is by far the quickest, and settles it for most log files.
    return b"\\" in text and b"\\u00" in text and _ESCAPED.search(text) is not None


def _holding(node: tree.Node, apart: frozenset[tuple[str, ...]]) -> tuple[bytes, ...]:
    match node:
        case tree.Selection(_, inner):
            return _holding(inner, apart)
        case tree.And(operands):
            return _best(_holding(each, apart) for each in operands)
        case tree.Or(operands):
            found = [_holding(each, apart) for each in operands]
            return _fewest(found) if all(found) else ()
        case tree.Comparator("==", left, right):
            if isinstance(left, tree.Literal):
                left, right = right, left
            if isinstance(right, tree.Literal):
                return _called("one_of", left, [right.value], apart)
        case tree.Function("contains", (listed, tree.Path() as path)):
            return _called("one_of", path, given_items(listed), apart)
        case tree.Function("one_of", (path, listed)):
            return _called("one_of", path, given_items(listed), apart)
        case tree.Function(name, (path, tree.Literal(value))) if name in _SUBSTRING:
            return _called(name, path, [value], apart)
    return ()


def _called(
    name: str,
    path: tree.Node,
    values: list[object] | None,
    apart: frozenset[tuple[str, ...]],
) -> tuple[bytes, ...]:
    """Witness a value of a path: as a whole, or as a part of a text."""
    if not isinstance(path, tree.Path) or path.names in apart or not values:
        return ()
    if name == "one_of":
        return _whole(values)
    return _part(values[0]) if isinstance(values[0], str) else ()


def _fewest(found: list[tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """Join the texts; one that holds another says no more than that one."""
    every = {text for each in found for text in each}
    return tuple(
        sorted(
            text
            for text in every
            if not any(other != text and other in text for other in every)
        )
    )


def _best(found: Iterable[tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """Choose the set that is rarest: few texts, long ones, none that is everywhere."""
    return max(
        (each for each in found if each),
        key=lambda each: (_COMMON.isdisjoint(each), -len(each), min(map(len, each))),
        default=(),
    )


def _whole(values: list[object]) -> tuple[bytes, ...]:
    """Witness values that are compared as a whole, each between its quotes."""
    if not all(isinstance(each, str) and _PLAIN.fullmatch(each) for each in values):
        return ()
    return tuple(sorted(f'"{each}"'.encode() for each in values))


def _part(text: str) -> tuple[bytes, ...]:
    longest = max(_PLAIN.findall(text), key=len, default="")
    return (longest.encode(),) if len(longest) >= _SHORTEST else ()
