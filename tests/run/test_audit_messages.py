"""What an audit says of an outcome is no secret."""

from __future__ import annotations

from pathlib import Path

from checker import rules, secrets
from checker.run.audit import audit

SETTINGS = Path(__file__).parents[2] / "demo" / "settings.json"


def test_no_title_of_a_rule_is_hidden_as_a_secret() -> None:
    report = audit(rules.load(), [str(SETTINGS)])

    assert {finding.status.value for finding in report.findings} >= {"pass", "fail"}
    for finding in report.findings:
        assert finding.rule.title in secrets.hide_text(finding.message)
