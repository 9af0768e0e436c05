"""Write findings as rows of a table: JSON lines or columns, by day and account."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from checker.model import Finding
from checker.reports.json import line

Cell: TypeAlias = str | int | None

COLUMNS: Final = (
    ("rule", "string"),
    ("level", "string"),
    ("event_id", "string"),
    ("event_time", "string"),
    ("event_source", "string"),
    ("event_name", "string"),
    ("aws_region", "string"),
    ("principal", "string"),
    ("source_ip_address", "string"),
    ("uri", "string"),
    ("record", "long"),
    ("message", "string"),
    ("fingerprint", "string"),
    ("finding", "string"),
)
"""The columns beside those of the partition; `finding` is the line of JSON."""

PARTITION: Final = (("day", "string"), ("account", "string"))
"""The columns that are folders: the day (UTC) of the event, and its account."""

UNKNOWN: Final = "unknown"

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)


def partition(finding: Finding) -> tuple[str, str]:
    """Return the day and the account of a finding, or `unknown` for what is none."""
    about = finding.subject
    day, account = str(about["eventTime"])[:10], str(about["accountId"])
    return (
        day if _DAY.fullmatch(day) else UNKNOWN,
        account if _ACCOUNT.fullmatch(account) else UNKNOWN,
    )


def lines(finding: Finding) -> tuple[Cell, ...]:
    """Return a finding as its line of JSON, after its partition."""
    return (*partition(finding), line(finding))


def columns(finding: Finding) -> tuple[Cell, ...]:
    """Return a finding as `COLUMNS`, after its partition."""
    about, place = finding.subject, finding.location
    return (
        *partition(finding),
        finding.rule.name,
        finding.level.value,
        _text(about["id"]),
        _text(about["eventTime"]),
        _text(about["eventSource"]),
        _text(about["eventName"]),
        _text(about["awsRegion"]),
        _text(about["principal"]),
        _text(about["sourceIPAddress"]),
        _text(place.uri) if place else None,
        place.record if place else None,
        _text(finding.message),
        finding.fingerprint,
        line(finding),
    )


def _text(value: object) -> str | None:
    """Return a text that can be UTF-8; an event may hold half a character."""
    if value is None:
        return None
    return str(value).encode("utf-8", "replace").decode()
