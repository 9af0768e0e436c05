"""Prove that a change of selectors only adds, and adds what is wanted.

Both the old and the new trail answer for probe events: one for each combination of
values that any of their selectors can tell apart (see `probes`), of every category and
of every resource type that is named before or after, and of one that is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from checker.change import Proof
from checker.evaluate.recording.coverage import LIMIT, coverage
from checker.evaluate.recording.event_selector import EventSelector
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import Probe, probes
from checker.evaluate.recording.recorder import Recorder, Recorders, Trail, recorder
from checker.evaluate.recording.scope import scope
from checker.evaluate.recording.selection import selection
from checker.evaluate.remediation.wanted import SelectorSpec

CATEGORIES = ("Management", "Data", "NetworkActivity", "Insight")

_Verdict: TypeAlias = Literal["kept", "added", "follows", "same"]


class UnprovedError(Exception):
    """A promise does not hold, or it is not known whether it does."""


@dataclass(frozen=True, slots=True)
class Proved:
    """The three sentences, and whether Insights events begin to be recorded."""

    proof: Proof
    insights: bool


def prove(
    old: Trail,
    new: Trail,
    others: Sequence[Trail],
    needs: Sequence[Need],
    wanted: Sequence[SelectorSpec],
) -> Proved:
    """Hold a change of one trail against the three promises.

    `others` are the trails beside it, which count for the need only.  Raises
    `UnprovedError` with the first probe that speaks against it.
    """
    recorders = Recorders()
    for need in needs:
        answer = coverage([new, *others], need, recorders)
        if answer.verdict != "full":
            raise UnprovedError(f"the need would not be covered: {answer.reason}")
    judges = (recorder(old), recorders.of(new))
    counts: dict[_Verdict, int] = dict.fromkeys(("kept", "added", "follows", "same"), 0)
    for probe in _probes(old, new, needs):
        counts[_compare(probe, judges, wanted)] += 1
    name = scope(new).name
    every = sum(counts.values())
    asked = sum(
        1 for need in needs for _ in probes(need, [scope(new)], _selectors(new, need))
    )
    return Proved(
        Proof(
            covered=f"all {asked} kinds of events asked for are recorded after it",
            kept=f"all {counts['kept']} kinds of events that {name} records today are "
            "still recorded",
            nothing_else=f"of {every} kinds of events that its selectors tell apart, "
            f"the {counts['added']} newly recorded are all of what was asked for",
        ),
        insights=counts["follows"] > 0,
    )


def _compare(
    probe: Probe, judges: tuple[Recorder, Recorder], wanted: Sequence[SelectorSpec]
) -> _Verdict:
    before, after = (judge(probe.event).verdict for judge in judges)
    if before is after:
        return "kept" if after else "same"
    if before is True or after is False:
        sure = "would" if before and after is False else "might"
        raise UnprovedError(f"{_named(probe)} {sure} no longer be recorded")
    if probe.event["eventCategory"] == "Insight":
        # What Insights derives follows from the calls that are logged.
        return "follows"
    if after is None:
        raise UnprovedError(f"{_named(probe)} might newly be recorded")
    if not any(one.fits(probe.event) for one in wanted):
        raise UnprovedError(f"{_named(probe)} would be recorded, unasked")
    return "added"


def _named(probe: Probe) -> str:
    category = probe.event["eventCategory"]
    return f"a {category} event ({probe.label})"


def _probes(old: Trail, new: Trail, needs: Sequence[Need]) -> Iterator[Probe]:
    """Return the probes of all categories, and of each need, each once.

    Raises `UnprovedError` when there are too many.
    """
    seen: set[str] = set()
    general = [Need(category) for category in CATEGORIES]
    for need in (*general, *needs, *_foreign(old, new)):
        selectors = [*_selectors(old, need), *_selectors(new, need)]
        made = probes(need, [scope(old)], selectors)
        for probe in itertools.islice(made, LIMIT):
            event = str(probe.event)
            if event not in seen:
                seen.add(event)
                yield probe
        if next(made, None) is not None:
            raise UnprovedError(f"the event selectors differ in more than {LIMIT} ways")


def _foreign(old: Trail, new: Trail) -> Iterator[Need]:
    """Return a need for each resource of another account that a selector names.

    The probes of a type are else on resources of the trail's own account.
    """
    data = Need("Data")
    own = scope(old).account
    found: set[Need] = set()
    for selector in (*_selectors(old, data), *_selectors(new, data)):
        for kind in sorted(selector.types.equals if selector.types else ()):
            for arns in selector.arns:
                whole, starts, _ = arns.boundaries()
                for arn in (*whole, *(f"{start}*" for start in starts)):
                    pieces = arn.split(":")
                    if len(pieces) > 5 and pieces[4] not in ("", own):
                        found.add(Need("Data", resource_type=kind, arn=arn))
    yield from sorted(found, key=str)


def _selectors(trail: Trail, need: Need) -> Sequence[EventSelector]:
    return selection(trail).candidates(need.category)
