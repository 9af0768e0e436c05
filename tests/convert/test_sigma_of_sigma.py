"""A Sigma rule converted to Sigma finds the same events, whatever it is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checker import rules
from checker.cli import main
from checker.evaluate.correlation.plan import plan
from checker.evaluate.detection.detector import holds
from checker.model import DetectionRule

SELECTIONS: list[Any] = [
    {"eventName": "deletetrail"},
    {"eventName": ["D*l", "Stop?ogging"]},
    {"eventName": r"a\*b"},
    {"eventName|contains": "ete"},
    {"eventName|startswith": ["Del", "Stop"]},
    {"eventName|endswith|cased": "ing"},
    {"eventName|cased": "StopLogging"},
    {"eventName|re": "^Del"},
    {"eventName|re|i": "^del"},
    {"userAgent|contains|all": ["aws", "cli"]},
    {"userAgent|windash|contains": " -x"},
    {"userAgent|base64offset|contains": "curl"},
    {"errorCode": None},
    {"errorCode": ""},
    {"errorCode|exists": True},
    {"errorCode|neq": "AccessDenied"},
    {"requestParameters.n": 443},
    {"requestParameters.n|gte": 9},
    {"requestParameters.n": True},
    {"requestParameters.list": "b"},
    {"sourceIPAddress|cidr": ["192.0.2.0/24", "2001:db8::/32"]},
    {"userAgent|fieldref": "requestParameters.agent"},
    {"eventTime|hour": [1, 2]},
    ["boto", "*aws*"],
    {"|re": "Boto[0-9]"},
    {"|re|i": ["boto[0-9]", "^AWS"]},
    {"|cased": ["Boto", "AWS"]},
    {"|contains|all": ["boto", "stop"]},
    {"requestParameters.agent|re|i|s": "BOTO.*x"},
    {"requestParameters.agent|re": ["(?i)BOTO", "x"]},
    {"userAgent|re|i|m": "^BOTO3"},
    [{"eventName": "StopLogging", "errorCode": None}, {"userAgent": "Boto3 /x"}],
]
EVENTS: list[dict[str, Any]] = [
    {
        "eventName": name,
        "userAgent": agent,
        **({} if code is None else {"errorCode": code}),
        "requestParameters": {"n": number, "list": ["a", "B"], "agent": "boto3 /X"},
        "sourceIPAddress": address,
        "eventTime": "2026-01-02T01:00:00Z",
    }
    for name in ("DeleteTrail", "StopLogging", "a*b", "axb")
    for agent in ("aws-cli/2 -x", "Boto3 /x", "eCBjdXJsIHk=")
    for code in (None, "", "AccessDenied")
    for number, address in ((443, "192.0.2.7"), ("443", "2001:db8::1"), (True, "a"))
]


def load(folder: Path) -> dict[str, DetectionRule]:
    found = [rule for rule in rules.load([folder]) if isinstance(rule, DetectionRule)]
    return {rule.name: rule for rule in found}


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, DetectionRule], dict[str, DetectionRule]]:
    given, made = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("made")
    for number, selection in enumerate(SELECTIONS):
        rule = {
            "title": f"Rule {number}",
            "id": f"0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f{number:04}",
            "logsource": {"product": "aws", "service": "cloudtrail"},
            "detection": {"s": selection, "condition": "not s" if number % 2 else "s"},
        }
        (given / f"rule_{number}.yml").write_text(json.dumps(rule), encoding="utf-8")
    arguments = [
        "convert",
        "*",
        "--rules",
        str(given),
        "--to",
        "sigma",
        "-o",
        str(made),
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return load(given), load(made)


def test_flags_of_expressions_are_modifiers_as_the_specification_has_them(
    both: tuple[dict[str, DetectionRule], dict[str, DetectionRule]],
) -> None:
    texts = [Path(rule.path).read_text(encoding="utf-8") for rule in both[1].values()]

    assert [text for text in texts if "(?" in text] == []
    assert any("requestParameters.agent|re|i|s" in text for text in texts)


def _stops() -> str:
    """Return a correlation and its base rule, which reports nothing of its own."""
    base = {
        "title": "Stop",
        "name": "stop",
        "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": {"s": {"eventName|contains": "Stop"}, "condition": "s"},
        "level": "high",
    }
    many = {
        "title": "Stops",
        "correlation": {
            "type": "event_count",
            "rules": ["stop"],
            "timespan": "5m",
            "condition": {"gte": 2},
        },
    }
    return f"{json.dumps(base)}\n---\n{json.dumps(many)}\n"


def test_rules_that_are_silent_under_a_correlation_stay_so(tmp_path: Path) -> None:
    given, made = tmp_path / "given", tmp_path / "made"
    given.mkdir()
    (given / "stops.yml").write_text(_stops(), encoding="utf-8")
    common = ["--rules", str(given), "--to", "sigma", "-o"]

    result = CliRunner().invoke(main, ["convert", "*", *common, str(made)])

    assert result.exit_code == 0, result.output
    assert "stop is in the file, and reports nothing of its own" in result.output
    assert plan(rules.load([given])).quiet == {"stop"}
    assert plan(rules.load([made])).quiet == {"stop"}
    named = CliRunner().invoke(main, ["convert", "stop", *common, str(tmp_path / "n")])
    assert named.exit_code == 0, named.output
    assert [each.name for each in (tmp_path / "n").iterdir()] == ["stop.yml"]


@pytest.mark.parametrize("target", ["athena", "insights", "metric-filter"])
def test_a_rule_that_is_silent_here_is_no_query_of_its_own_elsewhere(
    tmp_path: Path, target: str
) -> None:
    given, made = tmp_path / "given", tmp_path / "made"
    given.mkdir()
    (given / "stops.yml").write_text(_stops(), encoding="utf-8")
    common = ["convert", "--rules", str(given), "--to", target, "-o", str(made)]

    result = CliRunner().invoke(main, [*common, "*"])
    assert result.exit_code == 0, result.output
    assert [each.name.partition(".")[0] for each in made.iterdir()] == ["stops"]

    assert CliRunner().invoke(main, [*common, "stop"]).exit_code == 0
    assert len(list(made.iterdir())) == 2


def test_a_rule_that_cannot_be_loaded_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "stops.yml").write_text(_stops(), encoding="utf-8")
    wrong = _stops().replace("Stop", "Other").replace('"s"}', '"2 of them"}')
    (tmp_path / "others.yml").write_text(wrong, encoding="utf-8")
    common = ["convert", "stops", "--rules", str(tmp_path), "--to", "athena"]

    whole = CliRunner().invoke(main, common)
    assert whole.exit_code == 2
    assert "others.yml:" in whole.stderr

    partial = CliRunner().invoke(main, [*common, "--allow-partial"])
    assert partial.exit_code == 0, partial.output
    assert "warning: " in partial.stderr
    assert "eventname" in partial.stdout


@pytest.mark.parametrize("number", range(len(SELECTIONS)))
def test_it_finds_the_same_events(
    both: tuple[dict[str, DetectionRule], dict[str, DetectionRule]], number: int
) -> None:
    given, made = (each[f"rule_{number}"] for each in both)

    assert [holds(made, x) for x in EVENTS] == [holds(given, x) for x in EVENTS]
