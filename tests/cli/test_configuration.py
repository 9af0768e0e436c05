"""Settings come from the command line, the environment, a file, in this order."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from checker.cli import configuration, main
from checker.cli.configuration import SETTINGS, find
from checker.reports import FORMATS
from checker.resources import root

RULE = """
title: Bucket deleted
name: bucket_deleted
id: 4c0f6e0e-3c9b-4d0c-8b0f-0d1c6d5b6a01
status: stable
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  deleted: {eventSource: s3.amazonaws.com, eventName: DeleteBucket}
  condition: deleted
"""
EVENT = {
    "eventSource": "s3.amazonaws.com",
    "eventName": "DeleteBucket",
    "eventTime": "2026-11-30T09:00:00Z",
    "eventID": "e1",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ann"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bucket_deleted.yml").write_text(RULE)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json").write_text(json.dumps({"Records": [EVENT]}))
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TRAILCHECK_"):
            monkeypatch.delenv(name)
    return tmp_path


def scan(*options: str) -> Result:
    return CliRunner().invoke(main, ["scan", "logs", *options], catch_exceptions=False)


def settings(*options: str) -> dict[str, tuple[object, str]]:
    told = CliRunner().invoke(main, ["config", "-f", "json", *options])
    assert told.exit_code == 0, told.output
    rows = json.loads(told.stdout)["settings"]
    return {row["setting"]: (row["value"], row["from"]) for row in rows}


def test_the_file_is_found_above_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "trailcheck.toml").write_text('rules = "rules"\nfail-on = "never"\n')

    assert scan().exit_code == 0
    monkeypatch.chdir(folder / "below")
    told = CliRunner().invoke(main, ["scan", "../logs"])
    assert told.exit_code == 0
    assert "bucket_deleted" in told.stdout
    assert settings()["rules"] == (["../rules"], "../trailcheck.toml:1")


def test_the_nearest_file_counts_and_a_project_without_a_table_does_not(
    folder: Path,
) -> None:
    (folder / "pyproject.toml").write_text('[tool.trailcheck]\nlevel = "low"\n')
    (folder / "below" / "pyproject.toml").write_text("[tool.other]\n# tool.trailcheck")

    assert find(folder / "below") == folder.resolve() / "pyproject.toml"
    assert settings()["level"] == ("low", "pyproject.toml:2")
    (folder / "trailcheck.toml").write_text("")
    assert find(folder / "below") == folder.resolve() / "trailcheck.toml"


def test_a_folder_that_is_only_scanned_has_no_say(folder: Path) -> None:
    (folder / "logs" / "trailcheck.toml").write_text('fail-on = "never"\n')
    (folder / "rules" / "pyproject.toml").write_text(
        '[tool.trailcheck]\nfail-on = "never"\n'
    )

    assert scan("--rules", "rules").exit_code == 1


def test_a_file_of_another_user_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "trailcheck.toml").write_text('fail-on = "never"\n')
    monkeypatch.setattr(configuration, "_is_trusted", lambda *_: False)

    assert find(folder) is None


def test_the_environment_goes_before_the_file_and_the_option_before_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "trailcheck.toml").write_text('rules = "rules"\nfail-on = "never"\n')
    monkeypatch.setenv("TRAILCHECK_FAIL_ON", "high")
    assert scan().exit_code == 1
    assert settings()["fail-on"] == ("high", "TRAILCHECK_FAIL_ON")

    assert scan("--fail-on", "critical").exit_code == 0
    assert scan("--no-config", "--rules", "rules").exit_code == 1
    monkeypatch.delenv("TRAILCHECK_FAIL_ON")
    (folder / "other.toml").write_text('rules = "rules"\nfail-on = "high"\n')
    assert scan("--config", "other.toml").exit_code == 1
    monkeypatch.setenv("TRAILCHECK_CONFIG", "other.toml")
    assert scan().exit_code == 1
    assert scan("--no-config", "--config", "other.toml").exit_code == 2


def test_a_command_can_have_settings_of_its_own(folder: Path) -> None:
    (folder / "trailcheck.toml").write_text(
        'rules = "rules"\nformat = "csv"\n[scan]\nformat = "jsonl"\n'
    )

    assert scan().stdout.startswith('{"rule"')
    assert scan("-f", "json").stdout.startswith('{"version"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('fail_on = "low"', "trailcheck.toml:1:1: unknown key 'fail_on' - did you"),
        ('\nfail-on = "hihg"', "trailcheck.toml:2:1: 'fail-on' must be one of"),
        ("[scan]\nformats = 1", "trailcheck.toml:2:1: unknown key 'formats'"),
        ("level = ", "trailcheck.toml:1:9: not TOML"),
        ("rules = 7", "'rules' must be"),
        ('[levels]\nbucket_delted = "low"', "toml:2:1: 'bucket_delted' is no rule's"),
        ('disabled = ["bucket_delted"]', "did you mean 'bucket_deleted'?"),
        ("[parameters.bucket_deleted]\ndays = 1", "has no parameters"),
    ],
)
def test_a_mistake_is_told_with_its_line(folder: Path, text: str, said: str) -> None:
    (folder / "trailcheck.toml").write_text(text + "\n")

    told = scan("--rules", "rules")

    assert told.exit_code == 2
    assert said in told.stderr


def test_a_value_of_the_environment_that_does_not_exist_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAILCHECK_FAIL_ON", "hihg")

    told = scan("--rules", "rules")

    assert told.exit_code == 2
    assert "TRAILCHECK_FAIL_ON: 'fail-on' must be one of" in told.stderr


def test_a_variable_that_sets_nothing_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAILCHECK_FAILON", "low")

    told = CliRunner().invoke(main, ["config"])

    assert "did you mean 'TRAILCHECK_FAIL_ON'?" in told.stderr


def test_rules_are_disabled_and_levels_set_with_a_note(folder: Path) -> None:
    file = folder / "trailcheck.toml"
    file.write_text('rules = "rules"\n[levels]\nbucket_deleted = "low"\n')
    told = scan()
    assert told.exit_code == 0
    assert "1 rule is given other levels by trailcheck.toml." in told.stdout
    assert scan("--fail-on", "low").exit_code == 1

    file.write_text('rules = "rules"\ndisabled = ["bucket_deleted"]\n')
    told = scan("--ignore", "high")
    assert told.exit_code == 0
    assert "1 rule is disabled by trailcheck.toml." in told.stdout


def test_exceptions_of_the_file_are_applied_and_linted(folder: Path) -> None:
    (folder / "below" / "exceptions.yml").write_text(
        "exceptions:\n"
        "  - {rule: bucket_deleted, reason: r, owner: o, expires: 2026-01-01}\n"
    )
    (folder / "trailcheck.toml").write_text(
        'rules = "rules"\nexceptions = "below/exceptions.yml"\n'
    )

    assert "1 exception has expired" in scan().stdout
    told = CliRunner().invoke(main, ["lint", "rules"])
    assert told.exit_code == 2
    assert "below/exceptions.yml:2:5: error: exception-expired" in told.stdout


def test_yaml_can_say_the_same(folder: Path) -> None:
    (folder / "my.yml").write_text("{rules: rules, fail-on: never}\n")

    assert scan("--config", "my.yml").exit_code == 0


def test_the_schema_has_what_the_commands_have() -> None:
    schema = json.loads((root() / "schemas" / "config.json").read_text())
    properties = schema["properties"]

    assert set(properties["format"]["enum"]) == set(FORMATS)
    assert {setting.key for setting in SETTINGS} <= properties.keys()
    for setting in SETTINGS:
        for name in setting.commands or ():
            assert setting.taken_by(main.commands[name]), (setting.key, name)
    tables = properties.keys() & main.commands.keys()
    assert tables >= {"scan", "audit", "visibility", "compare", "verify", "story"}
    for name in tables:
        command = main.commands[name]
        taken = {each.key: each for each in SETTINGS if each.taken_by(command)}
        for key, inner in properties[name]["properties"].items():
            if not taken[key].is_own:
                assert inner == properties[key]
                continue
            (option,) = (
                each for each in command.params if each.name == taken[key].option
            )
            assert isinstance(option.type, click.Choice)
            assert inner["enum"] == list(option.type.choices), (name, key)


def test_every_command_with_an_option_of_the_file_reads_it() -> None:
    for name, command in main.commands.items():
        options = {each.name for each in command.params}
        if "rule_paths" in options and name != "import":
            assert "config" in options, name


def test_a_format_of_the_file_that_an_option_contradicts_is_named(folder: Path) -> None:
    (folder / "trailcheck.toml").write_text('rules = "rules"\n\nformat = "json"\n')

    told = scan("--full")

    assert told.exit_code == 2
    assert "trailcheck.toml:3 sets format = json: add --format text" in told.stderr
    assert scan("--full", "--format", "text").exit_code == 1
    assert "trailcheck.toml" not in scan("--full", "-f", "csv").stderr


def test_a_format_of_reports_is_not_one_of_lists(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'rules = "rules"\nformat = "sarif"\n[show]\nformat = "json"\n'
    (folder / "trailcheck.toml").write_text(text)
    monkeypatch.setenv("TRAILCHECK_FORMAT", "csv")

    listed = CliRunner().invoke(main, ["list"])
    assert listed.exit_code == 0
    assert "bucket_deleted" in listed.stdout
    told = CliRunner().invoke(main, ["show", "bucket_deleted"])
    assert json.loads(told.stdout)["name"] == "bucket_deleted"
    assert scan().stdout.startswith("level,")
    assert settings()["format"] == ("json", "trailcheck.toml:4")


@pytest.mark.parametrize(
    "arguments",
    [
        ["story", "ann", "logs"],
        ["top", "logs", "--select", "bucket_deleted"],
        ["learn", "known.json", "logs"],
        ["list"],
        ["show", "bucket_deleted"],
        ["convert", "bucket_deleted", "--to", "eventbridge"],
    ],
)
def test_each_command_takes_the_rules_of_the_file(
    folder: Path, arguments: list[str]
) -> None:
    (folder / "trailcheck.toml").write_text('rules = "rules"\n')
    assert CliRunner().invoke(main, arguments).exit_code == 0

    (folder / "rules" / "bucket_deleted.yml").write_text("name: [\n")
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_a_list_and_a_rule_are_written_to_a_file(folder: Path) -> None:
    for arguments in (["list"], ["show", "bucket_deleted"]):
        printed = CliRunner().invoke(main, [*arguments, "--rules", "rules"])
        told = CliRunner().invoke(
            main, [*arguments, "--rules", "rules", "-o", "answer.txt"]
        )
        assert (told.exit_code, told.stdout) == (0, "")
        assert told.stderr == "wrote answer.txt: 1 rule\n"
        assert (folder / "answer.txt").read_text() == printed.stdout


@pytest.mark.parametrize("name", ["test", "lint"])
def test_the_rules_of_the_file_are_tested_and_linted(folder: Path, name: str) -> None:
    (folder / "trailcheck.toml").write_text('rules = "rules"\n')

    told = CliRunner().invoke(main, [name])

    assert "bucket_deleted" in told.output
    assert "root_console_login" not in told.output
