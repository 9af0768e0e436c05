"""Correlations of other folders build on rules of the shipped pack."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker import resources, rules, run
from checker.cli import main
from checker.errors import RulesError
from checker.model import DetectionRule
from checker.run.learn import learn
from checker.run.top import rank

PACK = resources.root() / "rules"
BASE = "cognito_sign_in_failed"
RULE = """\
title: Three sign-ins failed
name: {name}
id: {id}
status: test
level: high
logsource: {{product: aws, service: cloudtrail}}
correlation:
  type: event_count
  rules: [{base}]
  group-by: [sourceIPAddress]
  timespan: 1m
  condition: {{gte: 3}}
"""
CASES = """\
match:
  - name: three within the minute
    events:
      - {event: cognito_initiate_auth_failed, count: 3, every: 30s}
no_match:
  - name: two
    events:
      - {event: cognito_initiate_auth_failed, count: 2, every: 10s}
  - name: three, one second longer apart
    events:
      - {event: cognito_initiate_auth_failed, count: 2, every: 30s}
      - {event: cognito_initiate_auth_failed, at: 61s}
  - name: three of several addresses
    events:
      - event: cognito_initiate_auth_failed
        count: 3
        patch: {sourceIPAddress: "192.0.2.{n}"}
  - name: three within the minute, of one pool but no single address
    events:
      - event: cognito_initiate_auth_failed
        count: 2
      - event: cognito_initiate_auth_failed
        patch: {sourceIPAddress: 192.0.2.77}
"""
OWN_BASE = """\
title: Nothing at all
name: cognito_sign_in_failed
id: {id}
status: test
level: informational
logsource: {{product: aws, service: cloudtrail}}
detection:
  call: {{eventName: NeverHappens}}
  condition: call
"""


def correlation(folder: Path, base: str = BASE, name: str = "three_failed") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.yml"
    file.write_text(RULE.format(name=name, id=uuid.uuid4(), base=base))
    (folder / f"{name}.cases.yml").write_text(CASES)
    return file


def events(folder: Path) -> Path:
    base = json.loads((PACK / "events/cognito_initiate_auth_failed.json").read_text())
    records: list[dict[str, Any]] = [
        {**base, "eventID": f"{n}", "eventTime": f"2026-11-20T09:00:0{n}Z"}
        for n in range(3)
    ]
    file = folder / "events.json"
    file.write_text(json.dumps({"Records": records}))
    return file


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.mark.parametrize("whole", [False, True])
def test_a_correlation_alone_is_tested_over_the_packs_rules(
    tmp_path: Path, *, whole: bool
) -> None:
    file = correlation(tmp_path / "rules")

    result = command("test", file.parent if whole else file)

    assert result.exit_code == 0, result.output
    assert result.stdout == "5 of 5 cases of 1 rule pass\n"


def test_the_packs_own_correlations_can_be_tested_one_by_one(tmp_path: Path) -> None:
    name = "cognito_sign_in_failures_from_address"
    source = Path(str(PACK)) / "correlations" / "cognito"
    for suffix in ("yml", "cases.yml"):
        shutil.copy(source / f"{name}.{suffix}", tmp_path)

    assert command("test", tmp_path / f"{name}.yml").exit_code == 0
    assert command("test", "--mutants", tmp_path).exit_code == 0


def test_the_packs_rules_are_not_called_the_users(tmp_path: Path) -> None:
    file = correlation(tmp_path / "rules")

    loaded = rules.load([file])
    below = rules.bases(loaded)
    scanned = command("scan", events(tmp_path), "--rules", file, "--format", "json")

    assert [rule.name for rule in loaded] == ["three_failed"]
    assert BASE in [rule.name for rule in below]
    report = json.loads(scanned.stdout)
    assert scanned.exit_code == 1
    assert [each["rule"]["name"] for each in report["findings"]] == ["three_failed"]
    assert report["statistics"]["rules"] == 1


def test_bases_are_found_below_correlations_of_the_pack(tmp_path: Path) -> None:
    upper = correlation(tmp_path / "rules", "cognito_sign_in_failures_from_address")

    names = {rule.name for rule in rules.bases(rules.load([upper]))}

    assert {"cognito_sign_in_failures_from_address", BASE} <= names


def test_a_rule_of_the_users_goes_before_one_of_the_pack(tmp_path: Path) -> None:
    file = correlation(tmp_path / "rules")
    own = file.parent / f"{BASE}.yml"
    own.write_text(OWN_BASE.format(id=uuid.uuid4()))

    loaded = rules.load([file.parent])
    found = run.scan(loaded, [str(events(tmp_path))], bases=rules.bases(loaded))

    assert rules.bases(loaded) == []
    assert any(isinstance(rule, DetectionRule) for rule in loaded)
    assert found.findings == ()


def test_the_pack_needs_no_other_rules() -> None:
    assert rules.bases(rules.load()) == []


def test_a_base_that_is_nowhere_is_a_mistake_with_a_hint(tmp_path: Path) -> None:
    file = correlation(tmp_path / "rules", "cognito_sign_in_faild")

    with pytest.raises(RulesError) as raised:
        rules.load([file])

    said = str(raised.value)
    assert "which is neither here nor in the shipped pack" in said
    assert f"'{BASE}'" in said


def test_a_correlation_alone_is_as_visible_as_the_packs_rules_below(
    tmp_path: Path,
) -> None:
    file = correlation(tmp_path / "rules")
    settings = resources.root() / "demo" / "settings.json"

    alone = command(
        "visibility", "--settings", settings, "--rules", file, "--format", "json"
    )
    chosen = command(
        "visibility", "--settings", settings, "--select", BASE, "--format", "json"
    )

    (above,) = json.loads(alone.stdout)["findings"]
    (below,) = json.loads(chosen.stdout)["findings"]
    assert above["rule"]["name"] == "three_failed"
    assert above["status"] == below["status"] != "unknown"


def test_a_survivor_of_a_correlation_is_shown_with_its_line(tmp_path: Path) -> None:
    file = correlation(tmp_path / "rules")
    cases = file.with_name("three_failed.cases.yml")
    cases.write_text(CASES.replace("at: 61s", "at: 90s"))

    result = command("test", "--mutants", file)

    assert result.exit_code == 1
    assert "three_failed.yml:11: timespan 61 s" in result.stdout
    assert "exactly that far apart" in result.stdout
    assert "of 1 rule are killed" in result.stdout


def test_one_folder_alone_can_be_loaded_and_one_input_alone_scanned(
    tmp_path: Path,
) -> None:
    name = "root_console_login_without_mfa"
    pack = Path(str(PACK))
    rule = next(pack.rglob(f"{name}.yml"))
    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copy(pack / "events" / "console_login_root_without_mfa.json", logs)

    for folder, given in ((rule, logs), (str(rule), str(logs))):
        loaded = rules.load(folder)
        found = run.scan(loaded, given)
        assert [each.rule.name for each in found.findings] == [name]
        assert found.statistics.inputs == 1
        assert rank(["eventName"], given).counted == 1
        assert learn(loaded, given)[1] == ()
