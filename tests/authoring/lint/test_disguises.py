"""No claim silences a rule: its cases are replayed by other agents and services."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.authoring.lint import lint

RULE = """\
title: Users listed
name: users_listed
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c01
status: test
level: {level}
description: Somebody listed the users of the account. Ask the caller why.
logsource: {{product: aws, service: cloudtrail}}
{lowered}
detection:
  call:
    eventSource: iam.amazonaws.com
    eventName: ListUsers
  claimed: {claimed}
  condition: {condition}
"""
CASES = """\
match:
  - name: A user lists the users
    record:
      eventSource: iam.amazonaws.com
      eventName: ListUsers
      sourceIPAddress: 192.0.2.24
      userAgent: aws-cli/2.31.0
      userIdentity: {type: IAMUser, arn: 'arn:aws:iam::123456789012:user/anaya'}
no_match:
  - name: Another call
    record: {eventSource: iam.amazonaws.com, eventName: ListRoles}
"""
AGENT = "contains(userAgent, 'Terraform')"
SERVICE = "ends_with(userIdentity.invokedBy, '.amazonaws.com')"
ADDRESS = "ends_with(sourceIPAddress, '.amazonaws.com')"


def silenced(
    folder: Path,
    claimed: str,
    *,
    level: str = "high",
    lowered: bool = False,
    condition: str = "call && !claimed",
) -> list[str]:
    file = folder / "users_listed.yml"
    named = "lowered_by: [claimed]" if lowered else ""
    file.write_text(
        RULE.format(
            level=level,
            lowered=named,
            claimed=claimed,
            condition="call" if lowered else condition,
        )
    )
    (folder / "users_listed.cases.yml").write_text(CASES)
    found = lint([folder])
    return [each.message for each in found if each.check == "silenced-by-claim"]


@pytest.mark.parametrize(
    ("claimed", "words"),
    [
        (AGENT, "Terraform"),
        ("contains(userAgent, 'Ansible')", "Ansible"),
        ("matches(userAgent, '(?i)boto3')", "Boto3"),
        ("userAgent == 'AWS Internal'", "AWS Internal"),
        (SERVICE, "servicecatalog.amazonaws.com"),
        (ADDRESS, "cloudformation.amazonaws.com"),
    ],
)
def test_a_claim_in_the_condition_is_found(
    tmp_path: Path, claimed: str, words: str
) -> None:
    said = silenced(tmp_path, claimed)

    assert any(words in each for each in said)
    assert all("A user lists the users" in each for each in said)


def test_a_claim_that_lowers_is_no_problem(tmp_path: Path) -> None:
    assert silenced(tmp_path, AGENT, lowered=True) == []


def test_low_rules_are_not_replayed(tmp_path: Path) -> None:
    assert silenced(tmp_path, AGENT, level="low") == []


def test_a_rule_about_an_agent_loses_nothing_to_a_claim(tmp_path: Path) -> None:
    said = silenced(
        tmp_path, "starts_with(userAgent, 'aws-cli')", condition="call && claimed"
    )

    assert said == []


@pytest.mark.parametrize(("level", "enough"), [("low", False), ("medium", True)])
def test_another_rule_may_report_what_one_leaves_out(
    tmp_path: Path, level: str, *, enough: bool
) -> None:
    other = (
        RULE.format(level=level, lowered="", claimed=AGENT, condition="call && claimed")
        .replace("users_listed", "users_listed_by_tool")
        .replace("7c01", "7c02")
    )
    (tmp_path / "users_listed_by_tool.yml").write_text(other)

    said = silenced(tmp_path, AGENT, level="high")

    assert (said == []) is enough
