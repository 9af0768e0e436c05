"""The answer to whether a trail records an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.conditions.unknown import Cause, Unknown


@dataclass(frozen=True, slots=True)
class RecordingVerdict:
    """`verdict` True, False or None (unknown), and the `reason` that decides it.

    It unpacks into those two.  `cause` says why an unknown one is not known.
    `obstacles` are the parts of event selectors that decide: the label of each, and
    the field.
    """

    verdict: bool | None
    reason: str
    cause: Cause = Cause.UNDECIDABLE
    obstacles: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Any]:
        yield self.verdict
        yield self.reason


def yes(reason: str) -> RecordingVerdict:
    """Describe that the event is recorded."""
    return RecordingVerdict(verdict=True, reason=reason)


def no(reason: str, obstacles: tuple[tuple[str, str], ...] = ()) -> RecordingVerdict:
    """Describe that the event is not recorded."""
    return RecordingVerdict(verdict=False, reason=reason, obstacles=obstacles)


def unknown(
    reason: str,
    cause: Cause = Cause.UNDECIDABLE,
    obstacles: tuple[tuple[str, str], ...] = (),
) -> RecordingVerdict:
    """Return that it is not known from what AWS says and the snapshot holds."""
    return RecordingVerdict(None, reason, cause, obstacles)


STATES = {
    "denied": Cause.DENIED,
    "throttled": Cause.THROTTLED,
    "unsupported": Cause.UNSUPPORTED,
    "gone": Cause.GONE,
    "error": Cause.BROKEN_ANSWER,
}
"""The cause for each `_state` of a snapshot that is neither ok nor absent."""


def part(holder: Mapping[str, Any], name: str) -> Any:
    """Return a collected part of a snapshot entry, or an `Unknown` that says why not.

    An `absent` part is null: AWS says that nothing is configured.
    """
    value = holder.get(name)
    if value.__class__ is Unknown:
        return value
    states = holder.get("_state")
    state = states.get(name) if isinstance(states, Mapping) else None
    if state not in (None, "ok", "absent"):
        return Unknown(f"{name}: {state}", STATES.get(state, Cause.BROKEN_ANSWER))
    if value is None and state is None:
        return Unknown(f"{name}: not collected", Cause.NOT_COLLECTED)
    return value


def readable(trail: Mapping[str, Any] | Unknown) -> Mapping[str, Any]:
    """Stand in for trails that are not known to exist or not: all of it unknown."""
    if not isinstance(trail, Unknown):
        return trail
    parts = ("status", "event_selectors", "IsMultiRegionTrail", "IsOrganizationTrail")
    name = "a trail or event data store that is not known"
    return {"Name": name, **dict.fromkeys((STANDS_FOR, *parts), trail)}


STANDS_FOR = "_unknown"
"""The key under which a stand-in has what is known of those that it stands for."""
