"""Read the records of a batch: headers first, whole events when asked.

A record that cannot be decoded is a problem of its own and never stops the others.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import msgspec

from checker.evaluate.detection.field_types import FieldTypes, field_types
from checker.model import Batch, Correction, Event, Header, Unreadable
from checker.model.columns import EventIds, HeaderColumns

_event = msgspec.json.Decoder()
_ADDENDUM = operator.attrgetter("addendum")
_EVENT_ID = operator.attrgetter("eventID")

DEEPEST = 64
"""How deep the values of an event go: whatever walks over one calls itself for each
level.  The deepest that AWS documents have some twenty."""

_PARTLY = "a part of the event cannot be read, so that it is not judged"
_EXPORT = "export the events as CloudTrail wrote them"


@runtime_checkable
class LateSplit(Protocol):
    """Records of a source that splits its text late (`sources.events.records`)."""

    def expect(self, number: int, /) -> None:
        """Prepare for how many records will be asked for."""


@dataclass(slots=True)
class Reading:
    """A batch while it is read, with headers of the type that is wanted.

    `undecodable` are positions in it, and so are `malformed`: those of events whose
    header has a field of another type than it should; theirs is all but empty.  Of what
    is decoded the `fields` must have their types.
    """

    batch: Batch
    header: type[Header] = Header
    fields: Callable[[], FieldTypes] = field_types
    problems: list[Unreadable] = field(default_factory=list)
    undecodable: set[int] = field(default_factory=set)
    malformed: set[int] = field(default_factory=set)

    def headers(self) -> Sequence[Header]:
        """Return the header of each record: the source's, or decoded one by one."""
        given = self.batch.headers
        if isinstance(given, HeaderColumns):
            if given.header is self.header:
                return given
        elif given is not None and all(
            isinstance(each, self.header) for each in given[:1]
        ):
            return given
        return list(self._headers())

    def expect(self, number: int) -> None:
        """Prepare the records for how many of them will be decoded."""
        records = self.batch.records
        if isinstance(records, LateSplit):
            records.expect(number)

    def decode(self, position: int) -> Event | None:
        """Decode one record in full; None, and a problem, when it is no whole event.

        One that is nested deeper than any walker goes is cut, which is a problem too.
        """
        if position in self.undecodable:
            return None
        record = self.batch.records[position]
        try:
            event = _event.decode(record)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            self._lose(position, f"not JSON: {error}")
            return None
        if not isinstance(event, dict):
            self._lose(position, "not a JSON object")
            return None
        if wrong := self.fields().misfit(event):
            self._lose(position, f"{_PARTLY}: {wrong}; {_EXPORT}")
            return None
        # What has fewer brackets is not nested as deep.
        brackets = record.count(b"{") + record.count(b"[")
        if brackets > DEEPEST and is_deep(event, DEEPEST):
            kept = f"nested more than {DEEPEST} levels deep: what is deeper was ignored"
            self.remark(position, kept)
            return {key: _cut(part, DEEPEST - 1) for key, part in event.items()}
        return event

    def typed(self, position: int) -> object | None:
        """Return a record's fields, none with a problem; None if `decode` has to look.

        That is what `FieldTypes.decode` returns.
        """
        record = self.batch.records[position]
        try:
            fields = self.fields().decode(record)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return None
        brackets = record.count(b"{") + record.count(b"[")
        return fields if brackets <= DEEPEST else None

    def remark(self, position: int, reason: str) -> None:
        """Add a problem of a record that counts all the same."""
        number = self.batch.numbers[position]
        self.problems.append(Unreadable(self.batch.uri, number, reason))

    def kept(
        self, headers: Sequence[Header]
    ) -> tuple[tuple[int, ...], Sequence[str | None]]:
        """Return the number and the eventID of each record that could be read."""
        numbers, undecodable = self.batch.numbers, self.undecodable
        event_ids = _event_ids(headers)
        if not undecodable:
            return tuple(numbers), event_ids
        kept = [n for n in range(len(headers)) if n not in undecodable]
        return (
            tuple([numbers[n] for n in kept]),
            tuple([event_ids[n] for n in kept]),
        )

    def _headers(self) -> Iterator[Header]:
        decode = _decoder(self.header)
        for position, record in enumerate(self.batch.records):
            try:
                yield decode(record)
            except msgspec.ValidationError:
                # A header field of another type: legal JSON, so the event still counts.
                self.malformed.add(position)
                event = self.decode(position) or {}
                yield self.header(eventID=_text(event, "eventID"))
            except (msgspec.DecodeError, ValueError, RecursionError) as error:
                self._lose(position, f"not JSON: {error}")
                yield self.header()

    def _lose(self, position: int, reason: str) -> None:
        self.undecodable.add(position)
        self.remark(position, reason)


def _event_ids(headers: Sequence[Header]) -> tuple[str | None, ...] | EventIds:
    if isinstance(headers, HeaderColumns):
        return headers.event_ids
    return tuple(map(_EVENT_ID, headers))


def is_deep(value: object, most: int) -> bool:
    """Return whether a decoded JSON value is nested deeper than so many levels."""
    level = [value]
    for _ in range(most):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return False
    return True


def _parts(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _cut(value: Any, depth: int) -> Any:
    """Copy a value down to a depth; what is deeper is null."""
    if not isinstance(value, dict | list):
        return value
    if not depth:
        return None
    if isinstance(value, dict):
        return {key: _cut(part, depth - 1) for key, part in value.items()}
    return [_cut(part, depth - 1) for part in value]


def corrections(batch: Batch) -> tuple[Correction, ...]:
    """Find the events of a batch that correct another, in their order.

    Such an event has an `addendum` whose reason is UPDATED_DATA.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    headers = batch.headers
    if isinstance(headers, HeaderColumns):
        return ()
    if headers is None:
        headers = Reading(batch).headers()
    found: list[Correction] = []
    addenda = map(_ADDENDUM, headers)
    for position, header in enumerate(headers) if any(addenda) else ():
        said = header.addendum
        if said is None or said.reason != "UPDATED_DATA":
            continue
        if said.originalEventID and header.eventID:
            event = Reading(batch).decode(position) or {}
            time = _text(event, "eventTime")
            found.append(Correction(said.originalEventID, header.eventID, time))
    return tuple(found)


@functools.lru_cache(maxsize=16)
def _decoder(header: type[Header]) -> Callable[[bytes], Header]:
    return msgspec.json.Decoder(header).decode


def _text(event: Event, key: str) -> str | None:
    value = event.get(key)
    return value if isinstance(value, str) else None
