"""Objects as they arrive, in moto's account: evaluated once, sent, never lost."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from checker import run
from checker.arrival import handler
from checker.arrival.arrival import Arrival, ArrivalError
from checker.arrival.destinations import (
    Bus,
    Clients,
    Destination,
    Stdout,
    Topic,
    open_destination,
)
from checker.errors import UsageError
from checker.rules import load
from tests.arrival.test_notices import in_sns_message, in_sqs, of_s3
from tests.sources.events.remote import buckets
from tests.sources.events.remote.buckets import BUCKET, event, key, log_file, put

RULES = [rule for rule in load() if "root" in rule.name]
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def bad(number: int, **more: Any) -> dict[str, Any]:
    return event(
        number,
        additionalEventData={"MFAUsed": "No"},
        responseElements={"ConsoleLogin": "Success"},
        **more,
    )


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with buckets.account(monkeypatch) as session:
        yield session


class Case:
    """An arrival, what it logs, and what it writes to standard output."""

    def __init__(
        self, session: boto3.Session, destination: Destination | None = None
    ) -> None:
        self.out, self.log = io.StringIO(), io.StringIO()
        clients = Clients({("s3", None): session.client("s3")})
        self.arrival = Arrival(
            RULES, destination or Stdout(self.out), clients, log=self.log
        )

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    def summary(self) -> dict[str, Any]:
        last = self.log.getvalue().splitlines()[-1]
        found: dict[str, Any] = json.loads(last)["trailcheck"]
        return found


def encoded(name: str) -> str:
    return name.replace("+", "%2B").replace(" ", "+")


def test_an_object_gives_the_findings_that_a_scan_of_it_gives(
    session: boto3.Session, tmp_path: Any
) -> None:
    name = key("2026-11-20", name="a b+c")
    data = log_file(bad(1), event(2), bad(1))
    put(session, name, data)
    (tmp_path / "x.json.gz").write_bytes(data)
    whole = run.scan(RULES, [tmp_path])

    case = Case(session)
    answer = case.arrival.handle(of_s3(encoded(name)))

    wanted = {f.fingerprint for f in whole.findings if f.rule.name in _names(case)}
    assert {row["fingerprint"] for row in case.lines()} == wanted != set()
    assert case.lines()[0]["location"]["uri"] == f"s3://{BUCKET}/{name}"
    assert answer == {"objects": 1, "findings": len(wanted)}
    assert case.summary()["events"] == 2
    assert "left to the scheduled scan" in case.summary()["correlations"]


def _names(case: Case) -> set[str]:
    return {rule.name for rule in case.arrival.detections}


def test_only_the_messages_that_failed_come_again(session: boto3.Session) -> None:
    good = key("2026-11-20", name="good")
    put(session, good, log_file(bad(1)))
    buckets.answer(
        session,
        "s3.GetObject",
        lambda asked: (
            {"Error": {"Code": "AccessDenied", "Message": "no"}}
            if "denied" in str(asked)
            else None
        ),
    )
    case = Case(session)

    answer = case.arrival.handle(
        in_sqs(of_s3(good), of_s3(key("2026-11-20", name="denied")), "{", of_s3(good))
    )

    failed = [row["itemIdentifier"] for row in answer["batchItemFailures"]]
    assert failed == ["message-1", "message-2"]
    assert len(case.summary()["failures"]) == 2
    assert case.summary()["objects"] == 1


def test_after_a_failure_a_fifo_queue_gets_all_the_rest_again(
    session: boto3.Session,
) -> None:
    good = key("2026-11-20")
    put(session, good, log_file(bad(1)))

    answer = Case(session).arrival.handle(
        in_sqs("{", of_s3(good), queue="arn:aws:sqs:us-east-1:1:q.fifo")
    )

    assert len(answer["batchItemFailures"]) == 2


def test_what_there_is_no_time_for_comes_again(session: boto3.Session) -> None:
    case = Case(session)

    answer = case.arrival.handle(in_sqs(of_s3()), remaining=lambda: 100)

    assert answer["batchItemFailures"] == [{"itemIdentifier": "message-0"}]


def test_outside_of_a_queue_a_failure_is_raised(session: boto3.Session) -> None:
    buckets.answer(
        session, "s3.GetObject", lambda _: {"Error": {"Code": "AccessDenied"}}
    )
    with pytest.raises(ArrivalError, match="s3:GetObject"):
        Case(session).arrival.handle(of_s3(key("2026-11-20")))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"Records": [{', "JSON"),
        (log_file(bad(1))[:-30], ""),
        (b"", "it is empty"),
        (log_file(), "no event was read"),
        (None, "removed"),
    ],
)
def test_a_broken_object_is_a_problem_and_not_tried_again(
    session: boto3.Session, data: bytes | None, reason: str
) -> None:
    name = key("2026-11-20")
    if data is not None:
        put(session, name, data)
    case = Case(session)

    assert case.arrival.handle(in_sqs(of_s3(name))) == {"batchItemFailures": []}

    problems = [row["problem"] for row in case.lines() if "problem" in row]
    assert problems
    assert reason in problems[0]["reason"]
    assert problems[0]["uri"] == f"s3://{BUCKET}/{name}"


@pytest.mark.parametrize(
    "name",
    [
        key("2026-11-20", folder="CloudTrail-Digest"),
        key("2026-11-20", folder="CloudTrail-Insight"),
        "AWSLogs/123456789012/Config/us-east-1/2026/11/20/ConfigHistory/x.json.gz",
        "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/20/notes.pdf",
    ],
)
def test_what_is_no_log_file_is_counted_and_not_read(
    session: boto3.Session, name: str
) -> None:
    made = buckets.calls(session, "s3")
    case = Case(session)

    case.arrival.handle(in_sqs(of_s3(name), {"Event": "s3:TestEvent"}))

    assert sum(case.summary()["passedOver"].values()) == 2
    assert made == []


def test_a_version_is_read_as_it_was(session: boto3.Session) -> None:
    s3 = session.client("s3")
    s3.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    name = key("2026-11-20")
    first = s3.put_object(Bucket=BUCKET, Key=name, Body=log_file(bad(1)))["VersionId"]
    put(session, name, log_file(event(2)))
    case = Case(session)

    case.arrival.handle(of_s3(name, versionId=first))

    assert {row["subject"]["id"] for row in case.lines()} == {"id-1"}


def test_a_report_in_s3_is_written_once_however_often_the_message_comes(
    session: boto3.Session,
) -> None:
    session.client("s3").create_bucket(Bucket="findings")
    name = key("2026-11-20", name="a b")
    put(session, name, log_file(bad(1)))
    put(session, quiet := key("2026-11-20", name="quiet"), log_file(quiet_event(1)))
    clients = Clients({("s3", None): session.client("s3")})
    case = Case(session, open_destination("s3://findings/new", clients))

    def written() -> list[tuple[str, bytes]]:
        s3 = session.client("s3")
        rows = s3.list_objects_v2(Bucket="findings").get("Contents", [])
        names = [row["Key"] for row in rows]
        return [
            (each, s3.get_object(Bucket="findings", Key=each)["Body"].read())
            for each in names
        ]

    case.arrival.handle(in_sqs(of_s3(encoded(name)), of_s3(quiet)))
    once = written()
    case.arrival.handle(in_sqs(in_sns_message(of_s3(encoded(name)))))

    assert written() == once
    ((at, body),) = once
    assert at == f"new/{BUCKET}/{name}.json"
    assert json.loads(body)["findings"]


def quiet_event(number: int) -> dict[str, Any]:
    return event(number, eventSource="example.amazonaws.com", userIdentity={})


def test_its_own_reports_are_no_arrivals(session: boto3.Session) -> None:
    clients = Clients({("s3", None): session.client("s3")})
    case = Case(session, open_destination(f"s3://{BUCKET}/findings/", clients))

    case.arrival.handle(of_s3("findings/x/AWSLogs/y.json.gz.json"))

    assert case.summary()["passedOver"] == {"own reports": 1}


def test_a_log_file_beside_its_reports_is_evaluated(session: boto3.Session) -> None:
    put(session, name := key("2026-11-20"), log_file(bad(1)))
    clients = Clients({("s3", None): session.client("s3")})
    case = Case(session, open_destination(f"s3://{BUCKET}/AWSLogs", clients))

    case.arrival.handle(of_s3(encoded(name)))

    assert case.summary()["findings"] > 0
    assert case.summary()["passedOver"] == {}


class Silent:
    def __getattr__(self, _: str) -> Any:
        return lambda **__: {}


@pytest.mark.parametrize("kind", [Topic, Bus])
def test_what_an_answer_does_not_name_was_not_sent(
    session: boto3.Session, kind: type[Topic | Bus]
) -> None:
    put(session, name := key("2026-11-20"), log_file(bad(1)))
    case = Case(session, kind(Silent(), "arn"))

    assert case.arrival.handle(in_sqs(of_s3(name)))["batchItemFailures"]
    assert "does not name 1 of" in case.summary()["failures"][0]


def test_findings_go_to_a_topic_with_their_fingerprints(
    session: boto3.Session,
) -> None:
    sns, sqs = session.client("sns"), session.client("sqs")
    arn = sns.create_topic(Name="findings")["TopicArn"]
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:us-east-1:123456789012:q",
        Attributes={"RawMessageDelivery": "true"},
    )
    broken: Any = [1]
    put(session, name := key("2026-11-20"), log_file(*map(bad, range(12)), broken))
    clients = Clients({("s3", None): session.client("s3"), ("sns", "us-east-1"): sns})
    case = Case(session, open_destination(arn, clients))

    case.arrival.handle(of_s3(name))

    got = []
    while more := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages"):
        for row in more:
            got.append(row)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=row["ReceiptHandle"])
    kinds = [row["MessageAttributes"]["kind"]["StringValue"] for row in got]
    assert kinds.count("finding") == case.summary()["findings"] >= 12
    assert kinds.count("problem") == 1
    for row in got:
        body = json.loads(row["Body"])
        if "fingerprint" in body:
            about = row["MessageAttributes"]["fingerprint"]["StringValue"]
            assert body["fingerprint"] == about


def test_findings_go_to_a_bus_and_what_it_refuses_fails(
    session: boto3.Session,
) -> None:
    arn = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    put(session, name := key("2026-11-20"), log_file(*map(bad, range(12))))
    sent: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []

    def put_events(asked: dict[str, Any]) -> dict[str, Any]:
        sent.extend(asked["Entries"])
        rows = refused or [{"EventId": "e"} for _ in asked["Entries"]]
        return {"FailedEntryCount": len(refused), "Entries": rows}

    buckets.answer(session, "events.PutEvents", put_events)
    clients = Clients(
        {
            ("s3", None): session.client("s3"),
            ("events", "us-east-1"): session.client("events"),
        }
    )
    case = Case(session, open_destination(arn, clients))

    assert case.arrival.handle(in_sqs(of_s3(name))) == {"batchItemFailures": []}
    assert len(sent) == case.summary()["findings"] >= 12
    assert json.loads(sent[0]["Detail"])["fingerprint"]
    refused.append({"ErrorCode": "InternalFailure", "ErrorMessage": "x"})
    assert case.arrival.handle(in_sqs(of_s3(name)))["batchItemFailures"]


def test_a_secret_is_in_nothing_that_is_written(session: boto3.Session) -> None:
    record = bad(1, requestParameters={"password": SECRET}, userAgent=SECRET)
    name = key("2026-11-20", name=f"x-AKIAIOSFODNN7EXAMPLE-{SECRET.replace('/', '_')}")
    put(session, name, log_file(record) + b"broken")
    case = Case(session)

    case.arrival.handle(in_sqs(of_s3(name)))

    assert SECRET not in case.out.getvalue() + case.log.getvalue()


def test_settings_are_read_from_the_environment(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    put(session, name := key("2026-11-20"), log_file(bad(1)))
    monkeypatch.setenv("TRAILCHECK_LEVEL", "critical")
    handler.arrival.cache_clear()

    answer = handler.handle(of_s3(name))

    lines = capsys.readouterr().out.splitlines()
    assert answer["findings"] == len(lines) > 0
    assert {json.loads(line)["rule"]["level"] for line in lines} == {"critical"}
    handler.arrival.cache_clear()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FINDINGS", "ftp://x"),
        ("FINDINGS", "s3://"),
        ("FINDINGS", "s3://b/"),
        ("LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_it(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"TRAILCHECK_{name}={value}"):
        handler.build({f"TRAILCHECK_{name}": value})
