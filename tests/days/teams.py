"""Ordinary days of teams: models, desktops, databases, networks, mail, devices."""

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
    instance,
    oidc,
    person,
    role,
)

CLUSTER = f"oidc.eks.{REGION}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
NODE = "198.51.100.40"
LEARNER = f"arn:aws:iam::{ACCOUNT}:role/service-role/SageMakerExecution"


def machine_learning_team() -> Day:
    """Scientists open notebooks, train and tune models, and read the lake."""
    day = Day(9)
    for name in ("ana", "bo", "chen"):
        by = day.console(person(name, "DataScientist"), address=OFFICE)
        by.each("sagemaker: ListDomains ListUserProfiles DescribeDomain ListSpaces")
        studio = {"domainId": "d-1", "userProfileName": name}
        by("sagemaker.CreatePresignedDomainUrl", studio)
        by("sagemaker.CreateApp", {**studio, "appType": "JupyterLab"})
    by = day.actor(role("SageMakerExecution", "SageMaker"), address=NODE, agent=BOTO)
    for number in range(12):
        by(
            "sagemaker.CreateTrainingJob",
            {
                "trainingJobName": f"churn-{number}",
                "roleArn": LEARNER,
                "resourceConfig": {"instanceType": "ml.g5.xlarge", "instanceCount": 1},
            },
        )
        by("sagemaker.CreateProcessingJob", {"roleArn": LEARNER})
    by.objects("GetObject", "lake", (f"features/{n}.parquet" for n in range(80)))
    by.objects("PutObject", "models", (f"churn/{n}/model.tar.gz" for n in range(12)))
    by("sagemaker.CreateModel", {"modelName": "churn", "executionRoleArn": LEARNER})
    by("sagemaker.UpdateEndpoint", {"endpointName": "churn"})
    for _ in range(40):
        by("bedrock.InvokeModel", {"modelId": "amazon.titan-embed-text-v2:0"})
    return day


def desktop_team() -> Day:
    """Administrators give desktops to those who join, and build the image for them."""
    day = Day(8)
    by = day.console(person("dora", "DesktopAdmin"), address=OFFICE)
    by.each("workspaces: DescribeWorkspaces DescribeWorkspaceBundles ds:")
    by.each("ds: DescribeDirectories workspaces: DescribeWorkspaceImages")
    for number in range(6):
        wanted = {"userName": f"user{number}", "bundleId": "wsb-1", "directoryId": "d"}
        by("workspaces.CreateWorkspaces", {"workspaces": [wanted]})
    by("ds.ResetUserPassword", {"directoryId": "d", "userName": "erin"})
    by("appstream.CreateImageBuilder", {"name": "cad"})
    by("appstream.CreateImageBuilderStreamingURL", {"name": "cad"})
    by("appstream.UpdateFleet", {"name": "cad", "imageName": "cad-7"})
    by("workspaces.RebootWorkspaces", {})
    by("workspaces.TerminateWorkspaces", {})
    return day


def database_team() -> Day:
    """Administrators tune databases, restore one, swap blue for green, rotate."""
    day = Day(7)
    by = day.actor(person("dba", "DatabaseAdmin"), address=OFFICE)
    by.each("rds: DescribeDBInstances DescribeDBClusters DescribeEvents")
    by.each("rds: DescribeDBParameters DescribePendingMaintenanceActions")
    name = {"dBInstanceIdentifier": "orders"}
    by("rds.ModifyDBParameterGroup", {"dBParameterGroupName": "pg16"})
    by("rds.ModifyDBInstance", {**name, "backupRetentionPeriod": 14})
    by("rds.ModifyDBInstance", {**name, "dBInstanceClass": "db.r7g.xlarge"})
    by("rds.CreateDBSnapshot", {**name, "dBSnapshotIdentifier": "before-upgrade"})
    by("rds.CreateBlueGreenDeployment", {"source": "orders"})
    by("rds.SwitchoverBlueGreenDeployment", {"blueGreenDeploymentIdentifier": "bg"})
    restored = {"dBInstanceIdentifier": "orders-test", "publiclyAccessible": False}
    by("rds.RestoreDBInstanceToPointInTime", restored)
    by("rds.DeleteDBInstance", {**restored, "finalDBSnapshotIdentifier": "last"})
    by("rds.DeleteDBSnapshot", {"dBSnapshotIdentifier": "manual-2025-01"})
    by("rds.RebootDBInstance", name)
    by("rds.DownloadDBLogFilePortion", {**name, "logFileName": "error/pg.log"})
    rotation = day.actor(function("rotate-orders"), address=NODE, agent=BOTO)
    for stage in ("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"):
        rotation(f"secretsmanager.{stage}", {"secretId": "orders/db"})
    rotation("rds.ModifyDBInstance", {**name, "masterUserPassword": "****"})
    return day


