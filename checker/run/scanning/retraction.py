"""Take back a finding that was told before its event was corrected."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from checker.model import Finding, Status


def successor(finding: Finding, gone: Mapping[str, str]) -> str | None:
    """Return the eventID of the event that stands for the finding's, if one does."""
    event = finding.subject["id"]
    return gone.get(event) if isinstance(event, str) else None


def retracted(finding: Finding, after: str) -> Finding:
    """Return the finding as it is told again: it stands no more, for `after` does."""
    return structs.replace(
        finding,
        status=Status.NOT_APPLICABLE,
        suppressed=None,
        evidence={**finding.evidence, "correctedBy": after},
        message=f"{finding.rule.title}: CloudTrail corrected the event; {after} stands "
        "for it, and this finding no longer does.",
    )
