"""This module finds the events on which a condition may hold, by their headers.

A condition is taken apart into what must hold (`conditions.parts`).  Parts that read
the fields telling an event's kind are judged once for each kind of event that comes,
parts that read another field of the header before the event is decoded, and only the
rest on the whole event.  Nothing is guessed: a part is the condition's own.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.conditions.parts import about_value, join, parts, reads
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
from checker.model import Header

Test: TypeAlias = Callable[[Any], Any]
Kind: TypeAlias = tuple[str | bool | None, ...]
"""The values at `header.KIND`."""

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

_REMEMBERED = 100_000
_MOST_PATHS = 16
_MOST_ASKS = 3
_DEAR = frozenset({"matches", "cidr_contains", "to_string", "parse_json"})


@dataclass(frozen=True, slots=True)
class Ask:
    """A part that reads one field of the header: where, and the test of its value.

    `read` gives None where the path leads nowhere; `get` is faster, and raises then.
    """

    names: Names
    test: Test
    get: Read
    read: Read

    def among(self, headers: Sequence[Header], positions: Iterable[int]) -> list[int]:
        """Choose the positions of the headers on which the part holds."""
        test, get = self.test, self.get
        try:
            # JMESPath's truth (`conditions.holds`), spelled out for the sake of speed.
            return [
                at
                for at in positions
                if (found := test(get(headers[at])))
                or (found == 0 and found is not False)
            ]
        except AttributeError:
            read = self.read
            return [at for at in positions if conditions.holds(test(read(headers[at])))]


@dataclass(frozen=True)
class Screen:
    """One condition, taken apart.  `position` is its place among the others.

    `kind` tells of the fields of `header.KIND` alone, `asks` are questions to the
    header, and `rest` decides when all of that holds; None needs no decision.
    """

    position: int
    condition: tree.Node
    kind: tuple[tree.Node, ...]
    asks: tuple[Ask, ...]
    others: tuple[tree.Node, ...]
    shared: bool

    @functools.cached_property
    def of_kind(self) -> Test | None:
        """The test of a kind's values, given as a little event."""
        return _closure(join(self.kind))

    @functools.cached_property
    def rest(self) -> Test | None:
        """The test of the whole event, once kind and header have been asked."""
        return _closure(join(self.others))

    @functools.cached_property
    def whole(self) -> Test:
        """The whole condition."""
        return conditions.closure(self.condition)


@dataclass(frozen=True, slots=True)
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


@dataclass
class Index:
    """Conditions, filed by what they require of an event's header.

    `header` is the struct in which `candidates` wants the headers.
    """

    screens: tuple[Screen, ...]
    header: type[Header]
    _filed: Mapping[tuple[str | None, str | None], tuple[Screen, ...]]
    _sharing: Mapping[Names, Sequence[Screen]]
    _kinds: Callable[[Header], Kind]
    _slots: dict[Kind, Slot | None] = field(default_factory=dict, repr=False)
    _passing: dict[Names, dict[Any, tuple[int, ...]]] = field(
        default_factory=dict, repr=False
    )

    def candidates(
        self, headers: Sequence[Header], odd: Collection[int] = ()
    ) -> Iterator[Candidate]:
        """Give the events on which some condition may hold, in their order.

        `odd` are positions of events whose header could not be read.
        """
        kinds = self._kinds_of(headers)
        slots = {kind: self._slot(kind) for kind in set(kinds)}
        shared = self._shared(headers, slots.values())
        live: dict[Kind, list[int]] = {
            kind: []
            for kind, slot in slots.items()
            if slot
            and (slot.sure or slot.own or not slot.shared.keys().isdisjoint(shared))
        }
        if not live and not odd:
            return
        for position, kind in enumerate(kinds):
            if kind in live:
                live[kind].append(position)
        found: dict[int, Sequence[Screen]] = {}
        for kind, positions in live.items():
            slot = slots[kind]
            if slot:
                found.update(self._pass(slot, headers, positions, shared))
        found.update(dict.fromkeys(odd, self.screens))
        for position in sorted(found):
            yield Candidate(position, found[position], odd=position in odd)

    def _pass(
        self,
        slot: Slot,
        headers: Sequence[Header],
        positions: Sequence[int],
        shared: Mapping[Names, Sequence[tuple[int, ...]]],
    ) -> dict[int, Sequence[Screen]]:
        """Give the screens that events of one kind pass, by their positions."""
        found: dict[int, Sequence[Screen]] = {}
        if slot.sure:
            found = dict.fromkeys(positions, slot.sure)
        asked: dict[int, list[Screen]] = {}
        for screen in slot.own:
            for at in _among(screen.asks, headers, positions):
                asked.setdefault(at, []).append(screen)
        for names in slot.shared.keys() & shared.keys():
            passing, numbers = shared[names], slot.shared[names]
            for at in [at for at in positions if passing[at]]:
                for number in numbers.intersection(passing[at]):
                    screen = self.screens[number]
                    if _among(screen.asks[1:], headers, (at,)):
                        asked.setdefault(at, []).append(screen)
        for at, screens in asked.items():
            found[at] = sorted((*slot.sure, *screens), key=_position)
        return found

    def _kinds_of(self, headers: Sequence[Header]) -> list[Kind]:
        try:
            return list(map(self._kinds, headers))
        except AttributeError:
            reads = [reader_of(names)[1] for names in KIND]
            return [tuple([read(header) for read in reads]) for header in headers]

    def _shared(
        self, headers: Sequence[Header], slots: Iterable[Slot | None]
    ) -> dict[Names, Sequence[tuple[int, ...]]]:
        """Ask the questions that many kinds share once for each value that comes.

        The answer has, for each field, the screens that each event's value passes;
        fields of which no value passes any are left out.
        """
        answers: dict[Names, Sequence[tuple[int, ...]]] = {}
        for names in {names for slot in slots if slot for names in slot.shared}:
            get, read = reader_of(names)
            try:
                values = list(map(get, headers))
            except AttributeError:
                values = [read(header) for header in headers]
            known = self._passing.setdefault(names, {})
            if len(known) > _REMEMBERED:
                known.clear()
            distinct = set(values)
            for value in distinct.difference(known):
                known[value] = self._passed_by(names, value)
            if any(map(known.__getitem__, distinct)):
                answers[names] = list(map(known.__getitem__, values))
        return answers

    def _passed_by(self, names: Names, value: object) -> tuple[int, ...]:
        return tuple(
            [
                screen.position
                for screen in self._sharing[names]
                if conditions.holds(screen.asks[0].test(value))
            ]
        )

    def _slot(self, kind: Kind) -> Slot | None:
        """File the conditions for a kind of event; once for each kind."""
        try:
            return self._slots[kind]
        except KeyError:
            pass
        if len(self._slots) >= _REMEMBERED:
            self._slots.clear()
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
        slot = Slot(
            tuple([each for each in found if not each.asks]),
            tuple([each for each in found if each.asks and not each.shared]),
            _by_field(each for each in found if each.shared),
        )
        self._slots[kind] = slot if found else None
        return self._slots[kind]


