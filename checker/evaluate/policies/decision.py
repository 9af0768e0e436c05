"""Determine what a resource policy says about a request, by IAM's own logic.

A policy is judged by what it does: a statement that looks right may not apply, and one
that looks odd may be as good as another.  Names of partitions are not told apart: the
resources of one snapshot lie in one partition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from checker.conditions import Unknown
from checker.conditions.wildcards import like

Decision: TypeAlias = Literal["allow", "deny", "none"]
_Test: TypeAlias = Callable[[str, str], bool | None]

ANYONE = "*"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for.

    `principal` is an ARN, an account id, the host name of a service, or `*` for
    somebody whom the policy does not name.  `resource` absent means some resource,
    whichever the policy is about.  `context` maps condition keys (any case) to a value;
    a key that it lacks is absent from the request.
    """

    action: str
    principal: str = ANYONE
    resource: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


def decide(policy: object, request: Request) -> Decision | Unknown:
    """Describe whether a resource policy allows a request, denies it, or says nothing.

    Without a policy the answer is `none`.  A condition that cannot be evaluated makes
    the answer unknown where it decides.
    """
    if isinstance(policy, Unknown):
        return policy
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    found = [
        (statement.get("Effect"), applies(statement, request))
        for statement in many(statements)
        if isinstance(statement, Mapping)
    ]
    decisions: tuple[tuple[str, Decision], ...] = (("Deny", "deny"), ("Allow", "allow"))
    for effect, decision in decisions:
        answers = [answer for kind, answer in found if kind == effect]
        if True in answers:
            return decision
        if None in answers:
            return Unknown("the policy has a condition that cannot be evaluated")
    return "none"


def applies(
    statement: Mapping[str, Any], request: Request, *, identity: bool = False
) -> bool | None:
    """Return whether a statement is about a request; None when nobody can tell.

    A statement of an `identity` policy speaks of whoever holds it, and names nobody.
    """
    named = (
        (identity or _principal(statement, request.principal))
        and _either(statement, "Action", request.action.lower(), lowered=True)
        and _resource(statement, request.resource)
    )
    return _conditions(statement.get("Condition"), request.context) if named else False


def _principal(statement: Mapping[str, Any], wanted: str) -> bool:
    negated = "NotPrincipal" in statement
    given = statement.get("NotPrincipal" if negated else "Principal")
    listed = (
        [(kind, name) for kind, names in given.items() for name in many(names)]
        if isinstance(given, Mapping)
        else [("AWS", name) for name in many(given)]
    )
    hit = any(_is_principal(kind, str(name), wanted) for kind, name in listed)
    return hit is not negated


def _is_principal(kind: str, name: str, wanted: str) -> bool:
    if name == ANYONE:
        # `*` alone is the same as {"AWS": "*"}: everyone.
        return kind == "AWS"
    account = wanted.split(":")[4] if wanted.startswith("arn:") else wanted
    root = re.fullmatch(r"arn:[^:]*:iam::(\d{12}):root", name)
    return _plain(name) == _plain(wanted) or (root[1] if root else name) == account


def _either(
    statement: Mapping[str, Any], key: str, wanted: str, *, lowered: bool = False
) -> bool:
    negated = f"Not{key}" in statement
    given = many(statement.get(f"Not{key}" if negated else key))
    patterns = [str(each).lower() if lowered else str(each) for each in given]
    return any(_like(wanted, pattern) for pattern in patterns) is not negated


def _resource(statement: Mapping[str, Any], wanted: str | None) -> bool:
    if wanted is not None:
        return _either(statement, "Resource", wanted)
    if statement.get("Effect") == "Allow":
        return True
    # Some resource may be let through unless all are refused.
    given = [str(each) for each in many(statement.get("Resource"))]
    return any(re.fullmatch(r"\*|arn:[^/*]*(/\*|\*)", each) for each in given)


def _conditions(block: object, context: Mapping[str, str]) -> bool | None:
    present = {key.lower(): value for key, value in context.items()}
    answers = [
        _condition(str(operator), str(key).lower(), many(values), present)
        for operator, keys in (block.items() if isinstance(block, Mapping) else ())
        for key, values in (keys.items() if isinstance(keys, Mapping) else ())
    ]
    if False in answers:
        return False
    return None if None in answers else True


def _condition(
    operator: str, key: str, values: list[Any], context: Mapping[str, str]
) -> bool | None:
    """Evaluate one operator on one key: any of its values will do, of a negated none.

    An absent key fails a plain operator and passes a negated one and `IfExists`.
    """
    name = operator.rpartition(":")[2].lower()
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name == "null":
        wants_absent = any(str(value).lower() == "true" for value in values)
        return (key not in context) is wants_absent
    negated = "not" in name
    test = _TESTS.get(name.replace("not", "", 1))
    if test is None:
        return None
    if key not in context:
        every = operator.lower().startswith("forallvalues:")
        return negated or optional or every
    hits = [test(context[key], str(value)) for value in values]
    if None in hits and True not in hits:
        return None
    return (True in hits) is not negated


def _like(value: str, pattern: str) -> bool:
    return like(_plain(value), _plain(pattern))


def _plain(arn: str) -> str:
    return re.sub(r"^arn:aws[a-z-]*:", "arn:aws:", arn)


def _equals(value: str, wanted: str) -> bool:
    return _plain(value) == _plain(wanted)


def _equals_any_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


def _in_network(value: str, network: str) -> bool | None:
    try:
        inside = ipaddress.ip_network(network, strict=False)
        return ipaddress.ip_address(value) in inside
    except ValueError:
        return None


def _number(compare: Callable[[float, float], bool]) -> _Test:
    def test(value: str, wanted: str) -> bool | None:
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return None

    return test


_TESTS: Mapping[str, _Test] = {
    "stringequals": _equals,
    "stringequalsignorecase": _equals_any_case,
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": _equals_any_case,
    "ipaddress": _in_network,
    "numericequals": _number(lambda value, wanted: value == wanted),
    "numericlessthan": _number(lambda value, wanted: value < wanted),
    "numericlessthanequals": _number(lambda value, wanted: value <= wanted),
    "numericgreaterthan": _number(lambda value, wanted: value > wanted),
    "numericgreaterthanequals": _number(lambda value, wanted: value >= wanted),
}


def many(value: object) -> list[Any]:
    """Return a list of what policies write as one value or as several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
