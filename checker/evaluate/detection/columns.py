"""Ask many events at once what conditions want to know of their headers.

A column is one field of many headers, or some fields together, and the answers on what
stands there (`evaluate.questions`).
"""

from __future__ import annotations

import contextlib
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from checker.evaluate.detection.header import (
    CALLER,
    NULL,
    Names,
    Opener,
    is_text,
    place_of,
    reader,
)
from checker.evaluate.detection.identities import (
    ERRORS,
    Caller,
    Key,
    MemoryBudget,
    Rows,
)
from checker.evaluate.detection.predicates import FEW, Predicate, PredicateCache
from checker.model import Header
from checker.model.columns import HeaderColumns, SomeHeaders, distinct

_ABSENT = bytes(NULL)


class Field(Protocol):
    """A way to read one field, of an event or of many."""

    def value(self, header: Header, caller: Caller, /) -> Key:
        """Return the value in an event."""

    def values(self, rows: Rows) -> Sequence[Key]:
        """Return the values in many events."""


class _Text:
    """A field that a header holds as it is."""

    def __init__(self, field: Names) -> None:
        self._get = reader(field)
        self._name = field[0]

    def value(self, header: Header, _: Caller) -> Key:
        return self._get(header)

    def values(self, rows: Rows) -> Sequence[Key]:
        headers = rows.headers
        if isinstance(headers, HeaderColumns | SomeHeaders):
            return headers.column(self._name)
        return list(map(self._get, headers))


class _Json(_Text):
    """A field that a header holds as JSON."""

    def value(self, header: Header, _: Caller) -> Key:
        return bytes(self._get(header))

    def values(self, rows: Rows) -> Sequence[Key]:
        return list(map(bytes, super().values(rows)))


class _Caller:
    """The field that says who made a call."""

    def value(self, _: Header, caller: Caller) -> Key:
        return caller

    def values(self, rows: Rows) -> Sequence[Key]:
        return rows.callers


def field_reader(field: Names) -> Field:
    """Return the way to read a field that a header holds as a whole."""
    if field == CALLER:
        return _Caller()
    return _Text(field) if is_text(field) else _Json(field)


class Asked(Protocol):
    """What can be asked of an event, or of many at once."""

    def mask(self, header: Header, caller: Caller, /) -> int:
        """Return the mask of the conditions that may hold on an event."""

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""


class Column:
    """One field, and the answers on it."""

    __slots__ = ("_field", "answers", "mask")

    mask: Callable[[Header, Caller], int]
    """Returns the mask of the conditions that may hold on an event."""

    def __init__(self, field: Field, answers: PredicateCache) -> None:
        """Take the answers on the field."""
        self._field = field
        self.answers = answers
        value, known, ask = field.value, answers.known.get, answers.mask

        # Most of what is asked of single events is this: the fewest calls.
        def mask(header: Header, caller: Caller) -> int:
            key = value(header, caller)
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


class NestedColumn:
    """A field that holds an object, and the answers on its keys."""

    __slots__ = ("_answers", "_full", "_get", "_keys", "_opener", "_place")

    def __init__(
        self, place: Names, answers: Iterable[tuple[str, PredicateCache]], full: int
    ) -> None:
        """Take the answers on each key."""
        found = dict(answers)
        self._get = reader(place)
        self._place = _Text(place)
        self._opener = Opener(found)
        self._keys = [reader((*place, key)) for key in found]
        self._answers = list(found.values())
        self._full = full

    def mask(self, header: Header, _: Caller) -> int:
        """Return the mask of the conditions that may hold on an event."""
        opened = self._opener.open(self._get(header))
        mask = self._full
        for get, answers in zip(self._keys, self._answers, strict=True):
            mask &= answers.mask(bytes(get(opened)))
        return mask

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""
        objects = self._opener.open_all(self._place.values(rows))
        masks = [self._full] * len(objects)
        for get, answers in zip(self._keys, self._answers, strict=True):
            values = list(map(get, objects))
            if values.count(NULL) == len(values):
                # Most objects have few of the keys that somebody asks for.
                found: Sequence[int] = [answers.mask(_ABSENT)] * len(values)
            else:
                found = answers.masks(list(map(bytes, values)))
            masks = list(map(operator.and_, masks, found))
        return masks


class TupleColumn:
    """Several fields, and the answers on them together."""

    __slots__ = ("_answers", "_opened", "_order", "_whole")

    def __init__(self, fields: Sequence[Names], answers: PredicateCache) -> None:
        """Take the answers on the fields, in their order."""
        whole = [field for field in fields if place_of(field) == field]
        inside = [field for field in fields if place_of(field) != field]
        self._whole = list(map(field_reader, whole))
        self._opened = []
        ordered = whole
        for place in sorted(set(map(place_of, inside))):
            some = [field for field in inside if place_of(field) == place]
            keys = Opener(field[-1] for field in some)
            self._opened.append((_Text(place), keys, list(map(reader, some))))
            ordered += some
        self._order = operator.itemgetter(*map(ordered.index, fields))
        self._answers = answers

    def mask(self, header: Header, caller: Caller) -> int:
        """Return the mask of the conditions that may hold on an event."""
        values = [each.value(header, caller) for each in self._whole]
        for place, opener, keys in self._opened:
            opened = opener.open(place.value(header, caller))
            values += [bytes(key(opened)) for key in keys]
        return self._answers.mask(self._order(values))

    def masks(self, rows: Rows) -> Sequence[int]:
        """Return for each event the mask of the conditions that may hold."""
        columns: list[Iterable[Key]] = [each.values(rows) for each in self._whole]
        for place, opener, keys in self._opened:
            objects = opener.open_all(place.values(rows))
            columns += [map(bytes, map(key, objects)) for key in keys]
        return self._answers.masks(list(zip(*self._order(columns), strict=True)))


