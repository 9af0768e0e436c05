"""More days on which somebody does harm: through services, clusters, data and pools."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    REGION,
    STRANGER,
    Actor,
    Day,
    function,
    instance,
    oidc,
    person,
    role,
    user,
)

TOR = "185.220.101.4"
ANSIBLE = "APN/1.0 Ansible/2.20.0 Boto3/1.41.5 md/Botocore#1.41.5"
PULUMI = "APN/1.0 Pulumi/1.0 pulumi-aws/7.11.0 aws-sdk-go-v2/1.39.6"
FOREIGN = f"arn:aws:iam::{STRANGER}:root"


def policy(**elements: Any) -> str:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def through(day: Day, service: str, who: Mapping[str, Any]) -> Actor:
    """Return somebody for whom a service calls."""
    host = f"{service}.amazonaws.com"
    return day.actor({**who, "invokedBy": host}, address=host, agent=host)


def function_backdoor() -> Day:
    """A product of Service Catalog leaves a function that anybody may call."""
    day = Day(2)
    by = through(day, "servicecatalog", user("intern"))
    trust = policy(Principal={"Service": "lambda.amazonaws.com"})
    by("iam.CreateRole", {"roleName": "health", "assumeRolePolicyDocument": trust})
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    by("iam.AttachRolePolicy", {"roleName": "health", "policyArn": admin})
    name = {"functionName": "health"}
    by("lambda.CreateFunction20150331", {**name, "role": "arn:aws:iam::1:role/health"})
    anyone = {"action": "lambda:InvokeFunctionUrl", "principal": "*"}
    by("lambda.CreateFunctionUrlConfig", {**name, "authType": "NONE"})
    by("lambda.AddPermission20150331v2", {**name, **anyone})
    by("events.PutRule", {"name": "tick", "scheduleExpression": "rate(1 minute)"})
    by("events.PutTargets", {"rule": "tick", "targets": [{"id": "1", "arn": "arn"}]})
    return day


def cluster_taken_over() -> Day:
    """A developer's session makes itself the master of a cluster."""
    day = Day(23)
    by = day.actor(person("dev", "Developer"), address=TOR, agent=PULUMI)
    cluster = {"name": "shop"}
    principal = {"principalArn": f"arn:aws:iam::{ACCOUNT}:role/ops"}
    by("eks.CreateAccessEntry", {**cluster, **principal})
    master = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    scope = {"accessScope": {"type": "cluster"}}
    by(
        "eks.AssociateAccessPolicy",
        {**cluster, **principal, **scope, "policyArn": master},
    )
    vpc = {
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["0.0.0.0/1", "128.0.0.0/1"],
    }
    by("eks.UpdateClusterConfig", {**cluster, "resourcesVpcConfig": vpc})
    off = {"clusterLogging": [{"types": ["audit", "api"], "enabled": False}]}
    by("eks.UpdateClusterConfig", {**cluster, "logging": off})
    by(
        "eks.CreatePodIdentityAssociation",
        {
            "clusterName": "shop",
            "namespace": "x",
            "serviceAccount": "x",
            "roleArn": "r",
        },
    )
    return day


def customers_taken_over() -> Day:
    """A stolen key opens a user pool: factors off, a password set, an administrator."""
    day = Day(1)
    by = day.actor(user("backend"), address=TOR, agent=BOTO)
    pool = {"userPoolId": f"{REGION}_Shop12345"}
    for _ in range(12):
        by("cognito-idp.ListUsers", {**pool, "limit": 60})
    by("cognito-idp.SetUserPoolMfaConfig", {**pool, "mfaConfiguration": "OFF"})
    for number in range(6):
        victim = {**pool, "username": f"victim-{number}"}
        by("cognito-idp.AdminSetUserPassword", {**victim, "permanent": True})
        by("cognito-idp.AdminSetUserMFAPreference", victim)
    by(
        "cognito-idp.AdminAddUserToGroup",
        {**pool, "username": "me", "groupName": "admin"},
    )
    by(
        "cognito-idp.UpdateUserPoolClient",
        {
            **pool,
            "clientId": "c",
            "explicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
            "callbackURLs": ["https://example.net/"],
        },
    )
    return day


