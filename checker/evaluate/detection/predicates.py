"""Remember what conditions found of a value, with the value.

A log holds the same programs, addresses and parameters over and over.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import msgspec

from checker import conditions
from checker.evaluate.detection.field_types import field_type
from checker.evaluate.detection.header import CALLER, Names, decode_json, set_field
from checker.evaluate.detection.identities import (
    ERRORS,
    Caller,
    Key,
    MemoryBudget,
    Test,
)
from checker.model.columns import Coded

Absent: TypeAlias = Callable[[bytes], bool]

FEW = 6
"""So few values are asked one by one: to ask them together would take longer."""

_PATIENCE = 1000
"""So many values are remembered before it is asked whether they come again."""


class Predicate(msgspec.Struct, frozen=True):
    """A part of a condition that reads some fields of a header.

    `absent` tells of many texts in the one field whether the part holds on none.  With
    `alternatives` the part holds if one of them does.
    """

    test: Test
    fields: tuple[Names, ...]
    absent: Absent | None = None
    alternatives: tuple[Predicate, ...] = ()


class PredicateCache:
    """The questions on some fields, and what was found of the values that came.

    Each question comes with a mask: the conditions that do not hold unless it does.
    """

    __slots__ = (
        "__weakref__",
        "_absent",
        "_came",
        "_fields",
        "_full",
        "_missed",
        "_room",
        "_starts",
        "_tests",
        "_types",
        "known",
    )

    def __init__(
        self,
        fields: tuple[Names, ...],
        asked: Iterable[tuple[Predicate, int]],
        full: int,
        room: MemoryBudget,
    ) -> None:
        """Remember nothing yet."""
        asked = list(asked)
        self._fields = fields
        # What callers hold was looked at when they were decoded.
        self._types = [None if each == CALLER else field_type(each) for each in fields]
        first = self._types[0]
        self._starts = first.starts if first and len(fields) == 1 else None
        self._tests = [(each.test, mask) for each, mask in asked]
        self._absent = [(each.absent, mask) for each, mask in asked if each.absent]
        if len(self._absent) < len(asked):
            self._absent = []
        self._full = full
        self._came = self._missed = 0
        self._room = room
        self.known: dict[Key, int] = {}
        room.share(self)

    def forget(self) -> None:
        """Forget what was found of every value."""
        self.known.clear()

    def mask(self, key: Key) -> int:
        """Return the mask for one value; of several fields that is a tuple."""
        found = self.known.get(key)
        self._came += 1
        if found is None:
            doubts = self._room.doubts
            (found,) = self._ask_all((key,))
            if (
                doubts == self._room.doubts
                and not self._is_hopeless
                and self._room.take(key)
            ):
                self.known[key] = found
            self._missed += 1
        return found

    @property
    def _is_hopeless(self) -> bool:
        """Whether values hardly ever come again, and are not worth remembering."""
        return self._missed > _PATIENCE and self._missed * 2 > self._came

    def masks(self, keys: Sequence[Key]) -> Sequence[int]:
        """Return the mask for each value; of several fields that is a tuple."""
        if isinstance(keys, Coded):
            self._came += len(keys) - len(keys.values)
            return keys.map(self.masks)
        known = self.known
        self._came += len(keys)
        try:
            return list(map(known.__getitem__, keys))
        except KeyError:
            pass
        if self._is_hopeless:
            self._missed += len(keys)
            return self._ask_all(keys)
        unknown = list(set(keys).difference(known))
        self._missed += len(unknown)
        doubts = self._room.doubts
        found = dict(zip(unknown, self._ask_all(unknown), strict=True))
        if doubts == self._room.doubts:
            known.update(each for each in found.items() if self._room.take(each[0]))
        return [found[key] if key in found else known[key] for key in keys]

    def _ask_all(self, keys: Sequence[Key]) -> list[int]:
        """Ask of many values, at one go if that is enough."""
        if not self._absent or not keys:
            return list(map(self._ask, keys))
        texts = _joined(keys, self._starts)
        if texts is not None and all(absent(texts) for absent, _ in self._absent):
            needed = [mask for _, mask in self._absent]
            mask = self._full & ~functools.reduce(operator.or_, needed)
            return [mask] * len(keys)
        if len(keys) == 1:
            return [self._ask(keys[0])]
        # What is not in one half need not be asked there of each value.
        middle = len(keys) // 2
        return self._ask_all(keys[:middle]) + self._ask_all(keys[middle:])

    def _ask(self, key: Key) -> int:
        if key.__class__ is Caller:
            mask = self._full
            for test, needed_by in self._tests:
                if mask & needed_by and not key.passes(test):
                    mask &= ~needed_by
            return mask
        event: dict[str, Any] = {}
        values: Iterable[Key] = (key,) if len(self._fields) == 1 else key
        try:
            for field, kind, key_ in zip(
                self._fields, self._types, values, strict=True
            ):
                value = plain(key_)
                if kind and kind.misfit("", value):
                    return self._in_doubt()
                set_field(event, field, value)
        except ERRORS:
            # Decoding the whole event will say what is wrong with it.
            return self._in_doubt()
        mask = self._full
        for test, needed_by in self._tests:
            if mask & needed_by and not conditions.holds(test(event)):
                mask &= ~needed_by
        return mask

    def _in_doubt(self) -> int:
        self._room.doubts += 1
        return self._full


def _joined(keys: Sequence[Key], starts: frozenset[int] | None) -> bytes | None:
    """Put many values together, so as to search them at one go.

    None where one of them needs a look of its own: JSON has to begin with `starts`.
    """
    if keys[0].__class__ is bytes:
        if starts is not None and not starts.issuperset([key[0] for key in keys]):
            return None
        texts = b"\n".join(keys)
        # What is escaped in JSON would have to be decoded.
        return None if b"\\" in texts else texts
    found = "\n".join([key for key in keys if key.__class__ is str])
    return found.encode(errors="replace")


def plain(key: Key) -> Any:
    """Return the value of a field as it is in a decoded event."""
    if key.__class__ is bytes:
        return decode_json(key)
    return key.value if key.__class__ is Caller else key
