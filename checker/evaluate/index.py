"""This module finds the events on which a condition may hold, by their headers.

A condition is taken apart into what must hold (`conditions.parts`).  Parts that read
the fields telling an event's kind are judged once for each kind of event that comes,
parts that read another field of the header before the event is decoded, and only the
rest on the whole event.  Nothing is guessed: a part is the condition's own.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.conditions.parts import about_value, absent, join, parts, reads
from checker.evaluate.header import (
    KIND,
    Names,
    Read,
    attribute,
    can_hold,
    header_type,
    is_text,
)
from checker.evaluate.header import readers as reader_of
from checker.model import Event, Header

Test: TypeAlias = Callable[[Any], Any]
Kind: TypeAlias = tuple[str | bool | None, ...]
"""The values at `header.KIND`."""

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

_REMEMBERED = 100_000
_NONE: frozenset[int] = frozenset()
_MOST_PATHS = 16
_MOST_ASKS = 3
_SMALL = 4
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
        if len(known) > _REMEMBERED:
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
        return tuple(map(_remembering, sorted(others, key=_dear)))

    @functools.cached_property
    def whole(self) -> tuple[Test, ...]:
        """The test of the whole condition."""
        return (conditions.closure(self.condition),)


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """The screens that an event of some kind may pass.

    `sure` ask nothing more of the header; those of `own` do, and so do those of
    `shared`, filed by the first field they ask for, which many kinds have in common.
    """

    sure: tuple[Screen, ...]
    own: tuple[Screen, ...]
    shared: Mapping[Names, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that may match: its place in the batch, and the screens it passed.

    With `odd` its header could not be read, and the whole conditions have to be asked.
    """

    position: int
    screens: Sequence[Screen]
    odd: bool = False

    def matching(self, event: Event) -> Iterator[int]:
        """Give the positions of the conditions that hold on the decoded event."""
        for screen in self.screens:
            for test in screen.whole if self.odd else screen.rest:
                found = test(event)
                if not found and (found is False or found != 0):
                    break
            else:
                yield screen.position


@dataclass
class Index:
    """Conditions, filed by what they require of an event's header.

    `header` is the struct in which `candidates` wants the headers.
    """

    screens: tuple[Screen, ...]
    header: type[Header]
    _filed: Mapping[Key, tuple[Screen, ...]]
    _sharing: Mapping[Names, Sequence[Screen]]
    _kinds: Callable[[Header], Kind]
    _slots: dict[Kind, Slot] = field(default_factory=dict, repr=False)
    _passing: dict[Names, dict[Any, tuple[int, ...]]] = field(
        default_factory=dict, repr=False
    )

    def candidates(
        self, headers: Sequence[Header], odd: Collection[int] = ()
    ) -> Iterator[Candidate]:
        """Give the events on which some condition may hold, in their order.

        `odd` are positions of events whose header could not be read.
        """
        slots = self._slots_of(self._kinds_of(headers))
        distinct = set(slots)
        found: dict[int, list[Screen]] = {}
        live = {slot for slot in distinct if slot.sure or slot.own}
        if live:
            self._ask_each(headers, slots, live, found)
        for names in {names for slot in distinct for names in slot.shared}:
            self._ask_all(headers, slots, names, found)
        for position in sorted({*found, *odd}):
            if position in odd:
                yield Candidate(position, self.screens, odd=True)
            else:
                yield Candidate(position, sorted(found[position], key=_position))

    def _ask_each(
        self,
        headers: Sequence[Header],
        slots: Sequence[Slot],
        live: Collection[Slot],
        found: dict[int, list[Screen]],
    ) -> None:
        """Find the events that pass what few kinds of events are asked."""
        where: dict[Slot, list[int]] = {slot: [] for slot in live}
        for position, slot in enumerate(slots):
            if slot in where:
                where[slot].append(position)
        for slot, positions in where.items():
            if slot.sure:
                found.update((at, list(slot.sure)) for at in positions)
            for screen in slot.own:
                for at in _among(screen.asks, headers, positions):
                    found.setdefault(at, []).append(screen)

    def _ask_all(
        self,
        headers: Sequence[Header],
        slots: Sequence[Slot],
        names: Names,
        found: dict[int, list[Screen]],
    ) -> None:
        """Find the events that pass what many kinds of events are asked of a field."""
        for at, numbers in self._passing_events(names, headers):
            for number in slots[at].shared.get(names, _NONE).intersection(numbers):
                screen = self.screens[number]
                if _among(screen.asks[1:], headers, (at,)):
                    found.setdefault(at, []).append(screen)

    def _kinds_of(self, headers: Sequence[Header]) -> list[Kind]:
        try:
            return list(map(self._kinds, headers))
        except AttributeError:
            reads = [reader_of(names)[1] for names in KIND]
            return [tuple([read(header) for read in reads]) for header in headers]

    def _passing_events(
        self, names: Names, headers: Sequence[Header]
    ) -> Sequence[tuple[int, tuple[int, ...]]]:
        """Ask what many kinds share, once for each value that comes.

        The answer has the events whose value at `names` passes a screen, and which.
        """
        get, read = reader_of(names)
        try:
            distinct = set(map(get, headers))
        except AttributeError:
            get = read
            distinct = set(map(get, headers))
        known = self._passing.setdefault(names, {})
        if len(known) > _REMEMBERED:
            known.clear()
        for value in distinct.difference(known):
            known[value] = self._passed_by(names, value)
        telling = {value for value in distinct if known[value]}
        if not telling:
            return ()
        return [
            (at, known[value])
            for at, value in enumerate(map(get, headers))
            if value in telling
        ]

    def _passed_by(self, names: Names, value: object) -> tuple[int, ...]:
        return tuple(
            [
                screen.position
                for screen in self._sharing[names]
                if conditions.holds(screen.asks[0].test(value))
            ]
        )

    def _slots_of(self, kinds: Sequence[Kind]) -> list[Slot]:
        if len(self._slots) > _REMEMBERED:
            self._slots.clear()
        try:
            return list(map(self._slots.__getitem__, kinds))
        except KeyError:
            for kind in set(kinds).difference(self._slots):
                self._slots[kind] = self._file(kind)
        return list(map(self._slots.__getitem__, kinds))

    def _file(self, kind: Kind) -> Slot:
        """Find the conditions that a kind of event may meet; once for each kind."""
        # What is absent must not be None here, which means "any" where rules are filed.
        source, name = str(kind[0] or ""), str(kind[1] or "")
        event = _little_event(kind)
        found = [
            screen
            for key in ((source, name), (source, None), (None, name), (None, None))
            for screen in self._filed.get(key, ())
            if screen.of_kind is None or conditions.holds(screen.of_kind(event))
        ]
        found.sort(key=_position)
        return Slot(
            tuple([each for each in found if not each.asks]),
            tuple([each for each in found if each.asks and not each.shared]),
            _by_field(each for each in found if each.shared),
        )


