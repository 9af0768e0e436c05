"""Put together what conditions ask of headers, and ask it of many events at once."""

from __future__ import annotations

import contextlib
import itertools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence

from checker.evaluate.detection.columns import (
    Asked,
    Column,
    EitherColumn,
    NestedColumn,
    TupleColumn,
    field_reader,
)
from checker.evaluate.detection.header import CALLER, Names, is_text, place_of
from checker.evaluate.detection.identities import ERRORS, MemoryBudget, Rows
from checker.evaluate.detection.predicates import FEW, Predicate, PredicateCache


class PredicateSet:
    """What some conditions ask of the headers of events."""

    __slots__ = ("_asked", "_columns", "_full", "_kept", "_room", "_turn")

    def __init__(self, columns: Iterable[Asked], full: int, room: MemoryBudget) -> None:
        """Take the columns, cheapest first, and the mask of all conditions."""
        self._room = room
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
                mask = self._mask(rows, at)
            except ERRORS:
                # Decoding the whole event will say what is wrong with it.
                self._room.doubts += 1
                mask = self._full
            if mask:
                found.append((at, mask))
        return found

    def _mask(self, rows: Rows, at: int) -> int:
        mask = self._full
        columns = self._columns
        for place, column in enumerate(columns):
            mask &= column.mask(rows, at)
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
    asked: dict[Predicate, int] = {}
    full = 0
    for number, each in enumerate(conditions_):
        full |= 1 << number
        for question in each:
            asked[question] = asked.get(question, 0) | 1 << number
    return PredicateSet(_columns(asked, full, room), full, room)


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


def _whole_first(fields: Iterable[Names]) -> tuple[Names, ...]:
    """Put fields in the order of keys: what is inside an object goes last."""
    return tuple(sorted(fields, key=lambda each: (place_of(each) != each, each)))


def _columns(
    asked: Mapping[Predicate, int], full: int, room: MemoryBudget
) -> Iterator[Asked]:
    """Return what to ask, cheapest first, for questions with their masks."""
    by_fields: dict[tuple[Names, ...], dict[Predicate, int]] = {}
    for each, mask in asked.items():
        if not each.alternatives:
            by_fields.setdefault(_whole_first(each.fields), {})[each] = mask
    answers = {
        fields: PredicateCache(fields, some.items(), full, room)
        for fields, some in by_fields.items()
    }
    yield from _of_answers(answers, full)
    for each, mask in asked.items():
        if each.alternatives:
            columns = [_columns({one: mask}, full, room) for one in each.alternatives]
            yield EitherColumn(itertools.chain.from_iterable(columns))


def _of_answers(
    answers: dict[tuple[Names, ...], PredicateCache], full: int
) -> Iterator[Asked]:
    single = [fields[0] for fields in answers if len(fields) == 1]
    whole = [field for field in single if place_of(field) == field]
    for field in sorted(whole, key=lambda each: (each != CALLER, not is_text(each))):
        yield Column(field_reader(field), answers[field,])
    inside: dict[Names, dict[tuple[Names, ...], PredicateCache]] = {}
    several = []
    for fields in sorted(answers, key=lambda each: (len(each), each)):
        places = {place_of(field) for field in fields if place_of(field) != field}
        if len(places) == 1:
            inside.setdefault(places.pop(), {})[fields] = answers[fields]
        elif len(fields) > 1:
            several.append(TupleColumn(fields, answers[fields]))
    for place, each in inside.items():
        yield NestedColumn(place, each, full)
    yield from several
