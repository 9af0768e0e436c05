"""Write the events that an alarm has to tell of, and those that it must not.

A filter is run on them: nothing is judged by how it is worded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

_PLAIN: Mapping[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "IAMUser",
        "principalId": "AIDAIOSFODNN7EXAMPLE",
        "arn": "arn:aws:iam::123456789012:user/alice",
        "accountId": "123456789012",
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "userName": "alice",
    },
    "eventTime": "2026-11-20T10:00:00Z",
    "eventSource": "ec2.amazonaws.com",
    "eventName": "DescribeInstances",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.10",
    "userAgent": "aws-cli/2.31.0",
    "requestParameters": {},
    "responseElements": None,
    "requestID": "00000000-0000-4000-8000-000000000001",
    "eventID": "00000000-0000-4000-8000-000000000002",
    "readOnly": False,
    "eventType": "AwsApiCall",
    "managementEvent": True,
    "recipientAccountId": "123456789012",
    "eventCategory": "Management",
}
_SAMPLE_ACCOUNT = "123456789012"

# Services whose events CloudTrail records in one Region only:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
_ONE_REGION = ("iam.amazonaws.com", "organizations.amazonaws.com")


class Samples(msgspec.Struct, frozen=True):
    """The events of a need, in `home` and another Region, and ordinary ones.

    `need` is in the account's own words, and `names` are those of its events.
    """

    need: Mapping[str, Any]
    names: list[str]
    samples: list[dict[str, Any]]
    quiet: list[Mapping[str, Any]]
    home: str


def samples_of(need: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Samples:
    """Return the samples of a need of the `alarmed` function."""
    need, plain, abroad = _of_account(need, snapshot)
    names = need.get("names") or []
    source = need.get("source")
    bases = [{**_at(source), "eventName": name} for name in names] or [_at(source)]
    patches = need.get("match") or [{}]
    samples = [_over({**plain, **base}, patch) for base in bases for patch in patches]
    if source not in _ONE_REGION:
        samples += [{**sample, "awsRegion": abroad} for sample in samples]
    quiet = [plain, {**plain, **_at(source), "eventName": "ListExamples"}]
    quiet += [_over({**plain, **bases[0]}, patch) for patch in need.get("ignore", [])]
    return Samples(need, names, samples, quiet, plain["awsRegion"])


def _of_account(
    need: Mapping[str, Any], snapshot: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """Return the need and a plain record in the account's own words, and other Region.

    A filter that names the account counts all of its events; one that names a Region
    does not.
    """
    account = snapshot.get("account")
    known = account if isinstance(account, Mapping) else {}
    scanned = known.get("regions_scanned")
    regions = scanned if isinstance(scanned, list) else []
    home = regions[0] if regions and "us-east-1" not in regions else "us-east-1"
    other = next(each for each in (*regions, "eu-west-1", "us-west-2") if each != home)
    text = json.dumps([need, {**_PLAIN, "awsRegion": home}])
    if isinstance(known.get("id"), str):
        text = text.replace(_SAMPLE_ACCOUNT, known["id"])
    need, plain = json.loads(text)
    return need, plain, other


def _at(source: str | None) -> dict[str, Any]:
    return {"eventSource": source} if source else {}


def _over(record: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Put a record over another, object by object."""
    merged = dict(record)
    for key, value in patch.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _over(below, value)
        else:
            merged[key] = value
    return merged
