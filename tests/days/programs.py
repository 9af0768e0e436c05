"""Ordinary days of programs: scanners, backups, pipelines of data, clusters, shops."""

from __future__ import annotations

import itertools
from typing import Any

from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    REGION,
    REGIONS,
    VAULT,
    Day,
    function,
    instance,
    oidc,
    role,
)

EKS = f"oidc.eks.{REGION}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
READ_IN_EACH_REGION = (
    "ec2: DescribeInstances DescribeVolumes DescribeSnapshots DescribeImages"
    " DescribeNetworkAcls DescribeSecurityGroups DescribeVpcs GetEbsEncryptionByDefault"
    " rds: DescribeDBInstances DescribeDBSnapshots kms: ListKeys lambda:"
    " ListFunctions20150331 secretsmanager: ListSecrets ssm:"
    " DescribeInstanceInformation"
    " ListDocuments guardduty: ListDetectors securityhub: DescribeHub cloudtrail:"
    " DescribeTrails config: DescribeConfigurationRecorders bedrock:"
    " ListFoundationModels cognito-idp: ListUserPools ecr: DescribeRepositories"
    " eks: ListClusters macie2: GetMacieSession inspector2: BatchGetAccountStatus"
    " access-analyzer: ListAnalyzers servicequotas: ListServiceQuotas"
)
DENIED_IN_EACH_REGION = (
    "lightsail: GetInstances glue: GetDevEndpoints appstream: DescribeFleets drs:"
    " DescribeJobs codeartifact: ListPackages fms: ListPolicies wellarchitected:"
    " ListWorkloads resource-explorer-2: ListIndexes account: GetAlternateContact"
    " trustedadvisor: ListChecks networkmanager: ListCoreNetworks"
)
READ_ONCE = (
    "sts: GetCallerIdentity iam: GetAccountSummary GetAccountPasswordPolicy ListUsers"
    " ListRoles ListGroups ListPolicies GenerateCredentialReport GetCredentialReport"
    " GetAccountAuthorizationDetails ListVirtualMFADevices ListSAMLProviders"
    " ListOpenIDConnectProviders ListServerCertificates organizations:"
    " DescribeOrganization ListAccounts s3: ListBuckets account: GetContactInformation"
)


def scanner() -> Day:
    """A posture scanner reads all there is, in every Region, and may not read all."""
    day = Day(3)
    by = day.actor(
        role("security-audit", "prowler"), address="52.3.3.3", agent=BOTO, step=0.1
    )
    by.each(READ_ONCE)
    for number in range(40):
        name = {"userName": f"user-{number}"}
        for call in ("ListAttachedUserPolicies", "ListUserPolicies", "ListAccessKeys"):
            by(f"iam.{call}", name)
        by("iam.GetGroup", {"groupName": f"group-{number}"})
        by("iam.ListGroupPolicies", {"groupName": f"group-{number}"})
        for call in (
            "Acl",
            "Policy",
            "PolicyStatus",
            "PublicAccessBlock",
            "Versioning",
        ):
            by(f"s3.GetBucket{call}", {"bucketName": f"shop-{number}"})
    for region in REGIONS:
        by.each(READ_IN_EACH_REGION, awsRegion=region)
        by.each(DENIED_IN_EACH_REGION, "AccessDeniedException", awsRegion=region)
        by("servicequotas.GetServiceQuota", {"quotaCode": "L-1"}, awsRegion=region)
    for number in range(30):
        asked = {"instanceId": f"i-{number:017x}", "attribute": "userData"}
        by("ec2.DescribeInstanceAttribute", asked, "Client.UnauthorizedOperation")
        by("lambda.GetFunction20150331v2", {"functionName": f"f-{number}"})
        by("ec2.DescribeSnapshotAttribute", {"snapshotId": f"snap-{number:017x}"})
        by("cognito-idp.DescribeUserPool", {"userPoolId": f"{REGION}_Pool{number}"})
    return day


def monitoring_vendor() -> Day:
    """A monitoring vendor polls from its own account, and a cost tool is refused."""
    day = Day(0)
    vendor = day.actor(
        role("DatadogIntegration", "datadog"), address="3.233.1.1", step=20
    )
    cost = day.actor(role("cost-tool", "nightly"), address="54.76.1.1", step=4)
    for _ in range(60):
        for region in REGIONS:
            vendor.each(
                "ec2: DescribeInstances DescribeVolumes monitoring: ListMetrics"
                " GetMetricData rds: DescribeDBInstances sqs: ListQueues",
                awsRegion=region,
            )
        cost.each(
            "ce: GetCostAndUsage GetReservationUtilization savingsplans:"
            " DescribeSavingsPlans organizations: ListAccounts tag: GetResources"
            " compute-optimizer: GetEC2InstanceRecommendations rds:"
            " DescribeReservedDBInstances"
            " redshift: DescribeReservedNodes es: DescribeReservedInstances"
            " pricing: GetProducts elasticache: DescribeReservedCacheNodes",
            "AccessDenied",
        )
    return day


