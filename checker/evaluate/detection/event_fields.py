"""The fields of one event, as what is worked out of them is remembered by.

Where a source has columns nothing else of an event is decoded; else it is decoded, and
its objects are known again by their JSON.
"""

from __future__ import annotations

import abc
import functools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from checker.evaluate.detection import endpoint_copies
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.field_types import FieldTypes
from checker.evaluate.detection.header import CALLER
from checker.evaluate.detection.identities import Caller, Key
from checker.evaluate.detection.predicates import plain
from checker.evaluate.detection.remembered import Remembered
from checker.evaluate.detection.subject import said_of
from checker.model import Event, Header
from checker.model.columns import KIND, Column, HeaderColumns, distinct

_NETWORK: Final = "NetworkActivity"
_OF_ENDPOINTS: Final = "AwsVpceEvent"
_OF_ALL: Final = frozenset({*(names[0] for names in KIND), "eventID"})
_OF_COPIES: Final = (
    "eventCategory",
    "eventType",
    "errorCode",
    "userIdentity",
    "recipientAccountId",
)
CALLED_BY: Final = ("recipientAccountId", "userIdentity")
"""The fields that say in which account something happened, and who acted."""


class UnreadableError(Exception):
    """An event cannot be decoded after all; what is wrong with it has been noted."""


class EventFields(dict[str, Key], abc.ABC):
    """The fields of one event by name, each as a value that can be looked up.

    That is the text, or flag, or its JSON as bytes, or the caller.  Raises `KeyError`
    for a field that is not known in this form.
    """

    __slots__ = ("_about",)

    def __init__(self) -> None:
        """Begin with no field looked at."""
        self._about: tuple[Any, ...] | None = None

    def stored(self, names: tuple[str, ...]) -> tuple[Key, ...]:
        """Return some fields; raises `KeyError`."""
        return tuple([self[name] for name in names])

    @abc.abstractmethod
    def having(self, names: Iterable[str] | None) -> Event:
        """Return the event, or a part of it that has some of its fields.

        All of them where `names` is None.  Raises `UnreadableError`.
        """

    @property
    def about(self) -> tuple[Any, ...]:
        """What the subject of a finding says of the event, as `SUBJECT` has it."""
        if self._about is None:
            self._about = self._said()
        return self._about

    @property
    @abc.abstractmethod
    def event_id(self) -> Any:
        """The eventID."""

    @property
    def time(self) -> Any:
        """The eventTime, as a finding shows it."""
        return self.about[0]

    @property
    @abc.abstractmethod
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common.

        Their eventIDs are different.
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
        """

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        return endpoint_copies.is_copy(self.having(None))

    def _said(self) -> tuple[Any, ...]:
        return said_of(self.having(None))


class DecodedFields(EventFields):
    """The fields of an event that has been decoded.

    Without its `stored` fields none is known in the other form.
    """

    __slots__ = ("_event", "_stored")

    def __init__(self, event: Event, stored: Stored | None = None) -> None:
        """Take the event, and its fields as they are stored."""
        super().__init__()
        self._event = event
        self._stored = stored

    def __missing__(self, name: str) -> Key:
        if self._stored is None:
            raise KeyError(name)
        value: Key = self._event.get(name)
        kind = value.__class__
        if kind is dict or kind is list:
            value = self._stored.json(name)
        elif kind is int or kind is float:
            # 1, 1.0 and true are one key.
            raise KeyError(name)
        self[name] = value
        return value

    def having(self, names: Iterable[str] | None) -> Event:  # noqa: ARG002 - as the others
        """Return the event."""
        return self._event

    @property
    def event_id(self) -> Any:
        """The eventID."""
        return self._event.get("eventID")

    @property
    def time(self) -> Any:
        """The eventTime, as a finding shows it."""
        time = self._event.get("eventTime")
        return time if time.__class__ is str else self.about[0]

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common."""
        shared = self._event.get("sharedEventID")
        return shared if isinstance(shared, str) and shared else None


class Stored(NamedTuple):
    """An event as it is stored: its header, who made the call, and its JSON."""

    header: Header
    caller: Caller
    record: bytes

    def json(self, name: str) -> Key:
        """Return a field that holds an object or a list, as a key."""
        if name == CALLER[0]:
            return self.caller
        read = _readers(type(self.header)).get(name)
        if read is not None:
            return bytes(read(self.header))
        found = getattr(_others().decode(self.record), name, None)
        if found is None:
            raise KeyError(name)
        return bytes(found)


