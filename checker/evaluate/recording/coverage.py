"""Determine whether a set of trails records all the events that are needed.

The need is turned into probe events (see `probes`), and each is put to every trail with
`records`; the text of the event selectors is never judged.  The union of the trails
counts: one that records reads and one that records writes cover both.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from checker.conditions.unknown import Cause, Unknown
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import Probe, probes
from checker.evaluate.recording.recorder import Recorder, Recorders, Trail
from checker.evaluate.recording.verdict import RecordingVerdict

__all__ = ["LIMIT", "Coverage", "Extent", "Need", "coverage"]

Extent: TypeAlias = Literal["full", "partial", "none", "unknown"]

_ANY: frozenset[Extent] = frozenset({"full", "partial", "none"})

_NONE: frozenset[Extent] = frozenset({"none"})

LIMIT = 20_000
"""How many probes are made at most; more different conditions are not decided."""

_GAPS = 20


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a need the trails record.

    `trails` are the ARNs (or names, where no ARN is known) of those that record some of
    it; `gaps` names what no trail surely records, each with the deciding reason.
    `possible` are the extents that it may have, and `of_one` those that it may have for
    a single one of the resources that are needed.
    """

    verdict: Extent
    trails: tuple[str, ...]
    gaps: tuple[str, ...]
    reason: str
    cause: Cause | None = None
    possible: frozenset[Extent] = _ANY
    of_one: frozenset[Extent] = _ANY

    @property
    def unknown(self) -> Unknown:
        """What stands for an `unknown` verdict in a condition."""
        cause = self.cause or Cause.UNDECIDABLE
        return Unknown(self.reason, cause, among=tuple(sorted(self.possible)))


class _Asked(msgspec.Struct, frozen=True):
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
        gap = "there is no trail"
        return Coverage("none", (), (gap,), gap, None, _NONE, _NONE)
    names = [judge.scope.name for judge in judges]
    made = list(itertools.islice(_probes(judges, need), LIMIT + 1))
    if len(made) > LIMIT:
        reason = f"the event selectors differ in more than {LIMIT} ways"
        return Coverage("unknown", (), (), reason, Cause.UNDECIDABLE)
    if not made:
        reason = "AWS documents no event that fits the need"
        return Coverage("none", (), (), reason, None, _NONE, _NONE)
    asked = [_ask(judges, probe) for probe in made]
    covering = [
        index
        for index in range(len(judges))
        if any(one.answers[index].verdict for one in asked)
    ]
    possible = _possible([one.verdict for one in asked])
    verdict: Extent = min(possible) if len(possible) == 1 else "unknown"
    gaps = _gaps(asked, names, covering)
    if verdict == "full":
        reason = f"recorded by {', '.join(names[index] for index in covering)}"
    else:
        reason = gaps[0]
    return Coverage(
        verdict,
        tuple(identity(judges[index].trail) for index in covering),
        gaps,
        reason,
        _cause(asked, verdict),
        possible,
        _of_one(asked) if len(possible) > 1 or verdict == "partial" else possible,
    )


def _of_one(asked: Sequence[_Asked]) -> frozenset[Extent]:
    """Return the extents that the need may have for one of its resources."""
    verdicts: defaultdict[object, list[bool | None]] = defaultdict(list)
    for one in asked:
        resources = one.probe.event.get("resources")
        verdicts[resources[0].get("ARN") if resources else None].append(one.verdict)
    return frozenset().union(*map(_possible, verdicts.values()))


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


def _possible(verdicts: Sequence[bool | None]) -> frozenset[Extent]:
    """Return what may be the extent of a need by the verdicts on its probes."""
    found: set[Extent] = set()
    if False not in verdicts:
        found.add("full")
    if True not in verdicts:
        found.add("none")
    if len(verdicts) > 1 and not (found and None not in verdicts):
        found.add("partial")
    return frozenset(found)


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
