"""Tests of the one order of findings."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from msgspec import structs

from checker.model import Level, Location, Status
from checker.reports.order import is_visibility, kind, ordered
from tests.reports import samples

FIRST = samples.finding(
    samples.TRAIL_STOPPED,
    samples.event("StopLogging", "2026-11-20T10:00:00Z"),
    location=Location("a.json", 0),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": structs.replace(samples.TRAIL_STOPPED, level=Level.LOW)},
        {"rule": structs.replace(samples.TRAIL_STOPPED, name="z")},
        {"subject": {**FIRST.subject, "eventTime": "2026-11-20T10:00:01Z"}},
        {"subject": {**FIRST.subject, "id": "z"}},
        {"subject": {**FIRST.subject, "accountId": "210987654321"}},
        {"subject": {**FIRST.subject, "awsRegion": "us-west-2"}},
        {"location": Location("b.json", 0)},
        {"location": Location("a.json", 10)},
        {"status": Status.PARTIAL},
        {"fingerprint": "z"},
        {"message": "z"},
    ],
)
def test_whatever_tells_two_findings_apart_orders_them(changes: dict[str, Any]) -> None:
    later = structs.replace(FIRST, **changes)
    assert ordered([later, FIRST]) == ordered([FIRST, later]) == [FIRST, later]


def test_findings_of_every_kind_can_be_compared() -> None:
    findings = (samples.DETECTED[3], samples.AUDITED[0], samples.FORESEEN[0])
    orders = {
        tuple(finding.fingerprint for finding in ordered(permutation))
        for permutation in permutations(findings)
    }
    assert len(orders) == 1


def test_kinds_are_the_names_of_the_rules_blocks() -> None:
    rules = (samples.ROOT_NO_MFA, samples.FAILED_SIGN_INS, samples.LOG_VALIDATION)
    assert [kind(rule) for rule in rules] == [
        "detection",
        "correlation",
        "configuration",
    ]


def test_an_unknown_check_is_no_visibility() -> None:
    assert not is_visibility(samples.AUDITED[2])
    assert not is_visibility(samples.DETECTED[0])
    assert all(map(is_visibility, samples.FORESEEN))
