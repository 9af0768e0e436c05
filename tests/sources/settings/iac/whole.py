"""A template and a plan in which everything that is judged is written down."""

from __future__ import annotations

from typing import Any

from tests.sources.settings.iac.plans import plan, ref, res

POLICY: dict[str, Any] = {"Statement": []}
TEXT = '{"Statement": []}'


def _ref(name: str, attribute: str | None = None) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}


_ALARM: dict[str, Any] = {
    "ActionsEnabled": True,
    "AlarmActions": [_ref("Topic")],
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    "Threshold": 1,
    "TreatMissingData": "notBreaching",
}
_ACTIONS: dict[str, Any] = {
    f"{level}Action": {"EventAction": "BLOCK", "Notify": True}
    for level in ("Low", "Medium", "High")
}
_RISK: dict[str, Any] = {
    "UserPoolId": _ref("Pool"),
    "AccountTakeoverRiskConfiguration": {"Actions": _ACTIONS},
    "CompromisedCredentialsRiskConfiguration": {
        "EventFilter": ["SIGN_IN"],
        "Actions": {"EventAction": "BLOCK"},
    },
}
_RESOURCES: dict[str, tuple[str, dict[str, Any]]] = {
    "Trail": (
        "AWS::CloudTrail::Trail",
        {
            "IsLogging": True,
            "S3BucketName": _ref("Logs"),
            "KMSKeyId": _ref("Key", "Arn"),
            "CloudWatchLogsLogGroupArn": _ref("Group", "Arn"),
            "CloudWatchLogsRoleArn": _ref("Guest", "Arn"),
            "SnsTopicName": _ref("Topic"),
            "Tags": [{"Key": "a", "Value": "b"}],
        },
    ),
    "Store": (
        "AWS::CloudTrail::EventDataStore",
        {"KmsKeyId": _ref("Key", "Arn"), "RetentionPeriod": 90},
    ),
    "Key": ("AWS::KMS::Key", {"KeyPolicy": POLICY}),
    "Logs": (
        "AWS::S3::Bucket",
        {
            "AccessControl": "PublicRead",
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
            "VersioningConfiguration": {"Status": "Enabled"},
            "LoggingConfiguration": {"DestinationBucketName": "other"},
            "LifecycleConfiguration": {
                "Rules": [{"Status": "Enabled", "ExpirationInDays": 400}]
            },
            "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {
                    "DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1, "Years": 1}
                },
            },
        },
    ),
    "BucketPolicy": (
        "AWS::S3::BucketPolicy",
        {"Bucket": _ref("Logs"), "PolicyDocument": POLICY},
    ),
    "Group": (
        "AWS::Logs::LogGroup",
        {"RetentionInDays": 14, "KmsKeyId": _ref("Key", "Arn")},
    ),
    "Access": (
        "AWS::Logs::ResourcePolicy",
        {"PolicyName": "p", "PolicyDocument": TEXT},
    ),
    "Filter": (
        "AWS::Logs::MetricFilter",
        {
            "LogGroupName": _ref("Group"),
            "FilterPattern": "x",
            "FieldSelectionCriteria": "x",
            "EmitSystemFieldDimensions": ["@aws.account"],
            "MetricTransformations": [
                {
                    "MetricName": "m",
                    "MetricNamespace": "n",
                    "MetricValue": "1",
                    "DefaultValue": 0,
                    "Unit": "Count",
                    "Dimensions": [{"Key": "a", "Value": "b"}],
                }
            ],
        },
    ),
    "Alarm": (
        "AWS::CloudWatch::Alarm",
        {
            **_ALARM,
            "MetricName": "m",
            "Namespace": "n",
            "Statistic": "Sum",
            "ExtendedStatistic": "p99",
            "Unit": "Count",
            "Dimensions": [{"Name": "a", "Value": "b"}],
        },
    ),
    "Query": (
        "AWS::CloudWatch::Alarm",
        {
            **_ALARM,
            "Metrics": [
                {
                    "Id": "m",
                    "MetricStat": {
                        "Metric": {
                            "MetricName": "m",
                            "Namespace": "n",
                            "Dimensions": [{"Name": "a", "Value": "b"}],
                        },
                        "Period": 60,
                        "Stat": "Sum",
                        "Unit": "Count",
                    },
                }
            ],
        },
    ),
    "Over": ("AWS::CloudWatch::CompositeAlarm", {"AlarmRule": "ALARM(x)"}),
    "Topic": (
        "AWS::SNS::Topic",
        {
            "KmsMasterKeyId": _ref("Key"),
            "Subscription": [{"Protocol": "sqs", "Endpoint": "x"}],
        },
    ),
    "Sink": ("AWS::Oam::Sink", {"Name": "monitoring", "Policy": POLICY}),
    "Link": (
        "AWS::Oam::Link",
        {"ResourceTypes": ["AWS::Logs::LogGroup"], "SinkIdentifier": _ref("Sink")},
    ),
    "Pool": (
        "AWS::Cognito::UserPool",
        {
            "MfaConfiguration": "ON",
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA", "SMS_MFA"],
            "WebAuthnFactorConfiguration": "SINGLE_FACTOR",
            "SmsConfiguration": {"SnsCallerArn": "x"},
            "UserPoolAddOns": {
                "AdvancedSecurityMode": "ENFORCED",
                "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"},
            },
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": True,
                "UnusedAccountValidityDays": 7,
            },
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]
            },
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 14,
                    "PasswordHistorySize": 5,
                    "TemporaryPasswordValidityDays": 7,
                    "RequireLowercase": True,
                    "RequireUppercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": True,
                },
                "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
            },
        },
    ),
    "Client": (
        "AWS::Cognito::UserPoolClient",
        {
            "UserPoolId": _ref("Pool"),
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
            "AllowedOAuthFlows": ["code"],
            "CallbackURLs": ["https://example.com"],
            "LogoutURLs": ["https://example.com"],
            "PreventUserExistenceErrors": "ENABLED",
            "AccessTokenValidity": 1,
            "IdTokenValidity": 1,
            "RefreshTokenValidity": 1,
            "TokenValidityUnits": {
                "AccessToken": "hours",
                "IdToken": "hours",
                "RefreshToken": "days",
            },
        },
    ),
    "Risk": (
        "AWS::Cognito::UserPoolRiskConfigurationAttachment",
        {**_RISK, "ClientId": "ALL"},
    ),
    "ClientRisk": (
        "AWS::Cognito::UserPoolRiskConfigurationAttachment",
        {**_RISK, "ClientId": _ref("Client")},
    ),
    "Delivery": (
        "AWS::Cognito::LogDeliveryConfiguration",
        {
            "UserPoolId": _ref("Pool"),
            "LogConfigurations": [
                {"LogLevel": "INFO", "EventSource": "userAuthEvents"}
            ],
        },
    ),
    "Acl": (
        "AWS::WAFv2::WebACLAssociation",
        {"ResourceArn": _ref("Pool", "Arn"), "WebACLArn": "arn:aws:wafv2:x"},
    ),
    "Identities": (
        "AWS::Cognito::IdentityPool",
        {
            "AllowUnauthenticatedIdentities": True,
            "CognitoIdentityProviders": [
                {"ClientId": "x", "ServerSideTokenCheck": True}
            ],
        },
    ),
    "Guest": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": POLICY}),
    "Roles": (
        "AWS::Cognito::IdentityPoolRoleAttachment",
        {
            "IdentityPoolId": _ref("Identities"),
            "Roles": {
                "unauthenticated": _ref("Guest", "Arn"),
                "authenticated": _ref("Guest", "Arn"),
            },
            "RoleMappings": {"p": {"Type": "Token", "IdentityProvider": "p"}},
        },
    ),
}
TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        name: {"Type": kind, "Properties": properties}
        for name, (kind, properties) in _RESOURCES.items()
    },
}

