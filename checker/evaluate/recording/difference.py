"""Find an event that some trails record and others do not.

Both sets of trails are asked about the same probes, made for the selectors of both, so
the answer is exact: where none is found, the second set records all of a need that the
first one records.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from checker.evaluate.recording.coverage import LIMIT
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import Probe, probes
from checker.evaluate.recording.recorder import Recorder

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """Events that one set of trails records and another one does not.

    `events` describes them, and `trail` is the name of one that records them.
    `recorded` names the trail and the event selector that record them, and `obstacle`
    each trail that does not with what excludes them.
    `selectors` are the parts of event selectors that exclude them, as (trail, event
    selector, field): the same ones often exclude the events of many rules.  `certain`
    is False where it is not known whether the second set records them.
    """

    events: str
    trail: str
    recorded: str
    obstacle: str
    selectors: tuple[tuple[str, str, str], ...]
    certain: bool


def difference(
    recording: Sequence[Recorder], others: Sequence[Recorder], need: Need
) -> Difference | None:
    """Return the first events of a need that `recording` records and `others` do not.

    What certainly is not recorded comes first.  None where there are no such events,
    or too many classes of events to try.
    """
    both = [*recording, *others]
    made = _probes(both, need)
    if len(made) > LIMIT:
        return None
    unsure = None
    for probe in made:
        selected = [
            (one, verdict) for one in recording if (verdict := one(probe.event)).verdict
        ]
        if not selected:
            continue
        answers = [(one, one(probe.event)) for one in others]
        verdicts = {answer.verdict for _, answer in answers}
        if True in verdicts or (unsure and None in verdicts):
            continue
        trail, verdict = selected[0]
        reasons = [
            f"{one.scope.name}: {answer.reason}"
            for one, answer in sorted(
                answers, key=lambda each: each[0].scope.name != trail.scope.name
            )[:_SHOWN]
        ]
        found = Difference(
            events=probe.label,
            trail=trail.scope.name,
            recorded=f"{trail.scope.name}: {verdict.reason}",
            obstacle="; ".join(reasons) or "there is no trail",
            selectors=tuple(
                (one.scope.name, *obstacle)
                for one, answer in answers
                for obstacle in answer.obstacles
            ),
            certain=None not in verdicts,
        )
        if found.certain:
            return found
        unsure = found
    return unsure


def _probes(recorders: Sequence[Recorder], need: Need) -> list[Probe]:
    scopes = [one.scope for one in recorders]
    selectors = [
        selector
        for one in recorders
        for selector in one.selection.candidates(need.category)
    ]
    return list(itertools.islice(probes(need, scopes, selectors), LIMIT + 1))
