"""Alarm chains of templates, link by link: who is told, worked out by hand.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html
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

ROOT = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }'
)
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:f"
CALLED = {"Subscription": [{"Protocol": "lambda", "Endpoint": FUNCTION}]}
MAILED = {"Subscription": [{"Protocol": "email", "Endpoint": "soc@example.com"}]}
STAGE = {"Stage": {"Type": "String"}}
PLACED = {"region": "eu-west-1", "account": "123456789012"}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    given = {name: value for name, value in properties.items() if value is not None}
    return {"Type": kind, "Properties": given}


def chain(
    *,
    alarm: dict[str, Any] | None = None,
    topic: dict[str, Any] | None = None,
    filters: dict[str, Any] | None = None,
    metric: dict[str, Any] | None = None,
    trail: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Write a chain that tells of root's doings, but for what is changed."""
    transformation = {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}
    of_trail = {
        "S3BucketName": "logs",
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["G", "Arn"]},
    }
    of_alarm = {
        "AlarmActions": [{"Ref": "S"}],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "m",
        "Namespace": "n",
        "Period": 300,
        "Statistic": "Sum",
        "Threshold": 1,
    }
    of_filter = {
        "LogGroupName": {"Ref": "G"},
        "FilterPattern": ROOT,
        "MetricTransformations": [{**transformation, **(metric or {})}],
    }
    made = {
        "T": resource("AWS::CloudTrail::Trail", **of_trail | (trail or {})),
        "G": resource("AWS::Logs::LogGroup"),
        "F": resource("AWS::Logs::MetricFilter", **of_filter | (filters or {})),
        "A": resource("AWS::CloudWatch::Alarm", **of_alarm | (alarm or {})),
        "S": resource("AWS::SNS::Topic", **CALLED if topic is None else topic),
        **(more or {}),
    }
    return {name: body for name, body in made.items() if name not in without}


def over(
    rule: Any,
    *,
    alarm: dict[str, Any] | None = None,
    metric: dict[str, Any] | None = None,
    **properties: Any,
) -> dict[str, Any]:
    """Write a chain of which a composite alarm acts, and not the alarm itself."""
    composite = resource(
        "AWS::CloudWatch::CompositeAlarm",
        AlarmRule=rule,
        AlarmActions=[{"Ref": "S"}],
        **properties,
    )
    silent = {"AlarmActions": None, **(alarm or {})}
    return chain(alarm=silent, metric=metric, more={"C": composite})


def policy(**statement: Any) -> dict[str, Any]:
    """Write a chain of which the topic has a policy of its own."""
    whole = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": "S"},
        **statement,
    }
    document = {"Statement": [whole]}
    made = resource(
        "AWS::SNS::TopicPolicy", Topics=[{"Ref": "S"}], PolicyDocument=document
    )
    return chain(more={"P": made})


def subscribed(**properties: Any) -> dict[str, Any]:
    given = {"TopicArn": {"Ref": "S"}, "Endpoint": {"Fn::ImportValue": "e"}}
    made = resource("AWS::SNS::Subscription", **given | properties)
    return chain(topic={}, more={"Su": made})


def queries(**query: Any) -> dict[str, Any]:
    metric = {"MetricName": "m", "Namespace": "n"}
    stat = {"Metric": metric, "Period": "300", "Stat": "Sum"}
    return chain(
        alarm={
            **dict.fromkeys(("MetricName", "Namespace", "Period", "Statistic")),
            "Metrics": [{"Id": "m1", "MetricStat": stat, **query}],
        }
    )


def condition(operator: str, key: str, value: Any) -> dict[str, Any]:
    return policy(Condition={operator: {key: value}})


