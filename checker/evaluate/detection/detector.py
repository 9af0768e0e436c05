"""Evaluate detection rules on a batch of events.

Of each event only a small header is read; the events that some rule could match are
judged (`judging`).  A verdict comes first, and evidence only of what matched.
"""

from __future__ import annotations

import functools
from collections.abc import (
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from checker import conditions
from checker.conditions import tree
from checker.evaluate.correlation.hit_columns import HitColumns
from checker.evaluate.detection import endpoint_copies, index, precedence
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.column_fields import BatchColumns, are_typed
from checker.evaluate.detection.compiled import Compiled
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.event_fields import CALLED_BY, EventFields, FieldSource
from checker.evaluate.detection.field_types import STATED, FieldTypes, field_types
from checker.evaluate.detection.forms import (
    Form,
    Forms,
    Instant,
    Kept,
    Maker,
    Places,
)
from checker.evaluate.detection.identities import MemoryBudget, Rows
from checker.evaluate.detection.index import Index
from checker.evaluate.detection.judging import Judging, form_of
from checker.evaluate.detection.plans import Asked
from checker.evaluate.detection.precedence import Precedence
from checker.evaluate.detection.prefilter import Prefilter
from checker.evaluate.detection.record_fields import HeaderRows
from checker.evaluate.detection.remembered import Remembered, names_read, of_event
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


@dataclass(frozen=True)
class Detector:
    """Compiled rules, the index that tells which to run, what each stands in for."""

    rules: tuple[Compiled, ...]
    index: Index
    precedence: Precedence = field(default_factory=dict)
    # The index forgets screens of kinds that nobody could remember all of.
    _left: WeakKeyDictionary[Prefilter, Sequence[Remembered[bool]]] = field(
        default_factory=WeakKeyDictionary, repr=False
    )
    _forms: dict[Maker[Any, Any], Forms[Any]] = field(default_factory=dict, repr=False)

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
        return of_event(account_and_principal, CALLED_BY, self.index.room)

    def fields(self) -> FieldTypes:
        """Return the types of the fields that the rules read and findings state."""
        return self._fields

    def forms(self, make: Maker[Kept, Any]) -> Forms[Kept]:
        """Return the forms of events that came, as `make` keeps them."""
        found = self._forms.get(make)
        if found is None:

            def judge(places: Places, fields: EventFields) -> Form[Kept]:
                return form_of(self, make, places, fields)

            found = self._forms[make] = Forms(self.rules, judge, self.index.room)
        return found

    def passing(
        self, screens: Iterable[Prefilter], fields: EventFields
    ) -> Iterator[int]:
        """Return the places of the rules that hold on an event that passed screens."""
        for screen in screens:
            if all(test.of(fields) for test in self._tests(screen)):
                yield screen.position

    def _tests(self, screen: Prefilter) -> Sequence[Remembered[bool]]:
        """Return the tests of what a header leaves open of a condition."""
        found = self._left.get(screen)
        if found is None:
            room = self.index.room
            found = self._left[screen] = [_test(node, room) for node in screen.left]
        return found

    @property
    def header(self) -> type[Header]:
        """What is wanted of every event at once (`sources.files.read`)."""
        return self.index.header


def compile_rules(
    rules: Sequence[DetectionRule],
    carried: Mapping[str, Sequence[str]] | None = None,
    quiet: Collection[str] = (),
) -> Detector:
    """Compile rules into a detector; the order of matches is that of the rules.

    `carried` names the fields that correlations need of each rule that feeds them, and
    `quiet` the rules that report nothing of their own (`correlation.plan`).
    """
    blocks = [rule.detection for rule in rules]
    filed = index.build(
        [each.condition for each in blocks], [each.known_outline for each in blocks]
    )
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
    return evaluate_as(detector, batch, MATCHES)


def evaluate_as(
    detector: Detector, batch: Batch, make: Maker[Any, Row]
) -> Evaluated[Row]:
    """Evaluate as `evaluate` does; `make` makes what is kept of each match.

    It must be the same for all batches of a detector.
    """
    reading = Reading(batch, detector.header, detector.fields)
    headers = reading.headers()
    odd = range(len(headers)) if _is_flat(detector, batch) else reading.malformed
    asked = _asked(detector, headers, odd)
    judging = Judging(detector, _source(detector, reading, asked.rows), make)
    judging.judge_all(asked)
    numbers, event_ids = reading.kept(headers)
    return Evaluated(
        matches=tuple(judging.matches),
        event_ids=event_ids,
        records=numbers,
        problems=tuple(reading.problems),
        hits=HitColumns.of(judging.hits),
        untimed=judging.untimed,
    )


def _test(node: tree.Node, room: MemoryBudget) -> Remembered[bool]:
    test = conditions.closure(node)
    return of_event(lambda event: conditions.holds(test(event)), names_read(node), room)


def _is_flat(detector: Detector, batch: Batch) -> bool:
    """Return whether the events of a batch were flattened, as its beginning shows.

    No header could hold `userIdentity.type` where that is one key.
    """
    start = batch.text[:_BEGINNING]
    return any(key in start for key in detector.index.flat_keys)


def _asked(
    detector: Detector, headers: Sequence[Header], odd: Collection[int]
) -> Asked:
    """Return the events that may meet a condition; all, where a header defeats it."""
    try:
        return detector.index.asked(headers, odd)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - each event is then judged by itself
        return Asked(Rows(headers, ()), (), {}, (), 0).all_odd()


def _source(detector: Detector, reading: Reading, rows: Rows) -> FieldSource:
    headers, callers = rows
    if not isinstance(headers, HeaderColumns):
        return HeaderRows(reading, headers, callers, detector.called_by)
    return BatchColumns(
        reading,
        headers,
        callers,
        detector.called_by,
        lambda columns: are_typed(columns, detector.fields()),
    )


def holds(rule: DetectionRule, event: Event) -> bool:
    """Return whether one rule holds on one event."""
    if endpoint_copies.is_copy(event) and not endpoint_copies.judges_copies(rule):
        return False
    test = conditions.closure(rule.detection.condition)
    return conditions.holds(test(event))


class _Found(NamedTuple):
    """The match of a rule on all events of a form."""

    rule: str
    said: tuple[Any, ...]
    evidence: Mapping[str, Any]
    lowered: bool


class Matches:
    """Makes a `Match` of what is found (`Maker`)."""

    def form(self, compiled: Compiled, fields: EventFields) -> _Found:
        """Return what is the same of the matches of a rule on all events of a form."""
        shown = compiled.evidence.of(fields.having(compiled.evidence.names))
        if shared := fields.shared_id:
            shown["sharedEventID"] = shared
        reasons = compiled.lowering.of(fields) if compiled.rule.lowered_by else {}
        shown.update(reasons)
        return _Found(compiled.rule.name, fields.said, shown, bool(reasons))

    def row(self, kept: _Found, own: Instant) -> Match:
        """Return the match on one event."""
        about = subject(own.event_id, (own.time, *kept.said))
        return Match(kept.rule, about, own.place, kept.evidence, "", kept.lowered)


MATCHES: Final = Matches()
