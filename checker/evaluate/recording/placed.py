"""Place trails of which the Region is not known yet, to see whether it matters.

A trail of one Region does not record them all, in whichever it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from checker.conditions import Unknown

STAND_INS: Final = ("us-east-1", "eu-west-1")
"""Regions to stand in for one that is not known: one has global events, one has not."""


def placed(trail: Any, region: Unknown, stand_in: str) -> Any:
    """Return a trail in the Region that stands in for its own, if it is that one."""
    home = trail.get("HomeRegion") if isinstance(trail, Mapping) else None
    if not isinstance(home, Unknown):
        return trail
    same = home is region or (home.sketch is not None and home.sketch == region.sketch)
    return {**trail, "HomeRegion": stand_in} if same else trail


def somewhere(trails: Sequence[Any]) -> list[list[Any]]:
    """Return the trails in each of the Regions that stand in for their own.

    Nothing where all are known, or they may be in several that are not.
    """
    homes = [each.get("HomeRegion") for each in trails if isinstance(each, Mapping)]
    unknown = [home for home in homes if isinstance(home, Unknown)]
    if not unknown:
        return []
    first = unknown[0]
    if len(unknown) > 1 and any(
        one is not first and (one.sketch is None or one.sketch != first.sketch)
        for one in unknown
    ):
        return []
    return [[placed(each, first, region) for each in trails] for region in STAND_INS]
