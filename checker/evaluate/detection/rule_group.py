"""Put together the conditions that events of a kind may meet, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from checker.evaluate.detection.identities import MemoryBudget, Rows
from checker.evaluate.detection.prefilter import Prefilter
from checker.evaluate.detection.questions import bits, questions
from checker.evaluate.detection.remembered import together
from checker.evaluate.detection.verdicts import (
    UNKNOWN,
    Recall,
    Unknown,
    Verdict,
    Verdicts,
)

_LATE: Final = frozenset(
    """
    requestParameters responseElements additionalEventData serviceEventDetails resources
    tlsDetails errorMessage eventTime eventID requestID
    """.split()
)
"""Fields that are long, or an event's own: others are asked first."""


_FEW: Final = 40
"""So many new values are met before it is asked whether most come again."""

_REST: Final = 1_000
"""Where hardly any does, so many events are asked in the usual way."""

_SIZE: Final = 10
"""What verdicts take, before they remember any, in units of room."""


class RuleGroup:
    """Conditions that events of some kind may meet, and what to ask of the headers."""

    __slots__ = ("_passed", "_screens", "questions")

    def __init__(self, screens: Sequence[Prefilter], room: MemoryBudget) -> None:
        """Put together what the conditions ask."""
        self._screens = screens
        self._passed: dict[int, tuple[Prefilter, ...]] = {}
        self.questions = questions([each.questions for each in screens], room)

    def passed(self, mask: int) -> tuple[Prefilter, ...]:
        """Return the screens of a mask."""
        found = self._passed.get(mask)
        if found is None:
            found = tuple([self._screens[number] for number in bits(mask)])
            self._passed[mask] = found
        return found

    def decisive(self, mask: int) -> frozenset[str] | None:
        """Return the fields that decide about the screens of a mask; None if any may.

        That is beside the kind.
        """
        return together(each.decisive for each in self.passed(mask))


class KindVerdicts:
    """What the conditions of a group found of the events of one kind.

    Fields that are short and come again are asked first.  What they leave open depends
    on others as well.
    """

    __slots__ = (
        "__weakref__",
        "_came",
        "_first",
        "_group",
        "_missed",
        "_open",
        "_rest",
        "_room",
    )

    def __init__(self, group: RuleGroup, room: MemoryBudget) -> None:
        """Begin without having seen any event."""
        names = group.decisive(group.questions.full)
        self._first = Verdicts(None if names is None else names - _LATE, room)
        self._group = group
        self._open: dict[int, Verdicts] = {}
        self._room = room
        self._came = self._missed = self._rest = 0
        room.share(self)

    def forget(self) -> None:
        """Forget what was left open."""
        self._open.clear()

    def have(self, rows: Rows, at: int, recall: Recall) -> bool:
        """Return whether the like of an event has come; `recall` keeps what holds."""
        if self._rest:
            self._rest -= 1
            return False
        found = recall.ask(self._first, at)
        if found is UNKNOWN:
            found = self._narrowed(rows, at)
            if found is not UNKNOWN:
                recall.learn(at, found)
        if isinstance(found, Verdicts):
            found = recall.ask(found, at)
        self._count(came=found is not UNKNOWN)
        if isinstance(found, tuple):
            recall.keep(at, found)
        return found is not UNKNOWN

    def _count(self, *, came: bool) -> None:
        """Count whether an event's like came, and rest where hardly any does.

        Each may have parameters of its own, say, and all of them are read.
        """
        self._came += came
        self._missed += not came
        if self._missed > _FEW and self._missed > 2 * self._came:
            self._rest = _REST
            self._came = self._missed = 0
        elif self._came > _REST:
            self._came = self._missed = 0

    def _narrowed(self, rows: Rows, at: int) -> Verdict | Unknown:
        """Return what an event's first fields decide: nothing, or what has to follow.

        Unknown where no other fields are needed.
        """
        first = self._first.names
        if first is None:
            return UNKNOWN
        mask = self._group.questions.left_by(first, rows, at)
        if not mask:
            return None
        found = self._open.get(mask)
        if found is None:
            found = Verdicts(self._group.decisive(mask), self._room)
            self._open[mask] = found
            self._room.taken += _SIZE
        names = found.names
        if names is not None and set(first).issuperset(names):
            return UNKNOWN
        return found
