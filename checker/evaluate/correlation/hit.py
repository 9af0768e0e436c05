"""One match as a correlation sees it."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import operator
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias, cast

from checker.model import SUBJECT, Event

Key: TypeAlias = str | int | float | None
"""A value of a field, fit to be compared and hashed; None means that it is absent."""

Learned: TypeAlias = Mapping[str, Mapping[tuple[Key, ...], int]]
"""When each combination of values was last seen (ms), by the rule's name."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EVENT_TIME = SUBJECT.index("eventTime")
_LONGEST = 256
_LONGEST_TIME = 64


class Signal(NamedTuple):
    """One match of a rule that some correlation counts: small, picklable, sortable.

    `time` is the event's, in milliseconds since 1970; `event` its eventID.  An event
    without one is told from others by a text of its own, and `content` is then the
    SHA-256 of what it says; None for an event with an eventID.  `keys` holds the values
    of the fields that the plan carries for `origin`, the detection rule behind the
    match: `rule` itself, unless the match is that of a correlation, whose burst `burst`
    then names.  `about` is the subject of
    a finding on this event, without its type and id; `place` says where in the input
    `uri` it stands, for whoever put it there.

    A named tuple and no dataclass: there are millions, and tuples sort, build and
    pickle several times faster.
    """

    time: int
    event: str
    rule: str
    origin: str
    keys: tuple[Key, ...]
    shared: str | None = None
    burst: str | None = None
    uri: str = ""
    record: int = 0
    about: tuple[str | None, ...] = ()
    place: tuple[int | None, ...] = ()
    content: str | None = None

    @property
    def identity(self) -> str:
        """Return the name of the event in every run: its id, or its contents."""
        return self.event if self.content is None else self.content

    @property
    def event_id(self) -> str | None:
        """Return the eventID, if the event has one."""
        return self.event if self.content is None else None

    @property
    def event_time(self) -> str | None:
        """Return the eventTime as the event says it."""
        return self.about[_EVENT_TIME] if self.about else None

    def subject(self) -> dict[str, Any]:
        """Return the event as the subject of a finding (`schemas/report.json`)."""
        about = self.about or (None,) * len(SUBJECT)
        about_event = dict(zip(SUBJECT, about, strict=True))
        return {"type": "event", "id": self.event_id, **about_event}


_new = cast(Callable[[type[Signal], Any], Signal], tuple.__new__)


class SignalBuilder:
    """An event as the hits of all rules on it see it."""

    __slots__ = ("_about", "_content", "_id", "_place", "_shared", "time")

    def __init__(
        self, event: Event, about: Sequence[Any], place: tuple[str, int]
    ) -> None:
        """Look at an event: `time` is None when its eventTime cannot be read.

        `about` is what its subject says of it, as `SUBJECT` has it, and `place` the
        input and the record's number in it.
        """
        self.time = milliseconds(event.get("eventTime"))
        self._place = place
        event_id, shared = event.get("eventID"), event.get("sharedEventID")
        self._content: str | None = None
        if isinstance(event_id, str):
            self._id = event_id
        else:
            self._content = _content(event)
            self._id = _unnamed(self._content, place)
        self._shared = shared if isinstance(shared, str) and shared else None
        self._about = interned(about)

    def hit(self, rule: str, keys: tuple[Key, ...]) -> Signal | None:
        """Make the hit of a rule on it; None when it has no time.

        `keys` are the values of the fields that the plan carries.
        """
        if self.time is None:
            return None
        return signal(
            self.time,
            self._id,
            rule,
            keys,
            self._shared,
            self._place,
            self._about,
            self._content,
        )


def signal(  # noqa: PLR0913, PLR0917 - by their names would take twice as long
    time: int,
    event: str,
    rule: str,
    keys: tuple[Key, ...],
    shared: str | None,
    place: tuple[str, int],
    about: tuple[str | None, ...],
    content: str | None = None,
) -> Signal:
    """Make the hit of a detection rule, from the fields of a `Signal`."""
    made = (time, event, rule, rule, keys, shared, None, *place, about, (), content)
    return _new(Signal, made)


def interned(about: Iterable[Any]) -> tuple[str | None, ...]:
    """Return what the subject says of an event; None for what is no text.

    One copy of a text that many events have halves what a hit takes.
    """
    about = tuple(about)
    try:
        return tuple(map(sys.intern, about))
    except TypeError:
        return tuple(
            [sys.intern(each) if each.__class__ is str else None for each in about]
        )


def carried(value: object) -> Key:
    """Return the `key` of a value, as hits carry it."""
    if value.__class__ is str and len(value) <= _LONGEST:
        return sys.intern(value)
    return key(value)


def located(hit: Signal, place: tuple[int | None, ...]) -> Signal:
    """Let a signal carry where it stands (`Signal.place`)."""
    return _new(Signal, (*hit[:-2], place, hit[-1]))


def in_order(hits: Iterable[Signal]) -> list[Signal]:
    """Sort by (time, event, rule, origin)."""
    # Numbers sort fast, and hits of one time are few: this takes a third as long as to
    # compare whole hits.
    ordered: list[Signal] = []
    for _, same in itertools.groupby(sorted(hits, key=_time), _time):
        some = list(same)
        if len(some) > 1:
            try:
                # Hits begin with that: as they are, they sort faster than by a key.
                some.sort()
            except TypeError:
                # The same four twice, and a field behind them that has no order.
                some.sort(key=_order)
        ordered += some
    return ordered


_time = operator.itemgetter(0)
_order = operator.itemgetter(0, 1, 2, 3)


def key(value: object) -> Key:
    """Make a value fit to be compared: structures and booleans become their JSON text.

    CloudTrail writes booleans both as `true` and as `"true"`: here they are the same.
    Text beyond 256 characters is cut and told apart by its SHA-256.
    """
    if value.__class__ is str and len(value) <= _LONGEST:
        return value
    if value is None or type(value) in (int, float):
        return value  # type: ignore[return-value] # told by its class
    if not isinstance(value, str):
        value = json.dumps(value, sort_keys=True, separators=(",", ":"))
    if len(value) > _LONGEST:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{value[:_LONGEST]}… (SHA-256 {digest})"
    return value


def milliseconds(text: object) -> int | None:
    """Read an eventTime such as `2026-11-21T09:00:00Z`: milliseconds since 1970.

    A time without a zone is taken as UTC; None when the value is no time.
    """
    # What is no text may be no key of a cache either: a list, say.
    if not isinstance(text, str) or len(text) > _LONGEST_TIME:
        return None
    return _milliseconds(text)


@functools.lru_cache(maxsize=8192)
def _milliseconds(text: str) -> int | None:
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            time = time.replace(tzinfo=UTC)
        time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # no time, or one that no calendar has in UTC
    return (time - _EPOCH) // _MILLISECOND


def _content(event: Event) -> str:
    """Return the SHA-256 of what an event says."""
    text = json.dumps(event, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unnamed(content: str, place: tuple[str, int]) -> str:
    """Return a text for an event without an id: what it says, then where it stands.

    It sorts before every eventID, and what the event says comes first, so that the
    order of such events does not depend on the files that they came in.
    """
    return f"\x1f{content}\x1f{place[0]}\x1f{place[1]}"
