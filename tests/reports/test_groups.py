"""Tests of findings in groups: counts that hold, memory that does not grow."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from checker.model import Finding, Level
from checker.reports import groups
from checker.reports.groups import By, Groups
from tests.reports import samples


def found(time: str = "2026-11-20T10:11:12Z", **fields: Any) -> Finding:
    return samples.finding(
        samples.ROOT_NO_MFA, samples.event("ConsoleLogin", time, **fields)
    )


def counted(by: By, *findings: Finding, most: int = 100) -> Groups:
    return groups.count(Groups(by, most), findings)


def test_a_group_knows_first_and_last_who_and_where() -> None:
    (group,) = counted(
        By.RULE,
        found("2026-11-21T00:00:00Z", principal="a"),
        found("2026-11-20T00:00:00Z", principal="a", awsRegion="eu-west-1"),
        found("2026-11-22T00:00:00Z", principal=None, sourceIPAddress="192.0.2.1"),
    ).ranked()
    assert (group.first, group.last) == ("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z")
    assert group.names.ranked() == [("a", 2), ("192.0.2.1", 1)]
    assert set(group.regions) == {"us-east-1", "eu-west-1"}
    assert group.count == 3


def test_the_group_with_more_of_the_worst_comes_first() -> None:
    low = structs.replace(samples.ROOT_NO_MFA, level=Level.LOW)
    findings = [found(principal="quiet")] * 2 + [found(principal="loud")] * 3
    findings += [structs.replace(found(principal="low"), rule=low)] * 50
    ranked = counted(By.IDENTITY, *findings).ranked()
    assert [group.label for group in ranked] == ["loud", "quiet", "low"]
    assert ranked[0].worst is Level.CRITICAL


def test_findings_of_a_lowered_level_are_a_group_of_their_own() -> None:
    lowered = structs.replace(found(), lowered=True)
    ranked = counted(By.RULE, lowered, found()).ranked()
    assert [group.worst for group in ranked] == [Level.CRITICAL, Level.HIGH]


@pytest.mark.parametrize(
    ("evidence", "resource"),
    [
        ({"requestParameters.bucketName": "logs"}, "logs"),
        (
            {"requestParameters.a.roleArn": "arn:aws:iam::1:role/x"},
            "arn:aws:iam::1:role/x",
        ),
        ({"userAgent": "x", "requestParameters.name": "main"}, "main"),
        ({"requestParameters.name": None}, "signin.amazonaws.com"),
        ({}, "signin.amazonaws.com"),
    ],
)
def test_the_resource_of_an_event_is_what_its_request_names(
    evidence: dict[str, Any], resource: str
) -> None:
    assert groups.resource(structs.replace(found(), evidence=evidence)) == resource


def test_the_resource_of_a_setting_is_itself() -> None:
    assert groups.resource(samples.AUDITED[0]) == samples.TRAIL
    assert groups.identity(samples.AUDITED[0]) is None


def test_times_are_hours_until_those_are_too_many() -> None:
    few = counted(By.TIME, found("2026-11-20T10:11:12Z"), found("2026-11-20T11:00:00Z"))
    assert [group.label for group in few.ranked()] == ["2026-11-20T10", "2026-11-20T11"]
    days = [f"2026-{month:02}-20" for month in range(1, 13)]
    hours = [found(f"{day}T{hour:02}:00:00Z") for day in days for hour in range(24)]
    many = counted(By.TIME, *hours)
    ranked = many.ranked()
    assert [group.label for group in ranked] == [
        f"2026-{m:02}-20" for m in range(1, 13)
    ]
    assert {group.count for group in ranked} == {24}
    assert many.key(found("2026-02-20T05:00:00Z")) == "2026-02-20"


def test_a_time_that_is_none_has_a_group_of_its_own() -> None:
    ranked = counted(By.TIME, found("now"), found(None)).ranked()  # type: ignore[arg-type]  # no time
    assert [(group.label, group.count) for group in ranked] == [("", 2)]


@pytest.mark.parametrize("by", [By.IDENTITY, By.RESOURCE, By.TIME])
def test_groups_without_an_end_are_bounded_and_every_finding_counts(by: By) -> None:
    many = Groups(by, 50)
    for number in range(2_000):
        name = f"name {number}"
        finding = found(f"{1000 + number}-01-01T00:00:00Z", principal=name)
        many.add(structs.replace(finding, evidence={"requestParameters.name": name}))
    assert len(many) <= 100
    assert sum(group.count for group in many.ranked()) + many.others == 2_000


def test_an_identity_that_comes_late_and_often_is_not_lost() -> None:
    rare = [found(principal=f"rare {number}") for number in range(500)]
    often = [found(principal="often")] * 20
    ranked = counted(By.IDENTITY, *rare, *often, most=50).ranked()
    assert ranked[0].label == "often"


def test_names_of_a_group_are_bounded_and_say_so() -> None:
    names = groups.Names()
    for number in range(1_000):
        names.add(f"{number}" + "x" * 10_000)
        names.add("often")
    assert len(names) <= 2 * groups.MOST_NAMES
    assert names.more
    assert names.ranked()[0] == ("often", 1_000)
    assert max(map(len, names)) < 1_000


def test_whatever_stands_in_the_place_of_a_text_is_its_json() -> None:
    assert groups.text({"a": [1]}) == '{"a": [1]}'
    (group,) = counted(By.IDENTITY, found(principal={"x": 1})).ranked()
    assert group.label == '{"x": 1}'
