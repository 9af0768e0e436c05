"""Evaluate configuration rules on the resources of a settings snapshot.

The condition states what must hold; what is absent fails.  A part that was denied,
throttled or not collected is a `conditions.Unknown`, and an answer that needs it is
`unknown`, by Kleene's logic: `false && unknown` is false, `true && unknown` unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker import conditions
from checker.conditions import tree
from checker.evaluate.configuration.asked import Asked, account_of
from checker.evaluate.configuration.functions import READS, functions
from checker.evaluate.configuration.resources import (
    EXISTS,
    KINDS,
    LocatedResource,
    find_resources,
    with_missing_sections,
)
from checker.evaluate.configuration.three_valued import truth
from checker.evaluate.detection.evidence import presentable
from checker.evaluate.recording.coverage import Need
from checker.evaluate.recording.recorder import Recorders
from checker.model import ConfigurationRule, Resource, Status

ACCOUNT = "AWS::::Account"

_REASONS = 12
"""How many reasons an outcome lists; the rest are counted."""

_NOTHING = {True: "nothing speaks against it", False: "nothing fulfils it"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule on one resource: the outcome, why in words, and the values read.

    `needs` are those that its condition asked coverage of and that are not fully
    covered: what remediation has to add.  `cause` says why an outcome is unknown, and
    `said` has each row that fails, where `reason` may leave some out.
    """

    resource: Resource
    status: Status
    reason: str
    evidence: Mapping[str, Any]
    needs: tuple[Need, ...] = ()
    cause: conditions.Cause | None = None
    said: tuple[str, ...] = ()


def types() -> tuple[str, ...]:
    """List the resource types that a configuration rule can name."""
    return (ACCOUNT, *KINDS)


def section(kind: str) -> str | None:
    """Return the snapshot's section that holds a type; None for the whole snapshot."""
    return KINDS[kind].section if kind in KINDS else None


def resources(snapshot: Mapping[str, Any], kind: str) -> list[Resource]:
    """List the resources of one type, in the snapshot's order.

    Raises `KeyError` for a type that no snapshot holds.
    """
    account = account_of(snapshot)
    if kind == ACCOUNT:
        body = with_missing_sections(snapshot)
        return [Resource(kind, account or "account", account, None, body, "")]
    names = KINDS[kind].names
    return [
        Resource(
            type=kind,
            id=_identify(each.body, names),
            account=_owner(each.body) or _owner(each.parent) or account,
            region=_region(each.body) or _region(each.parent),
            body=each.body,
            pointer=each.pointer,
        )
        for each in find_resources(snapshot, kind)
        if isinstance(each, LocatedResource)
    ]


def evaluate(
    rule: ConfigurationRule,
    snapshot: Mapping[str, Any],
    recorders: Recorders | None = None,
) -> list[Outcome]:
    """Evaluate one rule on every resource of its type in a settled snapshot.

    `recorders` are those of the snapshot's trails, for callers with many rules.
    """
    prepared = Recorders() if recorders is None else recorders
    kind = rule.configuration.resource
    account = account_of(snapshot)
    stand_in = Resource(kind, account or kind, account, None, {}, "")
    found = [
        _judge(rule, each, snapshot, prepared) for each in resources(snapshot, kind)
    ]
    if kind == ACCOUNT:
        return found
    # Where some were collected and others were not, an Unknown stands for those.
    unknown = [
        Outcome(stand_in, Status.UNKNOWN, each.reason, {}, cause=each.cause)
        for each in find_resources(snapshot, kind)
        if isinstance(each, conditions.Unknown)
    ]
    if not found and not unknown:
        reason = f"the snapshot holds no {kind}"
        return [Outcome(stand_in, Status.NOT_APPLICABLE, reason, {})]
    return [*found, *unknown]


def declared(rule: ConfigurationRule, snapshot: Mapping[str, Any]) -> bool:
    """Return whether code declares any of the resources that a rule is about.

    A rule on the account is about the sections by which it applies, or else about
    those that it reads.
    """
    kind = rule.configuration.resource
    if kind != ACCOUNT:
        return any(not _is_undeclared(each) for each in find_resources(snapshot, kind))
    block = rule.configuration
    wanted = _sections(block.applies) or _sections(block.condition)
    return any(not _is_undeclared(snapshot.get(section)) for section in wanted)


def _is_undeclared(value: object) -> bool:
    undeclared = conditions.Cause.UNDECLARED
    return isinstance(value, conditions.Unknown) and value.cause is undeclared


def _sections(node: tree.Node | None) -> set[str]:
    """Return the sections of a snapshot that a condition on the account reads."""
    if node is None:
        return set()
    read = {path.split(".")[0].split("[")[0] for path in conditions.paths(node)}
    called = {one.name for one in tree.walk(node) if isinstance(one, tree.Function)}
    found = {section for name in called for section in READS.get(name, ())}
    return found | (read & set(with_missing_sections({})))


