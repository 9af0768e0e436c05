"""Turn rows of columns back into events: Athena, CloudTrail Lake, Insights, SIEMs.

Rows hold only the columns that were asked for, so the events are partial: a field that
is absent says nothing.  A column that holds a part of the event and cannot be read
makes the row a problem: an event is never read by half.

https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from checker.model import Event
from checker.sources.events import cells, names
from checker.sources.events.names import LISTS, OBJECTS, OPAQUE, Kind, Path

_BOOLEANS: Final = frozenset({"readOnly", "managementEvent"})
_MFA: Final = "mfaAuthenticated"
"""The flag of a session that CloudTrail writes as text; Sentinel has a boolean."""

_FLAGS: Final = frozenset({"true", "false"})
_ABSENT: Final = frozenset({"", "null", "-", "None", "NaN", "nan", "(null)"})
"""What tools write for a column that has no value."""

_CATEGORIES: Final = frozenset({"Management", "Data", "NetworkActivity", "Insight"})

_SQL_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,]\d+)?"
    r"(?: ?(?:UTC|Z|\+00:?00))?"
)
_US_TIME = re.compile(
    r"(\d\d?)/(\d\d?)/(\d{4}),? (\d\d?):(\d\d):(\d\d)(?:\.\d+)? ([AP]M)"
)
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")


class Restored(msgspec.Struct):
    """What columns make: an event, and the columns that are not in it.

    `unread` holds what belongs to the event and could not be put there, each with the
    reason, `others` the columns that are the tool's or the user's own.
    """

    event: Event = msgspec.field(default_factory=dict)
    unread: list[str] = msgspec.field(default_factory=list)
    others: list[str] = msgspec.field(default_factory=list)


class _ConflictError(ValueError):
    """Raised when two columns say different things of one field."""


def restore(row: Mapping[str, Any]) -> Restored:
    """Make an event of a row of columns, in CloudTrail's names and types.

    Columns of JSON text and of maps are decoded; an SQL timestamp becomes
    `YYYY-MM-DDThh:mm:ssZ`; columns that are null or empty are absent.
    """
    made = Restored()
    said = {name: value for name, value in row.items() if not _is_absent(value)}
    for name, value in sorted(said.items(), key=_rank):
        column = names.column(name)
        if column.kind is Kind.FIELD:
            if _is_second(name, value, column.path, said):
                continue
            _put(made, name, column.path, value)
        elif column.kind is Kind.UNCLEAR or _holds_object(value):
            made.unread.append(f"{name[:60]} is not a field of CloudTrail's")
        elif column.kind is Kind.OTHER:
            made.others.append(name[:60])
    return made


def completed(event: Mapping[str, Any]) -> Restored:
    """Fold what belongs to an event and stands beside it or in it as text.

    The event has CloudTrail's own names; keys that are not CloudTrail's stay as they
    are, but for those that name a part of one of its objects.  Where all values are
    text, as in Splunk's fields, those of keys with dots are read as those of columns.
    """
    made = Restored()
    rest: dict[str, Any] = {}
    typed = not all(isinstance(value, str | None) for value in event.values())
    for name, value in event.items():
        if name in _TYPED and value is not None:
            _put(made, name, (name,), value, own=True)
        elif names.is_own(name):
            made.event[name] = value
            made.unread += _misnamed(name, value)
        else:
            rest[name] = value
    for name, value in rest.items():
        column = names.column(name)
        path = column.path
        if column.kind is Kind.FIELD and not _is_second(name, value, path, event):
            if value is not None:
                if made.event.get(path[0], 0) is None:
                    del made.event[path[0]]
                _put(made, name, path, value, own=typed)
        elif column.kind is Kind.UNCLEAR and names.is_part(name):
            made.unread.append(f"{name[:60]} is not a field of CloudTrail's")
        else:
            made.event.setdefault(name, value)
    return made


def _misnamed(name: str, value: object) -> list[str]:
    """Return what is wrong with a text by which rules are chosen."""
    if name not in names.NAMES or isinstance(value, str | None):
        return []
    return [f"{name} cannot be read: it is {_KINDS[type(value)]} and no text"]


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in _ABSENT)


def _rank(item: tuple[str, Any]) -> int:
    """Order whole objects before their parts."""
    return len(names.column(item[0]).path)


def _is_second(name: str, value: object, path: Path, said: Mapping[str, Any]) -> bool:
    """Return whether a column is a tool's own and only sounds like one that is there.

    Splunk's `eventtype` stands beside `eventType`, Sentinel's `TimeGenerated` beside a
    user's `eventTime`; `category` is CloudTrail's only in Sentinel.
    """
    if name.strip().lower() == "category" and value not in _CATEGORIES:
        return True
    return len(path) == 1 and name != path[0] and path[0] in said


def _holds_object(value: object) -> bool:
    """Return whether a column that is not CloudTrail's may hold a part of an event."""
    if isinstance(value, str):
        return value.lstrip()[:1] == "{"
    return isinstance(value, dict) and bool(value)


