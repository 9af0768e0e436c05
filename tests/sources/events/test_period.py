"""Only the events of the period stay, to the second."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.errors import UsageError
from checker.model import Batch
from checker.sources.events import formats, positions
from checker.sources.events.period import Period, moment, period, span, within

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = Period(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))


def event(time: object, number: int = 0) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventTime": time,
        "eventSource": "iam.amazonaws.com",
        "eventName": "GetUser",
        "eventID": f"id-{number}",
    }


def batch(*times: object, plain: bool = True) -> Batch:
    events = [event(time, number) for number, time in enumerate(times)]
    text = json.dumps({"Records": events} if plain else events)
    if plain:
        text = json.dumps({"Records": events}, separators=(",", ":"))
    found = formats.split("x", text.encode())
    assert isinstance(found, Batch)
    is_text = all(isinstance(time, str | None) for time in times)
    assert (found.headers is not None) is (plain and is_text)
    return found


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(
    ("time", "stays"),
    [
        ("2026-11-19T23:59:59Z", False),
        ("2026-11-20T00:00:00Z", True),
        ("2026-11-20T23:59:59Z", True),
        ("2026-11-21T00:00:00Z", False),
        ("2026-11-20T23:59:59.999Z", True),
        ("2026-11-21T01:30:00+02:00", True),
        ("2026-11-20 23:59:59.000", True),
        ("yesterday", True),
        ("", True),
        (None, True),
        (7, True),
    ],
)
def test_the_first_instant_counts_and_the_last_does_not(
    time: object, *, stays: bool, plain: bool
) -> None:
    found = within(batch("2026-11-20T12:00:00Z", time, plain=plain), DAY)

    assert (1 in found.numbers) is stays
    assert found.outside == (not stays)


@pytest.mark.parametrize("plain", [True, False])
def test_what_stays_keeps_its_number_and_place(*, plain: bool) -> None:
    times = ["2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"] * 3
    whole = batch(*times, plain=plain)

    found = within(whole, DAY)

    assert found.numbers == (1, 4, 7)
    assert found.outside == 6
    assert [json.loads(each)["eventID"] for each in found.records] == [
        "id-1",
        "id-4",
        "id-7",
    ]
    assert positions.places(found, {1, 4, 7}) == positions.places(whole, {1, 4, 7})


@pytest.mark.parametrize("plain", [True, False])
def test_a_batch_that_lies_outside_gives_no_event(*, plain: bool) -> None:
    found = within(batch("2026-11-19T00:00:00Z", plain=plain), DAY)

    assert (len(found.records), len(found.numbers), found.outside) == (0, 0, 1)


def test_without_a_period_nothing_is_looked_at() -> None:
    broken = Batch("x", b"", (b"not JSON",), (0,))

    assert within(broken, Period()) is broken


def test_a_batch_that_lies_inside_stays_as_it_is() -> None:
    whole = batch("2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z")

    assert within(whole, DAY) is whole


seconds = st.integers(min_value=-200_000, max_value=200_000)


@given(
    times=st.lists(seconds, max_size=20), since=seconds, length=st.integers(1, 90_000)
)
def test_nothing_is_lost_and_nothing_else_stays(
    times: list[int], since: int, length: int
) -> None:
    start = NOW + timedelta(seconds=since)
    wanted = Period(start, start + timedelta(seconds=length))
    whole = batch(
        *(f"{NOW + timedelta(seconds=each):%Y-%m-%dT%H:%M:%SZ}" for each in times)
    )

    found = within(whole, wanted)

    expected = [at for at, each in enumerate(times) if since <= each < since + length]
    assert list(found.numbers) == expected
    assert len(found.records) == len(expected)
    assert len(found.numbers) + found.outside == len(times)
    assert structs.replace(whole).numbers == whole.numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T09:00:00Z", datetime(2026, 11, 21, 9, tzinfo=UTC)),
        ("2026-11-21T09:00:00.250Z", datetime(2026, 11, 21, 9, 0, 0, 250_000, UTC)),
        ("2026-11-21T09:00:00+02:00", datetime(2026, 11, 21, 7, tzinfo=UTC)),
        ("2026-11-21T09:00", datetime(2026, 11, 21, 9, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("90s", NOW - timedelta(seconds=90)),
        ("15m", NOW - timedelta(minutes=15)),
        ("12h", NOW - timedelta(hours=12)),
        ("3d", NOW - timedelta(days=3)),
        ("2w", NOW - timedelta(days=14)),
    ],
)
def test_times_are_read_as_people_write_them(text: str, expected: datetime) -> None:
    assert moment("--since", text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "3 days", "0d", "21.11.2026", "3y"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--since .*how long ago"):
        moment("--since", text, NOW)


def test_a_period_must_have_room() -> None:
    with pytest.raises(UsageError, match="is not before"):
        period("1h", "2h", NOW)
    with pytest.raises(UsageError, match="name the next day"):
        period("2026-11-20", "2026-11-20", NOW)
    assert period("2026-11-20", "2026-11-21", NOW) == DAY
    assert not period(None, None, NOW)


def test_a_zone_of_the_options_does_not_matter() -> None:
    east = timezone(timedelta(hours=5))
    wanted = Period(DAY.since and DAY.since.astimezone(east), DAY.until)

    assert wanted.holds(datetime(2026, 11, 20, tzinfo=UTC))
    assert not wanted.holds(datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))


def test_a_span_is_a_number_and_a_unit() -> None:
    assert span("36h") == timedelta(hours=36)
    assert span("h") is None
