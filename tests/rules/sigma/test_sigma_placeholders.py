"""Placeholders of Sigma's rules have the values of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from checker import rules
from checker.cli import main
from checker.errors import RulesError
from checker.evaluate.detection.detector import holds
from checker.model import DetectionRule, Event

RULE = """\
title: Access from elsewhere
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    userIdentity.userName|%s
  condition: selection
"""


def rule(folder: Path, key: str, values: dict[str, list[str]]) -> DetectionRule:
    """Load a rule with a key of its selection and values of placeholders."""
    (folder / "elsewhere.yml").write_text(RULE % key, encoding="utf-8")
    [found] = rules.load([folder], values)
    assert isinstance(found, DetectionRule)
    return found


def by(name: object) -> Event:
    return {"userIdentity": {"userName": name}}


@pytest.mark.parametrize(
    ("key", "values", "matching", "others"),
    [
        ("expand: '%who%'", {"who": ["ann", "bob"]}, ["ann", "Bob"], ["annabel"]),
        ("expand: ['%who%', eve]", {"who": ["ann", "bob"]}, ["bob", "eve"], ["x"]),
        ("expand: '%who%'", {"who": ["ann*"]}, ["annabel"], ["xann"]),
        ("expand: '%who%-admin'", {"who": ["ann"]}, ["ann-admin"], ["ann"]),
        ("expand: '%a%.%b%'", {"a": ["1", "2"], "b": ["3", "4"]}, ["2.3"], ["3.2"]),
        ("contains|expand: '%who%'", {"who": ["nn"]}, ["anna"], ["bob"]),
        ("expand|startswith|cased: '%who%'", {"who": ["An"]}, ["Anna"], ["anna"]),
        ("contains|all|expand: '%w%'", {"w": ["a", "b"]}, ["xaby"], ["xa", "by"]),
        ("re|expand: '^%who%$'", {"who": ["a.c"]}, ["abc"], ["abcd"]),
        ("expand|base64: '%who%'", {"who": ["ann"]}, ["YW5u"], ["ann"]),
        ("neq|expand: '%who%'", {"who": ["ann", "bob"]}, ["eve"], ["ann", "bob"]),
        ("gt|expand: '%least%'", {"least": ["5"]}, ["6"], ["5"]),
        # What a value brings along is text; so is an escaped sign.
        ("expand: '%who%'", {"who": ["%eve%"]}, ["%eve%"], ["eve"]),
        (r"expand: '\%who%'", {"who": ["ann"]}, ["%who%"], ["ann"]),
        ("expand: 100%", {}, ["100%"], ["100"]),
    ],
)
def test_a_value_means_what_it_would_mean_in_the_rule(
    tmp_path: Path,
    key: str,
    values: dict[str, list[str]],
    matching: list[object],
    others: list[object],
) -> None:
    found = rule(tmp_path, key, values)

    assert all(holds(found, by(name)) for name in matching)
    assert not any(holds(found, by(name)) for name in others)


def test_a_placeholder_without_values_is_refused_with_the_key_to_set(
    tmp_path: Path,
) -> None:
    with pytest.raises(RulesError) as caught:
        rule(tmp_path, "expand: [eve, '%admin%']", {"admins": ["ann"]})

    [problem] = caught.value.problems
    assert (problem.line, problem.column) == (5, 41)
    assert "'%admin%' has no values: set placeholders.admin" in problem.message
    assert problem.message.endswith("did you mean 'admins'?")


def test_what_is_wrong_with_a_value_is_told_where_the_placeholder_is(
    tmp_path: Path,
) -> None:
    with pytest.raises(RulesError) as caught:
        rule(tmp_path, "cidr|expand: [10.0.0.0/8, '%net%']", {"net": ["x", "y"]})

    assert {(each.line, each.column) for each in caught.value.problems} == {(5, 53)}


def test_placeholders_cannot_make_more_values_than_anybody_reads(
    tmp_path: Path,
) -> None:
    many = [str(number) for number in range(200)]

    with pytest.raises(RulesError, match="more than 10,000 values"):
        rule(tmp_path, "expand: '%a%%b%%a%'", {"a": many, "b": many})


def test_the_cache_keeps_rules_apart_by_their_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "rules"
    folder.mkdir()
    for name in ("ann", "bob", "ann"):
        found = rule(folder, "expand: '%who%'", {"who": [name]})
        assert [holds(found, by(each)) for each in ("ann", "bob")] == [
            name == "ann",
            name == "bob",
        ]
    with pytest.raises(RulesError):
        rules.load([folder])


CASES = """\
match:
  - name: Ann
    record: {userIdentity: {userName: ann}, eventName: DeleteTrail}
no_match:
  - name: Bob
    record: {userIdentity: {userName: bob}, eventName: DeleteTrail}
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", "rules"],
        ["test", "rules"],
        ["show", "elsewhere", "--rules", "rules"],
        ["explain", "rules/elsewhere.yml", "event.json", "--rules", "rules"],
        ["scan", "event.json", "--rules", "rules", "--fail-on", "never"],
        ["convert", "elsewhere", "--rules", "rules", "--to", "eventbridge"],
        ["import", "sigma", "rules", "--to", "imported"],
    ],
    ids=" ".join,
)
def test_every_command_takes_the_values_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    text = RULE % "expand: '%admins%'"
    Path("rules/elsewhere.yml").write_text(text, encoding="utf-8")
    Path("rules/elsewhere.cases.yml").write_text(CASES, encoding="utf-8")
    Path("event.json").write_text('{"Records": [{"userIdentity": {}}]}')
    without = CliRunner().invoke(main, arguments)
    Path("trailcheck.toml").write_text('[placeholders]\nadmins = ["ann", "eve"]\n')
    found = CliRunner().invoke(main, arguments)

    assert without.exit_code == 2
    assert "placeholders.admins" in without.output
    assert "rules/elsewhere.yml:5:" in without.output
    assert found.exit_code in (0, 3), found.output
    assert "placeholder" not in found.output


def test_the_command_config_shows_placeholders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("trailcheck.toml").write_text('[placeholders]\nadmins = "ann"\n')
    found = CliRunner().invoke(main, ["config"])

    assert 'placeholders = {"admins": "ann"}  from trailcheck.toml' in found.output
