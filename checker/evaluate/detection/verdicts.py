"""Look up which rules hold on events of a batch that say what others have said.

Of events in columns: those that the conditions of a group cannot tell apart, as all
that they read is the same, are judged once.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

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
        self._codes: dict[int, int] = {}
        self.known: dict[int, Places] = {}
        self.left: dict[RuleGroup, list[int]] = {}
        plans = asked.plans
        assert isinstance(plans, Coded), "the kinds of columns have codes"
        groups = plans.map(lambda all_: [plan.group for plan in all_])
        subjects = [self._subject(group, columns) for group in groups.values]
        self._look_up(columns, subjects)
        others = itertools.chain.from_iterable(asked.others.values())
        apart = {*apart, *asked.odd, *others}
        for at in apart:
            self.known.pop(at, None)
            self._codes.pop(at, None)
        # A group may read what is in no column, or anything.
        own = groups.map(lambda all_: _without_subject(all_, subjects))
        if any(own.values):
            apart.update(itertools.compress(itertools.count(), own))
        for at in sorted({*apart, *self._codes}):
            group = groups[at]
            if group:
                self.left.setdefault(group, []).append(at)
        for group, positions in asked.others.items():
            self.left.setdefault(group, []).extend(positions)

    def _look_up(self, columns: HeaderColumns, subjects: Sequence[int]) -> None:
        found = self._alike.of_kinds(columns, subjects)
        values = self._alike.values
        for at, code in zip(*found, strict=True):
            places = values[code]
            if places is None:
                self._codes[at] = code
            else:
                self.known[at] = places

    def _subject(self, group: RuleGroup | None, columns: HeaderColumns) -> int:
        if group is None:
            return 0
        number = self._alike.number(group)
        if number is None:
            number = self._alike.add(group, group.names, columns)
        return number

    def keep(self, found: Mapping[int, Places], failed: Collection[int]) -> None:
        """Remember what holds on events that were judged; nothing on those not there.

        On those that `failed` nothing is known.
        """
        for at, code in self._codes.items():
            if at not in failed:
                self._alike.keep(code, found.get(at, ()))


def _without_subject(
    groups: Sequence[RuleGroup | None], subjects: Sequence[int]
) -> Sequence[bool]:
    return [
        group is not None and not subject
        for group, subject in zip(groups, subjects, strict=True)
    ]
