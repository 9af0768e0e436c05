"""Compare: what a change of settings does to detections and controls.

Both settings are read as an audit and a visibility report read them.  A finding is a
change: a rule whose events are recorded in one of the two only, or a control whose
outcome is another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from checker.conditions import Cause, Unknown, UnknownValue
from checker.evaluate.configuration.evaluate import Outcome
from checker.evaluate.recording.difference import Difference, difference
from checker.evaluate.recording.recorder import Recorder, Recorders
from checker.evaluate.recording.rule_needs import needs
from checker.evaluate.recording.visibility import Visibility, trails_of
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Event,
    Finding,
    Location,
    Report,
    Status,
    Unreadable,
)
from checker.run import audit
from checker.run.overlay import aligned, is_undeclared
from checker.run.scanning.fingerprints import fingerprint
from checker.run.settings import Given, read_settings, settings_report
from checker.run.visibility import judge_all, sample_events, with_bases
from checker.sources.settings.read import Settings


class Effect(StrEnum):
    """What a change does to a rule; the report lists them in this order."""

    BLINDED = "blinded"
    BLIND = "blind"
    NARROWED = "narrowed"
    FAILS = "fails"
    UNCLEAR = "unclear"
    WIDENED = "widened"
    VISIBLE = "visible"
    KNOWN = "known"
    PASSES = "passes"


_SIGHT: Final = {Status.BLIND: 0, Status.PARTIAL: 1, Status.VISIBLE: 2}

_WORST: Final = (
    Status.FAIL,
    Status.ERROR,
    Status.UNKNOWN,
    Status.PASS,
    Status.NOT_APPLICABLE,
)

_UNSURE: Final = (Status.UNKNOWN, Status.ERROR)

_BETTER: Final = {
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
    Effect.UNCLEAR: "Is no longer known",
    Effect.WIDENED: "Sees more events",
    Effect.VISIBLE: "Becomes visible",
    Effect.KNOWN: "Becomes known to be visible",
    Effect.PASSES: "No longer fails",
}


def compare(
    rules: Iterable[AnyRule],
    paths: Sequence[str | Path],
    before: Given,
    after: Given,
    *,
    bases: Iterable[AnyRule] = (),
) -> Report:
    """Return what differs between two settings, one each, as findings.

    `paths` and `bases` are as in `run.visibility.visibility`.  The status of a finding
    is that after the change, or visible or pass for an improvement; its evidence has
    `change` (an `Effect`) and the statuses and reasons `before` and `after`.  What is
    unknown in both is one problem, without a finding for each.  `run.overlay` says what
    is taken for granted of what a plan or template does not declare.
    """
    chosen = list(rules)
    (first, problems), (second, more) = read_settings(before), read_settings(after)
    findings: list[Finding] = []
    notes: tuple[str, ...] = ()
    unsure: list[tuple[AnyRule, str]] = []
    if first and second:
        old, new = aligned(first[0], second[0])
        detections = [r for r in chosen if not isinstance(r, ConfigurationRule)]
        if _trails_are_comparable(old, new):
            findings += _detections(detections, paths, (old, new), bases, unsure)
        elif detections:
            notes += ("detections were not compared: neither declares a trail",)
        controls = [r for r in chosen if isinstance(r, ConfigurationRule)]
        findings += _controls(controls, old, new, unsure)
    problems = [*problems, *more]
    if unsure:
        problems.append(Unreadable(second[0].uri, None, _unsure(unsure)))
    order = list(Effect)
    findings.sort(key=lambda one: order.index(one.evidence["change"]))
    read = [*first, *second]
    report = settings_report(findings, problems, read, 2, len(chosen))
    unread = len(problems) - bool(unsure)
    return replace(
        report,
        statistics=replace(report.statistics, unreadable_inputs=unread),
        notes=(*report.notes, *notes),
    )


def _unsure(unsure: Sequence[tuple[AnyRule, str]]) -> str:
    """Describe how many rules are unknown before and after, and why the first.

    Up to the colon it is a part of the heading of a comparison without findings.
    """
    number = len({rule.name for rule, _ in unsure})
    told = f"{number:,} rule{' is' if number == 1 else 's are'} not known in either"
    rule, reason = unsure[0]
    return f"{told}: {rule.name}: {reason.removesuffix('.')}"


def _trails_are_comparable(before: Settings, after: Settings) -> bool:
    undeclared = [is_undeclared(one.snapshot.get("trails")) for one in (before, after)]
    return not any(undeclared)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one of two settings records."""

    settings: Settings
    answers: Mapping[str, Visibility]
    recorders: tuple[Recorder, ...]

    def location(self, trail: str | None) -> Location | None:
        """Return where the file has a trail; its first line if it has not."""
        if not self.settings.size:
            return None
        line = 1
        trails = self.settings.snapshot.get("trails")
        count = len(trails) if isinstance(trails, list) else 0
        for index, recorder in enumerate(self.recorders):
            if recorder.scope.name == trail:
                stores = f"/event_data_stores/{index - count}"
                pointer = f"/trails/{index}" if index < count else stores
                place = self.settings.places.get(pointer)
                line = place.line if place else line
        return Location(self.settings.uri, None, line)


