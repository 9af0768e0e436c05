"""Convert Terraform's IAM roles, as far as guests of identity pools have them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.sources.settings.iac.attributes import many
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    pending,
    policy,
    undeclared,
)
from checker.sources.settings.iac.links import Links

ROLE = "aws_iam_role"
_ATTACHMENTS = (
    ("aws_iam_role_policy_attachment", "role"),
    ("aws_iam_policy_attachment", "roles"),
)
TYPES = frozenset(
    {
        ROLE,
        *(kind for kind, _ in _ATTACHMENTS),
        "aws_iam_role_policy",
        "aws_iam_policy",
    }
)


def role(declared: Declaration, links: Links) -> dict[str, Any]:
    """Return the body of a role with the policies that are declared for it."""
    values = declared.values
    policies = many(
        "inline_policy", {"PolicyName": "name", "PolicyDocument": "policy"}
    )(values)
    if not is_unknown(policies):
        policies = [
            *({**each, **_document(each)} for each in policies if each),
            *_attached(declared, links),
            *_beside(declared, links),
        ]
    elif declared.new:
        policies = [*_attached(declared, links), *_beside(declared, links)]
    return {
        "Arn": declared.arn,
        "RoleName": declared.name,
        "AssumeRolePolicyDocument": policy(
            values.get("assume_role_policy"), "assume_role_policy"
        ),
        "policies": policies,
        "_state": {},
    }


def _document(row: dict[str, Any]) -> dict[str, Any]:
    return {"PolicyDocument": policy(row.get("PolicyDocument"), "inline_policy")}


def _attached(declared: Declaration, links: Links) -> Iterator[Any]:
    """Yield the managed policies of a role; AWS's own are not in a plan."""
    for kind, attribute in _ATTACHMENTS:
        sure, maybe = links.children(declared, kind, attribute)
        for each in sure:
            named = links.parents(each, "policy_arn", "aws_iam_policy")
            if len(named) == 1:
                yield _row(named[0])
            else:
                arn = each.values.get("policy_arn")
                yield _missing(arn if isinstance(arn, str) else each.address)
        if maybe:
            yield pending(f"policies of {declared.address}: known only after apply")
    yield from _managed(declared, links)


def _managed(declared: Declaration, links: Links) -> Iterator[Any]:
    """Yield the policies that a role itself names by their ARNs."""
    arns = declared.values.get("managed_policy_arns")
    every = arns if isinstance(arns, list) else [arns]
    for arn in every:
        if isinstance(arn, str):
            yield _missing(arn)
    unknown = [arn for arn in every if is_unknown(arn)]
    named = links.parents(declared, "managed_policy_arns", "aws_iam_policy")
    yield from (_row(each) for each in named if unknown)
    # A list that is not known may hold more than what it names.
    if unknown and (is_unknown(arns) or len(named) != len(unknown)):
        yield pending(f"policies of {declared.address}: known only after apply")


def _missing(name: str) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "PolicyDocument": undeclared(f"the policy {name}", "plan"),
    }


def _beside(declared: Declaration, links: Links) -> Iterator[Any]:
    sure, maybe = links.children(declared, "aws_iam_role_policy", "role")
    yield from (_row(each) for each in sure)
    if maybe:
        yield pending(f"policies of {declared.address}: known only after apply")


def _row(declared: Declaration) -> dict[str, Any]:
    document = policy(declared.values.get("policy"), "policy")
    return {"PolicyName": declared.name, "PolicyDocument": document}
