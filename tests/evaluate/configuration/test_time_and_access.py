"""What rules ask of time and of policies, and of the snapshot around a resource."""

from __future__ import annotations

from typing import Any

import pytest

from checker import conditions
from checker.conditions import Unknown, UnknownValue
from checker.conditions.settings import SETTINGS
from checker.evaluate.configuration.functions import functions

SNAPSHOT = {"collected_at": "2026-11-21T12:00:00Z", "trails": []}


def ask(text: str, body: Any, snapshot: dict[str, Any] = SNAPSHOT) -> Any:
    node = conditions.parse(text, SETTINGS)
    return conditions.closure(node, functions(snapshot, []))(body)


@pytest.mark.parametrize(
    ("time", "days"),
    [
        ("2026-11-21T12:00:00Z", 0),
        ("2026-11-20T12:00:00+00:00", 1),
        ("2026-11-20T14:00:00+02:00", 1),
        ("2026-11-20T12:00:00", 1),
        ("2026-11-21T00:00:00Z", 0.5),
        ("2026-11-22T12:00:00Z", -1),
        ("2026-11-21", 0.5),
        ("yesterday", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_ages_are_counted_in_days_from_the_time_of_collecting(
    time: object, days: float | None
) -> None:
    assert ask("days_since(time)", {"time": time}) == days


def test_without_a_time_of_collecting_no_age_is_known() -> None:
    with pytest.raises(UnknownValue, match="collected_at: not collected"):
        ask("days_since(time) > `1`", {"time": "2026-11-20"}, {})
    assert ask("days_since(time)", {"time": None}, {}) is None


@pytest.mark.parametrize(
    ("number", "unit", "seconds"),
    [
        (30, "seconds", 30),
        (2, "minutes", 120),
        (1.5, "hours", 5400),
        (30, "days", 2592000),
        (1, "weeks", None),
        (None, "days", None),
        ("1", "days", None),
    ],
)
def test_durations_are_turned_into_seconds(
    number: object, unit: str, seconds: float | None
) -> None:
    assert ask("seconds(n, u)", {"n": number, "u": unit}) == seconds


def test_a_policy_is_asked_with_a_request() -> None:
    allowing = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    body: dict[str, Any] = {"policy": {"Statement": allowing}}

    assert ask("decision(policy, {action: 's3:GetObject'})", body) == "allow"
    assert ask("decision(other, {action: 's3:GetObject'})", body) == "none"
    assert ask("decision(policy, {resource: 'x'})", body) is None
    assert ask("decision(policy, policy)", {"policy": None}) is None


def test_a_request_of_which_a_part_is_not_known_is_not_decided() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "a",
        "Resource": "arn:aws:s3:::logs",
        "Condition": {"StringEquals": {"key": "value"}},
    }
    body = {"policy": {"Statement": statement}, "name": Unknown("name: not known")}
    silent = {**body, "policy": {"Statement": []}}
    assert ask("decision(policy, {action: 'a', resource: name})", silent) == "none"

    for request in (
        "{action: 'a', resource: name, context: {key: 'value'}}",
        "{action: 'a', context: {key: name}}",
        "name",
    ):
        with pytest.raises(UnknownValue, match="not known"):
            ask(f"decision(policy, {request}) == 'none'", body)
    with pytest.raises(UnknownValue):
        ask("decision(name, {action: 'a'}) == 'none'", body)


def test_the_snapshot_around_a_resource_can_be_asked() -> None:
    assert ask("snapshot().collected_at", {}) == SNAPSHOT["collected_at"]
    with pytest.raises(UnknownValue, match="iam: not collected"):
        ask("snapshot().iam.password_policy", {})


def said(text: str, body: Any) -> list[str]:
    node = conditions.parse(text, SETTINGS)
    asked: list[Any] = []
    conditions.closure(node, functions({**SNAPSHOT, **REGIONS}, asked))(body)
    return [answer.reason for answer in asked]


REGIONS = {
    "account": {"regions_enabled": ["eu-west-1"]},
    "config_recorders": [
        {
            "region": "eu-west-1",
            "recorders": [
                {
                    "status": {"recording": True},
                    "recordingGroup": {
                        "allSupported": True,
                        "includeGlobalResourceTypes": True,
                    },
                }
            ],
        }
    ],
}
OPEN = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "a:B"}}


@pytest.mark.parametrize(
    ("text", "body", "reason"),
    [
        ("decision(@, {action: 'a:B'})", OPEN, "the policy allows anybody a:B"),
        (
            "decision(@, {action: 'a:C', principal: '123456789012', resource: 'x'})",
            OPEN,
            "the policy does not allow 123456789012 a:C on x",
        ),
        (
            "decision(@, {action: 'a:B', context: {\"aws:x\": '1', \"aws:y\": '2'}})",
            {"Statement": {**OPEN["Statement"], "Effect": "Deny", "Resource": "*"}},
            "the policy denies anybody a:B (aws:x 1, aws:y 2)",
        ),
        (
            "grants(@, {actions: ['a:C', 'a:D']})",
            OPEN,
            "no statement allows all of a:C, a:D unconditionally",
        ),
        (
            "wide_statements(@)",
            [{"PolicyName": "one"}, {"PolicyName": "two"}],
            "no wildcard in the policies one, two",
        ),
        ("wide_statements(@)", [], "no wildcard in any policy: there is none"),
        (
            "open_statements(@, 'arn:x')",
            [{"policyName": "dns", "policy": {}}],
            "nothing on arn:x is open to everybody in the policies dns",
        ),
        (
            "recorder_gaps()",
            None,
            "AWS Config records every resource in eu-west-1",
        ),
    ],
)
def test_what_was_decided_is_kept_for_the_outcome(
    text: str, body: Any, reason: str
) -> None:
    assert said(text, body) == [reason]


def test_what_decides_nothing_says_nothing() -> None:
    assert said("decision(@, 'x')", OPEN) == []
    assert said("decision(@, {principal: 'x'})", OPEN) == []
    assert said("grants(@, {actions: ['a:B']})", {"Statement": OPEN["Statement"]}) == []
