"""Actors, and a recorder that turns their calls into records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

ACCOUNT = "123456789012"
VAULT = "210987654321"
STRANGER = "999999999999"
REGION = "eu-west-1"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1")

CLI = "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 lang/python#3.13"
BOTO = "Boto3/1.40.5 md/Botocore#1.40.5 ua/2.1 os/linux lang/python#3.12"
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/141.0"
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 terraform-provider-aws/6.14.0"

_READS = ("Get", "List", "Describe", "Lookup", "BatchGet", "Head", "Select", "Query")
_GLOBAL = ("iam", "organizations", "route53", "cloudfront", "account")


def user(name: str, key: str = "AKIAIOSFODNN7EXAMPLE") -> dict[str, Any]:
    """Return an IAM user with a long-term access key."""
    return {
        "type": "IAMUser",
        "principalId": "AIDACKCEVSQ6C2EXAMPLE",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    }


def role(name: str, session: str, path: str = "/", **context: Any) -> dict[str, Any]:
    """Return a session of a role; `context` goes into its sessionContext."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROACKCEVSQ6C2EXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": f"ASIA{abs(hash_of(name + session)):016d}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROACKCEVSQ6C2EXAMPLE",
                "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
                "accountId": ACCOUNT,
                "userName": name,
            },
            "attributes": {
                "creationDate": "2026-11-20T00:00:00Z",
                "mfaAuthenticated": "false",
            },
            **context,
        },
    }


def hash_of(text: str) -> int:
    """Return a number of 16 digits at most that is the same in every process."""
    number = 0
    for letter in text:
        number = (number * 131 + ord(letter)) % 10**16
    return number


def oidc(name: str, session: str, provider: str) -> dict[str, Any]:
    """Return a session that an OIDC provider vouched for."""
    web = {
        "federatedProvider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}",
        "attributes": {},
    }
    return role(name, session, webIdFederationData=web)


def person(name: str, permission_set: str = "PowerUser") -> dict[str, Any]:
    """Return the session of a person who came through IAM Identity Center."""
    path = f"/aws-reserved/sso.amazonaws.com/{REGION}/"
    name_of_role = f"AWSReservedSSO_{permission_set}_0123456789abcdef"
    return role(name_of_role, f"{name}@example.com", path)


def instance(name: str, machine: str = "i-0a1b2c3d4e5f60718") -> dict[str, Any]:
    """Return the session of an instance's role."""
    return role(name, machine, ec2RoleDelivery="2.0")


def function(name: str) -> dict[str, Any]:
    """Return the session of a Lambda function's role."""
    who = role(f"{name}-role", name)
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    scope = {"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": arn}
    return {**who, "inScopeOf": scope}


ROOT: Mapping[str, Any] = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {"attributes": {"mfaAuthenticated": "true"}},
}


@dataclass
class Actor:
    """Who calls, from where, with what program; each call takes `step` seconds."""

    day: Day
    who: Mapping[str, Any]
    address: str = "198.51.100.20"
    agent: str = CLI
    step: float = 2.0
    more: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, call: str, parameters: object = None, error: str = "", **more: Any
    ) -> None:
        """Record one call, such as `ec2.RunInstances`."""
        source, name = call.split(".")
        record = {
            "eventVersion": "1.11",
            "userIdentity": self.who,
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1" if source in _GLOBAL else REGION,
            "sourceIPAddress": self.address,
            "userAgent": self.agent,
            "requestParameters": parameters,
            "responseElements": None,
            "readOnly": name.startswith(_READS),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            **self.more,
            **more,
        }
        if error:
            denied = f"User: {self.who.get('arn')} is not authorized to perform: {call}"
            record |= {"errorCode": error, "errorMessage": denied}
        self.day.add(record, self.step)

    def each(self, calls: str, error: str = "", **more: Any) -> None:
        """Record some calls without parameters: `ec2: A B iam: C`."""
        source = ""
        for word in calls.split():
            if word.endswith(":"):
                source = word[:-1]
            else:
                self(f"{source}.{word}", None, error, **more)

    def objects(self, name: str, bucket: str, keys: Iterable[str], **more: Any) -> None:
        """Record data events of S3, one for each key."""
        parameters = more.pop("parameters", {})
        for key in keys:
            objects = f"arn:aws:s3:::{bucket}"
            self(
                f"s3.{name}",
                {"bucketName": bucket, "key": key, **parameters},
                managementEvent=False,
                eventCategory="Data",
                resources=[
                    {"type": "AWS::S3::Object", "ARN": f"{objects}/{key}"},
                    {"type": "AWS::S3::Bucket", "ARN": objects, "accountId": ACCOUNT},
                ],
                **more,
            )


class Day:
    """The records of a day, in order; time goes on with each call."""

    def __init__(self, hour: int = 9) -> None:
        self.now = datetime(2026, 11, 20, hour, tzinfo=UTC)
        self.records: list[dict[str, Any]] = []

    def add(self, record: dict[str, Any], step: float) -> None:
        """Add a record, and let time go on by some seconds."""
        self.now += timedelta(seconds=step)
        number = len(self.records)
        stamp = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        self.records.append(
            record
            | {"eventTime": stamp, "eventID": f"00000000-0000-4000-8000-{number:012}"}
        )

    def wait(self, minutes: float) -> None:
        """Let time go on."""
        self.now += timedelta(minutes=minutes)

    def actor(self, who: Mapping[str, Any], **more: Any) -> Actor:
        """Return somebody who calls on this day."""
        return Actor(self, who, **more)

    def console(self, who: Mapping[str, Any], **more: Any) -> Actor:
        """Return a person who works in the console."""
        marks = {"sessionCredentialFromConsole": "true"}
        return Actor(self, who, agent=BROWSER, more=marks, **more)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.records)
