"""Make findings of matches, and check matches that were kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.evaluate.detection.batch_reader import DEEPEST, is_deep
from checker.model import (
    SUBJECT,
    Acceptance,
    DetectionRule,
    Finding,
    Location,
    Match,
    Status,
)

_FINGERPRINT = 32


def finding(rules: Mapping[str, DetectionRule], match: Match) -> Finding:
    """Make the finding of a match."""
    rule = rules[match.rule]
    return Finding(
        rule=rule,
        status=Status.FAIL,
        subject=match.subject,
        location=Location(*match.place),
        evidence=match.evidence,
        message=sentence(rule, match.subject),
        fingerprint=match.fingerprint,
        lowered=match.lowered,
        suppressed=Acceptance(*match.accepted) if match.accepted else None,
    )


def flagged(match: Match, key: str, value: object) -> Match:
    """Add something to the evidence of a match."""
    return match._replace(evidence={**match.evidence, key: value})


def checked(kept: Any) -> Match | None:
    """Take a match that was kept as JSON, perhaps long ago and by another hand.

    None if it is nothing that can be a finding.
    """
    try:
        match: Any = Match(*kept)
        uri, *numbers = match.place
        Location(*match.place)
        sound = (
            isinstance(match.rule, str)
            and isinstance(match.subject, dict)
            and match.subject.keys() == {"type", "id", *SUBJECT}
            and match.subject["type"] == "event"
            and isinstance(match.place, tuple | list)
            and isinstance(uri, str)
            and all(each is None or isinstance(each, int) for each in numbers)
            and isinstance(match.evidence, dict)
            and len(bytes.fromhex(match.fingerprint)) == _FINGERPRINT
            and isinstance(match.lowered, bool)
            and not is_deep(kept, DEEPEST + 8)
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return match if sound else None


def sentence(rule: DetectionRule, subject: Mapping[str, Any]) -> str:
    """Describe in one sentence what happened, who did it, where and when."""
    return f"{rule.title}: {described(subject)}"


def described(subject: Mapping[str, Any]) -> str:
    """Return a `sentence` without the title of the rule, which it begins with."""
    return before_time(subject) + at_time(subject["eventTime"])


def before_time(subject: Mapping[str, Any]) -> str:
    """Return what a description says before it says when."""
    text = f"{subject['eventName']} by {subject['principal'] or 'an unnamed caller'}"
    if subject["sourceIPAddress"]:
        text = f"{text} from {subject['sourceIPAddress']}"
    if subject["awsRegion"]:
        text = f"{text} in {subject['awsRegion']}"
    return text


def at_time(time: object) -> str:
    """Return the end of a description."""
    return f" at {time}." if time else "."
