"""Events judged by `records` for each event that a bare loop merely reads.

An absolute time says nothing on a shared machine; the ratio to the bare loop of the
same run does.  Run: python benchmarks/bench_selectors.py [events]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from checker.evaluate.recording.recorder import records

ACCOUNT = "123456789012"


def selector(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"Name": name, "FieldSelectors": list(fields)}


def field(name: str, **operators: list[str]) -> dict[str, Any]:
    return {"Field": name, **operators}


TRAIL = {
    "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main",
    "Name": "main",
    "HomeRegion": "us-east-1",
    "IsMultiRegionTrail": True,
    "IncludeGlobalServiceEvents": True,
    "IsOrganizationTrail": False,
    "S3BucketName": "org-audit-logs",
    "status": {"IsLogging": True},
    "event_selectors": {
        "EventSelectors": [],
        "AdvancedEventSelectors": [
            selector(
                "Management",
                field("eventCategory", Equals=["Management"]),
                field("eventSource", NotEquals=["kms.amazonaws.com"]),
            ),
            selector(
                "S3 writes",
                field("eventCategory", Equals=["Data"]),
                field("resources.type", Equals=["AWS::S3::Object"]),
                field("readOnly", Equals=["false"]),
                field("resources.ARN", NotStartsWith=["arn:aws:s3:::org-audit-logs/"]),
            ),
            selector(
                "Cognito",
                field("eventCategory", Equals=["Data"]),
                field("resources.type", Equals=["AWS::Cognito::IdentityPool"]),
                field("eventName", NotEquals=["GetId"]),
            ),
        ],
    },
    "_state": {"status": "ok", "event_selectors": "ok"},
}


def event(number: int) -> dict[str, Any]:
    common = {
        "awsRegion": "eu-west-1",
        "recipientAccountId": ACCOUNT,
        "eventType": "AwsApiCall",
        "userIdentity": {"arn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
    }
    match number % 4:
        case 0:
            body = {"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances"}
            return {**common, **body, "eventCategory": "Management", "readOnly": False}
        case 1:
            body = {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt"}
            return {**common, **body, "eventCategory": "Management", "readOnly": True}
        case 2:
            kind, arn = "AWS::S3::Object", "arn:aws:s3:::shop/photo"
            body = {"eventSource": "s3.amazonaws.com", "eventName": "PutObject"}
        case _:
            kind, arn = "AWS::Cognito::IdentityPool", "arn:aws:cognito-identity:x"
            body = {
                "eventSource": "cognito-identity.amazonaws.com",
                "eventName": "GetId",
            }
    resources = [{"type": kind, "ARN": arn, "accountId": ACCOUNT}]
    return {
        **common,
        **body,
        "eventCategory": "Data",
        "readOnly": False,
        "resources": resources,
    }


def seconds(
    ask: Callable[[Mapping[str, Any], Mapping[str, Any]], object],
    events: list[dict[str, Any]],
) -> float:
    start = time.perf_counter()
    for one in events:
        ask(TRAIL, one)
    return time.perf_counter() - start


def bare(trail: Mapping[str, Any], one: Mapping[str, Any]) -> object:
    return trail is one.get("eventName")


def main() -> None:
    events = [event(number) for number in range(int([*sys.argv, "200000"][1]))]
    loop = min(seconds(bare, events) for _ in range(3))
    judged = min(seconds(records, events) for _ in range(3))
    print(f"records: {judged / loop:.1f} times a bare loop over {len(events)} events")
    print(f"         {len(events) / judged:,.0f} events a second here")


if __name__ == "__main__":
    main()
