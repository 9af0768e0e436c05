"""What a change of settings does to a rule, and the finding that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from checker.model import AnyRule, Finding, Location, Status
from checker.run.scanning.fingerprints import fingerprint


class Effect(StrEnum):
    """What a change does to a rule; the report lists them in this order."""

    BLINDED = "blinded"
    BLIND = "blind"
    NARROWED = "narrowed"
    FAILS = "fails"
    FAILING = "failing"
    WORSENED = "worsened"
    UNCLEAR = "unclear"
    WIDENED = "widened"
    VISIBLE = "visible"
    KNOWN = "known"
    PASSES = "passes"


BETTER: Final = {
    Effect.WIDENED: Status.VISIBLE,
    Effect.VISIBLE: Status.VISIBLE,
    Effect.KNOWN: Status.VISIBLE,
    Effect.PASSES: Status.PASS,
}
"""The status of a finding that is no worse than before: no report calls it an error."""

_SENTENCES: Final = {
    Effect.BLINDED: "Goes blind",
    Effect.BLIND: "Is blind; not known before",
    Effect.NARROWED: "Sees fewer events",
    Effect.FAILS: "Starts to fail",
    Effect.FAILING: "Fails; not known before",
    Effect.WORSENED: "Fails for more reasons",
    Effect.UNCLEAR: "Is no longer known",
    Effect.WIDENED: "Sees more events",
    Effect.VISIBLE: "Becomes visible",
    Effect.KNOWN: "Becomes known to be visible",
    Effect.PASSES: "No longer fails",
}


def finding(  # noqa: PLR0913, PLR0917 - what a finding is made of
    rule: AnyRule,
    effect: Effect,
    status: Status,
    subject: Mapping[str, Any],
    location: Location,
    evidence: Mapping[str, Any],
) -> Finding:
    """Return the finding of one effect; `evidence` has `before` and `after`."""
    reason = f"{evidence['after']['reason']} (before: {evidence['before']['reason']})."
    return Finding(
        rule=rule,
        status=BETTER.get(effect, status),
        subject=subject,
        location=location,
        evidence={"change": effect.value, **evidence},
        message=f"{_SENTENCES[effect]}: {rule.title}: {reason}",
        fingerprint=fingerprint(
            rule, f"compare\x1f{subject['type']}\x1f{subject['id']}"
        ),
    )
