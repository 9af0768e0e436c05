"""Log files to measure with: the same ones on every machine.

Events are grown from a shape that CloudTrail writes, by the mix and the sizes of two
real accounts (`event-mix.csv`: an hour of an account in which much was tried out, and
five quiet days of one that mostly stores objects), and from the records that the rules
ship.  Identifiers are random, as they are in a log: they are what does not compress.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parent.parent
PER_FILE = 500

Make: TypeAlias = Callable[[random.Random], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One API call, as often as it comes and as large as its records are, in bytes."""

    source: str
    name: str
    read: bool
    size: int = 1200


QUIET = (
    Call("sqs.amazonaws.com", "ReceiveMessage", read=False),
    Call("xray.amazonaws.com", "PutTraceSegments", read=False),
    Call("autoscaling.amazonaws.com", "DescribeLaunchConfigurations", read=True),
    Call("monitoring.amazonaws.com", "GetMetricData", read=True),
    Call("logs.amazonaws.com", "GetLogEvents", read=True),
)
"""Calls that no rule is about."""


def mix(account: str) -> Make:
    """Draw from the calls of an account, `a` or `b`, in their numbers and sizes."""
    calls: list[Call] = []
    weights: list[int] = []
    with (Path(__file__).parent / "event-mix.csv").open() as file:
        for row in csv.DictReader(file):
            column = next(
                name for name in row if name.startswith(f"count_account_{account}")
            )
            weights.append(int(row[column] or 0))
            source, name = row["eventSource"], row["eventName"]
            read = row["readOnly"] == "True"
            calls.append(Call(source, name, read, int(row["mean_bytes"])))
    return lambda draw: common(draw, draw.choices(calls, weights)[0])


def of(calls: Sequence[Call]) -> Make:
    """Draw from some calls, each as often as the others."""
    return lambda draw: common(draw, draw.choice(calls))


def shipped() -> Make:
    """Draw from the records that the rules ship: each is what some rule looks for."""
    files = sorted((ROOT / "rules/events").iterdir())
    records = [json.loads(file.read_text()) for file in files]
    return lambda draw: dict(draw.choice(records))


def share(part: float, some: Make, others: Make) -> Make:
    """Draw a part of the events from one, the rest from another."""
    return lambda draw: some(draw) if draw.random() < part else others(draw)


def again(make: Make, number: int) -> Make:
    """Draw from so many events, each made once: most of a log says what came before."""
    first = random.Random(11)
    events = [make(first) for _ in range(number)]
    return lambda draw: {**draw.choice(events), "eventTime": _time(draw)}


def _time(draw: random.Random) -> str:
    return f"2026-11-20T{draw.randrange(24):02}:{draw.randrange(60):02}:00Z"


def common(draw: random.Random, call: Call) -> dict[str, Any]:
    """Make an event as programs leave them: a role on an instance, or a service."""
    record = {
        "eventVersion": "1.11",
        "userIdentity": _service(call) if _is_served(draw, call) else _role(draw),
        "eventTime": _time(draw),
        "eventSource": call.source,
        "eventName": call.name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": f"192.0.2.{draw.randrange(256)}",
        "userAgent": draw.choice(_AGENTS),
        "requestParameters": {
            "bucketName": "example-data",
            "key": f"data/{draw.getrandbits(64):016x}.parquet",
            "Host": "example.s3.us-east-1.amazonaws.com",
        },
        "responseElements": None,
        "additionalEventData": {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "x-amz-id-2": f"{draw.getrandbits(384):096x}",
        },
        "requestID": f"{draw.getrandbits(64):016X}",
        "readOnly": call.read,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "123456789012",
        "eventCategory": "Management",
        "resources": [],
    }
    missing = call.size - len(json.dumps(record, separators=(",", ":"))) - 36
    while missing > 0:
        arn = f"arn:aws:s3:::example-data/{draw.getrandbits(48):012x}"
        record["resources"].append({"type": "AWS::S3::Object", "ARN": arn})
        missing -= len(arn) + 35
    return record


_AGENTS = (
    "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOARCH#amd64 api/s3#1.58.2",
    "Boto3/1.34.2 md/Botocore#1.34.2 ua/2.0 os/linux#6.1 lang/python#3.11.9",
    "aws-sdk-java/2.25.60 Linux/6.1 OpenJDK_64-Bit_Server_VM/17.0.11 Java/17.0.11",
)


def _is_served(draw: random.Random, call: Call) -> bool:
    """Does AWS call for itself?  Deliveries of logs look at their bucket and keys."""
    often = call.name in ("GetBucketAcl", "GenerateDataKey", "AssumeRole")
    return draw.random() < (0.95 if often else 0.3)


def _service(call: Call) -> dict[str, Any]:
    return {"type": "AWSService", "invokedBy": call.source}


def _role(draw: random.Random) -> dict[str, Any]:
    role = draw.choice(("worker", "indexer", "backup"))
    instance = draw.randrange(40)
    session = f"i-{instance:017x}"
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/{session}",
        "accountId": "123456789012",
        # An instance signs with the same key for hours.
        "accessKeyId": f"ASIA{instance:012X}EXAM",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLE",
                "arn": f"arn:aws:iam::123456789012:role/{role}",
                "accountId": "123456789012",
                "userName": role,
            },
            "attributes": {
                "creationDate": "2026-11-20T10:00:00Z",
                "mfaAuthenticated": "false",
            },
        },
    }


def write(
    folder: Path, events: int, make: Make, per_file: int = PER_FILE
) -> list[Path]:
    """Write gzip log files as CloudTrail delivers them."""
    draw = random.Random(7)
    folder.mkdir(parents=True)
    files: list[Path] = []
    for start in range(0, events, per_file):
        records = []
        for _ in range(min(per_file, events - start)):
            fresh = str(uuid.UUID(int=draw.getrandbits(128), version=4))
            records.append({**make(draw), "eventID": fresh})
        text = json.dumps({"Records": records}, separators=(",", ":")).encode()
        files.append(folder / f"{start:08}.json.gz")
        files[-1].write_bytes(gzip.compress(text, 6))
    return files
