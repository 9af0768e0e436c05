"""Collect Cognito identity pools, and user pools with their clients.

https://docs.aws.amazon.com/cognito/latest/developerguide/what-is-amazon-cognito.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checker.sources.settings.account import permissions
from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    mark_missing,
    overall,
    place,
)

# A pool without threat protection has no risk configuration, whichever way the
# service says so.
_NO_RISK = frozenset(
    {
        "FeatureUnavailableInTierException",
        "OperationNotEnabledException",
        "ResourceNotFoundException",
        "UserPoolAddOnNotEnabledException",
    }
)
_PAGE = 60
_WEB_ACL = ("ARN", "Id", "Name")


def identity_pools(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect every identity pool, with the roles that it gives out."""

    def collect(region: str) -> tuple[str, list[Body]]:
        question = Question(
            "cognito-identity", "list_identity_pools", region, "identity_pools"
        )
        listed = caller.rows(question, "IdentityPools", MaxResults=_PAGE)
        return listed.state, [
            _identity_pool(caller, row, region) for row in listed.rows
        ]

    return _by_region(collect, regions, "identity pools", "IdentityPoolId", progress)


def user_pools(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect every user pool, with its sign-in settings and its clients."""

    def collect(region: str) -> tuple[str, list[Body]]:
        question = Question("cognito-idp", "list_user_pools", region, "user_pools")
        listed = caller.rows(question, "UserPools", MaxResults=_PAGE)
        return listed.state, [_user_pool(caller, row, region) for row in listed.rows]

    return _by_region(collect, regions, "user pools", "Id", progress)


def _by_region(
    collect: Callable[[str], tuple[str, list[Body]]],
    regions: Sequence[str],
    stage: str,
    key: str,
    progress: Progress | None,
) -> tuple[list[Body], str]:
    results = at_once(collect, regions, stage, progress)
    rows = [row for _, found in results for row in found]
    rows.sort(key=lambda row: (row["region"], row[key]))
    return rows, overall(state for state, _ in results)


def _identity_pool(caller: Caller, row: Body, region: str) -> Body:
    pool = row["IdentityPoolId"]
    question = Question(
        "cognito-identity", "describe_identity_pool", region, "identity_pools", pool
    )
    described = caller.ask(question, IdentityPoolId=pool)
    arn = (
        f"arn:{caller.partition}:cognito-identity:{region}:{caller.account}"
        f":identitypool/{pool}"
    )
    body: Body = row | described.body | {"region": region, "arn": arn}
    if caller.account is None:
        place(body, "arn", "error", None)
    if described.state != "ok":
        mark_missing(body, question, described.state, None)
    asked = Question(
        "cognito-identity",
        "get_identity_pool_roles",
        region,
        "identity_pools.roles",
        pool,
    )
    roles = caller.ask(asked, IdentityPoolId=pool)
    roles.body.pop("IdentityPoolId", None)
    place(body, "roles", roles.state, roles.body if roles.state == "ok" else None)
    given = roles.body.get("Roles") or {}
    role, section = given.get("authenticated"), "identity_pools.authenticated_role"
    users: tuple[str, Body | None] = (roles.state, None)
    if role:
        users = permissions.trusting_role(caller, role, pool, section)
    place(body, "authenticated_role", *users)
    role = given.get("unauthenticated")
    guests = permissions.guest_role(caller, role, pool) if role else (roles.state, None)
    place(body, "guest_role", *guests)
    return body


def _user_pool(caller: Caller, row: Body, region: str) -> Body:
    pool = row["Id"]
    question = Question("cognito-idp", "describe_user_pool", region, "user_pools", pool)
    described = caller.ask(question, UserPoolId=pool)
    body: Body = row | described.body.get("UserPool", {}) | {"region": region}
    if described.state != "ok":
        mark_missing(body, question, described.state, "UserPool")

    asked = Question(
        "cognito-idp", "get_user_pool_mfa_config", region, "user_pools.mfa_config", pool
    )
    mfa = caller.ask(asked, UserPoolId=pool)
    place(body, "mfa_config", mfa.state, mfa.body or None)

    asked = Question(
        "cognito-idp",
        "get_log_delivery_configuration",
        region,
        "user_pools.log_delivery",
        pool,
    )
    logs = caller.ask(asked, UserPoolId=pool)
    delivery = logs.body.get("LogDeliveryConfiguration")
    place(body, "log_delivery", logs.state, delivery)

    _risk(caller, body, region, "user_pools.risk_configuration", UserPoolId=pool)
    _web_acl(caller, body, region)
    _clients(caller, body, pool, region)
    return body


def _risk(caller: Caller, body: Body, region: str, section: str, **names: str) -> None:
    resource = "/".join(names.values())
    question = Question(
        "cognito-idp",
        "describe_risk_configuration",
        region,
        section,
        resource,
        _NO_RISK,
    )
    answer = caller.ask(question, **names)
    value = answer.body.get("RiskConfiguration")
    place(body, "risk_configuration", answer.state, value)


def _web_acl(caller: Caller, body: Body, region: str) -> None:
    """Put the web ACL of a user pool into its body: which it is, not its rules.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACLForResource.html
    """
    pool = body["Id"]
    arn = (
        f"arn:{caller.partition}:cognito-idp:{region}:{caller.account}:userpool/{pool}"
    )
    section = "user_pools.web_acl"
    question = Question("wafv2", "get_web_acl_for_resource", region, section, pool)
    answer = caller.ask(question, ResourceArn=body.get("Arn") or arn)
    found = answer.body.get("WebACL") or {}
    value = {key: found[key] for key in _WEB_ACL if key in found}
    place(body, "web_acl", answer.state, value or None)


def _clients(caller: Caller, body: Body, pool: str, region: str) -> None:
    question = Question(
        "cognito-idp", "list_user_pool_clients", region, "user_pools.clients", pool
    )
    listed = caller.rows(question, "UserPoolClients", UserPoolId=pool, MaxResults=_PAGE)
    clients = [_client(caller, row, pool, region) for row in listed.rows]
    clients.sort(key=lambda client: str(client["ClientId"]))
    place(body, "clients", listed.state, clients)


def _client(caller: Caller, row: Body, pool: str, region: str) -> Body:
    client = row["ClientId"]
    question = Question(
        "cognito-idp",
        "describe_user_pool_client",
        region,
        "user_pools.clients",
        f"{pool}/{client}",
    )
    described = caller.ask(question, UserPoolId=pool, ClientId=client)
    settings = described.body.get("UserPoolClient", {})
    secret = settings.pop("ClientSecret", None) is not None
    body: Body = row | settings
    if described.state == "ok":
        body["has_client_secret"] = secret
    else:
        mark_missing(body, question, described.state, "UserPoolClient")
        body["_state"].pop("ClientSecret", None)
        body["_state"]["has_client_secret"] = described.state
    section = "user_pools.clients.risk_configuration"
    _risk(caller, body, region, section, UserPoolId=pool, ClientId=client)
    return body
