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
from checker.conditions.parts import reads
from checker.evaluate.correlation.hit import Signal, SignalBuilder
from checker.evaluate.correlation.hit_columns import HitColumns
from checker.evaluate.correlation.keys import compared
from checker.evaluate.detection import endpoint_copies, index, precedence
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.column_hits import BatchColumns, ColumnHits
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.evidence import (
    Evidence,
    Lowering,
    compile_field,
    parse_field,
)
from checker.evaluate.detection.field_types import STATED, FieldTypes, field_types
from checker.evaluate.detection.header import Names
from checker.evaluate.detection.identities import Test
from checker.evaluate.detection.index import Candidate, Index
from checker.evaluate.detection.precedence import Precedence
from checker.evaluate.detection.subject import said_of, subject
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


@dataclass(frozen=True)
class Compiled:
    """One rule, ready to run; what only a match needs is compiled at the first.

    `carried` are the fields that correlations need of it, None when there are none, and
    `compared` their paths; `reports` is false for a rule that only feeds correlations.
    """

    rule: DetectionRule
    carried: tuple[Test, ...] | None
    reports: bool
    compared: tuple[str, ...] = ()

    @functools.cached_property
    def evidence(self) -> Evidence:
        """What to show of an event on which the rule holds."""
        return Evidence(self.rule)

    @property
    def paths(self) -> Iterator[Names]:
        """The paths that are read of an event besides those of the condition."""
        nodes = (*map(parse_field, self.compared), *self.rule.lowered_by.values())
        for node in nodes:
            yield from reads(node) or ()

    @functools.cached_property
    def lowering(self) -> Lowering:
        """What lowers the level of a finding of the rule."""
        return Lowering(self.rule)


Row = TypeVar("Row")
Make: TypeAlias = Callable[[Compiled, tuple[str, int], Event], Row]
"""Makes what is kept of a match, of a rule on an event that is at a place.

The place is the input, and the number of the event in it."""


@dataclass(frozen=True)
class Detector:
    """Compiled rules, the index that tells which to run, what each stands in for."""

    rules: tuple[Compiled, ...]
    index: Index
    precedence: Precedence = field(default_factory=dict)

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
    def column_hits(self) -> ColumnHits:
        """What makes the hits of rules that report nothing, where there are columns."""
        made = ColumnHits(self.index.room, self.fields())
        for each, screen in zip(self.rules, self.index.screens, strict=True):
            if each.carried is not None and not each.reports:
                made.add(each.rule.name, screen, each.compared, each.carried)
        return made

    def fields(self) -> FieldTypes:
        """Return the types of the fields that the rules read and findings state."""
        return self._fields

    @property
    def header(self) -> type[Header]:
        """What is wanted of every event at once (`sources.files.read`)."""
        return self.index.header


@dataclass(slots=True)
class _Gathered:
    """What a batch gives while it is worked on."""

    reading: Reading
    make: Make[Any]
    matches: list[Any] = field(default_factory=list)
    hits: list[Signal] = field(default_factory=list)
    untimed: int = 0


def compile_rules(
    rules: Sequence[DetectionRule],
    carried: Mapping[str, Sequence[str]] | None = None,
    quiet: Collection[str] = (),
) -> Detector:
    """Compile rules into a detector; the order of matches is that of the rules.

    `carried` names the fields that correlations need of each rule that feeds them, and
    `quiet` the rules that report nothing of their own (`correlation.plan`).
    """
    compiled = []
    for rule in rules:
        fields = (carried or {}).get(rule.name)
        keys = (
            None
            if fields is None
            else tuple(compared(path, compile_field(path)) for path in fields)
        )
        reports = rule.name not in quiet
        compiled.append(Compiled(rule, keys, reports, tuple(fields or ())))
    filed = index.build([rule.detection.condition for rule in rules])
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
    gathered = _Gathered(reading, make)
    headers = reading.headers()
    odd = range(len(headers)) if _is_flat(detector, batch) else reading.malformed
    candidates = _candidates(detector, headers, odd)
    columns = None
    if candidates and isinstance(headers, HeaderColumns):
        callers = detector.index.callers(headers)
        columns = detector.column_hits.columns(batch, headers, callers)
    reading.expect(len(candidates))
    for candidate in candidates:
        if columns is None or not _take_hits(detector, gathered, columns, candidate):
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


