"""Ordinary days of people: administrators, developers, those who leave."""

from __future__ import annotations

from tests.days.builds import web
from tests.days.recorder import (
    ACCOUNT,
    CLI,
    REGION,
    REGIONS,
    ROOT,
    Day,
    person,
    role,
    user,
)

OFFICE = "198.51.100.44"
HOME = "2001:db8:1:2::9"
WIDGETS = (
    "ce: GetCostAndUsage GetCostForecast health: DescribeEventAggregates"
    " organizations: DescribeOrganization iam: ListAccountAliases GetAccountSummary"
    " cost-optimization-hub: ListEnrollmentStatuses support:"
    " DescribeTrustedAdvisorChecks"
    " securityhub: DescribeHub notifications: ListNotificationEvents"
    " servicecatalog-appregistry: ListApplications compute-optimizer:"
    " GetEnrollmentStatus"
    " freetier: GetFreeTierUsage resource-explorer-2: ListViews"
)


def portal(day: Day, name: str, address: str = OFFICE) -> None:
    """Record a sign-in to the access portal, and the token of a command line."""
    who = {
        "type": "IdentityCenterUser",
        "accountId": ACCOUNT,
        "onBehalfOf": {
            "userId": f"93{len(name)}4-{name}",
            "identityStoreArn": f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1",
        },
        "credentialId": "c",
    }
    by = day.actor(who, address=address)
    for credential in ("PASSWORD", "TOTP"):
        for step in ("CredentialChallenge", "CredentialVerification"):
            by(
                f"signin.{step}",
                additionalEventData={"UserName": name, "CredentialType": credential},
                serviceEventDetails={step: "Success"},
                eventType="AwsServiceEvent",
            )
    by("sso.Authenticate", eventType="AwsServiceEvent")
    by("sso.ListApplications", eventType="AwsServiceEvent")
    for where in (HOME, "52.16.1.1"):
        by("sso.CreateToken", {"grantType": "refresh_token"}, sourceIPAddress=where)
    by("sso.Federate", eventType="AwsServiceEvent")


def signed_in(day: Day, who: object, address: str = OFFICE, mfa: str = "No") -> None:
    """Record a sign-in to the console."""
    day.actor(who, address=address)(  # type: ignore[arg-type]  # a name of one
        "signin.ConsoleLogin",
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={
            "MFAUsed": mfa,
            "LoginTo": "https://console.aws.amazon.com",
        },
    )


def power_user() -> Day:
    """A person works all day through IAM Identity Center, in console and shell."""
    day = Day(8)
    who = person("ana")
    portal(day, "ana")
    signed_in(day, who)
    console = day.console(who, address=OFFICE, step=0.4)
    for _ in range(3):
        console.each(WIDGETS, "AccessDenied")
        console.each(
            "ec2: DescribeInstances DescribeVolumes DescribeSnapshots DescribeImages"
            " DescribeKeyPairs DescribeSecurityGroups DescribeVpcs s3: ListBuckets"
            " iam: ListUsers ListRoles ListPolicies ListGroups lambda:"
            " ListFunctions20150331"
            " logs: DescribeLogGroups rds: DescribeDBInstances DescribeDBSnapshots"
            " cloudtrail: LookupEvents DescribeTrails kms: ListKeys ListAliases"
        )
        day.wait(90)
    for number in range(30):
        for name in ("Policy", "Acl", "PublicAccessBlock", "Versioning"):
            console(f"s3.GetBucket{name}", {"bucketName": f"shop-{number}"})
    shell = day.actor(who, address=HOME, agent=CLI, step=20)
    shell.each("sts: GetCallerIdentity s3: ListBuckets ec2: DescribeInstances")
    shell("ssm.StartSession", {"target": "i-0a1b2c3d4e5f60718"})
    shell("secretsmanager.GetSecretValue", {"secretId": "dev/db"})
    shell("ssm.GetParametersByPath", {"path": "/dev", "withDecryption": True})
    console("lambda.UpdateFunctionCode20150331v2", {"functionName": "sandbox"})
    console(
        "ec2.StopInstances", {"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d"}]}}
    )
    console(
        "ec2.StartInstances",
        {"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d"}]}},
    )
    return day


