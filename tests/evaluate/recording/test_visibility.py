"""Visibility: a rule is tied to the trails that would, or would not, show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker import rules
from checker.aws.resource_types import RESOURCE_TYPES
from checker.cases import read as cases
from checker.conditions.unknown import Cause, Unknown
from checker.correlation_types import CorrelationType
from checker.errors import DocumentError
from checker.evaluate.recording import visibility
from checker.evaluate.recording.visibility import Visibility
from checker.model import Correlation, CorrelationRule, DetectionRule, Level, Status

SETTINGS = Path(__file__).parents[3] / "rules" / "settings"
MANAGEMENT = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}


def snapshot(*selectors: Any, **trail: Any) -> dict[str, Any]:
    base: dict[str, Any] = json.loads(
        (SETTINGS / "one_multi_region_trail.json").read_text()
    )
    chosen = {"EventSelectors": [], "AdvancedEventSelectors": list(selectors)}
    base["trails"][0] = {**base["trails"][0], "event_selectors": chosen, **trail}
    return base


def data(*fields: Any, kind: str = "AWS::Cognito::IdentityPool") -> dict[str, Any]:
    return {
        "Name": "Data",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [kind]},
            *fields,
        ],
    }


def everything() -> dict[str, Any]:
    """Settings under which all management, data and network activity is recorded."""
    network = [
        {
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["NetworkActivity"]},
                {"Field": "eventSource", "Equals": [f"{name}.amazonaws.com"]},
            ]
        }
        for name in ("cloudtrail", "ec2", "kms", "s3", "secretsmanager")
    ]
    kinds = [data(kind=kind) for kind in sorted(RESOURCE_TYPES)]
    return snapshot(MANAGEMENT, *kinds, *network)


@pytest.fixture(scope="module")
def pack() -> dict[str, tuple[DetectionRule, list[Any]]]:
    problems: list[DocumentError] = []
    by_path = {rule.path: rule for rule in rules.load()}
    loaded: dict[str, tuple[DetectionRule, list[Any]]] = {}
    for file in rules.find():
        rule = by_path[file.path]
        if isinstance(rule, DetectionRule):
            written = cases.of_rule(file, problems)
            loaded[rule.name] = rule, [each.subject for each in written if each.match]
    assert not problems
    return loaded


def judge(pack: Any, name: str, settings: dict[str, Any]) -> Visibility:
    rule, samples = pack[name]
    return visibility.of_detection(rule, samples, settings)


def test_a_data_event_rule_is_blind_under_default_settings(pack: Any) -> None:
    found = judge(pack, "cognito_guest_credentials_issued", snapshot())

    assert found.status is Status.BLIND
    assert found.missing == "no trail records AWS::Cognito::IdentityPool data events"
    assert "AWS::Cognito::IdentityPool" in found.reason


def test_nothing_is_visible_when_the_only_trail_does_not_log(pack: Any) -> None:
    settings = snapshot(MANAGEMENT, data(), status={"IsLogging": False})

    assert {judge(pack, name, settings).status for name in pack} == {Status.BLIND}


def test_a_selector_that_drops_one_event_is_named(pack: Any) -> None:
    settings = snapshot(
        MANAGEMENT, data({"Field": "eventName", "NotEquals": ["GetId"]})
    )

    found = judge(pack, "cognito_identity_obtained", settings)

    assert found.status is Status.BLIND
    assert "eventName NotEquals" in found.reason
    credentials = judge(pack, "cognito_guest_credentials_issued", settings)
    assert credentials.status is Status.VISIBLE


def test_root_signs_in_in_us_east_1_and_users_elsewhere_too(pack: Any) -> None:
    settings = snapshot(MANAGEMENT, IsMultiRegionTrail=False)

    root = judge(pack, "root_console_login_without_mfa", settings)
    user = judge(pack, "iam_user_console_login_without_mfa", settings)

    assert root.status is Status.VISIBLE
    assert user.status is Status.PARTIAL


def test_selectors_that_were_denied_leave_the_answer_unknown(pack: Any) -> None:
    settings = snapshot(event_selectors=Unknown("event_selectors: denied"))

    found = judge(pack, "root_console_login_without_mfa", settings)

    assert found.status is Status.UNKNOWN
    assert "denied" in found.reason


def test_stores_that_may_exist_are_named_with_the_cause(pack: Any) -> None:
    stores = Unknown("event_data_stores: none is declared", Cause.UNDECLARED)
    settings = snapshot(MANAGEMENT) | {"event_data_stores": stores}

    found = judge(pack, "cognito_guest_credentials_issued", settings)

    assert found.status is Status.UNKNOWN
    assert (
        "a trail or event data store that is not known: event_data_stores: none is "
        "declared" in found.reason
    )


def base(status: Status, name: str = "base") -> Visibility:
    return Visibility(name, status, (), f"{name} misses", f"{name} why", ())


@pytest.mark.parametrize(
    ("kind", "bases", "expected"),
    [
        ("temporal", [Status.VISIBLE, Status.BLIND], Status.BLIND),
        ("absence", [Status.VISIBLE, Status.BLIND], Status.BLIND),
        ("temporal_ordered", [Status.VISIBLE, Status.VISIBLE], Status.VISIBLE),
        ("event_count", [Status.VISIBLE, Status.BLIND], Status.PARTIAL),
        ("event_count", [Status.BLIND, Status.BLIND], Status.BLIND),
        ("value_count", [Status.VISIBLE, Status.UNKNOWN], Status.UNKNOWN),
        ("value_count", [Status.BLIND, Status.UNKNOWN], Status.UNKNOWN),
        ("value_count", [Status.PARTIAL, Status.UNKNOWN], Status.PARTIAL),
    ],
)
def test_a_correlation_sees_what_its_bases_see(
    kind: str, bases: list[Status], expected: Status
) -> None:
    rule = CorrelationRule(
        path="it.yml",
        line=1,
        title="Many",
        name="many",
        id="4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a01",
        level=Level.HIGH,
        status="test",
        correlation=Correlation(
            type=CorrelationType(kind), rules=("a", "b"), timespan=60
        ),
    )

    found = visibility.of_correlation(rule, [base(status) for status in bases])

    assert found.status is expected
