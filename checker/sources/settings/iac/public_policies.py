"""Work out what AWS will say of a bucket's policy once it is there: is it public?

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.conditions import Unknown
from checker.sources.settings.iac.attributes import each_of
from checker.sources.settings.iac.declarations import pending


def policy_status(policy: Any) -> Any:
    """Return GetBucketPolicyStatus' PolicyStatus for a policy.

    A policy is public that allows something to everybody without a condition, and not
    public that names whom it allows it to.  Which conditions make one that allows
    everybody something not public is AWS's to judge.
    """
    return each_of(policy, _status)


def _status(policy: Any) -> Any:
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    if isinstance(statements, Unknown):
        return each_of(statements, lambda each: _status({"Statement": each}))
    rows = statements if isinstance(statements, list) else [statements]
    answers = [_is_public(row) for row in rows if row is not None]
    if True in answers:
        return {"IsPublic": True}
    if None in answers:
        reason = "policy_status: AWS judges the policy once it is there"
        return {"IsPublic": pending(reason)}
    return {"IsPublic": False}


def _is_public(statement: Any) -> bool | None:
    if not isinstance(statement, Mapping):
        return None
    effect = statement.get("Effect")
    if not isinstance(effect, Unknown) and effect != "Allow":
        return False
    if "NotPrincipal" in statement:
        return None
    everybody = (
        [_is_everybody(each) for each in _principals(statement["Principal"])]
        if ("Principal" in statement)
        else []
    )
    if True not in everybody:
        return None if None in everybody else False
    unsure = isinstance(effect, Unknown) or statement.get("Condition") is not None
    return None if unsure else True


def _principals(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _principals(inner)
    elif isinstance(value, list):
        yield from value
    else:
        yield value


def _is_everybody(name: Any) -> bool | None:
    if not isinstance(name, Unknown):
        return bool(name == "*")
    if name.sketch is None:
        return None
    # What begins with text, or is a resource of the code, is somebody's name.
    first = name.sketch[0]
    return False if isinstance(first, str) or first.resource else None
