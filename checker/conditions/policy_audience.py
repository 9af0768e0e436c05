"""Read from a policy statement whom it lets in: everybody, or somebody in particular.

A statement for every principal is public unless a condition narrows it, and only an
operator that compares a key of the caller's origin with fixed values does: AWS calls
this the meaning of "public".

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from checker.conditions.networks import internet_wide


class Form(enum.Enum):
    """What the values of a condition key look like, and so what makes one fixed."""

    NETWORK = "network"
    ARN = "arn"
    NAME = "name"
    PATH = "path"
    UNIQUE_ID = "unique id"
    YES = "yes"


FORMS: Mapping[str, Form] = {
    "aws:sourceip": Form.NETWORK,
    "aws:vpcsourceip": Form.NETWORK,
    "aws:sourcearn": Form.ARN,
    "aws:principalarn": Form.ARN,
    "s3:dataaccesspointarn": Form.ARN,
    "s3:accessgrantsinstancearn": Form.ARN,
    "ec2:sourceinstancearn": Form.ARN,
    "lambda:sourcefunctionarn": Form.ARN,
    "elasticfilesystem:accesspointarn": Form.ARN,
    "aws:sourceaccount": Form.NAME,
    "aws:sourceowner": Form.NAME,
    "aws:sourceorgid": Form.NAME,
    "aws:sourcevpc": Form.NAME,
    "aws:sourcevpce": Form.NAME,
    "aws:sourcevpcarn": Form.ARN,
    "aws:ec2instancesourcevpc": Form.NAME,
    "aws:vpceaccount": Form.NAME,
    "aws:vpceorgid": Form.NAME,
    "aws:principalaccount": Form.NAME,
    "aws:principalorgid": Form.NAME,
    "aws:principalservicename": Form.NAME,
    "aws:principalservicenameslist": Form.NAME,
    "s3:dataaccesspointaccount": Form.NAME,
    "kms:calleraccount": Form.NAME,
    "aws:principalorgpaths": Form.PATH,
    "aws:sourceorgpaths": Form.PATH,
    "aws:vpceorgpaths": Form.PATH,
    "aws:userid": Form.UNIQUE_ID,
    "aws:principalisawsservice": Form.YES,
    "elasticfilesystem:accessedviamounttarget": Form.YES,
}
"""The condition keys that say where a caller belongs, in lower case.

Keys that a stranger can set for himself (aws:PrincipalTag, aws:SourceIdentity,
aws:UserAgent, aws:username, sts:ExternalId …) are not among them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

_OWN = re.compile(r"\$\{aws:Resource(Account|OrgID|OrgPaths)\}", re.IGNORECASE)
_ID = re.compile(r"A[A-Z0-9]{9,}|[0-9]{12}")
ACCOUNT = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)
"""An AWS principal: an account id, or an ARN with one."""

_NARROWS = {
    "stringequals": False,
    "stringequalsignorecase": False,
    "stringlike": True,
    "arnequals": True,
    "arnlike": True,
    "ipaddress": False,
    "bool": False,
}
"""The operators that narrow, in lower case, and whether `*` in a value is a wildcard.

A wildcard in ArnEquals is one: ArnEquals and ArnLike are the same."""

_BARS = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}
"""Operators that hold for everybody but whom the other one narrows it to."""


class Condition(NamedTuple):
    """One line of a condition block: operator and key in lower case."""

    operator: str
    key: str
    values: list[str]


def admits_everybody(statement: Mapping[str, Any]) -> bool:
    """Return whether every principal fulfils a statement."""
    return names_everybody(statement) and not any(
        narrows(each) for each in conditions_of(statement)
    )


def bars_everybody(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement denies something to every stranger."""
    return (
        statement.get("Effect") == "Deny"
        and names_everybody(statement)
        and all(meets_strangers(each) for each in conditions_of(statement))
    )


def names_everybody(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement is about every principal, but for its conditions.

    `NotPrincipal` is about all whom it does not name.
    """
    if "NotPrincipal" in statement:
        return not _holds_star(statement["NotPrincipal"])
    return _holds_star(statement.get("Principal"))


def _holds_star(principal: Any) -> bool:
    kinds = principal.values() if type(principal) is dict else [principal]
    return any("*" in (each if type(each) is list else [each]) for each in kinds)


def only_accounts(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the accounts that the conditions of a statement for everybody let in."""
    if not names_everybody(statement) or "NotPrincipal" in statement:
        return
    for each in conditions_of(statement):
        if each.key in ("aws:principalaccount", "aws:principalarn") and narrows(each):
            for value in each.values:
                account = ACCOUNT.fullmatch(value)
                if account:
                    yield account[1]


def conditions_of(statement: Mapping[str, Any]) -> list[Condition]:
    """Read the lines of a statement's condition block."""
    block = statement.get("Condition")
    return [
        Condition(str(operator).lower(), str(key).lower(), _values(values))
        for operator, keys in (block.items() if type(block) is dict else ())
        for key, values in (keys.items() if type(keys) is dict else ())
    ]


def _values(values: Any) -> list[str]:
    listed = values if type(values) is list else [values]
    return [
        each if type(each) is str else str(each).lower()
        for each in listed
        if not isinstance(each, dict | list)
    ]


def narrows(condition: Condition) -> bool:
    """Return whether only callers of some origin fulfil a condition.

    `…IfExists` and `ForAllValues:` hold where the key is absent, and narrow nothing.
    """
    operator = condition.operator.removeprefix("foranyvalue:")
    form = FORMS.get(condition.key)
    if form is None or operator not in _NARROWS:
        return False
    if form is Form.NETWORK:
        return operator == "ipaddress" and internet_wide(condition.values) is False
    if form is Form.YES:
        return operator in ("bool", "stringequals") and _said(condition) == {"true"}
    if operator in ("ipaddress", "bool"):
        return False
    wild = _NARROWS[operator]
    return all(_fixed(form, each, wild=wild) for each in condition.values)


def _said(condition: Condition) -> set[str]:
    return {each.lower() for each in condition.values}


def _fixed(form: Form, value: str, *, wild: bool) -> bool:
    """Return whether a value names somebody in particular."""
    value = _OWN.sub("own", value)
    if "${" in value:
        return False
    if not wild or not ("*" in value or "?" in value):
        return True
    match form:
        case Form.ARN:
            return _fixed_arn(value)
        case Form.PATH:
            head, slash, _ = value.partition("/")
            return bool(slash) and not ("*" in head or "?" in head)
        case Form.UNIQUE_ID:
            return _ID.fullmatch(value.partition(":")[0]) is not None
    return False


def _fixed_arn(value: str) -> bool:
    """Return whether the account of an ARN, or a name without one, is fixed."""
    parts = value.split(":", 5)
    if len(parts) < 6:
        return False
    owner = parts[4] or parts[5].partition("/")[0]
    return not ("*" in owner or "?" in owner)


def meets_strangers(condition: Condition) -> bool:
    """Return whether every stranger fulfils a condition of a denial."""
    operator = condition.operator.removeprefix("foranyvalue:").removesuffix("ifexists")
    positive = _BARS.get(operator)
    if positive is not None and "foranyvalue:" not in condition.operator:
        return narrows(Condition(positive, condition.key, condition.values))
    return (
        operator == "bool"
        and FORMS.get(condition.key) is Form.YES
        and _said(condition) == {"false"}
    )
