"""`trailcheck audit --framework`: an answer for each requirement, in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from click.testing import CliRunner, Result

from checker.cli import main
from checker.rules import frameworks
from tests.reports import sarif_invariants

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "report.json").read_text(encoding="utf-8"))
DEMO = ROOT / "demo" / "settings.json"
GOOD = ROOT / "rules" / "settings" / "well_kept_trail.json"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


def settings(folder: Path, **changes: Any) -> Path:
    """Write the well-kept settings, with other values for its first trail."""
    snapshot = json.loads(GOOD.read_text(encoding="utf-8"))
    snapshot["trails"][0] |= changes
    path = folder / "snapshot.json"
    path.write_text(json.dumps(snapshot), encoding="utf-8")
    return path


def answers(*arguments: object) -> dict[str, dict[str, Any]]:
    found = json.loads(run(*arguments, "--format", "json").stdout)
    jsonschema.validate(found, SCHEMA)
    return {
        each["id"]: each
        for framework in found["frameworks"]
        for each in framework["requirements"]
    }


def test_every_framework_is_judged_within_the_schema() -> None:
    names = list(frameworks.shipped())
    asked = [word for name in names for word in ("--framework", name)]
    found = json.loads(run(GOOD, *asked, "--format", "json").stdout)
    jsonschema.validate(found, SCHEMA)
    assert [each["name"] for each in found["frameworks"]] == names
    for framework in found["frameworks"]:
        assert sum(framework["counts"].values()) == len(framework["requirements"])
        assert framework["counts"]["pass"] + framework["counts"]["unknown"] > 0


def test_a_fixed_setting_turns_fail_into_pass(tmp_path: Path) -> None:
    bad = settings(tmp_path, LogFileValidationEnabled=False)
    assert answers(bad, "--framework", "CIS-AWS-3.0")["3.2"]["answer"] == "fail"
    good = settings(tmp_path, LogFileValidationEnabled=True)
    found = answers(good, "--framework", "CIS-AWS-3.0")["3.2"]
    assert found["answer"] == "pass"
    assert found["rules"] == [
        {
            "name": "trail_log_file_validation_disabled",
            "outcomes": {"pass": 1},
            "parameters": {},
        }
    ]


def test_what_was_denied_is_unknown_and_exits_with_3(tmp_path: Path) -> None:
    denied = settings(
        tmp_path,
        LogFileValidationEnabled=None,
        _state={"LogFileValidationEnabled": "denied"},
    )
    result = run(denied, "--framework", "CIS-AWS-3.0", "--format", "json")
    (framework,) = json.loads(result.stdout)["frameworks"]
    by_id = {each["id"]: each["answer"] for each in framework["requirements"]}
    assert by_id["3.2"] == "unknown"
    assert result.exit_code == 3


def test_only_the_rules_of_the_framework_are_asked() -> None:
    found = json.loads(
        run(GOOD, "--framework", "NIST-800-171-r2", "--format", "json").stdout
    )
    asked = {each["rule"]["name"] for each in found["findings"]}
    behind = {
        rule["name"]
        for each in found["frameworks"][0]["requirements"]
        for rule in each["rules"]
    }
    assert asked == behind
    assert found["statistics"]["rules"] == len(behind)


def test_several_frameworks_are_judged_in_the_order_of_asking() -> None:
    result = run(
        GOOD, "--framework", "HIPAA", "--framework", "SOC-2", "--format", "json"
    )
    names = [each["name"] for each in json.loads(result.stdout)["frameworks"]]
    assert names == ["HIPAA", "SOC-2"]


def test_without_a_framework_a_report_is_what_it_was() -> None:
    assert "frameworks" not in json.loads(run(GOOD, "--format", "json").stdout)


def test_a_rule_left_out_leaves_its_requirement_open() -> None:
    left = answers(
        GOOD,
        *("--framework", "CIS-AWS-3.0"),
        *("--ignore", "trail_log_file_validation_disabled"),
    )
    assert left["3.2"]["answer"] == "unknown"
    assert left["3.2"]["reason"] == "left out: trail_log_file_validation_disabled"


def test_a_loosened_threshold_is_said_beside_the_answer(tmp_path: Path) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters: {password_policy_short: {min_length: 8}}")
    found = answers(DEMO, "--framework", "CIS-AWS-3.0", "--config", config)["1.8"]
    assert found["answer"] == "pass"
    assert found["reason"].endswith(
        "; password_policy_short with min_length 8 instead of 14"
    )
    assert found["rules"][0]["parameters"] == {
        "min_length": {"value": 8, "default": 14}
    }
    text = run(DEMO, "--framework", "CIS-AWS-3.0", "--config", config).stdout
    told = " ".join(text.split())
    assert "password_policy_short with min_length 8 instead of 14" in told


def test_lines_of_json_end_with_a_line_for_each_requirement() -> None:
    result = run(GOOD, "--framework", "CIS-AWS-5.0", "--format", "jsonl")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    judged = [row for row in rows if "answer" in row]
    assert rows[-len(judged) :] == judged
    assert len(judged) == len(frameworks.load("CIS-AWS-5.0").requirements)
    assert {row.pop("framework") for row in judged} == {"CIS-AWS-5.0"}
    one = {"$ref": "#/$defs/judged", "$defs": SCHEMA["$defs"]}
    for row in judged:
        jsonschema.validate(row, one)


def test_sarif_carries_the_answers_and_stays_valid(tmp_path: Path) -> None:
    bad = settings(tmp_path, LogFileValidationEnabled=False)
    result = run(bad, "--framework", "CIS-AWS-3.0", "--format", "sarif")
    log = json.loads(result.stdout)
    sarif_invariants.VALIDATOR.validate(log)
    (framework,) = log["runs"][0]["properties"]["frameworks"]
    by_id = {each["id"]: each["answer"] for each in framework["requirements"]}
    assert by_id["3.2"] == "fail"
    taxa = {
        taxonomy["name"]: {taxon["id"] for taxon in taxonomy["taxa"]}
        for taxonomy in log["runs"][0]["taxonomies"]
    }
    assert "3.2" in taxa["CIS-AWS-3.0"]


def test_text_lists_every_requirement_once(tmp_path: Path) -> None:
    bad = settings(tmp_path, LogFileValidationEnabled=False)
    text = run(bad, "--framework", "CIS-AWS-3.0").stdout
    lines = text[text.index("CIS Amazon Web Services") :].split("\n\n")[1].splitlines()
    words = [
        line.split()[:2] for line in lines if line[:2] == "  " and line[2:3] != " "
    ]
    listed = [id_ for word, id_ in words if word in {"pass", "fail", "manual", "n/a"}]
    assert listed == [
        each.id
        for each in frameworks.load("CIS-AWS-3.0").requirements
        if each.id in listed
    ]
    assert "  fail     3.2    Log file validation is enabled" in lines
    assert "trail_log_file_validation_disabled: 1 fail" in text
    assert "manual   1.1 " in text


def test_an_unknown_framework_exits_with_2_before_anything_is_read() -> None:
    result = run("nowhere.json", "--framework", "CIS-AWS-3")
    assert result.exit_code == 2
    assert "did you mean 'CIS-AWS-3.0'?" in result.stderr


def test_a_wrong_configuration_file_exits_with_2(tmp_path: Path) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters:\n  password_policy_shirt: {min_length: 8}\n")
    result = run(GOOD, "--config", config)
    assert result.exit_code == 2
    assert "trailcheck.yml:2:3: 'password_policy_shirt' is no rule's name" in (
        result.stderr
    )
    assert "did you mean 'password_policy_short'?" in result.stderr


def test_a_scan_beside_settings_judges_them_by_the_same_file(tmp_path: Path) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters: {password_policy_short: {min_length: 30}}")
    one = ("--settings", str(DEMO), "--select", "password_policy_short")
    event = ROOT / "rules" / "events" / "console_login_root_without_mfa.json"
    found = {}
    for name, more in {"plain": (), "set": ("--config", str(config))}.items():
        arguments = ["scan", str(event), *one, *more, "--format", "json"]
        result = CliRunner().invoke(main, arguments)
        (finding,) = json.loads(result.stdout)["findings"]
        found[name] = finding["status"]
    assert found == {"plain": "pass", "set": "fail"}