def data_platform_opened() -> Day:
    """A data engineer's session lets another account into everything."""
    day = Day(20)
    by = day.actor(role("DataEngineer", "jo"), address=TOR, agent=BOTO)
    by("glue.GetConnection", {"name": "erp", "hidePassword": False})
    by("glue.PutResourcePolicy", {"policyInJson": policy(Principal={"AWS": FOREIGN})})
    by(
        "lakeformation.GrantPermissions",
        {
            "principal": {"dataLakePrincipalIdentifier": STRANGER},
            "permissions": ["SELECT"],
        },
    )
    by(
        "redshift.AuthorizeDataShare",
        {"dataShareArn": "a", "consumerIdentifier": STRANGER},
    )
    by(
        "redshift.ModifyCluster",
        {"clusterIdentifier": "dw", "publiclyAccessible": True},
    )
    by(
        "secretsmanager.PutResourcePolicy",
        {"secretId": "dw", "resourcePolicy": policy(Principal={"AWS": STRANGER})},
    )
    by(
        "dynamodb.PutResourcePolicy",
        {"resourceArn": "t", "policy": policy(Principal={"AWS": FOREIGN})},
    )
    by(
        "s3.PutAccessPointPolicy",
        {"name": "ap", "policy": policy(Principal={"AWS": FOREIGN})},
    )
    return day


