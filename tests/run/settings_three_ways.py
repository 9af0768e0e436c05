"""The same settings as a snapshot of an account, as a plan and as a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.sources.settings.iac.plans import UNKNOWN, Res, plan, ref, res

REGION, ACCOUNT = "eu-west-1", "123456789012"
ROOT = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }'
)
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:ct"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:soc"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ct"
POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_1"


ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:root"
COMPOSITES = (
    'ALARM("root")',
    f"ALARM({ALARM}) OR FALSE",
    "ALARM(other) OR (NOT OK(root))",
    "ALARM(root) AND NOT ALARM(other)",
    'ALARM("root-use")',
    "AT_LEAST(1, ALARM, (root, other))",
)
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


@dataclass(frozen=True)
class Wanted:
    """What is chosen of a trail, its bucket, an alarm chain and a user pool."""

    logging: bool
    everywhere: bool
    validated: bool
    encrypted: bool
    selectors: str
    tagged: bool
    versioned: bool
    tls: bool
    open_to_all: bool
    acl: str
    blocked: bool
    expires: int | None
    pattern: str
    idle: int | None
    dimensions: bool
    unit: str | None
    threshold: int
    actions: bool
    waits: bool
    topic_key: str | None
    topic_closed: bool
    mfa: str
    length: int
    admins: bool
    queried: bool = False
    """Whether the alarm watches its metric by a query."""
    granted: bool = False
    """Whether a plan opens the bucket by grants, and not by a canned ACL."""
    account_block: bool | None = None
    key_open: bool = False
    protection: str | None = None
    custom: bool = False
    """Whether the pool protects custom sign-ins too."""
    composite: str | None = None
    """The rule of a composite alarm that acts in the place of the alarm."""

    @property
    def everybody_by_grant(self) -> bool:
        """Return whether a plan has the grant to everybody written out."""
        return self.granted and self.acl == "public-read"


WANTED = st.builds(
    Wanted,
    selectors=st.sampled_from(["default", "without KMS", "writes", "data"]),
    acl=st.sampled_from(["private", "public-read"]),
    expires=st.sampled_from([None, 14, 365, 400]),
    pattern=st.sampled_from([ROOT, '{ $.eventName = "StopLogging" }']),
    idle=st.sampled_from([None, 0, 1]),
    unit=st.sampled_from([None, "Seconds"]),
    threshold=st.sampled_from([1, 5]),
    topic_key=st.sampled_from([None, "alias/aws/sns"]),
    mfa=st.sampled_from(["OFF", "ON", "OPTIONAL"]),
    length=st.sampled_from([6, 8, 14]),
    queried=st.booleans(),
    granted=st.booleans(),
    account_block=st.sampled_from([None, False, True]),
    key_open=st.booleans(),
    custom=st.booleans(),
    protection=st.sampled_from([None, "OFF", "AUDIT", "ENFORCED"]),
    composite=st.sampled_from([None, *COMPOSITES]),
)


def bucket_statements(wanted: Wanted) -> list[dict[str, Any]]:
    both = ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]
    found: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:PutObject", "s3:GetBucketAcl"],
            "Resource": both,
            "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}},
        }
    ]
    if wanted.tls:
        found.append(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": both,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )
    if wanted.open_to_all:
        found.append(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": both[1],
            }
        )
    return found


def key_policy(wanted: Wanted) -> dict[str, Any]:
    """Return a key's policy: the one that AWS makes, or one that lets all decrypt."""
    own = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    everybody = own | {"Principal": {"AWS": "*"}, "Action": "kms:Decrypt"}
    return {"Statement": [own, everybody] if wanted.key_open else [own]}


def metric(wanted: Wanted) -> dict[str, Any]:
    """Return what an alarm watches, as the API has it: a metric or a query for it."""
    dimensions = [{"Name": "a", "Value": "b"}] if wanted.dimensions else []
    named = {"MetricName": "Root", "Namespace": "CIS", "Dimensions": dimensions}
    unit = {"Unit": wanted.unit} if wanted.unit else {}
    if not wanted.queried:
        return {**named, "Statistic": "Sum", "Period": 300, **unit}
    stat = {"Metric": named, "Stat": "Sum", "Period": 300, **unit}
    return {"Metrics": [{"Id": "m", "MetricStat": stat, "ReturnData": True}]}


def add_ons(wanted: Wanted) -> dict[str, Any]:
    """Return the threat protection of a pool, as the API has it."""
    if wanted.protection is None:
        return {}
    found: dict[str, Any] = {"AdvancedSecurityMode": wanted.protection}
    if wanted.custom:
        flows = {"CustomAuthMode": "ENFORCED"}
        found["AdvancedSecurityAdditionalFlows"] = flows
    return {"UserPoolAddOns": found}


