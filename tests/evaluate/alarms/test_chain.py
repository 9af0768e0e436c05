"""The chain from a trail to a subscriber: every link, and what nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.conditions import Unknown
from checker.evaluate.alarms.chain import alarmed

SETTINGS = Path(__file__).parents[3] / "rules/settings/guarded_account.json"
TOPIC = "arn:aws:sns:us-east-1:123456789012:security-alerts"
STOP = {"source": "cloudtrail.amazonaws.com", "names": ["StopLogging"]}
UNKNOWN = Unknown("denied")


def chain(
    pattern: str = "{ $.eventName = StopLogging }",
    *,
    row: dict[str, Any] | None = None,
    metric: dict[str, Any] | None = None,
    **alarm: Any,
) -> dict[str, Any]:
    snapshot: dict[str, Any] = json.loads(SETTINGS.read_text())
    one = next(r for r in snapshot["metric_filters"] if "trail" in r["filterName"])
    values = {**one["metricTransformations"][0], **(metric or {})}
    snapshot["metric_filters"] = [
        {
            **one,
            "filterPattern": pattern,
            "metricTransformations": [values],
            **(row or {}),
        }
    ]
    watching = next(
        a for a in snapshot["alarms"] if a["MetricName"] == values["metricName"]
    )
    snapshot["alarms"] = [{**watching, **alarm}]
    return snapshot


def verdict(snapshot: dict[str, Any], need: dict[str, Any] = STOP) -> bool | None:
    return alarmed(need, snapshot).verdict


def test_a_whole_chain_names_the_alarm_and_the_topic() -> None:
    answer = alarmed(STOP, chain())

    assert answer.verdict is True
    assert TOPIC in answer.reason


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{ $.eventName = StartLogging }", "does not count it"),
        ("", "also counts an ordinary DescribeInstances"),
        ("{ $.eventSource = cloudtrail* }", "also counts an ordinary ListExamples"),
        ("{ $.eventName = Stop Logging }", "pattern of cloudtrail-config-changes is"),
    ],
)
def test_a_filter_that_counts_too_little_or_too_much(pattern: str, reason: str) -> None:
    answer = alarmed(STOP, chain(pattern))

    assert answer.verdict is False
    assert answer.reason.startswith("StopLogging: ")
    assert reason in answer.reason


@pytest.mark.parametrize(
    ("alarm", "reason"),
    [
        ({"Threshold": 2.0}, "needs more than 1 in a period"),
        ({"ComparisonOperator": "GreaterThanThreshold"}, "needs more than 1"),
        ({"ComparisonOperator": "LessThanThreshold"}, "few events"),
        ({"EvaluationPeriods": 2}, "2 periods in a row"),
        ({"Dimensions": [{"Name": "a", "Value": "b"}]}, "one dimension"),
        ({"Unit": "Seconds"}, "in Seconds"),
        ({"ActionsEnabled": False}, "switched off"),
        ({"AlarmActions": []}, "no action"),
        (
            {"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]},
            "sends no notification",
        ),
        ({"Namespace": "Other"}, "no alarm watches"),
        ({"region": "eu-west-1"}, "no alarm watches"),
        ({"TreatMissingData": "breaching"}, "on all the time, as no events"),
    ],
)
def test_an_alarm_that_does_not_go_off_or_tells_nobody(
    alarm: dict[str, Any], reason: str
) -> None:
    answer = alarmed(STOP, chain(**alarm))

    assert answer.verdict is False
    assert reason in answer.reason


@pytest.mark.parametrize(
    "alarm",
    [
        {"EvaluationPeriods": 5, "DatapointsToAlarm": 1},
        {"Statistic": "SampleCount"},
        {"Statistic": "Maximum"},
        {"Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"},
        {"Unit": "None"},
        {"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop", TOPIC]},
        {"AlarmActions": ["arn:aws:lambda:us-east-1:123456789012:function:tell"]},
        {"AlarmActions": ["arn:aws:ssm:us-east-1:123456789012:opsitem:1"]},
    ],
)
def test_other_alarms_that_do_as_well(alarm: dict[str, Any]) -> None:
    assert verdict(chain(**alarm)) is True


def test_as_many_events_as_are_asked_for_may_be_needed() -> None:
    assert verdict(chain(Threshold=10.0), {**STOP, "events": 10}) is True
    assert verdict(chain(Threshold=11.0), {**STOP, "events": 10}) is False


def test_what_the_filter_writes_counts() -> None:
    assert verdict(chain(metric={"metricValue": "0"})) is False
    assert verdict(chain(metric={"metricValue": "5"}, Threshold=5.0)) is True
    assert verdict(chain(metric={"metricValue": "$.size"})) is None
    assert verdict(chain(metric={"defaultValue": 0})) is True
    watered = chain(metric={"defaultValue": 0.0}, Statistic="Average")
    assert verdict(watered) is False
    assert verdict(chain(metric={"dimensions": {"who": "$.userName"}})) is False
    assert verdict(chain(row={"emitSystemFieldDimensions": ["@aws.region"]})) is False


@pytest.mark.parametrize(
    ("alarm", "reason"),
    [
        ({"Statistic": "SampleCount"}, "the SampleCount of one event and many"),
        ({"Statistic": None, "ExtendedStatistic": "p99"}, "the p99 of one event"),
        ({"Threshold": 0.0}, "on all the time, by the default value 0"),
    ],
)
def test_default_values_hide_an_event_or_keep_an_alarm_on(
    alarm: dict[str, Any], reason: str
) -> None:
    answer = alarmed(STOP, chain(metric={"defaultValue": 0.0}, **alarm))

    assert answer.verdict is False
    assert reason in answer.reason
    assert verdict(chain(**alarm)) is True


def test_missing_data_may_count_where_the_filter_writes_a_default() -> None:
    written = chain(metric={"defaultValue": 0.0}, TreatMissingData="breaching")
    assert verdict(written) is True


def test_a_filter_that_names_the_account_counts_it_one_of_a_region_does_not() -> None:
    own = chain("{ $.eventName = StopLogging && $.recipientAccountId = 444455556666 }")
    own["account"]["id"] = "444455556666"
    own["trails"][0]["CloudWatchLogsLogGroupArn"] = own["metric_filters"][0][
        "log_group_arn"
    ] = "arn:aws:logs:us-east-1:444455556666:log-group:trail-events"
    assert verdict(own) is True
    answer = alarmed(STOP, chain("{ $.eventName = Stop* && $.awsRegion = us-* }"))
    assert answer.verdict is False
    assert answer.reason.startswith("StopLogging in eu-west-1: ")
    one_region = {"source": "iam.amazonaws.com", "names": ["StopLogging"]}
    pattern = "{ $.eventName = StopLogging && $.awsRegion = us-east-1 }"
    assert verdict(chain(pattern), one_region) is True


def test_the_filters_of_another_accounts_log_group_are_not_known() -> None:
    snapshot = chain()
    snapshot["trails"][0]["CloudWatchLogsLogGroupArn"] = (
        "arn:aws:logs:us-east-1:999999999999:log-group:organization:*"
    )

    answer = alarmed(STOP, snapshot)
    assert answer.verdict is None
    assert "belongs to another account" in answer.reason


@pytest.mark.parametrize("account", [UNKNOWN, {"id": UNKNOWN}, {"id": None}, None])
def test_an_account_that_a_template_does_not_name_breaks_no_chain(account: Any) -> None:
    assert verdict({**chain(), "account": account}) is True


@pytest.mark.parametrize(
    "row",
    [
        {"fieldSelectionCriteria": '@aws.region = "eu-west-1"'},
        {"applyOnTransformedLogs": True},
        {"applyOnTransformedLogs": True, "filterPattern": "{ $.name = x }"},
        {"applyOnTransformedLogs": UNKNOWN},
        {"fieldSelectionCriteria": UNKNOWN},
        {"emitSystemFieldDimensions": UNKNOWN},
    ],
)
def test_a_filter_of_what_nobody_sees_leaves_a_doubt(row: dict[str, Any]) -> None:
    assert verdict(chain(row=row)) is None


def test_a_filter_may_name_its_log_group_only() -> None:
    assert verdict(chain(row={"log_group_arn": None})) is True
    other = {"log_group_arn": None, "logGroupName": "other"}
    assert verdict(chain(row=other)) is False
    abroad = {"log_group_arn": None, "region": "eu-west-1"}
    assert verdict(chain(row=abroad)) is False


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('ALARM("cloudtrail-config-changes")', True),
        ("ALARM(cloudtrail-config-changes) OR ALARM(x)", True),
        ('ALARM("cloudtrail-config-changes") AND ALARM("x")', None),
        ('ALARM("x") AND NOT ALARM("cloudtrail-config-changes")', False),
        ('OK("cloudtrail-config-changes")', False),
        ('ALARM("cloudtrail-config-changes-2")', False),
    ],
)
def test_a_composite_alarm_may_tell_for_others(
    rule: str, *, expected: bool | None
) -> None:
    snapshot = chain(AlarmActions=[])
    snapshot["alarms"].append(
        {
            "AlarmName": "any",
            "region": "us-east-1",
            "ActionsEnabled": True,
            "AlarmActions": [TOPIC],
            "AlarmRule": rule,
        }
    )

    assert verdict(snapshot) is expected


@pytest.mark.parametrize(
    "section", ["trails", "metric_filters", "alarms", "sns_topics"]
)
def test_what_was_not_collected_leaves_a_doubt(section: str) -> None:
    for value in (UNKNOWN, None, [UNKNOWN]):
        assert verdict({**chain(), section: value}) is None


def test_a_chain_that_holds_needs_nothing_else() -> None:
    for section in ("trails", "metric_filters", "alarms", "sns_topics"):
        snapshot = chain()
        snapshot[section].append(UNKNOWN)
        assert verdict(snapshot) is True


def test_a_failure_before_what_is_unknown_is_sure() -> None:
    snapshot = {
        **chain("{ $.eventName = x }"),
        "alarms": UNKNOWN,
        "sns_topics": UNKNOWN,
    }
    assert verdict(snapshot) is False
    assert verdict({**snapshot, "metric_filters": UNKNOWN, "trails": []}) is False


@pytest.mark.parametrize(
    "snapshot",
    [
        chain(row={"filterPattern": UNKNOWN}),
        chain(Threshold=UNKNOWN),
        chain(ActionsEnabled=UNKNOWN),
        chain(AlarmActions=UNKNOWN),
        chain(AlarmActions=[UNKNOWN]),
        chain(AlarmActions=["arn:aws:sns:us-east-1:123456789012:other"]),
        chain(MetricName=None, Metrics=[{"Id": "a"}, {"Id": "b"}])
        | {"metric_filters": UNKNOWN},
    ],
)
def test_parts_that_are_not_known_leave_a_doubt(snapshot: dict[str, Any]) -> None:
    assert verdict(snapshot) is None


def test_one_sample_that_is_surely_missed_decides() -> None:
    need = {**STOP, "names": ["StopLogging", "DeleteTrail"]}
    snapshot = chain(ActionsEnabled=UNKNOWN)

    answer = alarmed(need, snapshot)
    assert answer.verdict is False
    assert answer.reason.startswith("DeleteTrail: ")


def test_a_subscription_counts_once_it_is_confirmed() -> None:
    snapshot = chain()
    for arn, expected in (("PendingConfirmation", False), ("Deleted", False)):
        snapshot["sns_topics"][0]["subscriptions"] = [{"SubscriptionArn": arn}]
        assert verdict(snapshot) is expected
    snapshot["sns_topics"][0]["subscriptions"] = UNKNOWN
    assert verdict(snapshot) is None
