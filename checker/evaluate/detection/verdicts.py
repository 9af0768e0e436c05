"""Look up which rules hold on events of a batch that say what others have said.

Of events in columns: those that the conditions of a group cannot tell apart, as all
that they read is the same, are judged once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from checker.evaluate.detection.alike import Alike
from checker.evaluate.detection.forms import Places
from checker.evaluate.detection.index import Asked, RuleGroup
from checker.model.columns import HeaderColumns


class _Unknown(NamedTuple):
    """Events on which it is not known what holds, and the codes of what they say."""

    verdicts: Alike[Places]
    codes: Mapping[int, int]


class Verdicts:
    """The rules that hold on events of a batch: `known` has them by position.

    `left` are the events on which nothing is known.
    """

    def __init__(
        self, columns: HeaderColumns, asked: Asked, apart: Collection[int]
    ) -> None:
        """Look up the events of groups, but for those that have to be judged apart."""
        self.known: dict[int, Places] = {}
        self._unknown: list[_Unknown] = []
        where: dict[RuleGroup, Sequence[int]] = {}
        apart = {*apart, *asked.odd, *_of_several(asked.where)}
        for group, positions in asked.where.items():
            some = positions
            if apart:
                some = [at for at in positions if at not in apart]
            left = self._look_up(group.verdicts, columns, some) if some else some
            if len(some) < len(positions):
                left = [*left, *[at for at in positions if at in apart]]
            if left:
                where[group] = left
        self.left = asked._replace(where=where)

    def _look_up(
        self,
        verdicts: Alike[Places],
        columns: HeaderColumns,
        positions: Sequence[int],
    ) -> Sequence[int]:
        """Return those events on which nothing is known."""
        codes = verdicts.codes(columns, positions)
        if codes is None:
            return positions
        unknown: dict[int, int] = {}
        for at, code in zip(positions, codes, strict=True):
            places = verdicts.values[code]
            if places is None:
                unknown[at] = code
            elif places:
                self.known[at] = places
        if unknown:
            self._unknown.append(_Unknown(verdicts, unknown))
        return list(unknown)

    def keep(self, found: Mapping[int, Places], failed: Collection[int]) -> None:
        """Remember what holds on events that were judged; nothing on those not there.

        On those that `failed` nothing is known.
        """
        for verdicts, codes in self._unknown:
            for at, code in codes.items():
                if code and at not in failed:
                    verdicts.values[code] = found.get(at, ())


def _of_several(where: Mapping[RuleGroup, Sequence[int]]) -> Collection[int]:
    """Return the events that are of several groups."""
    positions = list(chain.from_iterable(where.values()))
    if len(set(positions)) == len(positions):
        return ()
    return [at for at, number in Counter(positions).items() if number > 1]
