"""Convert CloudFormation's Cognito identity and user pools AWS's own form.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-identitypool.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    filled,
    flag,
    many,
    one,
    same,
    shape,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    is_unknown,
    pending,
    present,
    undeclared,
)
from checker.sources.settings.iac.links import Links

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
        {"AllowAdminCreateUserOnly": flag("AllowAdminCreateUserOnly", default=False)},
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
    return {
        "IdentityPoolId": pending(f"IdentityPoolId: {_DEPLOYED}"),
        "arn": pending(f"{declared.address}: its ARN is {_DEPLOYED}"),
        **shape(declared.values, _IDENTITY_POOL),
        "region": declared.region,
        "roles": links.part(
            declared,
            "AWS::Cognito::IdentityPoolRoleAttachment",
            "IdentityPoolId",
            lambda each: _roles(each.values),
            undeclared("roles", "template"),
        ),
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
    clients: Any = [_client(each) for each in sure]
    if maybe or not sure:
        clients = (
            pending(f"clients: {_DEPLOYED}")
            if maybe
            else undeclared("clients", "template")
        )
    body = {
        "Id": pending(f"{declared.address}: its id is {_DEPLOYED}"),
        "Arn": pending(f"{declared.address}.Arn: {_DEPLOYED}"),
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
    body.setdefault("Policies", pending("Policies: AWS's default password policy"))
    return body


_DELIVERY: Spec = same(
    "LogLevel",
    "EventSource",
    "CloudWatchLogsConfiguration",
    "S3Configuration",
    "FirehoseConfiguration",
)


def _client(declared: Declaration) -> dict[str, Any]:
    return {
        "ClientId": pending(f"{declared.address}: its id is {_DEPLOYED}"),
        **shape(declared.values, _CLIENT),
    }


def _mfa(values: Mapping[str, Any]) -> Any:
    """Return the factors as GetUserPoolMfaConfig does, from EnabledMfas."""
    factors = values.get("EnabledMfas")
    if is_unknown(factors):
        return factors
    several = factors if isinstance(factors, list) else []
    unsure = [each for each in several if is_unknown(each)]
    if unsure:
        return unsure[0]
    software = {"Enabled": True} if "SOFTWARE_TOKEN_MFA" in several else None
    sms = values.get("SmsConfiguration")
    texts = {"SmsConfiguration": sms} if "SMS_MFA" in several else None
    return present(
        {
            "MfaConfiguration": default("MfaConfiguration", "OFF")(values),
            "SoftwareTokenMfaConfiguration": software,
            "SmsMfaConfiguration": texts,
        }
    )


def _risk(declared: Declaration, links: Links) -> Any:
    """Return the pool's own risk configuration (client ALL), not a single client's."""
    kind = "AWS::Cognito::UserPoolRiskConfigurationAttachment"
    sure, maybe = links.children(declared, kind, "UserPoolId")
    clients = [(each, each.values.get("ClientId")) for each in sure]
    own = [
        each for each, client in clients if not is_unknown(client) and client == "ALL"
    ]
    if len(own) == 1 and not maybe:
        return shape(own[0].values, _RISK)
    return undeclared("risk_configuration", "template")
