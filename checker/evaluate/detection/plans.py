"""What is to be done about kinds of events, and which events may meet a condition."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from checker import conditions
from checker.evaluate.detection.header import Names
from checker.evaluate.detection.identities import MemoryBudget, Rows
from checker.evaluate.detection.prefilter import Prefilter
from checker.evaluate.detection.questions import bits, questions
from checker.evaluate.detection.remembered import ITS_OWN, names_read
from checker.model import Event
from checker.model.columns import Coded, distinct


class RuleGroup:
    """Conditions that events of some kind may meet, and what to ask of the headers."""

    def __init__(self, screens: Sequence[Prefilter], room: MemoryBudget) -> None:
        """Put together what the conditions ask."""
        self.screens = screens
        self._passed: dict[int, tuple[Prefilter, ...]] = {}
        self.questions = questions([each.questions for each in screens], room)

    @property
    def names(self) -> frozenset[str] | None:
        """The fields that the conditions read, once the kind has been asked."""
        parts = (part for each in self.screens for part in each.parts)
        names = names_read(*[part.node for part in parts if not part.is_kind])
        return names if names is None or names.isdisjoint(ITS_OWN) else None

    @functools.cached_property
    def places(self) -> frozenset[int]:
        """The places of the conditions."""
        return frozenset(each.position for each in self.screens)

    def passed(self, mask: int) -> tuple[Prefilter, ...]:
        """Return the screens of a mask."""
        found = self._passed.get(mask)
        if found is None:
            found = tuple([self.screens[number] for number in bits(mask)])
            self._passed[mask] = found
        return found


class EventKindPlan(msgspec.Struct, frozen=True, eq=False):
    """What to do about events of some kind.

    `shared` has the conditions that all kinds have in common, by the field that they
    ask for first: the mask of those that events of the kind may meet.
    """

    group: RuleGroup | None
    shared: Mapping[Names, int]


class Candidate(NamedTuple):
    """An event that may match: its place in the batch, and the screens it passed.

    With `odd` its header could not be read, and the whole conditions have to be asked.
    """

    position: int
    screens: Sequence[Prefilter]
    odd: bool = False

    def matching(self, event: Event) -> Iterator[int]:
        """Return the positions of the conditions that hold on the decoded event."""
        for screen in self.screens:
            for test in screen.whole if self.odd else screen.rest:
                if not conditions.holds(test(event)):
                    break
            else:
                yield screen.position


class Asked(NamedTuple):
    """Events whose kind may meet some condition, by position.

    `plans` has what is to be done about the kind of each, and `others` those that have
    passed a first question of conditions that kinds have in common, by their group.
    The headers of `odd` ones could not be read, and `doubts` counts what could not be
    answered so far (`MemoryBudget`).
    """

    rows: Rows
    plans: Sequence[EventKindPlan]
    others: Mapping[RuleGroup, Sequence[int]]
    odd: Collection[int]
    doubts: int

    @property
    def is_empty(self) -> bool:
        """Whether no event is of such a kind."""
        return not (self.others or any(map(_GROUP, distinct(self.plans))))

    def where(self) -> dict[RuleGroup, list[int]]:
        """Return the events of which the same is to be asked, by group."""
        where = {group: list(positions) for group, positions in self.others.items()}
        groups = _groups(self.plans)
        # Most events have none, and are passed over without a step of Python.
        for at, group in itertools.compress(enumerate(groups), groups):
            where.setdefault(group, []).append(at)
        return where

    def all_odd(self) -> Asked:
        """Return them as if no header could be read."""
        odd = range(len(self.rows.headers))
        return self._replace(plans=(), others={}, odd=odd)


_GROUP = operator.attrgetter("group")


def _groups(plans: Sequence[EventKindPlan]) -> Sequence[Any]:
    """Return the group of conditions that each event may meet; None for most."""
    if isinstance(plans, Coded):
        return plans.map(_groups)
    return list(map(_GROUP, plans))
