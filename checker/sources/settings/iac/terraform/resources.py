"""Convert the resources of a Terraform plan AWS's own form.

Each body has the keys that a live account's answers have (`schemas/snapshot.json`).
Defaults are those of the AWS provider, or of AWS for a resource that the plan creates.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from checker.sources.settings.iac.attributes import Spec, default, many, required, shape
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    is_unknown,
    known,
    names_cloudtrail,
    pending,
    policy,
    present,
    undeclared,
)
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.terraform import buckets, cognito, trails

TYPES = frozenset(
    {
        "aws_cloudtrail",
        "aws_cloudtrail_event_data_store",
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_cloudwatch_composite_alarm",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        *buckets.TYPES,
        *cognito.TYPES,
    }
)
"""The resource types that settings are read from."""

_METRIC_FILTER: Spec = {
    "filterName": required("name"),
    "filterPattern": default("pattern", ""),
    "logGroupName": "log_group_name",
    "applyOnTransformedLogs": default("apply_on_transformed_logs", otherwise=False),
    "metricTransformations": many(
        "metric_transformation",
        {
            "metricName": "name",
            "metricNamespace": "namespace",
            "metricValue": "value",
            "defaultValue": "default_value",
            "unit": "unit",
            "dimensions": "dimensions",
        },
    ),
}
_ALARM: Spec = {
    "AlarmName": required("alarm_name"),
    "AlarmArn": "arn",
    "ActionsEnabled": default("actions_enabled", otherwise=True),
    "AlarmActions": default("alarm_actions", []),
    "OKActions": default("ok_actions", []),
    "InsufficientDataActions": default("insufficient_data_actions", []),
    "MetricName": "metric_name",
    "Namespace": "namespace",
    "Statistic": "statistic",
    "ExtendedStatistic": "extended_statistic",
    "Period": "period",
    "EvaluationPeriods": "evaluation_periods",
    "DatapointsToAlarm": "datapoints_to_alarm",
    "Threshold": "threshold",
    "ComparisonOperator": "comparison_operator",
    "TreatMissingData": "treat_missing_data",
    "AlarmRule": "alarm_rule",
}
_LOG_GROUP: Spec = {
    "logGroupName": "name",
    "retentionInDays": "retention_in_days",
    "kmsKeyId": "kms_key_id",
    "logGroupClass": "log_group_class",
}
_TOPIC: Spec = {
    "DisplayName": "display_name",
    "KmsMasterKeyId": "kms_master_key_id",
    "SignatureVersion": "signature_version",
    "TracingConfig": "tracing_config",
}
_SUBSCRIPTION: Spec = {
    "SubscriptionArn": required("arn"),
    "TopicArn": "topic_arn",
    "Protocol": "protocol",
    "Endpoint": "endpoint",
}


def entries(found: Sequence[Declaration]) -> Iterator[Entry]:
    """Return the bodies of all resources of a plan, section by section."""
    links = Links(found, _identities)
    for section, kind, read, only_used in (
        ("trails", "aws_cloudtrail", _trail, False),
        ("event_data_stores", "aws_cloudtrail_event_data_store", _store, False),
        ("buckets", "aws_s3_bucket", buckets.bucket, True),
        ("kms_keys", "aws_kms_key", _key, True),
        ("log_groups", "aws_cloudwatch_log_group", _log_group, True),
        ("metric_filters", "aws_cloudwatch_log_metric_filter", _metric_filter, False),
        ("alarms", "aws_cloudwatch_metric_alarm", _alarm, False),
        ("alarms", "aws_cloudwatch_composite_alarm", _alarm, False),
        ("sns_topics", "aws_sns_topic", _topic, True),
    ):
        reader: Callable[[Declaration, Links], dict[str, Any]] = read
        for each in links.of(kind):
            body = reader(each, links)
            if (
                not only_used
                or links.used(_USERS, each)
                or names_cloudtrail(body.get("policy"))
            ):
                yield section, body, SourcePosition(1, each.address)
    yield from cognito.entries(links)


def _trail(declared: Declaration, _: Links) -> dict[str, Any]:
    return trails.trail(declared)


def _store(declared: Declaration, _: Links) -> dict[str, Any]:
    return trails.event_data_store(declared)


def _alarm(declared: Declaration, _: Links) -> dict[str, Any]:
    return {**shape(declared.values, _ALARM), "region": declared.region}


_USERS = (
    ("aws_cloudtrail", "s3_bucket_name"),
    ("aws_cloudtrail", "kms_key_id"),
    ("aws_cloudtrail", "cloud_watch_logs_group_arn"),
    ("aws_cloudtrail", "sns_topic_name"),
    ("aws_cloudtrail_event_data_store", "kms_key_id"),
    ("aws_cloudwatch_metric_alarm", "alarm_actions"),
    ("aws_cloudwatch_composite_alarm", "alarm_actions"),
    ("aws_s3_bucket_server_side_encryption_configuration", "rule"),
)


def _identities(declared: Declaration) -> Iterator[Any]:
    values = declared.values
    for name in ("id", "arn", "bucket", "key_id"):
        yield values.get(name)
    arn = known(values.get("arn"))
    if declared.type == "aws_cloudwatch_log_group" and arn:
        yield f"{arn}:*"
    if declared.type in ("aws_sns_topic", "aws_cloudwatch_log_group"):
        yield values.get("name")


def _key(declared: Declaration, links: Links) -> dict[str, Any]:
    values = declared.values
    enabled = shape(values, {"Enabled": default("is_enabled", otherwise=True)})[
        "Enabled"
    ]
    state = enabled
    if not is_unknown(enabled):
        state = "Enabled" if enabled else "Disabled"
    metadata: Spec = {
        "Arn": required("arn"),
        "KeyId": required("key_id"),
        "Description": "description",
        "KeyUsage": default("key_usage", "ENCRYPT_DECRYPT"),
        "KeySpec": default("customer_master_key_spec", "SYMMETRIC_DEFAULT"),
        "MultiRegion": default("multi_region", otherwise=False),
    }
    rotation: Spec = {
        "KeyRotationEnabled": default("enable_key_rotation", otherwise=False),
        "RotationPeriodInDays": "rotation_period_in_days",
    }
    return {
        **shape(values, {"id": required("arn"), "arn": required("arn")}),
        "region": declared.region,
        "metadata": {
            **shape(values, metadata),
            "Enabled": enabled,
            "KeyState": state,
            "KeyManager": "CUSTOMER",
        },
        "rotation": shape(values, rotation),
        "policy": links.part(
            declared,
            "aws_kms_key_policy",
            "key_id",
            lambda each: policy(each.values.get("policy"), "policy"),
            policy(values.get("policy"), "policy"),
        ),
        "_state": {},
    }


def _log_group(declared: Declaration, _: Links) -> dict[str, Any]:
    body = {
        **shape(declared.values, {"arn": required("arn")}),
        **shape(declared.values, _LOG_GROUP),
        "region": declared.region,
    }
    arn = body["arn"]
    if isinstance(arn, str) and not arn.endswith(":*"):
        body["arn"] = f"{arn}:*"
    days = body.get("retentionInDays")
    if not is_unknown(days) and days == 0:
        del body["retentionInDays"]
    return body


def _metric_filter(declared: Declaration, links: Links) -> dict[str, Any]:
    groups = links.parents(declared, "log_group_name", "aws_cloudwatch_log_group")
    arn = _log_group(groups[0], links)["arn"] if len(groups) == 1 else None
    return present(
        {
            **shape(declared.values, _METRIC_FILTER),
            "log_group_arn": arn,
            "region": declared.region,
        }
    )


def _topic(declared: Declaration, links: Links) -> dict[str, Any]:
    sure, maybe = links.children(declared, "aws_sns_topic_subscription", "topic_arn")
    subscriptions: Any = [shape(each.values, _SUBSCRIPTION) for each in sure]
    if maybe:
        subscriptions = pending("subscriptions: known only after apply")
    elif not sure and not declared.new:
        subscriptions = undeclared("subscriptions", "plan")
    return {
        **shape(declared.values, {"TopicArn": required("arn")}),
        "region": declared.region,
        "attributes": shape(declared.values, _TOPIC),
        "policy": links.part(
            declared,
            "aws_sns_topic_policy",
            "arn",
            lambda each: policy(each.values.get("policy"), "policy"),
            policy(declared.values.get("policy"), "policy"),
        ),
        "subscriptions": subscriptions,
        "_state": {},
    }