def _detections(
    rules: Sequence[AnyRule],
    paths: Sequence[str | Path],
    both: tuple[Settings, Settings],
    bases: Iterable[AnyRule],
    unsure: list[tuple[AnyRule, str]],
) -> Iterator[Finding]:
    before, after = both
    known = with_bases(rules, bases)
    samples = sample_events(known, paths)
    if paths and len(known) > len(rules):
        samples = sample_events(known, ()) | samples
    old, new = _sight(known, samples, before), _sight(known, samples, after)
    names = {key: rule for rule in known for key in (rule.name, rule.id)}
    for rule in rules:
        first, second = old.answers[rule.name], new.answers[rule.name]
        below = list(_below(rule, names))
        if first.status is second.status is Status.UNKNOWN:
            if _has_needs(below, samples, new):
                unsure.append((rule, second.reason))
            continue
        # Parts of a rule's events can be lost while others were missing all along.
        partial = first.status is second.status is Status.PARTIAL
        if first.status is second.status and not partial:
            continue
        lost = _difference(below, samples, old, new)
        gained = _difference(below, samples, new, old)
        effect = _effect(first.status, second.status, lost, gained)
        if effect is not None:
            found = gained if effect in _BETTER else lost
            yield _sight_finding(rule, effect, (first, second), found, new)


def _sight_finding(
    rule: AnyRule,
    effect: Effect,
    answers: tuple[Visibility, Visibility],
    found: Difference | None,
    new: _Sight,
) -> Finding:
    before, after = answers
    reasons = before.reason, after.reason
    if found is not None:
        reasons = found.recorded, found.obstacle
        if effect in _BETTER:
            reasons = found.obstacle, found.recorded
    return _finding(
        rule,
        effect,
        after.status,
        {"type": "rule", "id": rule.name},
        new.location(found.trail if found else None)
        or Location(rule.path, None, rule.line),
        {
            "events": found.events if found else None,
            "selectors": [list(one) for one in found.selectors] if found else [],
            "before": {"status": before.status.value, "reason": reasons[0]},
            "after": {"status": after.status.value, "reason": reasons[1]},
        },
    )


def _sight(
    rules: Sequence[AnyRule], samples: dict[str, list[Event]], settings: Settings
) -> _Sight:
    answers = {
        rule.name: answer
        for rule, answer in judge_all(rules, samples, settings.snapshot)
    }
    trails = trails_of(settings.snapshot)
    prepared = Recorders()
    recorders = () if isinstance(trails, Unknown) else map(prepared.of, trails)
    return _Sight(settings, answers, tuple(recorders))


def _below(rule: AnyRule, names: Mapping[str, AnyRule]) -> Iterator[DetectionRule]:
    """Return the detections that a rule builds on: itself, or its bases."""
    if isinstance(rule, DetectionRule):
        yield rule
    elif isinstance(rule, CorrelationRule):
        for name in rule.correlation.rules:
            if name in names:
                yield from _below(names[name], names)


def _difference(
    rules: Sequence[DetectionRule],
    samples: Mapping[str, list[Event]],
    recording: _Sight,
    others: _Sight,
) -> Difference | None:
    """Return events of the rules that one of the settings records and the other not."""
    unsure = None
    for rule in rules:
        events = samples.get(rule.name, [])
        for need in needs(rule, events, recording.settings.snapshot):
            found = difference(recording.recorders, others.recorders, need)
            if found is not None and found.certain:
                return found
            unsure = unsure or found
    return unsure


def _has_needs(
    rules: Sequence[DetectionRule], samples: Mapping[str, list[Event]], sight: _Sight
) -> bool:
    """Return whether it is the settings that leave rules unknown, not the rules."""
    try:
        return any(
            needs(rule, samples.get(rule.name, []), sight.settings.snapshot)
            for rule in rules
        )
    except UnknownValue:
        return True


def _effect(
    before: Status, after: Status, lost: Difference | None, gained: Difference | None
) -> Effect | None:
    """Return what happens to a detection, by what it sees before and after."""
    if Status.UNKNOWN in (before, after):
        if before is after:
            return None
        if after is Status.UNKNOWN:
            return Effect.UNCLEAR
        return Effect.BLIND if after is Status.BLIND else Effect.KNOWN
    if _SIGHT[after] < _SIGHT[before]:
        return Effect.BLINDED if after is Status.BLIND else Effect.NARROWED
    if _SIGHT[after] > _SIGHT[before]:
        return Effect.VISIBLE if after is Status.VISIBLE else Effect.WIDENED
    if lost is not None and lost.certain:
        return Effect.NARROWED
    return Effect.WIDENED if gained is not None and gained.certain else None


