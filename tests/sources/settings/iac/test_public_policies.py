"""A bucket's policy is public by AWS's own meaning of the word."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import Unknown
from checker.sources.settings.iac.public_policies import policy_status

PUBLIC, PRIVATE = True, False
IN_DOUBT = None


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", None, PUBLIC),
        ({"AWS": ["arn:aws:iam::123456789012:root", "*"]}, None, PUBLIC),
        ({"AWS": "arn:aws:iam::123456789012:root"}, None, PRIVATE),
        ("*", {"Bool": {"aws:SecureTransport": "true"}}, PUBLIC),
        ("*", {"StringLike": {"aws:Referer": "https://example.com/*"}}, PUBLIC),
        ("*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, PUBLIC),
        ("*", {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, PUBLIC),
        ("*", {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, PUBLIC),
        ("*", {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, PUBLIC),
        ("*", {"StringEquals": {"aws:SourceVpc": "vpc-1"}}, PRIVATE),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, PRIVATE),
        ("*", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, PRIVATE),
        ("*", {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}}, IN_DOUBT),
        (
            "*",
            {"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "k"}},
            IN_DOUBT,
        ),
        ("*", Unknown("parameter P has no default"), IN_DOUBT),
        ("*", {"StringEquals": {"aws:SourceVpc": Unknown("no default")}}, IN_DOUBT),
    ],
)
def test_a_statement_for_everybody_is_public_unless_a_fixed_value_narrows_it(
    principal: Any, condition: Any, *, expected: bool | None
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    if condition is not None:
        statement["Condition"] = condition
    found = policy_status({"Statement": [statement]})["IsPublic"]

    assert (None if isinstance(found, Unknown) else found) is expected
