"""Write an EventBridge pattern as resources: rule, topic, topic policy, notification.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-notifications-eventrule.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_rule
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.convert.subject import Subject
from checker.convert.terraform_text import block, indented, quoted

ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html"""

_MOST_NOTIFIED = 4
"""Rules about more services than this get no User Notifications rule for each."""

_SIGN_IN = "AWS Console Sign In via CloudTrail"
_MISSPELLED = "AWS Console Signin via CloudTrail"
"""AWS's page spells it so, and no event does."""


def state(subject: Subject) -> str:
    """Return the state that a rule needs to see its events."""
    return ALL_EVENTS if subject.events.reads else "ENABLED"


def cloudformation(
    subject: Subject, pattern: Mapping[str, Any], types: Sequence[str]
) -> str:
    """Return a template with the rule, its SNS target and a User Notifications rule."""
    rule = subject.rule
    resources: dict[str, Any] = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "TopicPolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "Topic"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [_statement({"Ref": "Topic"}, _arn("Rule"))],
                },
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": _description(subject),
                "State": state(subject),
                "EventPattern": pattern,
                "Targets": [{"Id": "topic", "Arn": {"Ref": "Topic"}}],
            },
        },
        **_notifications(subject, pattern, types),
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{rule.title} (trailcheck rule {rule.name}, {rule.id})",
        "Resources": resources,
        "Outputs": {"TopicArn": {"Value": {"Ref": "Topic"}}},
    }
    return json.dumps(template, ensure_ascii=False, indent=2) + "\n"


def _arn(resource: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [resource, "Arn"]}


def _statement(topic: Any, rule: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }


def _description(subject: Subject) -> str:
    """Return what fits into the 512 characters of a rule's description."""
    rule = subject.rule
    return f"{rule.title} (trailcheck {rule.name}, {rule.id})"[:512]


def _notifications(
    subject: Subject, pattern: Mapping[str, Any], types: Sequence[str]
) -> dict[str, Any]:
    rules = list(_event_rules(subject, pattern, types))
    if not rules:
        return {}
    found: dict[str, Any] = {
        "Notification": {
            "Type": "AWS::Notifications::NotificationConfiguration",
            "Properties": {
                "Name": _short_name(subject),
                "Description": _description(subject)[:256],
                "AggregationDuration": "SHORT",
            },
        }
    }
    for index, properties in enumerate(rules):
        number = "" if index == 0 else str(index + 1)
        found[f"NotificationRule{number}"] = {
            "Type": "AWS::Notifications::EventRule",
            "Properties": {
                "NotificationConfigurationArn": _arn("Notification"),
                **properties,
                "Regions": list(subject.events.regions) or [{"Ref": "AWS::Region"}],
            },
        }
    return found


def _short_name(subject: Subject) -> str:
    """Return a name of at most 64 characters, as EventBridge and notifications have.

    A longer one ends with a part of the rule's id: names that begin alike stay two, and
    no rule takes another's place.
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    """
    name = subject.rule.name
    if len(name) <= _LONGEST_NAME:
        return name
    mark = f"_{subject.rule.id[:8]}"
    return name[: _LONGEST_NAME - len(mark)] + mark


_LONGEST_NAME = 64


def _notified(subject: Subject, types: Sequence[str]) -> list[tuple[str, str]]:
    """Return the source and event type of each User Notifications rule.

    Such a rule has one of each, beside its pattern.  Console sign-ins come from the
    sign-in service alone, and are spelled as in its events.
    https://docs.aws.amazon.com/notifications/latest/APIReference/API_CreateEventRule.html
    """
    services = [source.partition(".")[0] for source in subject.events.sources]
    if len(services) > _MOST_NOTIFIED:
        return []
    return [
        (f"aws.{service}", kind)
        for service in services
        for kind in types
        if kind != _MISSPELLED and (kind != _SIGN_IN or service == "signin")
    ]


def without_notification(subject: Subject, types: Sequence[str]) -> Iterator[str]:
    """Yield why there is no User Notifications rule, if there is none."""
    if _notified(subject, types):
        return
    count = len(subject.events.sources)
    why = "the condition pins no eventSource"
    if count > _MOST_NOTIFIED:
        why = f"the condition pins {count}"
    elif count:
        why = "console sign-ins come from the sign-in service"
    yield f"there is no User Notifications rule: it has one source, and {why}"


def _event_rules(
    subject: Subject, pattern: Mapping[str, Any], types: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield the properties of each User Notifications rule."""
    detail = json.dumps(
        {"detail": pattern["detail"]}, ensure_ascii=False, separators=(",", ":")
    )
    for source, kind in _notified(subject, types):
        yield {"Source": source, "EventType": kind, "EventPattern": detail}


def terraform(
    subject: Subject, pattern: Mapping[str, Any], types: Sequence[str]
) -> str:
    """Return the same resources for Terraform's provider `hashicorp/aws`."""
    rule, name = subject.rule, subject.rule.name
    topic = f"aws_sns_topic.{name}"
    policy = _statement(
        f"${{{topic}.arn}}", f"${{aws_cloudwatch_event_rule.{name}.arn}}"
    )
    pieces = [
        f"# {rule.title} (trailcheck rule {rule.name}, {rule.id})",
        block("resource", "aws_sns_topic", name, body=()),
        block(
            "resource",
            "aws_sns_topic_policy",
            name,
            body=(
                f"arn = {topic}.arn",
                "policy = jsonencode("
                + indented({"Version": "2012-10-17", "Statement": [policy]}, raw=True)
                + ")",
            ),
        ),
        block(
            "resource",
            "aws_cloudwatch_event_rule",
            name,
            body=(
                f"name = {quoted(_short_name(subject))}",
                f"description = {quoted(_description(subject))}",
                f"state = {quoted(state(subject))}",
                f"event_pattern = jsonencode({indented(pattern)})",
            ),
        ),
        block(
            "resource",
            "aws_cloudwatch_event_target",
            name,
            body=(
                f"rule = aws_cloudwatch_event_rule.{name}.name",
                f"arn = {topic}.arn",
                f"depends_on = [aws_sns_topic_policy.{name}]",
            ),
        ),
        *_terraform_notifications(subject, pattern, types),
    ]
    return "\n".join(pieces)


def _terraform_notifications(
    subject: Subject, pattern: Mapping[str, Any], types: Sequence[str]
) -> Iterator[str]:
    name = subject.rule.name
    rules = list(_event_rules(subject, pattern, types))
    if not rules:
        return
    if not subject.events.regions:
        # Files of several rules stand in one folder, where a name is declared once.
        yield block("data", "aws_region", name, body=())
    regions = json.dumps(list(subject.events.regions))
    where = regions if subject.events.regions else f"[data.aws_region.{name}.region]"
    yield block(
        "resource",
        "aws_notifications_notification_configuration",
        name,
        body=(
            f"name = {quoted(_short_name(subject))}",
            f"description = {quoted(_description(subject)[:256])}",
            'aggregation_duration = "SHORT"',
        ),
    )
    configuration = f"aws_notifications_notification_configuration.{name}.arn"
    for index, each in enumerate(rules):
        number = "" if index == 0 else f"-{index + 1}"
        yield block(
            "resource",
            "aws_notifications_event_rule",
            name + number,
            body=(
                f"notification_configuration_arn = {configuration}",
                f"source = {quoted(each['Source'])}",
                f"event_type = {quoted(each['EventType'])}",
                f"regions = {where}",
                "event_pattern = jsonencode("
                + indented(json.loads(each["EventPattern"]))
                + ")",
            ),
        )
