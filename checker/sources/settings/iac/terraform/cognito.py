"""Convert Terraform's Cognito identity and user pools AWS's own form.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cognito_identity_pool
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cognito_user_pool
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.sources.settings.iac.attributes import (
    Spec,
    block,
    default,
    filled,
    many,
    required,
    shape,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    is_unknown,
    pending,
    undeclared,
)
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.pool_roles import role_of
from checker.sources.settings.iac.terraform import roles

_CLIENTS = ("aws_cognito_user_pool_client", "aws_cognito_managed_user_pool_client")
"""Clients that a plan makes, and those that it manages after AWS has made them."""

TYPES = frozenset(
    {
        "aws_cognito_identity_pool",
        "aws_cognito_identity_pool_roles_attachment",
        "aws_cognito_user_pool",
        *_CLIENTS,
        "aws_cognito_risk_configuration",
        "aws_cognito_log_delivery_configuration",
        "aws_wafv2_web_acl_association",
    }
)

_PROVIDER: Spec = {
    "ClientId": "client_id",
    "ProviderName": "provider_name",
    "ServerSideTokenCheck": "server_side_token_check",
}
_IDENTITY_POOL: Spec = {
    "IdentityPoolName": "identity_pool_name",
    "AllowUnauthenticatedIdentities": default(
        "allow_unauthenticated_identities", otherwise=False
    ),
    "AllowClassicFlow": default("allow_classic_flow", otherwise=False),
    "DeveloperProviderName": "developer_provider_name",
    "SupportedLoginProviders": "supported_login_providers",
    "OpenIdConnectProviderARNs": "openid_connect_provider_arns",
    "SamlProviderARNs": "saml_provider_arns",
    "CognitoIdentityProviders": filled("cognito_identity_providers", _PROVIDER),
}
_MAPPING_RULE: Spec = {
    "Claim": "claim",
    "MatchType": "match_type",
    "RoleARN": "role_arn",
    "Value": "value",
}


def _rules(values: Mapping[str, Any]) -> Any:
    rules = filled("mapping_rule", _MAPPING_RULE)(values)
    return rules if rules is None or is_unknown(rules) else {"Rules": rules}


_MAPPING: Spec = {
    "Type": "type",
    "AmbiguousRoleResolution": "ambiguous_role_resolution",
    "RulesConfiguration": _rules,
}
_PASSWORD: Spec = {
    "MinimumLength": "minimum_length",
    "RequireLowercase": "require_lowercase",
    "RequireNumbers": "require_numbers",
    "RequireSymbols": "require_symbols",
    "RequireUppercase": "require_uppercase",
    "PasswordHistorySize": "password_history_size",
    "TemporaryPasswordValidityDays": "temporary_password_validity_days",
}
_LAMBDA: Spec = {
    "CreateAuthChallenge": "create_auth_challenge",
    "CustomMessage": "custom_message",
    "DefineAuthChallenge": "define_auth_challenge",
    "PostAuthentication": "post_authentication",
    "PostConfirmation": "post_confirmation",
    "PreAuthentication": "pre_authentication",
    "PreSignUp": "pre_sign_up",
    "PreTokenGeneration": "pre_token_generation",
    "UserMigration": "user_migration",
    "VerifyAuthChallengeResponse": "verify_auth_challenge_response",
    "KMSKeyID": "kms_key_id",
}
_RECOVERY: Spec = {
    "RecoveryMechanisms": many(
        "recovery_mechanism", {"Name": "name", "Priority": "priority"}
    )
}
_POLICIES: Spec = {
    "PasswordPolicy": block("password_policy", _PASSWORD),
    "SignInPolicy": block(
        "sign_in_policy", {"AllowedFirstAuthFactors": "allowed_first_auth_factors"}
    ),
}
_USER_POOL: Spec = {
    "Name": "name",
    "MfaConfiguration": default("mfa_configuration", "OFF"),
    "DeletionProtection": default("deletion_protection", "INACTIVE"),
    "UserPoolTier": "user_pool_tier",
    "AdminCreateUserConfig": block(
        "admin_create_user_config",
        {"AllowAdminCreateUserOnly": "allow_admin_create_user_only"},
    ),
    "UserPoolAddOns": block(
        "user_pool_add_ons",
        {
            "AdvancedSecurityMode": "advanced_security_mode",
            "AdvancedSecurityAdditionalFlows": block(
                "advanced_security_additional_flows",
                {"CustomAuthMode": "custom_auth_mode"},
            ),
        },
    ),
    "LambdaConfig": block("lambda_config", _LAMBDA),
    "AccountRecoverySetting": block("account_recovery_setting", _RECOVERY),
    "UsernameConfiguration": block(
        "username_configuration", {"CaseSensitive": "case_sensitive"}
    ),
    "AutoVerifiedAttributes": "auto_verified_attributes",
    "AliasAttributes": "alias_attributes",
    "UsernameAttributes": "username_attributes",
}
_MFA: Spec = {
    "MfaConfiguration": default("mfa_configuration", "OFF"),
    "SoftwareTokenMfaConfiguration": block(
        "software_token_mfa_configuration", {"Enabled": "enabled"}
    ),
    "EmailMfaConfiguration": block(
        "email_mfa_configuration", {"Message": "message", "Subject": "subject"}
    ),
    "SmsMfaConfiguration": block(
        "sms_configuration",
        {
            "SmsConfiguration": lambda values: shape(
                values,
                {"SnsCallerArn": "sns_caller_arn", "ExternalId": "external_id"},
            )
        },
    ),
    "WebAuthnConfiguration": block(
        "web_authn_configuration",
        {
            "RelyingPartyId": "relying_party_id",
            "UserVerification": "user_verification",
            "FactorConfiguration": "factor_configuration",
        },
    ),
}
_UNITS: Spec = {
    "AccessToken": "access_token",
    "IdToken": "id_token",
    "RefreshToken": "refresh_token",
}
_CLIENT: Spec = {
    "ClientId": required("id"),
    "ClientName": "name",
    "UserPoolId": "user_pool_id",
    "has_client_secret": default("generate_secret", otherwise=False),
    "ExplicitAuthFlows": "explicit_auth_flows",
    "AllowedOAuthFlows": "allowed_oauth_flows",
    "AllowedOAuthScopes": "allowed_oauth_scopes",
    "AllowedOAuthFlowsUserPoolClient": "allowed_oauth_flows_user_pool_client",
    "CallbackURLs": "callback_urls",
    "LogoutURLs": "logout_urls",
    "DefaultRedirectURI": "default_redirect_uri",
    "SupportedIdentityProviders": "supported_identity_providers",
    "PreventUserExistenceErrors": "prevent_user_existence_errors",
    "EnableTokenRevocation": "enable_token_revocation",
    "EnablePropagateAdditionalUserContextData": (
        "enable_propagate_additional_user_context_data"
    ),
    "AccessTokenValidity": "access_token_validity",
    "IdTokenValidity": "id_token_validity",
    "RefreshTokenValidity": "refresh_token_validity",
    "TokenValidityUnits": block("token_validity_units", _UNITS),
    "ReadAttributes": "read_attributes",
    "WriteAttributes": "write_attributes",
}
_ACTION: Spec = {"EventAction": "event_action", "Notify": "notify"}
_RISK: Spec = {
    "UserPoolId": "user_pool_id",
    "ClientId": "client_id",
    "CompromisedCredentialsRiskConfiguration": block(
        "compromised_credentials_risk_configuration",
        {
            "EventFilter": "event_filter",
            "Actions": block("actions", {"EventAction": "event_action"}),
        },
    ),
    "AccountTakeoverRiskConfiguration": block(
        "account_takeover_risk_configuration",
        {
            "Actions": block(
                "actions",
                {
                    "LowAction": block("low_action", _ACTION),
                    "MediumAction": block("medium_action", _ACTION),
                    "HighAction": block("high_action", _ACTION),
                },
            )
        },
    ),
    "RiskExceptionConfiguration": block(
        "risk_exception_configuration",
        {
            "BlockedIPRangeList": "blocked_ip_range_list",
            "SkippedIPRangeList": "skipped_ip_range_list",
        },
    ),
}
_DELIVERY: Spec = {
    "UserPoolId": "user_pool_id",
    "LogConfigurations": many(
        "log_configurations",
        {
            "LogLevel": "log_level",
            "EventSource": "event_source",
            "CloudWatchLogsConfiguration": block(
                "cloud_watch_logs_configuration", {"LogGroupArn": "log_group_arn"}
            ),
            "S3Configuration": block("s3_configuration", {"BucketArn": "bucket_arn"}),
            "FirehoseConfiguration": block(
                "firehose_configuration", {"StreamArn": "stream_arn"}
            ),
        },
    ),
}


def entries(links: Links) -> Iterator[Entry]:
    """Return the bodies of the pools of a plan."""
    for each in links.of("aws_cognito_identity_pool"):
        yield (
            "identity_pools",
            _identity_pool(each, links),
            SourcePosition(1, each.address),
        )
    for each in links.of("aws_cognito_user_pool"):
        yield "user_pools", _user_pool(each, links), SourcePosition(1, each.address)


def _identity_pool(declared: Declaration, links: Links) -> dict[str, Any]:
    attached = links.part(
        declared,
        "aws_cognito_identity_pool_roles_attachment",
        "identity_pool_id",
        lambda each: _roles(each.values),
        None if declared.new else undeclared("roles", "plan"),
    )
    return {
        "IdentityPoolId": declared.name,
        "arn": declared.arn,
        **shape(declared.values, _IDENTITY_POOL),
        "region": declared.region,
        "roles": attached,
        **{
            part: role_of(
                kind,
                attached,
                links.of(roles.ROLE),
                lambda role: roles.role(role, links),
                "plan",
            )
            for part, kind in (
                ("guest_role", "unauthenticated"),
                ("authenticated_role", "authenticated"),
            )
        },
        "_state": {"roles": "absent"} if attached is None else {},
    }


def _roles(values: Mapping[str, Any]) -> dict[str, Any]:
    mappings = values.get("role_mapping")
    body: dict[str, Any] = shape(values, {"Roles": "roles"})
    if is_unknown(mappings) or not isinstance(mappings, list):
        return {**body, "RoleMappings": mappings} if mappings is not None else body
    named: dict[str, Any] = {}
    for each in mappings:
        provider = each if is_unknown(each) else each.get("identity_provider")
        if not isinstance(provider, str):
            return {**body, "RoleMappings": pending("role_mapping: not known yet")}
        named[provider] = shape(each, _MAPPING)
    return {**body, "RoleMappings": named} if named else body


def _user_pool(declared: Declaration, links: Links) -> dict[str, Any]:
    found = [links.children(declared, kind, "user_pool_id") for kind in _CLIENTS]
    sure = [each for several, _ in found for each in several]
    clients: Any = [_client(each, links) for each in sure]
    if any(maybe for _, maybe in found):
        clients = pending("clients: known only after apply")
    elif not sure and not declared.new:
        clients = undeclared("clients", "plan")
    body = {
        "Id": declared.name,
        "Arn": declared.arn,
        **shape(declared.values, _USER_POOL),
        "Policies": shape(declared.values, _POLICIES),
        "region": declared.region,
        "mfa_config": shape(declared.values, _MFA),
        "risk_configuration": _risk(declared, links),
        "log_delivery": links.part(
            declared,
            "aws_cognito_log_delivery_configuration",
            "user_pool_id",
            lambda each: shape(each.values, _DELIVERY),
            None if declared.new else undeclared("log_delivery", "plan"),
        ),
        "web_acl": links.part(
            declared,
            "aws_wafv2_web_acl_association",
            "resource_arn",
            lambda each: {"ARN": each.values.get("web_acl_arn")},
            undeclared("web_acl", "plan"),
        ),
        "clients": clients,
    }
    absent = [
        name for name in ("risk_configuration", "log_delivery") if not _set(body, name)
    ]
    return {**body, "_state": dict.fromkeys(absent, "absent")}


def _client(declared: Declaration, links: Links) -> dict[str, Any]:
    return {
        **shape(declared.values, _CLIENT),
        "risk_configuration": links.part(
            declared,
            "aws_cognito_risk_configuration",
            "client_id",
            lambda each: shape(each.values, _RISK),
            None,
        ),
    }


def _set(body: Mapping[str, Any], name: str) -> bool:
    return is_unknown(body[name]) or body[name] is not None


def _risk(declared: Declaration, links: Links) -> Any:
    """Return the pool's own risk configuration, not that of a single client."""
    kind = "aws_cognito_risk_configuration"
    sure, maybe = links.children(declared, kind, "user_pool_id")
    own = [
        each
        for each in sure
        if not is_unknown(each.values.get("client_id"))
        and not each.values.get("client_id")
        and "client_id" not in each.references
    ]
    if len(own) == 1 and not maybe:
        return shape(own[0].values, _RISK)
    if maybe or len(own) > 1:
        return pending(f"{kind}: which is for {declared.address} is not known yet")
    return None if declared.new else undeclared("risk_configuration", "plan")
