"""Compare what two settings record of the events that detections need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checker.conditions import Unknown, UnknownValue
from checker.evaluate.recording.difference import Difference, difference
from checker.evaluate.recording.recorder import Recorder, Recorders
from checker.evaluate.recording.rule_needs import needs
from checker.evaluate.recording.visibility import Visibility, trails_of
from checker.model import (
    AnyRule,
    CorrelationRule,
    DetectionRule,
    Event,
    Finding,
    Location,
    Status,
)
from checker.run.comparing.effects import BETTER, Effect, finding
from checker.run.visibility import judge_all, sample_events, with_bases
from checker.sources.settings.read import Settings

_SIGHT: Final = {Status.BLIND: 0, Status.PARTIAL: 1, Status.VISIBLE: 2}


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


def compare_detections(
    rules: Sequence[AnyRule],
    paths: Sequence[str | Path],
    both: tuple[Settings, Settings],
    bases: Iterable[AnyRule],
    unsure: list[tuple[AnyRule, str]],
) -> Iterator[Finding]:
    """Yield a finding for each rule that sees something else; `unsure` gets the rest.

    `both` are the settings before and after, `unsure` is filled with the rules that
    are unknown in both, and why.
    """
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
            found = gained if effect in BETTER else lost
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
        if effect in BETTER:
            reasons = found.obstacle, found.recorded
    return finding(
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
