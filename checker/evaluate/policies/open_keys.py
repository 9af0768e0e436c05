"""Determine what condition keys decide that a request leaves open.

Whether a policy lets strangers in, or refuses everyone, cannot hang on a key that the
question does not name: a caller chooses some keys, such as how the connection is
encrypted, and comes from somewhere by others, such as an account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

from checker.conditions import Unknown
from checker.conditions.policy_audience import (
    FORMS,
    Condition,
    meets_strangers,
    narrows,
)

_TOKENS = (":sub", ":oaud", ":aud", ":azp")
"""How the keys end that name one identity or one client of an identity provider.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

_UNDECIDED = frozenset({"sns:endpoint", "sts:externalid", "sts:rolesessionname"})
"""Keys that a caller chooses, but perhaps not as the policy wants it: a secret, or an
address that must confirm."""

_CHOSEN = (
    "aws:calledvia",
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauth",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:resource",
    "aws:securetransport",
    "aws:sourceidentity",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:username",
    "aws:viaawsservice",
)
"""How the global keys begin that a caller chooses, or that the resource itself has.

Of a global key that is neither here nor among those of origin, nothing is assumed.
"""


class Who(enum.Enum):
    """Of whom a request is, and so what is said of keys that its context lacks.

    `THIS` request lacks them.  A `STRANGER` has no fixed origin, and chooses what a
    caller can choose; a denial must meet every stranger.  A denial to `EVERYONE` must
    also meet those whom a condition names.
    """

    THIS = "this"
    STRANGER = "stranger"
    EVERYONE = "everyone"


def fulfilled(
    who: Who, effect: object, operator: str, key: str, values: Sequence[Any]
) -> bool | None:
    """Return whether a condition on an open key lets a statement apply.

    That is for an Allow whether somebody can fulfil it, and for a Deny whether all do.
    None where a value that is not known decides.
    """
    if effect == "Deny":
        return _refuses(who, operator, key, values)
    if effect != "Allow":
        return None
    name = operator.rpartition(":")[2].lower()
    if name == "null" or "not" in name or name.endswith("ifexists"):
        return True
    if operator.lower().startswith("forallvalues:"):
        return True
    if key in _UNDECIDED:
        return True if "*" in values else None
    return _can_meet(operator, key, values)


def _refuses(who: Who, operator: str, key: str, values: Sequence[Any]) -> bool | None:
    if who is Who.EVERYONE:
        return False
    texts = [_text(value) for value in values]
    known = [text for text in texts if text is not None]
    if not meets_strangers(Condition(operator.lower(), key, known)):
        return False
    return True if len(known) == len(texts) else None


def _can_meet(operator: str, key: str, values: Sequence[Any]) -> bool | None:
    """Return whether callers of no fixed origin can fulfil a positive condition."""
    texts = [_text(value) for value in values]
    known = [text for text in texts if text is not None]
    if known and not _narrows(operator, key, known):
        spoken_of = (
            key in FORMS or not key.startswith("aws:") or key.startswith(_CHOSEN)
        )
        return True if spoken_of else None
    return False if len(known) == len(texts) else None


def _narrows(operator: str, key: str, values: list[str]) -> bool:
    if key.endswith(_TOKENS):
        return not any("*" in value or "?" in value for value in values)
    return narrows(Condition(operator.lower(), key, values))


def _text(value: object) -> str | None:
    """Return a value as text, with a name for what is not known but is one thing."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, Unknown):
        return str(value)
    if value.sketch is None:
        return None
    parts = []
    for part in value.sketch:
        if isinstance(part, str):
            parts.append(part)
        elif part.resource or part.name.startswith("AWS:"):
            parts.append("known")
        else:
            return None
    return "".join(parts)
