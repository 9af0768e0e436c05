"""Snapshots, plans and templates: told apart by content, and judged alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checker import resources, rules
from checker.evaluate.configuration import evaluate
from checker.model import ConfigurationRule, Status, Unreadable
from checker.sources.settings import read as settings
from checker.sources.settings.read import Settings
from tests.sources.settings.iac.plans import UNKNOWN, Res, plan, res

ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"
MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
COGNITO = [
    {"Field": "eventCategory", "Equals": ["Data"]},
    {"Field": "resources.type", "Equals": ["AWS::Cognito::IdentityPool"]},
]
SHIPPED = Path(str(resources.root())) / "rules" / "configurations" / "trail"


# The rules that ask for nothing but what all three kinds of settings say of a trail.
ALIKE = {
    "cognito_data_events_recorded_nowhere",
    "identity_pool_data_events_not_recorded",
    "management_events_not_recorded_everywhere",
    "trail_data_selector_without_management_selector",
    "trail_delivery_failing",
    "trail_log_file_validation_disabled",
    "trail_not_logging",
}


def shipped() -> list[ConfigurationRule]:
    return [
        each
        for each in rules.load([SHIPPED])
        if isinstance(each, ConfigurationRule) and each.name in ALIKE
    ]


def advanced(*selectors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": one} for one in selectors]}


def basic(**selector: Any) -> dict[str, Any]:
    return {"EventSelectors": [selector]}


EVERY_S3 = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]

TRAILS: dict[str, dict[str, Any]] = {
    "everything right": {
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        **advanced([MANAGEMENT], COGNITO),
    },
    "the default selectors": {"IsMultiRegionTrail": True},
    "one Region only": {"LogFileValidationEnabled": True},
    "not logging": {"IsLogging": False, "IsMultiRegionTrail": True},
    "data events alone": {"IsMultiRegionTrail": True, **advanced(COGNITO)},
    "GetId left out": {
        "IsMultiRegionTrail": True,
        **advanced(
            [MANAGEMENT], [*COGNITO, {"Field": "eventName", "NotEquals": ["GetId"]}]
        ),
    },
    "reads only": {"IsMultiRegionTrail": True, **basic(ReadWriteType="ReadOnly")},
    "basic data events alone": {
        "IsMultiRegionTrail": True,
        **basic(IncludeManagementEvents=False, DataResources=EVERY_S3),
    },
    "a source left out": {
        "IsMultiRegionTrail": True,
        **basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
    },
}

_SNAKE = {
    "Field": "field",
    "Equals": "equals",
    "NotEquals": "not_equals",
    "ReadWriteType": "read_write_type",
    "IncludeManagementEvents": "include_management_events",
    "ExcludeManagementEventSources": "exclude_management_event_sources",
    "Type": "type",
    "Values": "values",
    "DataResources": "data_resource",
    "FieldSelectors": "field_selector",
    "EventSelectors": "event_selector",
    "AdvancedEventSelectors": "advanced_event_selector",
    "IsMultiRegionTrail": "is_multi_region_trail",
    "LogFileValidationEnabled": "enable_log_file_validation",
    "IsLogging": "enable_logging",
}


def snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {_SNAKE[key]: snake(each) for key, each in value.items()}
    return [snake(each) for each in value] if isinstance(value, list) else value


def as_snapshot(said: Mapping[str, Any]) -> dict[str, Any]:
    selectors: dict[str, Any] = {"EventSelectors": [], "AdvancedEventSelectors": []}
    body = {
        "TrailARN": ARN,
        "Name": "main",
        "HomeRegion": "us-east-1",
        "IsMultiRegionTrail": said.get("IsMultiRegionTrail", False),
        "IncludeGlobalServiceEvents": True,
        "IsOrganizationTrail": False,
        "LogFileValidationEnabled": said.get("LogFileValidationEnabled", False),
        "S3BucketName": "logs",
        "status": {"IsLogging": said.get("IsLogging", True)},
        "event_selectors": {
            name: said.get(name, none) for name, none in selectors.items()
        },
        "insight_selectors": [],
        "_state": {"insight_selectors": "absent"},
    }
    pool = {
        "IdentityPoolId": "us-east-1:0da1308f-3f1b-4d55-9a5f-3b7d2f0e8c11",
        "arn": "arn:aws:cognito-identity:us-east-1:123456789012:identitypool/x",
        "region": "us-east-1",
    }
    return {
        "kind": "cloudtrail-settings-snapshot",
        "schema_version": 1,
        "trails": [body],
        "identity_pools": [pool],
    }


def planned(said: Mapping[str, Any]) -> tuple[Res, Res]:
    trail = res(
        "aws_cloudtrail",
        "main",
        computed={"arn": UNKNOWN, "home_region": UNKNOWN, "id": UNKNOWN},
        name="main",
        s3_bucket_name="logs",
        **snake(dict(said)),
    )
    pool = res(
        "aws_cognito_identity_pool",
        "shop",
        computed={"arn": UNKNOWN, "id": UNKNOWN},
        identity_pool_name="shop",
    )
    return trail, pool


def as_plan(said: Mapping[str, Any]) -> dict[str, Any]:
    return plan(*planned(said), region="us-east-1")


def as_template(said: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(said)
    validation = given.pop("LogFileValidationEnabled", None)
    properties = {
        "TrailName": "main",
        "S3BucketName": "logs",
        "IsLogging": True,
        "IncludeGlobalServiceEvents": True,
        **given,
        **({} if validation is None else {"EnableLogFileValidation": validation}),
    }
    return {
        "Resources": {
            "Main": {"Type": "AWS::CloudTrail::Trail", "Properties": properties},
            "Shop": {
                "Type": "AWS::Cognito::IdentityPool",
                "Properties": {"AllowUnauthenticatedIdentities": False},
            },
        }
    }


def read(folder: Path, value: Any, **where: str) -> Settings:
    path = folder / "settings"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    found = settings.read(path, **where)
    assert isinstance(found, Settings), found
    return found


def outcomes(found: Settings) -> dict[str, Status]:
    """Evaluate the shipped rules that need no name which AWS gives on creation."""
    return {
        rule.name: outcome.status
        for rule in shipped()
        if rule.configuration.resource != "AWS::Cognito::IdentityPool"
        for outcome in evaluate.evaluate(rule, found.snapshot)
    }


@pytest.mark.parametrize("name", TRAILS)
def test_the_shipped_rules_judge_a_snapshot_a_plan_and_a_template_alike(
    name: str, tmp_path: Path
) -> None:
    said = TRAILS[name]
    saved = outcomes(read(tmp_path, as_snapshot(said)))

    assert outcomes(read(tmp_path, as_plan(said))) == saved
    assert Status.UNKNOWN not in saved.values()
    template = as_template(said)
    assert outcomes(read(tmp_path, template, region="us-east-1")) == saved
    # A template does not say in which Region it will be; no other doubt is allowed.
    unplaced = outcomes(read(tmp_path, template))
    decided = {key: each for key, each in unplaced.items() if each != Status.UNKNOWN}
    assert decided.items() <= saved.items()
    assert len(decided) >= len(saved) - 2


def test_the_outcomes_differ_from_trail_to_trail(tmp_path: Path) -> None:
    found = {
        name: tuple(sorted(outcomes(read(tmp_path, as_plan(said))).items()))
        for name, said in TRAILS.items()
    }

    assert len(set(found.values())) >= 6


def test_whether_a_trail_logs_that_nobody_knows_yet_is_unknown(tmp_path: Path) -> None:
    trail, pool = planned({"IsMultiRegionTrail": True, "IsLogging": UNKNOWN})
    found = outcomes(read(tmp_path, plan(trail, pool)))

    assert found["trail_not_logging"] is Status.UNKNOWN
    assert found["management_events_not_recorded_everywhere"] is Status.UNKNOWN
    assert found["trail_log_file_validation_disabled"] is Status.FAIL


def test_a_plan_without_a_trail_says_nothing_of_the_accounts_trails(
    tmp_path: Path,
) -> None:
    _, pool = planned({})
    found = outcomes(read(tmp_path, plan(pool)))

    assert set(found.values()) == {Status.UNKNOWN}


def test_each_resource_that_is_judged_has_its_place(tmp_path: Path) -> None:
    for value in (as_snapshot, as_plan, as_template):
        found = read(tmp_path, value(TRAILS["everything right"]))
        for rule in shipped():
            for outcome in evaluate.evaluate(rule, found.snapshot):
                assert outcome.resource.pointer in {"", *found.places}


def test_what_is_declared_is_told_from_what_is_there(tmp_path: Path) -> None:
    said = TRAILS["everything right"]

    assert not read(tmp_path, as_snapshot(said)).declared
    assert read(tmp_path, as_plan(said)).declared
    assert read(tmp_path, as_template(said)).declared


def test_a_snapshot_is_settled_and_placed(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(as_snapshot({}), indent=1))

    assert found.places["/trails/0"].address == "/trails/0"
    assert found.places["/trails/0"].line > 1
    assert found.size == (tmp_path / "settings").stat().st_size


def test_yaml_is_a_template(tmp_path: Path) -> None:
    text = "Resources:\n  T:\n    Type: AWS::CloudTrail::Trail\n"

    assert read(tmp_path, text).places["/trails/0"].line == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "neither"),
        ('{"Records": []}', "neither"),
        ('{"kind": "cloudtrail-settings-snapshot"}', "missing"),
        ('{"format_version": "3.0", "planned_values": {}}', "only 1.x"),
        ('{"format_version": "1.0", "values": {}}', "state"),
        ("[1]", "no CloudFormation template"),
        ("{", "not YAML"),
        ("a: [", "line "),
        ("\0", "control character"),
        ('{"a":' * 100_000, "nested deeper"),
    ],
)
def test_what_is_no_settings_is_refused_in_words(
    text: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_text(text)

    found = settings.read(path)

    assert isinstance(found, Unreadable)
    assert reason in found.reason


def test_a_file_that_is_missing_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"

    missing = settings.read(path)
    path.write_text(json.dumps(as_plan({})))
    monkeypatch.setattr(settings, "MAX_BYTES", 100)
    large = settings.read(path)

    assert isinstance(missing, Unreadable)
    assert "No such file" in missing.reason
    assert isinstance(large, Unreadable)
    assert "larger than 100" in large.reason
