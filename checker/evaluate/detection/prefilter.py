"""Take one condition apart: what to ask of an event, and when.

Parts of a condition that read the fields telling an event's kind, parts that read other
fields of its header, and the rest (`conditions.parts`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checker import conditions
from checker.conditions import outline as outlines
from checker.conditions import tree
from checker.conditions.outline import Key, Outline, outline
from checker.conditions.parts import (
    about_value,
    absent,
    decided,
    join,
    necessary,
    parts,
    reads,
    settled,
)
from checker.evaluate.detection.field_types import NESTED
from checker.evaluate.detection.header import (
    CALLER,
    Names,
    field_of,
    is_text,
    place_of,
)
from checker.evaluate.detection.identities import Test
from checker.evaluate.detection.predicates import Absent, Predicate
from checker.model.columns import KIND

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
_DEAR = frozenset(
    "matches cidr_contains to_string parse_json internet_wide public_statements "
    "full_access_statements foreign_accounts unbound_federation".split()
)


class Part(NamedTuple):
    """A part of a condition, and the paths that it reads (`conditions.parts.reads`)."""

    node: tree.Node
    paths: frozenset[Names] | None

    @property
    def is_kind(self) -> bool:
        """Whether it reads nothing but fields of the kind."""
        return self.paths is not None and _KINDS.issuperset(self.paths)

    @property
    def fields(self) -> tuple[Names, ...] | None:
        """The fields that it reads; None where no header could hold them all.

        Of an object that is read as a whole no key is read beside it: where the key is
        absent, to put a null there would change the object.
        """
        paths = self.paths or ()
        fields = {field for names in paths if (field := field_of(names))}
        if not fields or not all(map(field_of, paths)):
            return None
        inside = {each for each in fields if place_of(each) != each}
        whole = fields - inside
        return tuple(
            sorted(whole | {each for each in inside if place_of(each) not in whole})
        )


@dataclass(frozen=True, eq=False)
class Prefilter:
    """One condition, taken apart.  `position` is its place among the others.

    `held` are the fields of the header.  The condition may be what a kind of event
    leaves of one (`left_by`); of one that came with a rule its outline is `known`.
    """

    position: int
    condition: tree.Node
    held: Collection[Names]
    known: Outline | None = None

    @functools.cached_property
    def parts(self) -> tuple[Part, ...]:
        """What must hold for the condition to hold, and suffices for it."""
        if self.known is not None:
            return tuple([_as_read(part) for part in self.known.parts])
        return tuple([Part(node, reads(node)) for node in parts(self.condition)])

    @functools.cached_property
    def outline(self) -> Outline:
        """What is told of the condition without an event."""
        return outline(self.condition) if self.known is None else self.known

    @property
    def keys(self) -> tuple[Key, ...]:
        """The (eventSource, eventName) that it requires; None means any."""
        return self.outline.keys

    @property
    def places(self) -> set[Names]:
        """The fields of a header that would hold what the condition reads."""
        found: set[Names] = set()
        for part in self.parts:
            if not part.is_kind:
                fields = map(field_of, part.paths or ())
                found.update(place_of(field) for field in fields if field)
        return found

    @property
    def paths(self) -> frozenset[Names]:
        """The paths of an event that the condition reads."""
        found: set[Names] = set()
        for part in self.outline.parts:
            found.update(part.paths or ())
            if part.paths is None or not NESTED.isdisjoint(part.paths):
                # What functions of Sigma open, and what is read of an object later.
                found.update(part.named)
        return frozenset(found)

    @functools.cached_property
    def kind(self) -> tuple[tree.Node, ...]:
        """What the condition needs of the fields of `header.KIND` alone."""
        needed = (necessary(part.node, _KINDS) for part in self.parts)
        return tuple([each for each in needed if each is not None])

    @functools.cached_property
    def of_kind(self) -> Test | None:
        """The test of a kind's values, given as a little event."""
        node = join(self.kind)
        return None if node is None else conditions.closure(node)

    @functools.cached_property
    def about_kind(self) -> tuple[tuple[tree.Node, Test], ...]:
        """What a kind's values decide within parts that read more, and its tests."""
        found = (decided(x.node, _KINDS) for x in self.parts if not x.is_kind)
        nodes = dict.fromkeys(itertools.chain.from_iterable(found))
        return tuple([(node, _compiled(node)) for node in nodes])

    def left_by(self, answers: Sequence[bool]) -> tree.Node:
        """Return what is left of the condition, once a kind has been asked.

        `answers` are those of `about_kind`.  A literal has been decided.
        """
        nodes = [node for node, _ in self.about_kind]
        known = dict(zip(nodes, answers, strict=True))
        asked = tuple([x.node for x in self.parts if not x.is_kind])
        return settled(tree.And(asked), known)

    @functools.cached_property
    def questions(self) -> tuple[Predicate, ...]:
        """What to ask of the header, once the kind has been asked."""
        return tuple([each for _, each in self._asked if each])

    @functools.cached_property
    def rest(self) -> tuple[Test, ...]:
        """The tests of the whole event, once kind and header have been asked."""
        return tuple(map(_compiled, self.left))

    @functools.cached_property
    def left(self) -> tuple[tree.Node, ...]:
        """The parts that are to be asked of the whole event."""
        left = [part for part, each in self._asked if each is None]
        return tuple(sorted(left, key=_dear))

    @functools.cached_property
    def whole(self) -> tuple[Test, ...]:
        """The test of the whole condition."""
        return (conditions.closure(self.condition),)

    @functools.cached_property
    def _asked(self) -> list[tuple[tree.Node, Predicate | None]]:
        return [
            (part.node, _question(part, self.held))
            for part in self.parts
            if not part.is_kind
        ]

    @functools.cached_property
    def first(self) -> Predicate | None:
        """What to ask first of events of all kinds, if the condition is about them.

        It is a question about one field of text, which most events fail.
        """
        if self.reach < 2 or not self._is_common():
            return None
        for part in sorted(self.parts, key=_is_dear):
            fields = part.fields or ()
            if len(fields) == 1 and _is_quick(fields[0]) and not part.is_kind:
                # What holds of an absent field tells few events apart.
                question = Predicate(_compiled(part.node), fields)
                if not conditions.holds(question.test({})):
                    return question
        return None

    @property
    def reach(self) -> int:
        """How many events have to pass: 2 for all, 1 for a source's or a name's."""
        return max((key.count(None) for key in self.keys), default=0)

    def _is_common(self) -> bool:
        """Return whether the most common kinds of events may meet the condition."""
        test = self.of_kind
        return test is None or any(conditions.holds(test(each)) for each in _COMMON)


