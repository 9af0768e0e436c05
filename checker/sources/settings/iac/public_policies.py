"""Work out what AWS will say of a bucket's policy once it is there: is it public?

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.conditions import Unknown
from checker.conditions.policy_audience import Condition, conditions_of, narrows
from checker.sources.settings.iac.attributes import each_of
from checker.sources.settings.iac.declarations import pending

_KEY_ID = "s3:x-amz-server-side-encryption-aws-kms-key-id"
"""A key whose value makes a policy not public, though any caller may choose it."""


def policy_status(policy: Any) -> Any:
    """Return GetBucketPolicyStatus' PolicyStatus for a policy.

    A policy is public that allows something to everybody without a condition that holds
    for callers of a fixed origin only, and not public that names whom it allows it to.
    Conditions that the document does not speak of are AWS's to judge.
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
    if isinstance(effect, Unknown):
        return None
    return _lets_strangers_in(statement.get("Condition"))


def _lets_strangers_in(block: Any) -> bool | None:
    """Return whether a condition block leaves a statement public; None if in doubt."""
    if block is None:
        return True
    if not _is_known(block):
        return None
    answers = {
        _is_fixed(line)
        for line in conditions_of({"Condition": block})
        if line.key == _KEY_ID or narrows(line)
    }
    return False if True in answers else None if answers else True


def _is_fixed(line: Condition) -> bool | None:
    """Return whether a line that narrows names fixed values, as AWS wants them."""
    wild = any(sign in value for value in line.values for sign in "*?")
    return None if wild or line.key == _KEY_ID else True


def _is_known(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_known, value.values()))
    if isinstance(value, list):
        return all(map(_is_known, value))
    return not isinstance(value, Unknown)


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
