"""Log groups are read page by page, and every message accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from checker.model import Batch, Unreadable
from checker.sources.events import files, inputs
from checker.sources.events.inputs import InputFilter
from checker.sources.events.period import Period
from checker.sources.events.remote import logs
from checker.sources.events.remote.pages import Pace
from tests.sources.events.remote.buckets import (
    ACCOUNT,
    account,
    answer,
    calls,
    event,
    refusal,
)

GROUP = "/aws/trail#1"
TIME = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setattr(logs, "Pace", lambda each: Pace(each, sleep=lambda _: None))
    with account(monkeypatch) as opened:
        yield opened


def write(session: boto3.Session, *messages: str, region: str = "us-east-1") -> None:
    client = session.client("logs", region_name=region)
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName="s")
    rows = [
        {"timestamp": int(TIME.timestamp()) * 1000 + number, "message": message}
        for number, message in enumerate(messages)
    ]
    client.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=rows)


def told(*numbers: int) -> list[str]:
    times = (TIME + timedelta(seconds=number) for number in numbers)
    return [
        json.dumps(event(number, f"{time:%Y-%m-%dT%H:%M:%SZ}"))
        for number, time in zip(numbers, times, strict=True)
    ]


def read(
    session: boto3.Session, address: str = f"logs://{GROUP}", **wanted: Any
) -> tuple[list[tuple[str, list[str]]], list[Unreadable]]:
    found: list[tuple[str, list[str]]] = []
    problems: list[Unreadable] = []
    asked = InputFilter(session=lambda: session, **wanted)
    with inputs.fetching(inputs.find([address], asked)) as ready:
        for each in ready:
            if isinstance(each, Unreadable):
                problems.append(each)
                continue
            for part in inputs.inside(files.read(each), asked.period):
                if isinstance(part, Unreadable):
                    problems.append(part)
                elif isinstance(part, Batch):
                    problems.extend(part.problems)
                    records = map(json.loads, part.records)
                    found.append((part.uri, [each["eventID"] for each in records]))
    return found, problems


def test_a_log_group_is_read_in_the_region_of_the_profile(
    session: boto3.Session,
) -> None:
    write(session, *told(1, 2, 3))

    found, problems = read(session)

    assert found == [(f"logs://{GROUP}?region=us-east-1", ["id-1", "id-2", "id-3"])]
    assert problems == []


@pytest.mark.parametrize(
    ("address", "regions"),
    [
        (f"logs://{GROUP}", ("eu-west-1",)),
        (f"logs://{GROUP}?region=eu-west-1", ()),
    ],
)
def test_the_region_can_be_named(
    session: boto3.Session, address: str, regions: tuple[str, ...]
) -> None:
    write(session, *told(1), region="eu-west-1")

    ((uri, events),), problems = read(session, address, regions=regions)

    assert (events, problems) == (["id-1"], [])
    # What is told as the place of an event can be asked for again.
    assert read(session, uri) == ([(uri, events)], [])


def test_a_group_of_another_account_goes_by_its_arn(session: boto3.Session) -> None:
    arn = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{GROUP}"
    asked: list[dict[str, Any]] = []

    def give(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"events": [{"message": each} for each in told(1)]}

    answer(session, "logs.FilterLogEvents", give)

    assert read(session, f"logs://{arn}:*") == ([(f"logs://{arn}", ["id-1"])], [])
    assert (asked[0]["region"], asked[0]["logGroupIdentifier"]) == ("eu-west-1", arn)


def test_several_regions_are_read_in_their_order(session: boto3.Session) -> None:
    write(session, *told(1), region="eu-west-1")
    write(session, *told(2), region="us-west-2")

    found, _ = read(session, regions=("us-west-2", "eu-west-1"))

    assert [events for _, events in found] == [["id-2"], ["id-1"]]


def test_pages_are_followed_to_the_end_also_empty_ones(session: boto3.Session) -> None:
    messages = [{"message": each} for each in told(*range(30))]
    pages: list[dict[str, Any]] = [
        {"events": messages[:10], "nextToken": "a"},
        {"events": [], "nextToken": "b"},
        {"events": messages[10:], "nextToken": "c"},
        {"events": []},
    ]
    tokens: list[object] = []

    def give(request: dict[str, Any]) -> dict[str, Any]:
        tokens.append(request.get("nextToken"))
        return pages[len(tokens) - 1]

    answer(session, "logs.FilterLogEvents", give)

    ((_, events),), problems = read(session)

    assert events == [f"id-{number}" for number in range(30)]
    assert problems == []
    assert tokens == [None, "a", "b", "c"]


def test_messages_that_are_no_events_are_problems_one_by_one(
    session: boto3.Session,
) -> None:
    one, two = told(1, 2)
    write(session, one, "START RequestId: 7", two[:40], two)

    ((_, events),), (plain, cut) = read(session)

    assert events == ["id-1", "id-2"]
    assert (plain.record, cut.record) == (1, 2)
    assert "plain text" in plain.reason


def test_the_time_of_a_message_only_narrows_what_is_asked_for(
    session: boto3.Session,
) -> None:
    write(session, *told(0, 1, 2, 3))
    made = calls(session, "logs")
    period = Period(TIME + timedelta(seconds=1), TIME + timedelta(seconds=3))

    found, problems = read(session, period=period, late=timedelta(minutes=5))

    # The messages came some milliseconds after the first event, before the others.
    assert (found, problems) == ([(f"logs://{GROUP}?region=us-east-1", [])], [])
    ((_, request),) = made
    start = int(TIME.timestamp()) * 1000 + 1000
    assert (request["startTime"], request["endTime"]) == (start, start + 302_000)


def test_events_are_told_by_their_own_time(session: boto3.Session) -> None:
    late = [
        {"timestamp": int(TIME.timestamp() + 90) * 1000, "message": each}
        for each in told(0, 1, 2, 3)
    ]
    answer(session, "logs.FilterLogEvents", lambda _: {"events": late})
    period = Period(TIME + timedelta(seconds=1), TIME + timedelta(seconds=3))

    ((_, events),), _ = read(session, period=period)

    assert events == ["id-1", "id-2"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ResourceNotFoundException", "there is no such log group in this Region"),
        ("AccessDeniedException", "it is denied: allow logs:FilterLogEvents"),
        ("ExpiredTokenException", "sign in again"),
    ],
)
def test_a_refusal_says_what_to_do(
    session: boto3.Session, code: str, said: str
) -> None:
    answer(session, "logs.FilterLogEvents", lambda _: refusal(code))

    found, (problem,) = read(session)

    assert found == []
    assert problem.uri == f"logs://{GROUP}?region=us-east-1"
    assert problem.reason.startswith("the log group cannot be read: ")
    assert said in problem.reason


def test_an_empty_log_group_is_no_problem(session: boto3.Session) -> None:
    session.client("logs").create_log_group(logGroupName=GROUP)

    ((_, events),), problems = read(session)

    assert (events, problems) == ([], [])


def test_a_group_must_be_named(session: boto3.Session) -> None:
    assert read(session, "logs://")[1][0].reason == "name a log group: logs://GROUP"
