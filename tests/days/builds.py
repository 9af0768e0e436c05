"""Ordinary days of those who build: pipelines, templates, new accounts."""

from __future__ import annotations

import json

from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    CLI,
    REGION,
    TERRAFORM,
    Day,
    instance,
    oidc,
    role,
)

GITHUB = "token.actions.githubusercontent.com"
RUNNER = "20.57.1.9"
INSTANCE = "i-0a1b2c3d4e5f60718"


def trust(service: str) -> str:
    """Return a trust policy for a service."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def login(day: Day, name: str, session: str, address: str) -> None:
    """Record that GitHub's token was exchanged for a session."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
    subject = "repo:example/shop:ref:refs/heads/main"
    who = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    key = oidc(name, session, GITHUB)["accessKeyId"]
    day.actor(who, address=address, agent="aws-sdk-nodejs/2.1")(
        "sts.AssumeRoleWithWebIdentity",
        {"roleArn": arn, "roleSessionName": session},
        responseElements={
            "credentials": {"accessKeyId": key},
            "subjectFromWebIdentityToken": subject,
            "provider": provider,
        },
    )


def terraform_by_oidc() -> Day:
    """A workflow of GitHub applies Terraform: new things, changed ones, old ones."""
    day = Day()
    login(day, "github-deploy", "GitHubActions", RUNNER)
    who = oidc("github-deploy", "GitHubActions", GITHUB)
    tool = day.actor(who, address=RUNNER, agent=TERRAFORM, step=0.3)
    tool.each("sts: GetCallerIdentity ec2: DescribeVpcs DescribeSubnets DescribeImages")
    for number in range(12):
        bucket = f"shop-data-{number}"
        for name in ("Acl", "Policy", "Versioning", "Logging", "PublicAccessBlock"):
            tool(f"s3.GetBucket{name}", {"bucketName": bucket})
    for name in ("api", "worker"):
        document = {"assumeRolePolicyDocument": trust("lambda.amazonaws.com")}
        tool("iam.CreateRole", {"roleName": name, **document})
        tool(
            "iam.AttachRolePolicy",
            {
                "roleName": name,
                "policyArn": "arn:aws:iam::aws:policy/service-role/"
                "AWSLambdaBasicExecutionRole",
            },
        )
        policy = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::a/*",
                }
            ]
        }
        tool(
            "iam.PutRolePolicy",
            {
                "roleName": name,
                "policyName": "data",
                "policyDocument": json.dumps(policy),
            },
        )
    tool(
        "lambda.CreateFunction20150331",
        {"functionName": "api", "runtime": "python3.13"},
    )
    for _ in range(6):
        tool("lambda.UpdateFunctionCode20150331v2", {"functionName": "worker"})
        tool("lambda.UpdateFunctionConfiguration20150331v2", {"functionName": "worker"})
    tool("s3.CreateBucket", {"bucketName": "shop-alb-logs"})
    block = {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    tool(
        "s3.PutBucketPublicAccessBlock",
        {"bucketName": "shop-alb-logs", "PublicAccessBlockConfiguration": block},
    )
    delivery = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::156460612806:root"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::shop-alb-logs/*",
    }
    tool(
        "s3.PutBucketPolicy",
        {"bucketName": "shop-alb-logs", "bucketPolicy": {"Statement": [delivery]}},
    )
    tool(
        "s3.PutBucketVersioning",
        {"bucketName": "shop-tmp", "VersioningConfiguration": {"Status": "Suspended"}},
    )
    one = {"instancesSet": {"items": [{"instanceId": INSTANCE}]}}
    tool("ec2.StopInstances", one)
    tool(
        "ec2.ModifyInstanceAttribute",
        {"instanceId": INSTANCE, "userData": "<sensitiveDataRemoved>"},
    )
    tool("ec2.StartInstances", one)
    old = {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-0a1b2c"}}}
    tool("ec2.DeleteFlowLogs", old)
    tool("ec2.CreateFlowLogs", {"CreateFlowLogsRequest": {"ResourceType": "VPC"}})
    tool("logs.DeleteLogGroup", {"logGroupName": "/aws/lambda/old"})
    tool("cognito-idp.DeleteUserPool", {"userPoolId": f"{REGION}_Test12345"})
    arn = f"arn:aws:iam::{ACCOUNT}:role/shop-guest"
    tool(
        "cognito-identity.SetIdentityPoolRoles",
        {"identityPoolId": f"{REGION}:1", "roles": {"unauthenticated": arn}},
    )
    tool(
        "rds.DeleteDBInstance",
        {"dBInstanceIdentifier": "review-17", "skipFinalSnapshot": True},
    )
    tool("ec2.AuthorizeSecurityGroupIngress", web("443"))
    return day


def web(port: str) -> dict[str, object]:
    """Return the parameters that open a port to the world."""
    number = int(port)
    open_to = {
        "ipProtocol": "tcp",
        "fromPort": number,
        "toPort": number,
        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
    }
    return {"groupId": "sg-0a1b2c3d", "ipPermissions": {"items": [open_to]}}


def cdk_deploy() -> Day:
    """A developer's pipeline deploys by CDK: CloudFormation calls for the role."""
    day = Day(11)
    pipeline = oidc("cdk-deploy", "deploy", GITHUB)
    login(day, "cdk-deploy", "deploy", RUNNER)
    cli = day.actor(pipeline, address=RUNNER, agent="aws-cdk/2.210.0 nodejs/22")
    for name in ("lookup", "file-publishing", "deploy"):
        arn = (
            f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{name}-role-{ACCOUNT}-{REGION}"
        )
        cli("sts.AssumeRole", {"roleArn": arn, "roleSessionName": "aws-cdk-deploy"})
    deploy = role(f"cdk-hnb659fds-deploy-role-{ACCOUNT}-{REGION}", "aws-cdk-deploy")
    by = day.actor(deploy, address=RUNNER, agent="aws-cdk/2.210.0 nodejs/22")
    by("ssm.GetParameter", {"name": "/cdk-bootstrap/hnb659fds/version"})
    by("cloudformation.CreateChangeSet", {"stackName": "Shop"})
    by("cloudformation.ExecuteChangeSet", {"stackName": "Shop"})
    execution = role(
        f"cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}", "AWSCloudFormation"
    )
    stack = day.actor(
        {**execution, "invokedBy": "cloudformation.amazonaws.com"},
        address="cloudformation.amazonaws.com",
        agent="cloudformation.amazonaws.com",
    )
    for name in ("Api", "Queue", "Cron"):
        document = {"assumeRolePolicyDocument": trust("lambda.amazonaws.com")}
        stack("iam.CreateRole", {"roleName": f"Shop-{name}-1A2B", **document})
        stack("lambda.CreateFunction20150331", {"functionName": f"Shop-{name}"})
        stack(
            "lambda.AddPermission20150331v2",
            {
                "functionName": f"Shop-{name}",
                "principal": "events.amazonaws.com",
                "action": "lambda:InvokeFunction",
            },
        )
    stack("lambda.UpdateFunctionCode20150331v2", {"functionName": "Shop-Old"})
    stack("logs.DeleteLogGroup", {"logGroupName": "/aws/lambda/Shop-Gone"})
    stack(
        "logs.PutRetentionPolicy",
        {"logGroupName": "/aws/lambda/x", "retentionInDays": 30},
    )
    stack("sns.CreateTopic", {"name": "Shop-Alarms"})
    stack("sqs.CreateQueue", {"queueName": "Shop-Queue"})
    stack("events.PutRule", {"name": "Shop-Cron", "scheduleExpression": "rate(1 hour)"})
    return day


def terraform_cloud() -> Day:
    """HCP Terraform plans and applies from its own addresses, and lacks a right."""
    day = Day(13)
    who = oidc("tfc-run", "terraform-run-8f2a", "app.terraform.io")
    tool = day.actor(who, address="52.86.200.106", agent=TERRAFORM, step=0.3)
    tool.each(
        "sts: GetCallerIdentity iam: ListRoles GetAccountSummary ec2: DescribeVpcs"
        " DescribeRouteTables DescribeNatGateways kms: ListAliases rds:"
        " DescribeDBInstances"
    )
    for number in range(30):
        tool("ssm.GetParameter", {"name": f"/shop/{number}", "withDecryption": True})
        tool("secretsmanager.GetSecretValue", {"secretId": f"shop/{number}"})
    for name in ("CreateSubnet", "CreateRouteTable", "CreateTags", "CreateVpcEndpoint"):
        tool(f"ec2.{name}", {"vpcId": "vpc-0a1b2c3d"})
    for _ in range(3):
        tool("wafv2.CreateWebACL", {"name": "shop"}, "AccessDeniedException")
        tool("route53.ChangeResourceRecordSets", {"hostedZoneId": "Z1"}, "AccessDenied")
    tool(
        "kms.PutKeyPolicy",
        {"keyId": "1234abcd", "policyName": "default", "policy": "{}"},
    )
    tool(
        "ecs.RegisterTaskDefinition", {"family": "shop", "cpu": "512", "memory": "1024"}
    )
    tool("ecs.UpdateService", {"service": "shop", "cluster": "main"})
    tool("elasticloadbalancing.ModifyListener", {"listenerArn": "arn:aws:elb"})
    tool("ec2.RevokeSecurityGroupIngress", web("8080"))
    tool("iam.DeleteRolePolicy", {"roleName": "old", "policyName": "old"})
    tool("iam.DeleteRole", {"roleName": "old"})
    return day


def account_vending() -> Day:
    """Control Tower's factory makes an account, and its pipeline customizes it."""
    day = Day(10)
    tower = role("AWSControlTowerExecution", "AWSCT-Enroll", "/")
    by = day.actor(tower, address="controltower.amazonaws.com", agent=BOTO)
    by.who = {**tower, "invokedBy": "controltower.amazonaws.com"}
    by("organizations.CreateAccount", {"accountName": "team-a", "email": "****"})
    by("organizations.MoveAccount", {"accountId": "210987654321"})
    by("organizations.AttachPolicy", {"policyId": "p-guardrail", "targetId": "ou-1"})
    by("iam.CreateRole", {"roleName": "aws-controltower-AdministratorExecutionRole"})
    by(
        "config.PutConfigurationRecorder",
        {"configurationRecorder": {"name": "default"}},
    )
    by("cloudtrail.CreateTrail", {"name": "aws-controltower-BaselineCloudTrail"})
    aft = day.actor(
        role("AWSAFTExecution", "AWSAFT-Session"), address="3.250.9.9", agent=BOTO
    )
    contact = {
        "alternateContactType": "SECURITY",
        "emailAddress": "security@example.com",
    }
    aft("account.PutAlternateContact", contact)
    for region in ("us-east-1", "us-west-2", "ap-south-1", "eu-west-1"):
        aft("ec2.DescribeVpcs", None, awsRegion=region)
        aft("ec2.DeleteSubnet", {"subnetId": "subnet-0a"}, awsRegion=region)
        aft(
            "ec2.DeleteInternetGateway",
            {"internetGatewayId": "igw-0a"},
            awsRegion=region,
        )
        aft("ec2.DeleteVpc", {"vpcId": "vpc-0a"}, awsRegion=region)
    aft("s3.PutAccountPublicAccessBlock", {"accountId": ACCOUNT})
    aft("iam.UpdateAccountPasswordPolicy", {"minimumPasswordLength": 16})
    aft("ec2.EnableEbsEncryptionByDefault", {})
    return day


def jenkins_on_instance() -> Day:
    """Jenkins runs on an instance, builds with its role, and deploys by commands."""
    day = Day(15)
    tool = day.actor(instance("jenkins"), address="18.203.7.7", agent=CLI, step=5)
    for number in range(4):
        tool("sts.GetCallerIdentity")
        tool("s3.ListBuckets")
        tool.each("ec2: DescribeInstances ecr: GetAuthorizationToken")
        tool("lambda.UpdateFunctionCode20150331v2", {"functionName": f"job-{number}"})
        layer = [f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:tools:{number}"]
        tool(
            "lambda.UpdateFunctionConfiguration20150331v2",
            {"functionName": f"job-{number}", "layers": layer},
        )
        tool(
            "ssm.SendCommand",
            {"documentName": "AWS-RunShellScript", "instanceIds": [INSTANCE]},
        )
        tool("ecs.RegisterTaskDefinition", {"family": "web"})
        tool("ecs.UpdateService", {"service": "web"})
        day.wait(60)
    return day
