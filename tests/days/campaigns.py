"""Attacks of 2024 to 2026 by the ways around: siblings, other services, other names."""

from __future__ import annotations

import json

from tests.days.intrusions import ANSIBLE, FOREIGN, PULUMI, TOR, policy, through
from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    BROWSER,
    REGION,
    REGIONS,
    STRANGER,
    TERRAFORM,
    Day,
    oidc,
    person,
    role,
    user,
)

IPV6 = "2001:db8:85a3::8a2e:370:7334"
POWERSHELL = "aws-sdk-dotnet-coreclr/4.0.100 AWSPowerShell.Common/5.0.40"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
THIEF = f"arn:aws:kms:us-east-1:{STRANGER}:key/99999999-8888-7777-6666-555555555555"


def models_by_one_key() -> Day:
    """A leaked key calls models in every Region, and lists none: it knows them."""
    day = Day(2)
    by = day.actor(user("chat"), address=IPV6, agent=BOTO)
    for region in REGIONS[:4]:
        by(
            "bedrock.Converse",
            {"modelId": "x"},
            "ValidationException",
            awsRegion=region,
        )
        for _ in range(3):
            by("bedrock.ConverseStream", {"modelId": "x"}, awsRegion=region)
    return day


def compute_in_odd_services() -> Day:
    """AMBERSQUID: apps, builds, notebooks, jobs and images mine in every Region."""
    day = Day(1)
    by = day.actor(role("amplify-admin", "s"), address=TOR, agent=TERRAFORM)
    for region in REGIONS:
        by("codecommit.CreateRepository", {"repositoryName": "test"}, awsRegion=region)
        for call in (
            "amplify.CreateApp",
            "codebuild.CreateProject",
            "ecs.CreateService",
            "glue.CreateJob",
            "imagebuilder.CreateImagePipeline",
            "sagemaker.CreateNotebookInstance",
        ):
            by(call, {"name": "test"}, awsRegion=region)
    return day


def groups_made_by_script() -> Day:
    """EC2 Grouper: groups of one name in each Region, then the largest machines."""
    day = Day(3)
    by = day.actor(user("build"), address=TOR, agent=POWERSHELL)
    wanted = {"instanceType": "g5.48xlarge", "minCount": 4, "maxCount": 4}
    for region in REGIONS[:3]:
        group = {"groupName": "ec2group12345", "groupDescription": "We need it"}
        by("ec2.DescribeInstanceTypes", None, awsRegion=region)
        by("ec2.CreateSecurityGroup", group, awsRegion=region)
        by("ec2.RunInstances", wanted, awsRegion=region)
    return day


def certificates_by_stack() -> Day:
    """A stack lets a certificate authority of the thief's into an admin role."""
    day = Day(4)
    by = through(day, "cloudformation", user("deploy"))
    bundle = {"x509CertificateData": "-----BEGIN CERTIFICATE-----"}
    source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": bundle}
    by("rolesanywhere.CreateTrustAnchor", {"name": "hr", "source": source})
    admin = f"arn:aws:iam::{ACCOUNT}:role/admin"
    by("rolesanywhere.CreateProfile", {"name": "hr", "roleArns": [admin]})
    return day


