"""Ask many events at once what conditions want to know of their headers.

A column is one field of many headers, or some fields together, and the answers on what
stands there (`evaluate.questions`).
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from checker.evaluate.detection.header import (
    CALLER,
    NULL,
    Names,
    is_text,
    keys_reader,
    opener,
    place_of,
    reader,
)
from checker.evaluate.detection.identities import Key, Rows
from checker.evaluate.detection.predicates import PredicateCache
from checker.model.columns import HeaderColumns, SomeHeaders, distinct


class Field(Protocol):
    """A way to read one field, of an event or of many."""

    def value(self, rows: Rows, at: int, /) -> Key:
        """Return the value in one of many events."""

    def values(self, rows: Rows) -> Sequence[Key]:
        """Return the values in many events."""


class _Text:
    """A field that a header holds as it is."""

    def __init__(self, field: Names) -> None:
        self._get = reader(field)
        self._name = field[0]

    def value(self, rows: Rows, at: int) -> Key:
        headers = rows.headers
        if type(headers) is HeaderColumns:
            return headers.read(self._name)(at)
        return self._get(headers[at])

    def values(self, rows: Rows) -> Sequence[Key]:
        headers = rows.headers
        if isinstance(headers, HeaderColumns | SomeHeaders):
            return headers.column(self._name)
        return list(map(self._get, headers))


class _Json(_Text):
    """A field that a header holds as JSON."""

    def value(self, rows: Rows, at: int) -> Key:
        return bytes(super().value(rows, at))

    def values(self, rows: Rows) -> Sequence[Key]:
        return list(map(bytes, super().values(rows)))


class _Caller:
    """The field that says who made a call."""

    def value(self, rows: Rows, at: int) -> Key:
        return rows.callers[at]

    def values(self, rows: Rows) -> Sequence[Key]:
        return rows.callers


def field_reader(field: Names) -> Field:
    """Return the way to read a field that a header holds as a whole."""
    if field == CALLER:
        return _Caller()
    return _Text(field) if is_text(field) else _Json(field)


class Asked(Protocol):
    """What can be asked of an event, or of many at once."""

    def mask(self, rows: Rows, at: int, /) -> int:
        """Return the mask of the conditions that may hold on one of many events."""

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""


class Column:
    """One field, and the answers on it."""

    __slots__ = ("_field", "answers", "mask")

    mask: Callable[[Rows, int], int]
    """Returns the mask of the conditions that may hold on one of many events."""

    def __init__(self, field: Field, answers: PredicateCache) -> None:
        """Take the answers on the field."""
        self._field = field
        self.answers = answers
        value, known, ask = field.value, answers.known.get, answers.mask

        # Most of what is asked of single events is this: the fewest calls.
        def mask(rows: Rows, at: int) -> int:
            key = value(rows, at)
            found = known(key)
            return ask(key) if found is None else found

        self.mask = mask

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""
        return self.answers.masks(self._field.values(rows))

    def never_matches(self, rows: Rows) -> bool:
        """Return whether no condition can hold, as far as that is known."""
        known = self.answers.known
        values = set(distinct(self._field.values(rows)))
        return known.keys() >= values and not any(map(known.__getitem__, values))


class _Keys:
    """Some keys of an opened object, also with whole fields, and what they answer."""

    __slots__ = ("_absent", "_answers", "_get", "_key", "_nulls", "_whole")

    def __init__(self, fields: Sequence[Names], answers: PredicateCache) -> None:
        """Take the fields, whole ones first, and the answers."""
        inside = [field for field in fields if place_of(field) != field]
        whole = fields[: len(fields) - len(inside)]
        self._whole = list(map(field_reader, whole))
        self._answers = answers
        is_one = len(fields) == 1
        self._get = reader(inside[0]) if is_one else keys_reader(inside)
        nulls: Any = NULL if is_one else (NULL,) * len(inside)
        self._key: Callable[[Any], Key] = bytes if is_one else _as_bytes
        self._nulls = nulls
        self._absent = self._key(nulls)

    def mask(self, opened: Any, rows: Rows, at: int) -> int:
        """Return the mask of the conditions that may hold on an event."""
        key = self._key(self._get(opened))
        if self._whole:
            key = (*[each.value(rows, at) for each in self._whole], *key)
        return self._answers.mask(key)

    def masks(self, objects: Sequence[Any] | None, rows: Rows) -> Sequence[int]:
        """Return that of each event; without `objects` none has any of the keys."""
        # Most objects have few of the keys that somebody asks for.
        values = [] if objects is None else list(map(self._get, objects))
        is_absent = values.count(self._nulls) == len(values)
        number = len(rows.callers)
        if is_absent and not self._whole:
            return [self._answers.mask(self._absent)] * number
        keys = [self._absent] * number if is_absent else list(map(self._key, values))
        if self._whole:
            whole = zip(*[each.values(rows) for each in self._whole], strict=True)
            keys = list(map(operator.add, whole, keys))
        return self._answers.masks(keys)


def _as_bytes(values: Iterable[msgspec.Raw]) -> tuple[bytes, ...]:
    return tuple(map(bytes, values))


class NestedColumn:
    """A field that holds an object, and the answers on its keys."""

    __slots__ = ("_full", "_keys", "_opener", "_place")

    def __init__(
        self,
        place: Names,
        answers: Mapping[tuple[Names, ...], PredicateCache],
        full: int,
    ) -> None:
        """Take the answers on keys of the object, perhaps with whole fields."""
        fields = {each for some in answers for each in some if place_of(each) != each}
        self._place = _Text(place)
        self._opener = opener({field[-1] for field in fields})
        self._keys = [_Keys(fields, each) for fields, each in answers.items()]
        self._full = full

    def mask(self, rows: Rows, at: int) -> int:
        """Return the mask of the conditions that may hold on one of many events."""
        opened = self._opener.open(self._place.value(rows, at))
        mask = self._full
        for each in self._keys:
            mask &= each.mask(opened, rows, at)
        return mask

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""
        objects = self._opener.open_all(self._place.values(rows))
        is_empty = objects.count(self._opener.nothing) == len(objects)
        some = None if is_empty else objects
        masks: Sequence[int] = [self._full] * len(objects)
        for each in self._keys:
            masks = list(map(operator.and_, masks, each.masks(some, rows)))
            if not any(masks):
                break
        return masks


class TupleColumn:
    """Several fields, and the answers on them together."""

    __slots__ = ("_answers", "_opened", "_whole")

    def __init__(self, fields: Sequence[Names], answers: PredicateCache) -> None:
        """Take the fields, whole ones first, and the answers on them in their order."""
        self._whole = [field_reader(each) for each in fields if place_of(each) == each]
        self._opened = []
        inside = fields[len(self._whole) :]
        for place, keys in itertools.groupby(inside, place_of):
            some = list(keys)
            keys_of = opener({field[-1] for field in some})
            self._opened.append((_Text(place), keys_of, list(map(reader, some))))
        self._answers = answers

    def mask(self, rows: Rows, at: int) -> int:
        """Return the mask of the conditions that may hold on one of many events."""
        values = [each.value(rows, at) for each in self._whole]
        for place, keys_of, keys in self._opened:
            opened = keys_of.open(place.value(rows, at))
            values += [bytes(key(opened)) for key in keys]
        return self._answers.mask(tuple(values))

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""
        columns: list[Iterable[Key]] = [each.values(rows) for each in self._whole]
        for place, keys_of, keys in self._opened:
            objects = keys_of.open_all(place.values(rows))
            columns += [map(bytes, map(key, objects)) for key in keys]
        return self._answers.masks(list(zip(*columns, strict=True)))


class EitherColumn:
    """Columns of which one has to answer that a condition may hold."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Iterable[Asked]) -> None:
        """Take the columns."""
        self._columns = tuple(columns)

    def mask(self, rows: Rows, at: int) -> int:
        """Return the mask of the conditions that may hold on one of many events."""
        mask = 0
        for each in self._columns:
            mask |= each.mask(rows, at)
        return mask

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""
        first, *others = [each.masks(rows) for each in self._columns]
        for other in others:
            first = list(map(operator.or_, first, other))
        return first
