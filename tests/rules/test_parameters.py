"""Parameters of rules: declared, named in conditions, set by a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions, rules
from checker.conditions import parameters as placed
from checker.conditions import tree
from checker.conditions.settings import SETTINGS
from checker.errors import RulesError, UsageError
from checker.evaluate.configuration import evaluate
from checker.model import ConfigurationRule, Parameter, Status
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
  applies: "!(parameter('regions')) || one_of(region, parameter('regions'))"
  condition: retentionInDays >= parameter('min_days')
"""


def _load(folder: Path, text: str = RULE) -> ConfigurationRule:
    (folder / "kept.yml").write_text(text)
    (rule,) = rules.load([folder])
    assert isinstance(rule, ConfigurationRule)
    return rule


def _mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(RulesError) as caught:
        _load(folder, text)
    return [f"{each.line}: {each.message}" for each in caught.value.problems]


def _configured(folder: Path, text: str) -> ConfigurationRule:
    rule = _load(folder)
    file = folder / "trailcheck.yaml.txt"
    file.write_text(text)
    (configured,) = rules.configure([rule], str(file))
    assert isinstance(configured, ConfigurationRule)
    return configured


def _judged(rule: ConfigurationRule, days: int, region: str = "us-east-1") -> Status:
    group = {"arn": "a", "region": region, "retentionInDays": days}
    (outcome,) = evaluate.evaluate(rule, {"log_groups": [group]})
    return outcome.status


def test_the_default_holds_where_nobody_says_otherwise(tmp_path: Path) -> None:
    rule = _load(tmp_path)
    assert _judged(rule, 365) is Status.PASS
    assert _judged(rule, 364) is Status.FAIL


def test_a_file_sets_another_value(tmp_path: Path) -> None:
    rule = _configured(tmp_path, "parameters: {kept: {min_days: 90}}")
    assert _judged(rule, 90) is Status.PASS
    assert _judged(rule, 89) is Status.FAIL
    assert rule.configuration.parameters["min_days"].is_set
    assert not rule.configuration.parameters["regions"].is_set


def test_a_list_can_be_set_and_reaches_applies(tmp_path: Path) -> None:
    rule = _configured(tmp_path, "parameters: {kept: {regions: [eu-west-1]}}")
    assert _judged(rule, 1) is Status.NOT_APPLICABLE
    assert _judged(rule, 1, "eu-west-1") is Status.FAIL


def test_the_outcome_names_the_value_in_force(tmp_path: Path) -> None:
    rule = _configured(tmp_path, "parameters: {kept: {min_days: 90}}")
    group = {"arn": "a", "region": "us-east-1", "retentionInDays": 7}
    (outcome,) = evaluate.evaluate(rule, {"log_groups": [group]})
    assert outcome.reason == "retentionInDays is 7 (min_days is 90, regions is [])"
    assert outcome.evidence["parameters.min_days"] == 90


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parameters: {kept: {min_dais: 9}}", "did you mean 'min_days'?"),
        ("parameters: {kep: {min_days: 9}}", "'kep' is no rule's name - did you mean"),
        ("parameters: {kept: {min_days: '9'}}", 'must be a whole number, not "9"'),
        ("parameters: {kept: {min_days: 0}}", "must be 1 or more, not 0"),
        ("parameters: {kept: {min_days: true}}", "must be a whole number"),
        ("parameters: {kept: {regions: us-east-1}}", "must be a list of text"),
        ("parameters: {kept: {regions: [a, a]}}", "holds the same entry twice"),
        ("parameters: {kept: {regions: [1]}}", "must be a list of text"),
        ("parameter: {}", "unknown key 'parameter' - did you mean 'parameters'?"),
        ("parameters: {kept: 90}", "must be a map, not 90"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(RulesError) as caught:
        _configured(tmp_path, f"# mine\n{text}")
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.line == 2
    assert problem.path.endswith("trailcheck.yaml.txt")


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--config .*No such file"):
        rules.configure([_load(tmp_path)], str(tmp_path / "none.yml"))


def test_every_mistake_of_a_file_is_listed(tmp_path: Path) -> None:
    with pytest.raises(RulesError) as caught:
        _configured(
            tmp_path, "parameters:\n  kept: {min_days: 0, region: []}\n  x: {a: 1}"
        )
    assert [each.line for each in caught.value.problems] == [2, 2, 3]


def test_a_call_of_an_undeclared_parameter_is_placed(tmp_path: Path) -> None:
    text = RULE.replace("parameter('min_days')", "parameter('min_day')")
    assert _mistakes(tmp_path, text) == [
        "10: no condition of the rule asks parameter('min_days')",
        "13: the rule declares no parameter 'min_day' - did you mean 'min_days'?",
    ]


def test_a_call_must_name_its_parameter_in_quotes(tmp_path: Path) -> None:
    text = RULE.replace(">= parameter('min_days')", ">= parameter(region)")
    assert "13: parameter() takes the name of a parameter in quotes" in _mistakes(
        tmp_path, text
    )


def test_a_default_must_fit_its_own_type(tmp_path: Path) -> None:
    text = RULE.replace("default: 365", "default: 0")
    assert _mistakes(tmp_path, text) == ["10: the default must be 1 or more, not 0"]


def test_a_pattern_cannot_be_a_parameter(tmp_path: Path) -> None:
    text = RULE.replace(
        "retentionInDays >= parameter('min_days')",
        "retentionInDays >= parameter('min_days') && matches(region, parameter('x'))",
    ).replace(
        "regions:", "x: {type: string, default: a, description: X.}\n    regions:"
    )
    assert _mistakes(tmp_path, text) == [
        "14: the pattern of matches() cannot be a parameter"
    ]


def test_a_detection_has_no_parameters() -> None:
    with pytest.raises(Exception, match="parameter"):
        conditions.parse("a == parameter('x')")


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=4))
def test_the_last_value_put_is_the_one_in_force(values: list[int]) -> None:
    node = conditions.parse("a[?b > parameter('x')] || parameter('y')", SETTINGS)
    for value in values:
        node = placed.settle(node, {"x": value})
    assert [
        each.value for each in tree.walk(node) if isinstance(each, tree.Literal)
    ] == [values[-1], "y"]
    assert conditions.show(node) == "a[?b > parameter('x')] || parameter('y')"


def test_what_a_parameter_is_by_default_does_not_fold_a_condition() -> None:
    node = conditions.parse("one_of(a, parameter('x'))", SETTINGS)
    settled = placed.settle(node, {"x": []})
    assert settled == conditions.parse("one_of(a, `[]`)", SETTINGS)
    opened = placed.opened(settled)
    assert not any(isinstance(each, tree.Literal) for each in tree.walk(opened))


@given(st.one_of(st.booleans(), st.text(), st.none(), st.lists(st.integers())))
def test_an_integer_takes_nothing_else(value: object) -> None:
    assert parameters.misfit(Parameter("integer", 1, "", 1), value) is not None


def test_every_parameter_of_the_pack_says_what_it_bounds() -> None:
    pack = [each for each in rules.load() if isinstance(each, ConfigurationRule)]
    with_some = [each for each in pack if each.configuration.parameters]
    assert len(with_some) >= 15
    for rule in with_some:
        for name, parameter in rule.configuration.parameters.items():
            assert parameter.description.endswith("."), (rule.name, name)
            if parameter.type == "integer":
                assert parameter.minimum is not None, (rule.name, name)
