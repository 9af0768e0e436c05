"""Tests of redaction: nothing of the customer is left, and all that AWS says stays."""

from __future__ import annotations

import functools
import gzip
import ipaddress
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import rules
from checker.authoring import record_files
from checker.authoring.redact.identifiers import MASKED, is_example
from checker.authoring.redact.redact import redact
from checker.conditions import closure, holds
from checker.errors import SourceError
from checker.model import DetectionRule

ROOT = Path(__file__).parents[3]
EVENTS = sorted((ROOT / "rules" / "events").glob("*.json"))[::2]

digits = "0123456789"
upper = "ABCDEFGHJKLMNPQRSTUVWXYZ234567"
words = st.text("abcdefghijkmnopqrstuvwxyz", min_size=6, max_size=12)
accounts = st.text(digits, min_size=12, max_size=12)
addresses = st.tuples(
    st.integers(11, 126), *[st.integers(0, 255)] * 2, st.integers(1, 254)
).map(lambda parts: ".".join(map(str, parts)))
IDENTIFIERS = st.fixed_dictionaries(
    {
        "account": accounts,
        "address": addresses,
        "key": st.text(upper, min_size=16, max_size=16).map(lambda x: f"AKIA{x}"),
        "role_id": st.text(upper, min_size=17, max_size=17).map(lambda x: f"AROA{x}"),
        "mail": st.tuples(words, words).map(lambda x: f"{x[0]}@{x[1]}-corp.com"),
        "user": words.map(lambda x: f"u.{x}-q"),
        "role": words.map(lambda x: f"{x}-deployer"),
        "session": words.map(lambda x: f"{x}_zz"),
        "bucket": words.map(lambda x: f"{x}-logs-7"),
        "host": words.map(lambda x: f"{x}.corp.internal"),
        "instance": st.text("0123456789abcdef", min_size=17, max_size=17).map(
            lambda x: f"i-{x}"
        ),
        "v6": st.integers(0x2600 << 112, (0x2601 << 112) - 1).map(
            lambda x: str(ipaddress.IPv6Address(x))
        ),
        "uuid": st.uuids(version=4).map(str),
    }
).filter(lambda each: not any(_documented(*pair) for pair in each.items()))


def _documented(kind: str, text: str) -> bool:
    """Drawn by chance: a value that stays because documentation uses it."""
    kinds = {
        "key": "unique",
        "role_id": "unique",
        "address": "v4",
        "instance": "resource",
    }
    return is_example(kinds.get(kind, kind), text)


def record_of(x: dict[str, str]) -> dict[str, Any]:
    """A record that holds each identifier in all the places where they come."""
    arn = f"arn:aws:iam::{x['account']}:user/{x['user']}"
    session = f"arn:aws:sts::{x['account']}:assumed-role/{x['role']}/{x['session']}"
    every = " ".join(x.values())
    policy = {"Principal": {"AWS": arn}, "Resource": f"arn:aws:s3:::{x['bucket']}/*"}
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"{x['role_id']}:{x['session']}",
            "arn": session,
            "accountId": x["account"],
            "accessKeyId": x["key"],
            "userName": x["user"],
        },
        "eventSource": "iam.amazonaws.com",
        "eventName": "PutRolePolicy",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-20T09:12:24Z",
        "sourceIPAddress": x["address"],
        "requestParameters": {
            "bucketName": x["bucket"],
            "text": every,
            "policyDocument": json.dumps(policy),
            "url": f"https://{x['host']}/?a={quote(every, safe='')}&b={quote(arn)}",
            "list": [x["mail"], {x["account"]: 1, arn: [x["v6"], x["user"]]}],
            "principals": {f"{x['user']}/{x['mail']}": True},
            "password": x["user"],
        },
        "tlsDetails": {"clientProvidedHostHeader": f"{x['bucket']}.s3.amazonaws.com"},
        "eventID": x["uuid"],
        "recipientAccountId": x["account"],
    }


@given(IDENTIFIERS)
def test_no_identifier_survives_anywhere(identifiers: dict[str, str]) -> None:
    (redacted,) = redact([record_of(identifiers)])
    text = json.dumps(redacted)
    for kind, each in identifiers.items():
        assert each not in text, kind
        assert quote(each, safe="") not in text, kind


@given(IDENTIFIERS)
def test_a_second_time_changes_nothing(identifiers: dict[str, str]) -> None:
    once = redact([record_of(identifiers)])
    assert redact(once) == once


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [shape(entry) for entry in value.values()]
    if isinstance(value, list):
        return [shape(entry) for entry in value]
    return type(value)


@given(IDENTIFIERS)
def test_structure_and_types_stay(identifiers: dict[str, str]) -> None:
    record = record_of(identifiers)
    (redacted,) = redact([record])
    assert shape(redacted) == shape(record)
    assert list(redacted) == list(record)
    for field in ("eventSource", "eventName", "awsRegion", "eventTime"):
        assert redacted[field] == record[field]


def test_the_same_stays_the_same_and_others_stay_others() -> None:
    first, second = redact(
        [
            {"recipientAccountId": "987612345678", "sourceIPAddress": "54.1.2.3"},
            {"recipientAccountId": "987612345679", "sourceIPAddress": "54.1.2.3"},
        ]
    )
    assert first["recipientAccountId"] == "123456789012"
    assert second["recipientAccountId"] == "111122223333"
    assert first["sourceIPAddress"] == second["sourceIPAddress"] == "192.0.2.1"