def build(nodes: Sequence[tree.Node]) -> Index:
    """File conditions; their positions are those of the sequence."""
    paths = dict.fromkeys(KIND)
    filed: dict[Key, list[Screen]] = {}
    screens: list[Screen] = []
    sharing: dict[Names, list[Screen]] = {}
    keys_of = list(map(_keys, nodes))
    # A header has only so much room: first come the rules that most kinds must pass.
    for position in sorted(range(len(nodes)), key=lambda at: -_reach(keys_of[at])):
        screen = _screen(position, nodes[position], keys_of[position], paths)
        paths.update(dict.fromkeys(ask.names for ask in screen.asks))
        screens.append(screen)
    screens.sort(key=_position)
    for screen, keys in zip(screens, keys_of, strict=True):
        if screen.shared:
            sharing.setdefault(screen.asks[0].names, []).append(screen)
        for key in keys:
            filed.setdefault(key, []).append(screen)
    return Index(
        screens=tuple(screens),
        header=header_type(paths),
        _filed={key: tuple(bucket) for key, bucket in filed.items()},
        _sharing=sharing,
        _kinds=operator.attrgetter(*map(attribute, KIND)),
    )


def looked_up(node: tree.Node) -> bool:
    """Tell whether events can be passed over by their headers, going by a condition."""
    keys = _keys(node)
    screen = _screen(0, node, keys, dict.fromkeys(KIND))
    return bool(_reach(keys) < 2 or screen.asks or any(map(_tells, screen.kind)))


def _ask(simple: _Simple) -> Ask:
    part, names, test = simple
    known: dict[Any, bool] | None = {} if is_text(names) else None
    return Ask(names, test, *reader_of(names), known, absent(about_value(part)))


def _reach(keys: Sequence[Key]) -> int:
    """Tell how many events have to pass: 2 for all, 1 for a source's or a name's."""
    return max((key.count(None) for key in keys), default=0)


def _keys(node: tree.Node) -> list[Key]:
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


def _screen(
    position: int,
    node: tree.Node,
    keys: Sequence[Key],
    paths: Mapping[Names, None],
) -> Screen:
    """Choose what to ask the header; `paths` are those that it has so far."""
    reach = _reach(keys)
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


def _among(
    asks: Iterable[Ask], headers: Sequence[Header], positions: Sequence[int]
) -> Sequence[int]:
    for ask in asks:
        positions = ask.among(headers, positions)
    return positions


def _by_field(screens: Iterable[Screen]) -> dict[Names, frozenset[int]]:
    found: dict[Names, set[int]] = {}
    for each in screens:
        found.setdefault(each.asks[0].names, set()).add(each.position)
    return {names: frozenset(numbers) for names, numbers in found.items()}


def _little_event(kind: Kind) -> dict[str, Any]:
    """Give a kind's values where they stand in an event."""
    event: dict[str, Any] = {}
    for names, value in zip(KIND, kind, strict=True):
        inner = event
        for name in names[:-1]:
            inner = inner.setdefault(name, {})
        inner[names[-1]] = value
    return event


@functools.lru_cache(maxsize=4096)
def _remembering(part: tree.Node) -> Test:
    """Compile a part; one that reads much is asked once an event, by whatever rules."""
    test = conditions.closure(part)
    if len(list(tree.walk(part))) <= _SMALL:
        return test
    last: Any = None
    held: Any = None

    def ask(event: Any) -> Any:
        nonlocal last, held
        if event is not last:
            held = test(event)
            last = event
        return held

    return ask


def _position(screen: Screen) -> int:
    return screen.position


def _texts(values: frozenset[Any] | None) -> tuple[str, ...] | None:
    """Give the required values when each is text: only those can be an index key."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return tuple(sorted(values))