def topic_policy(wanted: Wanted) -> dict[str, Any]:
    """Return a topic's policy: AWS's own, or one for CloudTrail alone."""
    if wanted.topic_closed:
        who: dict[str, Any] = {"Principal": {"Service": "cloudtrail.amazonaws.com"}}
    else:
        owner = {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
        who = {"Principal": {"AWS": "*"}, "Condition": owner}
    statement = {"Effect": "Allow", "Action": "SNS:Publish", "Resource": TOPIC, **who}
    return {"Statement": [statement]}


def advanced(wanted: Wanted) -> list[dict[str, list[str]]]:
    """Return the fields of an advanced event selector; none for other selectors."""
    if wanted.selectors == "writes":
        return [{"eventCategory": ["Management"]}, {"readOnly": ["false"]}]
    if wanted.selectors == "data":
        return [{"eventCategory": ["Data"]}, {"resources.type": ["AWS::S3::Object"]}]
    return []


def snapshot(wanted: Wanted) -> dict[str, Any]:
    """Write what a live account would answer."""
    fields = [
        {"Field": field, "Equals": values}
        for each in advanced(wanted)
        for field, values in each.items()
    ]
    basic = [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
        }
    ]
    selectors: dict[str, Any] = {
        "EventSelectors": basic if wanted.selectors == "without KMS" else [],
        "AdvancedEventSelectors": [{"FieldSelectors": fields}] if fields else [],
    }
    trail = {
        "TrailARN": TRAIL,
        "Name": "main",
        "HomeRegion": REGION,
        "IsMultiRegionTrail": wanted.everywhere,
        "IncludeGlobalServiceEvents": True,
        "IsOrganizationTrail": False,
        "LogFileValidationEnabled": wanted.validated,
        "S3BucketName": "logs",
        "CloudWatchLogsLogGroupArn": f"{GROUP}:*",
        "CloudWatchLogsRoleArn": ROLE,
        **({"KmsKeyId": KEY} if wanted.encrypted else {}),
        "owned": True,
        "tags": {"owner": "security"} if wanted.tagged else {},
        "status": {"IsLogging": wanted.logging},
        "event_selectors": selectors,
        "_state": {"insight_selectors": "absent"},
    }
    everybody = {"URI": EVERYBODY}
    grants = [{"Grantee": everybody, "Permission": "READ"}]
    rule = {"Status": "Enabled", "Expiration": {"Days": wanted.expires}}
    bucket = {
        "name": "logs",
        "arn": "arn:aws:s3:::logs",
        "region": REGION,
        "owned": True,
        "policy": {"Statement": bucket_statements(wanted)},
        "policy_status": {"IsPublic": wanted.open_to_all},
        "acl": {"Grants": grants if wanted.acl == "public-read" else []},
        "public_access_block": block(wanted, camel=True),
        "versioning": {"Status": "Enabled"} if wanted.versioned else {},
        **({"lifecycle": {"Rules": [rule]}} if wanted.expires else {}),
        "_state": {"logging": "absent"}
        | ({} if wanted.expires else {"lifecycle": "absent"}),
    }
    transformation: dict[str, Any] = {
        "metricName": "Root",
        "metricNamespace": "CIS",
        "metricValue": "1",
    }
    if wanted.idle is not None:
        transformation |= {"defaultValue": wanted.idle}
    alarm = {
        "AlarmName": "root",
        "AlarmArn": ALARM,
        "region": REGION,
        "ActionsEnabled": wanted.actions,
        "AlarmActions": [] if wanted.composite else [TOPIC],
        "EvaluationPeriods": 1,
        "Threshold": float(wanted.threshold),
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **metric(wanted),
    }
    above = {
        "AlarmName": "above",
        "AlarmArn": ALARM.replace("root", "above"),
        "region": REGION,
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "AlarmRule": wanted.composite,
    }
    waiting = "PendingConfirmation" if wanted.waits else f"{TOPIC}:1"
    key = {"KmsMasterKeyId": wanted.topic_key} if wanted.topic_key else {}
    pool = {
        "Id": f"{REGION}_1",
        "Arn": POOL,
        "Name": "p",
        "MfaConfiguration": wanted.mfa,
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": wanted.admins},
        "Policies": {
            "PasswordPolicy": {"MinimumLength": wanted.length},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        **add_ons(wanted),
        "clients": [],
    }
    encryption = {
        "id": KEY,
        "arn": KEY,
        "region": REGION,
        "used_by": [TRAIL],
        "exists": True,
        "metadata": {
            "Arn": KEY,
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
        },
        "rotation": {"KeyRotationEnabled": True},
        "policy": key_policy(wanted),
    }
    of_account = account_block(wanted, camel=True)
    return {
        "kind": "cloudtrail-settings-snapshot",
        "schema_version": 1,
        "account": {"id": ACCOUNT, "partition": "aws", "_state": {}},
        "trails": [trail],
        "event_data_stores": [],
        "buckets": [bucket],
        "kms_keys": [encryption] if wanted.encrypted else [],
        "log_groups": [
            {
                "arn": f"{GROUP}:*",
                "logGroupName": "ct",
                "region": REGION,
                "creationTime": 1,
                "resource_policies": [],
            }
        ],
        "metric_filters": [
            {
                "filterName": "root",
                "logGroupName": "ct",
                "region": REGION,
                "filterPattern": wanted.pattern,
                "metricTransformations": [transformation],
            }
        ],
        "alarms": [alarm, above] if wanted.composite else [alarm],
        "sns_topics": [
            {
                "TopicArn": TOPIC,
                "region": REGION,
                "attributes": key,
                "policy": topic_policy(wanted),
                "subscriptions": [{"SubscriptionArn": waiting}],
                "used_by": [(above if wanted.composite else alarm)["AlarmArn"]],
            }
        ],
        "account_public_access_block": of_account,
        "identity_pools": [],
        "user_pools": [pool],
        "errors": [],
        "_state": {} if of_account else {"account_public_access_block": "absent"},
    }


def block(wanted: Wanted, *, camel: bool) -> dict[str, bool]:
    """Return the bucket's public access block, by the API's names or Terraform's."""
    return dict.fromkeys(_block_words(camel=camel), wanted.blocked)


def account_block(wanted: Wanted, *, camel: bool) -> dict[str, bool] | None:
    """Return the account's public access block, by the API's names or Terraform's."""
    if wanted.account_block is None:
        return None
    return dict.fromkeys(_block_words(camel=camel), wanted.account_block)


def _block_words(*, camel: bool) -> list[str]:
    words = ("block public acls", "ignore public acls", "block public policy",
             "restrict public buckets")  # fmt: skip
    return [
        "".join(word.capitalize() for word in each.split())
        if camel
        else each.replace(" ", "_")
        for each in words
    ]


def _acl(wanted: Wanted) -> dict[str, Any]:
    if not wanted.everybody_by_grant:
        return {"acl": wanted.acl}
    grantee = [{"type": "Group", "uri": EVERYBODY}]
    grant = [{"permission": "READ", "grantee": grantee}]
    return {"access_control_policy": [{"grant": grant, "owner": [{"id": "o"}]}]}


def _metric(wanted: Wanted) -> dict[str, Any]:
    """Write what an alarm watches as Terraform has it."""
    named = {
        "metric_name": "Root",
        "namespace": "CIS",
        "dimensions": {"a": "b"} if wanted.dimensions else {},
        "period": 300,
        "unit": wanted.unit or "",
    }
    if not wanted.queried:
        return {**named, "statistic": "Sum"}
    query = {"id": "m", "return_data": True, "metric": [{**named, "stat": "Sum"}]}
    return {"metric_query": [query]}


def _add_ons(wanted: Wanted) -> dict[str, Any]:
    if wanted.protection is None:
        return {}
    flows = [{"custom_auth_mode": "ENFORCED"}] if wanted.custom else []
    found = {
        "advanced_security_mode": wanted.protection,
        "advanced_security_additional_flows": flows,
    }
    return {"user_pool_add_ons": [found]}


def terraform(wanted: Wanted, *, new: bool) -> dict[str, Any]:
    """Write a plan that makes it, or that finds it as it is wanted."""
    actions = ("create",) if new else ("no-op",)

    def made(kind: str, arn: str, also: dict[str, Any], **values: Any) -> Res:
        computed = {name: UNKNOWN if new else value for name, value in also.items()}
        computed["arn"] = UNKNOWN if new else arn
        return res(kind, "x", computed=computed, actions=actions, **values)

    def named(kind: str, attribute: str, value: str) -> Any:
        return ref(f"{kind}.x.{attribute}", value=UNKNOWN if new else value)

    fields = [
        {"field": field, "equals": values}
        for each in advanced(wanted)
        for field, values in each.items()
    ]
    basic = {
        "read_write_type": "All",
        "include_management_events": True,
        "exclude_management_event_sources": ["kms.amazonaws.com"],
        "data_resource": [],
    }
    group = "aws_cloudwatch_log_group"
    policy = {"Statement": bucket_statements(wanted)}
    topics = [named("aws_sns_topic", "arn", TOPIC)]
    rule = {"status": "Enabled", "id": "x", "expiration": [{"days": wanted.expires}]}
    return plan(
        made(
            "aws_cloudtrail",
            TRAIL,
            {"home_region": REGION},
            name="main",
            enable_logging=wanted.logging,
            is_multi_region_trail=wanted.everywhere,
            enable_log_file_validation=wanted.validated,
            s3_bucket_name="logs",
            kms_key_id=named("aws_kms_key", "arn", KEY) if wanted.encrypted else None,
            cloud_watch_logs_group_arn=named(group, "arn", f"{GROUP}:*"),
            cloud_watch_logs_role_arn=named("aws_iam_role", "arn", ROLE),
            event_selector=[basic] if wanted.selectors == "without KMS" else [],
            advanced_event_selector=[{"field_selector": fields}] if fields else [],
            tags={"owner": "security"} if wanted.tagged else {},
        ),
        made(
            "aws_kms_key",
            KEY,
            {"key_id": "1"},
            enable_key_rotation=True,
            policy=_text(key_policy(wanted)),
        ),
        made("aws_iam_role", ROLE, {}, name="ct"),
        made("aws_s3_bucket", "arn:aws:s3:::logs", {"id": "logs"}, bucket="logs"),
        res("aws_s3_bucket_policy", "x", bucket="logs", policy=_text(policy)),
        res("aws_s3_bucket_acl", "x", bucket="logs", **_acl(wanted)),
        res(
            "aws_s3_bucket_public_access_block",
            "x",
            bucket="logs",
            **block(wanted, camel=False),  # type: ignore[arg-type]  # all are flags
        ),
        res(
            "aws_s3_account_public_access_block",
            "x",
            **(account_block(wanted, camel=False) or {"block_public_acls": False}),  # type: ignore[arg-type]  # all are flags
        ),
        *(
            [
                res(
                    "aws_s3_bucket_versioning",
                    "x",
                    bucket="logs",
                    versioning_configuration=[{"status": "Enabled"}],
                )
            ]
            if wanted.versioned
            else []
        ),
        *(
            [
                res(
                    "aws_s3_bucket_lifecycle_configuration",
                    "x",
                    bucket="logs",
                    rule=[rule],
                )
            ]
            if wanted.expires
            else []
        ),
        made(group, GROUP, {}, name="ct"),
        res(
            "aws_cloudwatch_log_metric_filter",
            "x",
            name="root",
            pattern=wanted.pattern,
            log_group_name=ref(f"{group}.x.name", value="ct"),
            metric_transformation=[
                {
                    "name": "Root",
                    "namespace": "CIS",
                    "value": "1",
                    "default_value": "" if wanted.idle is None else str(wanted.idle),
                }
            ],
        ),
        made(
            "aws_cloudwatch_metric_alarm",
            ALARM,
            {},
            alarm_name="root",
            actions_enabled=wanted.actions,
            alarm_actions=[] if wanted.composite else topics,
            evaluation_periods=1,
            threshold=wanted.threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            **_metric(wanted),
        ),
        *(
            [
                made(
                    "aws_cloudwatch_composite_alarm",
                    ALARM.replace("root", "above"),
                    {},
                    alarm_name="above",
                    alarm_rule=wanted.composite,
                    alarm_actions=topics,
                )
            ]
            if wanted.composite
            else []
        ),
        made(
            "aws_sns_topic",
            TOPIC,
            {"policy": _text(topic_policy(wanted))},
            name="soc",
            kms_master_key_id=wanted.topic_key or "",
        ),
        *(
            [
                res(
                    "aws_sns_topic_policy",
                    "x",
                    arn=named("aws_sns_topic", "arn", TOPIC),
                    policy=_text(topic_policy(wanted)),
                )
            ]
            if wanted.topic_closed
            else []
        ),
        made(
            "aws_sns_topic_subscription",
            f"{TOPIC}:1",
            {"pending_confirmation": wanted.waits},
            topic_arn=named("aws_sns_topic", "arn", TOPIC),
            protocol="email",
            endpoint="soc@example.com",
        ),
        made(
            "aws_cognito_user_pool",
            POOL,
            {"id": f"{REGION}_1"},
            name="p",
            mfa_configuration=wanted.mfa,
            admin_create_user_config=[{"allow_admin_create_user_only": wanted.admins}],
            password_policy=[{"minimum_length": wanted.length}],
            sign_in_policy=[{"allowed_first_auth_factors": ["PASSWORD"]}],
            **_add_ons(wanted),
        ),
    )


def _text(value: Any) -> str:
    import json

    return json.dumps(value)


def template(wanted: Wanted) -> dict[str, Any]:
    """Write a template that makes it; numbers and flags are text, as many have it."""
    fields = [
        {"Field": field, "Equals": values}
        for each in advanced(wanted)
        for field, values in each.items()
    ]
    basic = [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]
    acl = {"private": "Private", "public-read": "PublicRead"}[wanted.acl]
    rule = {"Status": "Enabled", "ExpirationInDays": str(wanted.expires)}
    transformation: dict[str, Any] = {
        "MetricName": "Root",
        "MetricNamespace": "CIS",
        "MetricValue": 1,
    }
    if wanted.idle is not None:
        transformation["DefaultValue"] = str(wanted.idle)
    resources: dict[str, tuple[str, dict[str, Any]]] = {
        "Trail": (
            "AWS::CloudTrail::Trail",
            {
                "TrailName": "main",
                "IsLogging": str(wanted.logging).lower(),
                "IsMultiRegionTrail": wanted.everywhere,
                "IncludeGlobalServiceEvents": True,
                "EnableLogFileValidation": str(wanted.validated),
                "S3BucketName": {"Ref": "Logs"},
                "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["Group", "Arn"]},
                "CloudWatchLogsRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                **({"KMSKeyId": {"Ref": "Key"}} if wanted.encrypted else {}),
                **(
                    {"EventSelectors": basic}
                    if wanted.selectors == "without KMS"
                    else {}
                ),
                **(
                    {"AdvancedEventSelectors": [{"FieldSelectors": fields}]}
                    if fields
                    else {}
                ),
                "Tags": [{"Key": "owner", "Value": "security"}]
                if wanted.tagged
                else [],
            },
        ),
        "Key": (
            "AWS::KMS::Key",
            {"EnableKeyRotation": "true", "KeyPolicy": key_policy(wanted)},
        ),
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {}}),
        "Logs": (
            "AWS::S3::Bucket",
            {
                "BucketName": "logs",
                "AccessControl": acl,
                "PublicAccessBlockConfiguration": block(wanted, camel=True),
                **(
                    {"VersioningConfiguration": {"Status": "Enabled"}}
                    if wanted.versioned
                    else {}
                ),
                **(
                    {"LifecycleConfiguration": {"Rules": [rule]}}
                    if wanted.expires
                    else {}
                ),
            },
        ),
        "Policy": (
            "AWS::S3::BucketPolicy",
            {
                "Bucket": {"Ref": "Logs"},
                "PolicyDocument": {"Statement": bucket_statements(wanted)},
            },
        ),
        "Group": ("AWS::Logs::LogGroup", {"LogGroupName": "ct"}),
        "Filter": (
            "AWS::Logs::MetricFilter",
            {
                "LogGroupName": {"Ref": "Group"},
                "FilterPattern": wanted.pattern,
                "MetricTransformations": [transformation],
            },
        ),
        "Alarm": (
            "AWS::CloudWatch::Alarm",
            {
                "AlarmName": "root",
                "ActionsEnabled": wanted.actions,
                "AlarmActions": [] if wanted.composite else [{"Ref": "Topic"}],
                "EvaluationPeriods": "1",
                "Threshold": str(wanted.threshold),
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                **metric(wanted),
            },
        ),
        **(
            {
                "Above": (
                    "AWS::CloudWatch::CompositeAlarm",
                    {
                        "AlarmName": "above",
                        "AlarmRule": wanted.composite,
                        "AlarmActions": [{"Ref": "Topic"}],
                    },
                )
            }
            if wanted.composite
            else {}
        ),
        "Topic": (
            "AWS::SNS::Topic",
            {
                "Subscription": [{"Protocol": "email", "Endpoint": "soc@example.com"}],
                **({"KmsMasterKeyId": wanted.topic_key} if wanted.topic_key else {}),
            },
        ),
        **(
            {
                "TopicPolicy": (
                    "AWS::SNS::TopicPolicy",
                    {
                        "Topics": [{"Ref": "Topic"}],
                        "PolicyDocument": topic_policy(wanted),
                    },
                )
            }
            if wanted.topic_closed
            else {}
        ),
        "Pool": (
            "AWS::Cognito::UserPool",
            {
                "UserPoolName": "p",
                "MfaConfiguration": wanted.mfa,
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": wanted.admins},
                "Policies": {"PasswordPolicy": {"MinimumLength": str(wanted.length)}},
                **add_ons(wanted),
            },
        ),
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            name: {"Type": kind, "Properties": properties}
            for name, (kind, properties) in resources.items()
        },
    }
