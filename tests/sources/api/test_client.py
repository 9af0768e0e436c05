"""Waits that have an end, and the causes that a call without an answer has."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from checker.errors import SourceError
from checker.sources.api import client as api
from checker.sources.api.failures import (
    Failure,
    NoAnswerInTime,
    NotAskedAgain,
    code,
    failures,
    kind,
)
from checker.sources.settings import account
from tests.sources.api.loopback import Loopback, Sent, serving, session

TRAILS = Sent(b'{"trailList": []}')
PROMPT = 20.0


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """End all waiting answers with the test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def server(silence: threading.Event) -> Iterator[Loopback]:
    with serving(lambda _operation, _body: Sent(b"{}", wait=silence)) as state:
        yield state


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def failed(client: object, name: str = "describe_trails") -> Exception:
    try:
        getattr(client, name)()
    except failures() as error:
        return error
    raise AssertionError("an answer")


def test_a_call_that_hangs_is_tried_twice_and_then_left_alone(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = session(monkeypatch, server.url)
    client = api.make(opened, "cloudtrail", attempts=8, read_seconds=0.2)
    start = time.monotonic()
    kinds = [kind(code(failed(client))) for _ in range(4)]
    assert kinds == [Failure.SILENT] * 4
    assert isinstance(failed(client), NotAskedAgain)
    assert len(server.asked) == api.SILENT_TRIES * api.SILENT_CALLS
    assert time.monotonic() - start < PROMPT


def test_an_answer_that_arrives_too_slowly_ends_with_the_call(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "CALL_SECONDS", 0.3)
    opened = session(monkeypatch, server.url)
    error = failed(api.make(opened, "cloudtrail", attempts=1))
    assert isinstance(error, NoAnswerInTime)


def test_an_operation_that_hangs_leaves_the_others_of_its_endpoint(
    server: Loopback, silence: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(operation: str, _body: str) -> Sent:
        return TRAILS if operation == "DescribeTrails" else Sent(b"{}", wait=silence)

    server.give = give
    opened = session(monkeypatch, server.url)
    client = api.make(opened, "cloudtrail", attempts=1, read_seconds=0.2)
    assert client.describe_trails()["trailList"] == []
    for _ in range(3):
        failed(client, "list_event_data_stores")
    assert client.describe_trails()["trailList"] == []


def test_endpoints_that_never_answered_are_not_called_once_too_much_time_is_lost(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = api.Patience(lost=api.LOST_SECONDS)
    opened = session(monkeypatch, server.url)
    client = api.make(opened, "cloudtrail", patience=patience)
    assert isinstance(failed(client), NotAskedAgain)
    assert server.asked == []


def test_a_throttled_call_is_still_tried_as_often_as_asked(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    throttled = Sent(b'{"__type": "ThrottlingException"}', status=400)
    server.give = lambda _operation, _body: throttled
    opened = session(monkeypatch, server.url)
    error = failed(api.make(opened, "cloudtrail", attempts=5))
    assert code(error) == "ThrottlingException"
    assert len(server.asked) == 5


def test_an_endpoint_that_is_down_is_called_out_of_reach_and_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = session(monkeypatch, f"http://127.0.0.1:{closed_port()}")
    start = time.monotonic()
    with pytest.raises(SourceError, match="cannot be reached") as raised:
        account.collect(opened, regions=None)
    assert "credentials" not in raised.value.reason
    assert time.monotonic() - start < PROMPT


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ExpiredToken", "the credentials have expired"),
        ("InvalidClientTokenId", "AWS does not accept the credentials"),
        ("SignatureDoesNotMatch", "AWS does not accept the credentials"),
    ],
)
def test_credentials_of_no_use_end_a_collection_at_once(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    body = f"<ErrorResponse><Error><Code>{name}</Code></Error></ErrorResponse>"
    server.give = lambda _operation, _body: Sent(body.encode(), status=403)
    opened = session(monkeypatch, server.url)
    with pytest.raises(SourceError, match=f"no usable AWS credentials: {said}"):
        account.collect(opened, regions=["us-east-1"])
    assert server.asked == ["GetCallerIdentity"]


def test_missing_credentials_are_said_to_be_missing(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = session(monkeypatch, server.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    with pytest.raises(SourceError, match="no credentials were found"):
        account.collect(opened, regions=["us-east-1"])
