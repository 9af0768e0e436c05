"""`lowered_by`: what a caller claims lowers a finding by one level, and never more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import structs

from checker import conditions, rules, run
from checker.errors import RulesError
from checker.evaluate.detection import detector as detection
from checker.model import Level
from checker.run.report import exit_code
from tests.evaluate.detection.test_detector import SIGN_IN, batch, rule

RULE = """
title: Root signed in
name: root_signed_in
id: 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a01
status: test
level: {level}
logsource: {{product: aws, service: cloudtrail}}
lowered_by: [claimed]
detection:
  sign_in: {{eventSource: signin.amazonaws.com, eventName: ConsoleLogin}}
  claimed: contains(userAgent, 'Terraform')
  condition: sign_in
"""


@pytest.mark.parametrize(
    ("level", "lowered"),
    [
        (Level.CRITICAL, Level.HIGH),
        (Level.HIGH, Level.MEDIUM),
        (Level.MEDIUM, Level.LOW),
        (Level.LOW, Level.LOW),
        (Level.INFORMATIONAL, Level.INFORMATIONAL),
    ],
)
def test_a_level_is_lowered_by_one_and_never_below_low(
    level: Level, lowered: Level
) -> None:
    assert level.lowered is lowered


def test_a_match_shows_the_selection_and_the_field_that_lower_it() -> None:
    claim = conditions.parse("contains(userAgent, 'Terraform')")
    one = structs.replace(rule("eventName"), lowered_by={"claimed": claim})
    ready = detection.compile_rules([one])

    plain, claimed = detection.evaluate(
        ready, batch(SIGN_IN, {**SIGN_IN, "userAgent": "Terraform/1"})
    ).matches

    assert not plain.lowered
    assert "loweredFrom" not in plain.evidence
    assert claimed.lowered
    assert claimed.evidence["loweredFrom"] == "high"
    assert claimed.evidence["claimed"] is True
    assert claimed.evidence["userAgent"] == "Terraform/1"


@pytest.mark.parametrize(
    ("level", "codes"), [("high", ("high", "medium")), ("low", ("low", "low"))]
)
def test_a_scan_reports_and_counts_the_lowered_level(
    tmp_path: Path, level: str, codes: tuple[str, str]
) -> None:
    (tmp_path / "root_signed_in.yml").write_text(RULE.format(level=level))
    events = [SIGN_IN, {**SIGN_IN, "eventID": "e2", "userAgent": "x Terraform/1"}]
    (tmp_path / "day.json").write_text(json.dumps({"Records": events}))

    report = run.scan(
        rules.load(tmp_path / "root_signed_in.yml"), tmp_path / "day.json"
    )

    assert sorted(each.level.value for each in report.findings) == sorted(codes)
    failing = exit_code(report, Level(codes[0]), allow_partial=False)
    assert failing == 1


def test_a_claim_keeps_a_high_finding_from_failing_on_high(tmp_path: Path) -> None:
    (tmp_path / "root_signed_in.yml").write_text(RULE.format(level="high"))
    event = {**SIGN_IN, "userAgent": "x Terraform/1"}
    (tmp_path / "day.json").write_text(json.dumps({"Records": [event]}))

    report = run.scan(
        rules.load(tmp_path / "root_signed_in.yml"), tmp_path / "day.json"
    )

    assert exit_code(report, Level.HIGH, allow_partial=False) == 0
    assert exit_code(report, Level.MEDIUM, allow_partial=False) == 1


def test_a_selection_that_does_not_exist_is_refused_where_it_is_named(
    tmp_path: Path,
) -> None:
    file = tmp_path / "root_signed_in.yml"
    file.write_text(RULE.format(level="high").replace("[claimed]", "[claim]"))

    with pytest.raises(RulesError) as refused:
        rules.load(file)

    assert "'claim' is not a selection" in str(refused.value)
    assert "claimed" in str(refused.value)
