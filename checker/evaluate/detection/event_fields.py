"""The fields of one event, as what is worked out of them is remembered by.

No more of an event is decoded than somebody asks: objects are known again by their
JSON, in columns (`column_fields`) or in a record (`record_fields`).
"""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Any, Final

from checker.evaluate.detection import endpoint_copies
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.identities import Key
from checker.evaluate.detection.predicates import plain
from checker.evaluate.detection.remembered import Remembered
from checker.evaluate.detection.subject import said_of
from checker.model import Event

_NETWORK: Final = "NetworkActivity"
_OF_ENDPOINTS: Final = "AwsVpceEvent"
OF_COPIES: Final = (
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
        return shared_id(self._event.get("sharedEventID"))

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


class PartFields(EventFields):
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


def may_be_copy(category: object, kind: object) -> bool:
    """Return whether an event may repeat what another one records."""
    return category == _NETWORK or (
        isinstance(kind, str) and kind.startswith(_OF_ENDPOINTS)
    )


def shared_id(value: object) -> str | None:
    """Return a sharedEventID that is one."""
    return value if isinstance(value, str) and value else None
