"""Ask for remedies, and holds each against its need."""

from __future__ import annotations

from typing import Any

from checker.change import Change, NoChange
from checker.evaluate.recording.coverage import coverage
from checker.evaluate.recording.need import Need
from checker.evaluate.remediation import apply, remedy
from tests.evaluate.recording.trails import ACCOUNT, COGNITO, selector

MANAGEMENT = Need("Management")
COGNITO_ALL = Need("Data", resource_type=COGNITO)
KMS = "kms.amazonaws.com"
STOPPED: dict[str, Any] = {"status": {"IsLogging": False}}
SINGLE: dict[str, Any] = {"IsMultiRegionTrail": False}
ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"


def snapshot(*trails: Any) -> dict[str, Any]:
    return {"account": {"id": ACCOUNT}, "trails": list(trails)}


def changed(*trails: Any, needs: Any) -> Change:
    several = needs if isinstance(needs, list) else [needs]
    answer = remedy(snapshot(*trails), several)
    assert isinstance(answer, Change), answer
    after = apply(snapshot(*trails), answer)["trails"]
    assert all(coverage(after, need).verdict == "full" for need in several)
    return answer


def refused(*trails: Any, needs: Need, outcome: str = "blocked") -> NoChange:
    answer = remedy(snapshot(*trails), [needs])
    assert isinstance(answer, NoChange), answer
    assert answer.outcome == outcome
    return answer


def of_management(*fields: dict[str, Any]) -> dict[str, Any]:
    return selector("Management", *fields)
