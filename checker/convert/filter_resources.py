"""Write a filter pattern as resources: metric filter, alarm and topic, chained.

The CIS benchmark asks for each monitored change that a filter counts it, an alarm looks
at the metric, and the alarm tells a topic that somebody is subscribed to.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-metricfilter.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-alarm.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_metric_filter
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from checker.convert.terraform_text import block, quoted
from checker.model import Rule

_NAMESPACE = "trailcheck"


@dataclass(frozen=True, slots=True)
class Alarm:
    """When an alarm goes off: so many events in a period of so many seconds."""

    period: int = 300
    threshold: int = 1


def cloudformation(rule: Rule, pattern: str, alarm: Alarm) -> str:
    """Return a template with the filter, its alarm and a topic with a subscription."""
    resources: dict[str, Any] = {
        "Filter": {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": {"Ref": "LogGroupName"},
                "FilterPattern": pattern,
                "MetricTransformations": [
                    {
                        "MetricNamespace": _NAMESPACE,
                        "MetricName": rule.name,
                        "MetricValue": "1",
                    }
                ],
            },
        },
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": _description(rule),
                "Namespace": _NAMESPACE,
                "MetricName": rule.name,
                "Statistic": "Sum",
                "Period": alarm.period,
                "EvaluationPeriods": 1,
                "Threshold": alarm.threshold,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [{"Ref": "Topic"}],
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "email",
                "Endpoint": {"Ref": "Email"},
            },
        },
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": _description(rule),
        "Parameters": {
            "LogGroupName": {
                "Type": "String",
                "Description": "Log group that the trail delivers to",
            },
            "Email": {"Type": "String", "Description": "Address to be told"},
        },
        "Resources": resources,
    }
    return json.dumps(template, ensure_ascii=False, indent=2) + "\n"


def _description(rule: Rule) -> str:
    return f"{rule.title} (trailcheck rule {rule.name}, {rule.id})"[:1024]


def terraform(rule: Rule, pattern: str, alarm: Alarm) -> str:
    """Return the same resources for Terraform's provider `hashicorp/aws`."""
    name = rule.name
    topic = f"aws_sns_topic.{name}"
    # Files of several rules stand in one folder, where a name is declared once.
    group, email = f"{name}_log_group_name", f"{name}_email"
    return "\n".join(
        [
            f"# {_description(rule)}",
            block("variable", group, body=("type = string",)),
            block("variable", email, body=("type = string",)),
            block(
                "resource",
                "aws_cloudwatch_log_metric_filter",
                name,
                body=(
                    f"name = {quoted(name)}",
                    f"log_group_name = var.{group}",
                    f"pattern = {quoted(pattern)}",
                    "metric_transformation {",
                    f"  namespace = {quoted(_NAMESPACE)}",
                    f"  name = {quoted(name)}",
                    '  value = "1"',
                    "}",
                ),
            ),
            block(
                "resource",
                "aws_cloudwatch_metric_alarm",
                name,
                body=(
                    f"alarm_name = {quoted(name)}",
                    f"alarm_description = {quoted(_description(rule))}",
                    f"namespace = {quoted(_NAMESPACE)}",
                    f"metric_name = {quoted(name)}",
                    'statistic = "Sum"',
                    f"period = {alarm.period}",
                    "evaluation_periods = 1",
                    f"threshold = {alarm.threshold}",
                    'comparison_operator = "GreaterThanOrEqualToThreshold"',
                    'treat_missing_data = "notBreaching"',
                    f"alarm_actions = [{topic}.arn]",
                ),
            ),
            block("resource", "aws_sns_topic", name, body=()),
            block(
                "resource",
                "aws_sns_topic_subscription",
                name,
                body=(
                    f"topic_arn = {topic}.arn",
                    'protocol = "email"',
                    f"endpoint = var.{email}",
                ),
            ),
        ]
    )
