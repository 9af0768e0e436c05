"""Determine whether a set of trails records all the events that are needed.

The need is turned into probe events (see `probes`), and each is put to every trail with
`records`; the text of the event selectors is never judged.  The union of the trails
counts: one that records reads and one that records writes cover both.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from checker.conditions.unknown import Cause, Unknown
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import Probe, probes
from checker.evaluate.recording.recorder import Recorder, Recorders, Trail
from checker.evaluate.recording.verdict import RecordingVerdict

__all__ = ["LIMIT", "Coverage", "Extent", "Need", "coverage"]

Extent: TypeAlias = Literal["full", "partial", "none", "unknown"]

LIMIT = 20_000
"""How many probes are made at most; more different conditions are not decided."""

_GAPS = 20


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a need the trails record.

    `trails` are the ARNs (or names, where no ARN is known) of those that record some of
    it; `gaps` names what no trail surely records, each with the deciding reason.
    """

    verdict: Extent
    trails: tuple[str, ...]
    gaps: tuple[str, ...]
    reason: str
    cause: Cause | None = None

    @property
    def unknown(self) -> Unknown:
        """What stands for an `unknown` verdict in a condition."""
        return Unknown(self.reason, self.cause or Cause.UNDECIDABLE)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One probe with every trail's answer, in the order of the trails."""

    probe: Probe
    answers: tuple[RecordingVerdict, ...]

    @property
    def verdict(self) -> bool | None:
        """Whether any trail records it: Kleene's OR."""
        verdicts = [answer.verdict for answer in self.answers]
        return True if True in verdicts else None if None in verdicts else False


def coverage(
    trails: Iterable[Trail | Unknown], need: Need, recorders: Recorders | None = None
) -> Coverage:
    """Return whether trails (or event data stores) of a snapshot cover a need.

    `full` is every probe recorded by some trail; `none` none; `partial` some, with the
    gaps named; `unknown` where an unknown answer decides between two of
    these.  Give the Regions of the account that matter in `need.regions`: without them
    a set of single-Region trails leaves every other Region open.  `trails` may itself
    be `Unknown`, which makes every need unknown, and so may one of them.  CloudTrail's
    own deliveries, which RecursiveLogging concerns, are no part of any need.
    `recorders` are those of earlier questions about the same settings.
    """
    if trails.__class__ is Unknown:
        reason = f"the trails are not known: {trails.reason}"
        return Coverage("unknown", (), (reason,), reason, trails.cause)
    prepared = Recorders() if recorders is None else recorders
    judges = [prepared.of(trail) for trail in trails]
    if not judges:
        return Coverage("none", (), ("there is no trail",), "there is no trail")
    names = [judge.scope.name for judge in judges]
    made = list(itertools.islice(_probes(judges, need), LIMIT + 1))
    if len(made) > LIMIT:
        reason = f"the event selectors differ in more than {LIMIT} ways"
        return Coverage("unknown", (), (), reason, Cause.UNDECIDABLE)
    if not made:
        reason = "AWS documents no event that fits the need"
        return Coverage("none", (), (), reason)
    asked = [_ask(judges, probe) for probe in made]
    covering = [
        index
        for index in range(len(judges))
        if any(one.answers[index].verdict for one in asked)
    ]
    verdict = _verdict([one.verdict for one in asked])
    gaps = _gaps(asked, names, covering)
    identities = tuple(identity(judges[index].trail) for index in covering)
    if verdict == "full":
        reason = f"recorded by {', '.join(names[index] for index in covering)}"
    else:
        reason = gaps[0]
    return Coverage(verdict, identities, gaps, reason, _cause(asked, verdict))


def _cause(asked: Sequence[_Asked], verdict: Extent) -> Cause | None:
    """Return why it is not known, by the first probe of which it is not."""
    if verdict != "unknown":
        return None
    answers = (
        answer.cause
        for one in asked
        if one.verdict is None
        for answer in one.answers
        if answer.verdict is None
    )
    return next(answers, Cause.UNDECIDABLE)


def _probes(judges: Sequence[Recorder], need: Need) -> Iterable[Probe]:
    scopes = [judge.scope for judge in judges]
    selectors = [
        event_selector
        for judge in judges
        if judge.scope.logging is None or judge.scope.logging.verdict is not False
        for event_selector in judge.selection.candidates(need.category)
    ]
    return probes(need, scopes, selectors)


def _ask(judges: Sequence[Recorder], probe: Probe) -> _Asked:
    return _Asked(probe, tuple(judge(probe.event) for judge in judges))


def _verdict(verdicts: Sequence[bool | None]) -> Extent:
    if all(verdicts):
        return "full"
    if True in verdicts and False in verdicts:
        return "partial"
    return "unknown" if None in verdicts else "none"


def _gaps(
    asked: Sequence[_Asked], names: Sequence[str], covering: Sequence[int]
) -> tuple[str, ...]:
    """Name each obstacle once, with the first probe that it concerns.

    A field selector that excludes many calls is one obstacle.
    What is certainly missing comes before what is not known.  Where some trails record
    part of the need, theirs are the reasons that help.
    """
    gaps: dict[Hashable, str] = {}
    missing = [one for one in asked if one.verdict is False]
    unsure = [one for one in asked if one.verdict is None]
    for one in [*missing, *unsure]:
        answers = [
            (names[index], answer)
            for index, answer in enumerate(one.answers)
            if answer.verdict is one.verdict
            and (not covering or index in covering or one.verdict is None)
        ][:3]
        key = tuple(
            (name, answer.obstacles or answer.reason) for name, answer in answers
        )
        if key in gaps:
            continue
        reason = "; ".join(f"{name}: {answer.reason}" for name, answer in answers)
        gaps[key] = f"{one.probe.label}: {reason}"
    found = list(gaps.values())
    if len(found) > _GAPS:
        found = [*found[:_GAPS], f"{len(found) - _GAPS} more"]
    return tuple(found)


def identity(trail: Trail) -> str:
    """Return the ARN of a trail or event data store, or its name."""
    for key in ("TrailARN", "EventDataStoreArn", "Name"):
        value = trail.get(key)
        if isinstance(value, str):
            return value
    return "the trail"
