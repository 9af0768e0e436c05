"""Determine which events of a run stand no more, because others correct them.

CloudTrail delivers a corrected event as a new record whose addendum names the first.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from checker.model import Correction


class Corrections:
    """The corrections of a run; its memory is theirs, which are few.

    Of several corrections of one event the last stands: the one with the latest
    eventTime, and of equal ones that which came last in the order of the inputs.
    """

    def __init__(self) -> None:
        """Begin with no correction."""
        self._of: dict[str, dict[str, tuple[str, int]]] = {}
        self._number = 0

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._of)

    def add(self, corrections: Iterable[Correction]) -> None:
        """Take the corrections of an input, in their order."""
        for each in corrections:
            if each.original == each.event:
                continue
            self._number += 1
            rank = (each.time or "", self._number)
            known = self._of.setdefault(each.original, {})
            known[each.event] = max(rank, known.get(each.event, rank))

    def superseded(self) -> dict[str, str]:
        """Return each eventID that another stands for, and that of the other.

        Events that would correct one another all count: nothing may hide itself.
        """
        newer: dict[str, list[str]] = {}
        for original, some in self._of.items():
            ordered = sorted(some, key=some.__getitem__)
            newer.setdefault(original, []).append(ordered[-1])
            for earlier, later in itertools.pairwise(ordered):
                newer.setdefault(earlier, []).append(later)
        ends: dict[str, str | None] = {}
        for event in newer:
            _end(event, newer, ends)
        return {
            event: end
            for event in newer
            if (end := ends[event]) is not None and end != event
        }


def _end(start: str, newer: dict[str, list[str]], ends: dict[str, str | None]) -> None:
    """Find the event that stands at the end of the corrections of one, if any.

    The first way that leads to an end counts: without recursion, for an input may hold
    a chain of any length.  An event on a circle without a way out has no end.
    """
    came: dict[str, str | None] = {start: None}
    pending = [start]
    found: str | None = None
    last = start
    while pending:
        event = pending.pop()
        end = ends.get(event)
        if end is not None or event not in newer:
            found, last = end or event, event
            break
        for each in reversed(newer[event]):
            if each not in came and ends.get(each, each) is not None:
                came[each] = event
                pending.append(each)
    ends[start] = found
    at: str | None = last
    while found is not None and at is not None:
        ends[at] = found
        at = came[at]