def network_team() -> Day:
    """A pipeline changes routes and groups; an engineer looks for what is broken."""
    day = Day(10)
    team = oidc("network", "gha", "token.actions.githubusercontent.com")
    by = day.actor(team, address="20.55.1.9", agent=TERRAFORM)
    for number in range(5):
        rule = {
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}, {"cidrIp": "10.0.0.0/8"}]},
        }
        group = {"groupId": f"sg-0{number}", "ipPermissions": {"items": [rule]}}
        by("ec2.AuthorizeSecurityGroupIngress", group)
        by("ec2.CreateRoute", {"routeTableId": f"rtb-{number}", "gatewayId": "tgw-1"})
        by("ec2.CreateSubnet", {"vpcId": "vpc-1"})
    by("ec2.CreateTransitGatewayVpcAttachment", {"transitGatewayId": "tgw-1"})
    entry = {"Cidr": "192.0.2.0/24", "tag": 1}
    office = {"PrefixListId": "pl-1", "AddEntry": entry}
    by("ec2.ModifyManagedPrefixList", {"ModifyManagedPrefixListRequest": office})
    by("network-firewall.UpdateRuleGroup", {"ruleGroupName": "egress"})
    by("route53resolver.CreateResolverRule", {"domainName": "corp.example.com"})
    by("ram.AssociateResourceShare", {"principals": [f"ou-{number}"]})
    by("ec2.CreateFlowLogs", {"CreateFlowLogsRequest": {"ResourceId": "vpc-1"}})
    hand = day.console(person("nils", "NetworkAdmin"), address=OFFICE)
    hand.each(
        "ec2: DescribeVpcs DescribeSubnets DescribeRouteTables DescribeNetworkAcls"
        " DescribeVpcEndpoints DescribeTransitGateways DescribeNatGateways"
    )
    hand("ec2.CreateNetworkInsightsPath", {})
    hand("ec2.StartNetworkInsightsAnalysis", {})
    return day


def mail_team() -> Day:
    """Marketing verifies a domain, warms it up, and a program sends receipts."""
    day = Day(9)
    by = day.console(person("mia", "Marketing"), address=OFFICE)
    by.each("ses: GetAccount ListEmailIdentities GetSendQuota GetSendStatistics")
    domain = {"emailIdentity": "news.example.com"}
    by("ses.CreateEmailIdentity", domain)
    by("ses.PutEmailIdentityMailFromAttributes", domain)
    by("ses.CreateConfigurationSet", {"configurationSetName": "news"})
    by("ses.CreateEmailTemplate", {"templateName": "spring"})
    program = day.actor(role("receipts", "task"), address=NODE, agent=BOTO, step=1)
    for _ in range(150):
        program(
            "ses.SendEmail",
            {"configurationSetName": "receipts"},
            managementEvent=False,
            eventCategory="Data",
        )
    return day


def device_fleet() -> Day:
    """A factory registers devices, a job updates them, an operator opens a tunnel."""
    day = Day(6)
    by = day.actor(role("provisioner", "line-3"), address=NODE, agent=BOTO, step=1)
    for number in range(40):
        by("iot.CreateKeysAndCertificate", {"setAsActive": True})
        by("iot.CreateThing", {"thingName": f"meter-{number}"})
        by("iot.AttachPolicy", {"policyName": "meter"})
    ops = day.actor(person("otto", "DeviceOperator"), address=OFFICE)
    ops("iot.CreateJob", {"jobId": "firmware-42"})
    ops("iotsecuretunneling.OpenTunnel", {"destinationConfig": {"thingName": "m-7"}})
    ops("iot.UpdateTopicRule", {"ruleName": "telemetry"})
    ops("greengrass.CreateDeployment", {"targetArn": "arn"})
    return day


