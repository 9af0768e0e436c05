"""Tests of the last line: what was written, and why the exit code is not 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import structs

from checker.cli import endings, main
from checker.conditions.unknown import Cause
from checker.model import Report, Statistics, Unreadable
from tests.reports import samples

EVENTS = "demo/events"
SETTINGS = "demo/settings.json"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def report(*findings: Any, **more: Any) -> Report:
    statistics = more.pop("statistics", Statistics())
    return Report(findings=findings, statistics=statistics, **more)


def test_findings_at_the_level_are_counted() -> None:
    found = report(*samples.DETECTED)
    assert endings.why(found, 1, "high") == "3 findings at or above high (--fail-on)"
    assert endings.contents(found) == "4 findings"


def test_blind_rules_are_no_findings() -> None:
    found = report(*samples.FORESEEN)
    assert endings.why(found, 1, "high") == "1 blind rule at or above high (--fail-on)"
    assert endings.contents(found) == "2 blind rules"


def test_what_was_not_read_does_not_hide_what_was_found() -> None:
    problems = (Unreadable("a", None, "x"), Unreadable("b", 1, "y"))
    statistics = Statistics(inputs=2, unreadable_inputs=1, unreadable_records=1)
    found = report(*samples.DETECTED, problems=problems, statistics=statistics)
    assert endings.why(found, 3, "high") == (
        "1 input and 1 record could not be read (--allow-partial accepts that); "
        "3 findings at or above high (--fail-on) as well"
    )


def test_checks_that_are_unknown_say_why() -> None:
    unknown = structs.replace(samples.AUDITED[2], cause=Cause.DENIED)
    assert endings.why(report(unknown, unknown), 3, "high") == (
        "2 checks could not be decided (2 denied) (--allow-partial accepts that)"
    )


def test_a_report_in_a_file_is_one_line_on_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    arguments = [EVENTS, "--select", "root_console_login*", "-f", "json", "-o"]
    result = run("scan", *arguments, str(file))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"wrote {file}: 3 findings; exit 1: 3 findings at or above high (--fail-on)\n"
    )


def test_a_quiet_command_that_ends_well_says_nothing(tmp_path: Path) -> None:
    file = str(tmp_path / "report.json")
    arguments = ["--select", "root_console_login", "--fail-on", "never", "-o", file]
    assert run("scan", EVENTS, *arguments, "--quiet").stderr == ""
    assert run("scan", EVENTS, *arguments).stderr == f"wrote {file}: 1 finding\n"


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["audit", EVENTS], 3, "exit 3: 1 input could not be read"),
        (["scan", SETTINGS, "--select", "root_*"], 3, "exit 3: 1 input could not be"),
        (["top", "nowhere.json"], 3, "exit 3: 1 problem"),
        (["visibility", SETTINGS, "--select", "ransom_*"], 1, "exit 1: 1 blind rule"),
    ],
)
def test_an_exit_code_is_explained(arguments: list[str], code: int, line: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.stderr
    assert line in result.stderr
    if line:
        assert len(result.stderr.splitlines()) == 1


def test_files_of_the_other_kind_are_named_for_what_they_are() -> None:
    assert "check them with trailcheck scan" in " ".join(
        run("audit", "demo/events/cognito.json").stdout.split()
    )
    scanned = run("scan", SETTINGS, "--select", "root_*").stdout
    assert "a settings snapshot" in scanned
    assert "trailcheck audit" in " ".join(scanned.split())


@pytest.mark.parametrize(
    ("name", "meant"),
    [("cis", "CIS-AWS-7.0"), ("nist", "NIST-800-53-r5"), ("cis 3.0", "CIS-AWS-3.0")],
)
def test_a_framework_is_suggested(name: str, meant: str) -> None:
    result = run("audit", SETTINGS, "--framework", name)
    assert result.exit_code == 2
    assert f"did you mean '{meant}'" in result.stderr


def test_settings_are_an_argument_or_an_option() -> None:
    for command in ("audit", "visibility"):
        options = ["--select", "trail_*", "--fail-on", "never", "--summary"]
        first = run(command, SETTINGS, *options)
        second = run(command, "--settings", SETTINGS, *options)
        assert first.exit_code == 0
        assert first.stdout == second.stdout


def test_options_of_the_text_report_go_with_no_other_format() -> None:
    assert run("scan", EVENTS, "--full", "-f", "json").exit_code == 2
    assert run("scan", EVENTS, "--full", "--summary").exit_code == 2
