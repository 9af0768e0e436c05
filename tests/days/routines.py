"""More ordinary days: vendors, releases, keys, people who come, drills, clean-ups."""

from __future__ import annotations

import json

from tests.days.people import OFFICE
from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    CLI,
    REGION,
    REGIONS,
    TERRAFORM,
    VAULT,
    Day,
    function,
    oidc,
    person,
    role,
    user,
)

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def posture_vendor() -> Day:
    """A posture vendor's role reads settings and snapshots disks without agents."""
    day = Day(0)
    by = day.actor(
        role("WizAccess", "wiz"), address="54.160.0.10", agent=BOTO, step=0.4
    )
    for region in REGIONS:
        by.each(
            "ec2: DescribeInstances DescribeImages DescribeSnapshots DescribeVolumes"
            " DescribeSecurityGroups rds: DescribeDBInstances DescribeDBSnapshots"
            " eks: ListClusters lambda: ListFunctions20150331 ecr: DescribeRepositories"
            " secretsmanager: ListSecrets guardduty: ListDetectors cloudtrail:"
            " DescribeTrails GetTrailStatus GetEventSelectors config:"
            " DescribeConfigurationRecorders",
            awsRegion=region,
        )
    by.each(
        "iam: ListUsers ListRoles GetAccountAuthorizationDetails"
        " GenerateCredentialReport GetCredentialReport ListPolicies GetAccountSummary"
        " ListAccessKeys ListMFADevices GetAccountPasswordPolicy s3: ListBuckets"
        " organizations: DescribeOrganization ListAccounts bedrock:"
        " ListFoundationModels GetModelInvocationLoggingConfiguration"
    )
    for n in range(12):
        bucket = {"bucketName": f"shop-{n}"}
        for call in ("GetBucketPolicy", "GetBucketAcl", "GetBucketLogging"):
            by(f"s3.{call}", bucket)
        by(
            "ec2.DescribeInstanceAttribute",
            {"attribute": "userData"},
            error="Client.UnauthorizedOperation",
        )
    for n in range(5):
        by(
            "ec2.CreateSnapshot",
            {
                "volumeId": f"vol-0{n:016x}",
                "description": "wiz scan",
                "tagSpecificationSet": {"items": [{"resourceType": "snapshot"}]},
            },
        )
    for n in range(5):
        by("ec2.DeleteSnapshot", {"snapshotId": f"snap-0{n:016x}"})
    return day


def spending_vendor() -> Day:
    """A FinOps vendor reads bills, buys a plan, and stops what nobody uses."""
    day = Day(6)
    by = day.actor(role("FinOpsVendor", "vendor"), address="52.5.20.11", agent=BOTO)
    for region in REGIONS:
        by.each(
            "ce: GetCostAndUsage GetReservationUtilization GetSavingsPlansCoverage"
            " ec2: DescribeInstances DescribeReservedInstances DescribeVolumes"
            " monitoring: GetMetricData compute-optimizer:"
            " GetEC2InstanceRecommendations servicequotas: ListServiceQuotas",
            awsRegion=region,
        )
    by(
        "savingsplans.CreateSavingsPlan",
        {"savingsPlanOfferingId": "x", "commitment": "1.0"},
    )
    by("organizations.ListAccounts", None, error="AccessDeniedException")
    by("s3.GetBucketAcl", {"bucketName": "x"}, error="AccessDenied")
    by("cur.PutReportDefinition", {"reportDefinition": {"reportName": "r"}})
    nightly = day.actor(function("office-hours"), address="10.0.3.4", agent=BOTO)
    for n in range(10):
        nightly(
            "ec2.StopInstances",
            {"instancesSet": {"items": [{"instanceId": f"i-0a1b2c3d4e5f6071{n}"}]}},
        )
    for n in range(3):
        nightly("rds.StopDBInstance", {"dBInstanceIdentifier": f"dev{n}"})
    return day


