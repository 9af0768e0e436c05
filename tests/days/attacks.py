"""Days on which somebody does harm: what each must report at least is in the tests."""

from __future__ import annotations

import json

from tests.days.builds import INSTANCE, web
from tests.days.recorder import (
    ACCOUNT,
    CLI,
    REGIONS,
    ROOT,
    STRANGER,
    TERRAFORM,
    Day,
    instance,
    person,
    role,
    user,
)

ELSEWHERE = "203.0.113.66"
STOLEN = user("mobile-app", "AKIAI44QH8DHBEXAMPLE")


def key_theft() -> Day:
    """A leaked key tries what it may do, and makes itself at home."""
    day = Day(3)
    thief = day.actor(STOLEN, address=ELSEWHERE)
    thief.each(
        "sts: GetCallerIdentity iam: ListUsers ListRoles ListPolicies"
        " GetAccountSummary"
        " ListAttachedUserPolicies s3: ListBuckets"
        " ec2: DescribeInstances DescribeRegions"
        " lambda: ListFunctions20150331 ses: GetSendQuota"
    )
    for call in ("CreateUser", "CreateLoginProfile", "AttachUserPolicy", "CreateRole"):
        thief(f"iam.{call}", {"userName": "backup"}, "AccessDenied")
    thief.each("ec2: RunInstances CreateKeyPair", "Client.UnauthorizedOperation")
    thief.each("lambda: CreateFunction20150331 kms: CreateKey", "AccessDenied")
    thief("iam.CreateAccessKey", {"userName": "ci"})
    return day


def persistence() -> Day:
    """An administrator's session opens ways back in: a user, a role, a function."""
    day = Day(4)
    by = day.actor(role("admin", "session"), address=ELSEWHERE)
    name = {"userName": "support-team"}
    by("iam.CreateUser", name)
    by("iam.CreateLoginProfile", {**name, "passwordResetRequired": False})
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    by("iam.AttachUserPolicy", {**name, "policyArn": admin})
    made = {"accessKey": {**name, "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
    by("iam.CreateAccessKey", name, responseElements=made)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Statement": [statement]})
    by("iam.UpdateAssumeRolePolicy", {"roleName": "ops", "policyDocument": document})
    by(
        "lambda.AddPermission20150331v2",
        {"functionName": "api", "action": "lambda:InvokeFunction", "principal": "*"},
    )
    return day


def mass_deletion(agent: str = CLI) -> Day:
    """Snapshots, databases' snapshots, tables and buckets go within minutes."""
    day = Day(5)
    by = day.actor(STOLEN, address=ELSEWHERE, agent=agent, step=1)
    for number in range(35):
        by("ec2.DeleteSnapshot", {"snapshotId": f"snap-{number:017x}"})
    for number in range(12):
        by("rds.DeleteDBSnapshot", {"dBSnapshotIdentifier": f"nightly-{number}"})
        by("dynamodb.DeleteTable", {"tableName": f"orders-{number}"})
        by("s3.DeleteBucket", {"bucketName": f"shop-{number}"})
    return day


def mass_deletion_as_template_tool() -> Day:
    """The same, by somebody who says that it is Terraform."""
    return mass_deletion(TERRAFORM)


def ransom_by_customer_key() -> Day:
    """Every object is copied onto itself under a key that only the thief has."""
    day = Day(2)
    by = day.actor(role("uploader", "task"), address=ELSEWHERE, step=1)
    for number in range(40):
        by.objects(
            "CopyObject",
            "shop-data",
            [f"orders/{number}.csv"],
            parameters={
                "x-amz-copy-source": f"shop-data/orders/{number}.csv",
                "x-amz-server-side-encryption-customer-algorithm": "AES256",
            },
        )
    by.objects("PutObject", "shop-data", ["HOW-TO-RECOVER-FILES.txt"])
    return day


def exfiltration() -> Day:
    """Disks are shared with a stranger, objects copied away and then deleted."""
    day = Day(1)
    by = day.actor(STOLEN, address=ELSEWHERE)
    to = {"createVolumePermission": {"add": {"items": [{"userId": STRANGER}]}}}
    for number in range(3):
        by("ec2.ModifySnapshotAttribute", {"snapshotId": f"snap-{number:017x}", **to})
    for number in range(5):
        by(
            "s3.CopyObject",
            {
                "bucketName": "stranger",
                "key": f"{number}",
                "x-amz-copy-source": f"shop-data/{number}",
            },
            managementEvent=False,
            eventCategory="Data",
            resources=[
                {
                    "type": "AWS::S3::Bucket",
                    "ARN": f"arn:aws:s3:::{name}",
                    "accountId": who,
                }
                for name, who in (("stranger", STRANGER), ("shop-data", ACCOUNT))
            ],
        )
    by.objects("DeleteObject", "shop-data", [str(number) for number in range(5)])
    return day


def mining() -> Day:
    """Large instances are launched in every Region by a stolen instance role."""
    day = Day(23)
    by = day.actor(instance("web"), address=ELSEWHERE)
    for region in REGIONS:
        launched = {
            "instanceType": "p4d.24xlarge",
            "instancesSet": {"items": [{"minCount": 8, "maxCount": 8}]},
        }
        by("ec2.RunInstances", launched, awsRegion=region)
    return day


def trails_blinded() -> Day:
    """Logging, flow logs and detection are turned off, and a port is opened."""
    day = Day(0)
    by = day.console(person("eve", "Admin"), address=ELSEWHERE)
    arn = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/management"
    by("cloudtrail.StopLogging", {"name": arn})
    old = {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-0a1b2c"}}}
    by("ec2.DeleteFlowLogs", old)
    by("guardduty.DeleteDetector", {"detectorId": "12abc"})
    by("ec2.AuthorizeSecurityGroupIngress", web("22"))
    return day


def secrets_taken() -> Day:
    """A stolen key empties the store of secrets."""
    day = Day(6)
    by = day.actor(STOLEN, address=ELSEWHERE, step=1)
    by("secretsmanager.ListSecrets")
    for number in range(30):
        by("secretsmanager.GetSecretValue", {"secretId": f"prod/{number}"})
    return day


def root_taken_over() -> Day:
    """Somebody signs in as root, changes the password and makes an access key."""
    day = Day(3)
    by = day.actor(ROOT, address=ELSEWHERE)
    by(
        "signin.ConsoleLogin",
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MFAUsed": "No"},
    )
    by("iam.CreateAccessKey", None)
    by("ec2.DescribeInstances")
    return day


def commands_and_user_data() -> Day:
    """A person's session runs a script on a machine and replaces its user data."""
    day = Day(19)
    by = day.actor(person("eve"), address=ELSEWHERE)
    by(
        "ssm.SendCommand",
        {"documentName": "AWS-RunShellScript", "instanceIds": [INSTANCE]},
    )
    one = {"instancesSet": {"items": [{"instanceId": INSTANCE}]}}
    by("ec2.StopInstances", one)
    data = {"instanceId": INSTANCE, "userData": "<sensitiveDataRemoved>"}
    by("ec2.ModifyInstanceAttribute", data)
    by("ec2.StartInstances", one)
    return day
