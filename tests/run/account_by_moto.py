"""The same settings as `settings_three_ways`, made in an account by the API."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import boto3
from moto import mock_aws

from checker.sources.settings import account
from checker.sources.settings.account import identity
from tests.run.settings_three_ways import (
    ACCOUNT,
    EVERYBODY,
    GROUP,
    REGION,
    ROLE,
    Wanted,
    account_block,
    add_ons,
    advanced,
    block,
    bucket_statements,
    key_policy,
    metric,
    topic_policy,
)
from tests.sources.settings.test_account import fill_gaps, new_session

BUCKET = "audit-logs"
"""To moto, the host of a bucket with the name logs is that of another service."""


def collected(wanted: Wanted) -> dict[str, Any]:
    """Return a snapshot of an account that was made as is wanted."""
    # moto's credential report is never there at once, and nobody has to wait for it.
    with mock_aws(), mock.patch.object(identity, "PAUSE_SECONDS", 0):
        session = new_session()
        fill_gaps(session)
        _bucket(session.client("s3", region_name=REGION), wanted)
        topic = _topic(session.client("sns", region_name=REGION), wanted)
        _alarm(session, wanted, topic)
        _trail(session, wanted)
        session.client("cognito-idp", region_name=REGION).create_user_pool(
            PoolName="p",
            MfaConfiguration=wanted.mfa,
            AdminCreateUserConfig={"AllowAdminCreateUserOnly": wanted.admins},
            Policies={"PasswordPolicy": {"MinimumLength": wanted.length}},
            **add_ons(wanted),
        )
        of_account = account_block(wanted, camel=True)
        if of_account is not None:
            session.client("s3control", region_name=REGION).put_public_access_block(
                AccountId=ACCOUNT, PublicAccessBlockConfiguration=of_account
            )
        return account.collect(session, regions=[REGION], attempts=1)


def _bucket(s3: Any, wanted: Wanted) -> None:
    here = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=here)
    document = {"Version": "2012-10-17", "Statement": bucket_statements(wanted)}
    policy = json.dumps(document).replace(":::logs", f":::{BUCKET}")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    if wanted.everybody_by_grant:
        s3.put_bucket_acl(Bucket=BUCKET, GrantRead=f'uri="{EVERYBODY}"')
    else:
        s3.put_bucket_acl(Bucket=BUCKET, ACL=wanted.acl)
    s3.put_public_access_block(
        Bucket=BUCKET, PublicAccessBlockConfiguration=block(wanted, camel=True)
    )
    if wanted.versioned:
        status = {"Status": "Enabled"}
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=status)
    if wanted.expires:
        rule = {
            "ID": "x",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": wanted.expires},
        }
        s3.put_bucket_lifecycle_configuration(
            Bucket=BUCKET, LifecycleConfiguration={"Rules": [rule]}
        )


def _topic(sns: Any, wanted: Wanted) -> str:
    arn: str = sns.create_topic(Name="soc")["TopicArn"]
    if wanted.topic_key:
        sns.set_topic_attributes(
            TopicArn=arn,
            AttributeName="KmsMasterKeyId",
            AttributeValue=wanted.topic_key,
        )
    sns.set_topic_attributes(
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=json.dumps(topic_policy(wanted)),
    )
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="soc@example.com")
    return arn


def _alarm(session: boto3.Session, wanted: Wanted, topic: str) -> None:
    logs = session.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName="ct")
    counted = {"metricName": "Root", "metricNamespace": "CIS", "metricValue": "1"}
    default = {} if wanted.idle is None else {"defaultValue": float(wanted.idle)}
    logs.put_metric_filter(
        logGroupName="ct",
        filterName="root",
        filterPattern=wanted.pattern,
        metricTransformations=[{**counted, **default}],
    )
    session.client("cloudwatch", region_name=REGION).put_metric_alarm(
        AlarmName="root",
        ActionsEnabled=wanted.actions,
        AlarmActions=[topic],
        EvaluationPeriods=1,
        Threshold=float(wanted.threshold),
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        **metric(wanted),
    )


def _trail(session: boto3.Session, wanted: Wanted) -> None:
    trails = session.client("cloudtrail", region_name=REGION)
    more: dict[str, Any] = {}
    if wanted.encrypted:
        kms = session.client("kms", region_name=REGION)
        made = kms.create_key(Policy=json.dumps(key_policy(wanted)))["KeyMetadata"]
        kms.enable_key_rotation(KeyId=made["KeyId"])
        more["KmsKeyId"] = made["Arn"]
    if wanted.tagged:
        more["TagsList"] = [{"Key": "owner", "Value": "security"}]
    trails.create_trail(
        Name="main",
        S3BucketName=BUCKET,
        IsMultiRegionTrail=wanted.everywhere,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=wanted.validated,
        CloudWatchLogsLogGroupArn=f"{GROUP}:*",
        CloudWatchLogsRoleArn=ROLE,
        **more,
    )
    if wanted.logging:
        trails.start_logging(Name="main")
    fields = [
        {"Field": field, "Equals": values}
        for each in advanced(wanted)
        for field, values in each.items()
    ]
    if fields:
        trails.put_event_selectors(
            TrailName="main", AdvancedEventSelectors=[{"FieldSelectors": fields}]
        )
    elif wanted.selectors == "without KMS":
        trails.put_event_selectors(
            TrailName="main",
            EventSelectors=[{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}],
        )
