"""Determine whether today's trails would show the events that a rule is about.

What a rule needs (`rule_needs`) is put to `coverage`, so the answer is exact to the
selector, and names the one that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.conditions import Cause, Unknown
from checker.conditions.unknown import UnknownValue
from checker.correlation_types import kind
from checker.evaluate.recording.coverage import Coverage, Need, coverage, identity
from checker.evaluate.recording.recorder import Recorders, Trail, records
from checker.evaluate.recording.rule_needs import needs, why_none
from checker.evaluate.recording.verdict import readable
from checker.model import CorrelationRule, DetectionRule, Event, Status


@dataclass(frozen=True, slots=True)
class Visibility:
    """Whether a rule's events are recorded: by which trails, or what is missing.

    `missing` names what no trail records, in words that several rules can share; empty
    when the rule is visible.  `needs` are those that are not fully covered.
    """

    rule: str
    status: Status
    trails: tuple[str, ...]
    missing: str
    reason: str
    needs: tuple[Need, ...]


def of_detection(
    rule: DetectionRule,
    samples: Iterable[Event],
    snapshot: Mapping[str, Any],
    recorders: Recorders | None = None,
) -> Visibility:
    """Evaluate a detection rule against a settled snapshot.

    `samples` are records that the rule matches, those of its cases; `recorders` are
    those of the snapshot's trails, for callers with many rules.
    """
    try:
        return _of_detection(rule, samples, snapshot, recorders)
    except UnknownValue as error:
        return Visibility(rule.name, Status.UNKNOWN, (), "", error.reason, ())


def _of_detection(
    rule: DetectionRule,
    samples: Iterable[Event],
    snapshot: Mapping[str, Any],
    recorders: Recorders | None,
) -> Visibility:
    trails = trails_of(snapshot)
    if isinstance(trails, Unknown):
        return Visibility(rule.name, Status.UNKNOWN, (), "", trails.reason, ())
    asked = [
        (need, coverage(trails, need, recorders))
        for need in needs(rule, samples, snapshot)
    ]
    if not asked:
        reason = why_none(rule)
        return Visibility(rule.name, Status.UNKNOWN, (), "", reason, ())
    status = _status([answer.verdict for _, answer in asked])
    open_needs = [(need, answer) for need, answer in asked if answer.verdict != "full"]
    recorded = [trail for _, answer in asked for trail in answer.trails]
    if not open_needs:
        reason = asked[0][1].reason
        return Visibility(rule.name, status, _unique(recorded), "", reason, ())
    return Visibility(
        rule=rule.name,
        status=status,
        trails=_unique(recorded),
        missing="; ".join(_unique(_missing(*each) for each in open_needs)),
        reason="; ".join(_unique(answer.reason for _, answer in open_needs)),
        needs=tuple(need for need, _ in open_needs),
    )


@dataclass(frozen=True, slots=True)
class EventVisibility:
    """Whether one event is recorded, by which trails, and what each trail says."""

    status: Status
    trails: tuple[str, ...]
    reasons: tuple[str, ...]


def of_event(event: Event, snapshot: Mapping[str, Any]) -> EventVisibility:
    """Return whether the trails of a settled snapshot record one event."""
    trails = trails_of(snapshot)
    if isinstance(trails, Unknown):
        return EventVisibility(Status.UNKNOWN, (), (trails.reason,))
    if not trails:
        return EventVisibility(Status.BLIND, (), ("there is no trail",))
    answers = [
        (identity(trail), records(trail, event)) for trail in map(readable, trails)
    ]
    recorded = [name for name, answer in answers if answer.verdict]
    if recorded:
        status = Status.VISIBLE
    else:
        doubt = any(answer.verdict is None for _, answer in answers)
        status = Status.UNKNOWN if doubt else Status.BLIND
    reasons = [
        f"{name}: {answer.reason}"
        for name, answer in answers
        if status is not Status.VISIBLE or answer.verdict
    ]
    return EventVisibility(status, _unique(recorded), _unique(reasons))


def of_correlation(rule: CorrelationRule, bases: Sequence[Visibility]) -> Visibility:
    """Evaluate a correlation by its base rules.

    One that counts can still fire while any base is visible; one that wants several
    things to happen cannot, once one of them is blind.
    """
    statuses = [base.status for base in bases]
    every = kind(rule.correlation.type).needs_every_rule
    blind = every and Status.BLIND in statuses
    status = Status.BLIND if blind else _combined(statuses)
    short = [base for base in bases if base.status is not Status.VISIBLE]
    return Visibility(
        rule=rule.name,
        status=status,
        trails=_unique(trail for base in bases for trail in base.trails),
        missing="; ".join(_unique(base.missing for base in short if base.missing)),
        reason="; ".join(f"{base.rule}: {base.reason}" for base in short or bases[:1]),
        needs=tuple(need for base in short for need in base.needs),
    )


def _missing(need: Need, answer: Coverage) -> str:
    """Describe what is missing in words that several rules can share."""
    if need.category == "Data":
        what = f"{need.resource_type or need.source} data events"
    elif need.category == "Management":
        what = "management events"
    else:
        what = f"{need.category} events"
    if answer.verdict == "none":
        return f"no trail records {what}"
    if answer.verdict == "unknown":
        return f"it is not known whether {what} are recorded"
    return f"not all {what} are recorded"


def _status(verdicts: Sequence[str]) -> Status:
    words = {
        "full": Status.VISIBLE,
        "partial": Status.PARTIAL,
        "none": Status.BLIND,
        "unknown": Status.UNKNOWN,
    }
    return _combined([words[verdict] for verdict in verdicts])


def _combined(statuses: Sequence[Status]) -> Status:
    """Put the answers for several needs into one."""
    seen = set(statuses)
    if len(seen) == 1:
        return seen.pop()
    if Status.PARTIAL in seen or {Status.VISIBLE, Status.BLIND} <= seen:
        return Status.PARTIAL
    return Status.UNKNOWN


def trails_of(snapshot: Mapping[str, Any]) -> list[Trail | Unknown] | Unknown:
    """Return the trails and event data stores of a snapshot: each keeps events."""
    trails = snapshot.get("trails")
    if isinstance(trails, Unknown):
        return trails
    if not isinstance(trails, list):
        return Unknown("trails: not collected", Cause.NOT_COLLECTED)
    stores = snapshot.get("event_data_stores")
    if isinstance(stores, Unknown):
        stores = [stores]  # there may be one that records what no trail does
    return [*trails, *(stores if isinstance(stores, list) else ())]


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
