"""This module puts findings in the one order that every format keeps.

Worst first, then by rule, then by time, then by whatever else tells two findings apart:
the same findings give the same bytes, however many processes found them.
"""

from __future__ import annotations

from collections.abc import Iterable

from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    Finding,
    Status,
)


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by level (worst first), rule name, event time and subject."""
    return sorted(findings, key=_key)


def kind(rule: AnyRule) -> str:
    """The name of the block that the rule carries, as `schemas/report.json` has it."""
    if isinstance(rule, ConfigurationRule):
        return "configuration"
    if isinstance(rule, CorrelationRule):
        return "correlation"
    return "detection"


def is_visibility(finding: Finding) -> bool:
    """Whether the finding says what would be seen, and not what was found."""
    return (
        not isinstance(finding.rule, ConfigurationRule)
        and finding.status is not Status.FAIL
    )


def _key(finding: Finding) -> tuple[int | str, ...]:
    subject, location = finding.subject, finding.location
    words = (
        str(subject.get(name) or "")
        for name in ("eventTime", "type", "id", "accountId", "region", "awsRegion")
    )
    return (
        -finding.rule.level.rank,
        finding.rule.name,
        *words,
        location.uri if location else "",
        location.record or 0 if location else 0,
        finding.status.value,
        finding.fingerprint,
        finding.message,
    )
