"""Ordinary days of platforms: a controller, a vendor, a data team, releases."""

from __future__ import annotations

import json

from tests.days.builds import trust
from tests.days.people import OFFICE
from tests.days.recorder import (
    ACCOUNT,
    BOTO,
    REGION,
    Day,
    oidc,
    person,
    role,
)

NAT = "52.210.8.8"
CLUSTER = f"oidc.eks.{REGION}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"


def own(*names: str) -> str:
    """Return a policy for roles of the account."""
    arns = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in names]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": arns},
        "Action": "*",
        "Resource": "*",
    }
    return json.dumps({"Statement": [statement]})


def crossplane() -> Day:
    """A controller in a cluster makes databases, buckets and roles for teams."""
    day = Day(8)
    by = day.actor(
        oidc("crossplane", "provider-aws", CLUSTER),
        address=NAT,
        agent="upjet/1.5 provider-upjet-aws/1.23",
        step=1,
    )
    for number in range(6):
        by(
            "rds.CreateDBInstance",
            {"dBInstanceIdentifier": f"team-{number}", "publiclyAccessible": False},
        )
        by("s3.CreateBucket", {"bucketName": f"team-{number}"})
        by("s3.PutBucketEncryption", {"bucketName": f"team-{number}"})
        by(
            "iam.CreateRole",
            {
                "roleName": f"team-{number}",
                "assumeRolePolicyDocument": trust("pods.eks.amazonaws.com"),
            },
        )
        by(
            "iam.PutRolePolicy",
            {
                "roleName": f"team-{number}",
                "policyName": "p",
                "policyDocument": json.dumps(
                    {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "s3:*",
                                "Resource": "arn:aws:s3:::team/*",
                            }
                        ]
                    }
                ),
            },
        )
        by(
            "eks.CreatePodIdentityAssociation",
            {
                "clusterName": "shop",
                "namespace": f"t{number}",
                "serviceAccount": "app",
                "roleArn": "r",
            },
        )
        by(
            "secretsmanager.PutResourcePolicy",
            {"secretId": f"t{number}", "resourcePolicy": own("app")},
        )
    return day


def warehouse_vendor() -> Day:
    """A vendor's role runs clusters in the account and reads its own bucket."""
    day = Day(6)
    by = day.actor(
        role("databricks-crossaccount", "databricks"),
        address="3.237.73.224",
        agent="Databricks/1 aws-sdk-java/1.12",
        step=1,
    )
    for number in range(8):
        by(
            "ec2.RunInstances",
            {"instanceType": "r6i.4xlarge", "minCount": 4, "maxCount": 4},
        )
        by("ec2.CreateVolume", {"size": "100"})
        by("ec2.CreateTags", {"resourcesSet": {}})
        by(
            "ec2.TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": f"i-{number}"}]}},
        )
        by("ec2.DeleteVolume", {"volumeId": f"vol-{number}"})
        by(
            "ec2.AuthorizeSecurityGroupIngress",
            {
                "groupId": "sg-1",
                "ipPermissions": {
                    "items": [
                        {
                            "ipProtocol": "tcp",
                            "fromPort": 0,
                            "toPort": 65535,
                            "groups": {"items": [{"groupId": "sg-1"}]},
                        }
                    ]
                },
            },
        )
    reader = day.actor(
        role("databricks-data", "unity"),
        address="3.237.73.224",
        agent="Databricks/1",
        step=0.2,
    )
    reader.objects("GetObject", "lake", [f"part-{n}.parquet" for n in range(300)])
    return day


def data_team() -> Day:
    """Analysts and a job of dbt work in the lake: grants, queries, tables replaced."""
    day = Day(9)
    job = day.actor(role("dbt-prod", "run"), address=NAT, agent=BOTO, step=1)
    for number in range(25):
        job("athena.StartQueryExecution", {"workGroup": "dbt"})
        job("athena.GetQueryResults", {"queryExecutionId": str(number)})
        job("glue.DeleteTable", {"databaseName": "mart", "name": f"t{number}"})
        job("glue.CreateTable", {"databaseName": "mart"})
        job("redshift-data.ExecuteStatement", {"clusterIdentifier": "dw", "sql": "***"})
    who = day.console(person("steward", "DataSteward"), address=OFFICE)
    analysts = f"arn:aws:iam::{ACCOUNT}:role/analyst"
    for _ in range(5):
        who(
            "lakeformation.GrantPermissions",
            {
                "principal": {"dataLakePrincipalIdentifier": analysts},
                "permissions": ["SELECT"],
            },
        )
    analyst = day.actor(person("analyst", "Analyst"), address=OFFICE)
    for _ in range(3):
        analyst(
            "redshift.GetClusterCredentials",
            {"dbUser": "analyst", "clusterIdentifier": "dw"},
        )
    return day


