"""The story of one identity: its calls, its sessions, what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checker.model import Level, Statistics, Unreadable


@dataclass(frozen=True, slots=True)
class Issued:
    """Credentials that a call returned: the access key, whose it is, and the call."""

    key: str
    arn: str | None
    call: str


@dataclass(frozen=True, slots=True)
class Call:
    """One event of the story; `session` is its access key, or else its caller.

    `findings` are the names of the rules that hold on it, worst first, with the level.
    """

    time: str
    session: str
    source: str
    name: str
    region: str
    address: str
    agent: str
    error: str | None
    event_id: str | None
    issued: Issued | None = None
    findings: tuple[tuple[str, Level], ...] = ()


@dataclass(slots=True)
class Session:
    """One set of credentials: whose they are, how they were got, what they did."""

    name: str
    caller: str
    kind: str
    parent: str | None = None
    issued_by: str | None = None
    issued_at: str | None = None
    events: int = 0
    denied: int = 0
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What an identity did, in time; `omitted` calls are counted and not listed."""

    sessions: tuple[Session, ...]
    calls: tuple[Call, ...]
    omitted: int
    regions: Mapping[str, int]
    addresses: Mapping[str, int]
    agents: Mapping[str, int]
    services: Mapping[str, tuple[int, int]]
    findings: Mapping[tuple[str, Level], int]
    events: int = 0
    denied: int = 0
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A story, whose it is, and what was read for it."""

    identity: str
    kind: str
    story: Story
    statistics: Statistics
    problems: tuple[Unreadable, ...]
    notes: tuple[str, ...]
