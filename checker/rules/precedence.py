"""Find detections that stand in for one another in a circle (`instead_of`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checker.errors import DocumentError
from checker.model import AnyRule, DetectionRule


def circles(rules: Iterable[AnyRule]) -> Iterator[DocumentError]:
    """Find rules of which none would report: each has another one in its place."""
    named = {
        rule.name: rule
        for rule in rules
        if isinstance(rule, DetectionRule) and rule.instead_of
    }
    for rule in named.values():
        way = _way_back(rule.name, named)
        if way:
            path = " → ".join((*way, rule.name))
            message = (
                f"stands in for itself, so that none of these would report: {path}; "
                "take one of the names out of 'instead_of'"
            )
            yield DocumentError(message, rule.path, rule.line)


def _way_back(start: str, named: Mapping[str, DetectionRule]) -> tuple[str, ...]:
    """Return the names from a rule back to itself; empty when there is no way."""
    before: dict[str, str] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for other in named[name].instead_of if name in named else ():
            if other == start:
                return _names(name, before)
            if other not in before:
                before[other] = name
                waiting.append(other)
    return ()


def _names(last: str, before: Mapping[str, str]) -> tuple[str, ...]:
    names = [last]
    while names[-1] in before:
        names.append(before[names[-1]])
    return tuple(reversed(names))
