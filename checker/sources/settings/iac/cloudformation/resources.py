"""Convert the resources of a CloudFormation template AWS's own form.

Each body has the keys that a live account's answers have (`schemas/snapshot.json`).
Properties mostly have the names of the API's members; a property that is left out has
the default that AWS documents, and is unknown where it documents none.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import joined
from checker.conditions.unknown import either
from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    each_of,
    filled,
    flag,
    many,
    same,
    shape,
)
from checker.sources.settings.iac.cloudformation import (
    buckets,
    cognito,
    observability,
    roles,
    trails,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    Entry,
    SourcePosition,
    arn_start,
    hole,
    is_unknown,
    known,
    names_cloudtrail,
    pending,
    policy,
    text,
    undeclared,
)
from checker.sources.settings.iac.key_aliases import AliasTypes, with_aliases
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.topics import default_topic_policy, subscription
from checker.sources.settings.iac.used_by import used_by

_TOPIC_POLICIES = (
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("AWS::SNS::TopicInlinePolicy", "TopicArn"),
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
        *(kind for kind, _ in _TOPIC_POLICIES),
        "AWS::SNS::Subscription",
        "AWS::Logs::ResourcePolicy",
        *roles.TYPES,
        *buckets.TYPES,
        *cognito.TYPES,
        *observability.TYPES,
    }
)
"""The resource types that settings are read from."""

NAMING = ("BucketName", "LogGroupName", "TopicName")
"""The properties by which other resources may name a resource."""

_DEPLOYED = "known only when it is deployed"


_QUERY: Spec = {
    **same("Id", "AccountId", "Expression", "Label", "Period", "MetricStat"),
    "ReturnData": flag("ReturnData", default=None),
}
_ALARM: Spec = {
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
        "Unit",
        "Period",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
        "EvaluateLowSampleCountPercentile",
        "ThresholdMetricId",
        "ActionsSuppressor",
        "ActionsSuppressorExtensionPeriod",
        "ActionsSuppressorWaitPeriod",
        "EvaluationCriteria",
        "EvaluationInterval",
    ),
    "Dimensions": default("Dimensions", []),
    "Metrics": filled("Metrics", _QUERY),
}
_FILTER: Spec = {
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
_SUBSCRIPTION: Spec = same("TopicArn", "Protocol", "Endpoint", "FilterPolicy")


def entries(
    found: Sequence[Declaration], hidden: frozenset[str] = frozenset()
) -> Iterator[Entry]:
    """Return the bodies of all resources of a template, section by section.

    Of the types in `hidden` the template makes others, which are not among those found.
    """
    links = Links(with_aliases(found, _ALIASES), _identities, hidden)
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
        ("oam_sinks", "AWS::Oam::Sink", observability.sink, False),
        ("oam_links", "AWS::Oam::Link", observability.link, False),
    ):
        reader: Callable[[Declaration, Links], dict[str, Any]] = read
        for each in links.of(kind):
            body = reader(each, links)
            users = list(used_by(each, links, _USERS, _KINDS, "AWS::KMS::Key"))
            if only_used:
                body["used_by"] = users
            if is_unknown(each.exists):
                body["_exists"] = each.exists
            if not only_used or users or names_cloudtrail(body.get("policy")):
                yield section, body, SourcePosition(each.line, each.address)
    yield from cognito.entries(links)


_ALIASES = AliasTypes("AWS::KMS::Key", "AWS::KMS::Alias", "TargetKeyId")
_USERS = (
    ("AWS::CloudTrail::Trail", "S3BucketName"),
    ("AWS::CloudTrail::Trail", "KMSKeyId"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsLogGroupArn"),
    ("AWS::CloudTrail::Trail", "SnsTopicName"),
    ("AWS::CloudTrail::EventDataStore", "KmsKeyId"),
    ("AWS::CloudWatch::Alarm", "AlarmActions"),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmActions"),
    # The keys of what these use: a bucket's objects, a topic's messages.
    ("AWS::S3::Bucket", "BucketEncryption"),
    ("AWS::SNS::Topic", "KmsMasterKeyId"),
)
_KINDS = {
    "AWS::CloudTrail::Trail": "trail",
    "AWS::CloudTrail::EventDataStore": "store",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::CloudWatch::CompositeAlarm": "alarm",
    "AWS::S3::Bucket": "bucket",
    "AWS::SNS::Topic": "topic",
}


def _identities(declared: Declaration) -> Iterator[Any]:
    for name in NAMING:
        yield declared.values.get(name)
    yield from (declared.name, declared.arn)
    yield _without_star(declared.arn)


def _without_star(arn: Any) -> Any:
    """Return a log group's ARN as some name it: without the `:*` at its end."""
    if not isinstance(arn, Unknown):
        return known(arn) and str(arn).removesuffix(":*")
    *first, last = arn.sketch or ("",)
    if not (isinstance(last, str) and last.endswith(":*")):
        return None
    return hole(arn.reason, joined((*first, last.removesuffix(":*"))))