_TERRAFORM_RISK: dict[str, Any] = {
    "user_pool_id": ref("aws_cognito_user_pool.x.id", value="pool"),
    "account_takeover_risk_configuration": [
        {"actions": [{"high_action": [{"event_action": "BLOCK", "notify": True}]}]}
    ],
    "compromised_credentials_risk_configuration": [
        {"event_filter": ["SIGN_IN"], "actions": [{"event_action": "BLOCK"}]}
    ],
}
_ALERT: dict[str, Any] = {
    "actions_enabled": True,
    "alarm_actions": ["arn:aws:sns:eu-west-1:123456789012:soc"],
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "evaluation_periods": 1,
    "datapoints_to_alarm": 1,
    "threshold": 1,
    "treat_missing_data": "notBreaching",
}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:soc"
SINK = "arn:aws:oam:eu-west-1:123456789012:sink/1"
PLAN: dict[str, Any] = plan(
    res(
        "aws_cloudtrail",
        "x",
        computed={"arn": "arn:aws:cloudtrail:eu-west-1:123456789012:trail/main"},
        name="main",
        s3_bucket_name="logs",
        kms_key_id="arn:aws:kms:eu-west-1:123456789012:key/1",
        cloud_watch_logs_group_arn="arn:aws:logs:eu-west-1:123456789012:log-group:ct:*",
        cloud_watch_logs_role_arn="arn:aws:iam::123456789012:role/ct",
        sns_topic_name=TOPIC,
        tags={"a": "b"},
    ),
    res(
        "aws_cloudtrail_event_data_store",
        "x",
        computed={"arn": "arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/1"},
        kms_key_id="arn:aws:kms:eu-west-1:123456789012:key/1",
    ),
    res(
        "aws_kms_key",
        "x",
        computed={"arn": "arn:aws:kms:eu-west-1:123456789012:key/1", "key_id": "1"},
        policy=TEXT,
    ),
    res("aws_s3_bucket", "x", computed={"id": "logs"}, bucket="logs"),
    res("aws_s3_bucket_policy", "x", bucket="logs", policy=TEXT),
    res("aws_s3_bucket_acl", "x", bucket="logs", acl="public-read"),
    res("aws_s3_bucket_public_access_block", "x", bucket="logs"),
    res(
        "aws_s3_bucket_ownership_controls",
        "x",
        bucket="logs",
        rule=[{"object_ownership": "ObjectWriter"}],
    ),
    res("aws_s3_bucket_logging", "x", bucket="logs", target_bucket="other"),
    res(
        "aws_s3_bucket_versioning",
        "x",
        bucket="logs",
        versioning_configuration=[{"status": "Enabled", "mfa_delete": "Enabled"}],
    ),
    res(
        "aws_s3_bucket_lifecycle_configuration",
        "x",
        bucket="logs",
        rule=[{"status": "Enabled", "expiration": [{"days": 400}]}],
    ),
    res(
        "aws_s3_bucket_object_lock_configuration",
        "x",
        bucket="logs",
        rule=[{"default_retention": [{"mode": "COMPLIANCE", "days": 1, "years": 1}]}],
    ),
    res(
        "aws_cloudwatch_log_group",
        "x",
        computed={"arn": "arn:aws:logs:eu-west-1:123456789012:log-group:ct"},
        name="ct",
        retention_in_days=14,
        kms_key_id="arn:aws:kms:eu-west-1:123456789012:key/1",
    ),
    res(
        "aws_cloudwatch_log_resource_policy",
        "x",
        policy_name="p",
        policy_document=TEXT,
    ),
    res(
        "aws_cloudwatch_log_metric_filter",
        "x",
        name="f",
        pattern="x",
        log_group_name="ct",
        apply_on_transformed_logs=False,
        metric_transformation=[
            {
                "name": "m",
                "namespace": "n",
                "value": "1",
                "default_value": "0",
                "unit": "Count",
                "dimensions": {"a": "$.b"},
            }
        ],
    ),
    res(
        "aws_cloudwatch_metric_alarm",
        "x",
        alarm_name="a",
        metric_name="m",
        namespace="n",
        statistic="Sum",
        extended_statistic="p99",
        unit="Count",
        dimensions={"a": "b"},
        **_ALERT,
    ),
    res(
        "aws_cloudwatch_metric_alarm",
        "query",
        alarm_name="q",
        metric_query=[
            {
                "id": "m",
                "metric": [
                    {
                        "metric_name": "m",
                        "namespace": "n",
                        "stat": "Sum",
                        "unit": "Count",
                        "dimensions": {"a": "b"},
                    }
                ],
            }
        ],
        **_ALERT,
    ),
    res(
        "aws_cloudwatch_composite_alarm", "x", alarm_name="over", alarm_rule="ALARM(a)"
    ),
    res(
        "aws_sns_topic",
        "x",
        computed={"arn": TOPIC, "policy": TEXT},
        name="soc",
        kms_master_key_id="arn:aws:kms:eu-west-1:123456789012:key/1",
    ),
    res(
        "aws_oam_sink",
        "x",
        computed={"arn": SINK, "id": SINK},
        name="monitoring",
    ),
    res("aws_oam_sink_policy", "x", sink_identifier=SINK, policy=TEXT),
    res(
        "aws_oam_link",
        "x",
        label_template="$AccountName",
        resource_types=["AWS::Logs::LogGroup"],
        sink_identifier=SINK,
    ),
    res(
        "aws_sns_topic_subscription",
        "x",
        computed={"arn": f"{TOPIC}:1", "pending_confirmation": False},
        topic_arn=TOPIC,
        protocol="sqs",
    ),
    res(
        "aws_cognito_user_pool",
        "x",
        computed={"id": "pool", "arn": "arn:aws:cognito-idp:x"},
        name="p",
        mfa_configuration="ON",
        software_token_mfa_configuration=[{"enabled": True}],
        sms_configuration=[{"sns_caller_arn": "x"}],
        web_authn_configuration=[{"factor_configuration": "SINGLE_FACTOR"}],
        user_pool_add_ons=[
            {
                "advanced_security_mode": "ENFORCED",
                "advanced_security_additional_flows": [
                    {"custom_auth_mode": "ENFORCED"}
                ],
            }
        ],
        admin_create_user_config=[{"allow_admin_create_user_only": True}],
        account_recovery_setting=[
            {"recovery_mechanism": [{"name": "verified_email", "priority": 1}]}
        ],
        password_policy=[
            {
                "minimum_length": 14,
                "password_history_size": 5,
                "temporary_password_validity_days": 7,
                "require_lowercase": True,
                "require_uppercase": True,
                "require_numbers": True,
                "require_symbols": True,
            }
        ],
        sign_in_policy=[{"allowed_first_auth_factors": ["PASSWORD"]}],
    ),
    res(
        "aws_cognito_user_pool_client",
        "x",
        computed={"id": "client"},
        user_pool_id=ref("aws_cognito_user_pool.x.id", value="pool"),
        generate_secret=True,
        explicit_auth_flows=["ALLOW_USER_SRP_AUTH"],
        allowed_oauth_flows=["code"],
        callback_urls=["https://example.com"],
        logout_urls=["https://example.com"],
        prevent_user_existence_errors="ENABLED",
        enable_token_revocation=True,
        access_token_validity=1,
        id_token_validity=1,
        refresh_token_validity=1,
        token_validity_units=[
            {"access_token": "hours", "id_token": "hours", "refresh_token": "days"}
        ],
    ),
    res("aws_cognito_risk_configuration", "x", **_TERRAFORM_RISK),
    res(
        "aws_cognito_risk_configuration",
        "client",
        client_id=ref("aws_cognito_user_pool_client.x.id", value="client"),
        **_TERRAFORM_RISK,
    ),
    res(
        "aws_cognito_log_delivery_configuration",
        "x",
        user_pool_id=ref("aws_cognito_user_pool.x.id", value="pool"),
        log_configurations=[{"log_level": "INFO", "event_source": "userAuthEvents"}],
    ),
    res(
        "aws_wafv2_web_acl_association",
        "x",
        resource_arn=ref("aws_cognito_user_pool.x.arn", value="arn:aws:cognito-idp:x"),
        web_acl_arn="arn:aws:wafv2:x",
    ),
    res(
        "aws_cognito_identity_pool",
        "x",
        computed={"id": "ids", "arn": "arn:aws:cognito-identity:x"},
        allow_unauthenticated_identities=True,
        cognito_identity_providers=[
            {"client_id": "x", "server_side_token_check": True}
        ],
    ),
    res(
        "aws_iam_role",
        "x",
        computed={"arn": "arn:aws:iam::123456789012:role/guest"},
        name="guest",
        assume_role_policy=TEXT,
        inline_policy=[{"name": "p", "policy": TEXT}],
    ),
    res(
        "aws_cognito_identity_pool_roles_attachment",
        "x",
        identity_pool_id=ref("aws_cognito_identity_pool.x.id", value="ids"),
        roles={
            "unauthenticated": "arn:aws:iam::123456789012:role/guest",
            "authenticated": "arn:aws:iam::123456789012:role/guest",
        },
        role_mapping=[{"identity_provider": "p", "type": "Token"}],
    ),
)
