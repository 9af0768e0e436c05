"""Collect whole events of some inputs, for what looks at them together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.evaluated import Evaluated
from checker.model import Batch, Event, Header, Unreadable
from checker.run.scanning.reading import read_inputs
from checker.sources.events.inputs import InputFilter, find, watched

MOST: Final = 100_000
"""How many events are kept: some hundreds of megabytes."""

Kind: TypeAlias = tuple[str | None, str | None]
"""The eventSource and eventName of an event."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The events that were looked for, how many there were in all, and what failed.

    `left_out` counts those that were looked for beyond `MOST`.
    """

    events: tuple[Event, ...]
    total: int
    left_out: int
    problems: tuple[Unreadable, ...]


def collect(
    inputs: Sequence[str],
    *,
    kinds: Collection[Kind] | None = None,
    ids: Collection[str] | None = None,
    wanted: InputFilter | None = None,
) -> Collected:
    """Collect the events of some kinds or eventIDs, or all; copies count once.

    Raises `UsageError` and `SourceError` as a scan does.
    """
    asked = watched(wanted, None)
    chosen = _Chosen(
        None if kinds is None else frozenset(kinds),
        None if ids is None else frozenset(ids),
    )
    events: list[Event] = []
    problems: list[Unreadable] = []
    seen: set[str] = set()
    total = left_out = 0
    for piece in read_inputs(find(inputs, asked), asked, 1, _work, chosen):
        problems.extend(piece.problems)
        total += piece.records
        for event in piece.matches:
            event_id = event.get("eventID")
            if isinstance(event_id, str):
                if event_id in seen:
                    continue
                seen.add(event_id)
            if len(events) < MOST:
                events.append(event)
            else:
                left_out += 1
    return Collected(tuple(events), total, left_out, tuple(problems))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Takes the events of a batch that are looked for."""

    kinds: frozenset[Kind] | None
    ids: frozenset[str] | None
    header: type[Header] = Header

    def evaluate(self, batch: Batch) -> Evaluated[Event]:
        """Return the events of a batch that are looked for."""
        reading = Reading(batch)
        headers = reading.headers()
        found = []
        for position, head in enumerate(headers):
            if self.kinds is not None and (
                (head.eventSource, head.eventName) not in self.kinds
            ):
                continue
            if self.ids is not None and head.eventID not in self.ids:
                continue
            event = reading.decode(position)
            if event is not None:
                found.append(event)
        numbers, event_ids = reading.kept(headers)
        return Evaluated(tuple(found), event_ids, numbers, tuple(reading.problems))


def _work(chosen: _Chosen) -> _Chosen:
    return chosen
