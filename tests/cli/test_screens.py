"""Tests of the width of a report, and of the commands that it suggests."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from checker.cli import main, next_steps, screens
from checker.model import Report, Statistics
from checker.reports import screen
from checker.reports.groups import By
from checker.reports.screen import Counts
from tests.reports import samples


def counts() -> Counts:
    report = Report(findings=samples.DETECTED, statistics=Statistics())
    return Counts.of(report, By.RULE)


@pytest.mark.parametrize(
    ("columns", "width"), [("80", 80), ("", 100), ("0", 100), ("wide", 100), ("²", 100)]
)
def test_the_width_is_that_of_columns_or_a_hundred(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert screens.width(io.StringIO()) == width


@pytest.mark.parametrize(
    "words", [["a b"], ["it's"], ["x == 'a b'"], ['"$x"'], ["`x` '$(y)'"], ["!a'"]]
)
def test_a_command_is_read_by_a_shell_as_it_was_meant(words: list[str]) -> None:
    assert shlex.split(screens.command("top", *words))[1:] == ["top", *words]


def test_the_program_is_named_as_it_was_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    called = tmp_path / "trailcheck"
    called.touch(mode=0o755)
    monkeypatch.setattr("sys.argv", [str(called)])
    monkeypatch.setenv("PATH", "/nowhere")
    assert screens.program() == str(called)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert screens.program() == "trailcheck"
    monkeypatch.setattr("sys.argv", ["/x/__main__.py"])
    assert screens.program() == "trailcheck"


def test_a_scan_suggests_the_worst_rule_its_identity_and_what_is_blind() -> None:
    steps = next_steps.after_scan(["logs"], "s.json", (), ["object_read"])(counts())
    assert [shlex.split(step)[1] for step in steps] == ["show", "story", "visibility"]
    assert "root_console_login_without_mfa" in steps[0]
    assert shlex.split(steps[1])[2:] == [samples.ROOT, "logs"]


def test_a_hostile_identity_is_in_no_command() -> None:
    for name in ("arn:x'; rm -rf ~", "arn:$(id)", "arn:\x1b[31m", 'arn:"', "arn:`id`"):
        event = samples.event("ConsoleLogin", "now", principal=name)
        hostile = samples.finding(samples.ROOT_NO_MFA, event)
        report = Report(findings=(hostile,), statistics=Statistics())
        found = Counts.of(report, By.RULE)
        steps = next_steps.after_scan(["logs"], None, (), ())(found)
        assert not any("arn:" in step for step in steps)


def test_what_cannot_be_read_again_is_in_no_command() -> None:
    steps = next_steps.after_scan(["-"], None, (), ())(counts())
    assert not any(" - " in step or " top " in step for step in steps)


def test_the_page_that_is_suggested_holds_what_was_asked_for() -> None:
    demo = Path(__file__).parents[2] / "demo" / "settings.json"
    asked = ["--framework", "CIS-AWS-3.0", "--ignore", "alarm_*", "--summary"]
    told = CliRunner().invoke(main, ["audit", str(demo), *asked]).stdout
    page = told[told.rindex("trailcheck audit") :].replace("\\\n", " ")
    assert shlex.split(page)[2:] == [
        str(demo),
        "--framework",
        "CIS-AWS-3.0",
        "--ignore",
        "alarm_*",
        "--format",
        "html",
        "--output",
        "report.html",
    ]


@pytest.mark.parametrize(("height", "rows"), [(None, 20), (24, 10), (50, 20), (5, 5)])
def test_the_first_screen_fits_twice_the_terminal(
    height: int | None, rows: int
) -> None:
    assert screen.most_rows(height) == rows


def test_what_a_clause_has_read_hangs_below_it_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    asked = ["root_console_login_without_mfa", "console_login_root_without_mfa"]
    told = CliRunner().invoke(main, ["explain", *asked]).stdout.splitlines()
    assert max(map(len, told)) <= 80
    place = next(n for n, line in enumerate(told) if "responseElements" in line)
    assert told[place].endswith("== 'Success'")
    assert told[place + 1].strip() == 'responseElements.ConsoleLogin is "Success"'
