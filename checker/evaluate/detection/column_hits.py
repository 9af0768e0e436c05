"""Make hits of events from columns: nothing of such an event is decoded.

Most hits are of rules that report nothing themselves, and such a rule reads few fields
of an event.  What it finds there is remembered by their values: those of one caller, or
address, come again and again.  An event that other rules are about is left to
`detector`, as is whatever is odd.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checker import conditions
from checker.conditions import tree
from checker.conditions.parts import reads
from checker.evaluate.correlation.hit import (
    Key,
    Signal,
    carried,
    interned,
    milliseconds,
    signal,
)
from checker.evaluate.correlation.keys import beside
from checker.evaluate.detection.evidence import parse_field
from checker.evaluate.detection.field_types import FieldTypes
from checker.evaluate.detection.header import CALLER
from checker.evaluate.detection.identities import Caller, MemoryBudget
from checker.evaluate.detection.predicates import plain
from checker.evaluate.detection.prefilter import Prefilter
from checker.evaluate.detection.subject import account_and_principal
from checker.model import Batch
from checker.model.columns import KIND, HeaderColumns, distinct

_CODED: Final = frozenset(
    """
    eventTime eventSource eventName errorCode eventType readOnly userIdentity
    awsRegion sourceIPAddress userAgent errorMessage recipientAccountId sharedEventID
    eventCategory sessionCredentialFromConsole vpcEndpointId
    """.split()
)
"""Fields of which one value is in many events, where they are columns."""

_HELD: Final = frozenset(
    """
    requestParameters responseElements additionalEventData serviceEventDetails resources
    """.split()
)
"""Fields whose values are objects and lists, which the source has looked at."""

_CALLER: Final = ("recipientAccountId", "userIdentity")
_NETWORK: Final = "NetworkActivity"
_OF_ENDPOINTS: Final = "AwsVpceEvent"
_UNKNOWN: Final = object()
_OF_ALL: Final = frozenset({*(names[0] for names in KIND), "eventID"})


class BatchColumns(dict[str, Callable[[int], Any]]):
    """What reads the fields of the events of one batch, by name and then position."""

    def __init__(
        self, batch: Batch, headers: HeaderColumns, callers: Sequence[Caller]
    ) -> None:
        """Take the batch, its columns, and the caller of each event."""
        super().__init__({CALLER[0]: callers.__getitem__})
        self.batch = batch
        self.headers = headers
        types = distinct(headers.column("eventType"))
        self.has_copies = any(
            _may_be_copy(category, kind)
            for category in distinct(headers.column("eventCategory"))
            for kind in types
        )

    def __missing__(self, name: str) -> Callable[[int], Any]:
        read = self[name] = self.headers.column(name).get
        return read


class Remembered:
    """What a function gives of some fields of an event, by the values that came."""

    __slots__ = ("__weakref__", "_is_coded", "_known", "_names", "_of", "_room")

    def __init__(
        self, of: Callable[[Any], Any], names: Sequence[str], room: MemoryBudget
    ) -> None:
        """Take the function, and the fields that it reads."""
        self._of = of
        self._names = tuple(names)
        self._known: dict[tuple[Any, ...], Any] = {}
        self._room = room
        self._is_coded = _CODED.issuperset(names)
        room.share(self)

    def forget(self) -> None:
        """Forget what it gave."""
        self._known.clear()

    def at(self, columns: BatchColumns, position: int) -> Any:
        """Return what it gives of an event."""
        values = tuple([columns[name](position) for name in self._names])
        if not self._is_coded:
            return self._asked(values)
        found = self._known.get(values, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._asked(values)
            if self._room.take(values):
                self._known[values] = found
        return found

    def _asked(self, values: Sequence[Any]) -> Any:
        return self._of(dict(zip(self._names, map(plain, values), strict=True)))


@dataclass(frozen=True, slots=True)
class _HitRule:
    """A rule that only has hits: what else must hold, and what its hits carry."""

    name: str
    left: tuple[Remembered, ...]
    keys: tuple[Remembered, ...]


class ColumnHits:
    """Makes the hits of some rules; `rules` has None for one that needs the event."""

    def __init__(self, room: MemoryBudget, fields: FieldTypes) -> None:
        """Begin without a rule; `fields` are those that rules read, by their types."""
        self._room = room
        self._rules: dict[int, _HitRule] = {}
        self._caller = Remembered(account_and_principal, _CALLER, room)
        self._fields = fields.members

    def add(
        self,
        name: str,
        screen: Prefilter,
        paths: Sequence[str],
        fields: Sequence[Callable[[Any], Any]],
    ) -> None:
        """Add a rule, if columns have what it reads.

        Its hits carry `fields`, which are compiled, of some `paths`.
        """
        left = [self._of(_holding(node), node) for node in screen.left]
        keys = [
            self._of(_carrying(field), parse_field(path), *beside(path))
            for path, field in zip(paths, fields, strict=True)
        ]
        rule = _HitRule(
            name,
            tuple([each for each in left if each]),
            tuple([each for each in keys if each]),
        )
        if len(rule.left) == len(left) and len(rule.keys) == len(keys):
            self._rules[screen.position] = rule

    def _of(
        self, function: Callable[[Any], Any], node: tree.Node, *more: str
    ) -> Remembered | None:
        read = reads(node)
        if read is None:
            return None
        names = sorted({*(names[0] for names in read), *more})
        if not (_CODED | _HELD).issuperset(names):
            return None
        return Remembered(function, names, self._room)

    def columns(
        self, batch: Batch, headers: HeaderColumns, callers: Sequence[Caller]
    ) -> BatchColumns | None:
        """Return the columns of a batch; None if its events have to be decoded."""
        if not self._rules or not self._are_typed(headers):
            return None
        return BatchColumns(batch, headers, callers)

    def _are_typed(self, headers: HeaderColumns) -> bool:
        """Return whether all fields that rules read are of their types.

        The source has looked at texts, and whether objects and lists are such.
        """
        for name, kind in self._fields.items():
            if name in headers.objects:
                values = map(plain, distinct(headers.column(name)))
                if any(each is not None and kind.misfit(name, each) for each in values):
                    return False
            elif not (name in _OF_ALL or name in headers.make):
                return False
        return True

    def hits(
        self, columns: BatchColumns, position: int, screens: Sequence[Prefilter]
    ) -> list[Signal] | None:
        """Return the hits of an event that passed some screens.

        None where the event has to be decoded.
        """
        rules = [
            rule
            for screen in screens
            if (rule := self._rules.get(screen.position)) is not None
        ]
        if len(rules) < len(screens):
            return None
        if columns.has_copies and _may_be_copy(
            columns["eventCategory"](position), columns["eventType"](position)
        ):
            return None
        when = columns["eventTime"](position)
        time = milliseconds(when)
        if time is None:
            return None
        found: list[Signal] = []
        for rule in rules:
            if not all(each.at(columns, position) for each in rule.left):
                continue
            keys = tuple([each.at(columns, position) for each in rule.keys])
            if not found:
                event = columns["eventID"](position)
                about = interned(
                    (
                        when,
                        columns["eventSource"](position),
                        columns["eventName"](position),
                        columns["awsRegion"](position),
                        *self._caller.at(columns, position),
                        columns["sourceIPAddress"](position),
                    )
                )
                shared = columns["sharedEventID"](position) or None
                place = columns.batch.uri, columns.batch.numbers[position]
            found.append(signal(time, event, rule.name, keys, shared, place, about))
        return found


def _holding(node: tree.Node) -> Callable[[Any], bool]:
    test = conditions.closure(node)
    return lambda event: conditions.holds(test(event))


def _carrying(field: Callable[[Any], Any]) -> Callable[[Any], Key]:
    return lambda event: carried(field(event))


def _may_be_copy(category: str | None, kind: str | None) -> bool:
    """Return whether an event may repeat what another one records."""
    return category == _NETWORK or (kind or "").startswith(_OF_ENDPOINTS)
