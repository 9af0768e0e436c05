"""Lint of configuration rules: the resource type, its fields, what they equal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.authoring.lint import run
from checker.authoring.lint.problem import Problem, Severity
from checker.authoring.lint.settings_shapes import resource_shape
from checker.aws.shapes import Shape
from checker.evaluate.configuration.evaluate import types

ROOT = Path(__file__).parents[3]
RULE = """\
title: Resource in a state
name: in_a_state
id: 2b1f9d4e-3c1a-4a86-9d0b-7f2f6f0f5a12
status: test
level: high
logsource: {{product: aws, service: cloudtrail}}
configuration:
  resource: {kind}
  condition: |-
    {condition}
"""
POOL = "AWS::Cognito::UserPool"
TRAIL = "AWS::CloudTrail::Trail"


def errors(folder: Path, kind: str, condition: str) -> list[Problem]:
    text = RULE.format(kind=kind, condition=condition)
    (folder / "in_a_state.yml").write_text(text)
    found = run.lint([folder])
    return [each for each in found if each.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("kind", "condition", "check", "said"),
    [
        (POOL, "MfaConfigration == 'ON'", "unknown-field", "MfaConfiguration"),
        (POOL, "mfa_config.MfaConfigration", "unknown-field", "MfaConfiguration"),
        (POOL, "clients[].ClientID", "unknown-field", "ClientId"),
        (POOL, "Policies.PasswordPolicy.MinLength", "unknown-field", "MinLength"),
        (POOL, "MfaConfiguration == 'on'", "impossible-value", "'ON'"),
        (TRAIL, "LogFileValidationEnabled == true", "unknown-field", "`true`"),
        (TRAIL, "LogFileValidationEnabled == 'true'", "type-mismatch", "`true`"),
        (TRAIL, "status.isLogging", "unknown-field", "IsLogging"),
        (TRAIL, "event_selectors.Selectors", "unknown-field", "Selectors"),
        ("AWS::S3::Bucket", "versioning.status", "unknown-field", "Status"),
        ("AWS::KMS::Key", "metadata.KeyStates", "unknown-field", "KeyState"),
        ("AWS::::Account", "iam.password_polcy", "unknown-field", "password_policy"),
        ("AWS::::Account", "trails[].name", "unknown-field", "Name"),
        ("AWS::Logs::LogGroup", "retentionInDays >= '90'", "type-mismatch", "`90`"),
        ("AWS::Cognito::UserPools", "Id", "schema", POOL),
        ("AWS::EC2::Instance", "Id", "schema", "must be one of"),
    ],
)
def test_what_a_resource_cannot_have_is_an_error(
    kind: str, condition: str, check: str, said: str, tmp_path: Path
) -> None:
    (found,) = errors(tmp_path, kind, condition)
    assert found.check == check
    assert said in found.message + found.fix


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        (POOL, "MfaConfiguration == 'ON' && Policies.PasswordPolicy.MinimumLength"),
        (POOL, "clients[?RefreshTokenValidity > `30`].ClientId | [0]"),
        (TRAIL, "status.IsLogging && tags.owner && _state.status == 'ok'"),
        (TRAIL, "event_selectors.AdvancedEventSelectors[].FieldSelectors[].Field"),
        ("AWS::S3::Bucket", "policy.Statement[].Whatever"),
        ("AWS::::Account", "iam.account_summary.AccountMFAEnabled == `1`"),
        ("AWS::CloudWatch::Alarm", "AlarmRule || MetricName"),
    ],
)
def test_what_a_resource_can_have_is_no_error(
    kind: str, condition: str, tmp_path: Path
) -> None:
    assert errors(tmp_path, kind, condition) == []


def test_the_schema_names_the_types_that_a_snapshot_holds() -> None:
    schema = json.loads((ROOT / "schemas" / "configuration.json").read_text())
    block = schema["properties"]["configuration"]["properties"]
    assert {*block["resource"]["enum"]} == {*types()}


@pytest.mark.parametrize("kind", types())
def test_every_member_of_every_resource_has_a_shape(kind: str) -> None:
    pending: list[tuple[Shape, int]] = [(resource_shape(kind), 0)]
    assert pending[0][0].members
    while pending:
        shape, depth = pending.pop()
        if depth < 6:
            pending += [(found(), depth + 1) for found in shape.members.values()]
            pending += [(shape.each(), depth + 1)] if shape.kind == "list" else []


def test_what_snapshots_hold_is_what_lint_knows() -> None:
    unknown: list[str] = []

    def walk(value: object, shape: Shape, path: str) -> None:
        if isinstance(value, dict) and shape.kind == "object":
            for key, part in value.items():
                member = shape.member(key)
                if member is None:
                    unknown.append(f"{path}.{key}")
                else:
                    walk(part, member, f"{path}.{key}")
        elif isinstance(value, list) and shape.kind == "list":
            for part in value:
                walk(part, shape.each(), f"{path}[]")

    for file in (ROOT / "rules" / "settings").glob("*.json"):
        walk(json.loads(file.read_text()), resource_shape("AWS::::Account"), "")
    assert unknown == []


def test_a_correlation_may_build_on_bundled_rules(tmp_path: Path) -> None:
    (tmp_path / "trails_deleted.yml").write_text("""\
title: Several trails deleted
name: trails_deleted
id: 2b1f9d4e-3c1a-4a86-9d0b-7f2f6f0f5a14
status: test
level: high
correlation:
  type: event_count
  rules: [trail_deleted]
  group-by: [userIdentity.arn]
  timespan: 1h
  condition: {gte: 2}
""")
    assert not [each for each in run.lint([tmp_path]) if each.check == "rule-unknown"]
