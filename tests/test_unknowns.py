"""What AWS did not answer is said to be unknown, in every report that depends on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checker.cli import main

BASE = Path(__file__).parent.parent / "rules/settings/one_multi_region_trail.json"


def snapshot(**trail: Any) -> dict[str, Any]:
    base: dict[str, Any] = json.loads(BASE.read_text())
    first = {**base["trails"][0], **trail}
    base["trails"] = [{key: value for key, value in first.items() if value is not None}]
    return base


def error(operation: str, state: str, code: str, message: str) -> dict[str, Any]:
    return {
        "service": "cloudtrail",
        "operation": operation,
        "region": "us-east-1",
        "resource": "arn:aws:cloudtrail:us-east-1:123456789012:trail/main",
        "code": code,
        "state": state,
        "message": message,
    }


def of_part(part: str, state: str) -> dict[str, Any]:
    states = {"status": "ok", "event_selectors": "ok", "insight_selectors": "absent"}
    return snapshot(**{part: None, "_state": {**states, part: state}})


SITUATIONS = {
    "a denied status": of_part("status", "denied"),
    "a throttled status": of_part("status", "throttled"),
    "denied selectors": of_part("event_selectors", "denied"),
    "a Region that is off": of_part("status", "unsupported"),
    "an organization trail seen from a member": {
        **of_part("event_selectors", "denied"),
    },
}
SITUATIONS["an organization trail seen from a member"]["trails"][0] |= {
    "IsOrganizationTrail": True,
    "TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main",
    "owned": False,
}


def ran(tmp_path: Path, settings: dict[str, Any], *arguments: str) -> tuple[int, str]:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(settings))
    at = arguments.index("SETTINGS")
    given = [*arguments[:at], str(path), *arguments[at + 1 :]]
    result = CliRunner().invoke(main, given)
    return result.exit_code, result.stdout


@pytest.mark.parametrize("settings", SITUATIONS.values(), ids=SITUATIONS.keys())
def test_an_audit_says_unknown_and_why_in_every_format(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    rule = "management_events_not_recorded_everywhere"
    code, text = ran(tmp_path, settings, "audit", "SETTINGS", "--select", rule)
    _, found = ran(
        tmp_path, settings, "audit", "SETTINGS", "--select", rule, "--format", "json"
    )
    _, sarif = ran(
        tmp_path, settings, "audit", "SETTINGS", "--select", rule, "--format", "sarif"
    )

    (finding,) = json.loads(found)["findings"]
    assert code == 3
    assert finding["status"] == "unknown"
    word = next(
        word
        for word in ("denied", "throttled", "not available")
        if word in finding["message"]
    )
    assert "unknown" in text
    assert word in " ".join(text.split())
    assert word in sarif


@pytest.mark.parametrize("settings", SITUATIONS.values(), ids=SITUATIONS.keys())
def test_visibility_is_unknown_and_says_why(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    code, found = ran(
        tmp_path,
        settings,
        "visibility",
        "--settings",
        "SETTINGS",
        "--select",
        "root_console_login_without_mfa",
        "--format",
        "json",
    )

    (finding,) = json.loads(found)["findings"]
    assert code == 3
    assert finding["status"] == "unknown"
    assert any(word in finding["message"] for word in ("denied", "throttled", "not av"))


def test_what_was_not_asked_for_does_not_spoil_what_is_known(tmp_path: Path) -> None:
    settings = of_part("status", "denied")

    _, found = ran(
        tmp_path,
        settings,
        "audit",
        "SETTINGS",
        "--select",
        "trail_log_file_validation_disabled",
        "--format",
        "json",
    )

    assert [each["status"] for each in json.loads(found)["findings"]] == ["pass"]