def auditor() -> Day:
    """An auditor from outside reads settings in the console for two hours."""
    day = Day(13)
    by = day.console(role("ExternalAudit", "kim@audit.example"), address="192.0.2.70")
    for _ in range(3):
        by.each(
            "iam: GenerateCredentialReport GetCredentialReport ListUsers ListRoles"
            " GetAccountPasswordPolicy GetAccountSummary ListPolicies ListMFADevices"
            " cloudtrail: DescribeTrails GetTrailStatus LookupEvents"
            " GetEventSelectors config: DescribeConfigRules"
            " GetComplianceSummaryByConfigRule kms: ListKeys DescribeKey"
            " GetKeyRotationStatus s3: ListBuckets GetBucketEncryption"
            " GetBucketPolicyStatus rds: DescribeDBInstances securityhub: GetFindings"
            " guardduty: ListDetectors GetDetector backup: ListBackupPlans"
        )
        day.wait(30)
    by.each("s3: GetBucketAcl secretsmanager: ListSecrets", "AccessDenied")
    return day


def cluster_names_and_certificates() -> Day:
    """Pods keep DNS records and certificates; a service gets its load balancer."""
    day = Day(4)
    names = day.actor(oidc("external-dns", "external-dns", CLUSTER), address=NODE)
    certificates = day.actor(oidc("cert-manager", "cert-manager", CLUSTER))
    balancer = day.actor(oidc("aws-load-balancer-controller", "alb", CLUSTER))
    for _ in range(30):
        names("route53.ChangeResourceRecordSets", {"hostedZoneId": "Z1"})
        certificates("route53.ChangeResourceRecordSets", {"hostedZoneId": "Z1"})
    balancer("elasticloadbalancing.CreateLoadBalancer", {"scheme": "internet-facing"})
    web = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    world = {"items": [{**web, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}
    opened = {"groupId": "sg-1", "ipPermissions": world}
    balancer("ec2.AuthorizeSecurityGroupIngress", opened)
    balancer("elasticloadbalancing.CreateRule", {"priority": 10})
    balancer("wafv2.AssociateWebACL", {"resourceArn": "arn"})
    return day


def chaos_day() -> Day:
    """Experiments of Fault Injection Service stop instances and cut a network."""
    day = Day(14)
    by = day.actor(person("sre", "Reliability"), address=OFFICE)
    by("fis.StartExperiment", {"experimentTemplateId": "EXT1"})
    experiment = day.actor(role("fis-experiments", "EXP1"), address="fis.amazonaws.com")
    experiment.agent = "fis.amazonaws.com"
    experiment.who = {**experiment.who, "invokedBy": "fis.amazonaws.com"}
    for number in range(4):
        target = {"instancesSet": {"items": [{"instanceId": f"i-{number}"}]}}
        experiment("ec2.StopInstances", target)
        experiment("ec2.StartInstances", target)
    experiment("ec2.TerminateInstances", target)
    experiment("ec2.CreateNetworkAcl", {"vpcId": "vpc-1"})
    experiment("ec2.ReplaceNetworkAclAssociation", {"networkAclId": "acl-1"})
    experiment("ec2.DeleteNetworkAcl", {"networkAclId": "acl-1"})
    experiment("rds.FailoverDBCluster", {"dBClusterIdentifier": "orders"})
    experiment("ecs.StopTask", {"task": "t"})
    return day


def private_network() -> Day:
    """Workloads reach services by endpoints whose trail records each call twice."""
    day = Day(11)
    by = day.actor(instance("worker"), address="10.0.3.17", agent=BOTO, step=1)
    endpoint = {
        "eventType": "AwsVpceEvent",
        "eventCategory": "NetworkActivity",
        "vpcEndpointId": "vpce-0a1b2c3d4e5f60718",
        "vpcEndpointAccountId": ACCOUNT,
    }
    for call, parameters in (
        ("secretsmanager.GetSecretValue", {"secretId": "worker/db"}),
        ("kms.Decrypt", {"keyId": "k"}),
        ("ssm.UpdateInstanceInformation", {}),
        ("logs.CreateLogStream", {"logGroupName": "worker"}),
        ("ec2.CreateSnapshot", {"volumeId": "vol-1"}),
        ("sts.GetCallerIdentity", None),
    ) * 12:
        by(call, parameters)
        by(call, None, **endpoint)
    return day


def logs_to_archive() -> Day:
    """A stack set connects new log groups and buses to the accounts for them."""
    day = Day(5)
    by = day.actor(
        role("AWSControlTowerExecution", "StackSet-logs"),
        address="cloudformation.amazonaws.com",
        agent="cloudformation.amazonaws.com",
    )
    by.who = {**by.who, "invokedBy": "cloudformation.amazonaws.com"}
    archive = f"arn:aws:logs:{REGION}:{VAULT}:destination:archive"
    bus = f"arn:aws:events:{REGION}:{VAULT}:event-bus/security"
    for region in REGIONS:
        for group in ("api", "web"):
            by(
                "logs.PutSubscriptionFilter",
                {"logGroupName": group, "destinationArn": archive},
                awsRegion=region,
            )
        by("events.PutRule", {"name": "findings"}, awsRegion=region)
        targets = {"rule": "findings", "targets": [{"id": "1", "arn": bus}]}
        by("events.PutTargets", targets, awsRegion=region)
    sink = f"arn:aws:oam:{REGION}:{VAULT}:sink/0a1b2c3d"
    by("oam.CreateLink", {"sinkIdentifier": sink})
    return day


def hybrid_servers() -> Day:
    """Servers of the data centre are registered with Systems Manager, and patched."""
    day = Day(18)
    by = day.actor(person("hana", "SystemsAdmin"), address=OFFICE, agent=CLI)
    by("ssm.CreateActivation", {"iamRole": "HybridServers", "registrationLimit": 20})
    for number in range(20):
        agent = day.actor({"type": "Unknown", "accountId": ACCOUNT}, address=OFFICE)
        agent("ssm.RegisterManagedInstance", {"activationId": "a"})
        server = day.actor(role("HybridServers", f"mi-{number:017x}"), address=OFFICE)
        server("ssm.UpdateInstanceInformation", {"instanceId": f"mi-{number}"})
    patching = {"documentName": "AWS-RunPatchBaseline"}
    targets = {"targets": [{"key": "tag:Patch", "values": ["weekly"]}]}
    by("ssm.CreateAssociation", {"name": "AWS-RunPatchBaseline", **targets})
    by("ssm.SendCommand", {**patching, **targets})
    return day


def developers_deploy_functions() -> Day:
    """Developers deploy functions by SAM from their machines all day."""
    day = Day(9)
    for name in ("pia", "quin", "rui"):
        who = person(name, "Developer")
        sam = day.actor(who, address=OFFICE, agent="aws-sam-cli/1.140.0")
        sam("sts.GetCallerIdentity", None)
        sam("cloudformation.CreateChangeSet", {"stackName": f"{name}-api"})
        sam("cloudformation.ExecuteChangeSet", {"stackName": f"{name}-api"})
        by = day.actor(
            {**who, "invokedBy": "cloudformation.amazonaws.com"},
            address="cloudformation.amazonaws.com",
            agent="cloudformation.amazonaws.com",
        )
        trusted = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Statement": [trusted]})
        made = {"roleName": f"{name}-api", "assumeRolePolicyDocument": document}
        by("iam.CreateRole", made)
        basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        by("iam.AttachRolePolicy", {"roleName": f"{name}-api", "policyArn": basic})
        for number in range(4):
            called = {"functionName": f"{name}-{number}"}
            by("lambda.CreateFunction20150331", {**called, "role": f"{name}-api"})
            by("lambda.UpdateFunctionCode20150331v2", called)
            gateway = {**called, "principal": "apigateway.amazonaws.com"}
            by("lambda.AddPermission20150331v2", gateway)
        by("apigateway.CreateRestApi", {"createRestApiInput": {"name": name}})
        by("dynamodb.CreateTable", {"tableName": f"{name}-items"})
    return day
