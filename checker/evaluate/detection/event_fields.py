"""The fields of one event, as what is worked out of them is remembered by.

No more of an event is decoded than somebody asks: objects are known again by their
JSON, in columns or in a record.
"""

from __future__ import annotations

import abc
import functools
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import compress, count
from typing import Any, Final

import msgspec

from checker.evaluate.detection import endpoint_copies
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.field_types import FieldTypes
from checker.evaluate.detection.header import CALLER, decode_json
from checker.evaluate.detection.identities import Caller, Key
from checker.evaluate.detection.predicates import plain
from checker.evaluate.detection.remembered import Remembered
from checker.evaluate.detection.subject import said_of
from checker.model import Event, Header
from checker.model.columns import KIND, Column, HeaderColumns, distinct

_NETWORK: Final = "NetworkActivity"
_TYPE: Final = KIND.index(("eventType",))
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

    __slots__ = ("_known",)

    def __init__(self) -> None:
        """Begin with no field looked at."""
        self._known: tuple[Any, ...] | None = None

    def stored(self, names: tuple[str, ...]) -> tuple[Key, ...]:
        """Return some fields; raises `KeyError`."""
        return tuple([self[name] for name in names])

    @abc.abstractmethod
    def having(self, names: Iterable[str] | None) -> Event:
        """Return the event, or a part of it that has some of its fields.

        All of them where `names` is None.  Raises `UnreadableError`.
        """

    @property
    def said(self) -> tuple[Any, ...]:
        """What the subject of a finding says of the event, after its time (`SUBJECT`).

        That is the same of all events of a form.
        """
        if self._known is None:
            self._known = self._said()
        return self._known

    @property
    @abc.abstractmethod
    def about(self) -> tuple[Any, ...]:
        """What the subject of a finding says of the event, as `SUBJECT` has it."""

    @property
    @abc.abstractmethod
    def event_id(self) -> Any:
        """The eventID."""

    @property
    @abc.abstractmethod
    def time(self) -> Any:
        """The eventTime, as a finding shows it."""

    @property
    @abc.abstractmethod
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common.

        Their eventIDs are different.
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
        """

    @property
    @abc.abstractmethod
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""

    @abc.abstractmethod
    def _said(self) -> tuple[Any, ...]:
        """Return what `said` keeps."""


class DecodedFields(EventFields):
    """The fields of an event that has been decoded; none is known in another form."""

    __slots__ = ("_event",)

    def __init__(self, event: Event) -> None:
        """Take the event."""
        super().__init__()
        self._event = event

    def __missing__(self, name: str) -> Key:
        raise KeyError(name)

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
        return _shared_id(self._event.get("sharedEventID"))

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        return endpoint_copies.is_copy(self._event)

    @property
    def about(self) -> tuple[Any, ...]:
        """What the subject of a finding says of the event, as `SUBJECT` has it."""
        return said_of(self._event)

    def _said(self) -> tuple[Any, ...]:
        return self.about[1:]


class FieldSource(abc.ABC):
    """A batch whose events are read field by field.

    `called_by` gives the account and the principal of an event.
    """

    def __init__(
        self, reading: Reading, called_by: Remembered[tuple[Any, str | None]]
    ) -> None:
        """Take the batch."""
        self.reading = reading
        self.called_by = called_by

    @abc.abstractmethod
    def fields(self, position: int) -> EventFields | None:
        """Return the fields of an event; None if it has to be decoded whole."""


class _PartFields(EventFields):
    """The fields of an event of which no more is decoded than is asked."""

    __slots__ = ("_event", "_is_whole", "_position", "_source")

    def __init__(self, source: FieldSource, position: int) -> None:
        """Take a batch, and the position of the event there."""
        super().__init__()
        self._source = source
        self._position = position
        self._event: Event = {}
        self._is_whole = False

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
        whole = self._source.reading.decode(self._position)
        if whole is None:
            raise UnreadableError
        self._event, self._is_whole = whole, True
        return whole

    @property
    def event_id(self) -> Any:
        """The eventID."""
        return self["eventID"]

    @property
    def time(self) -> Any:
        """The eventTime, as a finding shows it."""
        return self["eventTime"]

    @property
    def about(self) -> tuple[Any, ...]:
        """What the subject of a finding says of the event, as `SUBJECT` has it."""
        return self["eventTime"], *self.said

    def _said(self) -> tuple[Any, ...]:
        return (
            self["eventSource"],
            self["eventName"],
            self["awsRegion"],
            *self._source.called_by.of(self),
            self["sourceIPAddress"],
        )


class HeaderRows(FieldSource):
    """A batch of which each header has been decoded, and the caller of each event."""

    def __init__(
        self,
        reading: Reading,
        headers: Sequence[Header],
        callers: Sequence[Caller],
        called_by: Remembered[tuple[Any, str | None]],
    ) -> None:
        """Take the batch."""
        super().__init__(reading, called_by)
        self.headers = headers
        self.callers = callers

    def fields(self, position: int) -> EventFields | None:
        """Return the fields of an event; None if it has to be decoded whole."""
        texts = self.reading.typed(position)
        return None if texts is None else RecordFields(self, position, texts)


class RecordFields(_PartFields):
    """The fields of an event in a record of its own, which is as it should be.

    `texts` is what has been read of it (`FieldTypes.decode`).
    """

    __slots__ = ("_texts",)

    _source: HeaderRows

    def __init__(self, source: HeaderRows, position: int, texts: Any) -> None:
        """Take a batch, the position of the event there, and its texts."""
        super().__init__(source, position)
        self._texts = texts

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common."""
        return _shared_id(self._texts.sharedEventID)

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        category, kind = self._texts.eventCategory, self._texts.eventType
        return _may_be_copy(category, kind) and endpoint_copies.is_copy(
            self.having(_OF_COPIES)
        )

    def __missing__(self, name: str) -> Key:
        value = self[name] = self._read(name)
        return value

    def _read(self, name: str) -> Key:
        source, position = self._source, self._position
        if name == CALLER[0]:
            return source.callers[position]
        read = _objects_of(source.reading.header).get(name)
        if read is not None:
            return _key(bytes(read(source.headers[position])))
        value: Key = getattr(self._texts, name, _UNREAD)
        if value.__class__ in _LEAVES:
            return value
        record = source.reading.batch.records[position]
        found = getattr(_others().decode(record), name, None)
        if found is None:
            raise KeyError(name)
        return bytes(found)


