"""Decide what is decoded of every event: no more than the rules ask first.

A header is a msgspec struct made for the loaded rules.  It holds some fields of an
event as text and others as the JSON that stands there, undecoded.  Reading one costs a
fraction of decoding the event.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeAlias

import msgspec

from checker.model import Header

Names: TypeAlias = tuple[str, ...]

CALLER: Names = ("userIdentity",)
"""The field that says who made a call, to which all paths through it belong."""

_STRINGS = frozenset(
    {
        ("userAgent",),
        ("sourceIPAddress",),
        ("awsRegion",),
        ("errorMessage",),
        ("recipientAccountId",),
        ("vpcEndpointId",),
        ("eventTime",),
        ("eventCategory",),
        ("sharedEventID",),
        ("sessionCredentialFromConsole",),
    }
)
"""Fields that hold text; an event in which one holds anything else is decoded whole.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

_WHOLE = frozenset({CALLER, ("resources",)})
"""Fields that are no text, and read as a whole: callers, and what is a list."""

_OWN = frozenset(Header.__struct_fields__)
_IN_PART = "addendum"
"""A field of every header that is not held as it stands in the event."""

NULL = msgspec.Raw(b"null")
"""What a header holds of a field that is not there."""

MASKED: Any = Annotated[str, msgspec.Meta(pattern=r'^(?!\s*"?[{\[])')] | None
"""What may be in the place of an object: a path through it is null.  AWS masks objects
by text; anything else is for `field_types` to report, once the event is decoded."""

_EMPTY_LIST: Any = tuple[()]
"""What tools write in the place of an object without keys."""

_json = msgspec.json.Decoder()


def field_of(names: Names) -> Names | None:
    """Return the field in which what stands at a path of an event can be read.

    It is a field of a header, or a key of what one holds as JSON (`place_of`).  None
    where no header can hold it.
    """
    top = names[:1]
    if names[0] == _IN_PART:
        return None
    return top if top in _WHOLE or is_text(top) else names[:2]


def place_of(field: Names) -> Names:
    """Return the field of a header that holds other: itself, or the JSON around it."""
    return field[:1]


def is_text(field: Names) -> bool:
    """Return whether a header holds a field as text (or a flag); else it is JSON."""
    return field in _STRINGS or (field[0] in _OWN and field != CALLER)


def header_type(places: Iterable[Names]) -> type[Header]:
    """Make the struct that holds some fields of an event, and those of every header."""
    return _header_type(frozenset(places))


@functools.lru_cache(maxsize=256)
def _header_type(places: frozenset[Names]) -> type[Header]:
    fields = sorted(each for each in places if each[0] not in _OWN)
    fields.sort(key=_order)
    made: type[Header] = _struct("EventHeader", fields, Header)
    return made


_ORDER = {
    name: number
    for number, name in enumerate(
        """
        sourceIPAddress userAgent errorMessage requestParameters responseElements
        additionalEventData resources recipientAccountId
        """.split()
    )
}
"""As CloudTrail writes them (see `model.Header`); others come last."""


def _order(field: Names) -> int:
    return _ORDER.get(field[0], len(_ORDER))


class Opener:
    """Reads some keys of objects, each as JSON.

    Of a mask, an empty list or null no key is there.  Raises msgspec.DecodeError,
    ValueError or RecursionError for JSON that is damaged, or of another type.
    """

    __slots__ = ("_decode", "_kind", "nothing")

    def __init__(self, keys: Iterable[str]) -> None:
        """Make a struct for the keys."""
        fields = [(key,) for key in sorted(keys)]
        self._kind: Any = _struct("Opened", fields, msgspec.Struct)
        self._decode = msgspec.json.Decoder(self._kind | MASKED | _EMPTY_LIST).decode
        self.nothing = self._kind()

    def open(self, json: msgspec.Raw) -> Any:
        """Return a struct that has the keys; `reader` reads them."""
        opened = self._decode(json)
        return opened if opened.__class__ is self._kind else self.nothing

    def open_all(self, many: Iterable[msgspec.Raw]) -> list[Any]:
        """Return a struct for each."""
        opened = list(map(self._decode, many))
        if set(map(type, opened)) == {self._kind}:
            return opened
        kind, nothing = self._kind, self.nothing
        return [each if each.__class__ is kind else nothing for each in opened]


def opener(keys: Iterable[str]) -> Opener:
    """Return what reads some keys of objects; conditions of many kinds ask for them."""
    return _opener(frozenset(keys))


@functools.lru_cache(maxsize=1024)
def _opener(keys: frozenset[str]) -> Opener:
    return Opener(keys)


def _struct(name: str, fields: Sequence[Names], base: type) -> Any:
    typed = [
        (_attribute(field), str | None, None)
        if is_text(field)
        else (_attribute(field), msgspec.Raw, NULL)
        for field in fields
    ]
    keys = {_attribute(field): field[-1] for field in fields}
    return msgspec.defstruct(name, typed, bases=(base,), rename=keys, gc=False)


def reader(field: Names) -> Callable[[Any], Any]:
    """Return the function that reads a field of a header, or of an opened object."""
    own = len(field) == 1 and field[0] in _OWN
    return operator.attrgetter(field[0] if own else _attribute(field))


def keys_reader(keys: Sequence[Names]) -> Callable[[Any], tuple[msgspec.Raw, ...]]:
    """Return the function that reads some keys of an opened object together."""
    read: Any = operator.attrgetter(*map(_attribute, keys))
    return read if len(keys) > 1 else lambda opened: (read(opened),)


def decode_json(json: bytes) -> Any:
    """Return JSON of a header as it is in a decoded event.

    Raises msgspec.DecodeError, ValueError or RecursionError for JSON that is damaged.
    """
    return _json.decode(json)


def set_field(event: dict[str, Any], field: Names, value: Any) -> None:
    """Put a value into an event, where its field stands there."""
    for name in field[:-1]:
        event = event.setdefault(name, {})
        if event.__class__ is not dict:
            # The whole that it is part of stands there already, and is no object.
            return
    event[field[-1]] = value


def _attribute(field: Names) -> str:
    """Name a field by its bytes: keys such as `x-amz-acl` are no names of Python."""
    return f"f_{field[-1].encode().hex()}"
