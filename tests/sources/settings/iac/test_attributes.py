"""Every attribute by which a live account is judged is read from code as well.

What rules and the alarm chain read is held, attribute by attribute, against what the
readers make of resources of which everything is written down.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from checker import conditions, rules
from checker.aws.answers import leaves
from checker.conditions import Cause, Unknown
from checker.evaluate.configuration.resources import KINDS
from checker.model import ConfigurationRule
from checker.sources.settings.iac.cloudformation import template as cloudformation
from checker.sources.settings.iac.declarations import Settings
from checker.sources.settings.iac.terraform import plan as terraform
from tests.sources.settings.iac.whole import PLAN, TEMPLATE
from tools import answer_types

# What the chain from a trail to a subscriber reads of a live account.
CHAIN = {
    "trails": ["CloudWatchLogsLogGroupArn", "status.IsLogging", "Name"],
    "metric_filters": [
        "filterName",
        "filterPattern",
        "log_group_arn",
        "region",
        "applyOnTransformedLogs",
        "metricTransformations[].metricName",
        "metricTransformations[].metricNamespace",
        "metricTransformations[].metricValue",
        "metricTransformations[].defaultValue",
        "metricTransformations[].unit",
        "metricTransformations[].dimensions",
        "fieldSelectionCriteria",
        "emitSystemFieldDimensions",
    ],
    "alarms": [
        "AlarmName",
        "AlarmArn",
        "region",
        "ActionsEnabled",
        "AlarmActions",
        "AlarmRule",
        "MetricName",
        "Namespace",
        "Dimensions",
        "Unit",
        "Metrics[].MetricStat.Metric.MetricName",
        "Metrics[].MetricStat.Metric.Namespace",
        "Metrics[].MetricStat.Metric.Dimensions",
        "Metrics[].MetricStat.Stat",
        "Metrics[].MetricStat.Unit",
        "Statistic",
        "ExtendedStatistic",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
    ],
    "sns_topics": [
        "TopicArn",
        "policy",
        "attributes.KmsMasterKeyId",
        "subscriptions[].SubscriptionArn",
    ],
    "kms_keys": ["id", "arn", "policy"],
    "buckets": ["lifecycle.Rules[].Status", "lifecycle.Rules[].Expiration.Days"],
}
_RUNNING = "only a trail that runs has deliveries"
# Attributes that code cannot have, and why.
NOWHERE = {
    ("trails", "status.LatestCloudWatchLogsDeliveryError"): _RUNNING,
    ("trails", "status.LatestCloudWatchLogsDeliveryTime"): _RUNNING,
    ("trails", "status.LatestDeliveryError"): _RUNNING,
    ("trails", "status.LatestDeliveryTime"): _RUNNING,
    ("trails", "status.LatestDigestDeliveryError"): _RUNNING,
    ("trails", "status.LatestDigestDeliveryTime"): _RUNNING,
    ("trails", "status.LatestNotificationError"): _RUNNING,
    ("trails", "status.StartLoggingTime"): _RUNNING,
}
_NOT_IN_TEMPLATE = {
    ("buckets", "versioning.MFADelete"): "CloudFormation has no property for it",
}
_NOT_IN_PLAN = {
    ("metric_filters", "fieldSelectionCriteria"): "the provider has no argument for it",
    ("metric_filters", "emitSystemFieldDimensions"): "the provider has none for it",
    (
        "user_pools",
        "AdminCreateUserConfig.UnusedAccountValidityDays",
    ): "the provider has only the password policy's",
}


def judged() -> dict[str, set[str]]:
    """Return what is read of each section, by rules and by the alarm chain."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for section, paths in CHAIN.items():
        found[section] |= set(paths)
    for rule in rules.load():
        if not isinstance(rule, ConfigurationRule):
            continue
        block = rule.configuration
        kind = KINDS.get(block.resource)
        if kind is None or kind.section in ("iam", "config_recorders"):
            continue
        start = f"{kind.within}[]." if kind.within else ""
        for node in (block.applies, block.condition):
            for path in conditions.paths(node) if node is not None else ():
                found[kind.section].add(start + path)
    return dict(found)


def has(bodies: list[Any], path: str) -> bool:
    """Return whether any body says something at a path: a value, or a reference."""
    values = bodies
    for step in path.replace("[]", ".[]").split("."):
        inner: list[Any] = []
        for value in values:
            if step == "[]":
                inner += value if isinstance(value, list) else []
            elif isinstance(value, dict) and step in value:
                inner.append(value[step])
        values = inner
    return any(
        not isinstance(value, Unknown) or value.cause is not Cause.UNDECLARED
        for value in values
    )


def from_template() -> Settings:
    text = json.dumps(TEMPLATE)
    document = cloudformation.document("t.json", text.encode())
    found = cloudformation.read("t.json", document)
    assert isinstance(found, Settings), found
    return found


def from_plan() -> Settings:
    found = terraform.read("p.json", PLAN)
    assert isinstance(found, Settings), found
    return found


@pytest.mark.parametrize(
    ("settings", "besides"),
    [(from_template, _NOT_IN_TEMPLATE), (from_plan, _NOT_IN_PLAN)],
    ids=["template", "plan"],
)
def test_every_attribute_that_is_judged_is_read(settings: Any, besides: Any) -> None:
    snapshot = settings().snapshot
    gaps = {
        (section, path)
        for section, paths in judged().items()
        for path in paths
        if not has(snapshot[section], path)
    }
    excepted = NOWHERE.keys() | besides.keys()
    assert gaps - excepted == set()
    # An exception that has become needless is left out.
    assert excepted - gaps == set()


def test_the_types_of_answers_are_those_of_the_models() -> None:
    assert answer_types.main(["--check"]) == 0
    assert leaves()["log_groups"]["retentionInDays"] == "number"
