"""Answers that are not what they should be, for every operation that is called."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import xform_name

from checker.aws.answer_members import ANSWER_MEMBERS, XML_ROOTS, Operation
from checker.sources.api import client as api
from checker.sources.api.failures import BrokenAnswer, Failure, code, failures, kind
from tests.sources.api.loopback import Loopback, Sent, serving, session

HTML = b"<html><head></head><body>Your network blocks this page.</body></html>"
FULL = b'{"message": "' + b"x" * 500 + b'"}'
STREAMS = {("s3", "GetObject")}
OPERATIONS = sorted(set(ANSWER_MEMBERS) - STREAMS)
BODIES = {
    "a page of a proxy": Sent(HTML, kind="text/html"),
    "nothing": Sent(b""),
    "blanks": Sent(b" \n"),
    "cut off": Sent(FULL[:250], length=len(FULL)),
    "cut off between chunks": Sent(FULL, chunked=True),
    "truncated JSON": Sent(FULL[:-1]),
    "truncated XML": Sent(b"<?xml version='1.0'?><Response><Result>"),
    "another document": Sent(b"<?xml version='1.0'?><Other/>", kind="text/xml"),
    "a list": Sent(b"[]"),
    "null": Sent(b"null"),
    "a number": Sent(b"7"),
    "no text": Sent(b"\xff\xfe\x00"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with serving(lambda _operation, _body: Sent(b"")) as state:
        yield state


@pytest.fixture
def opened(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setattr(api, "BROKEN_TRIES", 1)
    return session(monkeypatch, server.url)


def argument(shape: Any, name: str = "") -> Any:
    """Make up a value for a member of a request."""
    if shape.type_name == "structure":
        return {
            key: argument(shape.members[key], key) for key in shape.required_members
        }
    if shape.type_name == "list":
        return [argument(shape.member)]
    if shape.type_name == "integer":
        return 1
    if name == "AccountId":
        return "123456789012"
    if shape.type_name == "timestamp":
        return 0
    return "arn:aws:x:us-east-1:123456789012:example" if "Arn" in name else "example"


def same(sent: Sent, _operation: str, _body: str) -> Sent:
    return sent


def call(client: Any, name: str) -> Any:
    shape = client.meta.service_model.operation_model(name).input_shape
    arguments = argument(shape) if shape else {}
    return getattr(client, xform_name(name))(**arguments)


@pytest.mark.parametrize("service", sorted({name for name, _ in OPERATIONS}))
def test_no_broken_body_of_any_operation_is_taken_for_an_answer(
    server: Loopback, opened: boto3.Session, service: str
) -> None:
    client = api.make(opened, service, attempts=1)
    taken = []
    for _, operation in (each for each in OPERATIONS if each[0] == service):
        for label, sent in BODIES.items():
            server.give = functools.partial(same, sent)
            try:
                call(client, operation)
            except failures() as error:
                if kind(code(error)) is not Failure.BROKEN:
                    taken.append((operation, label, repr(error)))
            else:
                # A bucket's policy is any text, which is read as JSON afterwards.
                if (operation, len(sent.body) > 0) != ("GetBucketPolicy", True):
                    taken.append((operation, label, "an answer"))
    assert taken == []


def empty(operation: Operation, client: Any) -> bytes:
    """Write an answer without members in the format of the operation."""
    service, name = operation
    model = client.meta.service_model.operation_model(name)
    wrapper = model.output_shape.serialization.get("resultWrapper")
    if operation in XML_ROOTS:
        return f"<{XML_ROOTS[operation]}/>".encode()
    if model.service_model.resolved_protocol in ("query", "ec2"):
        inside = f"<{wrapper}/>" if wrapper else ""
        return f"<{name}Response>{inside}</{name}Response>".encode()
    return b"" if service == "s3" else b"{}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_an_answer_without_members_is_broken_unless_aws_may_leave_out_all(
    server: Loopback, opened: boto3.Session, operation: Operation
) -> None:
    client = api.make(opened, operation[0], attempts=1)
    body = empty(operation, client)
    server.give = lambda _operation, _body: Sent(body)
    if ANSWER_MEMBERS[operation]:
        with pytest.raises(BrokenAnswer):
            call(client, operation[1])
    else:
        assert call(client, operation[1])["ResponseMetadata"]


def test_members_are_looked_up_before_an_operation_is_called(
    opened: boto3.Session,
) -> None:
    with pytest.raises(LookupError, match="answer_members has no sts"):
        api.make(opened, "sts").get_session_token()


def test_every_member_and_root_is_one_of_botocores_models(
    opened: boto3.Session,
) -> None:
    for (service, name), paths in ANSWER_MEMBERS.items():
        client = api.make(opened, service)
        model = client.meta.service_model.operation_model(name)
        for path in (one for each in paths for one in each.split("|")):
            shape = model.output_shape
            for part in path.split("."):
                shape = shape.members[part.removesuffix("[]")]
                if part.endswith("[]"):
                    shape = shape.member
    assert set(XML_ROOTS) < set(ANSWER_MEMBERS)


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("cloudtrail", "DescribeTrails", b'{"trailList": [{"Name": "x"}]}'),
        ("cloudtrail", "DescribeTrails", b'{"trailList": [null]}'),
        ("cloudtrail", "DescribeTrails", b'{"trailList": "x"}'),
        ("cloudtrail", "DescribeTrails", b'{"trailList": [7]}'),
        ("cloudtrail", "DescribeTrails", b'{"trailList": [{"TrailARN": 7}]}'),
        ("cloudtrail", "GetTrailStatus", b'{"IsLogging": "false"}'),
        ("cloudtrail", "LookupEvents", b'{"Events": [{"EventTime": "soon"}]}'),
        ("cognito-idp", "DescribeUserPool", b'{"UserPool": {}}'),
        (
            "iam",
            "ListRolePolicies",
            (
                b"<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames/>"
                b"<IsTruncated>true</IsTruncated>"
                b"</ListRolePoliciesResult></ListRolePoliciesResponse>"
            ),
        ),
        (
            "s3",
            "ListObjectsV2",
            b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        ),
    ],
)
def test_a_row_without_its_name_another_type_or_a_missing_token_is_broken(
    server: Loopback, opened: boto3.Session, service: str, operation: str, body: bytes
) -> None:
    server.give = lambda _operation, _body: Sent(body)
    with pytest.raises(BrokenAnswer):
        call(api.make(opened, service, attempts=1), operation)


def test_a_broken_answer_is_asked_for_again(
    server: Loopback, opened: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "BROKEN_TRIES", 3)
    bodies = iter([b"", HTML, b'{"trailList": []}'])
    server.give = lambda _operation, _body: Sent(next(bodies))
    client = api.make(opened, "cloudtrail", attempts=1)
    assert client.describe_trails()["trailList"] == []
