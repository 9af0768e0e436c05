"""Trusted pipelines: quiet for the roles that an organisation names, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checker import rules
from checker.errors import RulesError
from checker.evaluate.detection import detector
from checker.model import DetectionRule

ROLE = "arn:aws:iam::123456789012:role/deploy"
RULE = """
title: Users listed
name: {name}
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c0{digit}
status: test
level: {level}
logsource: {{product: aws, service: cloudtrail}}
{lowered}
detection:
  call: {{eventSource: iam.amazonaws.com, eventName: ListUsers}}
  claimed: contains(userAgent, 'Terraform')
  condition: {condition}
"""


def event(session: str = "github", address: str = "192.0.2.7") -> dict[str, Any]:
    return {
        "eventSource": "iam.amazonaws.com",
        "eventName": "ListUsers",
        "sourceIPAddress": address,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::123456789012:assumed-role/deploy/{session}",
            "sessionContext": {"sessionIssuer": {"arn": ROLE}},
        },
    }


@pytest.fixture
def configured(tmp_path: Path) -> Any:
    for digit, (name, level, lowered) in enumerate(
        [
            ("medium_rule", "medium", ""),
            ("high_rule", "high", ""),
            ("claimed_rule", "high", "lowered_by: [claimed]"),
        ]
    ):
        text = RULE.format(
            name=name,
            level=level,
            lowered=lowered,
            digit=digit,
            condition="call" if lowered else "call && !claimed",
        )
        (tmp_path / f"{name}.yml").write_text(text)

    def load(config: str) -> dict[str, DetectionRule]:
        file = tmp_path / "trailcheck.yaml.txt"
        file.write_text(config)
        loaded = rules.configure(rules.load(tmp_path), str(file))
        return {each.name: each for each in loaded if isinstance(each, DetectionRule)}

    return load


def test_a_named_role_quietens_rules_below_high_and_those_about_claims(
    configured: Any,
) -> None:
    known = configured(f"trusted_pipelines: [{{role: '{ROLE}'}}]")

    assert not detector.holds(known["medium_rule"], event())
    assert not detector.holds(known["claimed_rule"], event())
    assert detector.holds(known["high_rule"], event())


def test_another_role_is_not_trusted_whatever_it_calls_itself(configured: Any) -> None:
    known = configured(f"trusted_pipelines: [{{role: '{ROLE}'}}]")
    stranger = event("github")
    stranger["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] += "er"
    stranger["userAgent"] = "deploy pipeline"

    assert detector.holds(known["medium_rule"], stranger)


def test_session_and_network_must_hold_where_they_are_named(configured: Any) -> None:
    known = configured(
        f"""
trusted_pipelines:
  - role: {ROLE}
    session_names: [github, gitlab]
    networks: [192.0.2.0/24, 2001:db8::/32]
"""
    )
    rule = known["medium_rule"]

    assert not detector.holds(rule, event())
    assert not detector.holds(rule, event("gitlab", "2001:db8::1"))
    assert detector.holds(rule, event("not-github"))
    assert detector.holds(rule, event(address="198.51.100.7"))
    assert detector.holds(rule, event(address="cloudformation.amazonaws.com"))


def test_without_pipelines_nothing_changes(configured: Any) -> None:
    known = configured("trusted_pipelines: []")

    assert "made_by_trusted_pipeline" not in known["medium_rule"].detection.selections
    assert detector.holds(known["medium_rule"], event())


@pytest.mark.parametrize(
    "entry",
    [
        "{session_names: [github]}",
        "{role: deploy}",
        "{role: 'arn:aws:iam::123456789012:role/*'}",
        f"{{role: '{ROLE}', networks: [example.com]}}",
        f"{{role: '{ROLE}', session_names: ['a/b']}}",
        f"{{role: '{ROLE}', agent: Terraform}}",
    ],
)
def test_what_trusts_too_much_or_nothing_is_refused(
    configured: Any, entry: str
) -> None:
    with pytest.raises(RulesError):
        configured(f"trusted_pipelines: [{entry}]")
