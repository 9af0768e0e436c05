"""Stories of several events, as reports of real intrusions tell them."""

from __future__ import annotations

from tests.run.scanning.stories import (
    ACCOUNT,
    AWAY,
    BOTO,
    HOME,
    OTHER,
    ROOT,
    Story,
    call,
    console,
    data,
    denied,
    record,
    role,
    user,
)

LEAKED = user("ci-deploy", "AKIACIDEPLOYEXAMPLE1")
ADMIN = role("Admin", "mateo")
APP = role("app-server", "i-0a1b2c3d4EXAMPLE")
CI = role("Deploy", "pipeline")
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.0 aws-sdk-go-v2/1.39.0"
NEW_KEY = "AKIAI44QH8DHBEXAMPLE"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
POOL = "us-east-1:1cf667a2-49a6-454b-9e45-23199EXAMPLE"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1", "sa-east-1")


def _new_key(name: str) -> dict[str, object]:
    return {"accessKey": {"accessKeyId": NEW_KEY, "status": "Active", "userName": name}}


STORIES = (
    Story(
        "credential stuffing on a user pool from one address",
        [
            record(
                0,
                "cognito_initiate_auth_failed",
                count=60,
                every=2,
                sourceIPAddress=AWAY,
                additionalEventData={"sub": "user-{n}"},
            ),
            record(
                130,
                "cognito_initiate_auth",
                sourceIPAddress=AWAY,
                additionalEventData={"sub": "user-61"},
            ),
        ],
        {
            "cognito_credential_stuffing",
            "cognito_sign_in_after_failures_from_address",
        },
        4,
    ),
    Story(
        "passwords of one pool tried from many addresses",
        [
            record(
                0,
                "cognito_initiate_auth_failed",
                count=200,
                every=1,
                sourceIPAddress="198.51.100.{n}",
                additionalEventData={"sub": "user-{n}"},
            )
        ],
        {"cognito_sign_in_failures_in_pool"},
        2,
    ),
    Story(
        "ForgotPassword sent to a list of users",
        [
            record(
                0,
                "cognito_forgot_password",
                count=80,
                every=2,
                sourceIPAddress=AWAY,
                additionalEventData={"sub": "user-{n}"},
            )
        ],
        {"cognito_password_reset_flood"},
        2,
    ),
    Story(
        "GetId floods, then credentials of guests that read a bucket",
        [
            record(0, "cognito_get_id", count=120, every=1, sourceIPAddress=AWAY),
            record(
                130, "cognito_get_credentials_for_identity_guest", sourceIPAddress=AWAY
            ),
            record(140, "cognito_session_get_caller_identity", sourceIPAddress=AWAY),
            call(
                150,
                "s3:ListBuckets",
                role("ShopGuestRole", "CognitoIdentityCredentials"),
            ),
        ],
        {"cognito_identity_flood"},
        4,
    ),
    Story(
        "leaked key, discovery, then a user of one's own",
        [
            call(0, "sts:GetCallerIdentity", LEAKED, userAgent=BOTO),
            call(5, "iam:GetUser", LEAKED),
            call(9, "iam:ListUsers", LEAKED),
            call(12, "iam:ListAttachedUserPolicies", LEAKED, {"userName": "ci-deploy"}),
            call(15, "s3:ListBuckets", LEAKED),
            call(18, "ec2:DescribeInstances", LEAKED),
            call(22, "secretsmanager:ListSecrets", LEAKED),
            call(25, "lambda:ListFunctions20150331", LEAKED),
            call(60, "iam:CreateUser", LEAKED, {"userName": "support-svc"}),
            call(
                64,
                "iam:AttachUserPolicy",
                LEAKED,
                {"userName": "support-svc", "policyArn": ADMINISTRATOR},
            ),
            call(
                70,
                "iam:CreateAccessKey",
                LEAKED,
                {"userName": "support-svc"},
                _new_key("support-svc"),
            ),
            call(
                600,
                "sts:GetCallerIdentity",
                user("support-svc", NEW_KEY),
                ip="203.0.113.9",
            ),
        ],
        {
            "admin_user_created",
            "user_created_with_access_key",
            "access_key_used_elsewhere_after_creation",
        },
        8,
    ),
    Story(
        "a key is tried at everything and refused",
        [
            call(0, "sts:GetCallerIdentity", LEAKED, userAgent=BOTO),
            denied(2, "iam:ListUsers", LEAKED, count=6),
            denied(10, "ec2:DescribeInstances", LEAKED, count=5),
            denied(20, "rds:DescribeDBInstances", LEAKED, count=5),
            denied(30, "dynamodb:ListTables", LEAKED, count=5),
        ],
        {"access_denied_spree", "user_reconnaissance_denied_repeatedly"},
        4,
    ),
    Story(
        "GetCallerIdentity over and over with one key",
        [
            call(0, "sts:GetCallerIdentity", LEAKED, count=30, every=5, userAgent=BOTO),
            call(155, "s3:ListBuckets", LEAKED, userAgent=BOTO),
        ],
        {"buckets_listed_after_identity_check"},
        3,
    ),
    Story(
        "console password guessed, then a key for later",
        [
            console(0, "paulo", ok=False, count=12, every=10),
            console(130, "paulo"),
            call(
                300,
                "iam:CreateAccessKey",
                {**user("paulo", "ASIAPAULOEXAMPLE"), "sessionContext": {}},
                None,
                _new_key("paulo"),
                sessionCredentialFromConsole="true",
            ),
        ],
        {
            "console_login_after_brute_force",
            "console_login_after_failures",
            "access_key_created_after_login_without_mfa",
        },
        7,
    ),
    Story(
        "one password for every user of the console",
        [console(n * 20, f"employee{n}", ok=False) for n in range(25)],
        {"console_password_spraying"},
        3,
    ),
    Story(
        "a bucket is read, emptied, and a note left",
        [
            data(0, "GetObject", APP, "customers/{n}.json", count=150),
            call(
                200,
                "s3:PutBucketVersioning",
                APP,
                {
                    "bucketName": "customer-data",
                    "VersioningConfiguration": {"Status": "Suspended"},
                },
            ),
            call(
                210,
                "s3:PutBucketLogging",
                APP,
                {"bucketName": "customer-data", "BucketLoggingStatus": {}},
            ),
            data(300, "DeleteObjects", APP, "", count=20),
            data(400, "PutObject", APP, "HOW_TO_RECOVER_YOUR_FILES.txt"),
        ],
        {
            "many_objects_read_then_deleted_by_role",
            "several_bucket_controls_removed",
            "ransom_note_uploaded",
        },
        7,
    ),
    Story(
        "every object is written again with a key of the intruder",
        [
            record(
                0,
                "s3_put_object_customer_key",
                count=60,
                requestParameters={"key": "customers/{n}.json"},
                sourceIPAddress=AWAY,
            )
        ],
        {"objects_encrypted_with_customer_key_by_caller"},
        2,
    ),
    Story(
        "objects go to another account and are deleted here",
        [
            record(
                0,
                "s3_copy_object_to_another_account",
                count=20,
                requestParameters={"key": "reports/{n}.csv"},
            ),
            record(60, "s3_delete_objects", count=5),
        ],
        {"objects_copied_away_then_deleted"},
        3,
    ),
    Story(
        "mail is sent in the name of the company",
        [
            call(0, "ses:GetSendQuota", LEAKED, userAgent=BOTO),
            call(2, "ses:ListIdentities", LEAKED, userAgent=BOTO),
            call(4, "ses:GetAccount", LEAKED, userAgent=BOTO),
            call(6, "ses:GetAccountSendingEnabled", LEAKED, userAgent=BOTO),
            call(8, "ses:ListServiceQuotas", LEAKED, userAgent=BOTO),
            call(
                60,
                "ses:PutAccountDetails",
                LEAKED,
                {"productionAccessEnabled": True, "mailType": "MARKETING"},
            ),
            call(
                90, "ses:VerifyEmailIdentity", LEAKED, {"emailAddress": "a@b.example"}
            ),
            call(120, "ses:UpdateAccountSendingEnabled", LEAKED, {"enabled": True}),
        ],
        {"ses_enumeration"},
        4,
    ),
    Story(
        "models are called on somebody else's bill",
        [
            call(0, "bedrock:ListFoundationModels", LEAKED, ip=AWAY),
            denied(
                5,
                "bedrock:InvokeModel",
                LEAKED,
                errorCode="ValidationException",
                requestParameters={"modelId": "anthropic.claude-v2"},
            ),
            call(
                30,
                "bedrock:InvokeModel",
                LEAKED,
                {"modelId": "anthropic.claude-3"},
                count=250,
                every=2,
            ),
        ],
        {"bedrock_models_invoked_after_listing", "bedrock_invocation_burst"},
        4,
    ),
    Story(
        "miners in every Region",
        [
            *(
                call(
                    n * 5,
                    "servicequotas:GetServiceQuota",
                    LEAKED,
                    {"serviceCode": "ec2", "quotaCode": "L-1216C47A"},
                    awsRegion=region,
                )
                for n, region in enumerate(REGIONS)
            ),
            *(
                call(60 + n * 5, "ec2:DescribeInstances", LEAKED, awsRegion=region)
                for n, region in enumerate(REGIONS)
            ),
            *(
                call(
                    120 + n * 20,
                    "ec2:RunInstances",
                    LEAKED,
                    {
                        "instanceType": "g5.48xlarge",
                        "instancesSet": {
                            "items": [{"imageId": "ami-1", "maxCount": 8}]
                        },
                    },
                    {"instancesSet": {"items": [{"instanceId": f"i-{n}EXAMPLE"}]}},
                    awsRegion=region,
                )
                for n, region in enumerate(REGIONS)
            ),
        ],
        {
            "service_quota_read_in_several_regions",
            "instances_launched_in_several_regions",
        },
        8,
    ),
    Story(
        "a policy version makes its reader an administrator",
        [
            call(0, "sts:GetCallerIdentity", LEAKED),
            call(3, "iam:ListAttachedUserPolicies", LEAKED, {"userName": "ci-deploy"}),
            call(
                10,
                "iam:CreatePolicyVersion",
                LEAKED,
                {
                    "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/deploy",
                    "policyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":'
                    '"Allow","Action":"*","Resource":"*"}]}',
                    "setAsDefault": True,
                },
            ),
            call(40, "iam:ListUsers", LEAKED),
        ],
        {"iam_full_access_policy_written"},
        3,
    ),
    Story(
        "a role with a foreign trust is made administrator",
        [
            call(
                0,
                "iam:CreateRole",
                LEAKED,
                {
                    "roleName": "support-access",
                    "assumeRolePolicyDocument": '{"Version":"2012-10-17","Statement":'
                    f'[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OTHER}:root"'
                    '},"Action":"sts:AssumeRole"}]}',
                },
            ),
            call(
                30,
                "iam:AttachRolePolicy",
                LEAKED,
                {"roleName": "support-access", "policyArn": ADMINISTRATOR},
            ),
            call(
                900,
                "sts:AssumeRole",
                {
                    "type": "AWSAccount",
                    "principalId": "AIDAOTHEREXAMPLE",
                    "accountId": OTHER,
                },
                {
                    "roleArn": f"arn:aws:iam::{ACCOUNT}:role/support-access",
                    "roleSessionName": "s",
                },
                {"credentials": {"accessKeyId": "ASIAFOREIGNEXAMPLE"}},
                ip="203.0.113.9",
            ),
        ],
        {"admin_role_created"},
        4,
    ),
    Story(
        "logging is stopped, things happen, logging goes on",
        [
            call(0, "cloudtrail:DescribeTrails", ADMIN),
            call(10, "cloudtrail:StopLogging", ADMIN, {"name": "main"}),
            call(20, "guardduty:DeleteDetector", ADMIN, {"detectorId": "d"}),
            call(
                60,
                "iam:CreateAccessKey",
                ADMIN,
                {"userName": "backup"},
                _new_key("backup"),
            ),
            call(1500, "cloudtrail:StartLogging", ADMIN, {"name": "main"}),
        ],
        {"several_logs_removed", "trail_logging_stopped"},
        4,
        {"trail_not_restarted"},
    ),
    Story(
        "logging is stopped for good",
        [
            call(0, "cloudtrail:StopLogging", ADMIN, {"name": "main"}),
            call(7300, "s3:ListBuckets", ADMIN),
        ],
        {"trail_logging_stopped", "trail_not_restarted"},
        2,
    ),
    Story(
        "a disk leaves by its snapshot",
        [
            call(
                0,
                "ec2:CreateSnapshot",
                LEAKED,
                {"volumeId": "vol-1EXAMPLE"},
                {"snapshotId": "snap-1EXAMPLE"},
            ),
            call(
                90,
                "ec2:ModifySnapshotAttribute",
                LEAKED,
                {
                    "snapshotId": "snap-1EXAMPLE",
                    "createVolumePermission": {"add": {"items": [{"userId": OTHER}]}},
                    "attributeType": "CREATE_VOLUME_PERMISSION",
                },
                {"_return": True},
            ),
            call(
                200,
                "ec2:SharedSnapshotCopyInitiated",
                {"type": "AWSAccount", "accountId": OTHER, "principalId": OTHER},
                None,
                None,
                eventType="AwsServiceEvent",
                serviceEventDetails={"snapshotId": "snap-1EXAMPLE"},
            ),
        ],
        {"snapshots_shared_by_one_caller"},
        3,
    ),
    Story(
        "sessions on one machine after another",
        [
            call(
                n * 30,
                "ssm:StartSession",
                LEAKED,
                {"target": f"i-{n}EXAMPLE"},
                {"sessionId": f"ci-deploy-{n}"},
            )
            for n in range(6)
        ],
        {"ssm_sessions_on_several_instances"},
        2,
    ),
    Story(
        "a command runs on one machine after another",
        [
            call(
                0,
                "ssm:SendCommand",
                LEAKED,
                {
                    "documentName": "AWS-RunShellScript",
                    "instanceIds": ["i-{n}EXAMPLE"],
                    "parameters": "HIDDEN_DUE_TO_SECURITY_REASONS",
                },
                {"command": {"commandId": "c{n}"}},
                count=8,
                every=10,
            )
        ],
        {"ssm_commands_on_several_instances"},
        2,
    ),
    Story(
        "a password is replaced and used from the same chair",
        [
            call(
                0,
                "iam:UpdateLoginProfile",
                LEAKED,
                {"userName": "maria"},
            ),
            console(60, "maria"),
        ],
        {"console_login_after_password_reset"},
        4,
    ),
    Story(
        "a second factor is taken away before the sign-in",
        [
            call(
                0,
                "iam:DeactivateMFADevice",
                LEAKED,
                {
                    "userName": "maria",
                    "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/maria",
                },
            ),
            call(
                5,
                "iam:DeleteVirtualMFADevice",
                LEAKED,
                {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/maria"},
            ),
            console(120, "maria"),
        ],
        {"console_login_after_mfa_removed"},
        4,
    ),
    Story(
        "prompts until somebody gives in",
        [
            record(
                0,
                "check_mfa_one_device",
                count=12,
                every=40,
                sourceIPAddress=AWAY,
            )
        ],
        {"mfa_prompt_bombing"},
        3,
    ),
    Story(
        "from role to role to role",
        [
            call(
                n * 20,
                "sts:AssumeRole",
                role(f"hop{n}", "s"),
                {
                    "roleArn": f"arn:aws:iam::{ACCOUNT}:role/hop{n + 1}",
                    "roleSessionName": "s",
                },
                {"credentials": {"accessKeyId": f"ASIAHOP{n + 1}EXAMPLE"}},
            )
            for n in range(5)
        ],
        {"roles_chained_from_address"},
        2,
    ),
    Story(
        "the credentials of a machine are used elsewhere",
        [
            call(
                n * 60,
                action,
                APP,
                ip=ip,
            )
            for n, (action, ip) in enumerate(
                [
                    ("sts:GetCallerIdentity", HOME),
                    ("sts:GetCallerIdentity", AWAY),
                    ("s3:ListBuckets", AWAY),
                    ("iam:ListUsers", "203.0.113.9"),
                ]
            )
        ],
        {"session_used_from_several_addresses"},
        4,
    ),
    Story(
        "every secret of every Region",
        [
            call(
                n * 8,
                "secretsmanager:GetSecretValue",
                LEAKED,
                {"secretId": f"prod/{n}"},
                awsRegion=REGIONS[n % 5],
            )
            for n in range(30)
        ],
        {"many_secrets_read", "secrets_read_in_several_regions"},
        3,
    ),
    Story(
        "user data of a machine is replaced while it sleeps",
        [
            call(
                0,
                "ec2:StopInstances",
                LEAKED,
                {"instancesSet": {"items": [{"instanceId": "i-1EXAMPLE"}]}},
            ),
            call(
                60,
                "ec2:ModifyInstanceAttribute",
                LEAKED,
                {"instanceId": "i-1EXAMPLE", "userData": "<sensitiveDataRemoved>"},
            ),
            call(
                90,
                "ec2:StartInstances",
                LEAKED,
                {"instancesSet": {"items": [{"instanceId": "i-1EXAMPLE"}]}},
            ),
        ],
        {"instance_restarted_with_new_user_data"},
        3,
    ),
    Story(
        "miners on containers",
        [
            call(0, "ecs:CreateCluster", LEAKED, {"clusterName": "x"}),
            call(
                10,
                "ecs:RegisterTaskDefinition",
                LEAKED,
                {
                    "family": "x",
                    "cpu": "16384",
                    "containerDefinitions": [{"name": "x", "image": "x/miner:latest"}],
                },
            ),
            call(
                20,
                "ecs:CreateService",
                LEAKED,
                {"cluster": "x", "taskDefinition": "x:1", "desiredCount": 50},
            ),
        ],
        {"ecs_large_public_task_started"},
        3,
    ),
    Story(
        "root comes back after months and makes a key",
        [
            call(0, "s3:ListBuckets", ADMIN, ip=HOME, count=2, every=100 * 86400),
            console(100 * 86400 + 60, "x", ok=False),
            call(
                100 * 86400 + 120,
                "signin:ConsoleLogin",
                ROOT,
                None,
                {"ConsoleLogin": "Success"},
                eventType="AwsConsoleSignIn",
                additionalEventData={"MFAUsed": "No"},
            ),
            call(
                100 * 86400 + 200,
                "iam:CreateAccessKey",
                ROOT,
                None,
                {"accessKey": {"accessKeyId": NEW_KEY, "status": "Active"}},
            ),
        ],
        {"root_after_long_silence"},
        5,
    ),
    Story(
        "gigabytes leave a bucket",
        [data(0, "GetObject", APP, "backup/{n}.tar", count=15, every=120, out=1 << 30)],
        {"large_download_from_bucket"},
        2,
    ),
    Story(
        "names of principals are guessed through trust policies",
        [
            call(
                0,
                "iam:UpdateAssumeRolePolicy",
                LEAKED,
                {"roleName": "x", "policyDocument": "arn:aws:iam::1:user/{n}"},
                count=200,
                errorCode="MalformedPolicyDocumentException",
                errorMessage="Invalid principal in policy",
            )
        ],
        {"principals_guessed_through_trust_policies"},
        2,
    ),
    Story(
        "objects of a closed bucket are tried by name",
        [
            data(
                0,
                "GetObject",
                {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
                "backup-{n}.sql",
                count=90,
                errorCode="AccessDenied",
                errorMessage="Access Denied",
            )
        ],
        {"bucket_requests_denied_in_bulk"},
        3,
    ),
    Story(
        "quiet: a template tool makes a user, a key and a role",
        [
            call(0, "sts:GetCallerIdentity", CI, ip=HOME, userAgent=TERRAFORM),
            call(5, "iam:CreateUser", CI, {"userName": "app"}, userAgent=TERRAFORM),
            call(
                9,
                "iam:CreateAccessKey",
                CI,
                {"userName": "app"},
                _new_key("app"),
                ip=HOME,
                userAgent=TERRAFORM,
            ),
            call(12, "iam:CreateRole", CI, {"roleName": "app"}, userAgent=TERRAFORM),
            call(15, "ec2:RunInstances", CI, {}, {}, ip=HOME, userAgent=TERRAFORM),
        ],
        set(),
        1,
    ),
    Story(
        "quiet: two typing errors before the sign-in",
        [
            console(0, "anaya", ok=False, count=2, every=20, ip=HOME),
            console(60, "anaya", mfa="Yes", ip=HOME),
            call(
                90, "ec2:DescribeInstances", user("anaya", "ASIAANAYAEXAMPLE"), ip=HOME
            ),
            call(95, "s3:ListBuckets", user("anaya", "ASIAANAYAEXAMPLE"), ip=HOME),
        ],
        set(),
        0,
    ),
    Story(
        "quiet: an inventory at night",
        [
            call(
                n * 5,
                "ec2:DescribeInstances",
                role("Inventory", "nightly"),
                ip=HOME,
                userAgent=BOTO,
                awsRegion=region,
            )
            for n, region in enumerate(REGIONS)
        ],
        set(),
        0,
    ),
    Story(
        "quiet: users of a pool who mistype",
        [
            record(
                0,
                "cognito_initiate_auth_failed",
                count=30,
                every=60,
                sourceIPAddress="192.0.2.{n}",
                additionalEventData={"sub": "user-{n}"},
            ),
            record(1, "cognito_initiate_auth", count=900, every=2),
        ],
        set(),
        0,
    ),
)