def _put(
    made: Restored, name: str, path: Path, value: Any, *, own: bool = False
) -> None:
    try:
        read = _value(path, value, own=own)
        if read is not None:
            _merge(made.event, path, read)
        elif own:
            made.event.setdefault(path[0], None)
    except cells.UnclearError as error:
        made.unread.append(f"{name[:60]} cannot be read: {error}")
    except _ConflictError:
        made.unread.append(f"{name[:60]} says something else than another column")


def _merge(inside: dict[str, Any], path: Path, value: Any) -> None:
    """Put a value at a path; what stands there already must say the same."""
    *outer, last = path
    for part in outer:
        below = inside.setdefault(part, {})
        if not isinstance(below, dict):
            raise _ConflictError
        inside = below
    before = inside.get(last)
    if before is None:
        inside[last] = value
    elif isinstance(before, dict) and isinstance(value, dict):
        for key, item in value.items():
            _merge(before, (key,), item)
    elif before != value and f"{before}".lower() != f"{value}".lower():
        raise _ConflictError


def _value(path: Path, value: Any, *, own: bool) -> Any:
    """Read a value in the type that a record has at a path; None when it is absent."""
    top = path[0]
    if len(path) == 1 and (top in OBJECTS or top in LISTS):
        return _object(top, value, own=own)
    if top == "eventTime":
        return _time(value, own=own)
    if not isinstance(value, str):
        return _flag(path[-1], value)
    if top in OPAQUE:
        return value if own else _inner_text(path[-1], value)
    if top in OBJECTS:
        return _identity_value(path[-1], value, own=own)
    if top in _BOOLEANS and value.lower() in _FLAGS:
        return value.lower() == "true"
    return value


_TYPED: Final = OBJECTS | LISTS | _BOOLEANS | {"eventTime"}
"""The fields of a type that tools change, and which CloudTrail has but one way for."""


def _flag(name: str, value: Any) -> Any:
    """Return the flag of a session as the text that CloudTrail has for it."""
    if name == _MFA and f"{value}".lower() in _FLAGS:
        return f"{value}".lower()
    return value


def _object(top: str, value: Any, *, own: bool) -> Any:
    """Read a column that holds an object, or the list of resources."""
    text = value if isinstance(value, str) else None
    if text is not None:
        text = value = cells.unquoted(text)
        if text.strip() in _ABSENT:
            return None
        if text.lstrip()[:1] in ("{", "["):
            value = cells.decode(text, names.JSON_TEXT if top in OPAQUE else ())
        elif top in OPAQUE:
            return text  # what AWS masks is text in the place of the object
        else:
            raise cells.UnclearError("it is text and no object")
    if top in OPAQUE and value == []:
        return None  # as some languages write an empty object
    # CloudTrail Lake's schema has structs, maps of texts, and a list of resources.
    wanted = list | dict if top in LISTS else dict
    if not isinstance(value, wanted):
        needed = "list" if top in LISTS else "object"
        raise cells.UnclearError(f"it is {_KINDS[type(value)]} and no {needed}")
    if top in OPAQUE:
        return _typed(value) if text is not None and not _is_json(text) else value
    if top in LISTS:
        return _resources(value)
    if top not in _NAMED or (own and text is None and not _has_text(value)):
        return value
    return _named(value, own=own and text is None)


