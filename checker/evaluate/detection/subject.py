"""Name the event that a finding or a hit is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.evaluate.detection.evidence import shown_as
from checker.model import SUBJECT, Event

_TEXT_OR_NONE = frozenset({str, type(None)})


def subject(event_id: Any, about: Sequence[Any]) -> dict[str, Any]:
    """Return which event a finding is about, with the keys of `schemas/report.json`.

    `about` is what `said_of` gives of it.
    """
    if event_id.__class__ is not str and event_id is not None:
        event_id = shown_as("id", event_id)
    return {"type": "event", "id": event_id, **dict(zip(SUBJECT, about, strict=True))}


def said_of(event: Event) -> tuple[Any, ...]:
    """Return what the subject of a finding says of an event, as `SUBJECT` has it."""
    get = event.get
    about = (
        get("eventTime"),
        get("eventSource"),
        get("eventName"),
        get("awsRegion"),
        *account_and_principal(event),
        get("sourceIPAddress"),
    )
    if _TEXT_OR_NONE.issuperset(map(type, about)):
        return about
    return tuple(
        [
            value if type(value) in _TEXT_OR_NONE else shown_as(name, value)
            for name, value in zip(SUBJECT, about, strict=True)
        ]
    )


def account_and_principal(event: Event) -> tuple[Any, str | None]:
    """Return in which account something happened, and who acted."""
    identity = event.get("userIdentity")
    identity = identity if isinstance(identity, dict) else {}
    account = event.get("recipientAccountId") or identity.get("accountId") or None
    return account, principal(identity)


def principal(identity: Mapping[str, Any]) -> str | None:
    """Name who acted: the most telling part of userIdentity that is there.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    keys = ("arn", "userName", "invokedBy", "principalId", "type", "accountId")
    for key in keys:
        value = identity.get(key)
        if isinstance(value, str) and value:
            return value
    return None