MORE_THAN = "GreaterThanThreshold"
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a function is called": (chain(), "pass"),
    "nobody has confirmed yet": (chain(topic=MAILED), "unknown"),
    "no subscription is declared": (chain(topic={}), "unknown"),
    "more than none, as text": (
        chain(alarm={"ComparisonOperator": MORE_THAN, "Threshold": "0"}),
        "pass",
    ),
    "more than one": (chain(alarm={"ComparisonOperator": MORE_THAN}), "fail"),
    "few events": (chain(alarm={"ComparisonOperator": "LessThanThreshold"}), "fail"),
    "average with zeros": (
        chain(alarm={"Statistic": "Average"}, metric={"DefaultValue": 0}),
        "fail",
    ),
    "maximum with zeros": (
        chain(alarm={"Statistic": "Maximum"}, metric={"DefaultValue": "0"}),
        "pass",
    ),
    "each event counts as nothing": (chain(metric={"MetricValue": "0"}), "fail"),
    "another namespace": (chain(alarm={"Namespace": "N"}), "fail"),
    "another metric": (chain(alarm={"MetricName": "M"}), "fail"),
    "actions off, as text": (chain(alarm={"ActionsEnabled": "false"}), "fail"),
    "three periods": (chain(alarm={"EvaluationPeriods": "3"}), "fail"),
    "one period of three": (
        chain(alarm={"EvaluationPeriods": 3, "DatapointsToAlarm": "1"}),
        "pass",
    ),
    "a metric with a dimension": (
        chain(metric={"Dimensions": [{"Key": "a", "Value": "$.b"}]}),
        "fail",
    ),
    "only on missing data": (
        chain(alarm={"AlarmActions": [], "InsufficientDataActions": [{"Ref": "S"}]}),
        "fail",
    ),
    "only when it is over": (
        chain(alarm={"AlarmActions": None, "OKActions": [{"Ref": "S"}]}),
        "fail",
    ),
    "an instance is stopped": (
        chain(
            alarm={
                "AlarmActions": [
                    {"Fn::Sub": "arn:aws:automate:${AWS::Region}:ec2:stop"}
                ]
            }
        ),
        "fail",
    ),
    "a topic of another stack": (
        chain(alarm={"AlarmActions": [{"Fn::ImportValue": "t"}]}, without=("S",)),
        "unknown",
    ),
    "a filter of another log group": (chain(filters={"LogGroupName": "other"}), "fail"),
    "a pattern with parentheses": (
        chain(
            filters={
                "FilterPattern": '{($.userIdentity.type="Root") && '
                "($.userIdentity.invokedBy NOT EXISTS) && "
                '($.eventType !="AwsServiceEvent")}'
            }
        ),
        "pass",
    ),
    "a pattern without quotes": (
        chain(filters={"FilterPattern": "{ $.userIdentity.type = Root }"}),
        "pass",
    ),
    "a pattern that takes all": (chain(filters={"FilterPattern": ""}), "fail"),
    "a metric query": (queries(), "pass"),
    "a metric query that gives nothing back": (queries(ReturnData="false"), "fail"),
    "a trail that is off": (chain(trail={"IsLogging": "false"}), "fail"),
    "a trail of one Region": (chain(trail={"IsMultiRegionTrail": False}), "fail"),
    "a trail of writes": (
        chain(trail={"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}),
        "fail",
    ),
    "no trail is declared": (chain(without=("T",)), "unknown"),
    "a composite alarm by name": (over({"Fn::Sub": 'ALARM("${A}")'}), "pass"),
    "a composite alarm by ARN": (
        over(
            {"Fn::Join": ["", ["ALARM(", {"Fn::GetAtt": ["A", "Arn"]}, ") OR FALSE"]]}
        ),
        "pass",
    ),
    # Without a default value, an alarm at rest has no data, and is not OK.
    "a composite alarm on what is not OK": (over({"Fn::Sub": "NOT OK(${A})"}), "fail"),
    "a composite alarm on what is not OK, with a default value": (
        over({"Fn::Sub": "NOT OK(${A})"}, metric={"DefaultValue": 0}),
        "pass",
    ),
    "a composite alarm on what is not OK, where no data is well": (
        over({"Fn::Sub": "NOT OK(${A})"}, alarm={"TreatMissingData": "notBreaching"}),
        "pass",
    ),
    "a composite alarm that may be on at rest": (
        over({"Fn::Sub": "NOT OK(${A})"}, alarm={"TreatMissingData": "ignore"}),
        "unknown",
    ),
    "a composite alarm on what lacks data too": (
        over({"Fn::Sub": "ALARM(${A}) OR INSUFFICIENT_DATA(${A})"}),
        "fail",
    ),
    "a composite alarm by a quoted name with quotes": (
        over(r'ALARM("the \"root\" alarm")', alarm={"AlarmName": 'the "root" alarm'}),
        "pass",
    ),
    "a composite alarm by the name of an ARN": (
        over(
            "ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:root)",
            alarm={"AlarmName": "root"},
        ),
        "unknown",
    ),
    "a composite alarm by a name that only begins so": (
        over('ALARM("root-use")', alarm={"AlarmName": "root"}),
        "fail",
    ),
    "a composite alarm by a name with a space and no quotes": (
        over("ALARM(root use)", alarm={"AlarmName": "root use"}),
        "unknown",
    ),
    "a composite alarm by a name that a parameter may give": (
        over({"Fn::Sub": "ALARM(${Stage}-root)"}, alarm={"AlarmName": "prod-root"}),
        "unknown",
    ),
    "a composite alarm by a parameter's name": (
        over(
            {"Fn::Sub": 'ALARM("${Stage}-root")'},
            alarm={"AlarmName": {"Fn::Sub": "${Stage}-root"}},
        ),
        "pass",
    ),
    "a composite alarm by a name of which the alarm's own is not known": (
        over('ALARM("root")', alarm={"AlarmName": {"Ref": "Stage"}}),
        "unknown",
    ),
    "a composite alarm of lower-case words": (
        over({"Fn::Sub": "alarm(${A})"}),
        "unknown",
    ),
    "a composite alarm on another one too": (
        over({"Fn::Sub": 'ALARM("${A}") AND NOT ALARM("deployment")'}),
        "unknown",
    ),
    "a composite alarm on an alarm that a parameter names": (
        over({"Fn::Sub": "ALARM(${Stage})"}, alarm={"AlarmName": "root"}),
        "unknown",
    ),
    "a composite alarm that its alarm suppresses": (
        over({"Fn::Sub": "ALARM(${A})"}, ActionsSuppressor={"Ref": "A"}),
        "fail",
    ),
    "a composite alarm that another one suppresses": (
        over({"Fn::Sub": "ALARM(${A})"}, ActionsSuppressor="deployment"),
        "unknown",
    ),
    "a composite alarm without actions": (
        over({"Fn::Sub": "ALARM(${A})"}, ActionsEnabled=False),
        "fail",
    ),
    "a policy for CloudWatch": (policy(Action="SNS:Publish"), "pass"),
    "a policy for the stack's account": (
        condition("StringEquals", "aws:SourceAccount", {"Ref": "AWS::AccountId"}),
        "pass",
    ),
    "a policy for an account that may be another": (
        condition("StringEquals", "aws:SourceAccount", "111122223333"),
        "unknown",
    ),
    "a policy for the account's alarms": (
        condition(
            "ArnLike",
            "aws:SourceArn",
            {"Fn::Sub": "arn:aws:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"},
        ),
        "pass",
    ),
    "a policy for EventBridge": (
        policy(Principal={"Service": "events.amazonaws.com"}),
        "fail",
    ),
    "AWS's key": (chain(topic={**CALLED, "KmsMasterKeyId": "alias/aws/sns"}), "fail"),
    "a key of another stack": (
        chain(topic={**CALLED, "KmsMasterKeyId": {"Fn::ImportValue": "k"}}),
        "unknown",
    ),
    "a subscription of its own": (subscribed(Protocol="sqs"), "pass"),
    "a subscription with a filter policy": (
        subscribed(Protocol="lambda", FilterPolicy={"a": ["b"]}),
        "unknown",
    ),
}


@functools.cache
def root_rule() -> ConfigurationRule:
    (rule,) = (each for each in rules.load() if each.name == "alarm_missing_root_use")
    assert isinstance(rule, ConfigurationRule)
    return rule


def outcome(resources: dict[str, Any], folder: Path, **where: str) -> str:
    file = folder / "template.json"
    file.write_text(json.dumps({"Parameters": STAGE, "Resources": resources}))
    settings = read(file, **where)
    assert isinstance(settings, Settings)
    (found,) = evaluate.evaluate(root_rule(), settings.snapshot)
    return found.status.value


@pytest.mark.parametrize("name", CASES)
def test_a_chain_tells_somebody_or_breaks(name: str, tmp_path: Path) -> None:
    resources, expected = CASES[name]

    assert outcome(resources, tmp_path) == expected


def test_where_the_account_is_known_another_one_is_not_let_in(tmp_path: Path) -> None:
    other = condition("StringEquals", "aws:SourceAccount", "111122223333")

    assert outcome(other, tmp_path, **PLACED) == "fail"
