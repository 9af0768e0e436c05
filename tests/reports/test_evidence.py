"""Tests of evidence in a few words."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from checker.conditions.unknown import Unknown
from checker.model import CorrelationRule
from checker.reports.evidence import brief, phrases
from tests.reports import samples


def told(evidence: dict[str, Any]) -> list[tuple[str, str]]:
    subject = samples.event("ConsoleLogin", "now")
    finding = samples.finding(samples.ROOT_NO_MFA, subject, evidence=evidence)
    return list(phrases(finding))


def test_fields_are_said_and_selections_are_not() -> None:
    evidence = {"sign_in": True, "no_mfa": False, "userIdentity.type": "Root"}
    assert told(evidence) == [("userIdentity.type", '"Root"')]


def test_a_value_that_nobody_knows_is_said_and_compared_with_nothing() -> None:
    assert [name for name, _ in told({"arn": Unknown("arn: not known")})] == ["arn"]


def test_selections_that_held_are_said_where_there_is_no_field() -> None:
    assert told({"sign_in": True, "no_mfa": False}) == [("sign_in", "true")]


def test_a_field_with_the_name_of_a_selection_is_told_by_its_value() -> None:
    assert told({"sign_in": "yes"}) == [("sign_in", '"yes"')]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("false", '"false"'),
        (False, "false"),
        (None, "null"),
        (12345678901234567890, "12345678901234567890"),
        ("a\x1b\n", r'"a\u001b\n"'),
        ("\u202e", r'"\u202e"'),
        ("é", '"é"'),
        ("x" * 500, '"' + "x" * 119 + '…"'),
        ([1, 2], "[1, 2]"),
        ([1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, and 2 more]"),
        ({"a": [1]}, '{"a": [1]}'),
        ({"a": "x" * 500}, '{"a": "' + "x" * 112 + "…"),
        (Unknown("trail: denied"), "unknown (trail: denied)"),
    ],
)
def test_values_are_short_json(value: object, words: str) -> None:
    assert brief(value) == words


def test_an_object_whose_members_are_told_is_not_told_again() -> None:
    group, ports = {"groupId": "sg-1"}, {"items": [{"fromPort": 22}]}
    evidence = {
        "requestParameters": {**group, "ipPermissions": ports},
        "requestParameters.ipPermissions.items[]": ports["items"],
        "requestParameters.groupId": "sg-1",
        "requestParameters.ipPermissions": ports,
    }
    assert [name for name, _ in told(evidence)] == [
        "requestParameters.ipPermissions.items[]",
        "requestParameters.groupId",
    ]


def test_an_object_with_more_than_what_is_told_stays() -> None:
    evidence = {
        "requestParameters": {"a": 1, "b": {}},
        "requestParameters.a": 1,
        "responseElements": {"c": 1},
        "responseElements.c": 2,
        "empty": {},
    }
    assert [name for name, _ in told(evidence)] == list(evidence)


def test_what_the_sentence_of_a_correlation_says_is_not_said_again() -> None:
    finding = samples.DETECTED[3]
    assert isinstance(finding.rule, CorrelationRule)
    block = structs.replace(finding.rule.correlation, group_by=("sourceIPAddress",))
    rule = structs.replace(finding.rule, correlation=block)
    evidence = {**finding.evidence, "other": "x"}
    shown = dict(phrases(structs.replace(finding, rule=rule, evidence=evidence)))

    stated = {k: v for k, v in finding.evidence.items() if k not in shown}

    assert list(shown) == ["events", "other"]
    assert list(stated) == ["sourceIPAddress", "count"]
    assert all(str(value) in finding.message for value in stated.values())


def test_the_events_of_a_correlation_are_counted() -> None:
    said = dict(phrases(samples.DETECTED[3]))
    assert said["events"] == '12, the first is "event-0"'


def test_one_event_of_a_correlation_is_named_without_a_count() -> None:
    finding = samples.DETECTED[3]
    evidence = {**finding.evidence, "events": finding.evidence["events"][:1]}
    assert (
        dict(phrases(structs.replace(finding, evidence=evidence)))["events"]
        == '"event-0"'
    )