class PredicateSet:
    """What some conditions ask of the headers of events."""

    __slots__ = ("_asked", "_columns", "_full", "_kept", "_turn")

    def __init__(self, columns: Iterable[Asked], full: int) -> None:
        """Take the columns, cheapest first, and the mask of all conditions."""
        self._columns = list(columns)
        self._full = full
        self._asked = dict.fromkeys(self._columns, 0)
        self._kept = dict.fromkeys(self._columns, 0)
        self._turn = 0

    def among(self, rows: Rows, positions: Sequence[int]) -> Iterable[tuple[int, int]]:
        """Return the positions of the events on which a condition may hold, and which.

        That is a mask, in the conditions' order from its lowest bit on.
        """
        if not self._columns:
            return zip(positions, itertools.repeat(self._full))
        if len(positions) >= FEW:
            with contextlib.suppress(*ERRORS):
                return self._together(rows, positions)
        return self._one_by_one(rows, positions)

    def _one_by_one(
        self, rows: Rows, positions: Sequence[int]
    ) -> Iterable[tuple[int, int]]:
        found = []
        for at in positions:
            try:
                mask = self._mask(rows.headers[at], rows.callers[at])
            except ERRORS:
                # Decoding the whole event will say what is wrong with it.
                mask = self._full
            if mask:
                found.append((at, mask))
        return found

    def _mask(self, header: Header, caller: Caller) -> int:
        mask = self._full
        columns = self._columns
        for place, column in enumerate(columns):
            mask &= column.mask(header, caller)
            if not mask:
                if place:
                    # What events fail is asked sooner and sooner.
                    columns[place], columns[place - 1] = columns[place - 1], column
                break
        return mask

    def _together(
        self, rows: Rows, positions: Sequence[int]
    ) -> Iterable[tuple[int, int]]:
        masks = [self._full] * len(positions)
        asked = rows.at(positions)
        for column in self._columns:
            self._asked[column] += len(positions)
            masks = list(map(operator.and_, masks, column.masks(asked)))
            if 0 in masks:
                positions = list(itertools.compress(positions, masks))
                if not positions:
                    break
                asked = rows.at(positions)
                masks = list(filter(None, masks))
            self._kept[column] += len(positions)
        self._turn += 1
        if self._turn & (self._turn - 1) == 0:
            # Ask first what most events have failed so far.
            self._columns.sort(key=self._share_kept)
        return zip(positions, masks, strict=False)

    def _share_kept(self, column: Asked) -> float:
        return self._kept[column] / (self._asked[column] or 1)


def questions(
    conditions_: Iterable[Sequence[Predicate]], room: MemoryBudget
) -> PredicateSet:
    """Put together what conditions ask: what they have in common is asked once."""
    asked: dict[tuple[Names, ...], dict[Predicate, int]] = {}
    full = 0
    for number, each in enumerate(conditions_):
        full |= 1 << number
        for question in each:
            of_fields = asked.setdefault(question.fields, {})
            of_fields[question] = of_fields.get(question, 0) | 1 << number
    answers = {
        fields: PredicateCache(fields, each.items(), full, room)
        for fields, each in asked.items()
    }
    return PredicateSet(_columns(answers, full), full)


def column(asked: Sequence[Predicate], room: MemoryBudget) -> Column:
    """Put together one question each of some conditions, all about one field."""
    (field,) = asked[0].fields
    masks = [(each, 1 << number) for number, each in enumerate(asked)]
    answers = PredicateCache((field,), masks, (1 << len(asked)) - 1, room)
    return Column(field_reader(field), answers)


def bits(mask: int) -> Iterator[int]:
    """Return the places of the bits of a mask, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _columns(
    answers: dict[tuple[Names, ...], PredicateCache], full: int
) -> Iterator[Asked]:
    """Return what to ask, cheapest first."""
    single = {fields[0]: each for fields, each in answers.items() if len(fields) == 1}
    whole = [field for field in single if place_of(field) == field]
    for field in sorted(whole, key=lambda each: (each != CALLER, not is_text(each))):
        yield Column(field_reader(field), single[field])
    for place in sorted({place_of(field) for field in single.keys() - whole}):
        keys = sorted(each for each in single if each[:-1] == place)
        yield NestedColumn(place, [(each[-1], single[each]) for each in keys], full)
    for fields in sorted(each for each in answers if len(each) > 1):
        yield TupleColumn(fields, answers[fields])
