"""Tests of how inputs are named in SARIF."""

from __future__ import annotations

import pytest

from checker.model import Location
from checker.reports.sarif_artifacts import Artifacts, region, split


@pytest.mark.parametrize(
    ("uri", "address", "path"),
    [
        ("logs/x.json.gz", "", "logs/x.json.gz"),
        ("./logs//x.json", "", "logs/x.json"),
        ("-", "", "stdin.json"),
        ("<stdin>", "", "stdin.json"),
        ("", "", "stdin.json"),
        ("/var/log/x.json", "", "var/log/x.json"),
        ("../../other/x.json", "", "other/x.json"),
        ("a/../../x.json", "", "x.json"),
        ("logs/a b%.json", "", "logs/a%20b%25.json"),
        ("logs/é#1?.json", "", "logs/%C3%A9%231%3F.json"),
        ("a:b.json", "", "a%3Ab.json"),
        ("C:\\logs\\x.json", "", "logs/x.json"),
        ("C:/logs/x.json", "", "logs/x.json"),
        ("x.zip!logs/member.json", "", "x.zip!logs/member.json"),
        ("file:///var/log/x.json", "", "var/log/x.json"),
        ("bytes\udcff.json", "", "bytes%FF.json"),
        ("lone\ud800.json", "", "lone%3F.json"),
        ("s3://bucket/AWSLogs/x.json.gz", "s3://bucket/", "AWSLogs/x.json.gz"),
        ("s3://bucket//x.json", "s3://bucket/", "%2Fx.json"),
        ("s3://bucket/a b?c=d", "s3://bucket/", "a%20b%3Fc=d"),
        ("logs://us-east-1/group/stream", "logs://us-east-1/", "group/stream"),
        ("cloudtrail://us-east-1", "cloudtrail://us-east-1/", "us-east-1"),
    ],
)
def test_every_name_becomes_a_relative_reference(
    uri: str, address: str, path: str
) -> None:
    assert split(uri) == (address, path)


def test_files_are_numbered_once_and_in_order() -> None:
    artifacts = Artifacts()
    uris = ["a.json", "b.json.gz", "./a.json", "rules/x.yml", "-"]
    indices = [artifacts.locate(uri)["index"] for uri in uris]
    assert indices == [0, 1, 0, 2, 3]
    documents = artifacts.documents()
    assert [document["mimeType"] for document in documents] == [
        "application/json",
        "application/json",
        "application/yaml",
        "application/json",
    ]
    assert documents[3]["roles"] == ["analysisTarget", "standardStream"]


def test_buckets_whose_names_look_alike_have_their_own_bases() -> None:
    artifacts = Artifacts()
    bases = [
        artifacts.locate(f"s3://{bucket}/key")["uriBaseId"]
        for bucket in ("my-logs", "my.logs", "my-logs")
    ]
    assert bases == ["S3_MY_LOGS", "S3_MY_LOGS_2", "S3_MY_LOGS"]
    assert set(artifacts.bases()) == {"SRCROOT", "S3_MY_LOGS", "S3_MY_LOGS_2"}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (Location("a", None, 40), {"startLine": 40}),
        (
            Location("a", 1, 1, 10, 5),
            {"startLine": 1, "startColumn": 11, "charOffset": 10, "charLength": 5},
        ),
        (
            Location("a", 1, 3, 10, 5),
            {"startLine": 3, "charOffset": 10, "charLength": 5},
        ),
        (
            Location("a", 1, 3, 10, 50, 2, 5, 4),
            {
                "startLine": 3,
                "startColumn": 2,
                "endLine": 5,
                "endColumn": 4,
                "charOffset": 10,
                "charLength": 50,
            },
        ),
    ],
)
def test_a_region_says_what_is_known(
    location: Location, expected: dict[str, int]
) -> None:
    assert region(location) == expected
