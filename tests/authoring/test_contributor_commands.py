"""Tests of the contributor's commands from end to end, and on hostile rule files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from checker.cli import main

ROOT = Path(__file__).parents[2]
HEAD = """\
title: t
name: hostile
id: 7d1f9c55-4a54-4a0e-9d3b-0f6a1c2b3d4e
status: test
level: low
logsource: {product: aws, service: cloudtrail}
detection:
  condition: |-
    """
CASES = """\
match:
  - {name: m, record: {eventName: A}}
no_match:
  - {name: n, record: {eventName: B}}
"""
BOMB = "a: &a [x, x, x, x]\n" + "".join(
    f"b{number}: &b{number} [*a, *a, *a, *a]\n" for number in range(20)
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_the_rules_to_test_are_chosen_as_everywhere(tmp_path: Path) -> None:
    for name in ("trail_gone", "trail_gone_again", "vpc_made"):
        made = run("new", name, "--event", "ec2:CreateVpc", "--dir", tmp_path)
        assert made.exit_code == 0
    by_name = run("test", tmp_path, "--select", "trail_*", "--ignore", "*_again")
    mutants = run("test", tmp_path, "--select", "vpc_made", "--mutants")
    misspelt = run("test", tmp_path, "--select", "vpc_mode")

    assert by_name.output == "5 of 5 cases of 1 rule pass\n"
    assert "mutants of 1 rule" in mutants.output
    assert misspelt.exit_code == 2
    assert "did you mean 'vpc_made'?" in misspelt.stderr


def test_from_a_record_to_a_rule_that_passes(tmp_path: Path) -> None:
    record = json.loads((ROOT / "rules" / "events" / "stop_logging.json").read_text())
    text = json.dumps({"Records": [{}, record]}).replace("123456789012", "987612345678")
    (tmp_path / "log.json").write_text(text)
    folder = tmp_path / "mine"
    source = f"{tmp_path / 'log.json'}#1"

    assert run("new", "stopped", "--from", source, "--dir", folder).exit_code == 0
    passed = run("test", folder)
    assert (passed.exit_code, passed.output[:6]) == (0, "5 of 5")
    assert run("test", "--mutants", folder).output.endswith("equivalent)\n")
    assert run("test", "--mutants", folder).exit_code == 0
    explained = run("explain", folder / "stopped.yml", source)
    assert explained.exit_code == 0
    assert "stopped matches StopLogging" in explained.output
    redacted = run("redact", tmp_path / "log.json")
    assert json.loads(redacted.output)["Records"][1]["eventName"] == "StopLogging"
    assert "987612345678" not in redacted.output
    again = run("new", "stopped", "--dir", folder)
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_redact_reads_standard_input() -> None:
    said = CliRunner().invoke(main, ["redact", "-"], input='{"a": "987612345678"}')
    assert json.loads(said.output) == {"a": "123456789012"}


def test_a_failed_case_shows_what_decided(tmp_path: Path) -> None:
    rule = HEAD.replace("hostile", "wrong") + "eventName == 'C' && userIdentity.type"
    (tmp_path / "wrong.yml").write_text(rule)
    (tmp_path / "wrong.cases.yml").write_text(CASES)
    said = run("test", tmp_path)
    assert said.exit_code == 1
    assert "wrong.cases.yml:2: wrong: m" in said.output
    assert "expected a match, but the rule does not match:" in said.output
    assert "✗ eventName == 'C'   eventName is \"A\"" in said.output
    assert "✗ userIdentity.type   userIdentity.type is absent" in said.output


def test_a_failed_case_of_settings_shows_what_decided(tmp_path: Path) -> None:
    run("new", "wrong", "--kind", "configuration", "--dir", tmp_path)
    cases = tmp_path / "wrong.cases.yml"
    cases.write_text(cases.read_text().replace("Enabled: false", "Enabled: true"))
    said = run("test", tmp_path)
    assert said.exit_code == 1
    assert "expected fail, but found:" in said.output
    assert (
        "✓ LogFileValidationEnabled   LogFileValidationEnabled is true" in said.output
    )


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(HEAD + "(" * 10_000 + "a" + ")" * 10_000, id="brackets"),
        pytest.param(HEAD + "!" * 10_000 + "a", id="negations"),
        pytest.param(HEAD + f"eventName == '{'A' * 200_000}'", id="huge literal"),
        pytest.param(HEAD + f"eventName == `{'[' * 9_000}`", id="deep literal"),
        pytest.param(BOMB, id="alias bomb"),
        pytest.param("a: " + "[" * 10_000, id="deep YAML"),
        pytest.param("\x00\x01\x02", id="control characters"),
    ],
)
def test_a_hostile_rule_is_a_message(rule: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yml"
    file.write_text(rule)
    (tmp_path / "hostile.cases.yml").write_text(CASES)
    event = tmp_path / "event.json"
    event.write_text('{"eventName": "A"}')
    for said in (
        run("test", tmp_path),
        run("test", "--mutants", tmp_path),
        run("explain", file, event),
    ):
        assert said.exit_code == 2
        assert "hostile.yml:" in said.output


def test_a_binary_rule_and_binary_cases_are_messages(tmp_path: Path) -> None:
    (tmp_path / "hostile.yml").write_bytes(bytes(range(256)) * 8)
    assert run("test", tmp_path).exit_code == 2
    (tmp_path / "hostile.yml").write_text(HEAD + "eventName == 'A'")
    (tmp_path / "hostile.cases.yml").write_bytes(bytes(range(256)) * 8)
    assert run("test", tmp_path).exit_code == 2
    assert run("test", "--mutants", tmp_path).exit_code == 2


def test_a_pattern_that_explodes_elsewhere_is_only_a_pattern(tmp_path: Path) -> None:
    pattern = "(A+)+((a|aa)+)+|(x+x+)+y$|" + "(a|b|(c|d)*)*" * 20
    (tmp_path / "hostile.yml").write_text(HEAD + f"matches(eventName, '{pattern}')")
    (tmp_path / "hostile.cases.yml").write_text(CASES.replace("B}", "A}"))
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"eventName": "a" * 100_000}))
    assert run("test", tmp_path).exit_code == 1
    assert run("test", "--mutants", tmp_path).exit_code == 1
    said = run("explain", tmp_path / "hostile.yml", event)
    assert said.exit_code == 0
    assert len(said.output) < 3_000


def test_a_wide_rule_with_hardly_a_case_is_measured_in_seconds(tmp_path: Path) -> None:
    clauses = " || ".join(f"eventName == 'E{number}'" for number in range(100))
    (tmp_path / "hostile.yml").write_text(HEAD + f"eventName == 'A' || {clauses}")
    (tmp_path / "hostile.cases.yml").write_text(CASES)
    said = run("test", "--mutants", tmp_path)
    assert said.exit_code == 1
    assert """with the patch {"eventName": "E99"}""" in said.output


def test_quiet_commands_print_problems_and_no_summary() -> None:
    rule = ROOT / "rules/configurations/trail/trail_untagged.yml"
    for command, summary in (("lint", "no problems\n"), ("test", "pass\n")):
        loud, quiet = run(command, rule), run(command, "--quiet", rule)
        assert (loud.exit_code, quiet.exit_code) == (0, 0)
        assert loud.output.endswith(summary)
        assert quiet.output == ""