def keys_for_a_stranger() -> Day:
    """Data keys are granted away, and new keys belong to the thief from the start."""
    day = Day(5)
    by = day.actor(user("backup"), address=TOR, agent=BOTO)
    stranger = f"arn:aws:sts::{STRANGER}:assumed-role/x/y"
    granted = {"granteePrincipal": stranger, "operations": ["Decrypt", "CreateGrant"]}
    by("kms.CreateGrant", {"keyId": "k", **granted})
    both = {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", STRANGER]}
    by("kms.CreateKey", {"policy": policy(Principal=both)})
    by("kms.ReplicateKey", {"keyId": "k", "policy": policy(Principal={"AWS": FOREIGN})})
    return day


def sign_in_handed_over() -> Day:
    """A user is talked into approving the sign-in of another device."""
    day = Day(10)
    victim = day.actor(user("anaya"), agent=BROWSER)
    victim(
        "signin.AuthorizeOAuth2Access",
        {"client_id": "arn:aws:signin:::devtools/cross-device"},
        additionalEventData={"success": "true"},
    )
    thief = day.actor(user("anaya", "ASIAI44QH8DHBEXAMPLE"), address=TOR)
    thief.each("sts: GetCallerIdentity s3: ListBuckets")
    return day


def directory_and_nodes() -> Day:
    """The domain's administrator gets a password, every node a better role."""
    day = Day(6)
    by = day.actor(role("helpdesk", "s"), address=TOR)
    by("ds.ResetUserPassword", {"directoryId": "d", "userName": "Admin"})
    by("ds.CreateTrust", {"directoryId": "d", "remoteDomainName": "evil.example"})
    by("ds-data.AddGroupMember", {"groupName": "AWS Delegated Administrators"})
    setting = f"arn:aws:ssm:{REGION}:{ACCOUNT}:servicesetting/ssm/managed-instance"
    name = f"{setting}/default-ec2-instance-management-role"
    by("ssm.UpdateServiceSetting", {"settingId": name, "settingValue": "admin"})
    by("ssm.UpdateManagedInstanceRole", {"instanceId": "mi-1", "iamRole": "admin"})
    return day


def watchmen_dismissed() -> Day:
    """The delegated administrator's session thins detection out, then loses it."""
    day = Day(2)
    by = day.actor(person("sec", "SecurityAdmin"), address=TOR, agent=ANSIBLE)
    none = {"detectorId": "d", "autoEnableOrganizationMembers": "NONE"}
    by("guardduty.UpdateOrganizationConfiguration", none)
    by("guardduty.DeleteThreatEntitySet", {"detectorId": "d"})
    service = {"accountId": ACCOUNT, "servicePrincipal": "securityhub.amazonaws.com"}
    by("organizations.DeregisterDelegatedAdministrator", service)
    by("monitoring.PutAlarmMuteRule", {"name": "quiet"})
    return day


def doors_by_other_names() -> Day:
    """A list, a service and a rule that exist are opened; no group gets a new rule."""
    day = Day(3)
    by = day.actor(user("netops"), address=IPV6, agent=TERRAFORM)
    halves = [{"Cidr": "::/1", "tag": 1}, {"Cidr": "8000::/1", "tag": 2}]
    entries = {"PrefixListId": "pl-1", "AddEntry": halves}
    by("ec2.ModifyManagedPrefixList", {"ModifyManagedPrefixListRequest": entries})
    allowed = {"ServiceId": "vpce-svc-1", "AddAllowedPrincipals": {"content": "*"}}
    by(
        "ec2.ModifyVpcEndpointServicePermissions",
        {"ModifyVpcEndpointServicePermissionsRequest": allowed},
    )
    rule = {"CidrIpv4": "0.0.0.0/0", "FromPort": 2375, "ToPort": 2375}
    edited = {"GroupId": "sg-1", "SecurityGroupRule": {"SecurityGroupRule": rule}}
    by("ec2.ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": edited})
    return day


def boundary_of_everything() -> Day:
    """A developer's boundary is not removed: it is replaced by one without bounds."""
    day = Day(12)
    by = day.actor(user("dev"), address=TOR)
    whom = {"userName": "dev"}
    by("iam.PutUserPermissionsBoundary", {**whom, "permissionsBoundary": ADMIN})
    return day


