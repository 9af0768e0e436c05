"""The fields of events in records of their own, read when they are asked for."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

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
from checker.evaluate.detection.header import CALLER, decode_json
from checker.evaluate.detection.identities import Caller, Key
from checker.evaluate.detection.remembered import Remembered
from checker.model import Header


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


class RecordFields(PartFields):
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
        return shared_id(self._texts.sharedEventID)

    @property
    def is_copy(self) -> bool:
        """Whether another event of the account records the call as well."""
        category, kind = self._texts.eventCategory, self._texts.eventType
        return may_be_copy(category, kind) and endpoint_copies.is_copy(
            self.having(OF_COPIES)
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
