"""Read from a trust policy whether it says whose identities of a provider it means.

GitHub, GitLab, HCP Terraform, Buildkite and Amazon Cognito serve everybody: a role that
trusts one of them has to name the repository, workspace or pool by a condition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from checker.conditions.policy_audience import Condition, conditions_of

_COGNITO: Final = "cognito-identity.amazonaws.com"
_CLAIMS: Final = frozenset(
    "sub repository repository_id repository_owner repository_owner_id enterprise "
    "enterprise_id workflow_ref job_workflow_ref actor actor_id "  # GitHub
    "namespace_path namespace_id project_path project_id user_id user_login "  # GitLab
    "terraform_organization_id terraform_organization_name terraform_project_id "
    "terraform_workspace_id organization_slug organization_id pipeline_slug "
    "pipeline_id".split()
)
"""Claims that name an owner: of the audience (`aud`) anybody may ask for the same."""

_WILD: Final = {
    "stringequals": False,
    "stringequalsignorecase": False,
    "stringlike": True,
}
"""The operators that compare with what is named, and whether `*` is a wildcard."""


def trusts(statement: Mapping[str, Any], provider: str) -> bool:
    """Return whether a provider is among the federated principals of a statement."""
    principal = statement.get("Principal")
    named = principal.get("Federated") if type(principal) is dict else None
    texts = named if type(named) is list else [named]
    return any(
        text.lower() == provider or text.lower().endswith(f":oidc-provider/{provider}")
        for text in texts
        if type(text) is str
    )


def binds(statement: Mapping[str, Any], provider: str) -> bool:
    """Return whether a condition of a statement names an owner at the provider.

    Tokens always have these claims, so `…IfExists` and `ForAllValues:` bind as well.
    """
    claims = {"aud", "sub"} if provider == _COGNITO else _CLAIMS
    keys = {f"{provider}:{claim}" for claim in claims}
    return any(
        each.key in keys and _names_owner(each) for each in conditions_of(statement)
    )


def _names_owner(condition: Condition) -> bool:
    operator = condition.operator.removesuffix("ifexists")
    operator = operator.removeprefix("foranyvalue:").removeprefix("forallvalues:")
    wild = _WILD.get(operator)
    if wild is None or not condition.values:
        return False
    return all(_owner(each, wild=wild) for each in condition.values)


def _owner(value: str, *, wild: bool) -> bool:
    """Return whether a value names an owner before its first wildcard.

    A subject begins with the kind of its owner (`repo:example/web:…`), or several such
    pairs; the owner is whole where a separator follows it.
    """
    if "${" in value:
        return False
    cut = min((value.find(each) for each in "*?" if each in value), default=-1)
    if not wild or cut < 0:
        return True
    head = value[:cut]
    _, colon, rest = head.partition(":")
    name = rest if colon else head
    return any(name.find(separator) > 0 for separator in "/:")
