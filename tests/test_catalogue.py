"""The commands that show the rules themselves."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from checker.cli import main


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


def test_a_list_has_a_line_for_each_rule() -> None:
    lines = run("list", "--kind", "correlation").stdout.splitlines()
    count = len(json.loads(run("list", "--kind", "correlation", "-f", "json").stdout))

    assert len(lines) == count > 10


def test_a_rule_is_shown_whole() -> None:
    text = run("show", "root_console_login_without_mfa").stdout

    assert "Root user signed in to the console without MFA" in text
    assert "signin.amazonaws.com" in text
    assert "attack.t1078.004" in text
    assert "https://docs.aws.amazon.com/" in text


def test_a_misspelt_rule_is_a_usage_error_with_a_hint() -> None:
    result = run("show", "root_console_login_without_mfaa")

    assert result.exit_code == 2
    assert "did you mean 'root_console_login_without_mfa'?" in result.stderr
