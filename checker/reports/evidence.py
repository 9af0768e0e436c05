"""Describe the evidence of a finding in a few words.

Everything that was observed is in the JSON report; a person is told the fields and
their values, in JSON's own notation, because `"false"` and `false` are not the same in
CloudTrail.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checker import secrets
from checker.conditions.unknown import Unknown
from checker.model import CorrelationRule, DetectionRule, Finding
from checker.reports.json import plain
from checker.reports.segments import visible

_LONGEST: Final = 120
_MOST: Final = 4
_DEEPEST: Final = 8
"""How deep an object is looked into for members that are evidence of their own."""


def phrases(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield each observed field and its value, both fit for a terminal.

    Selections are left out as long as there is a field to show: those that held follow
    from the fields, and those that did not are no evidence.
    """
    selections = _selections(finding)
    evidence = finding.evidence
    shown = [
        (name, value)
        for name, value in evidence.items()
        if name not in selections
        and not _told(finding, name, value)
        and not _is_stated(finding, name)
        and not _is_opened(finding, name, value)
    ]
    if not shown:
        shown = [(name, True) for name in selections if evidence[name] is True]
    # What is beside a value may say that it is a secret: then all are hidden together.
    whole = secrets.hide(evidence) if any(map(_is_labelling, evidence)) else None
    for name, value in shown:
        if whole is None and value.__class__ in _SHORT and len(str(value)) <= _LONGEST:
            yield _short(name, value)
            continue
        hidden = (
            _hidden(name, value) if whole is None else whole.get(name, secrets.MASK)
        )
        events = name == "events" and isinstance(finding.rule, CorrelationRule)
        yield _name(name), _events(hidden) if events else brief(hidden)


def _hidden(name: str, value: object) -> Any:
    (hidden,) = secrets.hide({name: value}).values()
    return hidden


_SHORT: Final = frozenset({str, bool, int})


@functools.lru_cache(16_384, typed=True)
def _short(name: str, value: str | bool) -> tuple[str, str]:  # noqa: FBT001 - a value of an event
    """Return a field and its short value: the same ones come over and over."""
    return _name(name), brief(_hidden(name, value))


@functools.lru_cache(1_024)
def _is_labelling(name: str) -> bool:
    """Return whether what stands beside a field decides whether it is a secret."""
    return secrets.key_facts(secrets.Within.PLAIN, name)[2]


@functools.lru_cache(1_024)
def _name(name: str) -> str:
    """Return the name of a field; the same few come over and over."""
    return visible(name, _LONGEST)


def brief(value: object) -> str:
    """The value as short JSON, long strings and lists cut; an unknown as its reason."""
    if isinstance(value, Unknown):
        return f"unknown ({visible(value.reason, _LONGEST)})"
    if isinstance(value, (list, tuple)) and len(value) > _MOST:
        shown = ", ".join(brief(item) for item in value[:_MOST])
        return f"[{shown}, and {len(value) - _MOST:,} more]"
    if isinstance(value, str):
        # Cut before it is quoted, so that the quotes stay in pairs.
        value = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        return visible(json.dumps(value, ensure_ascii=False), 8 * _LONGEST)
    shown = visible(json.dumps(plain(value), ensure_ascii=False), 8 * _LONGEST)
    if len(shown) <= _LONGEST:
        return shown
    # Cut between two words, so that no half of a name is left; unless little else is.
    whole = shown[:_LONGEST].rpartition(" ")[0]
    return f"{whole} …" if 2 * len(whole) > _LONGEST else f"{shown[: _LONGEST - 1]}…"


_COLUMNS: Final = {
    "eventTime": "eventTime",
    "eventSource": "eventSource",
    "eventName": "eventName",
    "awsRegion": "awsRegion",
    "sourceIPAddress": "sourceIPAddress",
    "userIdentity.arn": "principal",
    "userIdentity.userName": "principal",
    "arn": "id",
    "TrailARN": "id",
    "region": "region",
}
"""The fields that stand in the columns of a finding, by the key of its subject."""


def _told(finding: Finding, name: str, value: object) -> bool:
    """Return whether the columns of the finding have told a field's value already."""
    key = _COLUMNS.get(name)
    # What is not known can be compared with nothing.
    return isinstance(value, str) and value == finding.subject.get(key or "")


_IN_SENTENCE: Final = frozenset({"count", "first", "last"})
"""What the sentence about a correlation's events states, beside their group."""


def _is_stated(finding: Finding, name: str) -> bool:
    """Return whether the sentence about a correlation's events states a field."""
    rule = finding.rule
    return isinstance(rule, CorrelationRule) and (
        name in _IN_SENTENCE or name in rule.correlation.group_by
    )


def _is_opened(finding: Finding, name: str, value: object) -> bool:
    """Return whether all the members of an object are evidence of their own."""
    if not isinstance(finding.rule, DetectionRule) or not isinstance(value, Mapping):
        return False
    return bool(value) and all(
        _is_there(finding.evidence, f"{name}.{key}", each, _DEEPEST)
        for key, each in value.items()
    )


def _is_there(
    evidence: Mapping[str, Any], path: str, value: object, depth: int
) -> bool:
    """Return whether a path, or each path below it, is evidence with this value."""
    for spelt in (path, f"{path}[]"):
        if spelt in evidence:
            return bool(evidence[spelt] == value)
    return (
        isinstance(value, Mapping)
        and bool(value)
        and depth > 0
        and all(
            _is_there(evidence, f"{path}.{key}", each, depth - 1)
            for key, each in value.items()
        )
    )


def _events(events: object) -> str:
    """How many events a correlation counted, and the first: the others follow it."""
    if not isinstance(events, (list, tuple)) or not events:
        return brief(events)
    first = events[0].get("id") if isinstance(events[0], Mapping) else events[0]
    many = f"{len(events):,}, the first is " * (len(events) > 1)
    return f"{many}{brief(first)}"


def _selections(finding: Finding) -> list[str]:
    """The keys of the evidence that are selections of the rule, not fields."""
    rule = finding.rule
    if not isinstance(rule, DetectionRule):
        return []
    names: Mapping[str, Any] = rule.detection.selections
    return [
        name
        for name, value in finding.evidence.items()
        if name in names and isinstance(value, bool)
    ]
