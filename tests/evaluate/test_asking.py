"""What rules ask of time and of policies, and of the snapshot around a resource."""

from __future__ import annotations

from typing import Any

import pytest

from checker import conditions
from checker.conditions import Unknown, UnknownValue
from checker.conditions.settings import SETTINGS
from checker.evaluate.configuration import functions

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
    with pytest.raises(UnknownValue, match="when the settings were collected"):
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
    body = {"policy": {"Statement": []}, "name": Unknown("name: not known")}

    for request in (
        "{action: 'a', resource: name}",
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