def _controls(
    rules: Sequence[ConfigurationRule],
    before: Settings,
    after: Settings,
    unsure: list[tuple[AnyRule, str]],
) -> Iterator[Finding]:
    audit.check_types(rules)
    old, new = Recorders(), Recorders()
    for rule in rules:
        first = _compared(audit.outcomes(rule, before, old))
        second = _compared(audit.outcomes(rule, after, new))
        if not first or not second:
            continue  # one of the two says nothing about these resources
        reason = _unsure_in_both(first, second)
        if reason is not None:
            unsure.append((rule, reason))
        for was, now in _pairs(first, second):
            yield from _control(rule, was, now, before, after)


def _unsure_in_both(before: Sequence[Outcome], after: Sequence[Outcome]) -> str | None:
    """Return why the outcome of a resource is unknown, if it is before and after."""
    old, new = _by_id(before), _by_id(after)
    first = {key for key, one in old.items() if one.status in _UNSURE}
    second = {key for key, one in new.items() if one.status in _UNSURE}
    # One that has another id in the other settings is one without its like there.
    renamed = second - old.keys() if first - new.keys() else set()
    for key in sorted((first & second) | renamed):
        return new[key].reason
    return None


def _compared(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Leave out what the settings do not declare, and so say nothing about."""
    return [one for one in outcomes if one.cause is not Cause.UNDECLARED]


def _pairs(
    before: Sequence[Outcome], after: Sequence[Outcome]
) -> Iterator[tuple[Outcome | None, Outcome | None]]:
    """Pair the outcomes of one rule: by resource, then those that are alike.

    A resource has another id in a plan than in an account, and a new one when it is
    replaced: of what is left the outcomes with the same status are no change.
    """
    old, new = _by_id(before), _by_id(after)
    for key, one in old.items():
        if key in new:
            yield one, new[key]
    gone = [one for key, one in old.items() if key not in new]
    come = [one for key, one in new.items() if key not in old]
    same = Counter(one.status for one in gone) & Counter(one.status for one in come)
    gone, come = _without(gone, same), _without(come, same)
    # One resource under two ids, as in an account and in the plan for it.
    if len(gone) == len(come) == 1:
        yield gone[0], come[0]
        return
    for one in gone:
        yield one, None
    for one in come:
        yield None, one


def _by_id(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    """Return the worst outcome of each resource."""
    found: dict[str, Outcome] = {}
    for one in sorted(outcomes, key=lambda each: _WORST.index(each.status)):
        found.setdefault(one.resource.id, one)
    return found


def _without(outcomes: list[Outcome], counts: Counter[Status]) -> list[Outcome]:
    left = Counter(counts)
    found = []
    for one in outcomes:
        if left[one.status]:
            left[one.status] -= 1
        else:
            found.append(one)
    return found


def _control(
    rule: ConfigurationRule,
    was: Outcome | None,
    now: Outcome | None,
    before: Settings,
    after: Settings,
) -> Iterator[Finding]:
    first = was.status if was else Status.NOT_APPLICABLE
    second = now.status if now else Status.NOT_APPLICABLE
    effect = _outcome_effect(first, second)
    shown = now or was
    if effect is None or shown is None:
        return
    place = audit.location(rule, shown, after if now else before)
    resource = shown.resource
    yield _finding(
        rule,
        effect,
        second,
        {
            "type": resource.type,
            "id": resource.id,
            "accountId": resource.account,
            "region": resource.region,
        },
        place,
        {
            "before": {"status": first.value, "reason": _reason(was)},
            "after": {"status": second.value, "reason": _reason(now)},
        },
    )


def _reason(outcome: Outcome | None) -> str:
    return outcome.reason.removesuffix(".") if outcome else "there is no such resource"


def _outcome_effect(before: Status, after: Status) -> Effect | None:
    if before is after:
        return None
    if after is Status.FAIL:
        return Effect.FAILS
    if after in (Status.UNKNOWN, Status.ERROR):
        return Effect.UNCLEAR
    return Effect.PASSES if before is Status.FAIL else None


def _finding(  # noqa: PLR0913, PLR0917 - what a finding is made of
    rule: AnyRule,
    effect: Effect,
    status: Status,
    subject: Mapping[str, Any],
    location: Location,
    evidence: Mapping[str, Any],
) -> Finding:
    reason = f"{evidence['after']['reason']} (before: {evidence['before']['reason']})."
    return Finding(
        rule=rule,
        status=_BETTER.get(effect, status),
        subject=subject,
        location=location,
        evidence={"change": effect.value, **evidence},
        message=f"{_SENTENCES[effect]}: {rule.title}: {reason}",
        fingerprint=fingerprint(
            rule, f"compare\x1f{subject['type']}\x1f{subject['id']}"
        ),
    )