def data_pipeline() -> Day:
    """Glue, EMR and Athena move data: read, write, compact, delete, and share."""
    day = Day(4)
    glue = day.actor(
        role("glue-job", "GlueJobRunnerSession"), address="10.0.3.3", step=0.2
    )
    raw = [f"raw/dt=2026-11-20/part-{number:05}.parquet" for number in range(300)]
    moved = {"additionalEventData": {"bytesTransferredOut": 50_000_000.0}}
    glue.objects("GetObject", "lake", raw, **moved)
    glue.objects("PutObject", "lake", (f"clean/{key}" for key in raw[:60]))
    glue.objects("DeleteObject", "lake", raw[:80])
    glue.objects("DeleteObject", "lake", ["_temporary/0/_SUCCESS"])
    to_partner = {"x-amz-copy-source": "lake/export/a.parquet"}
    for number in range(40):
        day.actor(
            role("emr-node", "i-0123456789abcdef0"), address="10.0.4.4", step=0.2
        )(
            "s3.CopyObject",
            {
                "bucketName": "partner-share",
                "key": f"in/{number}.parquet",
                **to_partner,
            },
            managementEvent=False,
            eventCategory="Data",
            resources=[
                {
                    "type": "AWS::S3::Object",
                    "ARN": f"arn:aws:s3:::partner-share/{number}",
                },
                {
                    "type": "AWS::S3::Bucket",
                    "ARN": "arn:aws:s3:::partner-share",
                    "accountId": VAULT,
                },
                {
                    "type": "AWS::S3::Bucket",
                    "ARN": "arn:aws:s3:::lake",
                    "accountId": ACCOUNT,
                },
            ],
        )
    emr = day.actor(
        role("emr-node", "i-0123456789abcdef0"), address="10.0.4.4", step=0.2
    )
    emr.objects(
        "DeleteObject", "lake-tmp", (f"shuffle/{number}" for number in range(40))
    )
    upload = day.actor(role("partner-upload", "task"), address="10.0.5.5", step=2)
    key = {"x-amz-server-side-encryption-customer-algorithm": "AES256"}
    upload.objects(
        "PutObject", "archive", (f"o/{n}" for n in range(60)), parameters=key
    )
    athena = day.actor(role("analyst", "erin@example.com"), address="198.51.100.7")
    athena(
        "athena.StartQueryExecution", {"queryString": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    )
    return day


def backups() -> Day:
    """Backups are copied to the account for backups, kept for a while, and tested."""
    day = Day(1)
    vault = day.actor(function("snapshot-vault"), address="3.250.1.1", agent=BOTO)
    to = {"createVolumePermission": {"add": {"items": [{"userId": VAULT}]}}}
    for number in range(12):
        snapshot = {"snapshotId": f"snap-{number:017x}"}
        vault("ec2.ModifySnapshotAttribute", {**snapshot, **to})
        vault(
            "rds.ModifyDBSnapshotAttribute",
            {
                "dBSnapshotIdentifier": f"nightly-{number}",
                "attributeName": "restore",
                "valuesToAdd": [VAULT],
            },
        )
    retention = day.actor(
        function("snapshot-retention"), address="3.250.1.2", agent=BOTO
    )
    for number in range(9):
        retention("ec2.DeregisterImage", {"imageId": f"ami-{number:017x}"})
        retention("ec2.DeleteSnapshot", {"snapshotId": f"snap-{number + 99:017x}"})
        retention("rds.DeleteDBSnapshot", {"dBSnapshotIdentifier": f"old-{number}"})
    retention("backup.DeleteRecoveryPoint", {"backupVaultName": "daily"})
    test = day.actor(function("restore-test"), address="3.250.1.3", agent=BOTO)
    name = {"dBInstanceIdentifier": "restore-test"}
    test("rds.RestoreDBInstanceFromDBSnapshot", {**name, "publiclyAccessible": False})
    day.wait(40)
    test("rds.DeleteDBInstance", {**name, "skipFinalSnapshot": True})
    return day


def patching() -> Day:
    """Systems Manager patches a fleet by maintenance window, and agents report."""
    day = Day(2)
    window = day.actor(
        {**role("ssm-maintenance", "window"), "invokedBy": "ssm.amazonaws.com"},
        address="ssm.amazonaws.com",
        agent="ssm.amazonaws.com",
    )
    machines = [f"i-{number:017x}" for number in range(50)]
    for number in range(0, 50, 10):
        some = {"instanceIds": machines[number : number + 10]}
        window("ssm.SendCommand", {"documentName": "AWS-RunPatchBaseline", **some})
    for machine, _ in itertools.product(machines, range(3)):
        agent = day.actor(instance("fleet", machine), address="10.0.1.1", step=0.1)
        agent("ssm.UpdateInstanceInformation", {"instanceId": machine})
        agent("ssm.PutInventory", {"instanceId": machine})
        agent("ec2.DescribeInstances")
    ops = day.actor(function("patch-report"), address="3.250.4.4", agent=BOTO)
    ops.each("ssm: DescribeInstancePatchStates ListCommandInvocations GetInventory")
    return day


def cluster() -> Day:
    """A cluster grows and shrinks; its operators read secrets and make volumes."""
    day = Day(7)
    karpenter = day.actor(oidc("Karpenter", "karpenter", EKS), address="52.30.1.1")
    secrets = day.actor(
        oidc("ExternalSecrets", "eso", EKS), address="52.30.1.1", step=0.5
    )
    csi = day.actor(oidc("EbsCsi", "ebs-csi", EKS), address="52.30.1.1")
    for number in range(8):
        karpenter.each("ec2: DescribeInstances DescribeInstanceTypes DescribeImages")
        karpenter("ec2.CreateFleet", {"CreateFleetRequest": {"Type": "instant"}})
        machine = {"instancesSet": {"items": [{"instanceId": f"i-{number:017x}"}]}}
        karpenter("ec2.TerminateInstances", machine)
        csi("ec2.CreateVolume", {"size": "20"})
        csi("ec2.DeleteVolume", {"volumeId": f"vol-{number:017x}"})
        csi("ec2.DeleteSnapshot", {"snapshotId": f"snap-{number:017x}"})
    for number in range(45):
        secrets("secretsmanager.GetSecretValue", {"secretId": f"prod/{number}"})
        secrets("ssm.GetParameter", {"name": f"/prod/{number}", "withDecryption": True})
    runner = day.actor(oidc("ci-runner", "argo", EKS), address="52.30.1.1", agent=BOTO)
    runner.each("sts: GetCallerIdentity s3: ListBuckets")
    runner("secretsmanager.GetSecretValue", {"secretId": "ci/token"})
    runner("sts.AssumeRole", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"})
    return day


def autoscaling() -> Day:
    """Groups launch and end instances, spot ends some, nodes look themselves up."""
    day = Day(16)
    group = day.actor(
        {
            **role(
                "AWSServiceRoleForAutoScaling",
                "AutoScaling",
                "/aws-service-role/autoscaling.amazonaws.com/",
            ),
            "invokedBy": "autoscaling.amazonaws.com",
        },
        address="autoscaling.amazonaws.com",
        agent="autoscaling.amazonaws.com",
    )
    for number in range(40):
        machine = f"i-{number:017x}"
        group(
            "ec2.RunInstances",
            {"instanceType": "m7i.large"},
            awsRegion=REGIONS[number % 5],
        )
        group(
            "ec2.TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": machine}]}},
        )
        node = day.actor(
            instance("web", machine), address="54.1.1.1", agent=BOTO, step=0.3
        )
        node.each("ec2: DescribeInstances DescribeTags s3: GetBucketLocation")
        node("secretsmanager.GetSecretValue", {"secretId": "web/db"})
        node(
            "ssm.GetParameters", {"names": ["/web/a", "/web/b"], "withDecryption": True}
        )
    return day


