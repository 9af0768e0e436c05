"""A change of a trail's settings that is offered, with its proof.

Like `model` it has no behaviour of a room: remediation works a change out, reports
write it for people and for the tools that apply it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Member: TypeAlias = Literal["AdvancedEventSelectors", "EventSelectors"]
"""The member of PutEventSelectors that holds the selectors: AWS takes one of them."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the evaluator found of the three promises, each as a sentence.

    `covered`: the need is recorded after the change.  `kept`: nothing stops being
    recorded.  `nothing_else`: nothing is newly recorded but what fits the need.
    """

    covered: str
    kept: str
    nothing_else: str


@dataclass(frozen=True, slots=True)
class Change:
    """New event selectors for one trail: all of them, for AWS replaces the whole list.

    `trail_arn` is the name where no ARN is known yet, and `region` the home Region.
    `added` are the selectors that are new; `converted` says that basic event selectors
    became advanced ones.  `records` says what is newly recorded, `billing` what of it
    AWS charges for (nothing unless `billable`), `also` what else follows.
    """

    trail_arn: str
    region: str | None
    member: Member
    selectors: tuple[Mapping[str, Any], ...]
    added: tuple[Mapping[str, Any], ...]
    converted: bool
    records: tuple[str, ...]
    billable: bool
    billing: tuple[str, ...]
    also: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True, slots=True)
class NoChange:
    """Why no change of event selectors is offered, and which commands help instead.

    `outcome` is `covered` when nothing is missing, `unknown` when the settings that
    were collected do not suffice, and else `blocked`.
    """

    reason: str
    commands: tuple[str, ...]
    outcome: Literal["covered", "unknown", "blocked"]


@dataclass(frozen=True, slots=True)
class Remedy:
    """One answer for the rules that it fixes, or that nothing fixes yet."""

    rules: tuple[str, ...]
    answer: Change | NoChange