def listeners_in_the_account() -> Day:
    """Events, logs and metrics also go to a stranger, who holds the trail's key."""
    day = Day(1)
    by = day.actor(role("observability", "s"), address=TOR, agent=BOTO)
    buses = [
        {"id": "1", "arn": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/audit"},
        {"id": "2", "arn": f"arn:aws:events:{REGION}:{STRANGER}:event-bus/x"},
    ]
    by("events.PutTargets", {"rule": "audit", "targets": buses})
    far = f"arn:aws:logs:{REGION}:{STRANGER}:destination:x"
    by("logs.PutSubscriptionFilter", {"logGroupName": "api", "destinationArn": far})
    sink = f"arn:aws:oam:{REGION}:{STRANGER}:sink/1"
    by("oam.CreateLink", {"sinkIdentifier": sink})
    by("cloudtrail.UpdateTrail", {"name": "org", "kmsKeyId": THIEF})
    return day


def policies_of_lesser_services() -> Day:
    """Whatever has a policy of its own is opened, but for what every pack watches."""
    day = Day(4)
    by = day.actor(user("data"), address=TOR)
    one = policy(Principal={"AWS": [STRANGER]})
    by("s3vectors.PutVectorBucketPolicy", {"vectorBucketName": "v", "policy": one})
    by("kafka.PutClusterPolicy", {"clusterArn": "c", "policy": one})
    by("ssm.PutResourcePolicy", {"resourceArn": "p", "policy": one})
    accounts = {"queueUrl": "q", "aWSAccountIds": [ACCOUNT, STRANGER]}
    by("sqs.AddPermission", {**accounts, "actions": ["*"]})
    by("logs.PutDestinationPolicy", {"accessPolicy": policy(Principal="*")})
    share = {"snapshotIdentifier": "s", "accountWithRestoreAccess": STRANGER}
    by("redshift.AuthorizeSnapshotAccess", share)
    by("ram.AssociateResourceShare", {"principals": [STRANGER]})
    return day


def stopped_at_the_endpoint() -> Day:
    """A trail is to be stopped from inside; the policy of the endpoint denies it."""
    day = Day(3)
    by = day.actor(role("app", "i-0a1b2c3d4e5f60718"), address="10.0.3.17", agent=BOTO)
    for call in ("StopLogging", "DeleteTrail"):
        by(
            f"cloudtrail.{call}",
            None,
            "VpceAccessDenied",
            eventType="AwsVpceEvent",
            eventCategory="NetworkActivity",
            vpcEndpointId="vpce-0a1b2c3d4e5f60718",
            vpcEndpointAccountId=ACCOUNT,
        )
    return day


def guests_of_a_pool() -> Day:
    """The classic flow of a pool gives a guest a session with a name of his own."""
    day = Day(5)
    provider = "cognito-identity.amazonaws.com"
    web = {"federatedProvider": provider, "attributes": {}}
    guest = role("Cognito_shopUnauth_Role", "web-app", webIdFederationData=web)
    by = day.actor(guest, address=TOR)
    by.each("s3: ListBuckets iam: ListRoles")
    by("iam.PutRolePolicy", {"roleName": "x", "policyDocument": policy()})
    return day


def builds_of_strangers() -> Day:
    """A role trusts all users of a forge, and a build project gets a better role."""
    day = Day(6)
    by = day.actor(
        oidc("ci", "gha", "token.actions.githubusercontent.com"), address="20.55.1.9"
    )
    forge = f"arn:aws:iam::{ACCOUNT}:oidc-provider/app.eu.terraform.io"
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": [forge]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"app.eu.terraform.io:aud": "aws"}},
    }
    document = json.dumps({"Statement": [trust]})
    by("iam.CreateRole", {"roleName": "tf", "assumeRolePolicyDocument": document})
    project = {"name": "web", "serviceRole": f"arn:aws:iam::{ACCOUNT}:role/admin"}
    by("codebuild.UpdateProject", project)
    by("codebuild.StartSandbox", {"projectName": "web"})
    by("codebuild.StartCommandExecution", {"sandboxId": "web:1", "command": "***"})
    return day


def walls_taken_down() -> Day:
    """The shop loses its firewall at the edge, its alarms and its metadata guard."""
    day = Day(2)
    by = day.actor(user("edge"), address=TOR, agent=PULUMI)
    by("cloudfront.DisassociateDistributionWebACL", {"id": "E1"})
    defaults = {"HttpTokens": "no-preference"}
    by(
        "ec2.ModifyInstanceMetadataDefaults",
        {"ModifyInstanceMetadataDefaultsRequest": defaults},
    )
    by("monitoring.PutAlarmMuteRule", {"name": "quiet"})
    return day
