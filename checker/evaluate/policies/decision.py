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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from checker.conditions import Cause, Unknown
from checker.conditions import sketch as sketches
from checker.conditions.sketch import Hole, Sketch, joined, same
from checker.conditions.unknown import either
from checker.conditions.wildcards import like
from checker.evaluate.policies.open_keys import Who, fulfilled

Decision: TypeAlias = Literal["allow", "deny", "none"]
_Test: TypeAlias = Callable[[str | Unknown, str | Unknown], bool | None]

ANYONE = "*"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    `principal` is an ARN, an account id, the host name of a service, or `*` for
    somebody whom the policy does not name.  `resource` absent means some resource,
    whichever the policy is about.  `context` maps condition keys (any case) to a value;
    `who` says what holds of a key that it lacks.  The resource and the values may be
    known in part.
    """

    action: str
    principal: str = ANYONE
    resource: str | Unknown | None = None
    context: Mapping[str, str | Unknown] = field(default_factory=dict)
    who: Who = Who.THIS


def decide(policy: object, request: Request) -> Decision | Unknown:
    """Return whether a resource policy allows a request, denies it, or is silent.

    Without a policy the answer is `none`.  What is not known of the policy makes the
    answer unknown where it decides; it is then `among` those that are possible.
    """
    if isinstance(policy, Unknown):
        return _decide_among(policy, request)
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    if isinstance(statements, Unknown) and statements.among is not None:
        return _decide_among(
            Unknown(
                statements.reason,
                statements.cause,
                among=tuple({"Statement": each} for each in statements.among),
            ),
            request,
        )
    found = [
        (_effect(statement), applies(statement, request))
        for statement in many(statements)
        if isinstance(statement, Mapping | Unknown)
    ]
    denied = _kleene_any(_weighed(each, "Deny") for each in found)
    allowed = _kleene_any(_weighed(each, "Allow") for each in found)
    if denied is True:
        return "deny"
    possible: list[Decision] = ["deny"] if denied is None else []
    possible += ["allow"] if allowed is not False else []
    possible += ["none"] if allowed is not True else []
    if len(possible) == 1:
        return possible[0]
    parts = [request.resource, *request.context.values(), policy]
    reason, cause = why_unknown(parts)
    return Unknown(reason, cause, among=tuple(possible))


def _decide_among(policy: Unknown, request: Request) -> Decision | Unknown:
    if policy.among is None:
        return policy
    answers = [decide(each, request) for each in policy.among]
    decided: Decision | Unknown = either(answers, policy.reason, policy.cause)
    return decided


def why_unknown(policy: object) -> tuple[str, Cause]:
    """Return why a policy does not decide: what is not known of it, if anything."""
    todo = [policy]
    while todo:
        value = todo.pop()
        if isinstance(value, Unknown):
            return (
                f"a part of the policy or request is not known ({value.reason})",
                value.cause,
            )
        if isinstance(value, Mapping):
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    reason = "the policy has a condition that cannot be evaluated"
    return reason, Cause.UNDECIDABLE


def _effect(statement: Mapping[str, Any] | Unknown) -> Any:
    return statement if isinstance(statement, Unknown) else statement.get("Effect")


def _weighed(found: tuple[Any, bool | None], effect: str) -> bool | None:
    """Return whether a statement has an effect on the request."""
    kind, applied = found
    if isinstance(kind, Unknown):
        return False if applied is False else None
    return applied if kind == effect else False


def _kleene_any(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False


def _kleene_all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return False if False in found else None if None in found else True


def _negated(answer: bool | None, negated: bool) -> bool | None:  # noqa: FBT001 - the answer's own
    return answer if answer is None else answer is not negated


def applies(
    statement: Mapping[str, Any] | Unknown, request: Request, *, identity: bool = False
) -> bool | None:
    """Return whether a statement is about a request; None where that is not known.

    A statement of an `identity` policy is about its holder, and names no principal.
    """
    if isinstance(statement, Unknown):
        if statement.among is None:
            return None
        answers = {
            each is not None
            and applies(_as_statement(each), request, identity=identity)
            for each in statement.among
        }
        return answers.pop() if len(answers) == 1 else None
    return _kleene_all(
        (
            True if identity else _principal(statement, request),
            _either(statement, "Action", request.action.lower(), lowered=True),
            _resource(statement, request.resource),
            _conditions(statement, request),
        )
    )


def _as_statement(value: object) -> Mapping[str, Any] | Unknown:
    return value if isinstance(value, Mapping | Unknown) else {}


def _principal(statement: Mapping[str, Any], request: Request) -> bool | None:
    wanted = request.principal
    negated = "NotPrincipal" in statement
    if negated and request.who is Who.EVERYONE and statement.get("Effect") == "Deny":
        return False
    given = statement.get("NotPrincipal" if negated else "Principal")
    listed = (
        [(kind, name) for kind, names in given.items() for name in many(names)]
        if isinstance(given, Mapping)
        else [("AWS", name) for name in many(given)]
    )
    hit = _kleene_any(_is_principal(kind, name, wanted) for kind, name in listed)
    return _negated(hit, negated)


def _is_principal(kind: str, name: object, wanted: str) -> bool | None:
    if isinstance(name, Unknown):
        return _may_be_principal(kind, name, wanted)
    name = str(name)
    if name == ANYONE:
        # `*` alone is the same as {"AWS": "*"}: everyone.
        return kind == "AWS"
    account = wanted.split(":")[4] if wanted.startswith("arn:") else wanted
    root = re.fullmatch(r"arn:[^:]*:iam::(\d{12}):root", name)
    return _plain(name) == _plain(wanted) or (root[1] if root else name) == account


def _may_be_principal(kind: str, name: Unknown, wanted: str) -> bool | None:
    """Return False where what is known of a principal's name rules it out."""
    if name.sketch is None:
        return None
    account = wanted.split(":")[4] if wanted.startswith("arn:") else wanted
    root = ("arn:", Hole("AWS::Partition"), f":iam::{account}:root")
    texts: list[Sketch] = [(wanted,), (account,)]
    texts += [root] if account.isdigit() else []
    if kind == "AWS":
        texts.append((ANYONE,))
    return _kleene_any(same(name.sketch, text) for text in texts)