def build(nodes: Sequence[tree.Node]) -> Index:
    """File conditions; their positions are those of the sequence."""
    paths = dict.fromkeys(KIND)
    filed: dict[tuple[str | None, str | None], list[Screen]] = {}
    screens: list[Screen] = []
    sharing: dict[Names, list[Screen]] = {}
    for position, node in enumerate(nodes):
        keys = _keys(node)
        screen = _screen(position, node, keys, paths)
        paths.update(dict.fromkeys(ask.names for ask in screen.asks))
        screens.append(screen)
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
    screen = _screen(0, node, _keys(node), dict.fromkeys(KIND))
    return bool(screen.kind or screen.asks)


def _keys(node: tree.Node) -> list[tuple[str | None, str | None]]:
    """Give the (eventSource, eventName) that a condition requires; None means any."""
    required = conditions.required(node)
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
    keys: Sequence[tuple[str | None, str | None]],
    paths: Mapping[Names, None],
) -> Screen:
    """Take a condition apart; `paths` are those that the header has so far."""
    kind: list[tree.Node] = []
    simple: list[tuple[tree.Node, Names, Test]] = []
    others: list[tree.Node] = []
    loose = any(None in key for key in keys)
    for part in sorted(parts(node), key=_dear):
        found = reads(part)
        if found is not None and found.issubset(KIND):
            kind.append(part)
        elif found is not None and len(found) == 1:
            test = conditions.closure(about_value(part))
            simple.append((part, next(iter(found)), test))
        else:
            others.append(part)
    asks: Sequence[_Simple] = ()
    if loose or not BUSY.isdisjoint(keys):
        asks = _asks(simple, dict(paths), loose=loose)
    asked = {id(part) for part, _, _ in asks}
    others += [part for part, _, _ in simple if id(part) not in asked]
    return Screen(
        position,
        node,
        tuple(kind),
        tuple([Ask(names, test, *reader_of(names)) for _, names, test in asks]),
        tuple(sorted(others, key=_dear)),
        shared=loose and bool(asks) and is_text(asks[0][1]),
    )


_Simple: TypeAlias = tuple[tree.Node, Names, Test]


def _asks(
    simple: Iterable[_Simple], held: dict[Names, None], *, loose: bool
) -> Sequence[_Simple]:
    """Choose the parts that the header is asked about: those that most events fail."""
    # What holds of an absent field tells few events apart.
    telling = [each for each in simple if not conditions.holds(each[2](None))]
    if loose:
        telling.sort(key=lambda each: not is_text(each[1]))
    asks: list[_Simple] = []
    for each in telling:
        names = each[1]
        room = len(held) < _MOST_PATHS + len(KIND) and can_hold(held, names)
        if len(asks) < _MOST_ASKS and (names in held or room):
            held[names] = None
            asks.append(each)
    return asks


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


def _closure(node: tree.Node | None) -> Test | None:
    return None if node is None else conditions.closure(node)


def _position(screen: Screen) -> int:
    return screen.position


def _texts(values: frozenset[Any] | None) -> tuple[str, ...] | None:
    """Give the required values when each is text: only those can be an index key."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return tuple(sorted(values))