_LEAVES: Final = frozenset({str, bool, type(None)})
_UNREAD: Final = object()


def _key(json: bytes) -> Key:
    """Return JSON of a header as a key; raises `KeyError` for a number."""
    if json[0] in b"{[":
        return json
    value = decode_json(json)
    if value.__class__ is int or value.__class__ is float:
        # 1, 1.0 and true are one key.
        raise KeyError
    return json if value.__class__ is dict or value.__class__ is list else value


@functools.lru_cache(maxsize=16)
def _objects_of(header: type[Header]) -> Mapping[str, Callable[[Any], msgspec.Raw]]:
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
            _may_be_copy(category, kind)
            for category in distinct(self.columns.column("eventCategory"))
            for kind in types
        )

    @functools.cached_property
    def copies(self) -> Collection[int]:
        """The positions of events that may repeat what another one records."""
        if not self.has_copies:
            return ()
        columns = [self.columns.column(x) for x in ("eventCategory", "eventType")]
        return frozenset(compress(count(), map(_may_be_copy, *columns)))

    @functools.cached_property
    def shared_ids(self) -> Mapping[int, str]:
        """The sharedEventIDs of the events that have one, by position."""
        column = self.columns.column("sharedEventID")
        if not any(map(_shared_id, distinct(column))):
            return {}
        return {
            at: shared for at, each in enumerate(column) if (shared := _shared_id(each))
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


class ColumnFields(_PartFields):
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
        return _shared_id(self["sharedEventID"])

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        return (
            self._source.has_copies
            and _may_be_copy(self["eventCategory"], self["eventType"])
            and endpoint_copies.is_copy(self.having(_OF_COPIES))
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


def _may_be_copy(category: object, kind: object) -> bool:
    """Return whether an event may repeat what another one records."""
    return category == _NETWORK or (
        isinstance(kind, str) and kind.startswith(_OF_ENDPOINTS)
    )


def _shared_id(value: object) -> str | None:
    """Return a sharedEventID that is one."""
    return value if isinstance(value, str) and value else None