def _either(
    statement: Mapping[str, Any],
    key: str,
    wanted: str | Unknown,
    *,
    lowered: bool = False,
) -> bool | None:
    negated = f"Not{key}" in statement
    given = many(statement.get(f"Not{key}" if negated else key))
    hit = _kleene_any(_like(wanted, each, lowered=lowered) for each in given)
    return _negated(hit, negated)


def _resource(
    statement: Mapping[str, Any], wanted: str | Unknown | None
) -> bool | None:
    if wanted is not None:
        return _either(statement, "Resource", wanted)
    effect = statement.get("Effect")
    if isinstance(effect, Unknown):
        return None
    if effect == "Allow":
        return True
    # Some resource may be let through unless all are refused.
    given = many(statement.get("Resource"))
    return _kleene_any(_is_everything(each) for each in given)


def _is_everything(pattern: object) -> bool | None:
    """Return whether a pattern takes all that a policy's own resource holds."""
    if isinstance(pattern, Unknown):
        if pattern.sketch is None:
            return None
        pattern = "".join(
            "x" if isinstance(part, Hole) else part for part in pattern.sketch
        )
        if not pattern.startswith("arn:"):
            return None if pattern == "x" else False
    return re.fullmatch(r"\*|arn:[^/*]*(/\*|\*)", str(pattern)) is not None


