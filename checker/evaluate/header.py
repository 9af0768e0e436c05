"""This module decides what is decoded of every event: no more than the rules ask first.

A header is a msgspec struct made for the loaded rules.  Reading one out of an event's
JSON costs a fraction of decoding the event.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeAlias

import msgspec

from checker.model import Header

Names: TypeAlias = tuple[str, ...]
Read: TypeAlias = Callable[[Header], Any]

KIND: tuple[Names, ...] = (
    ("eventSource",),
    ("eventName",),
    ("errorCode",),
    ("eventType",),
    ("readOnly",),
    ("userIdentity", "type"),
)
"""The fields that say of what kind an event is: each has few values in a log."""

_STRINGS = frozenset(
    {
        ("userAgent",),
        ("sourceIPAddress",),
        ("awsRegion",),
        ("errorMessage",),
        ("recipientAccountId",),
        ("userIdentity", "type"),
        ("userIdentity", "arn"),
        ("userIdentity", "userName"),
        ("userIdentity", "accountId"),
        ("userIdentity", "principalId"),
        ("userIdentity", "accessKeyId"),
        ("userIdentity", "invokedBy"),
    }
)
"""Fields that hold text; an event in which one holds anything else is decoded whole.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

_OWN = frozenset(Header.__struct_fields__)
_IN_PART = ("addendum",)
"""A field of every header that is not held as it stands in the event."""


def is_text(names: Names) -> bool:
    """Tell whether a header holds text at these names, or nothing."""
    return names in _STRINGS


def header_type(paths: Iterable[Names]) -> type[Header]:
    """Make the struct that holds what stands at some paths of an event.

    `can_hold` tells which paths go together; the fields of every header are there
    anyway.
    """
    return _header_type(frozenset(paths))


@functools.lru_cache(maxsize=256)
def _header_type(paths: frozenset[Names]) -> type[Header]:
    tree: dict[str, Any] = {}
    for names in sorted(paths):
        _plant(tree, names)
    fields = [(name, *_field(name, below, (name,))) for name, below in tree.items()]
    return msgspec.defstruct("EventHeader", fields, bases=(Header,), gc=False)  # type: ignore[return-value] # it is a Header by its bases


def can_hold(paths: Collection[Names], names: Names) -> bool:
    """Tell whether a header that holds `paths` can hold another one too."""
    if names[0] in _OWN:
        return len(names) == 1 and names != _IN_PART
    shorter = (names[:end] for end in range(1, len(names)))
    return not any(each in paths for each in shorter) and not any(
        other[: len(names)] == names and other != names for other in paths
    )


def attribute(names: Names) -> str:
    """Give the attribute of a header, dots and all, that holds what is at a path."""
    return ".".join([names[0], *map(_attribute, names[1:])])


def readers(names: Names) -> tuple[Read, Read]:
    """Give two functions that read a path's value out of a header.

    Where the path leads nowhere, the first raises AttributeError; the other gives None,
    as JMESPath does.
    """
    get = operator.attrgetter(attribute(names))

    def read(header: Header) -> Any:
        try:
            return get(header)
        except AttributeError:
            return None

    return get, read


def _plant(tree: dict[str, Any], names: Names) -> None:
    if names[0] in _OWN:
        return
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
    tree[names[-1]] = None


def _field(name: str, below: dict[str, Any] | None, names: Names) -> tuple[Any, Any]:
    """Give the type of a field, and its default."""
    if below is None:
        return (str | None if is_text(names) else Any), None
    inner = [
        (_attribute(key), *_field(key, deeper, (*names, key)))
        for key, deeper in below.items()
    ]
    struct = msgspec.defstruct(
        f"Header_{_attribute(name)}",
        inner,
        gc=False,
        rename={_attribute(key): key for key in below},
    )
    # What is masked or malformed may be anything else; a path through it is null.
    kind = struct | str | int | float | bool | list | None
    empty = struct()
    return kind, msgspec.field(default_factory=lambda: empty)


def _attribute(key: str) -> str:
    """Name a field by its bytes: keys such as `x-amz-acl` are no names of Python."""
    return f"f_{key.encode().hex()}"
