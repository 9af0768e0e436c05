"""Read what Lambda is called with: which objects have arrived.

S3's own notifications, Amazon EventBridge's "Object Created", the notifications that
CloudTrail sends for each log file, each of them also inside SNS and SQS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_plus

_DEEPEST: Final = 4
"""How many envelopes are opened: SQS, SNS, and what another service puts around."""

_CREATED: Final = "ObjectCreated:"


@dataclass(frozen=True, slots=True)
class Notice:
    """An object that has arrived; `version` is None in a bucket without versions."""

    bucket: str
    key: str
    version: str | None = None

    @property
    def uri(self) -> str:
        """Return its name in findings and problems, the same as in a scan."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that is no arrival of an object; `reason` is what it is counted as."""

    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that cannot be read as a notification."""

    reason: str


Part: TypeAlias = Notice | PassedOver | Broken


@dataclass(frozen=True, slots=True)
class Message:
    """What succeeds or fails as one: a message of SQS, or else the whole event.

    `id` is SQS's messageId, None outside of SQS.
    """

    id: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one call; `is_batch` says that SQS sent them.

    `in_order` says that the queue is FIFO: nothing may be done after what has failed.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """

    messages: tuple[Message, ...]
    is_batch: bool = False
    in_order: bool = False


def read(event: object) -> Messages:
    """Read what Lambda is called with; never raises for what is in it."""
    rows = event.get("Records") if isinstance(event, Mapping) else None
    if isinstance(rows, list) and rows and all(map(_is_sqs, rows)):
        return Messages(
            tuple(Message(_text(row, "messageId"), _body(row)) for row in rows),
            is_batch=True,
            in_order=any(
                str(row.get("eventSourceARN")).endswith(".fifo") for row in rows
            ),
        )
    return Messages((Message(None, tuple(_parts(event, 0))),))


def _is_sqs(row: object) -> bool:
    return isinstance(row, Mapping) and row.get("eventSource") == "aws:sqs"


def _body(row: Mapping[str, Any]) -> tuple[Part, ...]:
    return tuple(_inside(row.get("body"), 0))


def _inside(text: object, depth: int) -> Iterator[Part]:
    """Read a notification that stands as text in another one."""
    if not isinstance(text, str):
        yield Broken("the message has no text")
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield Broken("the message is not JSON")
        return
    yield from _parts(document, depth + 1)


def _parts(document: object, depth: int) -> Iterator[Part]:
    if not isinstance(document, Mapping) or depth > _DEEPEST:
        yield Broken("it is not a notification of S3, EventBridge or CloudTrail")
    elif document.get("Event") == "s3:TestEvent":
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
        yield PassedOver("test events")
    elif isinstance(document.get("Records"), list):
        for row in document["Records"]:
            yield from _row(row, depth)
    elif document.get("Type") == "Notification" and "Message" in document:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
        yield from _inside(document["Message"], depth)
    elif "detail-type" in document:
        yield _of_eventbridge(document)
    elif "s3Bucket" in document and "s3ObjectKey" in document:
        yield from _of_cloudtrail(document)
    else:
        yield Broken("it is not a notification of S3, EventBridge or CloudTrail")


def _row(row: object, depth: int) -> Iterator[Part]:
    if not isinstance(row, Mapping):
        yield Broken("a record of the notification is not an object")
    elif isinstance(row.get("Sns"), Mapping):
        yield from _inside(row["Sns"].get("Message"), depth)
    elif row.get("eventSource") == "aws:s3":
        yield _of_s3(row)
    else:
        yield Broken("a record of the notification is not S3's or SNS's")


def _of_s3(row: Mapping[str, Any]) -> Part:
    """Read a record of S3: its keys are URL-encoded.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    name = _text(row, "eventName") or ""
    if not name.startswith(_CREATED):
        return PassedOver("other events of S3")
    bucket = _text(row, "s3", "bucket", "name")
    key = _text(row, "s3", "object", "key")
    if not bucket or not key:
        return Broken("the notification of S3 names no object")
    try:
        decoded = unquote_plus(key, errors="strict")
    except UnicodeDecodeError:
        return Broken("the key in the notification of S3 is not UTF-8")
    return _notice(bucket, decoded, _text(row, "s3", "object", "versionId"))


def _of_eventbridge(document: Mapping[str, Any]) -> Part:
    """Read an event of EventBridge: its keys are as they are.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    if (document.get("source"), document["detail-type"]) != (
        "aws.s3",
        "Object Created",
    ):
        return PassedOver("other events of EventBridge")
    bucket = _text(document, "detail", "bucket", "name")
    key = _text(document, "detail", "object", "key")
    if not bucket or not key:
        return Broken("the event of EventBridge names no object")
    return _notice(bucket, key, _text(document, "detail", "object", "version-id"))


def _of_cloudtrail(document: Mapping[str, Any]) -> Iterator[Part]:
    """Read CloudTrail's own notification, which names one or several log files.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
    """
    bucket, keys = _text(document, "s3Bucket"), document["s3ObjectKey"]
    keys = [keys] if isinstance(keys, str) else keys
    if not bucket or not isinstance(keys, list) or not keys:
        yield Broken("the notification of CloudTrail names no object")
        return
    for key in keys:
        if isinstance(key, str) and key:
            yield _notice(bucket, key)
        else:
            yield Broken("the notification of CloudTrail names no object")


def _notice(bucket: str, key: str, version: str | None = None) -> Notice | Broken:
    """Return the notice of an object; objects from before versioning have `null`.

    JSON can write halves of characters, which no request can name.
    """
    if not _is_utf8(f"{bucket}{key}{version or ''}"):
        return Broken("the name of the object in the notification is not UTF-8")
    return Notice(bucket, key, version or None)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(document: Mapping[str, Any], *path: str) -> str | None:
    value: object = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None