def directory_taken_over() -> Day:
    """A delegated administrator of IAM Identity Center is not alone any more."""
    day = Day(5)
    by = day.console(person("helpdesk", "IdentityAdmin"), address=TOR)
    store = {"identityStoreId": "d-1234567890"}
    by("sso-directory.CreateUser", {**store, "userName": "svc"})
    by("sso-directory.AddMemberToGroup", {**store, "groupId": "g-admins"})
    one = {"instanceArn": "arn:aws:sso:::instance/ssoins-1", "permissionSetArn": "ps-1"}
    by(
        "sso.AttachManagedPolicyToPermissionSet",
        {**one, "managedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    )
    by(
        "sso.CreateAccountAssignment",
        {
            **one,
            "targetId": ACCOUNT,
            "targetType": "AWS_ACCOUNT",
            "principalType": "USER",
        },
    )
    by("sso-directory.ImportExternalIdPCertificate", store)
    by("sso-directory.DeleteMfaDeviceForUser", {**store, "userId": "93-u"})
    return day


def blinded_by_playbook() -> Day:
    """A playbook of Ansible turns the lights off, one service after the other."""
    day = Day(3)
    by = day.actor(role("automation", "play"), address=TOR, agent=ANSIBLE)
    by("logs.PutRetentionPolicy", {"logGroupName": "audit", "retentionInDays": 1})
    by("logs.DeleteSubscriptionFilter", {"logGroupName": "audit", "filterName": "siem"})
    by("guardduty.UpdateDetector", {"detectorId": "d", "enable": False})
    by("securityhub.BatchDisableStandards", {"standardsSubscriptionArns": ["a"]})
    by("config.StopConfigurationRecorder", {"configurationRecorderName": "default"})
    by(
        "cloudtrail.PutEventSelectors",
        {
            "trailName": "main",
            "eventSelectors": [
                {"includeManagementEvents": False, "readWriteType": "All"}
            ],
        },
    )
    by("events.DisableRule", {"name": "guardduty-to-siem"})
    by(
        "route53resolver.DeleteResolverQueryLogConfig",
        {"resolverQueryLogConfigId": "r"},
    )
    return day


def mining_by_build() -> Day:
    """A hijacked workflow mines by fleets, batches and containers."""
    day = Day(22)
    who = oidc("ci", "GitHubActions", "token.actions.githubusercontent.com")
    by = day.actor(who, address=TOR, agent=BOTO)
    for region in ("us-east-1", "us-west-2", "eu-central-1", "ap-south-1"):
        by(
            "ec2.RunInstances",
            {"instanceType": "p5.48xlarge", "maxCount": 8, "minCount": 8},
            awsRegion=region,
        )
        by(
            "ec2.RequestSpotInstances",
            {"launchSpecification": {"instanceType": "g5.48xlarge"}},
            awsRegion=region,
        )
        by(
            "servicequotas.RequestServiceQuotaIncrease",
            {"serviceCode": "ec2"},
            awsRegion=region,
        )
    by("ecs.RegisterTaskDefinition", {"family": "x", "cpu": "16384", "memory": "65536"})
    return day


def instances_by_manager() -> Day:
    """The role of a web server runs commands elsewhere, and registers a machine."""
    day = Day(4)
    by = day.actor(instance("web"), address=TOR, agent=BOTO)
    by.each(
        "sts: GetCallerIdentity ssm: DescribeInstanceInformation ec2: DescribeInstances"
    )
    for number in range(8):
        one = {"instanceIds": ["i-0a1b2c3d4e5f60718", f"i-{number}"]}
        by("ssm.SendCommand", {"documentName": "AWS-RunShellScript", **one})
    by("ssm.CreateActivation", {"iamRole": "ssm", "registrationLimit": 10})
    by(
        "ssm.CreateAssociation",
        {"name": "AWS-RunShellScript", "scheduleExpression": "rate(30 minutes)"},
    )
    return day


def secrets_by_function() -> Day:
    """The environment of a function is read, and its role used from elsewhere."""
    day = Day(6)
    by = day.actor(
        function("resize"),
        address=TOR,
        agent="aws-cli/2.31.0 exec-env/AWS_Lambda_python3.13",
    )
    by.each(
        "sts: GetCallerIdentity s3: ListBuckets iam: ListRoles lambda:"
        " ListFunctions20150331 secretsmanager: ListSecrets ec2:"
        " DescribeInstances"
    )
    for number in range(30):
        by("secretsmanager.GetSecretValue", {"secretId": f"prod/{number}"})
    return day


def organization_taken_over() -> Day:
    """The management account's pipeline is used against every member."""
    day = Day(0)
    by = day.actor(role("OrgPipeline", "run"), address=TOR, agent=PULUMI)
    by("organizations.UpdatePolicy", {"policyId": "p-guard", "content": policy()})
    by(
        "organizations.RegisterDelegatedAdministrator",
        {"accountId": STRANGER, "servicePrincipal": "sso.amazonaws.com"},
    )
    by(
        "organizations.DisableAWSServiceAccess",
        {"servicePrincipal": "guardduty.amazonaws.com"},
    )
    by("cloudformation.CreateStackSet", {"stackSetName": "baseline2"})
    by("cloudformation.CreateStackInstances", {"stackSetName": "baseline2"})
    by(
        "iam.CreateRole",
        {
            "roleName": "Audit2",
            "assumeRolePolicyDocument": policy(
                Action="sts:AssumeRole", Principal={"AWS": FOREIGN}
            ),
        },
    )
    return day


def pipeline_trust_loosened() -> Day:
    """A trust policy is written anew, for owners whose names begin alike."""
    day = Day(7)
    by = day.actor(user("platform"), address=TOR, agent=ANSIBLE)
    host = "token.actions.githubusercontent.com"
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    by(
        "iam.UpdateAssumeRolePolicy",
        {
            "roleName": "deploy",
            "policyDocument": policy(
                Action="sts:AssumeRoleWithWebIdentity",
                Principal={"Federated": provider},
                Condition={
                    "StringLike": {f"{host}:sub": ["repo:example/web:*", "repo:exam*"]}
                },
            ),
        },
    )
    return day
