"""This module gives the resources of a CloudFormation template AWS's own form.

Each body has the keys that a live account's answers have (`schemas/snapshot.json`).
Properties mostly have the names of the API's members; a property that is left out has
the default that AWS documents, and is unknown where it documents none.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-eventdatastore.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checker.conditions import Unknown
from checker.sources import cloudformation_buckets, cloudformation_pools
from checker.sources.attributes import (
    Spec,
    default,
    flag,
    many,
    required,
    same,
    shape,
)
from checker.sources.declared import (
    Declaration,
    Entry,
    Links,
    Place,
    is_unknown,
    known,
    names_cloudtrail,
    policy,
    present,
)

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
        *cloudformation_buckets.TYPES,
        *cloudformation_pools.TYPES,
    }
)
"""The resource types that settings are read from."""

NAMING = ("BucketName", "LogGroupName", "TopicName")
"""The properties by which other resources may name a resource."""

_DEPLOYED = "known only when it is deployed"


def _global_events(values: Mapping[str, Any]) -> Any:
    """Tell whether global services are included.

    No default is documented, but AWS refuses a multi-Region trail without them.
    """
    given = flag("IncludeGlobalServiceEvents", default=None)(values)
    if is_unknown(given) or given is not None:
        return given
    everywhere = flag("IsMultiRegionTrail", default=False)(values)
    if not is_unknown(everywhere) and everywhere:
        return True
    return Unknown("IncludeGlobalServiceEvents: no default is documented")


_logging = flag("IsLogging", default=Unknown("IsLogging: required, and not given"))
_BASIC: Spec = {
    "ReadWriteType": default("ReadWriteType", "All"),
    "IncludeManagementEvents": flag("IncludeManagementEvents", default=True),
    "ExcludeManagementEventSources": default("ExcludeManagementEventSources", []),
    "DataResources": many("DataResources", same("Type", "Values")),
}
_ADVANCED: Spec = {
    "Name": "Name",
    "FieldSelectors": many(
        "FieldSelectors",
        same(
            "Field",
            "Equals",
            "StartsWith",
            "EndsWith",
            "NotEquals",
            "NotStartsWith",
            "NotEndsWith",
        ),
    ),
}
_TRAIL: Spec = {
    "Name": "TrailName",
    "IsMultiRegionTrail": flag("IsMultiRegionTrail", default=False),
    "IncludeGlobalServiceEvents": _global_events,
    "IsOrganizationTrail": flag("IsOrganizationTrail", default=False),
    "LogFileValidationEnabled": flag("EnableLogFileValidation", default=False),
    "S3BucketName": "S3BucketName",
    "S3KeyPrefix": "S3KeyPrefix",
    "KmsKeyId": "KMSKeyId",
    "CloudWatchLogsLogGroupArn": "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
    "insight_selectors": many(
        "InsightSelectors", same("InsightType", "EventCategories")
    ),
    "aggregation_configurations": many(
        "AggregationConfigurations", same("EventCategory", "Templates")
    ),
}
_STORE: Spec = {
    "Name": "Name",
    "MultiRegionEnabled": flag(
        "MultiRegionEnabled",
        default=Unknown("MultiRegionEnabled: no default is documented"),
    ),
    "OrganizationEnabled": flag("OrganizationEnabled", default=False),
    "TerminationProtectionEnabled": flag("TerminationProtectionEnabled", default=True),
    "BillingMode": default("BillingMode", "EXTENDABLE_RETENTION_PRICING"),
    "RetentionPeriod": default(
        "RetentionPeriod", Unknown("RetentionPeriod: the billing mode's default")
    ),
    "KmsKeyId": "KmsKeyId",
}
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
    """Give the bodies of all resources of a template, section by section."""
    links = Links(found, _identities)
    for section, kind, read, only_used in (
        ("trails", "AWS::CloudTrail::Trail", _trail, False),
        ("event_data_stores", "AWS::CloudTrail::EventDataStore", _store, False),
        ("buckets", "AWS::S3::Bucket", cloudformation_buckets.bucket, True),
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
                or _used(each, links)
                or names_cloudtrail(body.get("policy"))
            ):
                yield section, body, Place(each.line, each.address)
    yield from cloudformation_pools.entries(links)


_USERS = (
    ("AWS::CloudTrail::Trail", "S3BucketName"),
    ("AWS::CloudTrail::Trail", "KMSKeyId"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsLogGroupArn"),
    ("AWS::CloudTrail::Trail", "SnsTopicName"),
    ("AWS::CloudTrail::EventDataStore", "KmsKeyId"),
    ("AWS::CloudWatch::Alarm", "AlarmActions"),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmActions"),
)


def _used(resource: Declaration, links: Links) -> bool:
    """Tell whether a trail, event data store or alarm surely or possibly uses it."""
    return any(
        resource.address in user.references.get(attribute, ())
        or links.refers(user, attribute, resource)
        for kind, attribute in _USERS
        for user in links.of(kind)
    )


def _identities(declared: Declaration) -> Iterator[Any]:
    for name in NAMING:
        yield declared.values.get(name)
    bucket = known(declared.values.get("BucketName"))
    if bucket:
        yield f"arn:aws:s3:::{bucket}"


def _trail(declared: Declaration, _: Links) -> dict[str, Any]:
    values = declared.values
    body = shape(values, _TRAIL)
    exists = values.get("::exists")
    topic = values.get("SnsTopicName")
    named = is_unknown(topic) or topic
    absent = [
        name
        for name in ("insight_selectors", "aggregation_configurations")
        if not is_unknown(body[name]) and not body[name]
    ]
    status = {"IsLogging": _logging(values)}
    return present(
        {
            "TrailARN": Unknown(f"TrailARN: {_DEPLOYED}"),
            **body,
            "HomeRegion": declared.region,
            "SnsTopicARN": Unknown(f"SnsTopicARN: {_DEPLOYED}") if named else None,
            "owned": True,
            "status": exists if is_unknown(exists) else status,
            "event_selectors": shape(
                values,
                {
                    "EventSelectors": many("EventSelectors", _BASIC),
                    "AdvancedEventSelectors": many("AdvancedEventSelectors", _ADVANCED),
                },
            ),
            "_state": {"status": "ok", "event_selectors": "ok"}
            | dict.fromkeys(absent, "absent"),
        }
    )


def _store(declared: Declaration, _: Links) -> dict[str, Any]:
    values = declared.values
    exists = values.get("::exists")
    ingesting = flag("IngestionEnabled", default=True)(values)
    if is_unknown(exists) or is_unknown(ingesting):
        status = exists if is_unknown(exists) else ingesting
    else:
        status = "ENABLED" if ingesting else "STOPPED_INGESTION"
    return {
        "EventDataStoreArn": Unknown(f"EventDataStoreArn: {_DEPLOYED}"),
        **shape(values, _STORE),
        "AdvancedEventSelectors": many("AdvancedEventSelectors", _ADVANCED)(values),
        "Status": status,
        "region": declared.region,
    }


def _key(declared: Declaration, _: Links) -> dict[str, Any]:
    values = declared.values
    enabled = flag("Enabled", default=True)(values)
    state = enabled
    if not is_unknown(enabled):
        state = "Enabled" if enabled else "Disabled"
    arn = Unknown(f"{declared.address}.Arn: {_DEPLOYED}")
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
            default("KeyPolicy", Unknown("KeyPolicy: AWS's default policy"))(values),
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
        "arn": Unknown(f"{declared.address}.Arn: {_DEPLOYED}"),
        **shape(declared.values, spec),
        "region": declared.region,
    }


def _metric_filter(declared: Declaration, _: Links) -> dict[str, Any]:
    return {**shape(declared.values, _FILTER), "region": declared.region}


def _alarm(declared: Declaration, _: Links) -> dict[str, Any]:
    arn = Unknown(f"{declared.address}.Arn: {_DEPLOYED}")
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
        subscriptions = Unknown(f"subscriptions: {_DEPLOYED}")
    elif not is_unknown(own):
        arn = Unknown(f"SubscriptionArn: {_DEPLOYED}")
        every = [*own, *(shape(each.values, _SUBSCRIPTION) for each in sure)]
        subscriptions = [{**each, "SubscriptionArn": arn} for each in every]
        if not every:
            reason = "subscriptions: the template declares none"
            subscriptions = Unknown(reason)
    spec = same("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
    return {
        "TopicArn": Unknown(f"{declared.address}: {_DEPLOYED}"),
        "region": declared.region,
        "attributes": shape(declared.values, spec),
        "policy": links.part(
            declared,
            "AWS::SNS::TopicPolicy",
            "Topics",
            lambda each: policy(each.values.get("PolicyDocument"), "PolicyDocument"),
            Unknown("policy: AWS's default policy"),
        ),
        "subscriptions": subscriptions,
        "_state": {},
    }
