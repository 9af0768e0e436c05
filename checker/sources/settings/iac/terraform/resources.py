"""Convert the resources of a Terraform plan AWS's own form.

Each body has the keys that a live account's answers have (`schemas/snapshot.json`).
Defaults are those of the AWS provider, or of AWS for a resource that the plan creates.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checker.sources.settings.iac.attributes import (
    Reader,
    Spec,
    block,
    default,
    each_of,
    filled,
    many,
    required,
    shape,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    arn_start,
    is_unknown,
    known,
    names_cloudtrail,
    pending,
    policy,
    present,
    text,
    undeclared,
)
from checker.sources.settings.iac.key_aliases import AliasTypes, with_aliases
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.terraform import (
    buckets,
    cognito,
    observability,
    roles,
    trails,
)
from checker.sources.settings.iac.terraform.buckets import chosen
from checker.sources.settings.iac.topics import default_topic_policy, subscription
from checker.sources.settings.iac.used_by import used_by

TYPES = frozenset(
    {
        "aws_cloudtrail",
        "aws_cloudtrail_event_data_store",
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_kms_alias",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_cloudwatch_composite_alarm",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_cloudwatch_log_resource_policy",
        *roles.TYPES,
        *buckets.TYPES,
        *cognito.TYPES,
        *observability.TYPES,
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


def _dimensions(value: Any) -> list[dict[str, Any]]:
    given = value if isinstance(value, Mapping) else {}
    return [{"Name": name, "Value": each} for name, each in given.items()]


_STAT: Spec = {
    "Metric": lambda values: shape(
        values,
        {
            "MetricName": "metric_name",
            "Namespace": "namespace",
            "Dimensions": lambda metric: each_of(metric.get("dimensions"), _dimensions),
        },
    ),
    "Period": "period",
    "Stat": "stat",
    "Unit": "unit",
}
_QUERY: Spec = {
    "Id": "id",
    "AccountId": "account_id",
    "Expression": "expression",
    "Label": "label",
    "Period": "period",
    "ReturnData": default("return_data", otherwise=False),
    "MetricStat": block("metric", _STAT),
}


def _of_suppressor(name: str) -> Reader:
    """Read an attribute of the block that names the alarm which keeps actions back."""
    suppressor = block("actions_suppressor", {name: name})
    return lambda values: each_of(suppressor(values), lambda each: each and each[name])


_ALARM: Spec = {
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
    "DatapointsToAlarm": lambda values: (
        values.get("datapoints_to_alarm") or None
        if not is_unknown(values.get("datapoints_to_alarm"))
        else values.get("datapoints_to_alarm")
    ),
    "Unit": "unit",
    "Dimensions": lambda values: each_of(values.get("dimensions"), _dimensions),
    "Metrics": filled("metric_query", _QUERY),
    "EvaluateLowSampleCountPercentile": "evaluate_low_sample_count_percentiles",
    "ThresholdMetricId": "threshold_metric_id",
    "AlarmDescription": "alarm_description",
    "Threshold": "threshold",
    "ComparisonOperator": "comparison_operator",
    "TreatMissingData": "treat_missing_data",
    "AlarmRule": "alarm_rule",
    "ActionsSuppressor": _of_suppressor("alarm"),
    "ActionsSuppressorWaitPeriod": _of_suppressor("wait_period"),
    "ActionsSuppressorExtensionPeriod": _of_suppressor("extension_period"),
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
    "TopicArn": "topic_arn",
    "Protocol": "protocol",
    "Endpoint": "endpoint",
    "FilterPolicy": "filter_policy",
}


def entries(
    found: Sequence[Declaration], hidden: frozenset[str] = frozenset()
) -> Iterator[Entry]:
    """Return the bodies of all resources of a plan, section by section.

    Of the types in `hidden` a later plan makes others, which are not among those found.
    """
    links = Links(with_aliases(found, _ALIASES), _identities, hidden)
    for section, kind, read, only_used in _READERS:
        reader: Callable[[Declaration, Links], dict[str, Any]] = read
        for each in links.of(kind):
            body = reader(each, links)
            users = list(used_by(each, links, _USERS, _KINDS, "aws_kms_key"))
            if only_used:
                body["used_by"] = users
            if not only_used or users or names_cloudtrail(body.get("policy")):
                yield section, body, SourcePosition(1, each.address)
    for each in links.of("aws_s3_account_public_access_block"):
        body = buckets.account_block(each)
        yield "account_public_access_block", body, SourcePosition(1, each.address)
    yield from cognito.entries(links)


def _trail(declared: Declaration, _: Links) -> dict[str, Any]:
    return trails.trail(declared)


def _store(declared: Declaration, _: Links) -> dict[str, Any]:
    return trails.event_data_store(declared)


def _alarm(declared: Declaration, _: Links) -> dict[str, Any]:
    return {
        "AlarmName": declared.name,
        "AlarmArn": declared.arn,
        **shape(declared.values, _ALARM),
        "region": declared.region,
    }


_ALIASES = AliasTypes("aws_kms_key", "aws_kms_alias", "target_key_id")
_USERS = (
    ("aws_cloudtrail", "s3_bucket_name"),
    ("aws_cloudtrail", "kms_key_id"),
    ("aws_cloudtrail", "cloud_watch_logs_group_arn"),
    ("aws_cloudtrail", "sns_topic_name"),
    ("aws_cloudtrail_event_data_store", "kms_key_id"),
    ("aws_cloudwatch_metric_alarm", "alarm_actions"),
    ("aws_cloudwatch_composite_alarm", "alarm_actions"),
    ("aws_s3_bucket_server_side_encryption_configuration", "rule"),
    ("aws_sns_topic", "kms_master_key_id"),
)
_KINDS = {
    "aws_cloudtrail": "trail",
    "aws_cloudtrail_event_data_store": "store",
    "aws_cloudwatch_metric_alarm": "alarm",
    "aws_cloudwatch_composite_alarm": "alarm",
    "aws_s3_bucket_server_side_encryption_configuration": "encryption",
    "aws_sns_topic": "topic",
}


def _identities(declared: Declaration) -> Iterator[Any]:
    values = declared.values
    for name in ("id", "arn", "bucket", "key_id"):
        yield values.get(name)
    yield declared.arn
    arn = known(declared.arn)
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
        "id": declared.arn,
        "arn": declared.arn,
        "region": declared.region,
        "metadata": {
            "Arn": declared.arn,
            "KeyId": values.get("key_id"),
            "Origin": "AWS_KMS",
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


def _log_group(declared: Declaration, links: Links) -> dict[str, Any]:
    body = {
        "arn": _group_arn(declared.arn),
        "logGroupName": declared.name,
        **shape(declared.values, _LOG_GROUP),
        "region": declared.region,
        "resource_policies": [
            *(
                {
                    "policyName": each.values.get("policy_name"),
                    "policy": policy(each.values.get("policy_document"), "policy"),
                }
                for each in links.of("aws_cloudwatch_log_resource_policy")
            ),
            undeclared("resource_policies", "plan"),
        ],
        "_state": {},
    }
    days = body.get("retentionInDays")
    if not is_unknown(days) and days == 0:
        del body["retentionInDays"]
    return body


def _group_arn(arn: Any) -> Any:
    """Return the ARN as DescribeLogGroups gives it."""
    if isinstance(arn, str):
        return arn if arn.endswith(":*") else f"{arn}:*"
    return text((arn, ":*"), arn.reason) if is_unknown(arn) else arn


def _metric_filter(declared: Declaration, links: Links) -> dict[str, Any]:
    body = {**shape(declared.values, _METRIC_FILTER), "region": declared.region}
    groups = links.parents(declared, "log_group_name", "aws_cloudwatch_log_group")
    group = body.get("logGroupName")
    if len(groups) == 1:
        body["log_group_arn"] = _group_arn(groups[0].arn)
    elif isinstance(group, str):
        region, account = declared.region, declared.account
        parts = (*arn_start("logs", region, account), "log-group:", group, ":*")
        body["log_group_arn"] = text(parts, "the log group's ARN: known after apply")
    return present(body)


def _topic(declared: Declaration, links: Links) -> dict[str, Any]:
    values = declared.values
    given = values.get("policy")
    unset = is_unknown(given) and not chosen(declared, "policy")
    inline = (
        default_topic_policy(declared.arn, declared.account)
        if declared.new and (unset or not (is_unknown(given) or given))
        else policy(given, "policy")
    )
    return {
        "TopicArn": declared.arn,
        "region": declared.region,
        "attributes": _attributes(declared),
        "policy": links.part(
            declared,
            "aws_sns_topic_policy",
            "arn",
            lambda each: policy(each.values.get("policy"), "policy"),
            inline,
        ),
        "subscriptions": _subscriptions(declared, links),
        "_state": {},
    }


def _attributes(declared: Declaration) -> Any:
    """Return a topic's attributes; what a new one leaves out is not set."""
    body = shape(declared.values, _TOPIC)
    if declared.new:
        for key, name in (("KmsMasterKeyId", "kms_master_key_id"),):
            if is_unknown(body.get(key)) and not chosen(declared, name):
                del body[key]
    return body


