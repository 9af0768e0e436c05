"""Read CloudTrail's event history: `lookup-events://[REGION,…]`.

It holds the management events (and Insights) of the last 90 days, of one account, in
each Region, with or without a trail; data events are never there.  Two requests a
second are allowed for each account and Region.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from checker.model import Unreadable
from checker.sources.api.values import json_values
from checker.sources.events.compression import StreamError
from checker.sources.events.remote import errors
from checker.sources.events.remote.clients import client
from checker.sources.events.remote.pages import Pace, line, pages
from checker.sources.events.remote.query import LOOKUP, InputFilter, Remote

REACH: Final = timedelta(days=90)
INTERVAL: Final = 0.5
"""Seconds from one request to the next."""

_CATEGORIES: Final[tuple[dict[str, str], ...]] = ({}, {"EventCategory": "insight"})
"""Without a category the management events are given, and no others."""

_RESTARTS: Final = 3


def find(
    address: str, wanted: InputFilter, pace: Callable[[], Pace] | None = None
) -> Iterator[Remote | Unreadable]:
    """Find the Regions to ask: those of the address, of `wanted`, or all enabled ones.

    `pace` makes what keeps each Region's requests apart.
    """
    made = pace or functools.partial(Pace, INTERVAL)
    try:
        session = wanted.session()
        regions = _regions(address, wanted) or _enabled(session)
        clients = {
            region: client(session, "cloudtrail", region, attempts=1)
            for region in regions
        }
    except errors.failures() as error:
        said = errors.reason(error, "ec2:DescribeRegions")
        reason = f"the Regions cannot be listed: {said}; or name them with --region"
        yield Unreadable(address, None, reason)
        return
    for region, asked in clients.items():
        read = functools.partial(_events, asked.lookup_events, made(), wanted)
        yield Remote(f"{LOOKUP}{region}", 0, read, slow=True)


def notes(wanted: InputFilter) -> Iterator[str]:
    """Describe what the event history does not hold."""
    yield (
        "Event history (lookup-events://) never holds data events or network activity "
        "events: rules over those find nothing there."
    )
    since = wanted.period.since
    if since is not None and since < wanted.now - REACH:
        yield (
            "Event history (lookup-events://) reaches back 90 days: nothing before "
            f"{wanted.now - REACH:%Y-%m-%dT%H:%M:%SZ} was looked at there."
        )


def _regions(address: str, wanted: InputFilter) -> list[str]:
    named = [
        each for each in address.removeprefix(LOOKUP).strip("/").split(",") if each
    ]
    return list(dict.fromkeys(named or wanted.regions))


def _enabled(session: Any) -> list[str]:
    """Ask for the Regions that are on in the account."""
    home = session.region_name or "us-east-1"
    # Only enabled Regions are given unless all are asked for.
    answer = client(session, "ec2", home).describe_regions()
    return sorted(row["RegionName"] for row in answer["Regions"])


def _events(
    call: Callable[..., dict[str, Any]], pace: Pace, wanted: InputFilter
) -> Iterator[bytes | StreamError]:
    """Return the events of one Region, newest first, a block for each page."""
    for category in _CATEGORIES:
        try:
            yield from _category(call, pace, wanted, category)
        except errors.failures() as error:
            if category and errors.code(error) == "InvalidEventCategoryException":
                return  # a Region without Insights
            said = errors.reason(error, "cloudtrail:LookupEvents")
            which = " for Insights" if category else ""
            reason = f"the event history cannot be read{which}: {said}"
            yield StreamError(reason, intact=True)
            return


def _category(
    call: Callable[..., dict[str, Any]],
    pace: Pace,
    wanted: InputFilter,
    category: dict[str, str],
) -> Iterator[bytes]:
    """Read one category; after a token that has expired, on from the last event."""
    times = _times(wanted)
    last: set[str] = set()
    for left in reversed(range(_RESTARTS + 1)):
        known, oldest = last, times.get("EndTime")
        try:
            for page in pages(call, pace, **times, **category, MaxResults=50):
                rows = [
                    row
                    for row in page.get("Events") or ()
                    if row.get("EventId") not in known
                ]
                for row in rows:
                    time = row.get("EventTime")
                    if isinstance(time, datetime):
                        last = last if time == oldest else set()
                        oldest = time
                    last.add(row.get("EventId", ""))
                if rows:
                    yield b"".join(map(_line, rows))
        except errors.failures() as error:
            expired = errors.code(error) == "InvalidNextTokenException"
            if not (expired and left and isinstance(oldest, datetime)):
                raise
            times["EndTime"] = oldest
        else:
            return


def _times(wanted: InputFilter) -> dict[str, datetime]:
    """Return the times to ask for; both ends count, to the second."""
    times = {}
    if wanted.period.since is not None:
        start = max(wanted.period.since, wanted.now - REACH)
        times["StartTime"] = start.astimezone(UTC).replace(microsecond=0)
    if wanted.period.until is not None:
        times["EndTime"] = wanted.period.until.astimezone(UTC)
    return times


def _line(row: dict[str, Any]) -> bytes:
    return line(row.get("CloudTrailEvent"), json_values(row))
