"""This module tells which events of a run have come before, or were corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


class Copies:
    """The eventIDs of a run.

    An event that comes twice (the same eventID) counts once, where it came first.  One
    that another corrects (`evaluate.reading.corrections`) does not count when both are
    there, in whatever order they come.
    """

    def __init__(self) -> None:
        """Begin with no event."""
        self._seen: set[str] = set()
        self._newer: dict[str, str] = {}

    def find(
        self,
        events: Iterable[tuple[str, Sequence[int], Sequence[str | None]]],
        corrections: Mapping[str, str],
    ) -> set[tuple[str, int]]:
        """Give the records of an input whose eventID came before; remember the rest.

        `events` has for each batch its uri, and the number and eventID of each event.
        """
        self._newer.update(corrections)
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
        """Give the eventIDs, of events that have come, that a later one corrects.

        Events that would correct one another all count: nothing may hide itself.
        """
        return frozenset(
            event_id
            for event_id in self._newer
            if event_id in self._seen and self._ends(event_id)
        )

    def _ends(self, event_id: str) -> bool:
        """Tell whether an event's corrections lead to a last one."""
        passed = {event_id}
        while event_id in self._newer:
            event_id = self._newer[event_id]
            if event_id in passed:
                return False
            passed.add(event_id)
        return True
