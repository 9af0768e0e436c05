"""The rows that travel between the rounds, and what every task needs."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from checker.evaluate.correlation import Addresses, Learned, Shares, nameless
from checker.run.scanning.job import Job
from checker.sources.events.inputs import InputFilter
from checker.sources.events.units import Told

Place: TypeAlias = tuple[int, int]
"""Where an input stands among all: its unit, and its place in that."""

Key: TypeAlias = tuple[Any, ...]
"""The bucket of a row, then its order there: kind, place, piece."""

Row: TypeAlias = tuple[Key, Any]

WHOLE: Final = -1
"""The place, in a unit, of what the unit says of itself."""


class Kind(enum.IntEnum):
    """What a row is; rows of a bucket come in this order."""

    TALLY = 0
    PROBLEM = 1
    CORRECTION = 2
    OTHERS = 3
    IDS = 4
    MATCH = 5
    HIT = 6
    SHARED = 7
    GROUPED = 8
    MERGED = 9


@dataclass(frozen=True, slots=True)
class Work:
    """What every task needs: picklable, sent once to each machine.

    There are `buckets` of eventIDs, matches and hits, and as many of groups.  With
    `keeps`, matches are handed on to become findings elsewhere, in the order of inputs:
    `ends` then has, for each unit, how many inputs were listed up to its end.
    """

    job: Job
    wanted: InputFilter
    buckets: int
    learned: Learned | None = None
    addresses: Addresses | None = None
    keeps: bool = True
    ends: tuple[int, ...] = ()

    @property
    def ledger(self) -> int:
        """The bucket that is read first in the second round."""
        return 2 * self.buckets

    @property
    def shares(self) -> Shares:
        """What the correlations are split into."""
        label = self.addresses.label if self.addresses else nameless
        return Shares(self.job.plan, label)


@dataclass(frozen=True, slots=True)
class Listing:
    """How much a unit listed: a number of inputs, and their weight."""

    count: int
    weight: int
    told: Told
