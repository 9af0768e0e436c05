"""Find the events on which a condition may hold, by their headers.

A condition is taken apart into what must hold (`evaluate.screen`).  Parts that read the
fields telling an event's kind are judged once for each kind of event that comes, parts
that read other fields of the header once for each value (`evaluate.columns`), and only
the rest on the whole event.  Nothing is guessed: a part is the condition's own.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.conditions.outline import Key, Outline
from checker.evaluate.detection.alike import Alike
from checker.evaluate.detection.columns import Column
from checker.evaluate.detection.header import (
    CALLER,
    Names,
    header_type,
    reader,
    set_field,
)
from checker.evaluate.detection.identities import (
    Caller,
    IdentityCache,
    MemoryBudget,
    Rows,
)
from checker.evaluate.detection.plans import Asked, Candidate, EventKindPlan, RuleGroup
from checker.evaluate.detection.prefilter import Prefilter
from checker.evaluate.detection.questions import bits, column
from checker.model import Event, Header
from checker.model.columns import (
    KIND,
    Coded,
    HeaderColumns,
    HeaderList,
    Kind,
    coded,
    distinct,
)

REMEMBERED = 300_000
"""How many values of about a hundred bytes are remembered, with what they answer."""

MOST_KINDS = 20_000
"""How many kinds of events are remembered, with the conditions they may meet."""

LONGEST_KIND = 1_000
"""The most characters of a kind of events that is remembered."""

_FILINGS = 4
"""How many sets of conditions stay filed: whoever scans again does so with the same."""

_RARELY = 100
"""A field that fewer than one in so many conditions ask for has no room in a header."""

_Numbers: TypeAlias = tuple[int, ...]
_Screens: TypeAlias = tuple[Prefilter, ...]


@dataclass
class Index:
    """Conditions, filed by what they require of an event's header.

    `header` is the struct in which `candidates` wants the headers, `room` that for what
    is remembered.  `verdicts` are the places of the conditions that hold on events, by
    the group of those that their kind may meet.
    """

    screens: tuple[Prefilter, ...]
    header: type[Header]
    _filed: Mapping[Key, tuple[Prefilter, ...]]
    _first: Mapping[Names, tuple[Column, _Numbers]]
    room: MemoryBudget
    _plans: dict[Kind, EventKindPlan] = field(default_factory=dict, repr=False)
    _groups: dict[_Screens, RuleGroup] = field(default_factory=dict, repr=False)
    _settled: dict[tuple[int, tuple[bool, ...]], Prefilter | None] = field(
        default_factory=dict, repr=False
    )
    _left: dict[tuple[int, tree.Node], Prefilter] = field(
        default_factory=dict, repr=False
    )
    verdicts: Alike[_Numbers] = field(init=False, repr=False)
    _callers: IdentityCache = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Begin without having seen anybody."""
        self.verdicts = Alike(self.room, 0)
        self._callers = IdentityCache(self.room)

    @functools.cached_property
    def flat_keys(self) -> tuple[bytes, ...]:
        """The keys, as JSON, by which Sigma's rules would read a flattened event."""
        return _flat_keys(self.screens)

    @functools.cached_property
    def paths(self) -> frozenset[Names]:
        """The paths of an event that the conditions read."""
        return _paths(self.screens)

    def candidates(
        self, headers: Sequence[Header], odd: Collection[int] = ()
    ) -> Iterator[Candidate]:
        """Return the events on which some condition may hold, in their order.

        `odd` are positions of events whose header could not be read.
        """
        asked = self.asked(headers, odd)
        return self.passing(asked, asked.where())

    def asked(self, headers: Sequence[Header], odd: Collection[int] = ()) -> Asked:
        """Return the events whose kind may meet some condition."""
        if self.room.taken > REMEMBERED:
            self.room.clear()
        if len(self._plans) > MOST_KINDS:
            for kept in (self._plans, self._groups, self._settled, self._left):
                kept.clear()
            self.verdicts.reset()
        rows = Rows(headers, self.callers(headers))
        if any(caller.odd for caller in distinct(rows.callers)):
            strange = [at for at, each in enumerate(rows.callers) if each.odd]
            odd = {*odd, *strange}
        doubts = self.room.doubts
        plans = self._plans_of(_kinds(rows))
        others: dict[RuleGroup, list[int]] = {}
        for names in {names for plan in distinct(plans) for names in plan.shared}:
            self._ask_first(names, rows, plans, others)
        return Asked(rows, plans, others, odd, doubts)

    def passing(
        self, asked: Asked, where: Mapping[RuleGroup, Sequence[int]]
    ) -> Iterator[Candidate]:
        """Return those on which some condition may hold, in their order.

        `where` are all those that were `asked`, or some of them.
        """
        rows, odd = asked.rows, asked.odd
        found: dict[int, tuple[Prefilter, ...]] = {}
        for group, positions in where.items():
            for at, mask in group.questions.among(rows, positions):
                passed = group.passed(mask)
                if at in found:
                    passed = tuple(sorted(found[at] + passed, key=_position))
                found[at] = passed
        found.update(dict.fromkeys(odd, self.screens))
        if asked.doubts != self.room.doubts:
            # Some passed without an answer: all are asked again, once decoded.
            odd = found.keys()
        for at in sorted(found):
            yield Candidate(at, found[at], odd=at in odd)

    def callers(self, headers: Sequence[Header]) -> Sequence[Caller]:
        """Return the caller of each header."""
        return self._callers.of(headers)

    def _ask_first(
        self,
        names: Names,
        rows: Rows,
        plans: Sequence[EventKindPlan],
        where: dict[RuleGroup, list[int]],
    ) -> None:
        """Find the events that pass the first question of what kinds have in common."""
        first, numbers = self._first[names]
        if first.never_matches(rows):
            return
        masks = first.masks(rows)
        if not any(distinct(masks)):
            return
        for at, mask in itertools.compress(enumerate(masks), masks):
            passed = mask & plans[at].shared.get(names, 0)
            if passed:
                chosen = tuple([self.screens[numbers[n]] for n in bits(passed)])
                where.setdefault(self._group(chosen), []).append(at)

    def _plans_of(self, kinds: Sequence[Kind]) -> Sequence[EventKindPlan]:
        if isinstance(kinds, Coded):
            return kinds.map(self._plans_of)
        try:
            return list(map(self._plans.__getitem__, kinds))
        except KeyError:
            new = set(kinds).difference(self._plans)
            for kind in new:
                self._plans[kind] = self._file(kind)
        plans = list(map(self._plans.__getitem__, kinds))
        for kind in new:
            # Names of 50 kB, that an attacker may choose, are not worth their room.
            if sum(len(each) for each in kind if isinstance(each, str)) > LONGEST_KIND:
                del self._plans[kind]
        return plans

    def _file(self, kind: Kind) -> EventKindPlan:
        """Find the conditions that a kind of event may meet; once for each kind."""
        # What is absent must not be None here, which means "any" where rules are filed.
        source, name = str(kind[0] or "").lower(), str(kind[1] or "").lower()
        event: dict[str, Any] = {}
        for names, value in zip(KIND, kind, strict=True):
            set_field(event, names, value)
        found = [
            screen
            for key in ((source, name), (source, None), (None, name), (None, None))
            for screen in self._filed.get(key, ())
            if screen.of_kind is None or conditions.holds(screen.of_kind(event))
        ]
        own = [
            left
            for each in sorted(found, key=_position)
            if each.first is None and (left := self._of_kind(each, event)) is not None
        ]
        common = {each.position for each in found if each.first is not None}
        shared = {
            names: sum(1 << n for n, each in enumerate(numbers) if each in common)
            for names, (_, numbers) in self._first.items()
        }
        return EventKindPlan(
            self._group(tuple(own)) if own else None,
            {names: mask for names, mask in shared.items() if mask},
        )

    def _of_kind(self, screen: Prefilter, event: Event) -> Prefilter | None:
        """Put what a kind of event decides into a condition; None if it never holds.

        Kinds that leave the same of it share what was found of the values that came.
        """
        if not screen.about_kind:
            return screen
        answers = tuple(
            [conditions.holds(test(event)) for _, test in screen.about_kind]
        )
        key = screen.position, answers
        if key not in self._settled:
            left = screen.left_by(answers)
            never = isinstance(left, tree.Literal) and not left.value
            made = Prefilter(screen.position, left, screen.held)
            kept = self._left.setdefault((screen.position, left), made)
            self._settled[key] = None if never else kept
        return self._settled[key]

    def _group(self, screens: _Screens) -> RuleGroup:
        """Return the group of some conditions, what kinds of events may meet them."""
        if screens not in self._groups:
            self._groups[screens] = RuleGroup(screens, self.room)
        return self._groups[screens]


