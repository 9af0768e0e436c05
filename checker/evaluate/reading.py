"""This module reads the records of a batch: headers first, whole events when asked.

A record that cannot be decoded is a problem of its own and never stops the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from checker.conditions.witness import hidden
from checker.model import Batch, Correction, Event, Header, Unreadable

_header = msgspec.json.Decoder(Header)
_event = msgspec.json.Decoder()


class _Correction(msgspec.Struct, gc=False):
    """The addendum of an event, as far as it says which event it corrects."""

    reason: str | None = None
    originalEventID: str | None = None  # noqa: N815 - CloudTrail's own name


class _Corrected(msgspec.Struct, gc=False):
    eventID: str | None = None  # noqa: N815 - CloudTrail's own name
    eventTime: object = None  # noqa: N815 - CloudTrail's own name
    addendum: _Correction | None = None


_corrected = msgspec.json.Decoder(_Corrected)


@dataclass(slots=True)
class Reading:
    """A batch while it is read; `lost` are positions in it that cannot be decoded."""

    batch: Batch
    problems: list[Unreadable] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)

    def headers(self) -> Sequence[Header]:
        """Give the header of each record: the source's, or decoded one by one."""
        given = self.batch.headers
        return list(self._headers()) if given is None else given

    def decode(self, position: int, record: bytes) -> Event | None:
        """Decode one record in full; None, and a problem, when it is no event."""
        if position in self.lost:
            return None
        try:
            event = _event.decode(record)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            self._lose(position, f"not JSON: {error}")
            return None
        if not isinstance(event, dict):
            self._lose(position, "not a JSON object")
            return None
        return event

    def kept(
        self, headers: Sequence[Header]
    ) -> tuple[tuple[int, ...], tuple[str | None, ...]]:
        """Give the number and the eventID of each record that could be read."""
        numbers, lost = self.batch.numbers, self.lost
        if not lost:
            return tuple(numbers), tuple([each.eventID for each in headers])
        kept = [n for n in range(len(headers)) if n not in lost]
        return (
            tuple([numbers[n] for n in kept]),
            tuple([headers[n].eventID for n in kept]),
        )

    def _headers(self) -> Iterator[Header]:
        for position, record in enumerate(self.batch.records):
            try:
                yield _header.decode(record)
            except msgspec.ValidationError:
                # A header field of another type: legal JSON, so the event still counts.
                event = self.decode(position, record) or {}
                yield Header(*(_text(event, name) for name in Header.__struct_fields__))
            except msgspec.DecodeError as error:
                self._lose(position, f"not JSON: {error}")
                yield Header()

    def _lose(self, position: int, reason: str) -> None:
        number = self.batch.numbers[position]
        self.lost.add(position)
        self.problems.append(Unreadable(self.batch.uri, number, reason))


def corrections(batch: Batch) -> tuple[Correction, ...]:
    """Find the events of a batch that correct another, in their order.

    Such an event has an `addendum` whose reason is UPDATED_DATA.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    plain = not batch.spans and not hidden(batch.text)
    if plain and b"UPDATED_DATA" not in batch.text:
        return ()
    found: list[Correction] = []
    for record in batch.records:
        if b"UPDATED_DATA" not in record and not hidden(record):
            continue
        try:
            event = _corrected.decode(record)
        except (msgspec.DecodeError, ValueError, RecursionError):
            continue
        said = event.addendum
        if said is None or said.reason != "UPDATED_DATA":
            continue
        if said.originalEventID and event.eventID:
            time = event.eventTime if isinstance(event.eventTime, str) else None
            found.append(Correction(said.originalEventID, event.eventID, time))
    return tuple(found)


def _text(event: Event, key: str) -> str | None:
    value = event.get(key)
    return value if isinstance(value, str) else None
