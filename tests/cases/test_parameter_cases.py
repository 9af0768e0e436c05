"""Cases and mutants of rules with parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker import rules
from checker.authoring.case_run import run_cases
from checker.authoring.lint import lint
from checker.authoring.mutants.measure import run_mutants
from checker.authoring.mutants.mutation import mutants
from checker.model import ConfigurationRule
from checker.rules import parameters

RULE = """\
title: A log group keeps events too short a time
name: kept
id: 5f7c4a4e-54b2-4b1f-8a54-3ad7d3f6f0aa
status: test
level: low
logsource: {product: aws, service: cloudtrail}
configuration:
  resource: AWS::Logs::LogGroup
  parameters:
    min_days: {type: integer, default: 365, minimum: 1, description: Days.}
    regions: {type: strings, default: [], description: Regions.}
  applies: parameter('regions')
  condition: retentionInDays >= parameter('min_days')
"""
PLAIN = RULE.replace("  applies: parameter('regions')\n", "").replace(
    "    regions: {type: strings, default: [], description: Regions.}\n", ""
)


def case(name: str, days: int, more: str = "") -> str:
    group = f"{{arn: a, region: us-east-1, retentionInDays: {days}}}"
    return f"- {{name: {name}, snapshot: {{log_groups: [{group}]}}{more}}}\n"


def write(folder: Path, rule: str, match: str, no_match: str) -> Path:
    (folder / "kept.yml").write_text(rule)
    cases = f"match:\n{match}no_match:\n{no_match}"
    (folder / "kept.cases.yml").write_text(cases)
    return folder


SET = ", parameters: {min_days: 90}"
EDGES = case("Short", 364), case("Enough", 365)
OTHER_EDGES = case("Short", 89, SET), case("Enough", 90, SET)


def test_a_case_sets_a_parameter_for_itself(tmp_path: Path) -> None:
    folder = write(
        tmp_path, PLAIN, EDGES[0] + OTHER_EDGES[0], EDGES[1] + OTHER_EDGES[1]
    )
    assert [each.reason for each in run_cases([folder])] == [""] * 4


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("{min_day: 90}", "no parameter 'min_day' - did you mean 'min_days'?"),
        ("{min_days: 0}", "'min_days' must be 1 or more, not 0"),
        ("{min_days: [1]}", "'min_days' must be a whole number, not [1]"),
    ],
)
def test_a_case_that_sets_what_cannot_be_fails_and_says_why(
    tmp_path: Path, more: str, said: str
) -> None:
    wrong = case("Wrong", 1, f", parameters: {more}")
    folder = write(tmp_path, PLAIN, wrong, EDGES[1])
    first, second = run_cases([folder])
    assert not first.passed
    assert said in first.reason
    assert second.passed


def test_cases_at_the_edge_of_the_default_kill_its_mutants(tmp_path: Path) -> None:
    (result,) = run_mutants([write(tmp_path, PLAIN, *EDGES)])
    assert result.mutants == result.killed > 2


def test_cases_that_set_the_parameter_do_not_test_its_default(tmp_path: Path) -> None:
    far = case("Much too short", 1), case("Very long", 3650)
    match, no_match = far[0] + OTHER_EDGES[0], far[1] + OTHER_EDGES[1]
    (result,) = run_mutants([write(tmp_path, PLAIN, match, no_match)])
    told = [each.description for each in result.survivors]
    asked = "condition: retentionInDays >= parameter('min_days')"
    assert told == [f"{asked} -> retentionInDays >= `{days}`" for days in (366, 364)]
    assert "Much too short" in result.survivors[0].hint


def test_setting_a_parameter_undoes_every_mutant_of_its_value() -> None:
    for rule in rules.load():
        if not isinstance(rule, ConfigurationRule):
            continue
        values = {k: p.default for k, p in rule.configuration.parameters.items()}
        undone = 0
        for mutant in mutants(rule):
            back = parameters.put(mutant.rule, values)
            assert isinstance(back, ConfigurationRule)
            undone += back.configuration.condition == rule.configuration.condition
        assert undone or not any(isinstance(v, int) for v in values.values())


def test_an_empty_default_does_not_make_a_condition_pointless(tmp_path: Path) -> None:
    regions = ", parameters: {regions: [us-east-1]}"
    write(tmp_path, RULE, case("Short", 1, regions), case("Enough", 365, regions))
    found = lint([tmp_path])
    assert "always-false" not in {each.check for each in found}
    without = RULE.replace("parameter('regions')", "one_of(region, `[]`)").replace(
        "    regions: {type: strings, default: [], description: Regions.}\n", ""
    )
    write(tmp_path, without, case("Short", 1), case("Enough", 365))
    assert "always-false" in {each.check for each in lint([tmp_path])}
