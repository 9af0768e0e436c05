"""Convert the resources of a CloudFormation template AWS's own form.

Each body has the keys that a live account's answers have (`schemas/snapshot.json`).
Properties mostly have the names of the API's members; a property that is left out has
the default that AWS documents, and is unknown where it documents none.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    flag,
    many,
    required,
    same,
    shape,
)
from checker.sources.settings.iac.cloudformation import buckets, cognito, trails
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    is_unknown,
    known,
    names_cloudtrail,
    pending,
    policy,
    undeclared,
)
from checker.sources.settings.iac.links import Links

TYPES = frozenset(
    {
        "AWS::CloudTrail::Trail",
        "AWS::CloudTrail::EventDataStore",
        "AWS::KMS::Key",
        "AWS::KMS::Alias",
        "AWS::Logs::LogGroup",
        "AWS::Logs::MetricFilter",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
        *buckets.TYPES,
        *cognito.TYPES,
    }
)
"""The resource types that settings are read from."""

NAMING = ("BucketName", "LogGroupName", "TopicName")
"""The properties by which other resources may name a resource."""

_DEPLOYED = "known only when it is deployed"


_ALARM: Spec = {
    "AlarmName": required("AlarmName", _DEPLOYED),
    "ActionsEnabled": flag("ActionsEnabled", default=True),
    "AlarmActions": default("AlarmActions", []),
    "OKActions": default("OKActions", []),
    "InsufficientDataActions": default("InsufficientDataActions", []),
    **same(
        "AlarmDescription",
        "AlarmRule",
        "MetricName",
        "Namespace",
        "Statistic",
        "ExtendedStatistic",
        "Period",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
    ),
}
_FILTER: Spec = {
    "filterName": required("FilterName", _DEPLOYED),
    "filterPattern": default("FilterPattern", ""),
    "logGroupName": "LogGroupName",
    "applyOnTransformedLogs": flag("ApplyOnTransformedLogs", default=False),
    "fieldSelectionCriteria": "FieldSelectionCriteria",
    "emitSystemFieldDimensions": "EmitSystemFieldDimensions",
    "metricTransformations": many(
        "MetricTransformations",
        {
            "metricName": "MetricName",
            "metricNamespace": "MetricNamespace",
            "metricValue": "MetricValue",
            "defaultValue": "DefaultValue",
            "unit": "Unit",
            "dimensions": "Dimensions",
        },
    ),
}
_SUBSCRIPTION: Spec = same("TopicArn", "Protocol", "Endpoint")


def entries(found: Sequence[Declaration]) -> Iterator[Entry]:
    """Return the bodies of all resources of a template, section by section."""
    links = Links(found, _identities)
    for section, kind, read, only_used in (
        ("trails", "AWS::CloudTrail::Trail", trails.trail, False),
        (
            "event_data_stores",
            "AWS::CloudTrail::EventDataStore",
            trails.event_data_store,
            False,
        ),
        ("buckets", "AWS::S3::Bucket", buckets.bucket, True),
        ("kms_keys", "AWS::KMS::Key", _key, True),
        ("log_groups", "AWS::Logs::LogGroup", _log_group, True),
        ("metric_filters", "AWS::Logs::MetricFilter", _metric_filter, False),
        ("alarms", "AWS::CloudWatch::Alarm", _alarm, False),
        ("alarms", "AWS::CloudWatch::CompositeAlarm", _alarm, False),
        ("sns_topics", "AWS::SNS::Topic", _topic, True),
    ):
        reader: Callable[[Declaration, Links], dict[str, Any]] = read
        for each in links.of(kind):
            body = reader(each, links)
            if (
                not only_used
                or links.used(_USERS, each)
                or names_cloudtrail(body.get("policy"))
            ):
                yield section, body, SourcePosition(each.line, each.address)
    yield from cognito.entries(links)


_USERS = (
    ("AWS::CloudTrail::Trail", "S3BucketName"),
    ("AWS::CloudTrail::Trail", "KMSKeyId"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsLogGroupArn"),
    ("AWS::CloudTrail::Trail", "SnsTopicName"),
    ("AWS::CloudTrail::EventDataStore", "KmsKeyId"),
    ("AWS::CloudWatch::Alarm", "AlarmActions"),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmActions"),
)


def _identities(declared: Declaration) -> Iterator[Any]:
    for name in NAMING:
        yield declared.values.get(name)
    bucket = known(declared.values.get("BucketName"))
    if bucket:
        yield f"arn:aws:s3:::{bucket}"


def _key(declared: Declaration, _: Links) -> dict[str, Any]:
    values = declared.values
    enabled = flag("Enabled", default=True)(values)
    state = enabled
    if not is_unknown(enabled):
        state = "Enabled" if enabled else "Disabled"
    arn = pending(f"{declared.address}.Arn: {_DEPLOYED}")
    return {
        "id": arn,
        "arn": arn,
        "region": declared.region,
        "metadata": {
            "Arn": arn,
            "Enabled": enabled,
            "KeyState": state,
            "KeyManager": "CUSTOMER",
            **shape(
                values,
                {
                    "Description": "Description",
                    "KeyUsage": default("KeyUsage", "ENCRYPT_DECRYPT"),
                    "KeySpec": default("KeySpec", "SYMMETRIC_DEFAULT"),
                    "MultiRegion": flag("MultiRegion", default=False),
                    "Origin": default("Origin", "AWS_KMS"),
                },
            ),
        },
        "rotation": {
            "KeyRotationEnabled": flag("EnableKeyRotation", default=False)(values)
        },
        "policy": policy(
            default("KeyPolicy", pending("KeyPolicy: AWS's default policy"))(values),
            "KeyPolicy",
        ),
        "_state": {},
    }


def _log_group(declared: Declaration, _: Links) -> dict[str, Any]:
    spec: Spec = {
        "logGroupName": required("LogGroupName", _DEPLOYED),
        "retentionInDays": "RetentionInDays",
        "kmsKeyId": "KmsKeyId",
        "logGroupClass": default("LogGroupClass", "STANDARD"),
    }
    return {
        "arn": pending(f"{declared.address}.Arn: {_DEPLOYED}"),
        **shape(declared.values, spec),
        "region": declared.region,
    }


def _metric_filter(declared: Declaration, _: Links) -> dict[str, Any]:
    return {**shape(declared.values, _FILTER), "region": declared.region}


def _alarm(declared: Declaration, _: Links) -> dict[str, Any]:
    arn = pending(f"{declared.address}.Arn: {_DEPLOYED}")
    return {
        **shape(declared.values, _ALARM),
        "AlarmArn": arn,
        "region": declared.region,
    }


def _topic(declared: Declaration, links: Links) -> dict[str, Any]:
    sure, maybe = links.children(declared, "AWS::SNS::Subscription", "TopicArn")
    own = many("Subscription", _SUBSCRIPTION)(declared.values)
    subscriptions: Any = own
    if maybe:
        subscriptions = pending(f"subscriptions: {_DEPLOYED}")
    elif not is_unknown(own):
        arn = pending(f"SubscriptionArn: {_DEPLOYED}")
        every = [*own, *(shape(each.values, _SUBSCRIPTION) for each in sure)]
        subscriptions = [{**each, "SubscriptionArn": arn} for each in every]
        if not every:
            subscriptions = undeclared("subscriptions", "template")
    spec = same("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
    return {
        "TopicArn": pending(f"{declared.address}: {_DEPLOYED}"),
        "region": declared.region,
        "attributes": shape(declared.values, spec),
        "policy": links.part(
            declared,
            "AWS::SNS::TopicPolicy",
            "Topics",
            lambda each: policy(each.values.get("PolicyDocument"), "PolicyDocument"),
            pending("policy: AWS's default policy"),
        ),
        "subscriptions": subscriptions,
        "_state": {},
    }