def blue_and_green() -> Day:
    """CodeDeploy and Terraform swap a fleet, its listener, and the old one goes."""
    day = Day(10)
    ci = oidc("deploy", "GitHubActions", "token.actions.githubusercontent.com")
    by = day.actor(ci, address="20.55.1.9", agent=TERRAFORM)
    by(
        "ec2.CreateLaunchTemplateVersion",
        {"CreateLaunchTemplateVersionRequest": {"LaunchTemplateId": "lt-1"}},
    )
    by("autoscaling.CreateAutoScalingGroup", {"autoScalingGroupName": "green"})
    by("ec2.CreateSecurityGroup", {"groupName": "green", "vpcId": "vpc-1"})
    ports = {
        "items": [
            {
                "fromPort": 443,
                "toPort": 443,
                "ipProtocol": "tcp",
                "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
            }
        ]
    }
    by("ec2.AuthorizeSecurityGroupIngress", {"groupId": "sg-1", "ipPermissions": ports})
    by("elasticloadbalancing.CreateTargetGroup", {"name": "green"})
    by("elasticloadbalancing.ModifyListener", {"listenerArn": "arn"})
    by("codedeploy.CreateDeployment", {"applicationName": "shop"})
    by(
        "ecs.RegisterTaskDefinition",
        {
            "family": "shop",
            "containerDefinitions": [{"name": "web", "image": "shop:2"}],
        },
    )
    by("ecs.UpdateService", {"service": "shop", "taskDefinition": "shop:2"})
    by(
        "lambda.UpdateFunctionCode20150331v2",
        {"functionName": "hook", "s3Bucket": "artifacts", "s3Key": "h.zip"},
    )
    by("lambda.PublishVersion20150331", {"functionName": "hook"})
    by("lambda.UpdateAlias20150331", {"functionName": "hook", "name": "live"})
    by("rds.CreateBlueGreenDeployment", {"blueGreenDeploymentName": "shop"})
    by("rds.SwitchoverBlueGreenDeployment", {"blueGreenDeploymentIdentifier": "bgd-1"})
    by(
        "rds.DeleteBlueGreenDeployment",
        {"blueGreenDeploymentIdentifier": "bgd-1", "deleteTarget": True},
    )
    by(
        "autoscaling.DeleteAutoScalingGroup",
        {"autoScalingGroupName": "blue", "forceDelete": True},
    )
    by("elasticloadbalancing.DeleteTargetGroup", {"targetGroupArn": "arn"})
    by("ec2.DeleteSecurityGroup", {"groupId": "sg-0"})
    by("cloudfront.CreateInvalidation2020_05_31", {"distributionId": "E1"})
    return day


def keys_rotated() -> Day:
    """Secrets, keys, certificates and a database's password are rotated."""
    day = Day(4)
    rotate = day.actor(function("rotate-db"), address="10.0.3.9", agent=BOTO)
    for n in range(6):
        secret = {"secretId": f"prod/db{n}"}
        rotate.each("secretsmanager: DescribeSecret")
        rotate(
            "secretsmanager.GetSecretValue", {**secret, "versionStage": "AWSCURRENT"}
        )
        rotate(
            "secretsmanager.PutSecretValue", {**secret, "versionStages": ["AWSPENDING"]}
        )
        rotate("secretsmanager.UpdateSecretVersionStage", secret)
    rotate(
        "rds.ModifyDBInstance",
        {"dBInstanceIdentifier": "shop", "masterUserPassword": "****"},
    )
    job = day.actor(role("key-rotation", "job"), address="10.0.3.10", agent=BOTO)
    for n in range(5):
        name = {"userName": f"svc-{n}"}
        job("iam.ListAccessKeys", name)
        job("iam.CreateAccessKey", name, responseElements={"accessKey": name})
        job("secretsmanager.PutSecretValue", {"secretId": f"svc-{n}"})
        job(
            "iam.UpdateAccessKey", {**name, "status": "Inactive", "accessKeyId": "AKIA"}
        )
        job("iam.DeleteAccessKey", {**name, "accessKeyId": "AKIA"})
    job("kms.EnableKeyRotation", {"keyId": KEY})
    job("kms.RotateKeyOnDemand", {"keyId": KEY})
    job("acm.ImportCertificate", {"certificateArn": "arn"})
    job("iam.UploadServerCertificate", {"serverCertificateName": "x"})
    job(
        "cognito-idp.CreateUserPoolClient",
        {
            "userPoolId": f"{REGION}_Shop12345",
            "clientName": "web-2",
            "generateSecret": True,
        },
    )
    return day


