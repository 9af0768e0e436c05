"""Choose the fewest conditions that hold on examples and on nothing ordinary.

Conditions on what was done come before those on who did it: the first still hold when
the next caller does the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from checker import conditions
from checker.authoring.draft.profile import Nature, Profile, Scalar, profiles
from checker.conditions import tree
from checker.model import Event

_TIERS: Final[tuple[re.Pattern[str], ...]] = (
    re.compile(r"requestParameters\b.*|additionalEventData\b.*|errorCode"),
    re.compile(
        r"userIdentity\.type|userIdentity\.invokedBy|eventType|apiVersion"
        r"|userIdentity\.sessionContext\.attributes\.mfaAuthenticated"
    ),
    re.compile(r"responseElements\b.*|serviceEventDetails\b.*|vpcEndpointId"),
    re.compile(r"userIdentity\.sessionContext\.sessionIssuer\..*|awsRegion"),
    re.compile(r"userIdentity\b.*|resources\b.*|recipientAccountId|sourceIPAddress"),
)
"""What a condition is taken from first, and what only if nothing before is enough."""

_ENOUGH: Final = 3
_MOST_COMMON: Final = 4

_CALLER: Final = 3
"""From this tier on a condition says who or where, rather than what."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition on one field; `tier` 0 is what was done, 4 who did it."""

    text: str
    node: tree.Node
    profile: Profile
    tier: int

    @property
    def is_about_caller(self) -> bool:
        """Whether it only holds on the caller or place of the examples."""
        return self.tier >= _CALLER


def candidates(events: Sequence[Event]) -> list[Clause]:
    """Return the conditions that hold on all of some events, the best first."""
    found: list[Clause] = []
    for profile in profiles(events):
        if profile.present < len(events) or profile.nature is Nature.VOLATILE:
            continue
        tier = next(
            (n for n, form in enumerate(_TIERS) if form.fullmatch(profile.path)), None
        )
        if tier is None:
            continue
        found.extend(
            Clause(text, conditions.parse(text), profile, tier)
            for text in _texts(profile)
        )
    found.sort(key=lambda clause: (clause.tier, _rank(clause)))
    return [each for each in found if _holds_on_all(each.node, events)]


def choose(examples: Sequence[Event], others: Sequence[Event]) -> list[Clause]:
    """Return conditions that hold on all examples, and on as few others as can be.

    Of the conditions of a tier the one that leaves fewest is taken, until none is left.
    """
    chosen: list[Clause] = []
    left = list(others)
    offered = candidates(examples) if left else []
    for tier in range(len(_TIERS)):
        of_tier = [each for each in offered if each.tier == tier]
        while left and of_tier:
            kept = {each.text: _holding(each.node, left) for each in of_tier}
            best = min(of_tier, key=lambda clause: len(kept[clause.text]))
            if len(kept[best.text]) == len(left):
                break
            chosen.append(best)
            left = kept[best.text]
    return _needed(chosen, others, len(left))


def in_common(examples: Sequence[Event]) -> list[Clause]:
    """Return what some events say alike of what was done, for want of a baseline.

    Of one or two events everything is alike, which means nothing.
    """
    if len(examples) < _ENOUGH:
        return []
    return [
        clause
        for clause in candidates(examples)
        if clause.tier == 0 and clause.profile.nature is Nature.CONSTANT
    ][:_MOST_COMMON]


def _needed(chosen: list[Clause], others: Sequence[Event], left: int) -> list[Clause]:
    """Leave out the conditions that later ones have made superfluous."""
    for clause in list(chosen):
        rest = [each for each in chosen if each is not clause]
        remaining = list(others)
        for each in rest:
            remaining = _holding(each.node, remaining)
        if len(remaining) == left:
            chosen = rest
    return chosen


def _holding(node: tree.Node, events: Sequence[Event]) -> list[Event]:
    test = conditions.closure(node)
    return [event for event in events if conditions.holds(test(event))]


def _holds_on_all(node: tree.Node, events: Sequence[Event]) -> bool:
    return len(_holding(node, events)) == len(events)


def _rank(clause: Clause) -> tuple[int, int]:
    """Prefer switches and short words to names, and names to patterns."""
    natures = list(Nature)
    value = clause.profile.values[0] if clause.profile.values else ""
    return (
        natures.index(clause.profile.nature),
        0 if isinstance(value, bool) else len(str(value)),
    )


def _texts(profile: Profile) -> Iterator[str]:
    """Yield the conditions that say what a profile says."""
    path = profile.path
    match profile.nature:
        case Nature.CONSTANT if profile.many:
            for value in profile.values:
                yield f"contains({path}, {written(value)})"
        case Nature.CONSTANT:
            yield f"{path} == {written(profile.values[0])}"
        case Nature.ENUMERABLE if not profile.many:
            listed = ", ".join(map(written, profile.values))
            yield f"one_of({path}, [{listed}])"
        case Nature.PATTERNED if not profile.many:
            if profile.beginning:
                yield f"starts_with({path}, {written(profile.beginning)})"
            if profile.end:
                yield f"ends_with({path}, {written(profile.end)})"


def written(value: Scalar) -> str:
    """Write a value as a literal of a condition."""
    return conditions.show(tree.Literal(value))