def _key(declared: Declaration, _: Links) -> dict[str, Any]:
    values = declared.values
    enabled = flag("Enabled", default=True)(values)
    state = enabled
    if not is_unknown(enabled):
        state = "Enabled" if enabled else "Disabled"
    arn = declared.arn
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


def _log_group(declared: Declaration, links: Links) -> dict[str, Any]:
    spec: Spec = {
        "retentionInDays": "RetentionInDays",
        "kmsKeyId": "KmsKeyId",
        "logGroupClass": default("LogGroupClass", "STANDARD"),
    }
    return {
        "arn": declared.arn,
        "logGroupName": declared.name,
        **shape(declared.values, spec),
        "region": declared.region,
        "resource_policies": [
            *(_resource_policy(each) for each in links.of("AWS::Logs::ResourcePolicy")),
            undeclared("resource_policies", "template"),
        ],
        "_state": {},
    }


def _resource_policy(declared: Declaration) -> Any:
    """Return a policy of the Region, which may name the log group."""
    document = policy(declared.values.get("PolicyDocument"), "PolicyDocument")
    body = {"policyName": declared.values.get("PolicyName"), "policy": document}
    if not is_unknown(declared.exists):
        return body
    return either([body, None], declared.exists.reason, declared.exists.cause)


def _group_arn(name: Any, declared: Declaration) -> Any:
    region, account = declared.region, declared.account
    parts = (*arn_start("logs", region, account), "log-group:", name, ":*")
    return text(parts, f"the log group's ARN: {_DEPLOYED}")


def _metric_filter(declared: Declaration, _: Links) -> dict[str, Any]:
    body = {
        "filterName": declared.name,
        **shape(declared.values, _FILTER),
        "region": declared.region,
    }
    group = body.get("logGroupName")
    whole = isinstance(group, Unknown) and group.among is None
    arn = (
        _group_arn(group, declared)
        if whole
        else each_of(
            group, lambda one: None if one is None else _group_arn(one, declared)
        )
    )
    if is_unknown(arn) or arn is not None:
        body["log_group_arn"] = arn
    return body


def _alarm(declared: Declaration, _: Links) -> dict[str, Any]:
    return {
        "AlarmName": declared.name,
        "AlarmArn": declared.arn,
        **shape(declared.values, _ALARM),
        "region": declared.region,
    }


def _topic(declared: Declaration, links: Links) -> dict[str, Any]:
    spec = same("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
    return {
        "TopicArn": declared.arn,
        "region": declared.region,
        "attributes": shape(declared.values, spec),
        "policy": _topic_policy(declared, links),
        "subscriptions": _subscriptions(declared, links),
        "_state": {},
    }


def _topic_policy(declared: Declaration, links: Links) -> Any:
    """Return the policy of a topic, by either of the resources that set it."""
    found: Any = default_topic_policy(declared.arn, declared.account)
    for kind, attribute in _TOPIC_POLICIES:
        found = links.part(
            declared,
            kind,
            attribute,
            lambda each: policy(each.values.get("PolicyDocument"), "PolicyDocument"),
            found,
        )
    return found


def _subscriptions(declared: Declaration, links: Links) -> Any:
    sure, maybe = links.children(declared, "AWS::SNS::Subscription", "TopicArn")
    own = many("Subscription", _SUBSCRIPTION)(declared.values)
    if maybe:
        return pending(f"subscriptions: {_DEPLOYED}")
    if is_unknown(own):
        return own
    found = [subscription(each) for each in own]
    for each in sure:
        body = subscription(shape(each.values, _SUBSCRIPTION))
        if is_unknown(each.exists):
            reason, cause = each.exists.reason, each.exists.cause
            body = either([body, None], reason, cause)
        found.append(body)
    return found or undeclared("subscriptions", "template")
