"""Evaluate detection rules on a batch of events.

Of each event only a small header is decoded; only the events that some rule could match
are decoded in full.  A verdict comes first, and evidence only of what matched.
"""

from __future__ import annotations

import functools
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from checker import conditions
from checker.conditions import tree
from checker.evaluate.correlation.hit import Signal, SignalBuilder
from checker.evaluate.correlation.hit_columns import HitColumns
from checker.evaluate.detection import endpoint_copies, index, precedence
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.compiled import Compiled
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.event_fields import (
    CALLED_BY,
    BatchColumns,
    ColumnFields,
    DecodedFields,
    EventFields,
    are_typed,
)
from checker.evaluate.detection.field_types import STATED, FieldTypes, field_types
from checker.evaluate.detection.identities import MemoryBudget
from checker.evaluate.detection.index import Candidate, Index
from checker.evaluate.detection.precedence import Precedence
from checker.evaluate.detection.prefilter import Prefilter
from checker.evaluate.detection.remembered import Remembered, names_read
from checker.evaluate.detection.subject import account_and_principal, subject
from checker.model import Batch, DetectionRule, Event, Header, Match
from checker.model.columns import HeaderColumns

_BEGINNING = 64 * 1024
"""How much of a batch is looked at to tell whether its events were flattened."""

__all__ = [
    "Compiled",
    "Detector",
    "Evaluated",
    "compile_rules",
    "evaluate",
    "evaluate_as",
    "holds",
]


Row = TypeVar("Row")
Make: TypeAlias = Callable[[Compiled, tuple[str, int], EventFields], Row]
"""Makes what is kept of a match, of a rule on an event that is at a place.

The place is the input, and the number of the event in it."""


@dataclass(frozen=True)
class Detector:
    """Compiled rules, the index that tells which to run, what each stands in for."""

    rules: tuple[Compiled, ...]
    index: Index
    precedence: Precedence = field(default_factory=dict)
    _left: dict[int, tuple[Prefilter, Sequence[Remembered[bool]]]] = field(
        default_factory=dict, repr=False
    )

    @functools.cached_property
    def of_copies(self) -> frozenset[int]:
        """The places of the rules that judge copies; few inputs have any."""
        return frozenset(
            place
            for place, each in enumerate(self.rules)
            if endpoint_copies.judges_copies(each.rule)
        )

    @functools.cached_property
    def _fields(self) -> FieldTypes:
        others = {names for each in self.rules for names in each.paths}
        return field_types(STATED | self.index.paths | others)

    @functools.cached_property
    def called_by(self) -> Remembered[tuple[Any, str | None]]:
        """The account in which something happened, and who acted."""
        return Remembered(account_and_principal, CALLED_BY, self.index.room)

    def fields(self) -> FieldTypes:
        """Return the types of the fields that the rules read and findings state."""
        return self._fields

    def tests_left(self, screen: Prefilter) -> Sequence[Remembered[bool]]:
        """Return the tests of what a header leaves open of a condition."""
        # By identity: to compare conditions would take longer than to ask them.
        found = self._left.get(id(screen))
        if found is None:
            room = self.index.room
            tests = [_test(node, room) for node in screen.left]
            found = self._left[id(screen)] = screen, tests
        return found[1]

    @property
    def header(self) -> type[Header]:
        """What is wanted of every event at once (`sources.files.read`)."""
        return self.index.header


@dataclass(slots=True)
class _Gathered:
    """What a batch gives while it is worked on."""

    reading: Reading
    make: Make[Any]
    columns: BatchColumns | None
    matches: list[Any] = field(default_factory=list)
    hits: list[Signal] = field(default_factory=list)
    untimed: int = 0

    def fields(self, candidate: Candidate) -> EventFields | None:
        """Return the fields of an event; None if it cannot be decoded."""
        position = candidate.position
        if self.columns is not None and not candidate.odd:
            return ColumnFields(self.columns, position)
        event = self.reading.decode(position)
        if event is None:
            return None
        if candidate.odd:
            return DecodedFields(event)
        return DecodedFields(event, self.reading.batch.records[position])


