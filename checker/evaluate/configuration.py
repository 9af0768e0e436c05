"""This module evaluates configuration rules on the resources of a settings snapshot.

The condition states what must hold; what is absent fails.  A part that was denied,
throttled or not collected is a `conditions.Unknown`, and an answer that needs it is
`unknown`, by Kleene's logic: `false && unknown` is false, `true && unknown` unknown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker import conditions
from checker.conditions import tree
from checker.conditions.settings import SETTINGS
from checker.evaluate.coverage import Coverage, Need, coverage
from checker.evaluate.evidence import presentable
from checker.evaluate.recorded import readable
from checker.model import ConfigurationRule, Resource, Status

ACCOUNT = "AWS::::Account"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule on one resource: the outcome, why in words, and the values read.

    `needs` are those that its condition asked coverage of and that are not fully
    covered: what remediation has to add.
    """

    resource: Resource
    status: Status
    reason: str
    evidence: Mapping[str, Any]
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where the resources of a type stand in a snapshot, and what names each."""

    section: str
    names: tuple[str, ...]


# The sections of the snapshot by CloudFormation type.
_KINDS: dict[str, _Kind] = {
    "AWS::CloudTrail::Trail": _Kind("trails", ("TrailARN", "Name")),
    "AWS::CloudTrail::EventDataStore": _Kind(
        "event_data_stores", ("EventDataStoreArn", "Name")
    ),
    "AWS::S3::Bucket": _Kind("buckets", ("arn", "name")),
    "AWS::KMS::Key": _Kind("kms_keys", ("arn", "id")),
    "AWS::Logs::LogGroup": _Kind("log_groups", ("arn", "logGroupName")),
    "AWS::CloudWatch::Alarm": _Kind("alarms", ("AlarmArn", "AlarmName")),
    "AWS::SNS::Topic": _Kind("sns_topics", ("TopicArn",)),
    "AWS::Cognito::IdentityPool": _Kind("identity_pools", ("arn", "IdentityPoolId")),
    "AWS::Cognito::UserPool": _Kind("user_pools", ("Arn", "Id")),
}


def types() -> tuple[str, ...]:
    """List the resource types that a configuration rule can name."""
    return (ACCOUNT, *_KINDS)


def section(kind: str) -> str | None:
    """Give the snapshot's section that holds a type; None for the whole snapshot."""
    return _KINDS[kind].section if kind in _KINDS else None


def resources(snapshot: Mapping[str, Any], kind: str) -> list[Resource]:
    """List the resources of one type, in the snapshot's order.

    Raises `KeyError` for a type that no snapshot holds.
    """
    account = _account(snapshot)
    if kind == ACCOUNT:
        missing = {
            place.section: conditions.Unknown(f"{place.section}: not collected")
            for place in _KINDS.values()
            if place.section not in snapshot
        }
        whole = {**missing, **snapshot}
        return [Resource(kind, account or "account", account, None, whole, "")]
    place = _KINDS[kind]
    return [
        Resource(
            type=kind,
            id=_identify(body, place.names),
            account=_owner(body) or account,
            region=_region(body),
            body=body,
            pointer=f"/{place.section}/{index}",
        )
        for index, body in _bodies(snapshot, place.section)
    ]


def evaluate(rule: ConfigurationRule, snapshot: Mapping[str, Any]) -> list[Outcome]:
    """Judge one rule on every resource of its type in a settled snapshot."""
    kind = rule.configuration.resource
    rows = snapshot if kind == ACCOUNT else snapshot.get(_KINDS[kind].section)
    account = _account(snapshot)
    stand_in = Resource(kind, account or kind, account, None, {}, "")
    if isinstance(rows, conditions.Unknown):
        return [Outcome(stand_in, Status.UNKNOWN, rows.reason, {})]
    if rows is None:
        reason = f"{_KINDS[kind].section}: not collected"
        return [Outcome(stand_in, Status.UNKNOWN, reason, {})]
    if not rows:
        reason = f"the snapshot holds no {kind}"
        return [Outcome(stand_in, Status.NOT_APPLICABLE, reason, {})]
    # Where some rows were collected and others were not, an Unknown stands for those.
    return [
        *(_judge(rule, each, snapshot) for each in resources(snapshot, kind)),
        *(
            Outcome(stand_in, Status.UNKNOWN, row.reason, {})
            for row in rows
            if isinstance(row, conditions.Unknown)
        ),
    ]


def _judge(
    rule: ConfigurationRule, resource: Resource, snapshot: Mapping[str, Any]
) -> Outcome:
    asked: list[tuple[Need, Coverage]] = []
    bound = functions(snapshot, asked)
    configuration = rule.configuration
    try:
        if configuration.applies is not None:
            applies = _truth(configuration.applies, resource.body, bound)
            if not applies:
                return Outcome(resource, Status.NOT_APPLICABLE, "does not apply", {})
        held = _truth(configuration.condition, resource.body, bound)
    except conditions.UnknownValue as unknown:
        return Outcome(resource, Status.UNKNOWN, unknown.reason, {}, _open(asked))
    evidence = _evidence(configuration.condition, resource.body)
    reason = "; ".join(dict.fromkeys(each.reason for _, each in asked)) or ", ".join(
        f"{path} is {_shown(value)}" for path, value in list(evidence.items())[:6]
    )
    status = Status.PASS if held else Status.FAIL
    return Outcome(resource, status, reason, evidence, _open(asked))


