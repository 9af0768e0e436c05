"""Callers again: what a userIdentity holds is decoded once.

A log holds the same callers over and over: each session makes many calls, and so do the
services of AWS.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import msgspec

from checker import conditions
from checker.evaluate.detection.field_types import field_type
from checker.evaluate.detection.header import CALLER, decode_json
from checker.model import Header
from checker.model.columns import Coded, HeaderColumns, HeaderList

Test: TypeAlias = Callable[[Any], Any]
Key: TypeAlias = Any
"""The value of a field, to be looked up: text, a flag, JSON as bytes, a caller, or a
tuple of such."""

ERRORS = (msgspec.DecodeError, ValueError, RecursionError)
"""What JSON raises that is damaged where nobody has looked yet."""

_TYPE = field_type(CALLER)
_LONGEST = 2048
"""Longer values, in bytes or characters, are not remembered."""

BYTES_OF_UNIT = 128
"""So long are values that take one unit of room."""

_SIZED = (str, bytes)
_DECODED = 20
"""What a caller takes, decoded and with its answers, in units of room."""


class Forgetful(Protocol):
    """What remembers values, and can forget them."""

    def forget(self) -> None:
        """Forget all of them."""


class MemoryBudget:
    """How much is remembered, in values of about a hundred bytes, and by whom.

    `doubts` counts what was asked of a value that cannot be read as it should be: the
    answer, that anything may hold, is never remembered.
    """

    __slots__ = ("_shared_by", "doubts", "taken")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.taken = self.doubts = 0
        self._shared_by: weakref.WeakSet[Forgetful] = weakref.WeakSet()

    def share(self, with_: Forgetful) -> None:
        """Let somebody take room who will forget what is in it when it is needed."""
        self._shared_by.add(with_)

    def clear(self) -> None:
        """Have everything forgotten."""
        for each in self._shared_by:
            each.forget()
        self.taken = 0

    def take(self, key: Key) -> bool:
        """Take room for a value, unless it is too long to be worth it."""
        values = key if key.__class__ is tuple else (key,)
        length = sum([len(each) for each in values if isinstance(each, _SIZED)])
        if length > _LONGEST:
            return False
        self.taken += 1 + length // BYTES_OF_UNIT
        return True


class Caller:
    """What a userIdentity holds, decoded; `odd` if it is no good for a header."""

    __slots__ = ("_known", "odd", "type", "value")

    def __init__(self, json: bytes) -> None:
        """Decode it."""
        self.odd = False
        self.value = kind = None
        try:
            self.value = decode_json(json)
        except ERRORS:
            self.odd = True
        if self.value is not None:
            self.odd = _TYPE is None or _TYPE.misfit("", self.value) is not None
        if self.value.__class__ is dict and not self.odd:
            kind = self.value.get("type")
        self.type: str | None = kind
        self._known: dict[Test, bool] = {}

    def passes(self, test: Test) -> bool:
        """Return whether a test holds that reads nothing else of an event."""
        # Conditions of many groups ask the same: whether a service made the call, say.
        found = self._known.get(test)
        if found is None:
            event = {CALLER[0]: self.value}
            found = self._known[test] = conditions.holds(test(event))
        return found


class IdentityCache:
    """The callers that were seen, by their JSON."""

    def __init__(self, room: MemoryBudget) -> None:
        """Remember none yet."""
        self._known: dict[bytes, Caller] = {}
        self._room = room
        room.share(self)

    def of(self, headers: Sequence[Header]) -> Sequence[Caller]:
        """Return the caller of each header: for the same JSON the same one."""
        if isinstance(headers, HeaderColumns | HeaderList):
            return headers.identities.map(self._of)
        return self._of(list(map(bytes, map(_identity, headers))))

    def _of(self, keys: Sequence[bytes]) -> list[Caller]:
        known = self._known
        try:
            return list(map(known.__getitem__, keys))
        except KeyError:
            pass
        found = {key: Caller(key) for key in set(keys).difference(known)}
        known.update(each for each in found.items() if self._room.take(each[0]))
        self._room.taken += _DECODED * len(found)
        return [known[key] if key in known else found[key] for key in keys]

    def forget(self) -> None:
        """Forget all of them."""
        self._known.clear()


_identity = operator.attrgetter(*CALLER)


class Rows(NamedTuple):
    """Some events: the header and the caller of each."""

    headers: Sequence[Header]
    callers: Sequence[Caller]

    def at(self, positions: Sequence[int]) -> Rows:
        """Return the events at some positions."""
        headers, callers = self
        some: Sequence[Header] = (
            headers.at(positions)
            if isinstance(headers, HeaderColumns)
            else [headers[at] for at in positions]
        )
        if isinstance(callers, Coded):
            return Rows(some, callers.at(positions))
        return Rows(some, [callers[at] for at in positions])