def is_indexable(node: tree.Node) -> bool:
    """Return whether events can be passed over by their headers, for a condition."""
    screen = Prefilter(0, node, Prefilter(0, node, ()).places)
    if screen.reach < 2:
        return True
    tests = [each.test for each in screen.questions]
    return any(not conditions.holds(test({})) for test in tests) or any(
        map(_tells, screen.kind)
    )


def _as_read(part: outlines.Part) -> Part:
    return Part(part.node, None if part.paths is None else frozenset(part.paths))


def _is_quick(field: Names) -> bool:
    """Return whether a field is read and looked up at little cost."""
    return field == CALLER or is_text(field)


def _question(part: Part, held: Collection[Names]) -> Predicate | None:
    """Make a part a question to a header that holds some fields, if it can be one."""
    fields = part.fields
    if not fields or not all(place_of(each) in held for each in fields):
        return None
    test = _compiled(part.node)
    if any(map(_is_unique, fields)) and (either := _alternatives(part.node)):
        return Predicate(test, fields, alternatives=either)
    return Predicate(test, fields, _absent(part, fields))


def _alternatives(node: tree.Node) -> tuple[Predicate, ...]:
    """Return questions of which one must hold for a node to hold, each on other fields.

    What reads a whole object, which hardly ever comes again, is kept from the rest.
    """
    while isinstance(node, tree.Selection):
        node = node.node
    if not isinstance(node, tree.Or):
        return ()
    by_fields: dict[tuple[Names, ...], list[tree.Node]] = {}
    for each in node.operands:
        fields = Part(each, reads(each)).fields
        if fields is None:
            return ()
        by_fields.setdefault(fields, []).append(each)
    if len(by_fields) < 2:
        return ()
    found = []
    for fields, operands in by_fields.items():
        some = tree.Or(tuple(operands)) if len(operands) > 1 else operands[0]
        absent_ = _absent(Part(some, reads(some)), fields)
        found.append(Predicate(_compiled(some), fields, absent_))
    return tuple(found)


def _is_unique(field: Names) -> bool:
    """Return whether a field is an object as a whole, as hardly two events have it."""
    return field == place_of(field) and field != CALLER and not is_text(field)


def _absent(part: Part, fields: Sequence[Names]) -> Absent | None:
    # Callers come decoded, and what a test finds of one is kept with it.
    if len(fields) > 1 or fields[0] == CALLER or part.paths != frozenset(fields):
        return None
    return _absent_of(about_value(part.node))


def _tells(part: tree.Node) -> bool:
    """Return whether an event that says nothing fails a part on the kind of event."""
    return not conditions.holds(conditions.closure(part)({}))


def _is_dear(part: Part) -> bool:
    return _dear(part.node)


def _dear(part: tree.Node) -> bool:
    """Return whether a part costs much to judge: it is asked last."""
    return any(
        isinstance(each, tree.Function) and each.name in _DEAR
        for each in tree.walk(part)
    )


@functools.lru_cache(maxsize=4096)
def _absent_of(node: tree.Node) -> Absent | None:
    """Return what tells of many values that a node holds on none, likewise."""
    return absent(node)


@functools.lru_cache(maxsize=4096)
def _compiled(part: tree.Node) -> Test:
    """Compile a part: one test for all the conditions that share it."""
    return conditions.closure(part)
