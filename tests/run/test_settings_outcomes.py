"""Outcomes of small templates and plans, worked out by hand from AWS's documents.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from checker import rules
from checker.evaluate.configuration import evaluate
from checker.model import ConfigurationRule
from checker.sources.settings.read import Settings, read

BUCKET = "arn:aws:s3:::logs"
OPEN_BLOCK = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy"), False
) | {"RestrictPublicBuckets": "false"}
TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
WRITE = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"{BUCKET}/AWSLogs/*",
}


@functools.cache
def pack() -> dict[str, ConfigurationRule]:
    return {
        rule.name: rule for rule in rules.load() if isinstance(rule, ConfigurationRule)
    }


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def trail(**properties: Any) -> dict[str, Any]:
    given = {"S3BucketName": "logs", "IsLogging": True, **properties}
    return {"T": resource("AWS::CloudTrail::Trail", **given)}


def bucket(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {
        **trail(),
        "B": resource("AWS::S3::Bucket", BucketName="logs", **properties),
        "P": resource(
            "AWS::S3::BucketPolicy",
            Bucket="logs",
            PolicyDocument={"Statement": list(statements)},
        ),
    }


def topic(condition: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": {"Ref": "S"},
        "Condition": condition,
    }
    return {
        **trail(SnsTopicName={"Fn::GetAtt": ["S", "TopicName"]}),
        "S": resource("AWS::SNS::Topic"),
        "SP": resource(
            "AWS::SNS::TopicPolicy",
            Topics=[{"Ref": "S"}],
            PolicyDocument={"Statement": [statement]},
        ),
    }


def key(condition: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": condition,
    }
    policy = {"Statement": [statement]}
    return {
        **trail(KMSKeyId={"Ref": "K"}),
        "K": resource("AWS::KMS::Key", KeyPolicy=policy),
    }


def pool(**properties: Any) -> dict[str, Any]:
    return {"U": resource("AWS::Cognito::UserPool", **properties)}


def identity_pool(condition: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    trust = {"Statement": [statement]}
    return {
        "IP": resource(
            "AWS::Cognito::IdentityPool", AllowUnauthenticatedIdentities=True
        ),
        "R": resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust),
        "RA": resource(
            "AWS::Cognito::IdentityPoolRoleAttachment",
            IdentityPoolId={"Ref": "IP"},
            Roles={"authenticated": {"Fn::GetAtt": ["R", "Arn"]}},
        ),
    }


def excepting(**condition: Any) -> dict[str, Any]:
    return {**TLS, "Condition": {**TLS["Condition"], **condition}}  # type: ignore[dict-item]  # a mapping, here


OWN = {"aws:PrincipalAccount": "123456789012"}
FOREIGN = {"aws:SourceArn": "arn:aws:cloudtrail:*:999999999999:trail/*"}


MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
POOLS = {"Field": "resources.type", "Equals": ["AWS::Cognito::IdentityPool"]}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"Name": "selector", "FieldSelectors": list(fields)}


OWN_OBJECTS = {"Fn::Sub": "${B.Arn}/"}


def guests(*arns: Any, **more: Any) -> dict[str, Any]:
    """An identity pool whose guests get a role with these managed policies."""
    return {
        "IP": resource(
            "AWS::Cognito::IdentityPool", AllowUnauthenticatedIdentities=True
        ),
        "R": resource(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument={"Statement": []},
            ManagedPolicyArns=list(arns),
        ),
        "RA": resource(
            "AWS::Cognito::IdentityPoolRoleAttachment",
            IdentityPoolId={"Ref": "IP"},
            Roles={"unauthenticated": {"Fn::GetAtt": ["R", "Arn"]}},
        ),
        **more,
    }


def managed_policy(action: str) -> dict[str, Any]:
    objects = "arn:aws:s3:::shop-public/*"
    statement = {"Effect": "Allow", "Action": action, "Resource": objects}
    document = {"Statement": [statement]}
    return resource("AWS::IAM::ManagedPolicy", PolicyDocument=document)


def inline_topic_policy(action: str) -> dict[str, Any]:
    found = topic({"StringEquals": {"AWS:SourceOwner": {"Ref": "AWS::AccountId"}}})
    inner = found["SP"]["Properties"]["PolicyDocument"]["Statement"][0]
    statement = {**inner, "Action": action, "Condition": {}}
    found["SP"] = resource(
        "AWS::SNS::TopicInlinePolicy",
        TopicArn={"Ref": "S"},
        PolicyDocument={"Statement": [statement]},
    )
    return found


def store(**properties: Any) -> dict[str, Any]:
    return {"E": resource("AWS::CloudTrail::EventDataStore", **properties)}


def own_bucket(access: str, objects: Any) -> dict[str, Any]:
    """A trail of one Region with data events, and its bucket in the same stack."""
    data = {"Type": "AWS::S3::Object", "Values": [objects]}
    selectors = [{"ReadWriteType": access, "DataResources": [data]}]
    return {
        **trail(S3BucketName={"Ref": "B"}, EventSelectors=selectors),
        "B": resource("AWS::S3::Bucket"),
    }


def if_chosen(one: Any, other: Any) -> Any:
    return {"Fn::If": ["Chosen", one, other]}


def log_group(days: Any) -> dict[str, Any]:
    return {
        **trail(CloudWatchLogsLogGroupArn={"Fn::GetAtt": ["G", "Arn"]}),
        "G": resource("AWS::Logs::LogGroup", LogGroupName="ct", RetentionInDays=days),
    }


# What templates of the table may use beside their resources.
BESIDE = {
    "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["prod", "dev"]}},
    "Conditions": {"Chosen": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Mappings": {
        "Days": {
            "prod": {"Long": "400", "Mixed": "400", "Short": "7"},
            "dev": {"Long": "731", "Mixed": "7", "Short": "14"},
        }
    },
}

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("denied to all", bucket(TLS), "bucket_of_trail_without_tls", "pass"),
    (
        "denied to other accounts",
        bucket(excepting(StringNotEquals=OWN)),
        "bucket_of_trail_without_tls",
        "fail",
    ),
    (
        "denied to all but a role",
        bucket(
            {
                **{k: v for k, v in TLS.items() if k != "Principal"},
                "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/app"},
            }
        ),
        "bucket_of_trail_without_tls",
        "fail",
    ),
    (
        "denied where TLS is used",
        bucket({**TLS, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        "bucket_of_trail_without_tls",
        "fail",
    ),
    (
        "denied outside of a network",
        bucket(excepting(NotIpAddress={"aws:SourceIp": "192.0.2.0/24"})),
        "bucket_of_trail_without_tls",
        "fail",
    ),
    (
        "all accounts but one may deliver",
        bucket({**WRITE, "Condition": {"StringNotLike": FOREIGN}}),
        "bucket_of_trail_takes_foreign_trails",
        "fail",
    ),
    (
        "whoever encrypts may deliver",
        bucket(
            {
                **WRITE,
                "Condition": {
                    "StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}
                },
            }
        ),
        "bucket_of_trail_takes_foreign_trails",
        "fail",
    ),
    (
        "one trail may deliver",
        bucket(
            {
                **WRITE,
                "Condition": {
                    "StringEquals": {
                        "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:1:trail/a"
                    }
                },
            }
        ),
        "bucket_of_trail_takes_foreign_trails",
        "pass",
    ),
    (
        # The account may have a block of its own, which outweighs the bucket's.
        "public, and the account's block is not declared",
        bucket(
            {**WRITE, "Principal": "*", "Action": "s3:GetObject"},
            PublicAccessBlockConfiguration=OPEN_BLOCK,
        ),
        "bucket_of_trail_public",
        "unknown",
    ),
    (
        "public by policy, and the bucket's block is on",
        bucket(
            {**WRITE, "Principal": "*", "Action": "s3:GetObject"},
            PublicAccessBlockConfiguration=dict.fromkeys(OPEN_BLOCK, "true"),
        ),
        "bucket_of_trail_public",
        "pass",
    ),
    (
        "topic open over TLS",
        topic({"Bool": {"aws:SecureTransport": "true"}}),
        "topic_of_trail_public",
        "fail",
    ),
    (
        "topic open to the internet",
        topic({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        "topic_of_trail_public",
        "fail",
    ),
    (
        "topic of the account",
        topic({"StringEquals": {"AWS:SourceOwner": {"Ref": "AWS::AccountId"}}}),
        "topic_of_trail_public",
        "pass",
    ),
    (
        "topic behind a key that AWS may add",
        topic({"StringEquals": {"aws:KeyOfTomorrow": "x"}}),
        "topic_of_trail_public",
        "unknown",
    ),
    (
        "key open to every encryption context",
        key({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "*"}}),
        "key_of_logs_public",
        "fail",
    ),
    (
        "key open to every address",
        key({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        "key_of_logs_public",
        "fail",
    ),
    (
        "key of one account",
        key({"StringEquals": {"kms:CallerAccount": "123456789012"}}),
        "key_of_logs_public",
        "pass",
    ),
    (
        "validation off, as text",
        trail(EnableLogFileValidation="false"),
        "trail_log_file_validation_disabled",
        "fail",
    ),
    ("not logging, as text", trail(IsLogging="false"), "trail_not_logging", "fail"),
    (
        "second factor from a parameter store",
        pool(MfaConfiguration="{{resolve:ssm:/mfa}}"),
        "user_pool_mfa_not_required",
        "unknown",
    ),
    (
        "second factor by choice",
        pool(MfaConfiguration="OPTIONAL"),
        "user_pool_mfa_not_required",
        "fail",
    ),
    (
        "short passwords, as text",
        pool(Policies={"PasswordPolicy": {"MinimumLength": "6"}}),
        "user_pool_passwords_short",
        "fail",
    ),
    (
        "selectors that are no list",
        trail(AdvancedEventSelectors={"FieldSelectors": []}),
        "trail_records_its_own_deliveries",
        "unknown",
    ),
    (
        "a list for a map",
        pool(Policies=[{"PasswordPolicy": {"MinimumLength": 20}}]),
        "user_pool_passwords_short",
        "unknown",
    ),
    (
        "text for a map",
        pool(UserPoolAddOns="ENFORCED"),
        "user_pool_threat_protection_not_enforced",
        "unknown",
    ),
    (
        "a map for a number",
        pool(Policies={"PasswordPolicy": {"MinimumLength": {"a": 20}}}),
        "user_pool_passwords_short",
        "unknown",
    ),
    (
        "a list for a bucket's versioning",
        bucket(VersioningConfiguration=[{"Status": "Enabled"}]),
        "bucket_of_trail_not_versioned",
        "unknown",
    ),
    (
        "a policy of text",
        bucket("Allow"),  # type: ignore[arg-type]  # as somebody may write it
        "bucket_of_trail_takes_foreign_trails",
        "unknown",
    ),
    (
        "an effect that there is not",
        bucket({**WRITE, "Effect": "allow"}),
        "bucket_of_trail_takes_foreign_trails",
        "unknown",
    ),
    (
        "a tagged object ends early",
        bucket(
            LifecycleConfiguration={
                "Rules": [
                    {"Status": "Enabled", "ExpirationInDays": "400"},
                    {
                        "Status": "Enabled",
                        "ExpirationInDays": 9,
                        "TagFilters": [{"Key": "a", "Value": "b"}],
                    },
                ]
            }
        ),
        "bucket_of_trail_lifecycle_wrong",
        "pass",
    ),
    (
        "files end on a date",
        bucket(
            LifecycleConfiguration={
                "Rules": [{"Status": "Enabled", "ExpirationDate": "2027-01-01"}]
            }
        ),
        "bucket_of_trail_lifecycle_wrong",
        "fail",
    ),
    (
        "one Region, whichever it is",
        trail(IsMultiRegionTrail=False),
        "management_events_not_recorded_everywhere",
        "fail",
    ),
    (
        "a log group named by its ARN in the stack's Region",
        {
            **trail(
                CloudWatchLogsLogGroupArn={
                    "Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:"
                    "log-group:ct:*"
                }
            ),
            "G": resource(
                "AWS::Logs::LogGroup", LogGroupName="ct", RetentionInDays="30"
            ),
        },
        "log_group_of_trail_short_retention",
        "fail",
    ),
    (
        "a trail of another account, under a name that the policy knows",
        bucket(
            {
                **WRITE,
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:*:*"}
                },
            }
        ),
        "bucket_of_trail_takes_foreign_trails",
        "fail",
    ),
    (
        "a store with the retention of its billing mode",
        {"E": resource("AWS::CloudTrail::EventDataStore")},
        "event_data_store_retention_short",
        "pass",
    ),
    (
        "temporary passwords by the legacy parameter",
        pool(
            AdminCreateUserConfig={"UnusedAccountValidityDays": "90"},
            Policies={"PasswordPolicy": {"MinimumLength": 14}},
        ),
        "user_pool_temporary_passwords_long_lived",
        "fail",
    ),
    (
        "a role for every identity pool",
        identity_pool({}),
        "identity_pool_user_role_trusts_others",
        "fail",
    ),
    (
        "a role for the users of this pool",
        identity_pool(
            {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": {"Ref": "IP"}},
                "ForAnyValue:StringLike": {
                    "cognito-identity.amazonaws.com:amr": "authenticated"
                },
            }
        ),
        "identity_pool_user_role_trusts_others",
        "pass",
    ),
    (
        "a role that guests have as well",
        identity_pool(
            {"StringEquals": {"cognito-identity.amazonaws.com:aud": {"Ref": "IP"}}}
        ),
        "identity_pool_user_role_trusts_others",
        "fail",
    ),
    (
        "refused by each of two statements, of which one is chosen later",
        bucket(if_chosen(TLS, {**TLS, "Resource": "*"})),
        "bucket_of_trail_without_tls",
        "pass",
    ),
    (
        "refused everywhere but in one place",
        bucket(
            {
                **{k: v for k, v in TLS.items() if k != "Resource"},
                "NotResource": f"{BUCKET}/public/*",
            }
        ),
        "bucket_of_trail_without_tls",
        "unknown",
    ),
    (
        "a stack of SAM within, which may have a trail",
        {
            **trail(IsMultiRegionTrail=False),
            "N": resource("AWS::Serverless::Application", Location="https://example"),
        },
        "management_events_not_recorded_everywhere",
        "unknown",
    ),
    (
        "a retention that is long for each value of a parameter",
        log_group({"Fn::FindInMap": ["Days", {"Ref": "Stage"}, "Long"]}),
        "log_group_of_trail_short_retention",
        "pass",
    ),
    (
        "a retention that is long for one value of a parameter only",
        log_group({"Fn::FindInMap": ["Days", {"Ref": "Stage"}, "Mixed"]}),
        "log_group_of_trail_short_retention",
        "unknown",
    ),
    (
        "a retention that is short in every Region",
        log_group({"Fn::FindInMap": ["Days", {"Ref": "AWS::Region"}, "Short"]}),
        "log_group_of_trail_short_retention",
        "fail",
    ),
    (
        "access logs without a destination are kept in the bucket itself",
        bucket(LoggingConfiguration={"LogFilePrefix": "access/"}),
        "bucket_of_trail_access_not_logged",
        "fail",
    ),
    (
        "a trail of one Region that leaves nothing out there",
        trail(AdvancedEventSelectors=[advanced(MANAGEMENT)]),
        "management_event_source_excluded",
        "pass",
    ),
    (
        "a call that is left out for every pool, one of which has no ARN yet",
        {
            **trail(
                IsMultiRegionTrail=True,
                AdvancedEventSelectors=[
                    advanced(
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        POOLS,
                        {"Field": "eventName", "NotEquals": ["GetId"]},
                    )
                ],
            ),
            "I": resource(
                "AWS::Cognito::IdentityPool", AllowUnauthenticatedIdentities=False
            ),
        },
        "identity_pool_data_events_not_recorded",
        "fail",
    ),
    (
        "calls of another pool, which may be this one",
        {
            **trail(
                IsMultiRegionTrail=True,
                AdvancedEventSelectors=[
                    advanced(
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        POOLS,
                        {
                            "Field": "resources.ARN",
                            "StartsWith": ["arn:aws:cognito-identity:eu-west-1:"],
                        },
                    )
                ],
            ),
            "I": resource(
                "AWS::Cognito::IdentityPool", AllowUnauthenticatedIdentities=False
            ),
        },
        "identity_pool_data_events_not_recorded",
        "unknown",
    ),
    (
        "a key that the trail names by its alias",
        {
            **trail(KMSKeyId={"Ref": "A"}),
            "A": resource(
                "AWS::KMS::Alias", AliasName="alias/logs", TargetKeyId={"Ref": "K"}
            ),
            "K": resource("AWS::KMS::Key", KeyPolicy={"Statement": []}),
        },
        "key_of_trail_not_rotated",
        "fail",
    ),
    (
        "a key whose alias the trail names",
        {
            **trail(KMSKeyId="alias/logs"),
            "A": resource(
                "AWS::KMS::Alias", AliasName="alias/logs", TargetKeyId={"Ref": "K"}
            ),
            "K": resource(
                "AWS::KMS::Key", EnableKeyRotation="true", KeyPolicy={"Statement": []}
            ),
        },
        "key_of_trail_not_rotated",
        "pass",
    ),
    (
        "policies that a loop makes",
        {
            **trail(S3BucketName={"Ref": "B"}),
            "B": resource("AWS::S3::Bucket"),
            "Fn::ForEach::Policies": [
                "Name",
                ["B"],
                {"${Name}P": resource("AWS::S3::BucketPolicy", Bucket={"Ref": "B"})},
            ],
        },
        "bucket_of_trail_without_tls",
        "unknown",
    ),
    (
        "objects of a bucket without a name yet",
        own_bucket("All", OWN_OBJECTS),
        "log_bucket_events_not_recorded",
        "pass",
    ),
    (
        "only reads of a bucket without a name yet",
        own_bucket("ReadOnly", OWN_OBJECTS),
        "log_bucket_events_not_recorded",
        "fail",
    ),
    (
        "objects of another bucket, which has a name",
        own_bucket("All", "arn:aws:s3:::shop/"),
        "log_bucket_events_not_recorded",
        "fail",
    ),
    (
        "objects of buckets whose names begin like that",
        own_bucket("All", "arn:aws:s3:::st"),
        "log_bucket_events_not_recorded",
        "unknown",
    ),
    (
        "deliveries to a bucket without a name yet",
        own_bucket("All", OWN_OBJECTS),
        "trail_records_its_own_deliveries",
        "fail",
    ),
    (
        "deliveries, of which only the reads are recorded",
        own_bucket("ReadOnly", OWN_OBJECTS),
        "trail_records_its_own_deliveries",
        "pass",
    ),
    (
        "deliveries to another bucket than that",
        own_bucket("All", "arn:aws:s3:::shop/"),
        "trail_records_its_own_deliveries",
        "pass",
    ),
    (
        "factors that are left out, where SMS can be sent",
        pool(MfaConfiguration="ON", SmsConfiguration={"SnsCallerArn": "role"}),
        "user_pool_recovery_by_second_factor",
        "unknown",
    ),
    (
        "factors of which SMS is none",
        pool(
            MfaConfiguration="ON",
            EnabledMfas=["SOFTWARE_TOKEN_MFA"],
            SmsConfiguration={"SnsCallerArn": "role"},
        ),
        "user_pool_recovery_by_second_factor",
        "not_applicable",
    ),
    (
        "recovery by phone first, by the numbers' text",
        pool(
            MfaConfiguration="ON",
            EnabledMfas=["SMS_MFA"],
            AccountRecoverySetting={
                "RecoveryMechanisms": [
                    {"Name": "verified_email", "Priority": "2"},
                    {"Name": "verified_phone_number", "Priority": "1"},
                ]
            },
        ),
        "user_pool_recovery_by_second_factor",
        "fail",
    ),
    (
        "tags that are a map",
        trail(Tags={"owner": "security"}),
        "trail_untagged",
        "unknown",
    ),
    (
        "guests with AWS's policies, perhaps",
        {
            **guests(),
            "R": resource(
                "AWS::IAM::Role",
                AssumeRolePolicyDocument={"Statement": []},
                ManagedPolicyArns=if_chosen(
                    ["arn:aws:iam::aws:policy/AdministratorAccess"],
                    {"Ref": "AWS::NoValue"},
                ),
            ),
        },
        "identity_pool_guest_role_wide",
        "unknown",
    ),
    (
        "a statement that a parameter gives",
        bucket({"Ref": "Stage"}),
        "bucket_of_trail_takes_foreign_trails",
        "unknown",
    ),
    (
        "a key policy that a parameter gives",
        {
            **trail(KMSKeyId={"Ref": "K"}),
            "K": resource("AWS::KMS::Key", KeyPolicy={"Ref": "Stage"}),
        },
        "key_of_logs_public",
        "unknown",
    ),
    (
        "policies of a pool that a parameter gives",
        pool(Policies={"Ref": "Stage"}),
        "user_pool_passwords_short",
        "unknown",
    ),
    (
        "log files that perhaps end after a day",
        bucket(
            LifecycleConfiguration={
                "Rules": [
                    {"Status": "Enabled", "ExpirationInDays": 400},
                    if_chosen(
                        {"Status": "Enabled", "ExpirationInDays": 1},
                        {"Ref": "AWS::NoValue"},
                    ),
                ]
            }
        ),
        "bucket_of_trail_lifecycle_wrong",
        "unknown",
    ),
    (
        "a resource type that there is not, perhaps",
        trail(
            EventSelectors=[
                {
                    "DataResources": [
                        {
                            "Type": if_chosen("AWS::S3::Objekt", "AWS::S3::Object"),
                            "Values": ["arn:aws:s3"],
                        }
                    ]
                }
            ]
        ),
        "selector_resource_type_unknown",
        "unknown",
    ),
    (
        "a topic that its inline policy opens",
        inline_topic_policy("sns:Publish"),
        "topic_of_trail_public",
        "fail",
    ),
    (
        "guests with a policy of the template",
        guests({"Ref": "M"}, M=managed_policy("s3:GetObject")),
        "identity_pool_guest_role_wide",
        "pass",
    ),
    (
        "guests with a policy that a parameter names beside one of the template",
        guests({"Ref": "M"}, {"Ref": "Stage"}, M=managed_policy("s3:GetObject")),
        "identity_pool_guest_role_wide",
        "unknown",
    ),
    (
        # Whether the account belongs to an organization is not the template's to say.
        "a store of one account, which may be of an organization",
        store(OrganizationEnabled="false", MultiRegionEnabled=True),
        "event_data_store_not_of_all_regions_and_accounts",
        "unknown",
    ),
    (
        "a store of all accounts",
        store(OrganizationEnabled="true", MultiRegionEnabled=True),
        "event_data_store_not_of_all_regions_and_accounts",
        "pass",
    ),
    (
        "a store of one Region",
        store(MultiRegionEnabled="false"),
        "event_data_store_not_of_all_regions_and_accounts",
        "fail",
    ),
    (
        "a trail of all Regions",
        trail(IsMultiRegionTrail="true", IncludeGlobalServiceEvents=True),
        "region_without_trail",
        "pass",
    ),
    (
        "a trail of one Region, in an account of which the Regions are not known",
        trail(IsMultiRegionTrail=False),
        "region_without_trail",
        "unknown",
    ),
]


@pytest.mark.parametrize(
    ("resources", "name", "expected"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_a_template_has_the_outcome_that_aws_documents(
    resources: dict[str, Any], name: str, expected: str, tmp_path: Path
) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**BESIDE, "Resources": resources}))
    settings = read(file)
    assert isinstance(settings, Settings)

    found = evaluate.evaluate(pack()[name], settings.snapshot)
    assert {outcome.status.value for outcome in found} == {expected}
