"""Makes the events of a story, a line for each step, and tells what the pack says.

Every story is of the accounts and addresses that documents are written with.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from checker import resources

HOME, AWAY = "192.0.2.24", "198.51.100.7"
ACCOUNT, OTHER = "123456789012", "111122223333"
CLI = "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 lang/python#3.13.7"
BOTO = "Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#5.15 lang/python#3.11.2"
_START = datetime(2026, 11, 20, 3, tzinfo=UTC)


def user(name: str, key: str = "AKIAIOSFODNN7EXAMPLE") -> dict[str, Any]:
    """Make an IAM user as a caller."""
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{name.upper()[:6]}EXAMPLE",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    }


def role(name: str, session: str = "session", **more: Any) -> dict[str, Any]:
    """Make a session of a role as a caller."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROAI44QH8DHBEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": f"ASIA{name.upper()[:6]}EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAI44QH8DHBEXAMPLE",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "accountId": ACCOUNT,
                "userName": name,
            },
            "attributes": {
                "creationDate": "2026-11-20T02:58:00Z",
                "mfaAuthenticated": "false",
            },
        },
        **more,
    }


ROOT = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
}


@dataclass(frozen=True)
class Step:
    """Some events: the first `at` seconds into the story, the rest `every` so long."""

    at: float
    event: dict[str, Any]
    count: int = 1
    every: float = 1


@dataclass(frozen=True)
class Story:
    """What happens, which rules have to say so, and how many findings are enough.

    `findings` counts those of level medium and above; no list that is longer is read.
    """

    name: str
    steps: list[Step]
    told: set[str]
    findings: int
    quiet: set[str] = field(default_factory=set)


def call(
    at: float,
    action: str,
    who: dict[str, Any],
    request: Any = None,
    response: Any = None,
    *,
    ip: str = AWAY,
    count: int = 1,
    every: float = 1,
    **fields: Any,
) -> Step:
    """Make calls of an API: `action` is `iam:CreateUser`; `{n}` is a call's number."""
    service, name = action.split(":")
    return Step(
        at,
        {
            "eventVersion": "1.11",
            "userIdentity": who,
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": ip,
            "userAgent": CLI,
            "requestParameters": request,
            "responseElements": response,
            "readOnly": name.startswith(("Get", "List", "Describe", "Head")),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            **fields,
        },
        count,
        every,
    )


def denied(at: float, action: str, who: dict[str, Any], **fields: Any) -> Step:
    """Make calls that were refused."""
    said = {"errorCode": "AccessDenied", "errorMessage": "User is not authorized"}
    return call(at, action, who, **{**said, **fields})


def record(
    at: float, name: str, *, count: int = 1, every: float = 1, **patch: Any
) -> Step:
    """Take a named record of the pack, changed."""
    file = resources.root() / "rules" / "events" / f"{name}.json"
    return Step(at, _merge(json.loads(file.read_text("utf-8")), patch), count, every)


def data(at: float, name: str, who: dict[str, Any], key: str, **more: Any) -> Step:
    """Make data events of the bucket `customer-data`."""
    bucket = "customer-data"
    out = more.pop("out", 48_213)
    return call(
        at,
        f"s3:{name}",
        who,
        {"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com", "key": key},
        managementEvent=False,
        eventCategory="Data",
        additionalEventData={"bytesTransferredOut": out, "bytesTransferredIn": 0},
        resources=[
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
            {
                "accountId": ACCOUNT,
                "type": "AWS::S3::Bucket",
                "ARN": f"arn:aws:s3:::{bucket}",
            },
        ],
        **more,
    )


def console(
    at: float, name: str, *, ok: bool = True, mfa: str = "No", **more: Any
) -> Step:
    """Make sign-ins of an IAM user to the console."""
    who = {**user(name), "accessKeyId": ""}
    if not ok:
        who.pop("arn")
        more = {"errorMessage": "Failed authentication", **more}
    return call(
        at,
        "signin:ConsoleLogin",
        who,
        response={"ConsoleLogin": "Success" if ok else "Failure"},
        eventType="AwsConsoleSignIn",
        additionalEventData={"MFAUsed": mfa, "MobileVersion": "No"},
        **more,
    )


def events(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Write the events of a story out, in the order of time."""
    made = [
        {
            **json.loads(json.dumps(step.event).replace("{n}", str(number))),
            "eventTime": f"{_START + timedelta(seconds=at):%Y-%m-%dT%H:%M:%SZ}",
            "eventID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{index}/{number}")),
        }
        for index, step in enumerate(steps)
        for number in range(1, step.count + 1)
        if (at := step.at + (number - 1) * step.every) >= 0
    ]
    return sorted(made, key=lambda event: str(event["eventTime"]))


def _merge(base: Any, patch: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    return {**base, **{key: _merge(base.get(key), patch[key]) for key in patch}}
