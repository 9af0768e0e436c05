"""Evaluate the events of a batch on which some rule may hold.

Of events in columns those that say the same are judged once.  What goes wrong with one
is a problem of that event: the others, and other rules, go on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import TYPE_CHECKING, Any

from msgspec import structs

from checker.evaluate.correlation.hit import (
    Signal,
    SignalBuilder,
    milliseconds,
    signal,
)
from checker.evaluate.detection import precedence
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.column_fields import BatchColumns, ColumnFields
from checker.evaluate.detection.event_fields import (
    DecodedFields,
    EventFields,
    FieldSource,
)
from checker.evaluate.detection.forms import Form, Instant, Kept, Maker, Places, form
from checker.evaluate.detection.plans import Asked, Candidate, RuleGroup
from checker.evaluate.detection.verdicts import Verdicts

if TYPE_CHECKING:
    from checker.evaluate.detection.detector import Detector


@dataclass(slots=True)
class Judging:
    """A batch while its events are judged, and what they gave so far."""

    detector: Detector
    source: FieldSource
    make: Maker[Any, Any]
    matches: list[Any] = field(default_factory=list)
    hits: list[Signal] = field(default_factory=list)
    untimed: int = 0

    @property
    def reading(self) -> Reading:
        """The batch, and what is wrong with its events."""
        return self.source.reading

    def judge_all(self, asked: Asked) -> None:
        """Evaluate the events that may meet a condition, in their order."""
        source = self.source
        if not asked.is_empty and isinstance(source, BatchColumns) and source.is_typed:
            self._judge_columns(source, asked)
            return
        candidates = self._passing(asked)
        if candidates:
            self.reading.expect(len(candidates))
        for candidate in candidates:
            self.judge(candidate)

    def _passing(
        self, asked: Asked, where: Mapping[RuleGroup, Sequence[int]] | None = None
    ) -> Sequence[Candidate]:
        """Return those on which some rule may hold; all, where a header defeats it."""
        index = self.detector.index
        try:
            return list(index.passing(asked, asked.where() if where is None else where))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - each event is then judged by itself
            return list(index.passing(asked.all_odd(), {}))

    def _judge_columns(self, source: BatchColumns, asked: Asked) -> None:
        """Evaluate events in columns: what is found of one is found of all alike."""
        copies = source.copies
        verdicts = Verdicts(self.detector.index, source.columns, asked, copies)
        places = verdicts.known
        apart: dict[int, Candidate] = {}
        for candidate in self._passing(asked, verdicts.left):
            at = candidate.position
            found: Places | None = None
            if not (candidate.odd or at in copies):
                found = self._holding(candidate, ColumnFields(source, at))
            if found is None:
                apart[at] = candidate
            elif found:
                places[at] = found
        if self.detector.index.room.doubts == asked.doubts:
            verdicts.keep(places, apart)
        forms = dict(self._forms(source, places))
        order = sorted({*places, *apart})
        columns, shared = source.columns, source.shared_ids
        event_ids = columns.event_ids.at(order)
        times = columns.column("eventTime").at(order)
        for at, event_id, time in zip(order, event_ids, times, strict=True):
            if at in forms and at not in apart:
                self._add(at, forms[at], event_id, time, shared.get(at))
            else:
                self.judge(apart.get(at) or self._candidate(at, places[at]))

    def _holding(self, candidate: Candidate, fields: EventFields) -> Places | None:
        """Return the places of the rules that hold; None if one cannot be asked."""
        try:
            return self._places(candidate, fields)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - the event is judged again, with care
            return None

    def _forms(
        self, source: BatchColumns, places: Mapping[int, Places]
    ) -> Iterator[tuple[int, Form[Any]]]:
        """Yield the forms of events on which rules hold, where they can be made."""
        if not places:
            return
        positions, several = list(places), list(places.values())
        known, shared = self.detector.forms(self.make), source.shared_ids
        numbers = known.numbers(several, source.columns)
        alike = known.alike
        codes = alike.codes(source.columns, positions, numbers)
        for at, each, code in zip(positions, several, codes, strict=True):
            form = alike.values[code]
            # What is reported of an event shows its sharedEventID.
            is_own = at in shared and not (form and not form.matches)
            if form is None or is_own:
                form = self._made(ColumnFields(source, at), each)
                if form and not (is_own and form.matches):
                    alike.keep(code, form)
            if form is not None:
                yield at, form

    def _made(self, fields: EventFields, places: Places) -> Form[Any] | None:
        """Return the form of an event; None if it cannot be made."""
        try:
            return form_of(self.detector, self.make, places, fields)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - the event is judged again, with care
            return None

    def _candidate(self, position: int, places: Places) -> Candidate:
        """Return an event on which some rules hold, to be judged again."""
        screens = self.detector.index.screens
        return Candidate(position, [screens[place] for place in places])

    def judge(self, candidate: Candidate) -> None:
        """Run the rules that could match an event, in the rules' order."""
        before = len(self.matches), len(self.hits), self.untimed
        try:
            fields = self._fields(candidate)
            if fields is not None:
                self._take(candidate.position, fields, self._form(candidate, fields))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - the event is judged again, with care
            del self.matches[before[0] :], self.hits[before[1] :]
            self.untimed = before[2]
            event = self.reading.decode(candidate.position)
            if event is not None:
                self._judge_singly(candidate, DecodedFields(event))

    def _fields(self, candidate: Candidate) -> EventFields | None:
        """Return the fields of an event; None if it cannot be decoded."""
        if not candidate.odd:
            fields = self.source.fields(candidate.position)
            if fields is not None:
                return fields
        event = self.reading.decode(candidate.position)
        return None if event is None else DecodedFields(event)

    def _form(self, candidate: Candidate, fields: EventFields) -> Form[Any]:
        """Return the form of an event, remembered where it is one of many."""
        places = self._places(candidate, fields)
        if not (candidate.odd or fields.shared_id or fields.is_copy):
            return self.detector.forms(self.make).of(places, fields)
        judging = self._judging(fields, places)
        return form_of(self.detector, self.make, judging, fields)

    def _places(self, candidate: Candidate, fields: EventFields) -> Places:
        """Return the places of the rules that hold on an event."""
        if candidate.odd:
            return tuple(candidate.matching(fields.having(None)))
        return tuple(self.detector.passing(candidate.screens, fields))

    def _judging(self, fields: EventFields, matching: Iterable[int]) -> list[int]:
        """Return the places of those matching rules that judge the event at all."""
        places = list(matching)
        if places and fields.is_copy:
            return [place for place in places if place in self.detector.of_copies]
        return places

    def _judge_singly(self, candidate: Candidate, fields: DecodedFields) -> None:
        """Run each rule for itself, and say which ones cannot judge the event."""
        rules = self.detector.rules
        failed: list[str] = []
        reason = ""
        places: list[int] = []
        event = fields.having(None)
        for screen in candidate.screens:
            try:
                matching = candidate._replace(screens=(screen,)).matching(event)
                places += self._judging(fields, matching)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - the other rules go on
                failed.append(rules[screen.position].rule.name)
                reason = reason or f"{type(error).__name__}: {error!s:.100}"
        replaced = precedence.replaced(self.detector.precedence, places)
        for place in places:
            try:
                found = form(rules, [place], replaced, fields, self.make.form)
                self._take(candidate.position, fields, found)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - likewise
                failed.append(rules[place].rule.name)
                reason = reason or f"{type(error).__name__}: {error!s:.100}"
        if failed:
            names = ", ".join(failed[:3]) + (" …" if len(failed) > 3 else "")
            self.reading.remark(
                candidate.position,
                f"{len(failed)} rule{'s' * (len(failed) != 1)} could not evaluate it: "
                f"{names} ({reason})",
            )

    def _take(self, position: int, fields: EventFields, form: Form[Any]) -> None:
        """Take the matches and the hits of an event of a form."""
        event_id, time = fields.event_id, fields.time
        if event_id.__class__ is str or not form.hits:
            self._add(position, form, event_id, time, fields.shared_id)
            return
        self._add(position, structs.replace(form, hits=()), event_id, time, None)
        if milliseconds(time) is None:
            self.untimed += len(form.hits)
            return
        place = self.reading.batch.uri, self.reading.batch.numbers[position]
        signals = SignalBuilder(fields.having(None), fields.about, place)
        self.hits += filter(None, starmap(signals.hit, form.hits))

    def _add(
        self,
        position: int,
        form: Form[Any],
        event_id: Any,
        time: Any,
        shared: str | None,
    ) -> None:
        """Take those of an event; one that has hits has an eventID."""
        batch = self.reading.batch
        place = batch.uri, batch.numbers[position]
        if form.matches:
            own = Instant(event_id, time, place)
            row = self.make.row
            self.matches += [row(kept, own) for kept in form.matches]
        if not form.hits:
            return
        when = milliseconds(time)
        if when is None:
            self.untimed += len(form.hits)
            return
        about = sys.intern(time), *form.said
        self.hits += [
            signal(when, event_id, rule, keys, shared, place, about)
            for rule, keys in form.hits
        ]


def form_of(
    detector: Detector,
    make: Maker[Kept, Any],
    places: Sequence[int],
    fields: EventFields,
) -> Form[Kept]:
    """Return the form of an event on which the rules at some places hold."""
    replaced = precedence.replaced(detector.precedence, places)
    return form(detector.rules, places, replaced, fields, make.form)
