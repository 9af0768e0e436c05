"""Determine events from envelopes, and both from anything else, by their keys.

An event has an eventName, or both an eventSource and an eventTime, or is an Insights or
aggregated event.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from checker.sources.events import salvage

ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder of JSON raises on bad text."""

_NAMELESS = frozenset(
    {
        b'"Insight"',
        b'"Aggregated"',
        b'"AwsCloudTrailInsight"',
        b'"AwsAggregatedEvent"',
    }
)
_NOTHING = msgspec.Raw()


class _Head(msgspec.Struct, rename="camel"):
    """The keys by which an event is told from anything else."""

    event_name: msgspec.Raw = _NOTHING
    event_source: msgspec.Raw = _NOTHING
    event_time: msgspec.Raw = _NOTHING
    event_category: msgspec.Raw = _NOTHING
    event_type: msgspec.Raw = _NOTHING


_BULK = frozenset({"index", "create", "update"})
_NAMES = {
    "records": "Records",
    "entries": "Events",
    "cloud_trail_event": "CloudTrailEvent",
    "detail_type": "detail-type",
    "log_events": "logEvents",
    "message_type": "messageType",
    "at_message": "@message",
    "query_result_rows": "QueryResultRows",
    "result_set": "ResultSet",
    "s3_bucket": "s3Bucket",
    "s3_object_key": "s3ObjectKey",
    "topic_arn": "TopicArn",
    "sns_message": "Message",
    "digest_start": "digestStartTime",
    "digest_end": "digestEndTime",
    "log_files": "logFiles",
}


class Envelope(msgspec.Struct, rename=_NAMES):
    """The keys by which envelopes are told from each other; empty when absent."""

    records: msgspec.Raw = _NOTHING
    entries: msgspec.Raw = _NOTHING
    cloud_trail_event: msgspec.Raw = _NOTHING
    detail: msgspec.Raw = _NOTHING
    detail_type: msgspec.Raw = _NOTHING
    events: msgspec.Raw = _NOTHING
    log_events: msgspec.Raw = _NOTHING
    message_type: msgspec.Raw = _NOTHING
    message: msgspec.Raw = _NOTHING
    at_message: msgspec.Raw = _NOTHING
    results: msgspec.Raw = _NOTHING
    query_result_rows: msgspec.Raw = _NOTHING
    result_set: msgspec.Raw = _NOTHING
    s3_bucket: msgspec.Raw = _NOTHING
    s3_object_key: msgspec.Raw = _NOTHING
    topic_arn: msgspec.Raw = _NOTHING
    sns_message: msgspec.Raw = _NOTHING
    digest_start: msgspec.Raw = _NOTHING
    digest_end: msgspec.Raw = _NOTHING
    log_files: msgspec.Raw = _NOTHING

    @property
    def is_digest(self) -> bool:
        """Whether these are the keys of a digest file of log-file validation."""
        return bool(len(self.digest_start) and len(self.digest_end)) and bool(
            len(self.log_files)
        )


_HEAD = msgspec.json.Decoder(_Head)
ENVELOPE = msgspec.json.Decoder(Envelope)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ACTION = msgspec.json.Decoder(dict[str, dict[str, msgspec.Raw]])


def is_event(value: bytes) -> bool:
    """Describe whether a value of JSON is a CloudTrail event."""
    return value.startswith(b"{") and event_problem(value) is None


def event_problem(value: bytes) -> str | None:
    """Return None for an event, a reason for a look-alike, and "" for anything else."""
    try:
        head = _HEAD.decode(value)
    except ERRORS as error:
        return salvage.describe(error, value)
    source = bytes(head.event_source)
    if source.startswith(b'"aws:'):
        name = source.decode("utf-8", "replace")
        return f"it is a notification of another service (eventSource {name})"
    if bytes(head.event_name)[:1] == b'"' or (source and len(head.event_time)):
        return None
    kind = {bytes(head.event_category), bytes(head.event_type)}
    return None if kind & _NAMELESS else ""


def message(seen: Envelope) -> msgspec.Raw:
    """Return the message that an envelope of one event holds; empty without one."""
    every = (seen.cloud_trail_event, seen.at_message, seen.message, notified(seen))
    return next(filter(len, every), _NOTHING)


def is_empty(seen: Envelope) -> bool:
    """Return whether an envelope that is known is one without events."""
    every = (seen.records, seen.entries, seen.log_events, seen.events, seen.results)
    return any(bytes(each) == b"[]" for each in every)