def _conditions(statement: Mapping[str, Any], request: Request) -> bool | None:
    block = statement.get("Condition")
    if isinstance(block, Unknown):
        return None
    present = {key.lower(): value for key, value in request.context.items()}
    effect = statement.get("Effect")
    return _kleene_all(
        None
        if isinstance(keys, Unknown)
        else _condition(str(operator), str(key).lower(), many(values), present)
        if request.who is Who.THIS or str(key).lower() in present
        else fulfilled(
            request.who, effect, str(operator), str(key).lower(), many(values)
        )
        for operator, keys in (block.items() if isinstance(block, Mapping) else ())
        for key, values in (
            keys.items() if isinstance(keys, Mapping) else _unread(keys)
        )
    )


def _unread(keys: object) -> Iterable[tuple[str, object]]:
    return [("", keys)] if isinstance(keys, Unknown) else ()


def _condition(
    operator: str,
    key: str,
    values: list[Any],
    context: Mapping[str, str | Unknown],
) -> bool | None:
    """Evaluate one operator on one key: any of its values will do, of a negated none.

    An absent key fails a plain operator and passes a negated one and `IfExists`.
    """
    name = operator.rpartition(":")[2].lower()
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name == "null":
        if any(isinstance(value, Unknown) for value in values):
            return None
        wants_absent = any(str(value).lower() == "true" for value in values)
        return (key not in context) is wants_absent
    negated = "not" in name
    test = _TESTS.get(name.replace("not", "", 1))
    if test is None:
        return None
    if key not in context:
        every = operator.lower().startswith("forallvalues:")
        return negated or optional or every
    hit = _kleene_any(test(context[key], _text(value)) for value in values)
    return _negated(hit, negated)


def _text(value: object) -> str | Unknown:
    """Return a value as policies have it: only text."""
    if isinstance(value, Unknown):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sketch(value: object) -> Sketch | None:
    if isinstance(value, Unknown):
        return value.sketch
    return (value,) if isinstance(value, str) else None


def _like(value: object, pattern: object, *, lowered: bool = False) -> bool | None:
    if pattern == ANYONE if isinstance(pattern, str) else False:
        return True
    if not isinstance(value, Unknown) and not isinstance(pattern, Unknown):
        text = str(pattern).lower() if lowered else str(pattern)
        return like(_plain(str(value)), _plain(text))
    held, wanted = _plain_sketch(value), _plain_sketch(pattern)
    if held is None or wanted is None:
        return None
    return sketches.like(held, wanted)


def _plain(arn: str) -> str:
    return re.sub(r"^arn:aws[a-z-]*:", "arn:aws:", arn)


def _plain_sketch(value: object) -> Sketch | None:
    """Return a text known in part, with the partition's name written one way."""
    sketch = _sketch(value)
    if not sketch:
        return sketch
    first, *rest = sketch
    if first == "arn:" and rest and rest[0] == Hole("AWS::Partition"):
        return joined(("arn:aws", *rest[1:]))
    return (_plain(first), *rest) if isinstance(first, str) else sketch


def _equals(value: str | Unknown, wanted: str | Unknown) -> bool | None:
    if not isinstance(value, Unknown) and not isinstance(wanted, Unknown):
        return _plain(value) == _plain(wanted)
    one, other = _plain_sketch(value), _plain_sketch(wanted)
    return None if one is None or other is None else same(one, other)


def _equals_any_case(value: str | Unknown, wanted: str | Unknown) -> bool | None:
    if isinstance(value, Unknown) or isinstance(wanted, Unknown):
        return None
    return value.lower() == wanted.lower()


def _in_network(value: str | Unknown, network: str | Unknown) -> bool | None:
    if isinstance(value, Unknown) or isinstance(network, Unknown):
        return None
    try:
        inside = ipaddress.ip_network(network, strict=False)
        return ipaddress.ip_address(value) in inside
    except ValueError:
        return None


def _number(compare: Callable[[float, float], bool]) -> _Test:
    def test(value: str | Unknown, wanted: str | Unknown) -> bool | None:
        if isinstance(value, Unknown) or isinstance(wanted, Unknown):
            return None
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
