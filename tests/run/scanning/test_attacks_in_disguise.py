"""Attacks in disguise: other agents, services on behalf, other calls and spellings."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from checker import rules, run
from checker.model import AnyRule, Level
from tests.run.scanning.stories import (
    ACCOUNT,
    Step,
    call,
    data,
    events,
    role,
    user,
)

Scan = Callable[[Sequence[Step]], dict[str, Level]]

STRANGER = "999999999999"
THIEF = user("anaya")
SESSION = role("Deploy", "ci")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TOOLS = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 terraform-provider-aws/6.21.0",
    "APN/1.0 Pulumi/1.0 pulumi-aws/7.11.0",
    "aws-sdk-js/3.940.0 aws-cdk/2.1033.0",
    "APN/1.0 Ansible/2.20.0 Boto3/1.41.5",
    "Boto3/1.41.5 md/Botocore#1.41.5",
)
SERVICES = (
    "cloudformation.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "aws-mcp.amazonaws.com",
    "codebuild.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
)


@pytest.fixture(scope="module")
def pack() -> list[AnyRule]:
    return rules.load()


@pytest.fixture
def scan(pack: list[AnyRule], tmp_path: Path) -> Scan:
    """The worst level that each rule reports on some steps."""

    def worst(steps: Sequence[Step]) -> dict[str, Level]:
        file = tmp_path / "story.json"
        file.write_text(json.dumps({"Records": events(steps)}))
        found: dict[str, Level] = {}
        for finding in run.scan(pack, file).findings:
            level = found.get(finding.rule.name, finding.level)
            found[finding.rule.name] = max(level, finding.level)
        return found

    return worst


def through(service: str, who: dict[str, Any]) -> dict[str, Any]:
    """The fields of a call that a service makes for a caller."""
    return {
        "userIdentity": {**who, "invokedBy": service},
        "ip": service,
        "userAgent": service,
    }


def statement(**elements: Any) -> str:
    base = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**base, **elements}]})


def backdoor(who: dict[str, Any], **fields: Any) -> list[Step]:
    """An administrator, a key of his, and a role that another account may assume."""
    trust = statement(Principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:root", STRANGER]})
    return [
        call(0, "iam:CreateUser", who, {"userName": "svc"}, {}, **fields),
        call(
            2,
            "iam:AttachUserPolicy",
            who,
            {"userName": "svc", "policyArn": ADMIN},
            **fields,
        ),
        call(4, "iam:CreateAccessKey", who, {"userName": "svc"}, {}, **fields),
        call(
            6,
            "iam:CreateRole",
            who,
            {"roleName": "support", "assumeRolePolicyDocument": trust},
            {},
            **fields,
        ),
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_backdoor_that_a_service_builds_is_high(scan: Scan, service: str) -> None:
    found = scan(backdoor(THIEF, **through(service, THIEF)))

    assert max(found.values()) >= Level.HIGH
    assert "iam_role_trusts_foreign_account" in found


@pytest.mark.parametrize("agent", TOOLS)
def test_a_backdoor_by_any_tool_is_high(scan: Scan, agent: str) -> None:
    found = scan(backdoor(SESSION, userAgent=agent))

    assert max(found.values()) >= Level.HIGH
    assert found["iam_admin_policy_attached_to_user"] >= Level.MEDIUM


@pytest.mark.parametrize("agent", TOOLS)
def test_a_wipe_by_any_tool_has_findings_at_medium(scan: Scan, agent: str) -> None:
    made: dict[str, Any] = {"userAgent": agent}
    found = scan(
        [
            call(0, "organizations:DetachPolicy", SESSION, {"policyId": "p-1"}, **made),
            call(
                5,
                "backup:DeleteBackupVault",
                SESSION,
                {"backupVaultName": "main"},
                **made,
            ),
            call(
                9,
                "rds:DeleteDBInstance",
                SESSION,
                {"dBInstanceIdentifier": "db", "skipFinalSnapshot": True},
                {},
                **made,
            ),
            call(
                12,
                "kms:ScheduleKeyDeletion",
                SESSION,
                {"keyId": "k", "pendingWindowInDays": 7},
                {},
                **made,
            ),
        ]
    )

    assert sum(level >= Level.MEDIUM for level in found.values()) >= 2


@pytest.mark.parametrize(
    "document",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "*"]}},
        {"Principal": {"AWS": "*", "Service": "ec2.amazonaws.com"}},
        {"NotPrincipal": {"AWS": STRANGER}},
        {
            "Principal": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}},
        },
        {"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}},
        {
            "Principal": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
    ],
)
def test_a_role_for_everybody_is_high_in_every_spelling(
    scan: Scan, document: dict[str, Any]
) -> None:
    request = {"roleName": "app", "policyDocument": statement(**document)}

    found = scan([call(0, "iam:UpdateAssumeRolePolicy", THIEF, request)])

    assert found["iam_role_trusts_anyone"] is Level.HIGH


def test_a_denial_of_everybody_is_not(scan: Scan) -> None:
    request = {
        "roleName": "app",
        "policyDocument": statement(
            Effect="Deny",
            Principal="*",
            Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        ),
    }

    found = scan([call(0, "iam:UpdateAssumeRolePolicy", THIEF, request)])

    assert "iam_role_trusts_anyone" not in found


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        (
            "sqs:SetQueueAttributes",
            {"attributes": {"Policy": statement(Principal={"AWS": [ACCOUNT, "*"]})}},
        ),
        (
            "sns:SetTopicAttributes",
            {
                "attributeName": "Policy",
                "attributeValue": statement(Principal="\u002a", Condition={}),
            },
        ),
        ("s3:PutAccessPointPolicy", {"policy": statement(Principal="*")}),
        (
            "secretsmanager:PutResourcePolicy",
            {"resourcePolicy": statement(Principal="*")},
        ),
        ("logs:PutResourcePolicy", {"policyDocument": statement(Principal="*")}),
        (
            "glacier:SetVaultAccessPolicy",
            {"policy": {"policy": statement(Principal="*")}},
        ),
        (
            "kms:CreateKey",
            {"policy": statement(Principal={"AWS": "*"}).replace("*", "\\u002a")},
        ),
        ("sns:AddPermission", {"aWSAccountId": [ACCOUNT, "*"], "label": "x"}),
        ("sqs:AddPermission", {"aWSAccountIds": ["*"], "label": "x"}),
    ],
)
def test_every_call_that_makes_a_resource_public_is_high(
    scan: Scan, action: str, request_: dict[str, Any]
) -> None:
    found = scan([call(0, action, THIEF, request_, {})])

    assert found["resource_policy_made_public"] is Level.HIGH


@pytest.mark.parametrize(
    "ranges",
    [["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0/2", "64.0.0.0/2"]],
)
@pytest.mark.parametrize("ports", [(22, 22), (20, 30), (0, 65535)])
def test_a_port_is_open_to_the_world_by_any_networks_and_ranges(
    scan: Scan, ranges: list[str], ports: tuple[int, int]
) -> None:
    permission = {
        "ipProtocol": "tcp",
        "fromPort": ports[0],
        "toPort": ports[1],
        "ipRanges": {"items": [{"cidrIp": each} for each in ranges]},
    }
    request = {"groupId": "sg-1", "ipPermissions": {"items": [permission]}}

    found = scan([call(0, "ec2:AuthorizeSecurityGroupIngress", THIEF, request, {})])

    assert found["admin_port_opened_to_world"] is Level.HIGH


def test_objects_encrypted_by_multipart_uploads_are_high(scan: Scan) -> None:
    header = "x-amz-server-side-encryption-customer-algorithm"
    steps = [
        data(0, "CreateMultipartUpload", THIEF, "{n}.bin", count=60, every=2),
        data(1, "CompleteMultipartUpload", THIEF, "{n}.bin", count=60, every=2),
    ]
    for step in steps[:1]:
        step.event["requestParameters"][header] = "AES256"

    assert max(scan(steps).values()) >= Level.HIGH


@pytest.mark.parametrize(
    "request_",
    [
        {"instanceIds": [f"i-0123456789abcde{n:02}" for n in range(50)]},
        {"targets": [{"key": "tag:Environment", "values": ["production"]}]},
        {"targets": [{"key": "InstanceIds", "values": [f"i-{n}" for n in range(50)]}]},
    ],
)
def test_a_command_to_many_instances_in_one_call_is_medium(
    scan: Scan, request_: dict[str, Any]
) -> None:
    request = {"documentName": "AWS-RunShellScript", **request_}

    found = scan([call(0, "ssm:SendCommand", SESSION, request, {})])

    assert max(found.values()) >= Level.MEDIUM


@pytest.mark.parametrize(
    "document",
    [
        {"Action": "*", "Resource": "*"},
        {"Action": ["?am:*"], "Resource": "arn:aws:*"},
        {"NotAction": "aws-portal:*", "Resource": "*"},
    ],
)
def test_full_access_for_oneself_is_high(scan: Scan, document: dict[str, Any]) -> None:
    request = {"userName": "anaya", "policyDocument": statement(**document)}

    found = scan([call(0, "iam:PutUserPolicy", THIEF, request)])

    assert max(found.values()) >= Level.HIGH


def test_a_trail_that_is_started_again_by_its_arn_was_not_left_stopped(
    scan: Scan,
) -> None:
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
    stop = call(0, "cloudtrail:StopLogging", THIEF, {"name": "main"})
    later = call(9000, "s3:ListBuckets", THIEF)

    restarted = call(60, "cloudtrail:StartLogging", THIEF, {"name": arn})
    other = call(60, "cloudtrail:StartLogging", THIEF, {"name": f"{arn}-2"})

    assert "trail_not_restarted" not in scan([stop, restarted, later])
    assert "trail_not_restarted" in scan([stop, other, later])


@pytest.mark.parametrize(
    ("protocol", "level"), [("tcp", Level.HIGH), ("-1", Level.MEDIUM)]
)
def test_a_rule_edited_in_an_unknown_direction_is_one_level_lower(
    scan: Scan, protocol: str, level: Level
) -> None:
    edited: dict[str, Any] = {"IpProtocol": protocol, "CidrIpv4": "0.0.0.0/0"}
    if protocol == "tcp":
        edited |= {"FromPort": 22, "ToPort": 22}
    one = {"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": edited}
    body = {"GroupId": "sg-1", "SecurityGroupRule": one}

    found = scan(
        [
            call(
                0,
                "ec2:ModifySecurityGroupRules",
                THIEF,
                {"ModifySecurityGroupRulesRequest": body},
                {},
            )
        ]
    )

    assert found["admin_port_opened_to_world"] is level


@pytest.mark.parametrize("agent", [*TOOLS, "Mozilla/5.0"])
def test_full_access_for_oneself_is_one_finding_at_its_level(
    scan: Scan, agent: str
) -> None:
    document = statement(Action="*", Resource="*")
    request = {"userName": "anaya", "policyDocument": document}

    found = scan([call(0, "iam:PutUserPolicy", THIEF, request, userAgent=agent)])

    reported = {name for name, level in found.items() if level >= Level.LOW}
    assert reported == {"full_access_granted_to_self"}


@pytest.mark.parametrize("agent", [*TOOLS, "aws-cli/2.31.0"])
def test_claims_do_not_lower_what_a_correlation_counts(scan: Scan, agent: str) -> None:
    steps = [
        call(
            n, "ssm:SendCommand", SESSION, {"instanceIds": [f"i-{n}"]}, userAgent=agent
        )
        for n in range(5)
    ]

    assert scan(steps)["ssm_commands_on_several_instances"] is Level.MEDIUM
