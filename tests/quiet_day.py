"""A day in the account of a small company, made from a mix of events, and an intruder.

Each story gives the events of one actor.  The names and their shares are those of
ordinary accounts; all values are made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

ACCOUNT = "123456789012"
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)

BY_SERVICES = {
    "s3": {"PutObject": 600, "GetBucketAcl": 140},
    "kms": {"GenerateDataKey": 100, "Decrypt": 25},
    "sts": {"AssumeRole": 20},
}
BY_MONITORING = {
    "ec2": {
        "DescribeInstances": 96,
        "DescribeVolumes": 96,
        "DescribeInstanceStatus": 96,
        "DescribeRegions": 4,
    },
    "monitoring": {"GetMetricData": 288, "ListMetrics": 96, "DescribeAlarms": 96},
    "rds": {"DescribeDBInstances": 96},
    "s3": {"ListBuckets": 4},
}
BY_PEOPLE = {
    "ec2": {
        "DescribeInstances": 9,
        "DescribeSecurityGroups": 9,
        "DescribeVpcs": 6,
        "DescribeSubnets": 6,
        "DescribeRegions": 3,
    },
    "iam": {"ListUsers": 3, "ListRoles": 3, "ListPolicies": 2, "GetAccountSummary": 2},
    "s3": {"ListBuckets": 4, "GetBucketPolicy": 4, "GetBucketVersioning": 4},
    "cloudtrail": {"LookupEvents": 3, "DescribeTrails": 3},
    "lambda": {"ListFunctions20150331": 5, "GetFunction20150331v2": 5},
    "logs": {"DescribeLogGroups": 5},
    "health": {"DescribeEventAggregates": 12},
}
BY_OWNER = {
    "logs": {"CreateLogGroup": 2, "PutRetentionPolicy": 2},
    "monitoring": {"PutDashboard": 5, "PutMetricAlarm": 4},
    "ec2": {"CreateTags": 12, "CreateSecurityGroup": 1, "RunInstances": 2},
    "s3": {"CreateBucket": 2, "PutBucketTagging": 3},
    "sns": {"CreateTopic": 1, "Subscribe": 2},
    "kms": {"CreateKey": 1, "CreateAlias": 1},
}

Mix = Mapping[str, Mapping[str, int]]


def user(name: str, key: str = "AKIAIOSFODNN7EXAMPLE") -> dict[str, Any]:
    return {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    }


def role(name: str, session: str) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": arn, "accountId": ACCOUNT},
            "attributes": {"mfaAuthenticated": "true"},
        },
    }


ROOT_USER = {
    "type": "Root",
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {"attributes": {"mfaAuthenticated": "true"}},
}


class Story:
    """The events of one actor, evenly spread over a stretch of the day."""

    def __init__(self, who: Mapping[str, Any], begin: float, hours: float) -> None:
        self.who = who
        self.begin = begin
        self.hours = hours
        self.calls: list[dict[str, Any]] = []

    def call(self, source: str, name: str, **more: Any) -> None:
        read = name.startswith(("Get", "List", "Describe", "Lookup", "Assume"))
        record = {
            "eventVersion": "1.11",
            "userIdentity": self.who,
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "192.0.2.10",
            "userAgent": "aws-sdk-go-v2/1.30",
            "readOnly": read,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }
        self.calls.append({**record, **more})

    def mix(self, mix: Mix, **more: Any) -> None:
        """Add the calls of a mix, one name after the other in turn."""
        left = {(s, n): k for s, names in mix.items() for n, k in names.items()}
        while left:
            for source, name in list(left):
                self.call(source, name, **more)
                left[source, name] -= 1
                if not left[source, name]:
                    del left[source, name]

    def events(self, number: int) -> Iterator[dict[str, Any]]:
        """Return the records; `number` tells the stories of a day apart."""
        step = timedelta(hours=self.hours) / max(len(self.calls), 1)
        for index, record in enumerate(self.calls):
            moment = MIDNIGHT + timedelta(hours=self.begin) + step * index
            yield {
                **record,
                "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                "eventID": f"{number:08}-0000-4000-8000-{index:012}",
            }


def services() -> Story:
    """AWS delivers logs, asks for ACLs and keys, and takes on roles."""
    story = Story(
        {"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"}, 0, 24
    )
    story.mix(BY_SERVICES, sourceIPAddress="delivery.logs.amazonaws.com")
    return story


def monitoring() -> Story:
    """A monitoring tool asks the same few questions all day, with a key of its own."""
    story = Story(user("monitoring"), 0, 24)
    story.mix(BY_MONITORING)
    return story


def refused_program() -> Story:
    """A program lacks two permissions, and tries again every five minutes."""
    story = Story(role("billing-export", "job"), 0, 24)
    for _ in range(288):
        story.call("s3", "PutBucketPolicy", errorCode="AccessDenied")
        story.call("ce", "GetCostAndUsage", errorCode="AccessDeniedException")
    return story


def administrator() -> Story:
    """A person of the company works in the console, by a role, with MFA."""
    story = Story(role("AWSReservedSSO_Admin_0123456789abcdef", "anaya"), 9, 8)
    story.mix(BY_PEOPLE, userAgent="AWS Internal", sourceIPAddress="192.0.2.20")
    return story


def owner_as_root() -> Story:
    """The owner signs in as root and works for an hour."""
    story = Story(ROOT_USER, 14, 1)
    story.call(
        "signin",
        "ConsoleLogin",
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MFAUsed": "Yes"},
    )
    story.mix(BY_PEOPLE)
    story.mix(BY_OWNER)
    return story


def template_tool() -> Story:
    """A template tool that does not say who it is builds and tears down a test."""
    story = Story(user("deploy"), 11, 0.75)
    trust = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
        ]
    }
    names = [f"/test/password-{number}" for number in range(40)]
    secrets = [f"test-{number}" for number in range(20)]
    story.call("ec2", "CreateVpc", requestParameters={"cidrBlock": "10.0.0.0/16"})
    story.mix({"ec2": {"CreateSubnet": 4, "CreateRouteTable": 2, "DescribeVpcs": 8}})
    route = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-0a1b2c3d"}
    story.call("ec2", "CreateRoute", requestParameters=route)
    for number in range(6):
        named = {
            "roleName": f"test-{number}",
            "assumeRolePolicyDocument": json.dumps(trust),
        }
        story.call("iam", "CreateRole", requestParameters=named)
    for name in names:
        story.call("ssm", "PutParameter", requestParameters={"name": name})
    for secret in secrets:
        story.call("secretsmanager", "CreateSecret", requestParameters={"name": secret})
    for _ in range(2):  # it reads back what it made, and again before it removes it
        for name in names:
            asked = {"name": name, "withDecryption": True}
            story.call("ssm", "GetParameter", requestParameters=asked)
        for secret in secrets:
            asked = {"secretId": secret, "versionId": f"version-of-{secret}"}
            story.call("secretsmanager", "GetSecretValue", requestParameters=asked)
    for name in names:
        story.call("ssm", "DeleteParameter", requestParameters={"name": name})
    for secret in secrets:
        story.call(
            "secretsmanager", "DeleteSecret", requestParameters={"secretId": secret}
        )
    story.mix({"iam": {"DeleteRole": 6}, "ec2": {"DeleteSubnet": 4, "DeleteVpc": 1}})
    for number in range(30):
        group = {"logGroupName": f"/aws/lambda/test-{number}"}
        story.call("logs", "DeleteLogGroup", requestParameters=group)
    return story


def backup() -> Story:
    """A backup program shares each night's snapshots with the account for backups."""
    story = Story(role("backup", "night"), 1, 0.5)
    for number in range(40):
        to = {
            "createVolumePermission": {"add": {"items": [{"userId": "210987654321"}]}}
        }
        story.call(
            "ec2",
            "ModifySnapshotAttribute",
            requestParameters={"snapshotId": f"snap-{number:017x}", **to},
        )
    return story


