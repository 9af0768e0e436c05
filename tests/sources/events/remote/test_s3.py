"""Objects are found, read ahead and in order; what fails costs nothing else."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import (
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from moto.core.botocore_stubber import MockRawResponse
from moto.s3.models import s3_backends

from checker.errors import UsageError
from checker.model import Batch, Unreadable
from checker.sources.events import files, inputs
from checker.sources.events.inputs import InputFilter
from checker.sources.events.period import Period
from checker.sources.events.remote import s3
from tests.sources.events.remote.buckets import (
    ACCOUNT,
    BUCKET,
    OTHER,
    account,
    answer,
    asked,
    calls,
    event,
    key,
    log_file,
    put,
    refusal,
)

ROOT = f"s3://{BUCKET}"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    with account(monkeypatch) as opened:
        yield opened


def read(
    session: boto3.Session, *addresses: str, **wanted: Any
) -> tuple[list[tuple[str, int]], list[Unreadable]]:
    """Return the number of events of each batch by its uri, and the problems."""
    events: list[tuple[str, int]] = []
    problems: list[Unreadable] = []
    asked = InputFilter(session=lambda: session, **wanted)
    with inputs.fetching(inputs.find(addresses or (ROOT,), asked)) as ready:
        for each in ready:
            if isinstance(each, Unreadable):
                problems.append(each)
                continue
            for part in inputs.inside(files.read(each), asked.period):
                if isinstance(part, Batch):
                    events.append(
                        (part.uri.removeprefix(f"{ROOT}/"), len(part.records))
                    )
                elif isinstance(part, Unreadable):
                    problems.append(part)
    return events, problems


def test_events_are_read_in_the_order_of_the_keys(session: boto3.Session) -> None:
    names = [key("2026-11-20", time=f"12{minute:02}") for minute in range(40)]
    for number, name in enumerate(reversed(names)):
        put(session, name, log_file(*(event(each) for each in range(40 - number))))

    events, problems = read(session)

    assert events == [(name, number + 1) for number, name in enumerate(names)]
    assert problems == []


def many(count: int) -> list[str]:
    """Put many empty objects into the bucket, without a request for each."""
    names = [key("2026-11-20", name=f"{number:016}") for number in range(count)]
    for name in names:
        s3_backends[ACCOUNT]["aws"].put_object(BUCKET, name, b"")
    return names


def test_more_keys_than_fit_on_a_page_are_all_found(session: boto3.Session) -> None:
    names = many(2_100)
    made = calls(session, "s3")

    found = list(inputs.find([ROOT], InputFilter(session=lambda: session)))

    assert [each.uri for each in found] == [f"{ROOT}/{name}" for name in names]
    assert [name for name, _ in made] == ["ListObjectsV2"] * 6
    assert len([row for _, row in made if "continuation-token" in row]) == 2


def test_accounts_regions_and_days_are_chosen(session: boto3.Session) -> None:
    chosen = key("2026-11-20", account=OTHER, region="eu-west-1")
    for day in ("2026-11-18", "2026-11-20"):
        for each in (ACCOUNT, OTHER):
            for region in ("us-east-1", "eu-west-1"):
                put(session, key(day, account=each, region=region), log_file(event(1)))
    made = calls(session, "s3")

    events, problems = read(
        session,
        accounts=(OTHER,),
        regions=("eu-west-1",),
        period=Period(datetime(2026, 11, 20, tzinfo=UTC)),
    )

    assert (events, problems) == ([(chosen, 1)], [])
    listed = [row["prefix"] for name, row in made if name == "ListObjectsV2"]
    assert listed[-1].endswith(f"{OTHER}/CloudTrail/eu-west-1/2026/11/20/")
    assert not [each for each in listed if ACCOUNT in each or "us-east-1" in each]
    assert [name for name, _ in made].count("GetObject") == 1


def test_events_of_the_period_are_told_by_their_own_time(
    session: boto3.Session,
) -> None:
    # Delivered on the day after, as what happens around midnight is.
    times = ["20T23:59:59", "21T00:00:00", "21T23:59:59", "22T00:00:00"]
    name = key("2026-11-22", time="0004")
    put(session, name, log_file(*(event(1, f"2026-11-{each}Z") for each in times)))
    days = (datetime(2026, 11, day, tzinfo=UTC) for day in (21, 22))

    events, problems = read(session, period=Period(*days))

    assert (events, problems) == ([(name, 2)], [])


def test_the_same_object_is_read_once(session: boto3.Session) -> None:
    put(session, key("2026-11-20"), log_file(event(1)))

    events, _ = read(session, ROOT, f"{ROOT}/AWSLogs/", f"{ROOT}/{key('2026-11-20')}")

    assert len(events) == 1


def test_a_zip_archive_is_read_member_by_member(session: boto3.Session) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.json.gz", log_file(event(1), event(2)))
    put(session, "copies/all.zip", archive.getvalue())

    assert read(session) == ([("copies/all.zip!a.json.gz", 2)], [])


def refuse(session: boto3.Session, code: str, message: str = "no") -> None:
    bad = key("2026-11-20", time="1200")
    put(session, bad, log_file(event(1)))
    put(session, key("2026-11-20", time="1205"), log_file(event(2)))

    def give(request: dict[str, Any]) -> dict[str, Any] | None:
        return refusal(code, message) if request["path"].endswith(bad) else None

    answer(session, "s3.GetObject", give)


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        (
            "AccessDenied",
            "Access Denied",
            "and kms:Decrypt on the key of an encrypted object; give --request-payer",
        ),
        (
            "AccessDenied",
            "User: x is not authorized to perform: kms:Decrypt on resource: y",
            "it is denied: allow s3:GetObject, and kms:Decrypt on the key of an",
        ),
        ("KMSAccessDeniedException", "no", "its KMS key cannot be used"),
        ("KMS.DisabledException", "key is disabled.", "its KMS key cannot be used"),
        ("InvalidObjectState", "GLACIER", "it is archived: restore it first"),
        ("ExpiredToken", "expired", "the credentials have expired: sign in again"),
        ("InvalidAccessKeyId", "no", "AWS does not accept the credentials"),
        ("SignatureDoesNotMatch", "no", "AWS does not accept the credentials"),
        ("RequestTimeTooSkewed", "no", "does not accept this machine's time"),
        ("NoSuchKey", "no", "it was removed after it was listed"),
        ("PreconditionFailed", "no", "it was changed after it was listed"),
        ("Teapot", "Short and stout.", "refuses s3:GetObject: Teapot: Short and stout"),
    ],
)
def test_each_refusal_is_a_problem_that_says_what_to_do(
    session: boto3.Session, code: str, message: str, said: str
) -> None:
    refuse(session, code, message)

    events, (problem,) = read(session)

    assert events == [(key("2026-11-20", time="1205"), 1)]
    assert problem.uri == f"{ROOT}/{key('2026-11-20', time='1200')}"
    assert problem.record is None
    assert problem.reason.startswith("it cannot be read: ")
    assert said in problem.reason


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


@pytest.mark.usefixtures("no_waits")
def test_throttling_is_tried_again_and_then_a_problem(session: boto3.Session) -> None:
    put(session, key("2026-11-20"), log_file(event(1)))
    tries: list[str] = []
    limit = 3

    def give(request: Any, **_: Any) -> Any:
        tries.append(request.url)
        if len(tries) >= limit:
            return None
        body = MockRawResponse(b"<Error><Code>SlowDown</Code></Error>")
        return AWSResponse(request.url, 503, HTTPHeaders(), body)

    session.events.register_first("before-send.s3.GetObject", give)

    assert read(session) == ([(key("2026-11-20"), 1)], [])
    assert len(tries) == 3

    tries, limit = [], 1000
    events, (problem,) = read(session)

    assert events == []
    assert "too many requests" in problem.reason
    assert len(tries) == 5


def test_an_object_changed_or_removed_after_the_listing_is_a_problem(
    session: boto3.Session,
) -> None:
    names = [key("2026-11-20", time=f"120{minute}") for minute in range(3)]
    for name in names:
        put(session, name, log_file(event(1)))
    found = list(inputs.find([ROOT], InputFilter(session=lambda: session)))
    put(session, names[0], log_file(event(2)))
    session.client("s3").delete_object(Bucket=BUCKET, Key=names[1])

    with inputs.fetching(found) as ready:
        changed, removed, same = ready

    assert isinstance(changed, Unreadable)
    assert "it was changed after it was listed" in changed.reason
    assert isinstance(removed, Unreadable)
    assert "it was removed after it was listed" in removed.reason
    assert isinstance(same, files.Input)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("NoSuchBucket"), "there is no such bucket"),
        (refusal("AccessDenied", "Access Denied"), "it is denied: allow s3:ListBucket"),
        (refusal("ExpiredToken"), "sign in again"),
        (NoCredentialsError(), "name a profile with --profile"),
        (EndpointConnectionError(endpoint_url="x"), "AWS cannot be reached"),
    ],
)
@pytest.mark.usefixtures("no_waits")
def test_a_bucket_that_cannot_be_listed_is_a_problem(
    session: boto3.Session, error: Any, said: str
) -> None:
    answer(session, "s3.ListObjectsV2", lambda _: error)

    events, (problem,) = read(session, f"{ROOT}/AWSLogs/")

    assert events == []
    assert problem.uri == f"{ROOT}/AWSLogs/"
    assert problem.reason.startswith("it cannot be listed: ")
    assert said in problem.reason


def test_a_listing_that_breaks_keeps_what_it_gave(session: boto3.Session) -> None:
    many(1_001)

    def give(request: dict[str, Any]) -> dict[str, Any] | None:
        return refusal("ExpiredToken") if "continuation-token" in request else None

    answer(session, "s3.ListObjectsV2", give)

    found = list(inputs.find([ROOT], InputFilter(session=lambda: session)))

    assert len(found) == 1_001
    assert isinstance(found[-1], Unreadable)
    assert found[-1].uri == f"{ROOT}/AWSLogs/{ACCOUNT}/CloudTrail/"


def test_whoever_asks_pays_when_told_to(session: boto3.Session) -> None:
    put(session, key("2026-11-20"), log_file(event(1)))
    made = calls(session, "s3")

    read(session)
    assert not [row for _, row in made if "x-amz-request-payer" in row]
    made.clear()
    read(session, request_payer=True)

    assert {row["x-amz-request-payer"] for _, row in made} == {"requester"}
    assert {name for name, _ in made} == {"ListObjectsV2", "GetObject"}


class Broken:
    """A body that breaks after some bytes."""

    def __init__(self, data: bytes, after: int) -> None:
        self._file = io.BytesIO(data[:after])
        self._error = ReadTimeoutError(endpoint_url="x")
        self._whole = after >= len(data)

    def read(self, size: int) -> bytes:
        block = self._file.read(min(size, 1_000))
        if not block and not self._whole:
            raise self._error
        return block

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("large", [True, False])
def test_a_connection_that_breaks_goes_on_where_it_broke(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    data = b"".join(log_file(event(number, pad="x" * number)) for number in range(90))
    put(session, "copies/x.json.gz", data)
    monkeypatch.setattr(s3, "LARGEST", 10 if large else 1 << 20)
    starts: list[int] = []

    def give(request: dict[str, Any]) -> dict[str, Any]:
        start = int(request.get("range", "bytes=0-")[6:-1])
        starts.append(start)
        assert request["if-match"]
        return {"Body": Broken(data[start:], 5_000)}

    answer(session, "s3.GetObject", give)

    with inputs.fetching(
        inputs.find([ROOT], InputFilter(session=lambda: session))
    ) as ready:
        (found,) = ready
        assert isinstance(found, files.Input)
        assert found.stays is large
        if not large:
            assert found.data == data
            assert len(data) > 20_000
            return
        assert found.blocks is not None
        assert (
            b"".join(each for each in found.blocks() if isinstance(each, bytes)) == data
        )
        assert starts == list(range(0, len(data), 5_000))


def test_a_connection_that_stays_broken_is_a_problem(session: boto3.Session) -> None:
    put(session, "copies/x.json.gz", log_file(event(1)))
    body = log_file(event(1))
    answer(session, "s3.GetObject", lambda _: {"Body": Broken(body, 0)})

    events, (problem,) = read(session)

    assert events == []
    assert "AWS gave no whole answer, again and again" in problem.reason


def test_a_large_object_is_read_as_it_comes(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "LARGEST", 10)
    put(session, "copies/large.json.gz", log_file(event(1), event(2)))
    put(
        session,
        "copies/more.jsonl",
        b"\n".join([gzip.decompress(log_file(event(3)))] * 2),
    )

    events, problems = read(session)

    assert events == [("copies/large.json.gz", 2), ("copies/more.jsonl", 2)]
    assert problems == []


def test_an_access_point_goes_by_its_arn(session: boto3.Session) -> None:
    arn = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/logs"
    row = {"Key": key("2026-11-20"), "Size": 1}
    asked: list[str] = []

    def give(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request["prefix"])
        return {"Contents": [row], "IsTruncated": False}

    answer(session, "s3.ListObjectsV2", give)
    wanted = InputFilter(session=lambda: session)

    (found,) = inputs.find([f"s3://{arn}/{key('2026-11-20')}"], wanted)

    assert found.uri == f"s3://{arn}/{key('2026-11-20')}"
    assert asked == [key("2026-11-20")]


def test_a_bucket_must_be_named(session: boto3.Session) -> None:
    _, (problem,) = read(session, "s3://")

    assert problem.reason == "name a bucket: s3://BUCKET/PREFIX"


@pytest.mark.parametrize(
    ("given", "wanted", "said"),
    [
        (["logs/"], {"accounts": (ACCOUNT,)}, "--account chooses folders of s3://"),
        (["lookup-events://"], {"accounts": (ACCOUNT,)}, "--account chooses"),
        (["logs/"], {"regions": ("eu-west-1",)}, "--region goes with inputs in AWS"),
    ],
)
def test_choices_that_choose_nothing_are_refused(
    given: list[str], wanted: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        inputs.find(given, InputFilter(**wanted))


def test_what_was_asked_is_told_by_the_query() -> None:
    params = {"query_string": {"prefix": "x"}, "headers": {"If-Match": "y"}}

    told = asked(params, {"client_region": "z"})

    assert (told["prefix"], told["if-match"], told["region"]) == ("x", "y", "z")
