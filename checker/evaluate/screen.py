"""This module takes one condition apart: what to ask of an event, and when.

Parts of a condition that read the fields telling an event's kind, parts that read one
other field of its header, and the rest (`conditions.parts`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.conditions.parts import about_value, absent, join, parts, reads
from checker.evaluate.header import KIND, Names, Read, can_hold, is_text
from checker.evaluate.header import readers as reader_of
from checker.model import Header

Test: TypeAlias = Callable[[Any], Any]
Key: TypeAlias = tuple[str | None, str | None]
"""An eventSource and an eventName; None means any."""

BUSY = frozenset(
    {
        ("s3.amazonaws.com", "GetObject"),
        ("s3.amazonaws.com", "PutObject"),
        ("s3.amazonaws.com", "HeadObject"),
        ("s3.amazonaws.com", "DeleteObject"),
        ("s3.amazonaws.com", "ListObjects"),
        ("s3.amazonaws.com", "GetBucketAcl"),
        ("kms.amazonaws.com", "Decrypt"),
        ("kms.amazonaws.com", "GenerateDataKey"),
        ("sts.amazonaws.com", "AssumeRole"),
        ("lambda.amazonaws.com", "Invoke"),
        ("dynamodb.amazonaws.com", "GetItem"),
        ("dynamodb.amazonaws.com", "PutItem"),
    }
)
"""Calls of which most logs are full: worth a longer header, if it saves decoding."""

_ABOUT = ("userIdentity", "requestParameters")
_SERVICE = ("userIdentity", "invokedBy")
"""Calls that a service makes for itself are most of the busy ones."""

REMEMBERED = 100_000
"""How many values are remembered with the answers about them."""

_MOST_PATHS = 16
_MOST_ASKS = 3
_DEAR = frozenset({"matches", "cidr_contains", "to_string", "parse_json"})


@dataclass(frozen=True, slots=True)
class Ask:
    """A part that reads one field of the header: where, and the test of its value.

    `read` gives None where the path leads nowhere; `get` is faster, and raises then.
    `known` remembers the answers where values come again; `nowhere` tells of many texts
    at once whether the part holds on none.
    """

    names: Names
    test: Test
    get: Read
    read: Read
    known: dict[Any, bool] | None
    nowhere: Callable[[Iterable[str]], bool] | None

    def among(self, headers: Sequence[Header], positions: Sequence[int]) -> list[int]:
        """Choose the positions of the headers on which the part holds."""
        get = self.get
        try:
            values = [get(headers[at]) for at in positions]
        except AttributeError:
            values = [self.read(headers[at]) for at in positions]
        if self.known is None:
            if self.nowhere and self.nowhere(v for v in values if v.__class__ is str):
                return []
            answers = map(conditions.holds, map(self.test, values))
        else:
            self._remember(self.known, values)
            answers = map(self.known.__getitem__, values)
        return list(itertools.compress(positions, answers))

    def _remember(self, known: dict[Any, bool], values: Iterable[Any]) -> None:
        if len(known) > REMEMBERED:
            known.clear()
        for value in set(values).difference(known):
            known[value] = conditions.holds(self.test(value))


@dataclass(frozen=True)
class Screen:
    """One condition, taken apart.  `position` is its place among the others.

    `asks` are questions to the header, which decide on the parts `asked`; all else
    about the condition is worked out when the first event comes that might meet it.
    """

    position: int
    condition: tree.Node
    asks: tuple[Ask, ...] = ()
    asked: tuple[tree.Node, ...] = ()
    shared: bool = False

    @functools.cached_property
    def kind(self) -> tuple[tree.Node, ...]:
        """What the condition needs of the fields of `header.KIND` alone."""
        needed = map(_needed, parts(self.condition))
        return tuple([each for each in needed if each is not None])

    @functools.cached_property
    def of_kind(self) -> Test | None:
        """The test of a kind's values, given as a little event."""
        node = join(self.kind)
        return None if node is None else conditions.closure(node)

    @functools.cached_property
    def rest(self) -> tuple[Test, ...]:
        """The tests of the whole event, once kind and header have been asked."""
        others = [
            part
            for part in parts(self.condition)
            if part not in self.asked and not _is_kind(part)
        ]
        return tuple(map(_compiled, sorted(others, key=_dear)))

    @functools.cached_property
    def whole(self) -> tuple[Test, ...]:
        """The test of the whole condition."""
        return (conditions.closure(self.condition),)


def looked_up(node: tree.Node) -> bool:
    """Tell whether events can be passed over by their headers, going by a condition."""
    keys = keys_of(node)
    screen = screen_of(0, node, keys, dict.fromkeys(KIND))
    return bool(reach_of(keys) < 2 or screen.asks or any(map(_tells, screen.kind)))


