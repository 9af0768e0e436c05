"""Turn query results back into events: Athena, CloudTrail Lake, Insights.

Such rows hold only the columns asked for, so the events are partial: a field that is
absent says nothing.

https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from checker.model import RECORD_FIELDS, Event

_INNER = """
    type userName principalId arn accountId accessKeyId sessionContext sessionIssuer
    webIdFederationData federatedProvider attributes creationDate mfaAuthenticated
    sourceIdentity ec2RoleDelivery assumedRoot signInSessionArn invokedBy
    invokedByDelegate onBehalfOf userId identityStoreArn inScopeOf sourceArn
    sourceAccount issuerType credentialsIssuedTo credentialId identityProvider
    tlsVersion cipherSuite clientProvidedHostHeader keyExchange reason updatedFields
    originalRequestID originalEventID requestContext tagContext
    """.split()
_LOG_FIELDS = RECORD_FIELDS - {"eventId"}  # of aggregated events; eventID in all others
_CANONICAL = {name.lower(): name for name in (*_INNER, *_LOG_FIELDS)}
_BOOLEANS = frozenset({"readOnly", "managementEvent"})
_OPAQUE = frozenset(
    {"requestParameters", "responseElements", "additionalEventData", "resources"}
)
_STRUCT_FIELD = re.compile(
    r"(?:, )?([A-Za-z0-9]+)=((?:(?!, [A-Za-z0-9]+=)[^{}\[\]])*+)"
)
_SQL_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?: ?(?:UTC|Z))?"
)


def event(row: Mapping[str, Any]) -> Event:
    """Make an event of a row of columns, in CloudTrail's names and types.

    Column names may be lower-case and dotted (`useridentity.type`); columns of JSON
    text are decoded; an SQL timestamp becomes `YYYY-MM-DDThh:mm:ssZ`; columns that are
    null or empty are absent.
    """
    made: Event = {}
    for column, value in row.items():
        if value is None or value == "":
            continue
        path = [part for part in column.split(".") if part] or [column]
        *outer, last = (_CANONICAL.get(part.lower(), part) for part in path)
        inside = made
        for part in outer:
            below = inside.setdefault(part, {})
            if not isinstance(below, dict):
                below = inside[part] = {}
            inside = below
        inside[last] = _value(last, value)
    return made


def table(rows: Iterable[Iterable[Mapping[str, str]]]) -> list[dict[str, str | None]]:
    """Return the rows of Athena's ResultSet, whose first row names the columns."""
    cells = [[cell.get("VarCharValue") for cell in row] for row in rows]
    if not cells:
        return []
    names = [name or "" for name in cells[0]]
    return [dict(zip(names, row, strict=False)) for row in cells[1:]]


def _value(name: str, value: object) -> Any:
    if isinstance(value, str):
        if name in _BOOLEANS and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if name == "eventTime" and (time := _SQL_TIME.fullmatch(value)):
            return f"{time[1]}T{time[2]}Z"
        if value[:1] in ("{", "["):
            text = value
            try:
                value = msgspec.json.decode(text.encode())
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                return text if name in _OPAQUE else _struct(text)
    return value if name in _OPAQUE else _canonical(value)


def _struct(text: str) -> Any:
    """Read a struct as Athena and Lake write it: `{type=Root, accountid=123, …}`.

    Nothing is quoted there, so only what cannot be read otherwise is: every key must be
    one that CloudTrail has.  Anything else stays text.
    """
    outer: Event = {}
    open_: list[Event] = []
    at = 0
    while at < len(text):
        if text[at] == "{" and not open_ and at == 0:
            open_.append(outer)
            at += 1
        elif text[at] == "}" and open_:
            open_.pop()
            at += 1
            if not open_:
                return outer if at == len(text) else text
        elif field := _STRUCT_FIELD.match(text, at):
            name = _CANONICAL.get(field[1].lower())
            if name is None or not open_ or name in open_[-1]:
                return text
            at = field.end()
            if text[at : at + 1] == "{":
                inner: Event = {}
                open_[-1][name] = inner
                open_.append(inner)
                at += 1
            elif field[2] and field[2] != "null":
                open_[-1][name] = field[2]
        else:
            return text
    return text


def _canonical(value: object) -> Any:
    """Return nested columns their names back; the data of a call is never touched."""
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        names = {key: _CANONICAL.get(key.lower(), key) for key in value}
        return {
            names[key]: _value(names[key] or key, item) for key, item in value.items()
        }
    return value
