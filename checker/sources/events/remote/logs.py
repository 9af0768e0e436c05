"""Read log groups of CloudWatch Logs: `logs://GROUP`, or a group's ARN.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from checker.model import Unreadable
from checker.sources.events.compression import StreamError
from checker.sources.events.remote import errors
from checker.sources.events.remote.clients import client
from checker.sources.events.remote.pages import Pace, line, pages
from checker.sources.events.remote.query import LOGS, InputFilter, Remote

INTERVAL: Final = 0.2
"""Seconds from one request to the next: the quota of most Regions is 5 a second.

https://repost.aws/knowledge-center/cloudwatch-logs-throttling
"""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REGION: Final = "?region="
_MILLISECOND: Final = timedelta(milliseconds=1)


def find(
    address: str, wanted: InputFilter, pace: Callable[[], Pace] | None = None
) -> Iterator[Remote | Unreadable]:
    """Find the log group: in the ARN's Region, those of `wanted`, or the profile's.

    `pace` makes what keeps the requests to each Region apart.
    """
    group, _, region = address.removeprefix(LOGS).partition(_REGION)
    if not group:
        yield Unreadable(address, None, "name a log group: logs://GROUP")
        return
    parts = group.split(":")
    is_arn = parts[0] == "arn" and len(parts) > 6
    if is_arn:
        region = parts[3]
    named = {"logGroupIdentifier" if is_arn else "logGroupName": _plain(group)}
    made = pace or functools.partial(Pace, INTERVAL)
    try:
        session = wanted.session()
        asked_for = [region] if region else dict.fromkeys(wanted.regions)
        regions: list[str | None] = [*asked_for] or [None]
        clients = [client(session, "logs", each, attempts=1) for each in regions]
    except errors.failures() as error:
        yield Unreadable(address, None, errors.reason(error, "logs:FilterLogEvents"))
        return
    for asked in clients:
        place = f"{LOGS}{_plain(group)}"
        place += "" if is_arn else f"{_REGION}{asked.meta.region_name}"
        read = functools.partial(
            _events, asked.filter_log_events, made(), wanted, named
        )
        yield Remote(place, 0, read, slow=True)


def _plain(group: str) -> str:
    return group.removesuffix(":*")


def _events(
    call: Callable[..., dict[str, Any]],
    pace: Pace,
    wanted: InputFilter,
    named: dict[str, str],
) -> Iterator[bytes | StreamError]:
    """Return the messages of one log group, a block for each page."""
    try:
        for page in pages(call, pace, **named, **_times(wanted)):
            rows = page.get("events") or ()
            if rows:
                yield b"".join(map(_line, rows))
    except errors.failures() as error:
        said = errors.reason(error, "logs:FilterLogEvents")
        if errors.code(error) == "ResourceNotFoundException":
            said = (
                "there is no such log group in this Region: name its own with --region"
            )
        yield StreamError(f"the log group cannot be read: {said}", intact=True)


def _times(wanted: InputFilter) -> dict[str, int]:
    """Return the times to ask for, in milliseconds; both ends count.

    AWS does not say whether a message carries its event's time or that of its delivery:
    so messages are asked for until deliveries are no longer expected.
    """
    times = {}
    since, last = wanted.period.since, wanted.last_delivery
    if since is not None:
        times["startTime"] = max((since - _EPOCH) // _MILLISECOND, 0)
    if last is not None:
        times["endTime"] = max((last - _EPOCH) // _MILLISECOND, 0)
    return times


def _line(row: dict[str, Any]) -> bytes:
    return line(row.get("message"), {"message": row.get("message")})
