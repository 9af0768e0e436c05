"""Read from IAM policies what they allow: who is let in, and how far.

A policy comes as the object that it is, or as the text that a caller sent: JSON, or
JSON in URL encoding, as IAM returns it.  The caller wrote the text: all of this
is linear in its length, and what is no policy gives null.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from checker.conditions.json_text import parse_json
from checker.conditions.policy_audience import (
    ACCOUNT,
    admits_everybody,
    bars_everybody,
    only_accounts,
)
from checker.conditions.policy_federation import binds, trusts
from checker.conditions.unknown import refuse
from checker.conditions.wildcards import like

Statement: TypeAlias = Mapping[str, Any]

_LONGEST = 2048
"""Characters of an action or ARN: what is longer is none, and is not compared."""

_MOST_BARS = 10
_MOST_PATTERNS = 50
"""Of statements that deny, and of patterns in one, as many are looked at."""

_IAM = (
    "iam:createuser",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createrole",
    "iam:createpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:attachuserpolicy",
    "iam:attachrolepolicy",
    "iam:putuserpolicy",
    "iam:putrolepolicy",
    "iam:addusertogroup",
    "iam:passrole",
)
"""Actions that together give full access to IAM."""

_SOME = "arn:aws:iam::000000000000:"
_EVERYTHING = tuple(
    f"{_SOME}{kind}/any" for kind in ("user", "role", "group", "policy")
)


def public_statements(policy: Any) -> Any:
    """`public_statements(policy)`: the statements that let everybody in.

    Those that allow something to every principal, without a condition that narrows who
    that is (`policy_audience`), and that no other statement of the policy takes back.
    """
    statements = _statements(policy)
    if statements is None:
        return None
    bars = [each for each in statements if bars_everybody(each)][:_MOST_BARS]
    return [
        each
        for each in statements
        if _effect(each) == "Allow"
        and admits_everybody(each)
        and not any(_takes_back(bar, each) for bar in bars)
    ]


def full_access_statements(policy: Any) -> Any:
    """`full_access_statements(policy)`: those that together allow all, or all of IAM.

    Conditions do not count: a principal that fulfils them has full access.  `NotAction`
    on all resources allows whatever it does not name, and counts.
    """
    statements = _statements(policy)
    if statements is None:
        return None
    wide = [each for each in statements if _on_everything(each)]
    inverted = [
        each for each in wide if "NotAction" in each and _names_less_than_all(each)
    ]
    naming = [each for each in wide if any(_allows(each, name) for name in _IAM)]
    whole = all(any(_allows(each, name) for each in naming) for name in _IAM)
    return naming if whole else inverted


def foreign_accounts(policy: Any, own: Any) -> Any:
    """`foreign_accounts(policy, account)`: the other accounts that a policy lets in.

    Of the AWS principals of statements that allow: account ids, and those in ARNs; of
    statements for everybody, those that a condition narrows it to.  Each comes once.
    """
    refuse(own)
    statements = _statements(policy)
    if statements is None or type(own) is not str:
        return None
    found = [
        account
        for each in statements
        if _effect(each) == "Allow"
        for account in (*_accounts(each), *only_accounts(each))
        if account != own
    ]
    return list(dict.fromkeys(found))


def unbound_federation(policy: Any, providers: Any) -> Any:
    """`unbound_federation(policy, providers)`: trust in providers that serve everybody.

    The statements that allow an identity of one of the providers (host names, such as
    `gitlab.com`) to take the role on, without a condition on a claim that names whose
    identity it is.
    """
    refuse(providers)
    statements = _statements(policy)
    if statements is None:
        return None
    names = [each for each in many(providers) if type(each) is str]
    return [
        each
        for each in statements
        if _effect(each) == "Allow"
        and any(trusts(each, name) and not binds(each, name) for name in names)
    ]


def _statements(policy: Any) -> list[Statement] | None:
    """Read the statements of a policy; None for what is no policy."""
    refuse(policy)
    if type(policy) is str:
        policy = _parsed(policy)
    if type(policy) is not dict or "Statement" not in policy:
        return None
    held = policy["Statement"]
    return [each for each in many(held) if type(each) is dict]


def _parsed(text: str) -> Any:
    # IAM returns policies in URL encoding (RFC 3986), which takes `{` as `%7B`.
    if text.lstrip()[:1] == "%":
        text = urllib.parse.unquote(text)
    return parse_json(text)


def many(value: Any) -> list[Any]:
    """Return a list of what policies write as one value or as several."""
    if value is None:
        return []
    return value if type(value) is list else [value]


def _effect(statement: Statement) -> Any:
    return statement.get("Effect")


def _texts(value: Any) -> list[str]:
    return [each for each in many(value) if type(each) is str and len(each) <= _LONGEST]


def _accounts(statement: Statement) -> Iterator[str]:
    principal = statement.get("Principal")
    named = principal.get("AWS") if type(principal) is dict else principal
    for text in _texts(named):
        account = ACCOUNT.fullmatch(text)
        if account:
            yield account[1]


def _allows(statement: Statement, action: str) -> bool:
    """Return whether the actions of a statement that allows hold one, in lower case."""
    if "NotAction" in statement:
        return not _holds(statement["NotAction"], action)
    return _holds(statement.get("Action"), action)


def _holds(patterns: Any, action: str) -> bool:
    return any(like(action, each.lower()) for each in _texts(patterns))


def _names_less_than_all(statement: Statement) -> bool:
    return not any(like("any:thing", each) for each in _texts(statement["NotAction"]))


def _on_everything(statement: Statement) -> bool:
    if _effect(statement) != "Allow":
        return False
    if "NotResource" in statement:
        return not any(
            like("any:thing", each) for each in _texts(statement["NotResource"])
        )
    patterns = [_in_no_account(each) for each in _texts(statement.get("Resource"))]
    return all(any(like(arn, each) for each in patterns) for arn in _EVERYTHING)


def _in_no_account(pattern: str) -> str:
    """Return the pattern of a resource as in partition `aws` and account 000…0."""
    plain = re.sub(r"^arn:aws[a-z-]*:", "arn:aws:", pattern)
    return re.sub(r"^(arn:[^:]*:[^:]*:[^:]*):[0-9]{12}:", r"\1:000000000000:", plain)


def _takes_back(bar: Statement, statement: Statement) -> bool:
    """Return whether a denial covers the actions and resources of a statement."""
    return _covers(bar, statement, "Action") and _covers(bar, statement, "Resource")


def _covers(bar: Statement, statement: Statement, key: str) -> bool:
    if "*" in many(bar.get(key)):
        return True
    if f"Not{key}" in bar or f"Not{key}" in statement:
        return False
    wide = [each.lower() for each in _texts(bar.get(key)) if "?" not in each]
    narrow = [each.lower() for each in many(statement.get(key)) if type(each) is str]
    # A pattern is matched as if it were a name: `*` in it stands for itself, which
    # only a pattern at least as wide holds.
    return all(
        len(each) <= _LONGEST and any(like(each, one) for one in wide[:_MOST_PATTERNS])
        for each in narrow
    )
