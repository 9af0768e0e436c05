"""`resource_name`: one name for a resource, however a call writes it."""

from __future__ import annotations

from typing import Any

import pytest

from checker import conditions

name = conditions.compile("resource_name(@)")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("main", "main"),
        ("arn:aws:cloudtrail:eu-west-1:123456789012:trail/main", "main"),
        ("arn:aws-cn:cloudtrail:cn-north-1:123456789012:trail/main", "main"),
        (
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-a1B2c3",
            "app/db",
        ),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db", "app/db"),
        ("app/db", "app/db"),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/app/db", "/app/db"),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/db", "db"),
        ("/app/db", "/app/db"),
        ("arn:aws:iam::123456789012:role/service/app", "app"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:app", "app"),
        ("arn:aws:s3:::example-bucket", "example-bucket"),
        ("arn:aws:sns", "arn:aws:sns"),
        ("", ""),
    ],
)
def test_a_name_and_an_arn_of_one_resource_are_equal(
    written: str, expected: str
) -> None:
    assert name(written) == expected


@pytest.mark.parametrize("value", [None, 3, [], {}])
def test_what_is_no_text_is_null(value: Any) -> None:
    assert name(value) is None
