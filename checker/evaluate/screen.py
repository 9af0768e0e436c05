"""This module takes one condition apart: what to ask of an event, and when.

Parts of a condition that read the fields telling an event's kind, parts that read other
fields of its header, and the rest (`conditions.parts`).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.conditions.parts import about_value, absent, join, parts, reads
from checker.evaluate.columns import Absent, Question, Test
from checker.evaluate.header import CALLER, KIND, Names, field_of, is_text, place_of

Key: TypeAlias = tuple[str | None, str | None]
"""An eventSource and an eventName; None means any."""

_COMMON = [
    {
        "eventSource": "example.amazonaws.com",
        "eventName": "Example",
        "eventType": "AwsApiCall",
        "readOnly": read,
        "userIdentity": {"type": kind},
    }
    for read in (True, False)
    for kind in ("AssumedRole", "AWSService")
]

_KINDS = frozenset(KIND)
_DEAR = frozenset({"matches", "cidr_contains", "to_string", "parse_json"})


@dataclass(frozen=True)
class Screen:
    """One condition, taken apart.  `position` is its place among the others.

    `held` are the fields of the header.  A condition that all kinds of events may meet
    has a `first` question, on the field that tells most.
    """

    position: int
    condition: tree.Node
    held: Collection[Names]
    first: Question | None = None

    @functools.cached_property
    def parts(self) -> tuple[tree.Node, ...]:
        """What must hold for the condition to hold, and suffices for it."""
        return parts(self.condition)

    @property
    def places(self) -> set[Names]:
        """The fields of a header that would hold what the condition reads."""
        found: set[Names] = set()
        for part in self.parts:
            paths = reads(part) or ()
            if not _KINDS.issuperset(paths):
                found.update(place_of(field) for field in map(field_of, paths) if field)
        return found

    @functools.cached_property
    def kind(self) -> tuple[tree.Node, ...]:
        """What the condition needs of the fields of `header.KIND` alone."""
        needed = map(_needed, self.parts)
        return tuple([each for each in needed if each is not None])

    @functools.cached_property
    def of_kind(self) -> Test | None:
        """The test of a kind's values, given as a little event."""
        node = join(self.kind)
        return None if node is None else conditions.closure(node)

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        """What to ask of the header, once the kind has been asked."""
        return tuple([each for _, each in self._asked if each])

    @functools.cached_property
    def rest(self) -> tuple[Test, ...]:
        """The tests of the whole event, once kind and header have been asked."""
        open_ = [part for part, each in self._asked if each is None]
        return tuple(map(_compiled, sorted(open_, key=_dear)))

    @functools.cached_property
    def whole(self) -> tuple[Test, ...]:
        """The test of the whole condition."""
        return (conditions.closure(self.condition),)

    @functools.cached_property
    def _asked(self) -> list[tuple[tree.Node, Question | None]]:
        return [
            (part, _question(part, self.held))
            for part in self.parts
            if not _is_kind(part)
        ]


def first_question(node: tree.Node, keys: Sequence[Key]) -> Question | None:
    """Choose what to ask first of events of all kinds, if the condition is about them.

    It is a question about one field of text, which most events fail.
    """
    if reach_of(keys) < 2 or not _is_common(node):
        return None
    for part in sorted(parts(node), key=_dear):
        fields = _fields(part)
        if fields and len(fields) == 1 and _is_quick(fields[0]) and not _is_kind(part):
            # What holds of an absent field tells few events apart.
            question = Question(_compiled(part), fields)
            if not conditions.holds(question.test({})):
                return question
    return None


def looked_up(node: tree.Node) -> bool:
    """Tell whether events can be passed over by their headers, going by a condition."""
    if reach_of(keys_of(node)) < 2:
        return True
    screen = Screen(0, node, Screen(0, node, ()).places)
    tests = [each.test for each in screen.questions]
    return any(not conditions.holds(test({})) for test in tests) or any(
        map(_tells, screen.kind)
    )


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


def _is_quick(field: Names) -> bool:
    """Tell whether a field is read and looked up at little cost."""
    return field == CALLER or is_text(field)


def _is_common(node: tree.Node) -> bool:
    """Tell whether the most common kinds of events may meet a condition."""
    of_kind = Screen(0, node, ()).of_kind
    return of_kind is None or any(conditions.holds(of_kind(each)) for each in _COMMON)


def _question(part: tree.Node, held: Collection[Names]) -> Question | None:
    """Make a part a question to a header that holds some fields, if it can be one."""
    fields = _fields(part)
    if not fields or not all(place_of(each) in held for each in fields):
        return None
    return Question(_compiled(part), fields, _absent(part, fields))


def _absent(part: tree.Node, fields: Sequence[Names]) -> Absent | None:
    while isinstance(part, tree.Selection):
        part = part.node
    if not isinstance(part, tree.Function) or reads(part) != frozenset(fields):
        return None
    return absent(about_value(part)) if len(fields) == 1 else None


def _fields(part: tree.Node) -> tuple[Names, ...] | None:
    """Give the fields that a part reads; None where no header could hold them all."""
    paths = reads(part) or ()
    fields = {field for names in paths if (field := field_of(names))}
    held = all(field_of(names) for names in paths)
    return tuple(sorted(fields)) if fields and held else None


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
    return found is not None and _KINDS.issuperset(found)


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