def holds(rule: DetectionRule, event: Event) -> bool:
    """Return whether one rule holds on one event."""
    if endpoint_copies.is_copy(event) and not endpoint_copies.judges_copies(rule):
        return False
    test = conditions.closure(rule.detection.condition)
    return conditions.holds(test(event))


def _take_hits(
    detector: Detector, gathered: _Gathered, columns: BatchColumns, candidate: Candidate
) -> bool:
    """Take the hits on an event from columns; False where it has to be decoded."""
    if candidate.odd:
        return False
    try:
        hits = detector.column_hits.hits(columns, *candidate[:2])
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - it is then judged with care
        return False
    if hits is None:
        return False
    gathered.hits += hits
    return True


def _judge(detector: Detector, gathered: _Gathered, candidate: Candidate) -> None:
    """Decode one event and run the rules that could match it, in the rules' order.

    What goes wrong is a problem of the event: the others, and the other rules, go on.
    """
    position = candidate.position
    event = gathered.reading.decode(position)
    if event is None:
        return
    before = len(gathered.matches), len(gathered.hits), gathered.untimed
    try:
        places = _judging(detector, event, candidate.matching(event))
        replaced = precedence.replaced(detector.precedence, places)
        _take(detector, gathered, position, event, places, replaced)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - likewise
        del gathered.matches[before[0] :], gathered.hits[before[1] :]
        gathered.untimed = before[2]
        _judge_singly(detector, gathered, candidate, event)


def _judging(detector: Detector, event: Event, matching: Iterable[int]) -> list[int]:
    """Return the places of those matching rules that judge the event at all."""
    places = list(matching)
    if places and endpoint_copies.is_copy(event):
        return [place for place in places if place in detector.of_copies]
    return places


def _judge_singly(
    detector: Detector, gathered: _Gathered, candidate: Candidate, event: Event
) -> None:
    """Run each rule for itself, and say which ones cannot judge the event."""
    position = candidate.position
    failed: list[str] = []
    reason = ""
    places: list[int] = []
    for screen in candidate.screens:
        try:
            matching = candidate._replace(screens=(screen,)).matching(event)
            places += _judging(detector, event, matching)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - likewise
            failed.append(detector.rules[screen.position].rule.name)
            reason = reason or f"{type(error).__name__}: {error!s:.100}"
    replaced = precedence.replaced(detector.precedence, places)
    for place in places:
        try:
            _take(detector, gathered, position, event, (place,), replaced)
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
    event: Event,
    places: Iterable[int],
    replaced: Collection[int],
) -> None:
    """Take the matches of the rules at some places; `replaced` ones report nothing."""
    batch = gathered.reading.batch
    place = batch.uri, batch.numbers[position]
    moment: SignalBuilder | None = None
    for number in places:
        each = detector.rules[number]
        if each.reports and number not in replaced:
            gathered.matches.append(gathered.make(each, place, event))
        if each.carried is not None:
            moment = moment or SignalBuilder(event, said_of(event), place)
            found = moment.hit(each.rule.name, each.carried)
            if found is None:
                gathered.untimed += 1
            else:
                gathered.hits.append(found)


def match(compiled: Compiled, place: tuple[str, int], event: Event) -> Match:
    """Return the match of a rule that holds on an event, which is at a place."""
    shown = compiled.evidence.of(event)
    if shared := shared_id(event):
        shown["sharedEventID"] = shared
    reasons = compiled.lowering.of(event) if compiled.rule.lowered_by else {}
    shown.update(reasons)
    name = compiled.rule.name
    return Match(name, subject(event), place, shown, "", bool(reasons))


def shared_id(event: Event) -> str | None:
    """Return what copies of one action in several accounts have in common.

    Their eventIDs are different.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
    """
    shared = event.get("sharedEventID")
    return shared if isinstance(shared, str) and shared else None