def compile_rules(
    rules: Sequence[DetectionRule],
    carried: Mapping[str, Sequence[str]] | None = None,
    quiet: Collection[str] = (),
) -> Detector:
    """Compile rules into a detector; the order of matches is that of the rules.

    `carried` names the fields that correlations need of each rule that feeds them, and
    `quiet` the rules that report nothing of their own (`correlation.plan`).
    """
    filed = index.build([rule.detection.condition for rule in rules])
    fields = carried or {}
    compiled = [
        Compiled(
            rule,
            filed.room,
            tuple(fields[rule.name]) if rule.name in fields else None,
            rule.name not in quiet,
        )
        for rule in rules
    ]
    return Detector(tuple(compiled), filed, precedence.table(rules, quiet))


def evaluate(detector: Detector, batch: Batch) -> Evaluated[Match]:
    """Evaluate every rule of a detector on every event of a batch.

    Pure: the answer depends on the arguments alone.  A batch that was read with
    `detector.header` is evaluated fastest.
    """
    return evaluate_as(detector, batch, match)


def evaluate_as(detector: Detector, batch: Batch, make: Make[Row]) -> Evaluated[Row]:
    """Evaluate as `evaluate` does; `make` makes what is kept of each match."""
    reading = Reading(batch, detector.header, detector.fields)
    headers = reading.headers()
    odd = range(len(headers)) if _is_flat(detector, batch) else reading.malformed
    candidates = _candidates(detector, headers, odd)
    gathered = _Gathered(reading, make, None)
    if candidates:
        gathered.columns = _columns(detector, reading, headers)
    if gathered.columns is None:
        reading.expect(len(candidates))
    for candidate in candidates:
        _judge(detector, gathered, candidate)
    numbers, event_ids = reading.kept(headers)
    return Evaluated(
        matches=tuple(gathered.matches),
        event_ids=event_ids,
        records=numbers,
        problems=tuple(reading.problems),
        hits=HitColumns.of(gathered.hits),
        untimed=gathered.untimed,
    )


def _test(node: tree.Node, room: MemoryBudget) -> Remembered[bool]:
    test = conditions.closure(node)
    return Remembered(
        lambda event: conditions.holds(test(event)), names_read(node), room
    )


def _is_flat(detector: Detector, batch: Batch) -> bool:
    """Return whether the events of a batch were flattened, as its beginning shows.

    No header could hold `userIdentity.type` where that is one key.
    """
    start = batch.text[:_BEGINNING]
    return any(key in start for key in detector.index.flat_keys)


def _candidates(
    detector: Detector, headers: Sequence[Header], odd: Collection[int]
) -> list[Candidate]:
    """Return the events on which some rule may hold; all, where a header defeats it."""
    try:
        return list(detector.index.candidates(headers, odd))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - each event is then judged by itself
        screens = detector.index.screens
        return [Candidate(at, screens, odd=True) for at in range(len(headers))]


def _columns(
    detector: Detector, reading: Reading, headers: Sequence[Header]
) -> BatchColumns | None:
    """Return the columns of a batch; None if its events have to be decoded."""
    if not isinstance(headers, HeaderColumns):
        return None
    if not are_typed(headers, detector.fields()):
        return None
    callers = detector.index.callers(headers)
    return BatchColumns(reading, headers, callers, detector.called_by)


def holds(rule: DetectionRule, event: Event) -> bool:
    """Return whether one rule holds on one event."""
    if endpoint_copies.is_copy(event) and not endpoint_copies.judges_copies(rule):
        return False
    test = conditions.closure(rule.detection.condition)
    return conditions.holds(test(event))


