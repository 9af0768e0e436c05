"""Find the events inside of what another tool wraps around them, whatever its keys.

Splunk, Elasticsearch, Datadog, Wazuh, Loki, Sumo Logic and others put an event into an
object of their own, as an object or as its JSON text.  Nothing is lost: of a list in
which some items are events, every other item is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from checker.sources.events import (
    csv_results,
    envelopes,
    names,
    query_results,
    salvage,
    whole,
)
from checker.sources.events.envelopes import ERRORS
from checker.sources.events.names import Kind

Found: TypeAlias = bytes | str
"""An event as JSON, or what is wrong with what should be one."""

_DEEPEST: Final = 10
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_ANY = msgspec.json.Decoder()
_TIME = re.compile(r'"?[\dT:.,+\- Z]*"?')
_PREFIX = re.compile(r"[^{\[]{1,300}?(?=\{\s*\")")
"""What a forwarder puts before an event on its line, as syslog does."""


class _Id(msgspec.Struct):
    eventID: str | None = None  # noqa: N815 - CloudTrail's own name


_ID = msgspec.json.Decoder(_Id)


def of(value: bytes, depth: int = 0) -> list[Found]:
    """Find the events in a value of valid JSON; none at all is an empty list."""
    if depth > _DEEPEST:
        return []
    sign = value[:1]
    if sign == b"{":
        return _of_object(value, depth)
    if sign == b"[":
        return _of_list(value, depth)
    if sign == b'"' and b"{" in value:
        try:
            return of_text(_TEXT.decode(value), depth + 1)
        except ERRORS:
            return []
    return []


def of_text(text: str, depth: int = 0) -> list[Found]:
    """Find the events in a text that may be JSON, perhaps behind other words."""
    try:
        inner = unprefixed(text).encode()
    except UnicodeEncodeError:
        return []
    if inner[:1] not in (b"{", b"[") or not salvage.is_valid(inner):
        return []
    return of(inner, depth + 1)


def unprefixed(text: str) -> str:
    """Return a text without what stands before the object in it."""
    bare = text.strip()
    prefix = None if bare[:1] in ("{", "[") else _PREFIX.match(bare)
    return bare[prefix.end() :] if prefix else bare


def refusal(text: str) -> str:
    """Return why there is no event in a text."""
    bare = unprefixed(text)
    if bare[:1] not in ("{", "["):
        return "it is plain text, not JSON"
    try:
        inner = bare.encode()
    except UnicodeEncodeError:
        return "it holds half of a UTF-16 surrogate pair"
    if mistake := salvage.mistake(inner):
        return mistake
    if bare[:1] == "{" and (problem := envelopes.event_problem(inner)):
        return problem
    return "it is no CloudTrail event"


class Row(msgspec.Struct, frozen=True):
    """What a row gave: events as JSON and problems, in order.

    `partial` says that columns made the event, and `others` names those that are not
    CloudTrail's and were left out.
    """

    found: tuple[bytes | str, ...]
    partial: bool = False
    others: tuple[str, ...] = ()


def row(cells: Mapping[str, Any]) -> Row:
    """Read a row: the whole event where a column holds it, else from the columns."""
    named = csv_results.names_event(list(cells))
    for name, value in cells.items():
        if value and names.column(name).kind is not Kind.FIELD:
            found = _of_cell(name, value, named=named)
            if found:
                return Row(tuple(found))
    if not named:
        return Row((_not_enough(cells),))
    if {"EventId", "EventName"} <= cells.keys():
        reason = (
            "an entry of LookupEvents without its CloudTrailEvent says little of the "
            "event: export that column too"
        )
        return Row((reason,))
    made = query_results.restore(cells)
    if made.unread:
        return Row((whole.said(made.unread),))
    record = msgspec.json.encode(made.event)
    if envelopes.event_problem(record) is not None:
        return Row((_not_enough(cells),))
    return Row((record,), partial=True, others=tuple(made.others))


def _of_cell(name: str, value: Any, *, named: bool) -> list[Found]:
    """Find the events in a cell that is no field; nothing if it need not hold any."""
    if isinstance(value, dict | list):
        return of(msgspec.json.encode(value))
    if not isinstance(value, str) or not value.strip():
        return []
    carries = names.column(name).kind is Kind.WHOLE or (
        not named and names.squashed(name) in names.CARRIERS
    )
    if not carries and value.lstrip()[:1] not in ("{", "["):
        return []
    found = of_text(value)
    return found or ([f"of a message: {refusal(value)}"] if carries else [])


def _not_enough(cells: Mapping[str, Any]) -> str:
    return envelopes.foreign(cells) or (
        "the row has no eventName, and not both eventSource and eventTime: select "
        f"these columns too (columns: {envelopes.listed(cells)})"
    )


def _of_object(value: bytes, depth: int) -> list[Found]:
    problem = envelopes.event_problem(value)
    if problem is None:
        return placed(value)
    if problem:
        return []
    fields = _KEYS.decode(value)
    if csv_results.names_event(list(fields)):
        return list(row(_ANY.decode(value)).found)
    for name, raw in fields.items():
        if names.column(name).kind is Kind.WHOLE and (
            found := of(bytes(raw), depth + 1)
        ):
            return found
    if "class_uid" in fields:
        return []  # OCSF keeps a few fields of the event beside its own
    found = []
    for raw in fields.values():
        found += of(bytes(raw), depth + 1)
    return _once(found)


def placed(record: bytes) -> list[Found]:
    """Return an event with its fields in their places, or what cannot be read."""
    if whole.is_whole(record):
        return [record]
    if any(names.column(name).kind is Kind.WHOLE for name in _KEYS.decode(record)):
        return list(row(_ANY.decode(record)).found)
    return [whole.whole(record)]


def _of_list(value: bytes, depth: int) -> list[Found]:
    items = list(map(bytes, _LIST.decode(value)))
    each = [of(item, depth + 1) for item in items]
    if not any(each):
        return []
    found: list[Found] = []
    for item, inner in zip(items, each, strict=True):
        if inner:
            found += inner
        elif not _TIME.fullmatch(item[:64].decode("utf-8", "replace")):
            found.append(f"it is no CloudTrail event: {_shown(item)}")
    return found


def _shown(item: bytes) -> str:
    if item[:1] == b"{":
        return envelopes.unknown(item).removeprefix("it is no CloudTrail event: ")
    return envelopes.kind_of(item) if item[:1] != b"[" else "a list"


def _once(found: list[Found]) -> list[Found]:
    """Leave one of an event that an object holds twice: parsed, and as its text."""
    if len(found) < 2:
        return found
    kept: dict[object, Found] = {}
    for number, each in enumerate(found):
        key: object = number
        if isinstance(each, bytes):
            try:
                key = _ID.decode(each).eventID or number
            except ERRORS:
                key = number
        before = kept.get(key)
        if before is None or len(each) > len(before):
            kept[key] = each
    every = list(kept.values())
    return [each for each in every if not _is_part_of(each, every)]


_FEW = 4
"""The most events of one object that are held against each other."""


def _is_part_of(found: Found, every: list[Found]) -> bool:
    """Return whether an event without an id says nothing that another does not say."""
    if not 1 < len(every) <= _FEW or isinstance(found, str):
        return False
    try:
        own = _ANY.decode(found)
        return "eventID" not in own and any(
            isinstance(other, bytes)
            and other is not found
            and own.items() <= _ANY.decode(other).items()
            for other in every
        )
    except ERRORS:
        return False
