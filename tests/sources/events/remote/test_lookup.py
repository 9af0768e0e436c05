"""Event history is read Region by Region, to the end and not faster than allowed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from checker.model import Batch, Unreadable
from checker.sources.events import files, inputs
from checker.sources.events.inputs import InputFilter
from checker.sources.events.period import Period
from checker.sources.events.remote import lookup
from checker.sources.events.remote.pages import TRIES, Pace
from tests.sources.events.remote.buckets import account, answer, calls, event, refusal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Waits:
    """A clock for all Regions at once, each in a thread: nobody really sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._own = threading.local()

    def clock(self) -> float:
        return float(getattr(self._own, "now", 0.0))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._own.now = self.clock() + seconds

    def pace(self) -> Pace:
        return Pace(lookup.INTERVAL, self.clock, self.sleep)


class History:
    """The event history of an account, newest first, as LookupEvents gives it."""

    def __init__(self, session: boto3.Session, **counts: int) -> None:
        self.rows = {
            region.replace("_", "-"): [
                row(number, region) for number in reversed(range(count))
            ]
            for region, count in counts.items()
        }
        self.asked: list[dict[str, Any]] = []
        self.errors: list[tuple[str, str | None, dict[str, Any]]] = []
        answer(session, "cloudtrail.LookupEvents", self.give)

    def give(self, request: dict[str, Any]) -> dict[str, Any] | Exception:
        self.asked.append(request)
        token = request.get("NextToken")
        for number, (region, wanted, error) in enumerate(self.errors):
            if (region, wanted) == (request["region"], token):
                del self.errors[number]
                return error
        if request.get("EventCategory") == "insight":
            return {"Events": []}
        start, end = (request.get(each) for each in ("StartTime", "EndTime"))
        rows = [
            each
            for each in self.rows[request["region"]]
            if (start is None or each["EventTime"].timestamp() >= start)
            and (end is None or each["EventTime"].timestamp() <= end)
        ]
        done = int(token or 0)
        more = {"NextToken": str(done + 50)} if len(rows) > done + 50 else {}
        return {"Events": rows[done : done + 50], **more}


