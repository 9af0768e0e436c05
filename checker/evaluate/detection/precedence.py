"""Decide which rules report nothing of an event because others say more of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from checker.model import DetectionRule

Precedence: TypeAlias = Mapping[int, frozenset[int]]
"""By the place of a rule, the places of those that it stands in for."""


def table(rules: Sequence[DetectionRule], quiet: Collection[str]) -> Precedence:
    """Find the places of what each rule's `instead_of` names, as far as it is here.

    A `quiet` rule only feeds correlations, and stands in for none.
    """
    places = {rule.name: place for place, rule in enumerate(rules)}
    found = {
        place: frozenset(
            places[name]
            for name in rule.instead_of
            if name in places and stands_in(rule, rules[places[name]])
        )
        for place, rule in enumerate(rules)
        if rule.instead_of and rule.name not in quiet
    }
    return {place: replaced for place, replaced in found.items() if replaced}


def stands_in(rule: DetectionRule, other: DetectionRule) -> bool:
    """Return whether a finding of a rule is never less severe than one of the other.

    Levels may be set by the user, and rules come from anywhere: nothing severe may be
    hidden by what is less so.
    """
    alike = set(rule.lowered_by) <= set(other.lowered_by)
    level = rule.level if alike or not rule.lowered_by else rule.level.lowered
    return level >= other.level


def replaced(precedence: Precedence, places: Sequence[int]) -> Collection[int]:
    """Return the places of the rules that report nothing, of those that hold.

    One that is replaced itself still stands in for others: whatever the order, the
    answer is the same.
    """
    if len(places) < 2:
        return ()
    found = [precedence[place] for place in places if place in precedence]
    return frozenset[int]().union(*found) if found else ()
