"""Ordinary days of operations: on call, a baseline, an incident, a support desk."""

from __future__ import annotations

import json

from tests.days.people import OFFICE
from tests.days.platforms import NAT, own
from tests.days.recorder import (
    CLI,
    REGION,
    REGIONS,
    VAULT,
    Day,
    function,
    oidc,
    person,
    role,
)


def incident() -> Day:
    """An engineer on call mends a shop: sessions, restarts, a snapshot, queries."""
    day = Day(2)
    by = day.console(person("oncall", "PowerUser"), address="203.0.113.77")
    by.each(
        "cloudwatch: DescribeAlarms logs: StartQuery GetQueryResults ecs:"
        " DescribeServices rds: DescribeDBInstances"
    )
    by("ssm.StartSession", {"target": "i-0a1b2c3d4e5f60718"})
    by(
        "ssm.SendCommand",
        {"documentName": "AWS-RunShellScript", "instanceIds": ["i-0a1b2c3d4e5f60718"]},
    )
    by("ecs.UpdateService", {"service": "shop", "forceNewDeployment": True})
    by("ecs.ExecuteCommand", {"cluster": "main", "task": "t", "interactive": True})
    by(
        "rds.CreateDBSnapshot",
        {"dBInstanceIdentifier": "shop", "dBSnapshotIdentifier": "before"},
    )
    by("rds.RebootDBInstance", {"dBInstanceIdentifier": "shop"})
    by(
        "rds.ModifyDBInstance",
        {
            "dBInstanceIdentifier": "shop",
            "dBInstanceClass": "db.r6g.2xlarge",
            "applyImmediately": True,
        },
    )
    by(
        "autoscaling.UpdateAutoScalingGroup",
        {"autoScalingGroupName": "web", "desiredCapacity": 12},
    )
    by(
        "lambda.UpdateFunctionConfiguration20150331v2",
        {"functionName": "checkout", "timeout": 30},
    )
    by("elasticloadbalancing.RegisterTargets", {"targetGroupArn": "a"})
    return day


def organization_baseline() -> Day:
    """A pipeline of the platform team rolls its baseline out to every account."""
    day = Day(14)
    who = oidc("org-baseline", "GitHubActions", "token.actions.githubusercontent.com")
    by = day.actor(
        who,
        address="20.57.1.9",
        agent="APN/1.0 OpenTofu/1.10 terraform-provider-aws/6.21.0",
        step=0.5,
    )
    deny = {
        "Statement": [
            {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"},
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
        ]
    }
    by("organizations.UpdatePolicy", {"policyId": "p-1", "content": json.dumps(deny)})
    by("organizations.AttachPolicy", {"policyId": "p-1", "targetId": "ou-1"})
    by("organizations.TagResource", {"resourceId": "ou-1"})
    by("cloudformation.UpdateStackSet", {"stackSetName": "baseline"})
    by("cloudformation.CreateStackInstances", {"stackSetName": "baseline"})
    stack = day.actor(
        {
            **role("stacksets-exec-0a1b", "s"),
            "invokedBy": "cloudformation.amazonaws.com",
        },
        address="cloudformation.amazonaws.com",
        agent="cloudformation.amazonaws.com",
    )
    for region in REGIONS:
        stack(
            "guardduty.UpdateDetector",
            {"detectorId": "d", "enable": True},
            awsRegion=region,
        )
        stack("config.PutConfigRule", {"configRule": {}}, awsRegion=region)
        stack("ec2.EnableEbsEncryptionByDefault", {}, awsRegion=region)
        stack("ec2.DeleteVpc", {"vpcId": "vpc-0"}, awsRegion=region)
        stack("events.PutRule", {"name": "baseline"}, awsRegion=region)
        stack(
            "events.PutTargets",
            {"rule": "baseline", "targets": [{"id": "1", "arn": "a"}]},
            awsRegion=region,
        )
        stack(
            "sns.SetTopicAttributes",
            {"attributeName": "Policy", "attributeValue": own("baseline")},
            awsRegion=region,
        )
    return day


def responder() -> Day:
    """A responder contains a leaked key and keeps what is needed for forensics."""
    day = Day(16)
    by = day.actor(person("responder", "SecurityResponder"), address=OFFICE, agent=CLI)
    by.each(
        "cloudtrail: LookupEvents guardduty: ListFindings GetFindings iam:"
        " GetUser ListAccessKeys GetAccessKeyLastUsed"
    )
    by(
        "iam.UpdateAccessKey",
        {"userName": "ci", "accessKeyId": "AKIAI44QH8DHBEXAMPLE", "status": "Inactive"},
    )
    by(
        "iam.AttachUserPolicy",
        {"userName": "ci", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"},
    )
    by(
        "ec2.ModifyInstanceAttribute",
        {"instanceId": "i-1", "groupSet": {"items": [{"groupId": "sg-quarantine"}]}},
    )
    by("ec2.CreateSnapshot", {"volumeId": "vol-1"})
    share = {
        "snapshotId": "snap-1",
        "attributeType": "CREATE_VOLUME_PERMISSION",
        "createVolumePermission": {"add": {"items": [{"userId": VAULT}]}},
    }
    by("ec2.ModifySnapshotAttribute", share)
    by("iam.DeleteAccessKey", {"userName": "ci", "accessKeyId": "AKIAI44QH8DHBEXAMPLE"})
    return day


def support_desk() -> Day:
    """A back office helps customers: looks up, resets, disables, deletes."""
    day = Day(11)
    by = day.actor(
        function("backoffice"),
        address=NAT,
        agent="aws-sdk-js/3.940.0 exec-env/AWS_Lambda_nodejs22.x",
        step=20,
    )
    pool = {"userPoolId": f"{REGION}_Shop12345"}
    for number in range(40):
        one = {**pool, "username": f"c-{number}"}
        by(
            "cognito-idp.ListUsers",
            {**pool, "filter": "HIDDEN_DUE_TO_SECURITY_REASONS", "limit": 1},
        )
        by("cognito-idp.AdminGetUser", one)
        if number % 4 == 0:
            by("cognito-idp.AdminResetUserPassword", one)
        if number % 10 == 0:
            by("cognito-idp.AdminDisableUser", one)
            by("cognito-idp.AdminUserGlobalSignOut", one)
        if number % 15 == 0:
            by("cognito-idp.AdminDeleteUser", one)
    return day
