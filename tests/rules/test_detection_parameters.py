"""Parameters of detections: a list that only the user knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checker import conditions, rules
from checker.cli import main
from checker.errors import RulesError
from checker.evaluate.detection import detector
from checker.model import DetectionRule, Parameter, parameters_of
from checker.rules import parameters

RULE = """\
title: A change in a Region that nobody uses
name: unused
id: 0f1a8c9e-3b1e-4b7e-9d2d-6a1f6a8e1c55
status: test
level: high
logsource: {product: aws, service: cloudtrail}
parameters:
  regions: {type: strings, default: [], description: Regions.}
detection:
  change: readOnly == `false`
  unused: contains(parameter('regions'), awsRegion)
  condition: change && unused
"""
EVENT = {
    "eventTime": "2026-11-20T09:00:00Z",
    "eventSource": "ec2.amazonaws.com",
    "eventName": "RunInstances",
    "awsRegion": "eu-west-1",
    "readOnly": False,
    "eventID": "0a9f6c8e-1d2b-4c3a-8e7f-5b6a7c8d9e0f",
}


def _load(folder: Path, text: str = RULE) -> DetectionRule:
    path = folder / "unused.yml"
    path.write_text(text)
    (rule,) = rules.load([path])
    assert isinstance(rule, DetectionRule)
    return rule


def _set(rule: DetectionRule, *regions: str) -> DetectionRule:
    changed = parameters.put(rule, {"regions": list(regions)})
    assert isinstance(changed, DetectionRule)
    return changed


def _mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(RulesError) as raised:
        _load(folder, text)
    return [f"{each.line}: {each.message}" for each in raised.value.problems]


def test_an_empty_list_finds_nothing_and_a_filled_one_what_it_names(
    tmp_path: Path,
) -> None:
    rule = _load(tmp_path)
    assert not detector.holds(rule, EVENT)
    assert detector.holds(_set(rule, "ap-east-1", "eu-west-1"), EVENT)
    assert not detector.holds(_set(rule, "eu-west-10"), EVENT)
    assert not detector.holds(_set(_set(rule, "eu-west-1")), EVENT)


def test_the_value_stands_in_the_selections_too(tmp_path: Path) -> None:
    rule = _set(_load(tmp_path), "eu-west-1")
    unused = rule.detection.selections["unused"]
    assert conditions.show(unused) == "contains(parameter('regions'), awsRegion)"
    assert conditions.holds(conditions.closure(unused)(EVENT))
    assert parameters_of(rule)["regions"].is_set


def test_an_event_is_not_looked_at_for_a_list_that_is_empty(tmp_path: Path) -> None:
    rule = _load(tmp_path)
    plain = detector.compile_rules([])
    off = detector.compile_rules([rule])
    on = detector.compile_rules([_set(rule, "eu-west-1")])

    assert off.header is plain.header
    assert on.header is not plain.header


def _scan(folder: Path, *more: str) -> Any:
    events = folder / "events.json"
    events.write_text(json.dumps({"Records": [EVENT]}))
    pack = folder / "pack"
    pack.mkdir(exist_ok=True)
    _load(pack)
    given = ["scan", str(events), "--rules", str(pack), "-f", "json", *more]
    return CliRunner().invoke(main, given)


def test_a_file_sets_the_list_of_a_scan(tmp_path: Path) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters: {unused: {regions: [eu-west-1]}}")
    silent = _scan(tmp_path)
    found = _scan(tmp_path, "--config", str(config))

    assert silent.exit_code == 0
    assert found.exit_code == 1
    (finding,) = json.loads(found.stdout)["findings"]
    assert finding["rule"]["name"] == "unused"


@pytest.mark.parametrize("by_name", [True, False])
def test_a_file_sets_the_list_of_an_explanation(
    tmp_path: Path, *, by_name: bool
) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters: {unused: {regions: [eu-west-1]}}")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(EVENT))
    pack = tmp_path / "pack"
    pack.mkdir()
    _load(pack)
    word = "unused" if by_name else str(pack / "unused.yml")
    given = ["explain", word, str(event), "--rules", str(pack)]
    off = CliRunner().invoke(main, given)
    on = CliRunner().invoke(main, [*given, "--config", str(config)])

    assert "unused does not match" in off.stdout
    assert "unused matches RunInstances" in on.stdout


def test_a_value_of_another_type_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "trailcheck.yml"
    config.write_text("parameters: {unused: {regions: eu-west-1}}")
    result = _scan(tmp_path, "--config", str(config))

    assert result.exit_code == 2
    assert "'regions' must be a list of text" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "parameter('regions')",
            "parameter('region')",
            "11: the rule declares no parameter 'region' - did you mean 'regions'?",
        ),
        (
            "contains(parameter('regions'), awsRegion)",
            "awsRegion == 'eu-west-1'",
            "8: no condition of the rule asks parameter('regions')",
        ),
        (
            "default: []",
            "default: 3",
            "8: the default must be a list of text, not 3",
        ),
        (
            "contains(parameter('regions'), awsRegion)",
            "matches(awsRegion, parameter('regions'))",
            "11: the pattern of matches() cannot be a parameter",
        ),
    ],
)
def test_mistakes_are_said_with_their_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in _mistakes(tmp_path, RULE.replace(old, new))


def test_a_detection_cannot_ask_a_snapshot(tmp_path: Path) -> None:
    text = RULE.replace("change && unused", "change && unused && snapshot()")
    assert any("snapshot" in each for each in _mistakes(tmp_path, text))


def test_lists_of_the_pack_are_empty_and_say_that_the_rule_is_off() -> None:
    pack = [each for each in rules.load() if isinstance(each, DetectionRule)]
    lists = [
        (rule, each)
        for rule in pack
        for each in parameters_of(rule).values()
        if each.type == "strings"
    ]
    assert {rule.name for rule, _ in lists} >= {
        "call_in_unused_region",
        "vulnerable_machine_image_launched",
    }
    for rule, each in lists:
        assert isinstance(each, Parameter)
        if each.default == []:
            assert "the rule is off" in each.description
            assert "--config" in str(rule.description)
