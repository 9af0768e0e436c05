"""What Lambda is called with, as AWS's documents show it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.arrival.notices import Broken, Message, Messages, Notice, PassedOver, read

KEY = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/20/a b+c.json.gz"
ENCODED = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/20/a+b%2Bc.json.gz"
NOTICE = Notice("trail-example-bucket", KEY)


def of_s3(key: str = ENCODED, name: str = "ObjectCreated:Put", **more: Any) -> Any:
    about = {"bucket": {"name": NOTICE.bucket}, "object": {"key": key, **more}}
    return {"Records": [{"eventSource": "aws:s3", "eventName": name, "s3": about}]}


def of_eventbridge(**more: Any) -> Any:
    about = {"bucket": {"name": NOTICE.bucket}, "object": {"key": KEY, **more}}
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": about}


def of_cloudtrail(*keys: str) -> Any:
    return {"s3Bucket": NOTICE.bucket, "s3ObjectKey": list(keys)}


def in_sns(document: Any) -> Any:
    row = {"EventSource": "aws:sns", "Sns": {"Message": json.dumps(document)}}
    return {"Records": [row]}


def in_sns_message(document: Any) -> Any:
    return {"Type": "Notification", "Message": json.dumps(document)}


def in_sqs(*documents: Any, queue: str = "arn:aws:sqs:us-east-1:123456789012:q") -> Any:
    rows = [
        {
            "messageId": f"message-{number}",
            "eventSource": "aws:sqs",
            "eventSourceARN": queue,
            "body": each if isinstance(each, str) else json.dumps(each),
        }
        for number, each in enumerate(documents)
    ]
    return {"Records": rows}


@pytest.mark.parametrize(
    "event",
    [
        of_s3(),
        of_eventbridge(),
        of_cloudtrail(KEY),
        in_sns(of_s3()),
        in_sns(of_cloudtrail(KEY)),
    ],
)
def test_each_kind_names_the_same_object(event: Any) -> None:
    assert read(event) == Messages((Message(None, (NOTICE,)),))


@pytest.mark.parametrize(
    "body",
    [
        of_s3(),
        of_eventbridge(),
        of_cloudtrail(KEY),
        in_sns_message(of_s3()),
        in_sns_message(of_cloudtrail(KEY)),
        in_sns_message(of_eventbridge()),
    ],
)
def test_each_kind_may_come_through_a_queue(body: Any) -> None:
    found = read(in_sqs(body, "{"))

    assert found.is_batch
    assert found.messages[0] == Message("message-0", (NOTICE,))
    assert found.messages[1] == Message(
        "message-1", (Broken("the message is not JSON"),)
    )


def test_versions_are_read_from_both() -> None:
    versioned = Notice(NOTICE.bucket, KEY, "v1")

    assert read(of_s3(versionId="v1")).messages[0].parts == (versioned,)
    assert read(of_eventbridge(**{"version-id": "v1"})).messages[0].parts == (
        versioned,
    )


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "test events"),
        (of_s3(name="ObjectRemoved:Delete"), "other events of S3"),
        (
            {**of_eventbridge(), "detail-type": "Object Deleted"},
            "other events of EventBridge",
        ),
    ],
)
def test_what_is_no_arrival_is_passed_over(event: Any, reason: str) -> None:
    assert read(event).messages[0].parts == (PassedOver(reason),)
    assert read(in_sqs(event)).messages[0].parts == (PassedOver(reason),)


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {},
        "text",
        {"Records": [1]},
        {"Records": [{"eventSource": "aws:kinesis"}]},
        of_s3(key=""),
        of_s3(key="%ff"),
        of_s3(key="\ud800.json"),
        of_s3(versionId="\ud800"),
        of_eventbridge(**{"version-id": "\ud800"}),
        of_cloudtrail("\ud800"),
        of_cloudtrail(),
        {"s3Bucket": "b", "s3ObjectKey": [1]},
        in_sns_message(in_sns_message(in_sns_message(in_sns_message({"a": 1})))),
    ],
)
def test_what_cannot_be_read_is_broken_and_never_silent(event: Any) -> None:
    (part,) = read(event).messages[0].parts

    assert isinstance(part, Broken)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "Records eventSource s3 object bucket name key Sns Message Type body "
                "detail detail-type source s3Bucket s3ObjectKey eventName".split()
            )
            | st.text(max_size=3),
            inner | st.sampled_from(["aws:s3", "aws:sqs", "Notification", "aws.s3"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(_json)
def test_nothing_raises(event: Any) -> None:
    for shape in (event, in_sqs(event), in_sns(event), {"Records": [event]}):
        for message in read(shape).messages:
            assert all(
                isinstance(p, Notice | PassedOver | Broken) for p in message.parts
            )


def test_a_fifo_queue_is_known_by_its_name() -> None:
    assert read(in_sqs(of_s3(), queue="arn:aws:sqs:us-east-1:1:q.fifo")).in_order
    assert not read(in_sqs(of_s3())).in_order
