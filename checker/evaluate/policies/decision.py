"""Determine what a resource policy says about a request, by IAM's own logic.

A policy is judged by what it does: a statement that looks right may not apply, and one
that looks odd may be as good as another.  Names of partitions are not told apart: the
resources of one snapshot lie in one partition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from checker.conditions import Cause, Unknown
from checker.conditions.sketch import Hole
from checker.conditions.unknown import either
from checker.evaluate.policies.kleene import (
    kleene_all,
    kleene_any,
    many,
    negated_answer,
)
from checker.evaluate.policies.open_keys import Who, fulfilled
from checker.evaluate.policies.operators import (
    OPERATORS,
    is_chosen,
    like,
    text_of,
)
from checker.evaluate.policies.principals import ANYONE, is_principal

Decision: TypeAlias = Literal["allow", "deny", "none"]


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
        statement
        for statement in many(statements)
        if isinstance(statement, Mapping | Unknown)
    ]
    denied = kleene_any(_has_effect(each, "Deny", request) for each in found)
    allowed = kleene_any(_has_effect(each, "Allow", request) for each in found)
    if denied is True:
        return "deny"
    possible: list[Decision] = ["deny"] if denied is None else []
    possible += ["allow"] if allowed is not False else []
    possible += ["none"] if allowed is not True else []
    if len(possible) == 1:
        return possible[0]
    given = [one for one in request.context.values() if not is_chosen(one)]
    parts = [request.resource, *given, policy]
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


def _has_effect(
    statement: Mapping[str, Any] | Unknown, effect: str, request: Request
) -> bool | None:
    """Return whether a statement has an effect on the request."""
    if isinstance(statement, Unknown):
        if statement.among is None:
            return None
        answers = {
            each is not None and _has_effect(_as_statement(each), effect, request)
            for each in statement.among
        }
        return answers.pop() if len(answers) == 1 else None
    kind = statement.get("Effect")
    if not isinstance(kind, Unknown) and kind != effect:
        return False
    applied = applies(statement, request)
    return None if isinstance(kind, Unknown) and applied is not False else applied


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
    return kleene_all(
        (
            True
            if identity
            else is_principal(statement, request.principal, request.who),
            _either(statement, "Action", request.action.lower(), lowered=True),
            _resource(statement, request.resource),
            _conditions(statement, request),
        )
    )


def _as_statement(value: object) -> Mapping[str, Any] | Unknown:
    return value if isinstance(value, Mapping | Unknown) else {}


def _either(
    statement: Mapping[str, Any],
    key: str,
    wanted: str | Unknown,
    *,
    lowered: bool = False,
) -> bool | None:
    negated = f"Not{key}" in statement
    given = many(statement.get(f"Not{key}" if negated else key))
    hit = kleene_any(like(wanted, each, lowered=lowered) for each in given)
    return negated_answer(hit, negated)


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
    if "NotResource" in statement:
        return None
    given = many(statement.get("Resource"))
    return kleene_any(_is_everything(each) for each in given)


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
    return kleene_all(
        None
        if isinstance(keys, Unknown)
        else _condition(str(operator), str(key).lower(), many(values), present, effect)
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
    effect: object,
) -> bool | None:
    """Evaluate one operator on one key: any of its values will do, of a negated none.

    An absent key fails a plain operator and passes a negated one and `IfExists`.  What
    the caller chooses is chosen so that an Allow applies, and a Deny does not.
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
    test = OPERATORS.get(name.replace("not", "", 1))
    if test is None:
        return None
    if key not in context:
        every = operator.lower().startswith("forallvalues:")
        return negated or optional or every
    given = context[key]
    wished = None
    if effect in ("Allow", "Deny") and is_chosen(given):
        wished = (effect == "Allow") is not negated
    answers = []
    for value in map(text_of, values):
        answer = test(given, value)
        answers.append(answer if answer is not None else _wish(value, wished))
    return negated_answer(kleene_any(answers), negated)


def _wish(value: str | Unknown, wished: bool | None) -> bool | None:  # noqa: FBT001 - an answer
    """Return the answer that the caller wishes for, if the policy's value is known."""
    return None if isinstance(value, Unknown) else wished