def cold_starts() -> Day:
    """Functions start cold, and read parameters, secrets, a bundle of certificates."""
    day = Day(18)
    for number in range(60):
        who = {**role("orders-role", "orders")}
        by = day.actor(who, address="3.250.8.8", agent=BOTO, step=3)
        by.objects("GetObject", "config", ["certs/global-bundle.pem", "env/prod.env"])
        names = [f"/orders/{n}" for n in range(10)]
        by("ssm.GetParameters", {"names": names, "withDecryption": True})
        by("secretsmanager.GetSecretValue", {"secretId": f"orders/{number % 3}"})
    return day


def shop_at_night() -> Day:
    """Customers of a shop sign up, mistype, forget passwords, and sign in."""
    day = Day(22)
    for number in range(120):
        who = {"type": "Unknown", "principalId": "Anonymous"}
        # A carrier's gateway: many customers behind a few addresses.
        by = day.actor(who, address=f"192.0.2.{number % 12 + 1}", agent=BOTO, step=30)
        sub: dict[str, Any] = {"additionalEventData": {"sub": f"0a1b-{number}"}}
        masked = "HIDDEN_DUE_TO_SECURITY_REASONS"
        client = {"clientId": "1example23456789"}
        if number % 4 == 0:
            by(
                "cognito-idp.SignUp",
                {**client, "username": masked, "userAttributes": masked},
                **sub,
            )
        if number % 10 == 0:
            by("cognito-idp.InitiateAuth", client, "NotAuthorizedException", **sub)
        if number % 30 == 0:
            by("cognito-idp.ForgotPassword", client, **sub)
        by("cognito-idp.InitiateAuth", {**client, "authFlow": "USER_SRP_AUTH"}, **sub)
        by("cognito-idp.RespondToAuthChallenge", client, **sub)
        by("cognito-identity.GetId", {"identityPoolId": f"{REGION}:1"})
    return day
