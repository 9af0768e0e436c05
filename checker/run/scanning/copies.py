"""Determine which events of a run have come before, or were corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.model import Correction
from checker.run.scanning.corrections import Corrections


class Copies:
    """The eventIDs of a run, all of them in memory (about 100 bytes each).

    An event that comes twice (the same eventID) counts once, where it came first.  One
    that another corrects (`run.corrections`) does not count when both are there, in
    whatever order they come.
    """

    def __init__(self) -> None:
        """Begin with no event."""
        self._seen: set[str] = set()
        self._corrections = Corrections()

    def find(
        self,
        events: Iterable[tuple[str, Sequence[int], Sequence[str | None]]],
        corrections: Iterable[Correction],
    ) -> set[tuple[str, int]]:
        """Return the records of an input whose eventID came before; remember the rest.

        `events` has for each batch its uri, and the number and eventID of each event.
        """
        self._corrections.add(corrections)
        copies: set[tuple[str, int]] = set()
        for uri, records, event_ids in events:
            for number, event_id in zip(records, event_ids, strict=True):
                if event_id is None:
                    continue
                if event_id in self._seen:
                    copies.add((uri, number))
                self._seen.add(event_id)
        return copies

    def superseded(self) -> frozenset[str]:
        """Return the eventIDs, of events that have come, that a later one corrects."""
        return frozenset(self._seen.intersection(self._corrections.superseded()))
