"""Look up which rules hold on events of a batch that say what others have said.

Of events in columns: those that the conditions of a group cannot tell apart, as all
that they read is the same, are judged once.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from checker.evaluate.detection.forms import Places
from checker.evaluate.detection.index import Index
from checker.evaluate.detection.plans import Asked, RuleGroup
from checker.model.columns import Coded, HeaderColumns


class Verdicts:
    """The rules that hold on events of a batch.

    `known` has the places of the rules by position, where any hold; `left` are the
    events on which nothing is known, by the group of what they are to be asked.
    """

    def __init__(
        self,
        index: Index,
        columns: HeaderColumns,
        asked: Asked,
        apart: Collection[int],
    ) -> None:
        """Look up the events, but for those that have to be judged apart."""
        self._alike = index.verdicts
        self._columns = columns
        self._new: list[_New] = []
        self.known: dict[int, Places] = {}
        self.left: dict[RuleGroup, list[int]] = {}
        plans = asked.plans
        assert isinstance(plans, Coded), "the kinds of columns have codes"
        groups = plans.map(lambda all_: [plan.group for plan in all_])
        unknown = self._look_up(groups, asked.others)
        for group, positions in asked.others.items():
            unknown += self._look_up_other(group, positions)
        # What has to be asked for one of its groups is asked for all.
        self._leave({*apart, *asked.odd, *unknown}, groups, asked.others)

    def _look_up(
        self, groups: Coded[RuleGroup | None], others: Mapping[RuleGroup, Sequence[int]]
    ) -> list[int]:
        """Look up what holds by the groups of kinds; return what is not known."""
        subjects = [self._subject(group) for group in groups.values]
        in_others = {at for positions in others.values() for at in positions}
        values, known, new = self._alike.values, self.known, self._new
        unknown: list[int] = []
        for at, code in zip(
            *self._alike.of_kinds(self._columns, subjects), strict=True
        ):
            places = values[code]
            if places is not None:
                known[at] = places
                continue
            unknown.append(at)
            if code:
                new.append(_New(at, code, groups[at] if at in in_others else None))
        # A group may read what is in no column, or anything.
        own = groups.map(lambda all_: _without_subject(all_, subjects))
        if any(own.values):
            unknown += itertools.compress(itertools.count(), own)
        return unknown

    def _look_up_other(self, group: RuleGroup, positions: Sequence[int]) -> list[int]:
        """Look up what holds of conditions that kinds of events have in common."""
        subjects = [self._subject(group)] * len(positions)
        codes = self._alike.codes(self._columns, positions, subjects)
        values, known = self._alike.values, self.known
        unknown: list[int] = []
        for at, code in zip(positions, codes, strict=True):
            places = values[code]
            if places is None:
                unknown.append(at)
                self._new.append(_New(at, code, group))
            elif places:
                known[at] = tuple(sorted(known.get(at, ()) + places))
        return unknown

    def _leave(
        self,
        unknown: Collection[int],
        groups: Coded[RuleGroup | None],
        others: Mapping[RuleGroup, Sequence[int]],
    ) -> None:
        """Leave events to be asked by all of their groups."""
        left = self.left
        for at in sorted(unknown):
            self.known.pop(at, None)
            group = groups[at]
            if group:
                left.setdefault(group, []).append(at)
        for other, positions in others.items():
            some = [at for at in positions if at in unknown]
            if some:
                left.setdefault(other, []).extend(some)

    def _subject(self, group: RuleGroup | None) -> int:
        if group is None:
            return 0
        number = self._alike.number(group)
        if number is None:
            number = self._alike.add(group, group.names, self._columns)
        return number

    def keep(self, found: Mapping[int, Places], failed: Collection[int]) -> None:
        """Remember what holds on events that were judged; nothing on those not there.

        On those that `failed` nothing is known.
        """
        for at, code, group in self._new:
            if at not in failed:
                places = found.get(at, ())
                if group is not None:
                    places = tuple([x for x in places if x in group.places])
                self._alike.keep(code, places)


class _New(NamedTuple):
    """An event, and its code, of which nothing is known.

    `group` is given where other groups are asked of the event as well.
    """

    at: int
    code: int
    group: RuleGroup | None


def _without_subject(
    groups: Sequence[RuleGroup | None], subjects: Sequence[int]
) -> Sequence[bool]:
    return [
        group is not None and not subject
        for group, subject in zip(groups, subjects, strict=True)
    ]
