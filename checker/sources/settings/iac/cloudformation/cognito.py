"""Convert CloudFormation's Cognito identity and user pools AWS's own form.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-identitypool.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import Hole
from checker.conditions.unknown import either
from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    each_of,
    filled,
    flag,
    many,
    one,
    same,
    shape,
)
from checker.sources.settings.iac.cloudformation import roles
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    arn_start,
    is_unknown,
    pending,
    present,
    text,
    undeclared,
)
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.pool_roles import role_of

TYPES = frozenset(
    {
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::IdentityPoolRoleAttachment",
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolRiskConfigurationAttachment",
        "AWS::Cognito::LogDeliveryConfiguration",
        "AWS::WAFv2::WebACLAssociation",
    }
)

_DEPLOYED = "known only when it is deployed"
_IDENTITY_POOL: Spec = {
    "IdentityPoolName": "IdentityPoolName",
    "AllowUnauthenticatedIdentities": flag(
        "AllowUnauthenticatedIdentities", default=False
    ),
    "AllowClassicFlow": flag("AllowClassicFlow", default=False),
    "CognitoIdentityProviders": filled(
        "CognitoIdentityProviders",
        {
            **same("ClientId", "ProviderName"),
            "ServerSideTokenCheck": flag("ServerSideTokenCheck", default=False),
        },
    ),
    **same(
        "DeveloperProviderName",
        "SupportedLoginProviders",
        "OpenIdConnectProviderARNs",
        "SamlProviderARNs",
    ),
}
_PASSWORD: Spec = {
    **same("MinimumLength", "PasswordHistorySize", "TemporaryPasswordValidityDays"),
    **{
        name: flag(name, default=None)
        for name in (
            "RequireLowercase",
            "RequireNumbers",
            "RequireSymbols",
            "RequireUppercase",
        )
    },
}
_USER_POOL: Spec = {
    "Name": "UserPoolName",
    "MfaConfiguration": default("MfaConfiguration", "OFF"),
    "DeletionProtection": default("DeletionProtection", "INACTIVE"),
    "AdminCreateUserConfig": one(
        "AdminCreateUserConfig",
        {
            "AllowAdminCreateUserOnly": flag("AllowAdminCreateUserOnly", default=False),
            "UnusedAccountValidityDays": "UnusedAccountValidityDays",
        },
    ),
    "Policies": one(
        "Policies",
        {
            "PasswordPolicy": one("PasswordPolicy", _PASSWORD),
            "SignInPolicy": "SignInPolicy",
        },
    ),
    **same(
        "UserPoolTier",
        "UserPoolAddOns",
        "LambdaConfig",
        "AccountRecoverySetting",
        "UsernameConfiguration",
        "AutoVerifiedAttributes",
        "AliasAttributes",
        "UsernameAttributes",
        "UserAttributeUpdateSettings",
    ),
}
_CLIENT: Spec = {
    "has_client_secret": flag("GenerateSecret", default=False),
    "AllowedOAuthFlowsUserPoolClient": flag(
        "AllowedOAuthFlowsUserPoolClient", default=False
    ),
    "EnableTokenRevocation": flag("EnableTokenRevocation", default=True),
    "EnablePropagateAdditionalUserContextData": flag(
        "EnablePropagateAdditionalUserContextData", default=False
    ),
    **same(
        "ClientName",
        "UserPoolId",
        "ExplicitAuthFlows",
        "AllowedOAuthFlows",
        "AllowedOAuthScopes",
        "CallbackURLs",
        "LogoutURLs",
        "DefaultRedirectURI",
        "SupportedIdentityProviders",
        "PreventUserExistenceErrors",
        "AccessTokenValidity",
        "IdTokenValidity",
        "RefreshTokenValidity",
        "TokenValidityUnits",
        "ReadAttributes",
        "WriteAttributes",
    ),
}
_RISK: Spec = same(
    "UserPoolId",
    "ClientId",
    "AccountTakeoverRiskConfiguration",
    "CompromisedCredentialsRiskConfiguration",
    "RiskExceptionConfiguration",
)
_MAPPING: Spec = same("Type", "AmbiguousRoleResolution", "RulesConfiguration")


def entries(links: Links) -> Iterator[Entry]:
    """Return the bodies of the pools of a template."""
    for each in links.of("AWS::Cognito::IdentityPool"):
        place = SourcePosition(each.line, each.address)
        yield "identity_pools", _identity_pool(each, links), place
    for each in links.of("AWS::Cognito::UserPool"):
        yield (
            "user_pools",
            _user_pool(each, links),
            SourcePosition(each.line, each.address),
        )


def _identity_pool(declared: Declaration, links: Links) -> dict[str, Any]:
    attached = links.part(
        declared,
        "AWS::Cognito::IdentityPoolRoleAttachment",
        "IdentityPoolId",
        lambda each: _roles(each.values),
        undeclared("roles", "template"),
    )
    return {
        "IdentityPoolId": declared.name,
        "arn": text(
            (
                *arn_start("cognito-identity", declared.region, declared.account),
                "identitypool/",
                declared.name,
            ),
            f"{declared.address}: its ARN is {_DEPLOYED}",
        ),
        **shape(declared.values, _IDENTITY_POOL),
        "region": declared.region,
        "roles": attached,
        **{
            part: role_of(
                kind,
                attached,
                links.of(roles.ROLE),
                lambda role: roles.role(role, links),
                "template",
            )
            for part, kind in (
                ("guest_role", "unauthenticated"),
                ("authenticated_role", "authenticated"),
            )
        },
        "_state": {},
    }


def _roles(values: Mapping[str, Any]) -> Any:
    """Return the roles; mappings are keyed by provider or by any name."""
    body: dict[str, Any] = shape(values, same("Roles"))
    mappings = values.get("RoleMappings")
    if is_unknown(mappings):
        return {**body, "RoleMappings": mappings}
    if not isinstance(mappings, dict):
        return body
    named: dict[str, Any] = {}
    for key, mapping in mappings.items():
        provider = mapping.get("IdentityProvider") if isinstance(mapping, dict) else key
        if is_unknown(mapping) or is_unknown(provider):
            return {**body, "RoleMappings": pending(f"RoleMappings: {_DEPLOYED}")}
        named[provider or key] = shape(mapping, _MAPPING)
    return {**body, "RoleMappings": named}


def _user_pool(declared: Declaration, links: Links) -> dict[str, Any]:
    values = declared.values
    sure, maybe = links.children(declared, "AWS::Cognito::UserPoolClient", "UserPoolId")
    clients: Any = [_optional(each, links) for each in sure]
    if maybe or not sure:
        clients = (
            pending(f"clients: {_DEPLOYED}")
            if maybe
            else undeclared("clients", "template")
        )
    body = {
        "Id": declared.name,
        "Arn": declared.arn,
        **shape(values, _USER_POOL),
        "region": declared.region,
        "mfa_config": _mfa(values),
        "risk_configuration": _risk(declared, links),
        "log_delivery": links.part(
            declared,
            "AWS::Cognito::LogDeliveryConfiguration",
            "UserPoolId",
            lambda each: {
                "LogConfigurations": many("LogConfigurations", _DELIVERY)(each.values)
            },
            undeclared("log_delivery", "template"),
        ),
        "web_acl": links.part(
            declared,
            "AWS::WAFv2::WebACLAssociation",
            "ResourceArn",
            lambda each: {"ARN": each.values.get("WebACLArn")},
            undeclared("web_acl", "template"),
        ),
        "clients": clients,
        "_state": {},
    }
    policies = body.get("Policies")
    body["Policies"] = each_of(policies, _policies)
    return body


def _policies(policies: Any) -> Any:
    """Return a pool's policies with the default of what is left out.

    Where nothing is chosen, users sign in with their password.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignInPolicyType.html
    """
    if is_unknown(policies):
        return policies
    return {
        "PasswordPolicy": pending("PasswordPolicy: AWS's default password policy"),
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        **(policies or {}),
    }


def _optional(declared: Declaration, links: Links) -> Any:
    body = _client(declared, links)
    if not is_unknown(declared.exists):
        return body
    return either([body, None], declared.exists.reason, declared.exists.cause)


_WEB_AUTHN: Spec = {
    "RelyingPartyId": "WebAuthnRelyingPartyID",
    "UserVerification": "WebAuthnUserVerification",
    "FactorConfiguration": "WebAuthnFactorConfiguration",
}
_DELIVERY: Spec = same(
    "LogLevel",
    "EventSource",
    "CloudWatchLogsConfiguration",
    "S3Configuration",
    "FirehoseConfiguration",
)


def _client(declared: Declaration, links: Links) -> dict[str, Any]:
    return {
        "ClientId": declared.name,
        **shape(declared.values, _CLIENT),
        "risk_configuration": links.part(
            declared,
            "AWS::Cognito::UserPoolRiskConfigurationAttachment",
            "ClientId",
            lambda each: shape(each.values, _RISK),
            None,
        ),
    }


def _mfa(values: Mapping[str, Any]) -> Any:
    """Return the factors as GetUserPoolMfaConfig does, from EnabledMfas."""
    return each_of(values.get("EnabledMfas"), lambda factors: _factors(factors, values))


def _factors(factors: Any, values: Mapping[str, Any]) -> Any:
    several = factors if isinstance(factors, list) else []
    unsure = [each for each in several if is_unknown(each)]
    if unsure:
        return unsure[0]
    sms = values.get("SmsConfiguration")
    # A pool that can send SMS may have made it a factor, which AWS does not document.
    perhaps = (
        pending("EnabledMfas: not given, and whether SMS is one is not documented")
        if factors is None and sms is not None
        else None
    )
    return present(
        {
            "MfaConfiguration": default("MfaConfiguration", "OFF")(values),
            "SoftwareTokenMfaConfiguration": (
                {"Enabled": True} if "SOFTWARE_TOKEN_MFA" in several else None
            ),
            "SmsMfaConfiguration": (
                {"SmsConfiguration": sms} if "SMS_MFA" in several else perhaps
            ),
            "EmailMfaConfiguration": (
                {"Message": values.get("EmailAuthenticationMessage")}
                if "EMAIL_OTP" in several
                else None
            ),
            "WebAuthnConfiguration": shape(values, _WEB_AUTHN) or None,
        }
    )


def _risk(declared: Declaration, links: Links) -> Any:
    """Return the pool's own risk configuration (client ALL), not a single client's."""
    kind = "AWS::Cognito::UserPoolRiskConfigurationAttachment"
    sure, maybe = links.children(declared, kind, "UserPoolId")
    own = [each for each in sure if _is_of_pool(each.values.get("ClientId"))]
    unsure = [each for each in sure if _may_be_of_pool(each.values.get("ClientId"))]
    missing = undeclared("risk_configuration", "template")
    if maybe or unsure or len(own) > 1 or not own:
        return missing
    body = shape(own[0].values, _RISK)
    exists = own[0].exists
    if not is_unknown(exists):
        return body
    return either([body, missing], exists.reason, exists.cause)


def _may_be_of_pool(client: Any) -> bool:
    """Return whether a client that is not known may be ALL; a reference names one."""
    if not isinstance(client, Unknown):
        return False
    first = client.sketch[0] if client.sketch else None
    return not (isinstance(first, Hole) and first.resource)


def _is_of_pool(client: Any) -> bool:
    return not is_unknown(client) and bool(client == "ALL")
