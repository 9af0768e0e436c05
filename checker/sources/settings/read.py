"""Read settings from a file, whatever says them.

A saved snapshot, a Terraform plan in JSON and a CloudFormation template are told apart
by content, never by name.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import msgspec

from checker.errors import SourceError
from checker.model import Unreadable
from checker.sources.settings import json_lines
from checker.sources.settings import snapshot as snapshots
from checker.sources.settings.iac.cloudformation import template as cloudformation
from checker.sources.settings.iac.declarations import SECTIONS, Settings, SourcePosition
from checker.sources.settings.iac.terraform import plan, positions

__all__ = ["MAX_BYTES", "Settings", "SourcePosition", "read"]

MAX_BYTES = plan.MAX_BYTES

_KIND = "cloudtrail-settings-snapshot"
_EVENTS = "CloudTrail events, not settings: check them with trailcheck scan"
_FOLDER = (
    "a folder: name files of settings one by one, or check events in it with "
    "trailcheck scan"
)
_GZIP = b"\x1f\x8b"


def read(
    path: Path | str, *, region: str | None = None, account: str | None = None
) -> Settings | Unreadable:
    """Read one file of settings.

    The snapshot in the answer is settled: what is not known is `Unknown`.  `region` and
    `account` say where a template will be deployed, which it does not say itself.
    """
    uri = str(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        return Unreadable(uri, None, _FOLDER)
    except OSError as error:
        return Unreadable(uri, None, error.strerror or str(error))
    if len(data) > MAX_BYTES:
        return Unreadable(uri, None, f"larger than {MAX_BYTES:,} bytes")
    data = _utf8(data)
    value = _json(data)
    if _holds_events(value):
        return Unreadable(uri, None, _EVENTS)
    if isinstance(value, dict) and value.get("kind") == _KIND:
        return _snapshot(uri, data)
    if plan.is_plan(value):
        return _plan(uri, value, data)
    if isinstance(value, dict) and {"terraform_version", "lineage"} <= value.keys():
        reason = (
            "a Terraform state file: give a plan (terraform plan -out PLANFILE, then "
            "terraform show -json PLANFILE)"
        )
        return Unreadable(uri, None, reason)
    if isinstance(value, dict) and not cloudformation.is_template(value):
        reason = (
            "neither a settings snapshot, nor a Terraform plan (terraform show -json), "
            "nor a CloudFormation template"
        )
        return Unreadable(uri, None, reason)
    other = _other(data, value)
    if other is not None:
        return Unreadable(uri, None, other)
    template = cloudformation.document(uri, data)
    return cloudformation.read(uri, template, len(data), region=region, account=account)


def _plan(uri: str, value: Any, data: bytes) -> Settings | Unreadable:
    planned = plan.read(uri, value, len(data))
    if isinstance(planned, Unreadable):
        return planned
    return positions.placed(planned, data)


def _holds_events(value: Any) -> bool:
    """Return whether JSON is a log file, an event, or a list of events."""
    if isinstance(value, dict):
        value = value.get("Records", [value])
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and {"eventSource", "eventName"} <= first.keys()


def _utf8(data: bytes) -> bytes:
    """Return the text in UTF-8, from the UTF-16 that PowerShell's `>` writes."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        return data


def _other(data: bytes, value: Any) -> str | None:
    """Return what a file is that is often given in place of settings; None if not."""
    if data.startswith(b"PK\x03\x04"):
        return "a saved Terraform plan: give its JSON (terraform show -json PLANFILE)"
    if data.startswith(_GZIP):
        return "a gzip archive, as log files are: check events with trailcheck scan"
    first = _json(data.lstrip().partition(b"\n")[0]) if value is None else None
    if _holds_events(first):
        return _EVENTS
    if isinstance(first, dict) and {"@level", "@message"} & first.keys():
        return (
            "the log of terraform plan -json: give the plan "
            "(terraform show -json PLANFILE)"
        )
    return None


def _json(data: bytes) -> Any:
    """Decode JSON; None for what is not, which may be YAML."""
    text = data.removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _snapshot(uri: str, data: bytes) -> Settings | Unreadable:
    try:
        snapshot = snapshots.settle(snapshots.load(uri))
    except SourceError as error:
        return Unreadable(uri, None, error.reason)
    lines = json_lines.json_lines(data)
    places = {
        pointer: SourcePosition(lines.get(pointer, 1), pointer)
        for section in SECTIONS
        for pointer in _pointers(section, snapshot.get(section))
    }
    return Settings(uri, snapshot, places, len(data))


def _pointers(section: str, rows: Any) -> list[str]:
    if not isinstance(rows, list):
        return []
    return [f"/{section}/{index}" for index in range(len(rows))]
