"""The fields of one event, as what is worked out of them is remembered by.

Where a source has columns nothing else of an event is decoded; else it is decoded, and
its objects are known again by their JSON.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from checker.evaluate.detection import endpoint_copies
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.field_types import FieldTypes
from checker.evaluate.detection.header import CALLER
from checker.evaluate.detection.identities import Caller, Key
from checker.evaluate.detection.predicates import plain
from checker.evaluate.detection.remembered import Remembered
from checker.evaluate.detection.subject import said_of
from checker.model import Event
from checker.model.columns import KIND, HeaderColumns, distinct

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


class EventFields(dict[str, Key]):
    """The fields of one event by name, each as a value that can be looked up.

    That is the text, or flag, or its JSON as bytes, or the caller.  Raises `KeyError`
    for a field that is not known in this form.
    """

    __slots__ = ("_about",)

    def __init__(self) -> None:
        """Begin with no field looked at."""
        super().__init__()
        self._about: tuple[Any, ...] | None = None

    def having(self, names: Iterable[str] | None) -> Event:
        """Return the event, or a part of it that has some of its fields.

        All of them where `names` is None.  Raises `UnreadableError`.
        """
        raise NotImplementedError

    @property
    def about(self) -> tuple[Any, ...]:
        """What the subject of a finding says of the event, as `SUBJECT` has it."""
        if self._about is None:
            self._about = self._said()
        return self._about

    @property
    def event_id(self) -> Any:
        """The eventID."""
        raise NotImplementedError

    @property
    def time(self) -> Any:
        """The eventTime."""
        return self.about[0]

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common.

        Their eventIDs are different.
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
        """
        raise NotImplementedError

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        return endpoint_copies.is_copy(self.having(None))

    def _said(self) -> tuple[Any, ...]:
        return said_of(self.having(None))


class DecodedFields(EventFields):
    """The fields of an event that has been decoded.

    Without its `record`, or where it is odd, no field is known in the other form.
    """

    __slots__ = ("_event", "_objects", "_record")

    def __init__(self, event: Event, record: bytes | None = None) -> None:
        """Take the event, and its JSON."""
        super().__init__()
        self._event = event
        self._record = record
        self._objects: Any = None

    def __missing__(self, name: str) -> Key:
        value: Key = self._event.get(name)
        kind = value.__class__
        if self._record is None or kind is int or kind is float:
            # 1, 1.0 and true are one key.
            raise KeyError(name)
        if kind is dict or kind is list:
            value = bytes(self._json_of(name))
        self[name] = value
        return value

    def _json_of(self, name: str) -> msgspec.Raw:
        if self._objects is None:
            self._objects = _objects().decode(self._record or b"")
        found: msgspec.Raw | None = getattr(self._objects, name, None)
        if found is None:
            raise KeyError(name)
        return found

    def having(self, names: Iterable[str] | None) -> Event:  # noqa: ARG002 - as the others
        """Return the event."""
        return self._event

    @property
    def event_id(self) -> Any:
        """The eventID."""
        return self._event.get("eventID")

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common."""
        shared = self._event.get("sharedEventID")
        return shared if isinstance(shared, str) and shared else None


OBJECTS: Final = (
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "serviceEventDetails",
    "resources",
    "tlsDetails",
)
"""Fields whose values are objects and lists, and may come again."""


@functools.cache
def _objects() -> msgspec.json.Decoder[Any]:
    fields = [(name, msgspec.Raw, None) for name in OBJECTS]
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
        super().__init__({CALLER[0]: callers.__getitem__})
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
        return self["eventID"]

    @property
    def shared_id(self) -> str | None:
        """What copies of one action in several accounts have in common."""
        return self["sharedEventID"] or None

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