_KINDS: Final = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    str: "text",
    type(None): "null",
}

_NAMED: Final = frozenset({"userIdentity", "tlsDetails", "addendum"})
"""The objects whose keys are CloudTrail's own."""


def _is_json(text: str) -> bool:
    return text.lstrip()[1:].lstrip()[:1] in ('"', "}", "]", "{", "[")


def _has_text(value: Any) -> bool:
    """Return whether an object of CloudTrail's has objects as text, or dotted keys."""
    return isinstance(value, dict) and any(
        not names.is_inner(key)
        or (isinstance(item, str) and item[:1] in ("{", "["))
        or (isinstance(item, dict) and _has_text(item))
        or _flag(key, item) != item
        for key, item in value.items()
    )


def _named(value: Any, *, own: bool) -> Any:
    """Return an object of CloudTrail's own with its names, in every depth."""
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for key, item in value.items():
        path = tuple(names.within(part) for part in key.split(".") if part)
        if len(path) != 1 and (not path or path[0] not in names.INNER_OBJECTS):
            path = (key,)
        inner: Any = _flag(path[-1], item)
        if isinstance(item, str):
            inner = _identity_value(path[-1], item, own=own)
        elif isinstance(item, dict) and (path[-1] != "attributes" or _is_session(item)):
            inner = _named(item, own=own)
        if inner is not None or own:
            _merge(made, path, inner)
    return made


def _is_session(value: Any) -> bool:
    """Distinguish a session's attributes from those of a token, by their names."""
    return isinstance(value, dict) and any(
        names.within(key) in ("creationDate", "mfaAuthenticated") for key in value
    )


def _identity_value(name: str, text: str, *, own: bool) -> Any:
    if name in names.INNER_OBJECTS and text.strip() not in _ABSENT:
        if text.lstrip()[:1] in ("{", "["):
            return _named(cells.decode(text), own=False)
        raise cells.UnclearError(f"its {name} is text and no object")
    text = _flag(name, text)
    if own:
        return text
    if name == "creationDate" and (sql := _SQL_TIME.fullmatch(text)):
        return f"{sql[1]}T{sql[2]}Z"
    return text if text.strip() not in _ABSENT else None


def _inner_text(name: str, text: str) -> Any:
    """Read one parameter of a call, which a column of its own holds as text."""
    if text[:1] in ("{", "[") and name not in names.JSON_TEXT:
        try:
            return cells.decode(text)
        except cells.UnclearError:
            return text
    return cells.typed(name, text)


def _typed(value: Any) -> Any:
    """Return the data of a call that a map of texts held."""
    if not isinstance(value, dict):
        return value
    return {
        key: cells.typed(key, item) if isinstance(item, str) else item
        for key, item in value.items()
    }


def _resources(value: Any) -> Any:
    """Return the list of resources with CloudTrail's names: ARN, accountId, type."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return value
    spelling = {"arn": "ARN", "accountid": "accountId", "arnprefix": "ARNPrefix"}
    return [
        {spelling.get(key.lower(), key): part for key, part in item.items()}
        if isinstance(item, dict)
        else item
        for item in value
        if item is not None
    ]


def _time(value: Any, *, own: bool) -> Any:
    """Return a time as CloudTrail writes it.

    What is none stays in an event of CloudTrail's `own`, which is in no period then;
    of a column, it raises `UnclearError`.
    """
    text = f"{value}"
    if sql := _SQL_TIME.fullmatch(text.strip()):
        return f"{sql[1]}T{sql[2]}Z"
    if us := _US_TIME.fullmatch(text.strip()):
        month, day, year, hour, minute, second = map(int, us.groups()[:6])
        hour = hour % 12 + 12 * (us[7] == "PM")
        return f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    if _EPOCH.fullmatch(text):
        seconds = float(text) / (1000 if len(text) == 13 else 1)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        if own:
            return value
        raise cells.UnclearError("it is not a time that can be read") from None
    return text
