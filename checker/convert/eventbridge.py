"""Write a detection as an EventBridge rule.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from checker.conditions import required
from checker.convert import event_pattern, event_tests
from checker.convert.any_element import opened
from checker.convert.event_resources import (
    cloudformation,
    terraform,
    without_notification,
)
from checker.convert.event_values import Values
from checker.convert.form import Atom, Form, Names
from checker.convert.refusal import RefusedError
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Correlated,
    Options,
    Shape,
    Subject,
    fidelity,
    widened,
)

LONGEST = 2048
"""Characters of a pattern: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
# spells one of them "Signin", its events "Sign In".
DETAIL_TYPES = {
    "AwsApiCall": ("AWS API Call via CloudTrail",),
    "AwsConsoleSignIn": (
        "AWS Console Sign In via CloudTrail",
        "AWS Console Signin via CloudTrail",
    ),
    "AwsConsoleAction": ("AWS Console Action via CloudTrail",),
    "AwsServiceEvent": ("AWS Service Event via CloudTrail",),
    "AwsCloudTrailInsight": ("AWS Insight via CloudTrail",),
}
_USUAL = ("AwsApiCall", "AwsConsoleSignIn", "AwsConsoleAction", "AwsServiceEvent")


def convert(subject: AnySubject, options: Options) -> Conversion:
    """Return a rule as an EventBridge pattern, or as resources; `RefusedError`."""
    if isinstance(subject, Correlated):
        raise RefusedError("EventBridge sees one event at a time, and counts none")
    pattern, dropped = widened(
        opened(subject.form, subject.kinds),
        lambda form: _pattern(subject, form),
        superset=options.superset,
    )
    core = json.dumps(pattern, ensure_ascii=False, separators=(",", ":"))
    text, suffix = json.dumps(pattern, ensure_ascii=False, indent=2) + "\n", ".json"
    types = _detail_types(subject)
    notes = tuple(_notes(subject, core))
    if options.shape in (Shape.CLOUDFORMATION, Shape.TERRAFORM):
        notes += tuple(without_notification(subject, types))
    match options.shape:
        case Shape.CLOUDFORMATION:
            text, suffix = cloudformation(subject, pattern, types), ".template.json"
        case Shape.TERRAFORM:
            text, suffix = terraform(subject, pattern, types), ".tf"
    return Conversion(
        text=text,
        core=core,
        suffix=suffix,
        fidelity=fidelity(dropped),
        dropped=dropped,
        notes=(*_assumptions(subject), *notes),
    )


def _pattern(subject: Subject, form: Form) -> dict[str, Any]:
    types = _detail_types(subject)

    def say(atom: Atom, documented: Names) -> Values:
        return event_tests.values(atom, subject.kinds, documented)

    built = event_pattern.build(form, say)
    if built is None:
        raise RefusedError("it never holds")
    detail = event_pattern.detail(built)
    pattern: dict[str, Any] = {"detail-type": types, "detail": detail}
    length = len(json.dumps(pattern, ensure_ascii=False, separators=(",", ":")))
    if length > LONGEST:
        pattern["detail-type"] = [{"suffix": " via CloudTrail"}]
        saved = len(json.dumps(pattern, ensure_ascii=False, separators=(",", ":")))
        if saved > LONGEST:
            raise RefusedError(
                f"its pattern has {saved:,} characters, and EventBridge takes "
                f"{LONGEST:,}"
            )
    return pattern


def _detail_types(subject: Subject) -> list[str]:
    pinned = required(subject.rule.detection.condition).get(("eventType",))
    kinds = sorted(map(str, pinned)) if pinned else list(_USUAL)
    found = [name for kind in kinds for name in DETAIL_TYPES.get(kind, ())]
    if not found:
        raise RefusedError(
            f"EventBridge gets no events of the type {' or '.join(kinds)}"
        )
    return found


def _assumptions(subject: Subject) -> Iterable[str]:
    """Yield what a pattern takes for granted of the records."""
    del subject
    yield "fields that CloudTrail documents as text are never arrays or null"


def _notes(subject: Subject, core: str) -> Iterable[str]:
    events = subject.events
    if events.reads:
        only = "matches only" if events.only_reads else "also matches"
        yield (
            f"it {only} read-only calls: the rule needs the state "
            "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        )
    others = sorted(events.categories - {"Management"})
    if "Data" in others:
        yield "data events reach EventBridge only while a trail in the Region logs them"
    if "NetworkActivity" in others:
        yield (
            "network activity events reach EventBridge only while a trail in the "
            "Region logs them"
        )
    if "Insight" in others:
        yield "Insights events reach EventBridge only while a trail logs them"
    if events.regions:
        yield f"such events occur in {', '.join(events.regions)}: put a rule there"
    else:
        yield (
            "a rule sees the events of its own Region; those of global services (IAM, "
            "Organizations, STS at its global endpoint) occur in us-east-1"
        )
    wildcards = core.count('"wildcard":')
    if wildcards:
        yield "it has a wildcard, and a bus takes 30 rules with one"
    yield "EventBridge delivers events from CloudTrail on a best-effort basis"


__all__ = ["DETAIL_TYPES", "LONGEST", "convert"]