def _subscriptions(declared: Declaration, links: Links) -> Any:
    sure, maybe = links.children(declared, "aws_sns_topic_subscription", "topic_arn")
    if maybe:
        return pending("subscriptions: known only after apply")
    if not sure and not declared.new:
        return undeclared("subscriptions", "plan")
    return [_subscription(each) for each in sure]


def _subscription(declared: Declaration) -> Any:
    values = declared.values
    body = shape(values, _SUBSCRIPTION)
    arn, waiting = values.get("arn"), values.get("pending_confirmation")
    if is_unknown(arn) or arn is None or "FilterPolicy" in body:
        return subscription(body)
    if is_unknown(waiting):
        return {**body, "SubscriptionArn": waiting}
    return {**body, "SubscriptionArn": "PendingConfirmation" if waiting else arn}


_READERS: tuple[tuple[str, str, Callable[..., dict[str, Any]], bool], ...] = (
    ("trails", "aws_cloudtrail", _trail, False),
    ("event_data_stores", "aws_cloudtrail_event_data_store", _store, False),
    ("buckets", "aws_s3_bucket", buckets.bucket, True),
    ("kms_keys", "aws_kms_key", _key, True),
    ("log_groups", "aws_cloudwatch_log_group", _log_group, True),
    ("metric_filters", "aws_cloudwatch_log_metric_filter", _metric_filter, False),
    ("alarms", "aws_cloudwatch_metric_alarm", _alarm, False),
    ("alarms", "aws_cloudwatch_composite_alarm", _alarm, False),
    ("sns_topics", "aws_sns_topic", _topic, True),
    ("oam_sinks", "aws_oam_sink", observability.sink, False),
    ("oam_links", "aws_oam_link", observability.link, False),
)
SECTIONS_OF: Mapping[str, str] = {
    **{kind: section for section, kind, *_ in _READERS},
    **dict.fromkeys(
        (kind for kind in buckets.TYPES if kind.startswith("aws_s3_bucket")), "buckets"
    ),
    "aws_kms_key_policy": "kms_keys",
    "aws_sns_topic_policy": "sns_topics",
    "aws_oam_sink_policy": "oam_sinks",
    "aws_sns_topic_subscription": "sns_topics",
    "aws_cognito_identity_pool": "identity_pools",
    "aws_cognito_user_pool": "user_pools",
    "aws_cognito_user_pool_client": "user_pools",
    "aws_cognito_managed_user_pool_client": "user_pools",
}
"""The section that the resources of a type belong to, or are a part of."""
