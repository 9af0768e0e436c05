"""Pages come slowly enough, and a failure costs no page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch
from checker.sources.api.failures import BrokenAnswer
from checker.sources.events import chunks
from checker.sources.events.remote.pages import TRIES, Pace, line, pages
from tests.sources.events.remote.buckets import event


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


class Service:
    """Pages that each take `takes` seconds; `errors` come first, in their order."""

    def __init__(self, count: int, clock: Clock, takes: float = 0.0) -> None:
        self.count, self.clock, self.takes = count, clock, takes
        self.errors: dict[int, list[Exception]] = {}
        self.asked: list[tuple[float, int]] = []

    def call(self, **asked: Any) -> dict[str, Any]:
        assert asked["MaxResults"] == 50
        number = int(asked.get("NextToken", "0"))
        self.asked.append((self.clock.now, number))
        self.clock.now += self.takes
        if self.errors.get(number):
            raise self.errors[number].pop(0)
        more = {"NextToken": str(number + 1)} if number + 1 < self.count else {}
        return {"Events": [number], **more}


def client_error(code: str, status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "LookupEvents")


def read(service: Service, clock: Clock) -> list[int]:
    pace = Pace(0.5, clock, clock.sleep)
    return [
        number
        for page in pages(service.call, pace, MaxResults=50)
        for number in page["Events"]
    ]


@given(count=st.integers(1, 30), takes=st.floats(0, 2))
def test_never_are_there_more_than_two_requests_a_second(
    count: int, takes: float
) -> None:
    clock = Clock()
    service = Service(count, clock, takes)

    assert read(service, clock) == list(range(count))

    times = [time for time, _ in service.asked]
    for first, third in zip(times, times[2:], strict=False):
        assert third - first >= 0.999_999
    # And none waits for longer than it must.
    assert times[-1] <= (count - 1) * max(0.5, takes) + 1e-6


@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException"),
        client_error("InternalFailure", 500),
        client_error("Anything", 503),
        ConnectionClosedError(endpoint_url="x"),
        ConnectionResetError(),
    ],
)
def test_what_passes_is_waited_for_and_the_same_page_asked_again(
    error: Exception,
) -> None:
    clock = Clock()
    service = Service(4, clock)
    service.errors = {2: [error] * 5}

    assert read(service, clock) == [0, 1, 2, 3]
    assert [number for _, number in service.asked] == [0, 1, *[2] * 6, 3]
    assert [each for each in clock.slept if each >= 1] == [1, 2, 4, 8, 16]


def test_a_page_without_any_answer_is_asked_for_three_times() -> None:
    clock = Clock()
    service = Service(4, clock)
    service.errors = {2: [ReadTimeoutError(endpoint_url="x")] * 5}

    with pytest.raises(ReadTimeoutError):
        read(service, clock)
    assert [number for _, number in service.asked] == [0, 1, 2, 2, 2]


def test_patience_ends() -> None:
    clock = Clock()
    service = Service(4, clock)
    service.errors = {2: [client_error("ThrottlingException")] * TRIES}

    with pytest.raises(ClientError, match="Throttling"):
        read(service, clock)
    assert len(service.asked) == 2 + TRIES
    assert sum(clock.slept) > 90


def test_what_does_not_pass_is_not_tried_again() -> None:
    clock = Clock()
    service = Service(4, clock)
    service.errors = {2: [client_error("AccessDeniedException")]}

    with pytest.raises(ClientError, match="AccessDenied"):
        read(service, clock)
    assert len(service.asked) == 3


def test_a_page_that_names_itself_as_the_next_is_a_broken_answer() -> None:
    def call(**_: Any) -> dict[str, Any]:
        return {"nextToken": "again", "events": []}

    clock = Clock()
    with pytest.raises(BrokenAnswer):
        list(pages(call, Pace(0, clock, clock.sleep)))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("hello", "it is plain text, not JSON"),
        ('{"eventName": "x"', "of a message: "),
        ('{"eventName": 7, "eventVersion": "1.11"}', ""),
        ('{"a": 1}', ""),
        (None, ""),
        ("", ""),
        ("\ud800", ""),
    ],
)
def test_what_is_no_event_is_one_problem_of_its_own(
    message: str | None, said: str
) -> None:
    good = json.dumps(event(1))
    # An event that is written on several lines is one event all the same.
    long = json.dumps(event(2), indent=1)
    rows = [good, message, long, good]

    text = b"".join(line(each, {"message": each}) for each in rows)
    (batch,) = chunks.batches("x", iter([text]))

    assert isinstance(batch, Batch)
    assert batch.numbers == (0, 2, 3)
    (problem,) = batch.problems
    assert problem.record == 1
    assert said in problem.reason
