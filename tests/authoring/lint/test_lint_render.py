"""Lint's problems as text, JSON and SARIF."""

from __future__ import annotations

import json

from checker.authoring.lint import CHECKS, FORMATS, Problem, Severity
from tests.reports import sarif_invariants

PROBLEMS = [
    Problem(
        "event-not-in-service",
        Severity.ERROR,
        "rules/a.yml",
        12,
        16,
        "route53.amazonaws.com has no event 'TransferDomain': this never matches",
        "this event belongs to route53domains.amazonaws.com",
        "a",
    ),
    Problem("slow-rule", Severity.WARNING, "rules/b c.yml", 1, 1, "slow", "", "b"),
    Problem("slow-rule", Severity.WARNING, "rules/b c.yml", 9, 1, "slow", "", "b"),
    Problem("status-level", Severity.INFO, "rules/c.yml", 2, 1, "loud"),
]


def written(form: str) -> str:
    return "".join(FORMATS[form](PROBLEMS))


def test_text_has_a_line_for_each_problem_and_a_count() -> None:
    lines = written("text").splitlines()

    assert lines[0] == (
        "rules/a.yml:12:16: error: event-not-in-service: route53.amazonaws.com has no "
        "event 'TransferDomain': this never matches — this event belongs to "
        "route53domains.amazonaws.com"
    )
    assert lines[1] == "rules/b c.yml:1:1: warning: slow-rule: slow"
    assert lines[-1] == "1 error, 2 warnings, 1 info"
    assert "".join(FORMATS["text"]([])) == "no problems\n"


def test_json_has_every_field() -> None:
    document = json.loads(written("json"))

    assert document["version"] == 1
    assert document["tool"]["name"] == "trailcheck"
    assert document["problems"][0] == {
        "check": "event-not-in-service",
        "severity": "error",
        "path": "rules/a.yml",
        "line": 12,
        "column": 16,
        "message": PROBLEMS[0].message,
        "fix": PROBLEMS[0].fix,
        "rule": "a",
    }


def test_sarif_is_valid_and_its_rules_are_the_checks() -> None:
    log = json.loads(written("sarif"))
    sarif_invariants.VALIDATOR.validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        assert (
            run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
            == (result["ruleId"])
        )
        (location,) = result["locations"]
        place = location["physicalLocation"]["artifactLocation"]
        artifact = run["artifacts"][place["index"]]["location"]
        assert artifact["uri"] == place["uri"]
        assert " " not in place["uri"]

    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(described) == {each.check for each in PROBLEMS}
    assert (
        described["slow-rule"]["shortDescription"]["text"]
        == CHECKS["slow-rule"].summary
    )
    levels = [result["level"] for result in run["results"]]
    assert levels == ["error", "warning", "warning", "note"]
    hashes = [
        result["partialFingerprints"]["primaryLocationLineHash"]
        for result in run["results"]
    ]
    assert len(set(hashes)) == len(PROBLEMS)


def test_sarif_without_problems_is_valid() -> None:
    log = json.loads("".join(FORMATS["sarif"]([])))

    sarif_invariants.VALIDATOR.validate(log)
    assert log["runs"][0]["results"] == []