@functools.lru_cache(maxsize=16)
def _readers(header: type[Header]) -> Mapping[str, Callable[[Any], msgspec.Raw]]:
    """Return what reads the objects of a header, by their names in an event."""
    return {
        each.encode_name: operator.attrgetter(each.name)
        for each in msgspec.structs.fields(header)
        if each.type is msgspec.Raw
    }


_OTHERS: Final = (
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "serviceEventDetails",
    "resources",
    "tlsDetails",
)


@functools.cache
def _others() -> msgspec.json.Decoder[Any]:
    fields = [(name, msgspec.Raw, None) for name in _OTHERS]
    return msgspec.json.Decoder(msgspec.defstruct("Objects", fields, gc=False))


class BatchColumns(dict[str, Callable[[int], Any]]):
    """What reads the fields of the events of one batch, by name and then position."""

    def __init__(
        self,
        reading: Reading,
        headers: HeaderColumns,
        callers: Sequence[Caller],
        called_by: Remembered[tuple[Any, str | None]],
    ) -> None:
        """Take the batch, its columns, and the caller of each event.

        `called_by` gives the account and the principal.
        """
        read = callers.get if isinstance(callers, Column) else callers.__getitem__
        super().__init__({CALLER[0]: read})
        self._readers: dict[tuple[str, ...], list[Callable[[int], Any]]] = {}
        self.reading = reading
        self.headers = headers
        self.called_by = called_by
        types = distinct(headers.column("eventType"))
        self.has_copies = any(
            _may_be_copy(category, kind)
            for category in distinct(headers.column("eventCategory"))
            for kind in types
        )

    def __missing__(self, name: str) -> Callable[[int], Any]:
        read = self[name] = self.headers.column(name).get
        return read

    def readers(self, names: tuple[str, ...]) -> Sequence[Callable[[int], Any]]:
        """Return what reads each of some fields; raises `KeyError`."""
        found = self._readers.get(names)
        if found is None:
            found = self._readers[names] = [self[name] for name in names]
        return found


class ColumnFields(EventFields):
    """The fields of an event in columns: of it no more is decoded than asked."""

    __slots__ = ("_columns", "_event", "_is_whole", "_position")

    def __init__(self, columns: BatchColumns, position: int) -> None:
        """Take the columns of its batch, and its position there."""
        super().__init__()
        self._columns = columns
        self._position = position
        self._event: Event = {}
        self._is_whole = False

    def __missing__(self, name: str) -> Key:
        value = self[name] = self._columns[name](self._position)
        return value

    def stored(self, names: tuple[str, ...]) -> tuple[Key, ...]:
        """Return some fields."""
        position = self._position
        return tuple([read(position) for read in self._columns.readers(names)])

    def having(self, names: Iterable[str] | None) -> Event:
        """Return a part of the event that has some fields, or all of it."""
        event = self._event
        if self._is_whole:
            return event
        if names is not None:
            try:
                for name in names:
                    if name not in event:
                        event[name] = plain(self[name])
            except KeyError:
                return self.having(None)
            return event
        whole = self._columns.reading.decode(self._position)
        if whole is None:
            raise UnreadableError
        self._event, self._is_whole = whole, True
        return whole

    @property
    def event_id(self) -> Any:
        """The eventID."""
        return self._columns["eventID"](self._position)

    @property
    def time(self) -> Any:
        """The eventTime, as a finding shows it."""
        return self._columns["eventTime"](self._position)

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common."""
        return self._columns["sharedEventID"](self._position) or None

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        return self._columns.has_copies and endpoint_copies.is_copy(
            self.having(_OF_COPIES)
        )

    def _said(self) -> tuple[Any, ...]:
        return (
            self["eventTime"],
            self["eventSource"],
            self["eventName"],
            self["awsRegion"],
            *self._columns.called_by.of(self),
            self["sourceIPAddress"],
        )


def are_typed(headers: HeaderColumns, fields: FieldTypes) -> bool:
    """Return whether all of some fields are of their types, in all events.

    The source has looked at texts, and whether objects and lists are such.
    """
    for name, kind in fields.members.items():
        if name in headers.objects:
            values = map(plain, distinct(headers.column(name)))
            if any(each is not None and kind.misfit(name, each) for each in values):
                return False
        elif not (name in _OF_ALL or name in headers.make):
            return False
    return True


def _may_be_copy(category: str | None, kind: str | None) -> bool:
    """Return whether an event may repeat what another one records."""
    return category == _NETWORK or (kind or "").startswith(_OF_ENDPOINTS)
