"""Digests, log files and keys are read where CloudTrail has them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from checker.errors import SourceError
from checker.run import verify as driver
from checker.verdict import FileKind
from tests.digest_chains import BUCKET, Chain, chain, der, fingerprint
from tests.sources.events.remote.buckets import answer


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        yield boto3.Session(region_name="us-east-1")


def upload(made: Chain, session: Any) -> None:
    client = session.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for key, data in made.objects.items():
        metadata = {}
        if key in made.signatures:
            metadata = {
                "signature": made.signatures[key],
                "signature-algorithm": "SHA256withRSA",
            }
        client.put_object(Bucket=BUCKET, Key=key, Body=data, Metadata=metadata)


def told(made: Chain, session: Any, tmp_path: Path, prefix: str = "") -> dict[str, str]:
    found = driver.verify(
        [f"s3://{BUCKET}/{prefix}"],
        keys=str(made.keys(tmp_path / "keys.json")),
        session=lambda: session,
    )
    return {
        each.uri.removeprefix(f"s3://{BUCKET}/"): each.integrity.value
        for each in found.verdicts
    }


def test_a_whole_bucket_is_valid_with_its_newest_hour(
    session: Any, tmp_path: Path
) -> None:
    made = chain()
    upload(made, session)

    assert told(made, session, tmp_path) == dict.fromkeys(made.objects, "valid")


def test_the_first_digest_of_a_bucket_that_is_gone_was_deleted(
    session: Any, tmp_path: Path
) -> None:
    made = chain()
    upload(made, session)
    for key in (made.digests[0], made.logs[2]):
        session.client("s3").delete_object(Bucket=BUCKET, Key=key)

    found = told(made, session, tmp_path)

    assert found[made.digests[0]] == "deleted"
    assert found[made.logs[2]] == "deleted"
    assert found[made.logs[0]] == "unverifiable"
    assert found[made.logs[1]] == "valid"


def test_a_prefix_ends_the_walk_without_calling_anything_deleted(
    session: Any, tmp_path: Path
) -> None:
    made = chain(16)
    upload(made, session)
    prefix = "AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2026/11/21/"

    found = told(made, session, tmp_path, prefix)

    assert set(found.values()) == {"valid"}
    assert len([key for key in found if key in made.digests]) == 3


def test_a_digest_in_another_bucket_was_moved(session: Any, tmp_path: Path) -> None:
    made = chain()
    other = "another-example-bucket"
    client = session.client("s3")
    upload(made, session)
    client.create_bucket(Bucket=other)
    key = made.digests[0]
    client.copy_object(Bucket=other, Key=key, CopySource=f"{BUCKET}/{key}")

    found = driver.verify(
        [f"s3://{other}"],
        keys=str(made.keys(tmp_path / "keys.json")),
        session=lambda: session,
    )

    (digest,) = [each for each in found.verdicts if each.kind is FileKind.DIGEST]
    assert digest.integrity.value == "modified"
    assert "not where it was delivered" in digest.reason


def test_one_object_is_judged_by_the_digests_of_its_bucket(
    session: Any, tmp_path: Path
) -> None:
    made = chain()
    upload(made, session)

    found = told(made, session, tmp_path, made.logs[0])

    assert found == {made.logs[0]: "valid", made.digests[0]: "valid"}


def test_a_bucket_that_cannot_be_listed_is_an_error(
    session: Any, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="NoSuchBucket"):
        told(chain(1), session, tmp_path)


def list_keys(asked: dict[str, Any]) -> dict[str, Any]:
    """Answer ListPublicKeys with two keys on two pages."""
    number = int(asked.get("NextToken", "0"))
    value = der(number)
    row = {
        "Value": value,
        "Fingerprint": fingerprint(value),
        "ValidityStartTime": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    }
    more = {} if number else {"NextToken": "1"}
    return {"PublicKeyList": [row], **more}


def test_every_page_of_public_keys_is_saved_and_read_again(
    session: Any, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    answer(session, "cloudtrail.ListPublicKeys", list_keys)

    count = driver.save_keys(str(path), session, "us-east-1")

    assert count == 2
    assert json.loads(path.read_text())["PublicKeyList"][0]["ValidityStartTime"]
    known = driver.load_keys(str(path))
    assert known == {fingerprint(der(number)): der(number) for number in (0, 1)}


def test_keys_are_asked_for_when_none_are_saved(session: Any, tmp_path: Path) -> None:
    answer(session, "cloudtrail.ListPublicKeys", list_keys)
    made = chain()
    root = made.write(tmp_path / "copy")

    found = driver.verify([str(root)], session=lambda: session, region="us-east-1")

    assert "valid" in {each.integrity.value for each in found.verdicts}
