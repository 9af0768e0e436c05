"""The fields of events in columns, read when they are asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import compress, count
from typing import Any, Final

from checker.evaluate.detection import endpoint_copies
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.event_fields import (
    OF_COPIES,
    EventFields,
    FieldSource,
    PartFields,
    may_be_copy,
    shared_id,
)
from checker.evaluate.detection.field_types import FieldTypes
from checker.evaluate.detection.header import CALLER
from checker.evaluate.detection.identities import Caller, Key
from checker.evaluate.detection.predicates import plain
from checker.evaluate.detection.remembered import Remembered
from checker.model.columns import KIND, Column, HeaderColumns, distinct

_TYPE: Final = KIND.index(("eventType",))
_OF_ALL: Final = frozenset({*(names[0] for names in KIND), "eventID"})


class BatchColumns(FieldSource):
    """A batch whose headers are columns, and the caller of each event."""

    def __init__(
        self,
        reading: Reading,
        headers: HeaderColumns,
        callers: Sequence[Caller],
        called_by: Remembered[tuple[Any, str | None]],
        are_typed: Callable[[HeaderColumns], bool],
    ) -> None:
        """Take the batch; `are_typed` looks whether its fields are of their types."""
        super().__init__(reading, called_by)
        self.columns = headers
        self.read = _ColumnReaders(headers, callers)
        self._are_typed = are_typed

    def values(self, position: int, names: tuple[str, ...]) -> tuple[Key, ...]:
        """Return some fields of an event; raises `KeyError`."""
        read = self.read
        return tuple([read[name](position) for name in names])

    def fields(self, position: int) -> EventFields | None:
        """Return the fields of an event; None if it has to be decoded whole."""
        return ColumnFields(self, position) if self.is_typed else None

    @functools.cached_property
    def is_typed(self) -> bool:
        """Whether what is read of the events is of its types in all of them."""
        return self._are_typed(self.columns)

    @functools.cached_property
    def has_copies(self) -> bool:
        """Whether an event may repeat what another one records."""
        types = {kind[_TYPE] for kind in self.columns.kinds.values}
        return any(
            may_be_copy(category, kind)
            for category in distinct(self.columns.column("eventCategory"))
            for kind in types
        )

    @functools.cached_property
    def copies(self) -> Collection[int]:
        """The positions of events that may repeat what another one records."""
        if not self.has_copies:
            return ()
        columns = [self.columns.column(x) for x in ("eventCategory", "eventType")]
        return frozenset(compress(count(), map(may_be_copy, *columns)))

    @functools.cached_property
    def shared_ids(self) -> Mapping[int, str]:
        """The sharedEventIDs of the events that have one, by position."""
        column = self.columns.column("sharedEventID")
        if not any(map(shared_id, distinct(column))):
            return {}
        return {
            at: shared for at, each in enumerate(column) if (shared := shared_id(each))
        }


class _ColumnReaders(dict[str, Callable[[int], Any]]):
    """What reads the fields of the events of one batch, by name and then position."""

    def __init__(self, headers: HeaderColumns, callers: Sequence[Caller]) -> None:
        """Take the columns, and the callers."""
        read = callers.get if isinstance(callers, Column) else callers.__getitem__
        super().__init__({CALLER[0]: read})
        self._headers = headers

    def __missing__(self, name: str) -> Callable[[int], Any]:
        read = self[name] = self._headers.column(name).get
        return read


class ColumnFields(PartFields):
    """The fields of an event in columns."""

    __slots__ = ()

    _source: BatchColumns

    def __missing__(self, name: str) -> Key:
        value = self[name] = self._source.read[name](self._position)
        return value

    def stored(self, names: tuple[str, ...]) -> tuple[Key, ...]:
        """Return some fields."""
        return self._source.values(self._position, names)

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common."""
        return shared_id(self["sharedEventID"])

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        return (
            self._source.has_copies
            and may_be_copy(self["eventCategory"], self["eventType"])
            and endpoint_copies.is_copy(self.having(OF_COPIES))
        )


def are_typed(headers: HeaderColumns, fields: FieldTypes) -> bool:
    """Return whether all of some fields are of their types, in all events.

    The source has looked at each field of an event; what is in an object is looked at
    here, but for callers.
    """
    for name, kind in fields.members.items():
        if name in headers.objects or (kind.members and name in headers.make):
            values = map(plain, distinct(headers.column(name)))
            if any(each is not None and kind.misfit(name, each) for each in values):
                return False
        elif not (name in _OF_ALL or name in headers.make):
            return False
    return True