def row(number: int, region: str) -> dict[str, Any]:
    # Three events in each second.
    time = NOW - timedelta(days=1) + timedelta(seconds=number // 3)
    name = f"{region}-{number}"
    told = event(0, f"{time:%Y-%m-%dT%H:%M:%SZ}", eventID=name)
    return {
        "EventId": name,
        "EventName": "ConsoleLogin",
        "EventTime": time,
        "CloudTrailEvent": json.dumps(told),
    }


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    with account(monkeypatch) as opened:
        yield opened


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    made = Waits()
    monkeypatch.setattr(lookup, "Pace", lambda _: made.pace())
    return made


def read(
    session: boto3.Session, address: str = "lookup-events://", **wanted: Any
) -> tuple[dict[str, list[int]], list[Unreadable]]:
    """Return the numbers of the events read, by Region, and the problems."""
    found: dict[str, list[int]] = {}
    problems: list[Unreadable] = []
    asked = InputFilter(session=lambda: session, now=NOW, **wanted)
    with inputs.fetching(inputs.find([address], asked)) as ready:
        for each in ready:
            if isinstance(each, Unreadable):
                problems.append(each)
                continue
            assert each.stays
            for part in inputs.inside(files.read(each), asked.period):
                if isinstance(part, Unreadable):
                    problems.append(part)
                    continue
                assert isinstance(part, Batch)
                problems.extend(part.problems)
                ids = [json.loads(record)["eventID"] for record in part.records]
                region = part.uri.removeprefix("lookup-events://")
                found.setdefault(region, []).extend(int(i.split("-")[-1]) for i in ids)
    return found, problems


def test_every_page_of_every_region_is_read(
    session: boto3.Session, waits: Waits
) -> None:
    history = History(session, eu_west_1=120, us_east_1=0, us_west_2=7)

    found, problems = read(session, "lookup-events://us-west-2,eu-west-1,us-east-1")

    assert found == {
        "us-west-2": list(reversed(range(7))),
        "eu-west-1": list(reversed(range(120))),
        "us-east-1": [],
    }
    assert problems == []
    # Three pages, then those of Insights; half a second between two of them.
    assert len(history.asked) == 4 + 2 + 2
    assert waits.slept == [0.5] * (3 + 1 + 1)
    assert all(request["MaxResults"] == 50 for request in history.asked)
    assert {request.get("EventCategory") for request in history.asked} == {
        None,
        "insight",
    }


def test_the_regions_are_those_that_are_on(
    session: boto3.Session, waits: Waits
) -> None:
    history = History(session, eu_west_1=1, us_east_1=2)
    regions = [{"RegionName": name} for name in ("us-east-1", "eu-west-1")]
    answer(session, "ec2.DescribeRegions", lambda _: {"Regions": regions})

    assert read(session) == ({"eu-west-1": [0], "us-east-1": [1, 0]}, [])

    history.asked.clear()
    made = calls(session, "ec2")
    assert read(session, regions=("us-east-1",)) == ({"us-east-1": [1, 0]}, [])
    assert made == []


def test_regions_that_cannot_be_listed_are_a_problem(session: boto3.Session) -> None:
    denied = refusal("UnauthorizedOperation")
    answer(session, "ec2.DescribeRegions", lambda _: denied)

    found, (problem,) = read(session)

    assert found == {}
    assert "allow ec2:DescribeRegions" in problem.reason
    assert "name them with --region" in problem.reason


def test_the_period_is_kept_to_the_second(session: boto3.Session, waits: Waits) -> None:
    history = History(session, us_east_1=12)
    start = NOW - timedelta(days=1) + timedelta(seconds=1)
    period = Period(start, start + timedelta(seconds=2))

    found, problems = read(session, regions=("us-east-1",), period=period)

    assert (found, problems) == ({"us-east-1": [8, 7, 6, 5, 4, 3]}, [])
    assert history.asked[0]["StartTime"] == start.timestamp()
    assert history.asked[0]["EndTime"] == start.timestamp() + 2


def test_no_more_than_90_days_are_asked_for_and_that_is_said(
    session: boto3.Session, waits: Waits
) -> None:
    history = History(session, us_east_1=1)
    wanted = InputFilter(now=NOW, period=Period(NOW - timedelta(days=120)))

    read(session, regions=("us-east-1",), period=wanted.period)
    never, reach = inputs.notes(["lookup-events://"], wanted)

    assert history.asked[0]["StartTime"] == (NOW - timedelta(days=90)).timestamp()
    assert "never holds data events" in never
    assert "nothing before 2026-08-23T12:00:00Z" in reach
    assert list(inputs.notes(["logs/"], wanted)) == []


def test_throttling_costs_no_event(session: boto3.Session, waits: Waits) -> None:
    history = History(session, us_east_1=120)
    throttled = refusal("ThrottlingException", "Rate exceeded")
    history.errors = [("us-east-1", "50", throttled)] * 3

    found, problems = read(session, regions=("us-east-1",))

    assert (found, problems) == ({"us-east-1": list(reversed(range(120)))}, [])
    assert [each for each in waits.slept if each >= 1] == [1, 2, 4]


def test_what_fails_for_good_keeps_the_pages_before(
    session: boto3.Session, waits: Waits
) -> None:
    history = History(session, us_east_1=120, eu_west_1=3)
    throttled = refusal("ThrottlingException", "Rate exceeded")
    history.errors = [("us-east-1", "50", throttled)] * TRIES

    found, (problem,) = read(session, regions=("us-east-1", "eu-west-1"))

    assert found == {
        "us-east-1": list(reversed(range(70, 120))),
        "eu-west-1": [2, 1, 0],
    }
    assert problem.uri == "lookup-events://us-east-1"
    assert "too many requests at once" in problem.reason
    assert "the 50 whole events before that were read" in problem.reason


def test_a_token_that_has_expired_is_replaced_by_the_time_of_the_last_event(
    session: boto3.Session, waits: Waits
) -> None:
    history = History(session, us_east_1=200)
    expired = refusal("InvalidNextTokenException")
    history.errors = [("us-east-1", "100", expired)] * 2

    found, problems = read(session, regions=("us-east-1",))

    # The 100th event stands in the middle of a second: none is lost, none comes twice.
    assert (found, problems) == ({"us-east-1": list(reversed(range(200)))}, [])
    ends = [request.get("EndTime") for request in history.asked]
    assert len(set(ends)) == 3


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            refusal("AccessDeniedException"),
            "it is denied: allow cloudtrail:LookupEvents",
        ),
        (refusal("UnrecognizedClientException"), "name a profile with --profile"),
        (refusal("ExpiredTokenException"), "sign in again"),
        (NoCredentialsError(), "name a profile with --profile"),
    ],
)
def test_a_refusal_says_what_to_do(
    session: boto3.Session, waits: Waits, error: Any, said: str
) -> None:
    answer(session, "cloudtrail.LookupEvents", lambda _: error)

    found, (problem,) = read(session, regions=("us-east-1",))

    assert found == {}
    assert problem.reason.startswith("the event history cannot be read: ")
    assert said in problem.reason


def test_insights_are_read_where_there_are_any(
    session: boto3.Session, waits: Waits
) -> None:
    rows = {
        "us-east-1": {"Events": [row(7, "us-east-1")]},
        "us-west-2": refusal("InvalidEventCategoryException"),
        "eu-west-1": refusal("AccessDeniedException"),
    }

    def give(request: dict[str, Any]) -> dict[str, Any] | None:
        return rows[request["region"]] if request.get("EventCategory") else None

    answer(session, "cloudtrail.LookupEvents", give)
    History(session, us_east_1=2, us_west_2=1, eu_west_1=1)

    found, (problem,) = read(session, regions=tuple(rows))

    assert found == {"us-east-1": [1, 0, 7], "us-west-2": [0], "eu-west-1": [0]}
    assert problem.uri == "lookup-events://eu-west-1"
    assert "cannot be read for Insights: it is denied" in problem.reason


def test_an_event_without_its_own_text_is_a_problem(
    session: boto3.Session, waits: Waits
) -> None:
    history = History(session, us_east_1=3)
    del history.rows["us-east-1"][1]["CloudTrailEvent"]

    found, (problem,) = read(session, regions=("us-east-1",))

    assert found == {"us-east-1": [2, 0]}
    assert problem.record == 1