def sign_ins() -> Story:
    """People sign in to the portal, and now and then mistype."""
    story = Story(user("bob"), 8, 10)
    for number in range(24):
        story.call(
            "signin",
            "ConsoleLogin",
            eventType="AwsConsoleSignIn",
            responseElements={
                "ConsoleLogin": "Failure" if number % 8 == 0 else "Success"
            },
            additionalEventData={"MFAUsed": "Yes"},
        )
    return story


DAY = (
    services,
    monitoring,
    refused_program,
    administrator,
    owner_as_root,
    template_tool,
    backup,
    sign_ins,
)


def intruder() -> Story:
    """Somebody found a key in public, looks around slowly and tries what it opens."""
    story = Story(user("mobile-app", "AKIAI44QH8DHBEXAMPLE"), 3, 1)
    story.mix(
        {
            "sts": {"GetCallerIdentity": 2},
            "iam": {"ListUsers": 1, "ListAttachedUserPolicies": 2, "ListRoles": 1},
            "s3": {"ListBuckets": 2},
            "ec2": {"DescribeRegions": 2, "DescribeInstances": 14},
            "lambda": {"ListFunctions20150331": 2},
            "ses": {"GetSendQuota": 2},
        },
        sourceIPAddress="203.0.113.66",
    )
    return story
