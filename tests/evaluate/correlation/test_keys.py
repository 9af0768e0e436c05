"""Callers, addresses and resources are compared by what they are."""

from __future__ import annotations

from typing import Any

import pytest

from checker.evaluate.correlation.keys import address, caller, compared, name_in

ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (
            {
                "type": "IdentityCenterUser",
                "accountId": ACCOUNT,
                "onBehalfOf": {"userId": "u-1", "identityStoreArn": "arn:x"},
                "credentialId": "c",
            },
            "Identity Center user u-1",
        ),
        (
            {"type": "AWSAccount", "principalId": "AIDA1", "accountId": "444455556666"},
            "AIDA1 of 444455556666",
        ),
        (
            {
                "type": "SAMLUser",
                "principalId": "x:alice",
                "userName": "alice",
                "identityProvider": "x",
            },
            "x:alice of x",
        ),
        (
            {"type": "WebIdentityUser", "userName": "w", "identityProvider": "p"},
            "w of p",
        ),
        (
            {
                "type": "AWSAccount",
                "principalId": "",
                "accountId": "ANONYMOUS_PRINCIPAL",
            },
            "anonymous at 192.0.2.1",
        ),
        ({"type": "Unknown"}, "anonymous at 192.0.2.1"),
        ({"type": "AWSService", "invokedBy": "config.amazonaws.com"}, None),
        (None, None),
        ("text", None),
    ],
)
def test_a_caller_without_an_arn_is_still_a_caller(
    identity: Any, expected: str | None
) -> None:
    event = {"userIdentity": identity, "sourceIPAddress": "192.0.2.1"}
    assert caller(event) == expected


def test_an_arn_is_what_a_caller_is_known_by() -> None:
    read = compared("userIdentity.arn", lambda _: "arn:aws:iam::123456789012:user/a")
    assert read({}) == "arn:aws:iam::123456789012:user/a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:0db8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("ec2.amazonaws.com", "ec2.amazonaws.com"),
        ("a:b", "a:b"),
        (None, None),
    ],
)
def test_an_address_has_one_spelling(text: str | None, expected: str | None) -> None:
    assert address(text) == expected


@pytest.mark.parametrize(
    ("service", "resource", "name"),
    [
        ("cloudtrail", "trail/main", "main"),
        ("secretsmanager", "secret:prod/db-AbCdEf", "prod/db"),
        ("ssm", "parameter/a/b", "/a/b"),
        ("ssm", "parameter/plain", "plain"),
        ("iam", "role/service/app", "app"),
        ("logs", "log-group:/aws/lambda/x:*", "/aws/lambda/x"),
        ("lambda", "function:f:PROD", "f"),
        ("kms", "key/1234", "1234"),
        ("s3", "bucket", "bucket"),
        ("rds", "db:orders", "orders"),
    ],
)
def test_the_name_in_an_arn(service: str, resource: str, name: str) -> None:
    assert name_in(service, resource) == name


def test_a_name_and_the_arn_of_the_same_thing_are_one() -> None:
    event = {"awsRegion": "eu-west-1", "recipientAccountId": ACCOUNT}

    def of(value: object) -> object:
        return compared("requestParameters.name", lambda _: value)(event)

    assert of("main") == of(f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main")
    other = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
    assert of(other) == other
    foreign = "arn:aws:cloudtrail:eu-west-1:444455556666:trail/main"
    assert of([foreign, "main"]) == [foreign, "main"]