def is_bulk_action(value: bytes) -> bool:
    """Return whether a value is the action before a document of a bulk request.

    https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
    """
    try:
        ((name, inner),) = _ACTION.decode(value).items()
    except (*ERRORS, ValueError):
        return False
    return name in _BULK and bool(inner) and all(key[:1] == "_" for key in inner)


def notified(seen: Envelope) -> msgspec.Raw:
    """Return the message of an SNS notification if it is an event in JSON."""
    message = seen.sns_message
    if len(seen.topic_arn) and b"eventName" in bytes(message):
        return message
    return _NOTHING


def unknown(value: bytes, seen: Envelope | None = None) -> str:
    """Describe what an object is that is neither an event nor an envelope."""
    if seen and (len(seen.s3_bucket) and len(seen.s3_object_key)):
        return (
            "it is an SNS notification, which says where log files are but holds no "
            "event: fetch the objects that s3ObjectKey names"
        )
    if seen and len(seen.topic_arn):
        return "it is an SNS notification, which holds no event"
    if seen and seen.is_digest:
        return "it is a digest of log-file validation, which holds no event"
    try:
        keys = _KEYS.decode(value)
    except ERRORS as error:
        return salvage.describe(error, value)
    if reason := foreign(keys):
        return reason
    if bytes(keys.get("Records", b"")) == b"null":
        return "its Records is null: it holds no events"
    return f"it is no CloudTrail event: its keys are {listed(keys)}"


EXPORT_RAW = (
    "which leaves out fields that rules need: read the log files of the trail "
    "(s3://BUCKET/AWSLogs/…), or export the original event"
)


def _settings(names: set[str]) -> str | None:
    """Return what kind of settings an object is, which `audit` would read."""
    if {"kind", "collected_at"} <= names or {"_state", "trails"} <= names:
        return "a settings snapshot"
    if "format_version" in names and names & {"planned_values", "resource_changes"}:
        return "a Terraform plan"
    if "AWSTemplateFormatVersion" in names:
        return "a CloudFormation template"
    return None


def foreign(keys: Iterable[str]) -> str | None:
    """Return what an object is that another schema made of an event, by its keys."""
    names = {key.partition(".")[0] for key in keys} | set(keys)
    if settings := _settings(names):
        return f"{settings}, which holds no event: check it with trailcheck audit"
    if names & {"class_uid", "category_uid", "type_uid"}:
        return f"it is an event in OCSF, as Amazon Security Lake keeps it, {EXPORT_RAW}"
    if "udm" in names or {"metadata", "principal"} <= names:
        return f"it is an event in the UDM of Google SecOps, {EXPORT_RAW}"
    if {"EventVendor", "EventSchema"} <= names or "EventSchemaVersion" in names:
        return f"it is an event in Sentinel's ASIM, {EXPORT_RAW}"
    if "ecs" in names or ("@timestamp" in names and {"event", "aws"} & names):
        return (
            "it is an event in the Elastic Common Schema without event.original, "
            f"{EXPORT_RAW}"
        )
    return None


def listed(names: Iterable[str]) -> str:
    """Name some keys, not all of a long list."""
    every = [str(name)[:40] for name in names]
    shown = ", ".join(every[:8])
    return f"{shown} and {len(every) - 8} more" if len(every) > 8 else shown or "none"


def kind_of(value: bytes) -> str:
    """Name the kind of a value of JSON that is neither object nor array."""
    match value[:1]:
        case b'"':
            return "a string"
        case b"t" | b"f":
            return "a boolean"
        case b"n":
            return "null"
    return "a number"


def repeats(value: bytes, key: str) -> bool:
    """Describe whether an object has a key twice, of which a decoder keeps only one."""
    if value.count(f'"{key}"'.encode()) < 2:
        return False
    keys: list[str] = []

    def remember(pairs: list[tuple[str, Any]]) -> None:
        # Called for every object, innermost first: what stays is the outermost's.
        keys[:] = [name for name, _ in pairs]

    try:
        json.loads(value, object_pairs_hook=remember)
    except (ValueError, RecursionError):
        return True
    return keys.count(key) > 1


def is_utf8(text: bytes) -> bool:
    """Describe whether a text is UTF-8; a decoder does not look into what it skips."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
