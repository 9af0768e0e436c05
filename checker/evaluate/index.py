"""This module finds the events on which a condition may hold, by their headers.

A condition is taken apart into what must hold (`evaluate.screen`).  Parts that read the
fields telling an event's kind are judged once for each kind of event that comes, parts
that read another field of the header before the event is decoded, and only the rest on
the whole event.  Nothing is guessed: a part is the condition's own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.evaluate.header import KIND, Names, attribute, header_type
from checker.evaluate.header import readers as reader_of
from checker.evaluate.screen import (
    REMEMBERED,
    Ask,
    Key,
    Screen,
    Test,
    keys_of,
    reach_of,
    screen_of,
)
from checker.model import Event, Header

Kind: TypeAlias = tuple[str | bool | None, ...]
"""The values at `header.KIND`."""

_NONE: frozenset[int] = frozenset()
_UNASKED = object()


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
        # Conditions share their parts, as `!errorMessage`: each is asked once.
        known: dict[Test, Any] = {}
        for screen in self.screens:
            for test in screen.whole if self.odd else screen.rest:
                found = known.get(test, _UNASKED)
                if found is _UNASKED:
                    found = known[test] = test(event)
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
        if len(known) > REMEMBERED:
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
        if len(self._slots) > REMEMBERED:
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
    keys = list(map(keys_of, nodes))
    # A header has only so much room: first come the rules that most kinds must pass.
    for position in sorted(range(len(nodes)), key=lambda at: -reach_of(keys[at])):
        screen = screen_of(position, nodes[position], keys[position], paths)
        paths.update(dict.fromkeys(ask.names for ask in screen.asks))
        screens.append(screen)
    screens.sort(key=_position)
    for screen, filed_by in zip(screens, keys, strict=True):
        if screen.shared:
            sharing.setdefault(screen.asks[0].names, []).append(screen)
        for key in filed_by:
            filed.setdefault(key, []).append(screen)
    return Index(
        screens=tuple(screens),
        header=header_type(paths),
        _filed={key: tuple(bucket) for key, bucket in filed.items()},
        _sharing=sharing,
        _kinds=operator.attrgetter(*map(attribute, KIND)),
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


def _position(screen: Screen) -> int:
    return screen.position
