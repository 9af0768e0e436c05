"""Count events by the values of some fields: which come most often?

Only events that can hold what is asked for are decoded.  The counts stay within bounded
memory whatever the events hold: see `Groups`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from checker import conditions
from checker.conditions import tree
from checker.evaluate.correlation.hit import milliseconds
from checker.evaluate.detection import index
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.field_types import FieldTypes, field_types
from checker.evaluate.detection.identities import Test
from checker.evaluate.detection.index import Index
from checker.evaluate.detection.plans import Candidate
from checker.model import Batch, DetectionRule, Event, Group, Header, Value

Key: TypeAlias = tuple[int | None, tuple[Value, ...]]
"""The start of the time bucket (ms since 1970), and the values of the fields."""

MOST_KEYS = 200_000
"""How many keys are kept; up to twice as many are held for a while."""

_LONGEST = 1_000
_WEEK = 7 * 86_400_000
_MONDAY = 4 * 86_400_000
"""1970 began on a Thursday: buckets of whole weeks begin on Mondays."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is counted: the events on which `where` holds, by fields and by time.

    `where` None means every event.  `bucket` is in seconds; None means no buckets.
    """

    by: tuple[tree.Node, ...]
    where: tree.Node | None = None
    bucket: int | None = None


CountedEvent: TypeAlias = tuple[str | None, Key]
"""An event that counts: its eventID and its key."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A query, ready to run; `index` finds the events that can count, None for all."""

    fields: tuple[Test, ...]
    bucket: int | None
    index: Index | None

    @property
    def header(self) -> type[Header]:
        """What is wanted of every event at once (`sources.files.read`)."""
        return Header if self.index is None else self.index.header

    def read_fields(self) -> FieldTypes:
        """Return the types of the fields that decide whether an event counts.

        What is counted may be of any type: its value is shown as it is.
        """
        return field_types(frozenset() if self.index is None else self.index.paths)

    def evaluate(self, batch: Batch) -> Evaluated[CountedEvent]:
        """Find the events of a batch that count."""
        return evaluate(self, batch)


def condition(
    where: tree.Node | None, rules: Sequence[DetectionRule]
) -> tree.Node | None:
    """Join what events must hold: `where`, and some rule of `rules` if there are any.

    None when every event counts.
    """
    any_of = [rule.detection.condition for rule in rules]
    parts: list[tree.Node] = [where] if where is not None else []
    if any_of:
        parts.append(any_of[0] if len(any_of) == 1 else _join(tree.Or, any_of))
    return _join(tree.And, parts) if len(parts) > 1 else next(iter(parts), None)


def compile_query(query: Query) -> Counter:
    """Compile a query; what it needs of an event chooses the events to decode."""
    return Counter(
        fields=tuple(conditions.closure(node) for node in query.by),
        bucket=None if query.bucket is None else query.bucket * 1000,
        index=None if query.where is None else index.build([query.where]),
    )


def evaluate(counter: Counter, batch: Batch) -> Evaluated[CountedEvent]:
    """Find the events of a batch that count, with their keys.

    Pure: the answer depends on the arguments alone.
    """
    reading = Reading(batch, counter.header, counter.read_fields)
    headers = reading.headers()
    rows: list[CountedEvent] = []
    keys: dict[Key, Key] = {}
    for position, candidate in _candidates(counter, headers, reading.malformed):
        event = reading.decode(position)
        if event is None or (candidate and not list(candidate.matching(event))):
            continue
        key = _key(counter, event)
        # Equal keys are one object, which crosses a process border once.
        key = keys.setdefault(key, key)
        rows.append((headers[position].eventID, key))
    records, event_ids = reading.kept(headers)
    return Evaluated(tuple(rows), event_ids, records, tuple(reading.problems))