def build(
    nodes: Sequence[tree.Node], known: Sequence[Outline | None] | None = None
) -> Index:
    """File conditions; their positions are those of the sequence.

    `known` are the outlines that came with them.
    """
    filing = _filed(tuple(nodes), tuple(known or [None] * len(nodes)))
    room = MemoryBudget()
    return Index(
        screens=filing.screens,
        header=filing.header,
        _filed=filing.by_key,
        _first={names: _first_column(x, room) for names, x in filing.by_first.items()},
        room=room,
    )


class _Filing(NamedTuple):
    """Conditions, filed by their keys and by the field that they ask for first."""

    screens: tuple[Prefilter, ...]
    header: type[Header]
    by_key: Mapping[Key, tuple[Prefilter, ...]]
    by_first: Mapping[Names, Sequence[Prefilter]]


@functools.lru_cache(maxsize=_FILINGS)
def _filed(nodes: tuple[tree.Node, ...], known: tuple[Outline | None, ...]) -> _Filing:
    """Take conditions apart and file them: once for scans that follow each other."""
    held: set[Names] = set()
    screens = [
        Prefilter(position, node, held, outline)
        for position, (node, outline) in enumerate(zip(nodes, known, strict=True))
    ]
    # A header has only so much room: it is for what most conditions ask.
    asked = Counter(names for each in screens if each.keys for names in each.places)
    held.update(each for each in asked if asked[each] * _RARELY >= len(nodes))
    held.add(CALLER)
    filed: dict[Key, list[Prefilter]] = {}
    sharing: dict[Names, list[Prefilter]] = {}
    for screen in screens:
        if screen.first:
            held.update(screen.first.fields)
            sharing.setdefault(screen.first.fields[0], []).append(screen)
        for key in dict.fromkeys(map(_folded, screen.keys)):
            filed.setdefault(key, []).append(screen)
    by_key = {key: tuple(bucket) for key, bucket in filed.items()}
    return _Filing(tuple(screens), header_type(held), by_key, sharing)


