"""Answer the central question: would this trail record this event?

It decides as CloudTrail does: is the trail logging, is the event of its account, of its
Region, and does an event selector select it.  The verdict is None, unknown, only where
AWS does not say or the snapshot lacks the answer (a denied call), and only when nothing
else already excludes the event.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from checker.aws.event_categories import category_of
from checker.conditions.unknown import UnknownValue
from checker.evaluate.recording import insights
from checker.evaluate.recording.event_selector import Event
from checker.evaluate.recording.scope import Scope, scope
from checker.evaluate.recording.selection import Selection, selection
from checker.evaluate.recording.verdict import RecordingVerdict

Trail: TypeAlias = Mapping[str, Any]

_KEPT = 64
_recorders: dict[int, tuple[Trail, object, Recorder]] = {}


def records(trail: Trail, event: Event) -> RecordingVerdict:
    """Return whether a trail (or event data store) of a snapshot records an event.

    `trail` is raw: AWS's own keys, with `status`, `event_selectors`,
    `insight_selectors` and `_state` beside them, or `Unknown` in the place of a part.
    The answer unpacks into `verdict, reason`; the reason names the event selector,
    field, operator and value that decide.  An event without `recipientAccountId` is
    taken as one of the trail's own account.

    Raises nothing.
    """
    return prepared(trail)(event)


def prepared(trail: Trail) -> Recorder:
    """Prepare a trail once and keep it for the next question about it.

    A trail that was changed in place since is prepared anew.
    """
    kept = _recorders.get(id(trail))
    if kept is None or kept[0] is not trail or not _same(kept[1], trail):
        kept = (trail, _copy(trail), recorder(trail))
        if len(_recorders) >= _KEPT:
            _recorders.clear()
        _recorders[id(trail)] = kept
    return kept[2]


def recorder(trail: Trail) -> Recorder:
    """Prepare `records` for one trail, for whoever has many events to ask about.

    The trail must not be changed while the answer is in use: unlike `records` it does
    not look, which counts for a trail with hundreds of values.
    """
    return Recorder(scope(trail), selection(trail), trail)


class Recorder:
    """What is read of one trail, ready to judge events."""

    __slots__ = ("scope", "selection", "trail")

    def __init__(self, scope: Scope, selection: Selection, trail: Trail) -> None:
        self.scope = scope
        self.selection = selection
        self.trail = trail

    def __call__(self, event: Event) -> RecordingVerdict:
        """Return whether the trail records an event."""
        held = self.scope.judge(event)
        if held is not None and held.verdict is False:
            return held
        selected = self._select(event)
        if selected.verdict is False or held is None:
            return selected
        return held

    def _select(self, event: Event) -> RecordingVerdict:
        category = category_of(event)
        if self.scope.holder == "trail":
            if category == "Insight":
                return insights.judge(self.trail, event, self.selection)
            if category == "Aggregated":
                return insights.judge_aggregated(self.trail)
        return self.selection.judge(event, category)


def _same(kept: object, trail: Trail) -> bool:
    try:
        return kept == trail
    except UnknownValue:
        return False


def _copy(value: object) -> object:
    """Copy objects and arrays; equality with the original is then quick to see."""
    if isinstance(value, Mapping):
        return {key: _copy(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_copy(part) for part in value]
    return value
