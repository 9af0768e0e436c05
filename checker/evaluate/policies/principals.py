"""Match the principals that statements of resource policies name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import Hole, Sketch, same
from checker.evaluate.policies.kleene import kleene_any, many, negated_answer
from checker.evaluate.policies.open_keys import Who
from checker.evaluate.policies.operators import plain

ANYONE = "*"


def is_principal(statement: Mapping[str, Any], wanted: str, who: Who) -> bool | None:
    """Return whether a statement is about a principal, or about everyone."""
    negated = "NotPrincipal" in statement
    if negated and who is Who.EVERYONE and statement.get("Effect") == "Deny":
        return False
    given = statement.get("NotPrincipal" if negated else "Principal")
    listed = (
        [(kind, name) for kind, names in given.items() for name in many(names)]
        if isinstance(given, Mapping)
        else [("AWS", name) for name in many(given)]
    )
    hit = kleene_any(_is_named(kind, name, wanted) for kind, name in listed)
    return negated_answer(hit, negated)


def _is_named(kind: str, name: object, wanted: str) -> bool | None:
    if isinstance(name, Unknown):
        return _may_be_principal(kind, name, wanted)
    name = str(name)
    if name == ANYONE:
        # `*` alone is the same as {"AWS": "*"}: everyone.
        return kind == "AWS"
    account = wanted.split(":")[4] if wanted.startswith("arn:") else wanted
    root = re.fullmatch(r"arn:[^:]*:iam::(\d{12}):root", name)
    return plain(name) == plain(wanted) or (root[1] if root else name) == account


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
    return kleene_any(same(name.sketch, text) for text in texts)