@functools.lru_cache(maxsize=_FILINGS)
def _flat_keys(screens: tuple[Prefilter, ...]) -> tuple[bytes, ...]:
    fields = {names for each in screens for names in each.outline.opened}
    found = sorted(".".join(names) for names in fields)
    return tuple(
        json.dumps(key, ensure_ascii=False).encode(errors="surrogatepass")
        for key in found
    )


@functools.lru_cache(maxsize=_FILINGS)
def _paths(screens: tuple[Prefilter, ...]) -> frozenset[Names]:
    return frozenset().union(*(each.paths for each in screens))


def _folded(key: Key) -> Key:
    """Return a key in lower case: Sigma's conditions compare texts in any case.

    Those that do not are asked, as all are, once the kind of event has been found.
    """
    source, name = key
    return source and source.lower(), name and name.lower()


def _first_column(
    screens: Sequence[Prefilter], room: MemoryBudget
) -> tuple[Column, _Numbers]:
    """Put together the first questions about one field."""
    asked = column([screen.first for screen in screens if screen.first], room)
    return asked, tuple([screen.position for screen in screens])


_OF_HEADER = [reader(names) for names in KIND[:-1]]


def _kinds(rows: Rows) -> Sequence[Kind]:
    """Return the kind of each event; its last field is the caller's type."""
    headers, callers = rows
    if isinstance(headers, HeaderColumns):
        return headers.kinds
    if isinstance(headers, HeaderList) and isinstance(callers, Coded):
        kinds, types = headers.kinds, [caller.type for caller in callers.values]
        of_callers = map(types.__getitem__, callers.codes)
        found = coded(zip(kinds.codes, of_callers, strict=True))
        return found.map(lambda all_: [(*kinds.values[at], kind) for at, kind in all_])
    values = [map(read, headers) for read in _OF_HEADER]
    return list(zip(*values, [caller.type for caller in callers], strict=True))


def _position(screen: Prefilter) -> int:
    return screen.position