def test_a_value_of_documentation_is_not_given_to_somebody_else() -> None:
    (redacted,) = redact([{"accountId": "123456789012", "other": "987612345678"}])
    assert redacted == {"accountId": "123456789012", "other": "111122223333"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"password": "HIDDEN_DUE_TO_SECURITY_REASONS"}, None),
        ({"password": "***"}, None),
        ({"password": "", "secret": None}, None),
        ({"cidrIp": "0.0.0.0/0", "ipv6": "::/0"}, None),
        ({"userAgent": "Mozilla/5.0 Chrome/126.0.0.0 Safari/537.36"}, None),
        ({"invokedBy": "cloudtrail.amazonaws.com"}, None),
        ({"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, None),
        ({"host": "ec2.us-east-1.amazonaws.com"}, None),
        ({"responseElements": {"GetSigninToken": "Success"}}, None),
        ({"userName": "AWS ROOT USER"}, None),
        ({"version": "1.2.3", "time": "09:12:24", "count": 987612345678}, None),
        ({"accountId": 987612345678}, {"accountId": 123456789012}),
        ({"sessionToken": "FwoGZXIvYXdzEA"}, {"sessionToken": MASKED}),
        ({"secretAccessKey": "k"}, {"secretAccessKey": MASKED}),
        ({"x": "eyJhbGciOiJSUzI1.eyJzdWIi.c2ln"}, {"x": MASKED}),
        (
            {"dns": "ec2-54-1-2-3.compute-1.amazonaws.com"},
            {"dns": "ec2-192-0-2-1.compute-1.amazonaws.com"},
        ),
        (
            {"u": "https://h1.execute-api.us-east-1.amazonaws.com/x"},
            {"u": "https://example1.execute-api.us-east-1.amazonaws.com/x"},
        ),
        ({"principal": "a%40corp.com"}, {"principal": "user1%40example.com"}),
        ({"pool": "us-west-2_AbCdEf123"}, {"pool": "us-west-2_EXAMPLE01"}),
    ],
)
def test_what_is_replaced_and_what_is_left(value: Any, expected: Any) -> None:
    assert redact([value]) == [value if expected is None else expected]


def test_a_name_is_replaced_in_the_other_records_too() -> None:
    first, second = redact(
        [
            {"requestParameters": {"userName": "zoe.real"}},
            {"errorMessage": "User zoe.real is not authorized, but zoe.realistic is"},
        ]
    )
    assert first == {"requestParameters": {"userName": "Alice"}}
    assert second["errorMessage"].startswith("User Alice is not authorized")


def test_a_name_that_is_also_a_word_of_aws_is_left_where_aws_speaks() -> None:
    record = {
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "userIdentity": {"type": "Root"},
        "requestParameters": {"userName": "Root"},
    }
    assert redact([record])[0]["userIdentity"] == {"type": "Root"}


# What these rules are about is a name, and names are what is replaced.
ABOUT_NAMES = {
    "credential_file_read",
    # The subject of a trust, a script and a client's address are what these are about.
    "iam_role_trusts_shared_identity_provider_loosely",
    "oauth_access_authorized_for_another_device",
    "sagemaker_lifecycle_script_suspicious",
    "sagemaker_notebook_script_changed",
    "iam_guardrail_policy_deleted",
    "ransom_note_uploaded",
}


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_the_pack_judges_a_redacted_record_as_before(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(event).replace("123456789012", "987612345678")
    text = text.replace("192.0.2.10", "54.240.1.9")
    real = json.loads(text)
    (redacted,) = redact([real])
    for rule, test in _tests():
        # The names of groups and attributes are what the privileged ones are about.
        named = rule.name in ABOUT_NAMES or "privileged" in rule.detection.selections
        if not named:
            assert holds(test(redacted)) is holds(test(real)), rule.name


@functools.cache
def _tests() -> list[tuple[DetectionRule, Callable[[Any], Any]]]:
    return [
        (rule, closure(rule.detection.condition))
        for rule in rules.load()
        if isinstance(rule, DetectionRule)
    ]


@pytest.mark.parametrize(
    ("text", "shape_of_it", "count"),
    [
        ('{"eventName": "A"}', "record", 1),
        ('{"Records": [{"a": 1}, {"b": 2}]}', "Records", 2),
        ('[{"a": 1}]', "array", 1),
        ('{"a": 1}\n\n{"b": 2}\n', "lines", 2),
    ],
)
def test_a_file_keeps_its_shape(text: str, shape_of_it: str, count: int) -> None:
    loaded = record_files.parse("x.json", text)
    assert (loaded.shape, len(loaded.records)) == (shape_of_it, count)
    written = "".join(record_files.write(loaded.shape, loaded.records))
    assert record_files.parse("x.json", written) == loaded


def test_gzip_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "x.json.gz"
    file.write_bytes(gzip.compress(b'{"eventName": "A"}'))
    assert record_files.load(file).records == ({"eventName": "A"},)


@pytest.mark.parametrize(
    "text", ["", "[1]", "nonsense", '{"a": 1}\nnonsense', "[" * 99_999, '{"a":' * 200]
)
def test_what_is_no_record_is_a_message(text: str) -> None:
    with pytest.raises(SourceError):
        record_files.parse("x.json", text)


def test_a_huge_text_takes_no_time_to_speak_of() -> None:
    texts = [
        "a" * 500_000,
        "1" * 500_000,
        "a." * 250_000,
        "-1" * 250_000,
        ":a" * 99_999,
    ]
    redact([{"requestParameters": {"x": texts}}])