def value(found: object) -> Value:
    """Make a field's value fit to be counted: text, or the JSON of anything else.

    JSON is given as bytes, so that `true` and "true" stay apart.  What is longer than
    1,000 characters is cut and told apart by its SHA-256.
    """
    if found is None:
        return None
    if isinstance(found, str):
        text = found
    else:
        encoded = msgspec.json.encode(found, order="sorted")
        if len(encoded) <= _LONGEST:
            return encoded
        text = encoded.decode()
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[:_LONGEST]}… (SHA-256 {digest})"


class Groups:
    """Counts keys in bounded memory, by the method of Misra and Gries.

    While there are at most twice `most` different keys the counts are exact.  Beyond
    that, the smallest are forgotten and all others lowered by as much; `low` is how far
    any count can then be below the truth: at most the number of events / `most`.

    https://doi.org/10.1016/0167-6423(82)90012-0
    """

    def __init__(self, most: int = MOST_KEYS) -> None:
        """Take how many keys are to be kept at least."""
        self._most = most
        self._counts: dict[Key, int] = {}
        self.total = 0
        self.low = 0

    def add(self, key: Key) -> None:
        """Count one event."""
        self.total += 1
        self._counts[key] = self._counts.get(key, 0) + 1
        if len(self._counts) > 2 * self._most:
            self._shrink()

    def remove(self, key: Key) -> None:
        """Count one event less, which had been added."""
        self.total -= 1
        count = self._counts.get(key, 0)
        if count > 1:
            self._counts[key] = count - 1
        elif count:
            del self._counts[key]

    def groups(self, most: int) -> tuple[list[Group], int]:
        """Return the groups with most events, largest first, and how many there are.

        Groups of as many events stand in the order of their values, buckets in that of
        time.
        """
        totals: dict[tuple[Value, ...], int] = {}
        buckets: dict[tuple[Value, ...], dict[int | None, int]] = {}
        for (_, values), count in self._counts.items():
            totals[values] = totals.get(values, 0) + count
        best = sorted(totals, key=lambda values: (-totals[values], _order(values)))
        best = best[:most]
        for values in best:
            buckets[values] = {}
        for (begin, values), count in self._counts.items():
            if values in buckets:
                buckets[values][begin] = count
        return (
            [
                Group(
                    values,
                    totals[values],
                    tuple(sorted(buckets[values].items(), key=_time)),
                )
                for values in best
            ],
            len(totals),
        )

    def _shrink(self) -> None:
        least = sorted(self._counts.values(), reverse=True)[self._most]
        self.low += least
        self._counts = {
            key: count - least for key, count in self._counts.items() if count > least
        }


def _candidates(
    counter: Counter, headers: Sequence[Header], odd: Collection[int]
) -> Iterator[tuple[int, Candidate | None]]:
    """Return the events that can hold what is asked for, and what decides on each."""
    if counter.index is None:
        yield from ((position, None) for position in range(len(headers)))
        return
    for each in counter.index.candidates(headers, odd):
        yield each.position, each


def _key(counter: Counter, event: Event) -> Key:
    values = tuple([value(field(event)) for field in counter.fields])
    if counter.bucket is None:
        return None, values
    time = milliseconds(event.get("eventTime"))
    if time is None:
        return None, values
    origin = 0 if counter.bucket % _WEEK else _MONDAY
    return time - (time - origin) % counter.bucket, values


def _join(kind: type[tree.And | tree.Or], nodes: Sequence[tree.Node]) -> tree.Node:
    """Join nodes in the tree's normal form: none is of the same class as the whole."""
    operands: list[tree.Node] = []
    for node in nodes:
        operands.extend(node.operands if isinstance(node, kind) else [node])
    return kind(tuple(operands))


def _order(values: tuple[Value, ...]) -> tuple[tuple[bool, str, bool], ...]:
    return tuple(
        (
            each is not None,
            each.decode() if isinstance(each, bytes) else each or "",
            isinstance(each, bytes),
        )
        for each in values
    )


def _time(bucket: tuple[int | None, int]) -> tuple[bool, int]:
    begin, _ = bucket
    return begin is None, begin or 0