def _ask(simple: _Simple) -> Ask:
    part, names, test = simple
    known: dict[Any, bool] | None = {} if is_text(names) else None
    return Ask(names, test, *reader_of(names), known, absent(about_value(part)))


def reach_of(keys: Sequence[Key]) -> int:
    """Tell how many events have to pass: 2 for all, 1 for a source's or a name's."""
    return max((key.count(None) for key in keys), default=0)


def keys_of(node: tree.Node) -> list[Key]:
    """Give the (eventSource, eventName) that a condition requires; None means any."""
    required = conditions.required(node)
    if not all(required.values()):
        # It never holds, as where a user's list is empty: no event need be shown to it.
        return []
    sources = _texts(required.get(("eventSource",)))
    names = _texts(required.get(("eventName",)))
    return [
        (source, name)
        for source in ((None,) if sources is None else sources)
        for name in ((None,) if names is None else names)
    ]


def screen_of(
    position: int,
    node: tree.Node,
    keys: Sequence[Key],
    paths: Mapping[Names, None],
) -> Screen:
    """Choose what to ask the header; `paths` are those that it has so far."""
    reach = reach_of(keys)
    plain = Screen(position, node)
    if not keys:
        return plain
    busy = not BUSY.isdisjoint(keys)
    if not busy and (not reach or (reach == 1 and _narrows(plain.kind, keys))):
        return plain
    simple: list[_Simple] = []
    for part in sorted(parts(node), key=_dear):
        found = reads(part)
        if found is not None and len(found) == 1 and not _is_kind(part):
            test = conditions.closure(about_value(part))
            simple.append((part, next(iter(found)), test))
    asks = _asks(simple, dict(paths), reach)
    return Screen(
        position,
        node,
        asks=tuple(map(_ask, asks)),
        asked=tuple([part for part, _, _ in asks]),
        shared=bool(reach and asks) and is_text(asks[0][1]),
    )


_Simple: TypeAlias = tuple[tree.Node, Names, Test]


def _asks(
    simple: Sequence[_Simple], held: dict[Names, None], reach: int
) -> Sequence[_Simple]:
    """Choose the parts that the header is asked about: those that most events fail."""
    # What holds of an absent field tells few events apart.
    telling = [each for each in simple if not conditions.holds(each[2](None))]
    text = [each for each in telling if is_text(each[1])]
    others = [each for each in telling if not is_text(each[1])]
    if reach:
        telling = text + others
    else:
        about = [each for each in text + others if each[1][0] in _ABOUT]
        telling = about + [each for each in simple if each[1] == _SERVICE]
    asks: list[_Simple] = []
    for each in telling:
        names = each[1]
        room = len(held) < _MOST_PATHS + len(KIND) and can_hold(held, names)
        if len(asks) < _MOST_ASKS and (names in held or room):
            held[names] = None
            asks.append(each)
    return asks


def _needed(node: tree.Node) -> tree.Node | None:
    """Give what a node needs of an event's kind, however much it asks besides."""
    match node:
        case tree.Selection(_, inner):
            return _needed(inner)
        case tree.And(operands):
            found = [each for each in map(_needed, operands) if each is not None]
            return join(tuple(found))
        case tree.Or(operands):
            either = [each for each in map(_needed, operands) if each is not None]
            return tree.Or(tuple(either)) if len(either) == len(operands) else None
    return node if _is_kind(node) else None


def _is_kind(part: tree.Node) -> bool:
    found = reads(part)
    return found is not None and found.issubset(KIND)


def _narrows(parts_: Sequence[tree.Node], keys: Sequence[Key]) -> bool:
    """Tell whether few events of a source pass the parts on the kind of event."""
    node = join(tuple(parts_))
    test = conditions.closure(node) if node else None
    others = (
        {"eventSource": source, "readOnly": read}
        for source, _ in keys
        for read in (True, False)
    )
    return test is not None and not any(conditions.holds(test(each)) for each in others)


def _tells(part: tree.Node) -> bool:
    """Tell whether an event that says nothing fails a part on the kind of event."""
    return not conditions.holds(conditions.closure(part)({}))


def _dear(part: tree.Node) -> bool:
    """Tell whether a part costs much to judge: it is asked last."""
    return any(
        isinstance(each, tree.Function) and each.name in _DEAR
        for each in tree.walk(part)
    )


@functools.lru_cache(maxsize=4096)
def _compiled(part: tree.Node) -> Test:
    """Compile a part: one test for all the conditions that share it."""
    return conditions.closure(part)


def _texts(values: frozenset[Any] | None) -> tuple[str, ...] | None:
    """Give the required values when each is text: only those can be an index key."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return tuple(sorted(values))
