"""What evaluation makes of one batch, whatever it looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from checker.evaluate.correlation.hit_columns import HitColumns
from checker.model import Unreadable

Row_co = TypeVar("Row_co", covariant=True)


class Evaluated(NamedTuple, Generic[Row_co]):
    """What one batch gave.

    `matches` are what was looked for: `Match`es of rules, counted events, calls of a
    story.  `event_ids` has the eventID (or None) of each readable event, and `records`
    its number in the input; `problems` are records that could not be decoded after all.
    `hits` are matches as correlations see them, and `untimed` counts those that lack
    a time to be correlated by.
    """

    matches: tuple[Row_co, ...]
    event_ids: Sequence[str | None]
    records: tuple[int, ...]
    problems: tuple[Unreadable, ...]
    hits: HitColumns = HitColumns()
    untimed: int = 0
