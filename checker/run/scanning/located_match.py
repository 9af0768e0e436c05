"""A match on its way to a finding: little, plain, and complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from checker.evaluate.detection.batch_reader import DEEPEST, is_deep
from checker.model import (
    SUBJECT,
    Acceptance,
    DetectionRule,
    Finding,
    Location,
    Status,
)

_MARK = 32


class LocatedMatch(NamedTuple):
    """What `finding` makes a finding of: plain values, which cross a process border.

    `place` are the fields of its `Location`, `mark` is its fingerprint, and `accepted`
    are those of the `Acceptance` that covers it.
    """

    rule: str
    subject: Mapping[str, Any]
    place: tuple[Any, ...]
    evidence: Mapping[str, Any]
    mark: str
    lowered: bool = False
    accepted: tuple[str, str, str] | None = None


def finding(rules: Mapping[str, DetectionRule], row: LocatedMatch) -> Finding:
    """Make the finding of a match."""
    rule = rules[row.rule]
    return Finding(
        rule=rule,
        status=Status.FAIL,
        subject=row.subject,
        location=Location(*row.place),
        evidence=row.evidence,
        message=_sentence(rule, row.subject),
        fingerprint=row.mark,
        lowered=row.lowered,
        suppressed=Acceptance(*row.accepted) if row.accepted else None,
    )


def flagged(row: LocatedMatch, key: str, value: object) -> LocatedMatch:
    """Add something to the evidence of a match."""
    return row._replace(evidence={**row.evidence, key: value})


def checked(kept: Any) -> LocatedMatch | None:
    """Take a row that was kept as JSON, perhaps long ago and by another hand.

    None if it is nothing that can be a finding.
    """
    try:
        row: Any = LocatedMatch(*kept)
        Location(*row.place)
        sound = (
            isinstance(row.rule, str)
            and isinstance(row.subject, dict)
            and row.subject.keys() == {"type", "id", *SUBJECT}
            and isinstance(row.place[0], str)
            and all(each is None or isinstance(each, int) for each in row.place[1:])
            and isinstance(row.evidence, dict)
            and len(bytes.fromhex(row.mark)) == _MARK
            and isinstance(row.lowered, bool)
            and not is_deep(kept, DEEPEST + 8)
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return row if sound else None


def _sentence(rule: DetectionRule, subject: Mapping[str, Any]) -> str:
    """Describe in one sentence what happened, who did it, where and when."""
    parts = [f"{subject['eventName']} by {subject['principal'] or 'an unnamed caller'}"]
    if subject["sourceIPAddress"]:
        parts.append(f"from {subject['sourceIPAddress']}")
    if subject["awsRegion"]:
        parts.append(f"in {subject['awsRegion']}")
    if subject["eventTime"]:
        parts.append(f"at {subject['eventTime']}")
    return f"{rule.title}: {' '.join(parts)}."