def _open(asked: list[tuple[Need, Coverage]]) -> tuple[Need, ...]:
    """Give each need once that is not fully covered, in the order of asking."""
    return tuple(
        dict.fromkeys(need for need, answer in asked if answer.verdict != "full")
    )


def _truth(
    node: tree.Node,
    body: object,
    functions: Mapping[str, conditions.Function],
) -> bool:
    """Judge a condition in Kleene's logic; `UnknownValue` when it hangs on one."""
    match node:
        case tree.Not(operand):
            return not _truth(operand, body, functions)
        case tree.And(operands):
            return _all(operands, body, functions, wanted=True)
        case tree.Or(operands):
            return not _all(operands, body, functions, wanted=False)
        case _:
            value = conditions.closure(node, functions)(body)
            return conditions.holds(value)


def _all(
    children: tuple[tree.Node, ...],
    body: object,
    functions: Mapping[str, conditions.Function],
    *,
    wanted: bool,
) -> bool:
    """Tell whether every child's truth is `wanted`; one that is not decides alone."""
    unknown: conditions.UnknownValue | None = None
    for child in children:
        try:
            if _truth(child, body, functions) is not wanted:
                return False
        except conditions.UnknownValue as error:
            unknown = unknown or error
    if unknown:
        raise unknown
    return True


def functions(
    snapshot: Mapping[str, Any], asked: list[tuple[Need, Coverage]]
) -> dict[str, conditions.Function]:
    """Bind the settings functions to a snapshot; `asked` gathers the answers given."""
    bound: dict[str, Callable[..., object]] = {
        "coverage": lambda need: _coverage(need, snapshot, asked),
    }
    return {
        name: dataclasses.replace(function, call=bound[name])
        if name in bound
        else function
        for name, function in SETTINGS.items()
    }


def _coverage(
    need: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    asked: list[tuple[Need, Coverage]],
) -> object:
    """Answer the `coverage` function: what all the trails together record."""
    trails = need.get("trails") or snapshot.get("trails")
    if not isinstance(trails, list):
        return trails or conditions.Unknown("trails: not collected")
    known = [readable(trail) for trail in trails]
    # Where nobody knows which ARN or Region matters, the answer for all of them does,
    # unless it is one thing here and another there.
    vague = [value for value in need.values() if _is_unknown(value)]
    wanted = _need(
        {key: value for key, value in need.items() if not _is_unknown(value)}, snapshot
    )
    answer = coverage(known, wanted)
    asked.append((wanted, answer))
    if answer.verdict == "unknown":
        return conditions.Unknown(answer.reason)
    if vague and answer.verdict == "partial":
        first = vague[0][0] if isinstance(vague[0], list) else vague[0]
        return conditions.Unknown(f"{first.reason}; {answer.reason}")
    return {
        "verdict": answer.verdict,
        "trails": list(answer.trails),
        "gaps": list(answer.gaps),
        "reason": answer.reason,
    }


def _is_unknown(value: object) -> bool:
    """Tell an `Unknown`, also as the item of a list such as `regions: [region]`."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, conditions.Unknown)


def _need(need: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Need:
    regions = need.get("regions")
    names = need.get("names") or ()
    return Need(
        category=need["category"],
        source=need.get("source"),
        names=(names,) if isinstance(names, str) else tuple(names),
        resource_type=need.get("resourceType"),
        arn=need.get("arn"),
        access=need.get("access") or "All",
        regions=tuple(regions) if regions is not None else None,
        account=need.get("account") or _account(snapshot),
    )


def _evidence(node: tree.Node, body: object) -> dict[str, Any]:
    """Give the values that the condition read, absent ones as null."""
    values: dict[str, Any] = {}
    for path in conditions.paths(node):
        try:
            values[path] = presentable(conditions.compile(path)(body))
        except conditions.UnknownValue as unknown:
            values[path] = f"unknown: {unknown.reason}"
    return values


def _shown(value: object) -> str:
    words = {None: "absent", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _bodies(
    snapshot: Mapping[str, Any], section: str
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = snapshot.get(section)
    for index, body in enumerate(found if isinstance(found, list) else ()):
        if isinstance(body, Mapping):
            yield index, body


def _identify(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Give the ARN or name; empty for one that has none yet."""
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _account(snapshot: Mapping[str, Any]) -> str | None:
    account = snapshot.get("account")
    value = account.get("id") if isinstance(account, dict) else None
    return value if isinstance(value, str) else None


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
