"""Check that the fields of an event have the types that CloudTrail gives them.

A field of another type would be read as one that is absent: the event would be judged
by less than it says, and nobody would know.  Only fields that somebody reads count.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from checker.aws.record_schema import RECORD
from checker.aws.shapes import Shape
from checker.evaluate.detection.header import MASKED, Names

Members: TypeAlias = Mapping[str, "FieldType"]

_NULL: Final = type(None)
_TYPES: Final[Mapping[str, frozenset[type]]] = {
    "string": frozenset({str, _NULL}),
    # Athena and CloudTrail Lake write them as text.
    "boolean": frozenset({bool, str, _NULL}),
    "object": frozenset({dict, _NULL}),
    "list": frozenset({list, _NULL}),
}
_NAMES: Final = {
    "string": "text",
    "boolean": "a boolean",
    "object": "an object",
    "list": "a list",
}
_FOUND: Final[Mapping[type, str]] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    str: "text",
}
_OPEN: Final = ("{", "[")
_FLAGS: Final = frozenset({"true", "false"})
_STARTS: Final = {str: b'"', bool: b"tf", _NULL: b"n", dict: b"{", list: b"["}
_ANY_OBJECT: Final[Any] = msgspec.defstruct("AnyObject", (), gc=False)


class FieldType(msgspec.Struct, frozen=True):
    """What a field may hold.

    `types` are those that need no closer look.  With `maskable` it is an object of a
    service's own, in whose place AWS may put text, and a tool an empty list.
    """

    name: str
    types: frozenset[type]
    maskable: bool = False
    members: Members = msgspec.field(default_factory=dict)

    def misfit(self, path: str, value: object) -> str | None:
        """Return what is wrong with a value of the field at a path."""
        kind = value.__class__
        if kind in self.types:
            return None
        if isinstance(value, dict) and self.members:
            return _misfit(self.members, value, f"{path}.")
        if self.maskable and (value == [] or _is_mask(value)):
            return None
        seen = _FOUND.get(kind, kind.__name__)
        if self.maskable and kind is str:
            seen = "an object as text"
        return f"{path} is {seen}, not {self.name}"

    @property
    def starts(self) -> frozenset[int]:
        """The bytes with which JSON of the field may begin, unless it is odd."""
        return frozenset(b"".join(_STARTS[kind] for kind in self.types))

    @property
    def converted(self) -> Any:
        """The type by which msgspec knows the field."""
        if self.members:
            return _struct(self.members) | None
        # The keys of any object are of no interest, and are not copied.
        kind: Any = functools.reduce(
            operator.or_, [_ANY_OBJECT if each is dict else each for each in self.types]
        )
        return kind | MASKED if self.maskable else kind


@dataclass(frozen=True)
class FieldTypes:
    """The types of some fields of an event, by their names."""

    members: Members

    def misfit(self, event: Mapping[str, object]) -> str | None:
        """Return what is wrong with the first field that is not of its type."""
        try:
            # Three times as fast as a look at each field.
            msgspec.convert(event, self._struct)
        except msgspec.ValidationError:
            return _misfit(self.members, event, "")
        return None

    @functools.cached_property
    def decode(self) -> Callable[[bytes], Any]:
        """Return an event's fields with their types, of its JSON: a struct.

        Of an object it has no key.  Raises msgspec.DecodeError for JSON that is damaged
        or of another type, ValueError and RecursionError likewise.
        """
        return msgspec.json.Decoder(_struct(self.members, _UNTYPED)).decode

    @functools.cached_property
    def _struct(self) -> Any:
        return _struct(self.members)


STATED: Final[frozenset[Names]] = frozenset(
    (name,)
    for name in """
    eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode
    recipientAccountId eventID userIdentity requestParameters responseElements
    additionalEventData serviceEventDetails
    """.split()
)
"""The fields that findings and stories state, whatever the rules read."""


_UNTYPED: Final = ("sharedEventID", "eventCategory", "eventType")
"""What tells copies apart, whatever it holds."""


NESTED: Final[frozenset[Names]] = frozenset(
    (name,) for name in RECORD.members if RECORD.members[name]().closed
)
"""The fields whose members AWS names."""


@functools.lru_cache(maxsize=64)
def field_types(paths: frozenset[Names] = STATED) -> FieldTypes:
    """Return the types of the fields that are read at some paths, by their names."""
    return FieldTypes(_members(RECORD, paths))


@functools.lru_cache(maxsize=1024)
def field_type(names: Names) -> FieldType | None:
    """Return the type of one field with all its members; None where AWS names none."""
    shape: Shape | None = RECORD
    for name in names:
        shape = shape.member(name) if shape and shape.closed else None
    return None if shape is None else _field_type(shape, None)


def _misfit(members: Members, event: Mapping[str, object], before: str) -> str | None:
    for name, value in event.items():
        known = members.get(name)
        if known is not None and (wrong := known.misfit(before + name, value)):
            return wrong
    return None


def _is_mask(value: object) -> bool:
    # An object may also be text of text.
    return isinstance(value, str) and value.lstrip().removeprefix('"')[:1] not in _OPEN


def _struct(members: Members, others: Iterable[str] = ()) -> Any:
    """Make the struct into which an event with the right types can be converted.

    What `others` hold may be of any type.
    """
    fields = [(name, each.converted, None) for name, each in members.items()]
    fields += [(name, Any, None) for name in others if name not in members]
    return msgspec.defstruct("Fields", fields, gc=False)


def _members(shape: Shape, paths: Iterable[Names] | None) -> dict[str, FieldType]:
    if paths is None:
        below: dict[str, list[Names] | None] = dict.fromkeys(shape.members)
    else:
        below = {}
        for names in paths:
            if names:
                rest: Any = below.setdefault(names[0], [])
                rest.append(names[1:])
    return {
        name: made
        for name, rest in below.items()
        if (member := shape.member(name)) and (made := _field_type(member, rest))
    }


def _field_type(shape: Shape, paths: Iterable[Names] | None) -> FieldType | None:
    types = _TYPES.get(shape.kind)
    if types is None:
        return None
    if shape.values and shape.values <= _FLAGS:
        types |= {bool}
    members = _members(shape, paths) if shape.closed else {}
    if members:
        types -= {dict}
    maskable = shape.kind == "object" and not shape.closed
    return FieldType(_NAMES[shape.kind], types, maskable, members)
