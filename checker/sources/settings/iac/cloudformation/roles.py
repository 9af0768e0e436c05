"""Convert CloudFormation's IAM roles, as far as guests of identity pools have them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.conditions.unknown import either
from checker.sources.settings.iac.attributes import Spec, many
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    policy,
    undeclared,
)
from checker.sources.settings.iac.links import Links

ROLE = "AWS::IAM::Role"
_BESIDE = (
    ("AWS::IAM::RolePolicy", "RoleName"),
    ("AWS::IAM::Policy", "Roles"),
    ("AWS::IAM::ManagedPolicy", "Roles"),
)
_INLINE: Spec = {
    "PolicyName": "PolicyName",
    "PolicyDocument": lambda values: policy(values.get("PolicyDocument"), "Policies"),
}
TYPES = frozenset({ROLE, *(kind for kind, _ in _BESIDE)})


def role(declared: Declaration, links: Links) -> dict[str, Any]:
    """Return the body of a role with the policies that are declared for it."""
    values = declared.values
    policies = many("Policies", _INLINE)(values)
    if not is_unknown(policies):
        policies = [*policies, *_attached(declared, links), *_beside(declared, links)]
    return {
        "Arn": declared.arn,
        "RoleName": declared.name,
        "AssumeRolePolicyDocument": policy(
            values.get("AssumeRolePolicyDocument"), "AssumeRolePolicyDocument"
        ),
        "policies": policies,
        "_state": {},
    }


def _attached(declared: Declaration, links: Links) -> Iterator[Any]:
    """Yield the managed policies that a role names; AWS's own are not in a template."""
    arns = declared.values.get("ManagedPolicyArns")
    if is_unknown(arns):
        yield undeclared(f"the policies of {declared.address}", "template")
        return
    managed = {
        each.address: each
        for each in links.parents(
            declared, "ManagedPolicyArns", "AWS::IAM::ManagedPolicy"
        )
    }
    yield from (_row(each) for each in managed.values())
    for arn in arns if isinstance(arns, list) else ():
        if isinstance(arn, str):
            missing = undeclared(f"the policy {arn}", "template")
            yield {"PolicyName": arn, "PolicyDocument": missing}
    # One that is not known may be of a policy that stands elsewhere.
    unknown = [arn for arn in arns if is_unknown(arn)] if isinstance(arns, list) else []
    if len(unknown) > len(managed):
        yield undeclared(f"a policy of {declared.address}", "template")


def _beside(declared: Declaration, links: Links) -> Iterator[Any]:
    for kind, attribute in _BESIDE:
        sure, maybe = links.children(declared, kind, attribute)
        for each in sure:
            row = _row(each)
            if is_unknown(each.exists):
                row = either([row, None], each.exists.reason, each.exists.cause)
            yield row
        if maybe:
            yield undeclared(f"{kind} of {declared.address}", "template")


def _row(declared: Declaration) -> Any:
    values = declared.values
    document = policy(values.get("PolicyDocument"), "PolicyDocument")
    return {"PolicyName": declared.address, "PolicyDocument": document}
