"""Add up the events of one identity to its story, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from checker.evaluate.correlation.hit import milliseconds
from checker.model import Event, Level
from checker.story import Call, Issued, Session, Story

MOST_CALLS: Final = 100_000
"""How many events the timeline holds; of the others only the numbers are kept."""

MOST_VALUES: Final = 10_000
"""How many addresses, user agents, … are told apart; the rest is counted as one."""

OTHERS: Final = "(others)"
_LONGEST: Final = 500


@dataclass(slots=True)
class StoryBuilder:
    """Collects the calls of a story, in whatever order they are read."""

    links: Mapping[str, tuple[str, Issued, str]]
    """For each access key that was issued: the session that got it, and when."""
    calls: list[Call] = field(default_factory=list)
    omitted: int = 0
    timeless: int = 0
    """How many events have no time that can be read."""
    sessions: dict[str, Session] = field(default_factory=dict)
    regions: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    agents: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, Level]] = field(default_factory=Counter)

    def add(self, call: Call, event: Event) -> None:
        """Add one event."""
        self.timeless += milliseconds(call.time) is None
        self._session(call, event)
        _count(self.regions, call.region)
        _count(self.addresses, call.address)
        _count(self.agents, call.agent)
        _count(self.services, call.source)
        if call.error:
            _count(self.refused, call.source)
        self.findings.update(call.findings)
        if len(self.calls) < MOST_CALLS:
            self.calls.append(call)
        else:
            self.omitted += 1

    def _session(self, call: Call, event: Event) -> None:
        key = call.session
        if key not in self.sessions and len(self.sessions) >= MOST_VALUES:
            key = OTHERS
        found = self.sessions.get(key)
        if found is None:
            caller, kind = caller_of(event)
            found = Session(key, caller, kind)
            if key in self.links:
                parent, how, when = self.links[key]
                found.parent, found.issued_by, found.issued_at = parent, how.call, when
            self.sessions[key] = found
        found.events += 1
        found.denied += bool(call.error)
        found.first = _earliest((found.first, call.time))
        found.last = _latest((found.last, call.time))

    def story(self) -> Story:
        """Return the story so far, its calls in the order of time."""
        sessions = sorted(
            self.sessions.values(), key=lambda one: (*_moment(one.first), one.name)
        )
        return Story(
            sessions=tuple(sessions),
            calls=tuple(
                sorted(
                    self.calls, key=lambda one: (*_moment(one.time), str(one.event_id))
                )
            ),
            omitted=self.omitted,
            regions=_ranked(self.regions),
            addresses=_ranked(self.addresses),
            agents=_ranked(self.agents),
            services={
                name: (number, self.refused[name])
                for name, number in _ranked(self.services).items()
            },
            findings=dict(
                sorted(
                    self.findings.items(), key=lambda row: (_rank(row[0]), row[0][0])
                )
            ),
            events=sum(one.events for one in sessions),
            denied=sum(one.denied for one in sessions),
            first=_earliest(one.first for one in sessions),
            last=_latest(one.last for one in sessions),
        )


def call_of(
    event: Event, issued: Issued | None, findings: Iterable[tuple[str, Level]]
) -> Call:
    """Return what the story keeps of an event."""
    return Call(
        time=_text(event, "eventTime"),
        session=session_of(event),
        source=_text(event, "eventSource"),
        name=_text(event, "eventName"),
        region=_text(event, "awsRegion"),
        address=_text(event, "sourceIPAddress"),
        agent=_text(event, "userAgent"),
        error=_text(event, "errorCode") or _failed_sign_in(event),
        event_id=_text(event, "eventID") or None,
        issued=issued,
        findings=tuple(sorted(findings, key=lambda row: (_rank(row), row[0]))),
    )


def _failed_sign_in(event: Event) -> str | None:
    """Return that a sign-in failed: AWS writes no errorCode for one.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
    """
    answer, name = event.get("responseElements"), event.get("eventName")
    if not isinstance(answer, Mapping) or not isinstance(name, str):
        return None
    return "Failure" if answer.get(name) == "Failure" else None


def session_of(event: Event) -> str:
    """Return what tells a caller's sessions apart: the access key, else the caller."""
    caller = event.get("userIdentity")
    key = caller.get("accessKeyId") if isinstance(caller, Mapping) else None
    return key if isinstance(key, str) and key else caller_of(event)[0]


def caller_of(event: Event) -> tuple[str, str]:
    """Return the best name of the caller, and the type of its identity."""
    caller: Any = event.get("userIdentity")
    if not isinstance(caller, Mapping):
        return "unknown", ""
    named = (
        caller.get(key)
        for key in ("arn", "userName", "principalId", "invokedBy", "accountId", "type")
    )
    found = next((name for name in named if isinstance(name, str) and name), "unknown")
    kind = caller.get("type")
    return found[:_LONGEST], kind if isinstance(kind, str) else ""


def _moment(time: str) -> tuple[bool, int, str]:
    """Return what sorts times; those that cannot be read come last."""
    number = milliseconds(time)
    return number is None, number or 0, time


def _earliest(times: Iterable[str]) -> str:
    """Return the earliest time of those that can be read; empty if there is none."""
    return min(_readable(times), key=_moment, default="")


def _latest(times: Iterable[str]) -> str:
    return max(_readable(times), key=_moment, default="")


def _readable(times: Iterable[str]) -> list[str]:
    return [time for time in times if milliseconds(time) is not None]


def _text(event: Event, name: str) -> str:
    value = event.get(name)
    return value[:_LONGEST] if isinstance(value, str) else ""


def _count(counts: Counter[str], value: str) -> None:
    if value:
        known = value in counts or len(counts) < MOST_VALUES
        counts[value if known else OTHERS] += 1


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


_LEVELS: Final[Sequence[Level]] = tuple(reversed(Level))


def _rank(row: tuple[str, Level]) -> int:
    return _LEVELS.index(row[1])