def developer_debugging() -> Day:
    """A developer finds out call by call which rights the new service lacks."""
    day = Day(14)
    who = role("developer", "bob@example.com")
    shell = day.actor(who, address=OFFICE, agent=CLI, step=25)
    for _ in range(3):
        for call in ("sqs.SendMessage", "dynamodb.PutItem", "s3.GetObject"):
            shell(call, {}, "AccessDenied")
        shell("ecs.RunTask", {"cluster": "dev"}, "AccessDeniedException")
        shell("iam.PassRole", {}, "AccessDenied")
        shell(
            "logs.FilterLogEvents",
            {"logGroupName": "/ecs/dev"},
            "AccessDeniedException",
        )
        shell("kms.Decrypt", {}, "AccessDenied")
        shell("ecr.BatchGetImage", {}, "AccessDeniedException")
    shell("lambda.Invoke", {"functionName": "dev"}, "AccessDeniedException")
    shell.each("sts: GetCallerIdentity iam: GetRole ListAttachedRolePolicies GetPolicy")
    shell("sts.DecodeAuthorizationMessage", {"encodedMessage": "x"})
    shell("cloudtrail.LookupEvents", {})
    return day


def break_glass() -> Day:
    """The emergency user signs in with MFA, mends a role, and signs out."""
    day = Day(2)
    who = {**user("break-glass", "ASIAIOSFODNN7EXAMPLE")}
    who["sessionContext"] = {"attributes": {"mfaAuthenticated": "true"}}
    signed_in(day, who, "203.0.113.7", "Yes")
    console = day.console(who, address="203.0.113.7")
    console.each("iam: GetAccountSummary ListRoles GetRole")
    statement = (
        '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::'
        f'{ACCOUNT}:root"}},"Action":"sts:AssumeRole"}}]}}'
    )
    console(
        "iam.UpdateAssumeRolePolicy", {"roleName": "ops", "policyDocument": statement}
    )
    console("organizations.DetachPolicy", {"policyId": "p-x", "targetId": ACCOUNT})
    console("ec2.AuthorizeSecurityGroupIngress", web("443"))
    return day


def offboarding() -> Day:
    """A person leaves: keys, devices, password, groups and the user go."""
    day = Day(17)
    console = day.console(person("carla", "Admin"), address=OFFICE)
    name = {"userName": "dave"}
    console.each("iam: GetUser ListAccessKeys ListMFADevices ListGroupsForUser")
    for key in ("AKIAI44QH8DHBEXAMPLE", "AKIAIOSFODNN7EXAMPLE"):
        console(
            "iam.UpdateAccessKey", {**name, "accessKeyId": key, "status": "Inactive"}
        )
        console("iam.DeleteAccessKey", {**name, "accessKeyId": key})
    serial = {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/dave"}
    console("iam.DeactivateMFADevice", {**name, **serial})
    console("iam.DeleteVirtualMFADevice", serial)
    console("iam.DeleteLoginProfile", name)
    console("iam.RemoveUserFromGroup", {**name, "groupName": "developers"})
    console(
        "iam.DetachUserPolicy",
        {**name, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    )
    console("iam.DeleteUser", name)
    console("sso-directory.DeleteUser", {"userId": "93e4"})
    console(
        "sso.DeleteAccountAssignment", {"principalId": "93e4", "principalType": "USER"}
    )
    return day


def key_rotation() -> Day:
    """A job replaces the keys of forty users, and people replace their own."""
    day = Day(6)
    job = day.actor(role("key-rotation", "rotate"), address="3.250.3.3", step=1)
    for number in range(40):
        name = {"userName": f"service-{number}"}
        job("iam.ListAccessKeys", name)
        old = {**name, "accessKeyId": f"AKIA{number:016}"}
        job("iam.UpdateAccessKey", {**old, "status": "Inactive"})
        job("iam.DeleteAccessKey", old)
    for number in range(5):
        me = user(f"person-{number}", f"AKIA{number:016}")
        shell = day.actor(me, address=f"198.51.100.{number + 50}")
        made = {"userName": f"person-{number}", "accessKeyId": f"AKIB{number:016}"}
        shell(
            "iam.CreateAccessKey",
            {"userName": f"person-{number}"},
            responseElements={"accessKey": made},
        )
        shell("iam.DeleteAccessKey", {"accessKeyId": f"AKIA{number:016}"})
    day.actor(role("key-rotation", "rotate"))("kms.EnableKeyRotation", {"keyId": "1"})
    return day


def owner_as_root() -> Day:
    """The owner closes the books as root: hundreds of reads, one change."""
    day = Day(12)
    signed_in(day, ROOT, OFFICE, "Yes")
    console = day.console(ROOT, address=OFFICE, step=1)
    for region in REGIONS * 6:
        console.each(WIDGETS, awsRegion=region)
        console.each("ec2: DescribeInstances DescribeRegions", awsRegion=region)
    console("billing.UpdateBillingPreferences", {"x": REGION})
    return day