def amplify_release() -> Day:
    """Amplify deploys an app for its role: pool, identity pool, functions, API."""
    day = Day(12)
    host = "cloudformation.amazonaws.com"
    by = day.actor(
        {**role("amplify-shop", "amplify"), "invokedBy": host}, address=host, agent=host
    )
    pool = {"userPoolId": f"{REGION}_Shop12345"}
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    by("cognito-idp.CreateUserPool", {"poolName": "shop"})
    by(
        "cognito-idp.CreateUserPoolClient",
        {**pool, "clientName": "web", "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]},
    )
    by(
        "cognito-idp.UpdateUserPool",
        {**pool, "lambdaConfig": {"preSignUp": "arn:aws:lambda"}},
    )
    by(
        "cognito-identity.CreateIdentityPool",
        {"identityPoolName": "shop", "allowUnauthenticatedIdentities": False},
    )
    by(
        "cognito-identity.SetIdentityPoolRoles",
        {"identityPoolId": "1", "roles": {"authenticated": "arn:aws:iam::1:role/auth"}},
    )
    by(
        "appsync.CreateGraphqlApi",
        {"name": "shop", "authenticationType": "AMAZON_COGNITO_USER_POOLS"},
    )
    by("lambda.CreateFunction20150331", {"functionName": "shop"})
    by(
        "lambda.AddPermission20150331v2",
        {
            "functionName": "shop",
            "principal": "cognito-idp.amazonaws.com",
            "action": "lambda:InvokeFunction",
        },
    )
    by(
        "s3.PutBucketPolicy",
        {
            "bucketName": "shop-web",
            "bucketPolicy": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::shop-web/*",
                        "Condition": {"StringEquals": {"AWS:SourceArn": distribution}},
                    }
                ]
            },
        },
    )
    return day


def cluster_upgrade() -> Day:
    """A platform engineer upgrades a cluster by eksctl, from the office."""
    day = Day(10)
    by = day.actor(
        person("platform", "Platform"),
        address=OFFICE,
        agent="eksctl/0.215.0 aws-sdk-go-v2/1.39",
    )
    by.each(
        "sts: GetCallerIdentity eks: DescribeCluster ListNodegroups"
        " DescribeAddonVersions ec2: DescribeSubnets"
    )
    by("eks.UpdateClusterVersion", {"name": "shop", "version": "1.34"})
    by("eks.UpdateAddon", {"clusterName": "shop", "addonName": "vpc-cni"})
    by("eks.UpdateNodegroupVersion", {"clusterName": "shop", "nodegroupName": "blue"})
    by(
        "eks.CreateAccessEntry",
        {"name": "shop", "principalArn": f"arn:aws:iam::{ACCOUNT}:role/dev"},
    )
    by(
        "eks.AssociateAccessPolicy",
        {
            "name": "shop",
            "principalArn": "r",
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            "accessScope": {"type": "namespace", "namespaces": ["dev"]},
        },
    )
    by("cloudformation.CreateStack", {"stackName": "eksctl-shop-nodegroup-green"})
    host = "cloudformation.amazonaws.com"
    stack = day.actor(
        {**person("platform", "Platform"), "invokedBy": host}, address=host, agent=host
    )
    stack(
        "iam.CreateRole",
        {
            "roleName": "eksctl-node",
            "assumeRolePolicyDocument": trust("ec2.amazonaws.com"),
        },
    )
    stack(
        "iam.AttachRolePolicy",
        {
            "roleName": "eksctl-node",
            "policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
        },
    )
    stack("ec2.CreateLaunchTemplate", {"CreateLaunchTemplateRequest": {}})
    stack("eks.CreateNodegroup", {"clusterName": "shop"})
    by("eks.DeleteNodegroup", {"clusterName": "shop", "nodegroupName": "blue"})
    return day