def _judge(detector: Detector, gathered: _Gathered, candidate: Candidate) -> None:
    """Run the rules that could match an event, in the rules' order.

    What goes wrong is a problem of the event: the others, and the other rules, go on.
    """
    before = len(gathered.matches), len(gathered.hits), gathered.untimed
    fields: EventFields | None = None
    try:
        fields = gathered.fields(candidate)
        if fields is None:
            return
        places = _judging(detector, fields, _matching(detector, candidate, fields))
        replaced = precedence.replaced(detector.precedence, places)
        _take(detector, gathered, candidate.position, fields, places, replaced)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - likewise
        del gathered.matches[before[0] :], gathered.hits[before[1] :]
        gathered.untimed = before[2]
        event = gathered.reading.decode(candidate.position)
        if event is not None:
            _judge_singly(detector, gathered, candidate, DecodedFields(event))


def _matching(
    detector: Detector, candidate: Candidate, fields: EventFields
) -> Iterator[int]:
    """Return the places of the rules that hold on an event."""
    if candidate.odd:
        yield from candidate.matching(fields.having(None))
        return
    for screen in candidate.screens:
        if not screen.left or all(
            test.of(fields) for test in detector.tests_left(screen)
        ):
            yield screen.position


def _judging(
    detector: Detector, fields: EventFields, matching: Iterable[int]
) -> list[int]:
    """Return the places of those matching rules that judge the event at all."""
    places = list(matching)
    if places and fields.is_copy:
        return [place for place in places if place in detector.of_copies]
    return places


def _judge_singly(
    detector: Detector, gathered: _Gathered, candidate: Candidate, fields: DecodedFields
) -> None:
    """Run each rule for itself, and say which ones cannot judge the event."""
    position = candidate.position
    failed: list[str] = []
    reason = ""
    places: list[int] = []
    event = fields.having(None)
    for screen in candidate.screens:
        try:
            matching = candidate._replace(screens=(screen,)).matching(event)
            places += _judging(detector, fields, matching)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - likewise
            failed.append(detector.rules[screen.position].rule.name)
            reason = reason or f"{type(error).__name__}: {error!s:.100}"
    replaced = precedence.replaced(detector.precedence, places)
    for place in places:
        try:
            _take(detector, gathered, position, fields, (place,), replaced)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - likewise
            failed.append(detector.rules[place].rule.name)
            reason = reason or f"{type(error).__name__}: {error!s:.100}"
    if failed:
        names = ", ".join(failed[:3]) + (" …" if len(failed) > 3 else "")
        gathered.reading.remark(
            position,
            f"{len(failed)} rule{'s' * (len(failed) != 1)} could not evaluate it: "
            f"{names} ({reason})",
        )


def _take(  # noqa: PLR0913, PLR0917 - one call for each event that matches
    detector: Detector,
    gathered: _Gathered,
    position: int,
    fields: EventFields,
    places: Iterable[int],
    replaced: Collection[int],
) -> None:
    """Take the matches of the rules at some places; `replaced` ones report nothing."""
    batch = gathered.reading.batch
    place = batch.uri, batch.numbers[position]
    signals: SignalBuilder | None = None
    for number in places:
        each = detector.rules[number]
        if each.reports and number not in replaced:
            gathered.matches.append(gathered.make(each, place, fields))
        if each.carried is not None:
            signals = signals or fields.signals(place)
            keys = tuple([key.of(fields) for key in each.keys])
            found = signals.hit(each.rule.name, keys)
            if found is None:
                gathered.untimed += 1
            else:
                gathered.hits.append(found)


def match(compiled: Compiled, place: tuple[str, int], fields: EventFields) -> Match:
    """Return the match of a rule that holds on an event, which is at a place."""
    shown = compiled.evidence.of(fields.having(compiled.evidence.names))
    if shared := fields.shared_id:
        shown["sharedEventID"] = shared
    reasons = compiled.lowering.of(fields) if compiled.rule.lowered_by else {}
    shown.update(reasons)
    name = compiled.rule.name
    about = subject(fields.event_id, fields.about)
    return Match(name, about, place, shown, "", bool(reasons))
