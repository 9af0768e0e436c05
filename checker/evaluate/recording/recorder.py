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
from checker.conditions.unknown import Unknown
from checker.evaluate.recording import insights
from checker.evaluate.recording.event_selector import Event
from checker.evaluate.recording.scope import Scope, scope
from checker.evaluate.recording.selection import Selection, selection
from checker.evaluate.recording.verdict import RecordingVerdict, readable

Trail: TypeAlias = Mapping[str, Any]


def records(trail: Trail, event: Event) -> RecordingVerdict:
    """Return whether a trail (or event data store) of a snapshot records an event.

    `trail` is raw: AWS's own keys, with `status`, `event_selectors`,
    `insight_selectors` and `_state` beside them, or `Unknown` in the place of a part.
    The answer unpacks into `verdict, reason`; the reason names the event selector,
    field, operator and value that decide.  An event without `recipientAccountId` is
    taken as one of the trail's own account.  A caller with many events
    prepares the trail once, with `recorder`.

    Raises nothing.
    """
    return recorder(trail)(event)


def recorder(trail: Trail) -> Recorder:
    """Prepare `records` for one trail, for a caller with many events.

    The trail must not be changed while the answer is in use.
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


class Recorders:
    """Trails, each prepared at the first question: for an audit with many of them.

    One is handed to everything that asks about the same settings, which must not
    change meanwhile.
    """

    __slots__ = ("_prepared",)

    def __init__(self) -> None:
        # A trail that is held keeps its id from being used again.
        self._prepared: dict[int, tuple[Trail | Unknown, Recorder]] = {}

    def of(self, trail: Trail | Unknown) -> Recorder:
        """Return the recorder of a trail, or of one that may exist but is not known."""
        known = self._prepared.get(id(trail))
        if known is None:
            known = trail, recorder(readable(trail))
            self._prepared[id(trail)] = known
        return known[1]
