"""How CloudTrail lays out its files in a bucket, by their keys alone.

`[prefix/]AWSLogs/[o-id/]account/CloudTrail/Region/YYYY/MM/DD/name.json.gz`, all times
those of delivery, in UTC.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from checker.sources.events.files import SUFFIXES, suffix
from checker.sources.events.remote.query import InputFilter

ROOT: Final = "AWSLogs"

EVENTS: Final = ("CloudTrail", "CloudTrail-NetworkActivity")
"""The folders of an account that hold events; digests and Insights have others."""

_EVENTS: Final = frozenset(name.lower() for name in EVENTS)
"""Tools that copy buckets change the case of names."""

_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}")
_ACCOUNT: Final = re.compile(r"\d{12}")
_NUMBER: Final = re.compile(r"\d{2}|\d{4}")
_DELIVERED: Final = re.compile(
    r"\d{12}_CloudTrail(?:-NetworkActivity)?_[a-z0-9-]+_(\d{8}T\d{4})Z.*"
)
_NO_EVENTS: Final = re.compile(
    r"\d{12}_(?:CloudTrail-Digest|CloudTrail-Insight|CloudTrail-Aggregated|Config)_.*"
)
_SKEW: Final = timedelta(minutes=5)
"""How far the clocks of the host that names an event's time, and ours, may differ."""


class Step(enum.Enum):
    """What to do with a folder."""

    OPEN = "list the folders in it"
    TAKE = "list everything below it"
    SKIP = "it holds nothing that is wanted"
    PRUNE = "it was not asked for"


def below(folder: str) -> tuple[str, ...] | None:
    """Return parts of a folder below its AWSLogs, without the organization, or None.

    `logs/AWSLogs/o-exampleorgid/123456789012/CloudTrail/` gives the last two.
    """
    parts = [part.lower() for part in folder.strip("/").split("/")]
    if ROOT.lower() not in parts:
        return None
    start = len(parts) - parts[::-1].index(ROOT.lower())
    # `account=123456789012`, as copies for Hive have it, names the same folder.
    rest = [part.rpartition("=")[2] for part in folder.strip("/").split("/")[start:]]
    while rest and _ORGANIZATION.fullmatch(rest[0]):
        del rest[0]
    return tuple(rest)


def step(parts: tuple[str, ...], wanted: InputFilter) -> Step:
    """Describe what to do with a folder, by its parts below AWSLogs.

    A folder is pruned only if nothing wanted can stand in it; one that looks like no
    folder of CloudTrail's, below the folders that are, is taken.
    """
    depth = len(parts)
    if depth == 0:
        return Step.OPEN
    name = parts[-1]
    if depth == 1:
        if not _ACCOUNT.fullmatch(name):
            return Step.SKIP
        chosen = not wanted.accounts or name in wanted.accounts
        return Step.OPEN if chosen else Step.PRUNE
    if depth == 2:
        if name.lower() not in _EVENTS:
            return Step.SKIP
        return Step.OPEN if wanted.regions or wanted.period else Step.TAKE
    if depth == 3 and wanted.regions and name not in wanted.regions:
        return Step.PRUNE
    return _dated(parts[3:], wanted)


def _dated(date: tuple[str, ...], wanted: InputFilter) -> Step:
    """Describe what to do with the folder of a year, a month or a day of delivery."""
    if not wanted.period:
        return Step.TAKE
    if not date:
        return Step.OPEN
    times = _times(date)
    if times is None:
        return Step.TAKE
    start, end = times
    since, last = wanted.period.since, wanted.last_delivery
    if (since is not None and end <= since) or (last is not None and start > last):
        return Step.PRUNE
    whole = (since is None or since <= start) and (last is None or end <= last)
    return Step.TAKE if whole or len(date) == 3 else Step.OPEN


def _times(date: tuple[str, ...]) -> tuple[datetime, datetime] | None:
    """Return the start and the end of a year, month or day; None when it is no date."""
    if len(date) > 3 or not all(map(_NUMBER.fullmatch, date)):
        return None
    year, month, day = (*map(int, date), 1, 1)[:3]
    try:
        start = datetime(year, month, day, tzinfo=UTC)
        if len(date) == 1:
            return start, start.replace(year=year + 1)
        if len(date) == 2:
            return start, (start + timedelta(days=31)).replace(day=1)
        return start, start + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def is_event_file(key: str) -> bool:
    """Describe whether an object may hold events at all, by its key."""
    name = key.rpartition("/")[2]
    if not name or name.startswith(".") or _NO_EVENTS.fullmatch(name):
        return False
    return "." not in name or name.lower().endswith(SUFFIXES)


def other_kind(key: str) -> str | None:
    """Return the kind of an object that is left out, or None if AWS wrote no event."""
    name = key.rpartition("/")[2]
    if not name or name.startswith(".") or _NO_EVENTS.fullmatch(name):
        return None
    return suffix(name)


_OTHER_LOGS: Final = frozenset(
    """
    config elasticloadbalancing vpcflowlogs waflogs guardduty route53 vpcdnsquerylogs
    redshift cloudfront globalaccelerator network-firewall networkfirewall s3 rds
    cloudtrail-digest cloudtrail-insight cloudtrail-aggregated msk ssm inspector
    """.split()
)
"""Folders of an account in which other services keep their logs."""


def is_unknown(folder: str) -> bool:
    """Return whether a folder below AWSLogs is neither CloudTrail's nor known."""
    return folder.lower() not in _OTHER_LOGS


def is_in_time(key: str, wanted: InputFilter) -> bool:
    """Describe whether a log file may hold events of the period, by its key.

    A file holds what was written at any point before the minute that its name says.
    """
    found = _DELIVERED.fullmatch(key.rpartition("/")[2])
    if not found or not wanted.period:
        return True
    try:
        time = datetime.strptime(f"{found[1]}Z", "%Y%m%dT%H%M%z")
    except ValueError:
        return True
    since, last = wanted.period.since, wanted.last_delivery
    early = since is not None and time + timedelta(minutes=1) + _SKEW <= since
    return not early and (last is None or time <= last)