def people_who_come() -> Day:
    """An administrator makes accounts for three who join: people and one user."""
    day = Day(9)
    by = day.console(person("it", "IdentityAdmin"), address=OFFICE)
    store = {"identityStoreId": "d-1234567890"}
    hub = {"instanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    for n in range(3):
        by("sso-directory.CreateUser", {**store, "userName": hidden})
        by("sso-directory.AddMemberToGroup", {**store, "groupId": f"g-{n}"})
    by(
        "sso.CreateAccountAssignment",
        {
            **hub,
            "targetId": ACCOUNT,
            "targetType": "AWS_ACCOUNT",
            "principalType": "GROUP",
        },
    )
    name = {"userName": "newrelic"}
    by("iam.CreateUser", name)
    read = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    by("iam.AttachUserPolicy", {**name, "policyArn": read})
    joined = day.console(person("joiner", "PowerUser"), address=OFFICE)
    joined.each("ec2: DescribeInstances s3: ListBuckets", error="AccessDenied")
    joined.each("cloudshell: CreateEnvironment CreateSession")
    joined("iam.GetUser", None, error="AccessDenied")
    return day


def sign_in_broken() -> Day:
    """The identity provider's certificate ran out; administrators mend SAML."""
    day = Day(8)
    for n in range(6):
        day.add(
            {
                "eventVersion": "1.11",
                "userIdentity": {
                    "type": "SAMLUser",
                    "principalId": f"p{n}",
                    "userName": f"u{n}@example.com",
                },
                "eventSource": "sts.amazonaws.com",
                "eventName": "AssumeRoleWithSAML",
                "awsRegion": "us-east-1",
                "sourceIPAddress": OFFICE,
                "userAgent": "aws-sdk-java",
                "errorCode": "InvalidIdentityToken",
                "errorMessage": "Response signature invalid",
                "requestParameters": {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/Dev"},
                "responseElements": None,
                "eventType": "AwsApiCall",
                "recipientAccountId": ACCOUNT,
                "eventCategory": "Management",
                "readOnly": True,
            },
            20,
        )
    by = day.console(role("breakglass", "ops"), address=OFFICE)
    by.each("iam: ListSAMLProviders GetSAMLProvider")
    by(
        "iam.UpdateSAMLProvider",
        {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
    )
    by("sso-directory.ListExternalIdPCertificates")
    return day


def disaster_drill() -> Day:
    """A second Region is built from backups, tried, and taken away again."""
    day = Day(7)
    by = day.actor(role("dr-drill", "runbook"), address="203.0.113.20", agent=TERRAFORM)
    there = {"awsRegion": "eu-central-1"}
    for n in range(3):
        by(
            "rds.RestoreDBInstanceFromDBSnapshot",
            {
                "dBInstanceIdentifier": f"dr-{n}",
                "dBSnapshotIdentifier": "s",
                "publiclyAccessible": False,
            },
            **there,
        )
    by(
        "backup.StartRestoreJob",
        {"recoveryPointArn": "arn", "iamRoleArn": "arn"},
        **there,
    )
    by(
        "ec2.CopySnapshot",
        {"sourceRegion": REGION, "sourceSnapshotId": "snap-1"},
        **there,
    )
    by(
        "ec2.RunInstances",
        {"instanceType": "m6i.large", "minCount": 6, "maxCount": 6},
        **there,
    )
    by(
        "dynamodb.RestoreTableToPointInTime",
        {"sourceTableName": "orders", "targetTableName": "orders-dr"},
        **there,
    )
    change = {
        "action": "UPSERT",
        "resourceRecordSet": {"name": "dr.example.com.", "type": "CNAME"},
    }
    by(
        "route53.ChangeResourceRecordSets",
        {"hostedZoneId": "Z1", "changeBatch": {"changes": [change]}},
    )
    day.wait(180)
    for n in range(3):
        by(
            "rds.DeleteDBInstance",
            {"dBInstanceIdentifier": f"dr-{n}", "skipFinalSnapshot": True},
            **there,
        )
    by(
        "ec2.TerminateInstances",
        {"instancesSet": {"items": [{"instanceId": f"i-{n}"} for n in range(6)]}},
        **there,
    )
    by("dynamodb.DeleteTable", {"tableName": "orders-dr"}, **there)
    by("ec2.DeleteSnapshot", {"snapshotId": "snap-9"}, **there)
    return day


def clean_up_of_costs() -> Day:
    """An engineer deletes what nobody uses: disks, snapshots, images, buckets."""
    day = Day(14)
    by = day.actor(person("finops", "PowerUser"), address=OFFICE, agent=CLI)
    by.each("ec2: DescribeVolumes DescribeSnapshots DescribeImages DescribeAddresses")
    for n in range(12):
        by("ec2.DeleteVolume", {"volumeId": f"vol-0{n:016x}"})
    for n in range(25):
        by("ec2.DeleteSnapshot", {"snapshotId": f"snap-0{n:016x}"})
    for n in range(4):
        by("ec2.DeregisterImage", {"imageId": f"ami-0{n:016x}"})
    for n in range(5):
        by("ec2.ReleaseAddress", {"allocationId": f"eipalloc-{n}"})
    by("s3.DeleteBucket", {"bucketName": "old-logs-of-a-trial"})
    for n in range(4):
        by("logs.DeleteLogGroup", {"logGroupName": f"/aws/lambda/old-{n}"})
        by(
            "logs.PutRetentionPolicy",
            {"logGroupName": f"/aws/lambda/f{n}", "retentionInDays": 30},
        )
    by("rds.DeleteDBSnapshot", {"dBSnapshotIdentifier": "trial"})
    by("elasticache.DeleteCacheCluster", {"cacheClusterId": "trial"})
    lifecycle = {
        "ID": "tmp",
        "Status": "Enabled",
        "Filter": {"Prefix": "tmp/"},
        "Expiration": {"Days": 30},
    }
    by(
        "s3.PutBucketLifecycle",
        {"bucketName": "lake", "LifecycleConfiguration": {"Rule": lifecycle}},
    )
    return day


def security_services_tuned() -> Day:
    """The security team tunes GuardDuty, Config and Security Hub by pipeline."""
    day = Day(11)
    team = oidc("security-baseline", "gha", "token.actions.githubusercontent.com")
    by = day.actor(team, address="20.55.1.9", agent=TERRAFORM)
    by(
        "guardduty.CreateFilter",
        {"detectorId": "d", "name": "known-scanner", "action": "ARCHIVE"},
    )
    by(
        "guardduty.UpdateDetector",
        {
            "detectorId": "d",
            "enable": True,
            "findingPublishingFrequency": "FIFTEEN_MINUTES",
        },
    )
    by("guardduty.UpdateMalwareScanSettings", {"detectorId": "d"})
    by("config.PutConfigRule", {"configRule": {"configRuleName": "x"}})
    by("config.DeleteConfigRule", {"configRuleName": "old"})
    by(
        "config.PutConfigurationRecorder",
        {"configurationRecorder": {"name": "default"}},
    )
    by("securityhub.BatchUpdateFindings", {"workflow": {"status": "SUPPRESSED"}})
    by("securityhub.UpdateStandardsControl", {"controlStatus": "DISABLED"})
    by("cloudtrail.UpdateTrail", {"name": "org", "kmsKeyId": KEY})
    advanced = [
        {
            "name": "s3",
            "fieldSelectors": [
                {"field": "eventCategory", "equals": ["Data"]},
                {"field": "resources.type", "equals": ["AWS::S3::Object"]},
            ],
        },
        {
            "name": "m",
            "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}],
        },
    ]
    by(
        "cloudtrail.PutEventSelectors",
        {"trailName": "org", "advancedEventSelectors": advanced},
    )
    by("access-analyzer.CreateArchiveRule", {"analyzerName": "org"})
    by("macie2.UpdateClassificationJob", {"jobId": "j", "jobStatus": "CANCELLED"})
    by("wafv2.UpdateWebACL", {"name": "shop", "scope": "REGIONAL"})
    by("events.PutRule", {"name": "guardduty-to-pager", "state": "ENABLED"})
    by("events.PutTargets", {"rule": "guardduty-to-pager"})
    return day


def models_in_a_product() -> Day:
    """A product calls models all day; a developer tries agents in the console."""
    day = Day(9)
    app = day.actor(function("assistant"), address="10.0.3.11", agent=BOTO, step=5)
    for _ in range(120):
        app("bedrock.InvokeModel", {"modelId": "anthropic.claude-sonnet-4-5"})
    app(
        "bedrock.InvokeModel",
        {"modelId": "anthropic.claude-sonnet-4-5"},
        error="ThrottlingException",
    )
    by = day.console(person("ml", "PowerUser"), address=OFFICE)
    by.each(
        "bedrock: ListFoundationModels ListGuardrails GetFoundationModelAvailability"
    )
    by("bedrock.ConverseStream", {"modelId": "anthropic.claude-sonnet-4-5"})
    by("bedrock.CreateGuardrail", {"name": "g"})
    by("bedrock.UpdateGuardrail", {"guardrailIdentifier": "g"})
    by(
        "bedrock.CreateAgent",
        {
            "agentName": "a",
            "agentResourceRoleArn": f"arn:aws:iam::{ACCOUNT}:role/agent",
        },
    )
    by("bedrock.PrepareAgent", {"agentId": "a"})
    by("bedrock.CreateKnowledgeBase", {"name": "k"})
    by("sagemaker.CreatePresignedDomainUrl", {"domainId": "d", "userProfileName": "ml"})
    by(
        "sagemaker.CreateTrainingJob",
        {
            "trainingJobName": "t",
            "resourceConfig": {"instanceType": "ml.g5.xlarge", "instanceCount": 1},
        },
    )
    return day


def partners_connected() -> Day:
    """A data team shares with a known partner, peers networks, opens a transfer."""
    day = Day(13)
    ci = oidc("data-platform", "gha", "token.actions.githubusercontent.com")
    by = day.actor(ci, address="20.55.1.9", agent=TERRAFORM)
    allowed = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{VAULT}:role/reader"},
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::partner", "arn:aws:s3:::partner/*"],
            }
        ],
    }
    by("s3.PutBucketPolicy", {"bucketName": "partner", "bucketPolicy": allowed})
    by(
        "ram.CreateResourceShare",
        {"name": "tgw", "principals": [VAULT], "allowExternalPrincipals": False},
    )
    by(
        "ec2.CreateVpcPeeringConnection",
        {"vpcId": "vpc-1", "peerOwnerId": VAULT, "peerVpcId": "vpc-2"},
    )
    by(
        "ec2.CreateRoute",
        {
            "routeTableId": "rtb-1",
            "destinationCidrBlock": "10.9.0.0/16",
            "vpcPeeringConnectionId": "pcx-1",
        },
    )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{VAULT}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "abc"}},
            }
        ],
    }
    by(
        "iam.CreateRole",
        {"roleName": "partner-reader", "assumeRolePolicyDocument": json.dumps(trust)},
    )
    by(
        "kms.CreateGrant",
        {
            "keyId": KEY,
            "granteePrincipal": f"arn:aws:iam::{VAULT}:role/reader",
            "operations": ["Decrypt"],
        },
    )
    by(
        "sns.SetTopicAttributes",
        {
            "topicArn": "arn:aws:sns:eu-west-1:123456789012:t",
            "attributeName": "Policy",
            "attributeValue": json.dumps(allowed),
        },
    )
    return day


def region_tried() -> Day:
    """A team opens a Region, moves images there, and raises a quota."""
    day = Day(10)
    by = day.console(person("lead", "AdministratorAccess"), address=OFFICE)
    by("account.EnableRegion", {"regionName": "eu-south-2"})
    by(
        "servicequotas.RequestServiceQuotaIncrease",
        {"serviceCode": "ec2", "quotaCode": "L-1", "desiredValue": 64},
    )
    there = {"awsRegion": "eu-south-2"}
    by("ec2.CopyImage", {"sourceRegion": REGION, "sourceImageId": "ami-1"}, **there)
    by("ec2.CreateVpc", {"cidrBlock": "10.8.0.0/16"}, **there)
    by("ec2.ImportKeyPair", {"keyName": "ops"}, **there)
    by(
        "ec2.RunInstances",
        {"instanceType": "t3.micro", "minCount": 1, "maxCount": 1},
        **there,
    )
    by("ecr.PutReplicationConfiguration", {"replicationConfiguration": {"rules": []}})
    by("support.CreateCase", {"subject": "quota"})
    return day


def shop_team_releases() -> Day:
    """Mobile developers change pools, clients, pages and triggers by CDK."""
    day = Day(15)
    who = oidc("cdk-deploy", "gha", "token.actions.githubusercontent.com")
    host = "cloudformation.amazonaws.com"
    by = day.actor({**who, "invokedBy": host}, address=host, agent=host)
    pool = {"userPoolId": f"{REGION}_Shop12345"}
    hook = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:post-confirm"
    by(
        "cognito-idp.UpdateUserPool",
        {
            **pool,
            "lambdaConfig": {"postConfirmation": hook},
            "mfaConfiguration": "OPTIONAL",
        },
    )
    by(
        "cognito-idp.UpdateUserPoolClient",
        {**pool, "clientId": "c", "callbackURLs": ["https://shop.example.com/cb"]},
    )
    by("cognito-idp.CreateGroup", {**pool, "groupName": "beta"})
    by("cognito-idp.UpdateManagedLoginBranding", pool)
    by("cognito-idp.CreateResourceServer", {**pool, "identifier": "api"})
    by(
        "lambda.AddPermission20150331v2",
        {
            "functionName": "post-confirm",
            "principal": "cognito-idp.amazonaws.com",
            "action": "lambda:InvokeFunction",
            "sourceArn": "arn:aws:cognito-idp:x",
        },
    )
    by(
        "lambda.UpdateFunctionCode20150331v2",
        {
            "functionName": "post-confirm",
            "s3Bucket": f"cdk-{ACCOUNT}",
            "s3Key": "a.zip",
        },
    )
    by(
        "lambda.UpdateFunctionConfiguration20150331v2",
        {
            "functionName": "post-confirm",
            "layers": [
                f"arn:aws:lambda:{REGION}:017000801446:layer:AWSLambdaPowertoolsPythonV3:12"
            ],
        },
    )
    by(
        "iam.PutRolePolicy",
        {
            "roleName": "post-confirm",
            "policyName": "p",
            "policyDocument": json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "dynamodb:PutItem",
                            "Resource": "arn:aws:dynamodb:::table/x",
                        }
                    ]
                }
            ),
        },
    )
    return day


def users_with_keys() -> Day:
    """A small shop without single sign-on: one administrator works as a user."""
    day = Day(9)
    admin = user("admin")
    by = day.actor(admin, address=OFFICE, agent=CLI)
    by("sts.GetCallerIdentity")
    by.each("ec2: DescribeInstances s3: ListBuckets iam: ListUsers ListAccessKeys")
    by("s3.CreateBucket", {"bucketName": "shop-assets"})
    by("ec2.RunInstances", {"instanceType": "t3.small", "minCount": 1, "maxCount": 1})
    permissions = {
        "items": [
            {
                "fromPort": 22,
                "toPort": 22,
                "ipProtocol": "tcp",
                "ipRanges": {"items": [{"cidrIp": f"{OFFICE}/32"}]},
            }
        ]
    }
    by(
        "ec2.AuthorizeSecurityGroupIngress",
        {"groupId": "sg-1", "ipPermissions": permissions},
    )
    by(
        "rds.CreateDBSnapshot",
        {"dBInstanceIdentifier": "shop", "dBSnapshotIdentifier": "today"},
    )
    by(
        "iam.CreateAccessKey",
        None,
        responseElements={"accessKey": {"userName": "admin"}},
    )
    by(
        "iam.UpdateAccessKey",
        {"accessKeyId": "AKIA", "status": "Inactive", "userName": "admin"},
    )
    by(
        "lambda.UpdateFunctionCode20150331v2",
        {"functionName": "resize", "zipFile": "x"},
    )
    by("route53.ChangeResourceRecordSets", {"hostedZoneId": "Z1"})
    return day
