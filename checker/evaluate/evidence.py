"""This module shows what a rule saw in an event: no secrets, nothing endless."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from checker import conditions
from checker.conditions import tree
from checker.conditions.access import Closure
from checker.model import DetectionRule, Event

_SECRETS = frozenset(
    "sessiontoken secretaccesskey password previouspassword proposedpassword "
    "temporarypassword clientsecret secrethash secretstring secretbinary token "
    "accesstoken idtoken refreshtoken plaintext privatekey masteruserpassword".split()
)
_MAX_TEXT = 1024


class Evidence:
    """The evidence that a rule gives: its selections that hold, the fields it reads."""

    def __init__(self, rule: DetectionRule) -> None:
        """Compile what there is to show."""
        detection = rule.detection
        certain = _certain(detection.condition)
        self._selections = [
            (name, None if name in certain else conditions.closure(node))
            for name, node in detection.selections.items()
        ]
        read = conditions.paths(detection.condition)
        self._fields = [
            (path, compile_field(path)) for path in dict.fromkeys([*read, *rule.fields])
        ]

    def of(self, event: Event) -> dict[str, Any]:
        """Give the evidence of an event on which the rule holds."""
        shown: dict[str, Any] = {
            name: True
            for name, test in self._selections
            if test is None or conditions.holds(test(event))
        }
        for path, value_at in self._fields:
            value = value_at(event)
            if value is None:
                continue
            if value.__class__ is str and len(value) <= _MAX_TEXT:
                shown[path] = value
            else:
                shown[path] = presentable(value)
        return shown


def presentable(value: Any) -> Any:
    """Copy a value for a report: secrets taken out, long text and lists cut short."""
    kind = value.__class__
    if kind is str:
        return value if len(value) <= _MAX_TEXT else value[:_MAX_TEXT] + "…"
    if kind is dict:
        return dict(_entries(value))
    if kind is list:
        return [presentable(entry) for entry in value[:50]]
    return value


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, entry in list(value.items())[:50]:
        hidden = key.lower() in _SECRETS and entry is not None
        yield key, "(not shown)" if hidden else presentable(entry)


def _certain(node: tree.Node) -> frozenset[str]:
    """Name the selections that hold whenever the condition does."""
    match node:
        case tree.Selection(name, _):
            return frozenset({name})
        case tree.And(operands):
            return frozenset().union(*map(_certain, operands))
    return frozenset()


@functools.lru_cache(maxsize=4096)
def compile_field(path: str) -> Closure:
    """Compile a path into an event; the same paths come in many rules."""
    return conditions.compile(path)