def _judge(
    rule: ConfigurationRule,
    resource: Resource,
    snapshot: Mapping[str, Any],
    recorders: Recorders,
) -> Outcome:
    asked: Asked = []
    said: list[str] = []
    bound = functions(snapshot, asked, recorders)
    configuration = rule.configuration
    if resource.body.get(EXISTS) is False and not _asks_existence(rule):
        reason = f"{resource.id} does not exist"
        return Outcome(resource, Status.NOT_APPLICABLE, reason, {})
    try:
        if configuration.applies is not None:
            if not truth(configuration.applies, resource.body, bound, said):
                read = _evidence(configuration.applies, resource.body)
                told = said or [each.reason for each in asked]
                reason = _values(rule, read) or _listed(told) or "does not apply"
                return Outcome(resource, Status.NOT_APPLICABLE, reason, read)
            said.clear()
        holds = truth(configuration.condition, resource.body, bound, said)
    except conditions.UnknownValue as unknown:
        return Outcome(
            resource, Status.UNKNOWN, unknown.reason, {}, _open(asked), unknown.cause
        )
    evidence = _evidence(configuration.condition, resource.body)
    gaps = [each for each in asked if not holds and each.open]
    told = said or [each.reason for each in gaps or asked]
    shown = _values(rule, evidence)
    asked_for = {
        name: parameter.value for name, parameter in configuration.parameters.items()
    }
    evidence |= {f"parameters.{name}": value for name, value in asked_for.items()}
    reason = _listed(told) or shown or _NOTHING[holds]
    status = Status.PASS if holds else Status.FAIL
    return Outcome(resource, status, reason, evidence, _open(asked), said=tuple(said))


def _asks_existence(rule: ConfigurationRule) -> bool:
    return EXISTS in conditions.paths(rule.configuration.condition)


def _values(rule: ConfigurationRule, evidence: Mapping[str, Any]) -> str:
    """Describe what the condition read, and by which thresholds it judged that."""
    read = list(evidence.items())[:6]
    shown = ", ".join(f"{path} is {_shown(value)}" for path, value in read)
    asked_for = rule.configuration.parameters.items()
    bounds = ", ".join(f"{name} is {_shown(each.value)}" for name, each in asked_for)
    return f"{shown} ({bounds})" if shown and bounds else shown or bounds


def _listed(said: list[str]) -> str:
    """Join what was said, each once, and count the rest of a long list."""
    once = list(dict.fromkeys(said))
    more = len(once) - _REASONS
    return "; ".join([*once[:_REASONS], f"{more} more"] if more > 0 else once)


def _open(asked: Asked) -> tuple[Need, ...]:
    """Return each need once that is not fully covered, in the order of asking."""
    return tuple(dict.fromkeys(each.need for each in asked if each.need and each.open))


def _evidence(node: tree.Node, body: object) -> dict[str, Any]:
    """Return the values that the condition read, absent ones as null."""
    values: dict[str, Any] = {}
    for path in conditions.paths(node):
        try:
            value = presentable(path, body)
            if isinstance(value, conditions.Unknown):
                value = f"unknown: {value.reason}"
            # Whole rows, which a function was given, are no single value to show.
            if not (path.endswith("[]") and value and isinstance(value[0], Mapping)):
                values[path] = value
        except conditions.UnknownValue as unknown:
            values[path] = f"unknown: {unknown.reason}"
    return values


def _shown(value: object) -> str:
    """Describe a value in a sentence: JSON's notation, with text in single quotes."""
    if isinstance(value, conditions.Unknown):
        return f"unknown ({value.reason})"
    if value is None:
        return "absent"
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=_said)
    return text if len(text) <= 80 else text[:79] + "…"


def _said(value: object) -> str:
    return f"unknown ({value.reason})" if isinstance(value, conditions.Unknown) else "?"


def _identify(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the ARN or name; empty for one that has none yet."""
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _arn(body: Mapping[str, Any]) -> list[str]:
    for key in ("TrailARN", "EventDataStoreArn", "arn", "Arn", "AlarmArn", "TopicArn"):
        value = body.get(key)
        if isinstance(value, str) and value.startswith("arn:"):
            return value.split(":")
    return []


def _owner(body: Mapping[str, Any]) -> str | None:
    parts = _arn(body)
    return parts[4] or None if len(parts) > 5 else None


def _region(body: Mapping[str, Any]) -> str | None:
    for key in ("HomeRegion", "region"):
        value = body.get(key)
        if isinstance(value, str):
            return value
    parts = _arn(body)
    return parts[3] or None if len(parts) > 5 else None
