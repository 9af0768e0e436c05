"""The commands that show the rules themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from checker.cli import main

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "schemas" / "catalogue.json").read_text(encoding="utf-8"))
DEMO = str(ROOT / "demo" / "settings.json")


def answer(*arguments: str) -> Any:
    found = json.loads(run(*arguments, "--format", "json").stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments])


def test_rules_are_listed_by_kind_service_level_and_framework() -> None:
    listed = json.loads(
        run("list", "--service", "signin", "--level", "high", "-f", "json").stdout
    )
    controls = json.loads(
        run("list", "--framework", "CIS-AWS-3.0", "-f", "json").stdout
    )

    assert "root_console_login_without_mfa" in {rule["name"] for rule in listed}
    assert {rule["level"] for rule in listed} <= {"high", "critical"}
    assert {rule["kind"] for rule in controls} == {"configuration"}
    assert all("CIS-AWS-3.0" in rule["controls"] for rule in controls)


def test_a_list_has_a_line_for_each_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = run("list", "--kind", "correlation").stdout.splitlines()
    count = len(json.loads(run("list", "--kind", "correlation", "-f", "json").stdout))

    assert len(lines) == count > 10


def test_a_rule_is_shown_whole() -> None:
    text = run("show", "root_console_login_without_mfa").stdout

    assert "Root console login without MFA" in text
    assert "signin.amazonaws.com" in text
    assert "attack.t1078.004" in text
    assert "https://docs.aws.amazon.com/" in text
    assert "control.\n\nCall the owner of the root mailbox" in text.replace("\r", "")


def test_a_misspelt_rule_is_a_usage_error_with_a_hint() -> None:
    result = run("show", "root_console_login_without_mfaa")

    assert result.exit_code == 2
    assert "did you mean 'root_console_login_without_mfa'?" in result.stderr


def test_a_tag_can_hold_wildcards_and_several_must_all_hold() -> None:
    both = answer("list", "--tag", "attack.t1685*", "--tag", "attack.t1562.008")
    one = answer("list", "--tag", "attack.t1685*")

    assert 0 < len(both) < len(one)
    assert all("attack.t1562.008" in rule["tags"] for rule in both)
    assert json.loads(run("list", "--tag", "attack.t9999", "-f", "json").stdout) == []


def test_a_framework_goes_by_its_other_names_and_those_it_includes() -> None:
    assert answer("list", "--framework", "CIS-AWS-4.0") == answer(
        "list", "--framework", "CIS-AWS-4.0.1"
    )
    hub = {rule["name"] for rule in answer("list", "--framework", "AWS-Security-Hub")}
    best = {rule["name"] for rule in answer("list", "--framework", "AWS-FSBP")}
    assert best < hub
    result = run("list", "--framework", "CIS-AWS-9")
    assert result.exit_code == 2
    assert "there is no such framework" in result.stderr


def test_a_correlation_is_listed_under_the_services_of_its_base_rules() -> None:
    found = answer("list", "--kind", "correlation", "--service", "signin.amazonaws.com")

    assert found
    assert all("signin.amazonaws.com" in rule["services"] for rule in found)


def test_rules_are_counted_by_what_they_have_in_common() -> None:
    found = answer("list", "--count-by", "level")
    lines = run("list", "--count-by", "level").stdout.splitlines()

    assert found["by"] == "level"
    assert sum(each["count"] for each in found["counts"]) == found["rules"]
    assert [line.split() for line in lines] == [
        [str(each["count"]), each["value"]] for each in found["counts"]
    ]


def test_settings_show_what_would_be_seen_in_a_list_and_in_a_layer() -> None:
    every = {rule["name"] for rule in answer("list")}
    seeing = {rule["name"] for rule in answer("list", "--settings", DEMO)}
    drawn = json.loads(run("list", "-f", "navigator", "--settings", DEMO).stdout)
    said = [each.get("comment", "") for each in drawn["techniques"]]
    blind = {
        name
        for comment in said
        for name in comment.partition("blind: ")[2].split(", ")
        if name
    }

    assert seeing < every
    assert blind <= every - seeing
    assert "cognito_guest_credentials_issued" in blind
    assert "root_console_login_without_mfa" in seeing
    assert "blind under the settings of" in drawn["description"]


def test_settings_that_cannot_be_read_exit_with_3_and_odd_options_with_2() -> None:
    assert run("list", "--settings", "nowhere.json").exit_code == 3
    odd = run("list", "--format", "navigator", "--count-by", "tag")
    assert odd.exit_code == 2
    assert "--count-by goes with" in odd.stderr


def test_a_rule_is_shown_with_what_frameworks_ask() -> None:
    text = run("show", "root_with_access_key").stdout
    found = answer("show", "root_with_access_key")

    assert "CIS-AWS-3.0: 1.4 The root user has no access key" in text
    assert {
        "framework": "CIS-AWS-3.0",
        "id": "1.4",
        "title": "The root user has no access key",
    } in found["requirements"]
    assert max(len(line) for line in text.splitlines()) <= 120


def test_a_rule_is_shown_with_the_parameters_in_force(tmp_path: Path) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters: {user_access_key_old: {max_days: 30}}")
    plain = run("show", "user_access_key_old").stdout
    mine = run("show", "user_access_key_old", "--config", str(config)).stdout
    found = answer("show", "user_access_key_old", "--config", str(config))

    assert "90: integer (at least 1)." in plain
    assert "set to 30, 90 by default: integer (at least 1)." in mine
    assert found["parameters"]["max_days"]["value"] == 30
    assert found["parameters"]["max_days"]["default"] == 90


def test_a_correlation_is_shown_with_how_many_it_asks_for() -> None:
    text = run("show", "cognito_users_listed_in_bulk").stdout
    found = answer("show", "cognito_users_listed_in_bulk")

    assert "condition\n  gte 20\n" in text
    assert found["logic"]["condition"] == "gte 20"


def test_a_configuration_rule_is_shown_with_its_remedy() -> None:
    name = "bucket_of_trail_acls_enabled"
    text, found = run("show", name).stdout, answer("show", name)

    assert "remediation\n  Move what the ACLs grant" in text
    assert "commands\n  aws s3api put-bucket-ownership-controls" in text
    assert 'terraform\n  resource "aws_s3_bucket_ownership_controls" "logs" {' in text
    assert found["cli"].startswith("aws s3api")
    assert found["terraform"].startswith("resource")


@pytest.mark.parametrize(
    "command", [("list", "--kind", "correlation"), ("show", "user_access_key_old")]
)
def test_rules_are_shown_in_the_width_of_the_terminal(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(*command).stdout.splitlines()
    assert [line for line in lines if len(line) > 80 and " " in line.strip()] == []


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--tag", "attack.t1078.04", "no rule has that tag - did you mean 'attack"),
        ("--tag", "atack.*", "no rule has that tag"),
        ("--service", "signin.amazon.com", "did you mean 'signin.amazonaws.com'?"),
    ],
)
def test_what_no_rule_is_about_is_no_rule_and_a_hint(
    option: str, value: str, said: str
) -> None:
    result = run("list", option, value)

    assert result.exit_code == 0
    assert not result.stdout
    assert f"{option} {value}: " in result.stderr
    assert said in result.stderr


def test_filters_that_leave_nothing_say_so() -> None:
    result = run("list", "--service", "AWS::CloudTrail::Trail", "--level", "critical")

    assert result.exit_code == 0
    assert not result.stdout
    assert "no rule has all of that" in result.stderr
