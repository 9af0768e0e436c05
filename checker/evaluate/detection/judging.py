"""Evaluate the events on which some rule may hold, one after the other.

What goes wrong with one is a problem of that event: the others, and other rules, go on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import TYPE_CHECKING, Any

from checker.evaluate.correlation.hit import (
    Signal,
    SignalBuilder,
    milliseconds,
    signal,
)
from checker.evaluate.detection import precedence
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.event_fields import (
    DecodedFields,
    EventFields,
    FieldSource,
)
from checker.evaluate.detection.forms import Form, Instant, Kept, Maker, Places, form
from checker.evaluate.detection.index import Candidate

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
        batch, event_id, time = self.reading.batch, fields.event_id, fields.time
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
        if event_id.__class__ is not str:
            signals = SignalBuilder(fields.having(None), fields.about, place)
            self.hits += filter(None, starmap(signals.hit, form.hits))
            return
        about, shared = (sys.intern(time), *form.said), fields.shared_id
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
