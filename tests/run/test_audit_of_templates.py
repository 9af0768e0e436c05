"""Outcomes of rules on small templates, worked out by hand from AWS's documents."""

from __future__ import annotations

import functools
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from checker import rules
from checker.model import AnyRule, Report
from checker.run.audit import audit
from checker.run.settings import Deployed


class Row(NamedTuple):
    """A template's Resources, what else it has, and one rule's outcomes on it."""

    name: str
    resources: str
    outcomes: dict[str, str]
    before: str = ""


TRAIL = """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties: {IsLogging: true, IsMultiRegionTrail: true, S3BucketName: !Ref Bucket}
Bucket: {Type: AWS::S3::Bucket}
"""
OPEN = """
Parameters: {Open: {Type: String}, Source: {Type: String}}
Conditions: {IsOpen: !Equals [!Ref Open, 'yes']}
"""


def bucket_policy(statements: str, properties: str = "{}") -> str:
    return f"""
Trail:
  Type: AWS::CloudTrail::Trail
  Properties: {{IsLogging: true, S3BucketName: !Ref Bucket}}
Bucket: {{Type: AWS::S3::Bucket, Properties: {properties}}}
Policy:
  Type: AWS::S3::BucketPolicy
  Properties: {{Bucket: !Ref Bucket, PolicyDocument: {{Statement: {statements}}}}}
"""


TLS = "bucket_of_trail_without_tls"
FOREIGN = "bucket_of_trail_takes_foreign_trails"
CONDITION = "Condition: {Bool: {'aws:SecureTransport': false}}"
DENY = f"Effect: Deny, Principal: '*', Action: 's3:*', {CONDITION}"
ALLOW = (
    "Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, "
    "Action: ['s3:PutObject', 's3:GetBucketAcl'], Resource: '*'"
)
BOTH = "[!GetAtt Bucket.Arn, !Sub '${Bucket.Arn}/*']"


POLICIES = [
    Row("a deny on the bucket by reference",
        bucket_policy(f"[{{{DENY}, Resource: {BOTH}}}]"), {TLS: "pass"}),
    Row("a deny on what CDK joins", bucket_policy(
        f"[{{{DENY}, Resource: [!GetAtt Bucket.Arn, "
        "!Join ['', [!GetAtt Bucket.Arn, '/*']]]}]"), {TLS: "pass"}),
    Row("a deny on everything, for a bucket without a name",
        bucket_policy(f"[{{{DENY}, Resource: '*'}}]"), {TLS: "pass"}),
    Row("a deny on the objects only",
        bucket_policy(f"[{{{DENY}, Resource: !Sub '${{Bucket.Arn}}/*'}}]"),
        {TLS: "fail"}),
    Row("a deny on what another stack exports",
        bucket_policy(f"[{{{DENY}, Resource: !ImportValue Arn}}]"), {TLS: "unknown"}),
    Row("an undecided deny", bucket_policy(
        f"[!If [IsOpen, {{{DENY}, Resource: '*'}}, !Ref AWS::NoValue]]"),
        {TLS: "unknown", FOREIGN: "pass"}, OPEN),
    Row("an undecided allow", bucket_policy(
        f"[!If [IsOpen, {{{ALLOW}}}, !Ref AWS::NoValue]]"),
        {TLS: "fail", FOREIGN: "unknown"}, OPEN),
    Row("an undecided allow beside a sure one", bucket_policy(
        f"[{{{ALLOW}}}, !If [IsOpen, {{{ALLOW}}}, !Ref AWS::NoValue]]"),
        {FOREIGN: "fail"}, OPEN),
    Row("a condition with a parameter's value", bucket_policy(
        f"[{{{ALLOW}, Condition: {{StringLike: {{'aws:SourceArn': !Ref Source}}}}}}]"),
        {FOREIGN: "unknown"}, OPEN),
    Row("a condition with the account that it is deployed to", bucket_policy(
        f"[{{{ALLOW}, Condition: "
        "{StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}}]"),
        {FOREIGN: "pass"}),
    Row("a principal that is a parameter", bucket_policy(
        "[{Effect: Allow, Principal: {Service: !Ref Source}, Action: 's3:PutObject', "
        "Resource: '*'}]"), {FOREIGN: "unknown"}, OPEN),
    Row("an action that is a parameter", bucket_policy(
        "[{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, "
        "Action: !Ref Source, Resource: '*'}]"), {FOREIGN: "unknown"}, OPEN),
    Row("an effect that is a parameter", bucket_policy(
        "[{Effect: !Ref Source, Principal: {Service: cloudtrail.amazonaws.com}, "
        "Action: 's3:PutObject', Resource: '*'}]"), {FOREIGN: "unknown"}, OPEN),
    Row("an effect that is a parameter, of another action", bucket_policy(
        "[{Effect: !Ref Source, Principal: {Service: cloudtrail.amazonaws.com}, "
        "Action: 's3:ListBucket', Resource: '*'}]"), {FOREIGN: "pass"}, OPEN),
]  # fmt: skip

PUBLIC = "bucket_of_trail_public"
ANYBODY = "[{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}]"
UNBLOCKED = (
    "{AccessControl: PublicRead, PublicAccessBlockConfiguration: {BlockPublicAcls: "
    "false, IgnorePublicAcls: false, BlockPublicPolicy: false, "
    "RestrictPublicBuckets: false}}"
)
BUCKETS = [
    # The account's own block, which a template cannot hold, may close it.
    Row("a public bucket", bucket_policy(ANYBODY, UNBLOCKED), {PUBLIC: "unknown"}),
    Row("a bucket that blocks what is public", bucket_policy(
        ANYBODY, "{AccessControl: PublicRead, PublicAccessBlockConfiguration: "
        "{IgnorePublicAcls: 'true', RestrictPublicBuckets: 'yes'}}"),
        {PUBLIC: "pass"}),
    Row("a private bucket without a policy", TRAIL,
        {PUBLIC: "pass", "bucket_of_trail_of_another_account": "pass"}),
    Row("days as text", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties: {IsLogging: 'true', S3BucketName: !Ref Bucket}
Bucket:
  Type: AWS::S3::Bucket
  Properties:
    LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: !Ref Days}]}
    ObjectLockEnabled: 'true'
    ObjectLockConfiguration: {Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: '365'}}}
""", {"bucket_of_trail_lifecycle_wrong": "fail", "bucket_of_trail_not_locked": "pass",
      "trail_not_logging": "pass"},
        "Parameters: {Days: {Type: Number, Default: '14'}}"),
    Row("access logs go to another bucket of the template", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties: {IsLogging: on, S3BucketName: !Ref Bucket}
Bucket:
  Type: AWS::S3::Bucket
  Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Other}}
Other: {Type: AWS::S3::Bucket}
""", {"bucket_of_trail_access_not_logged": "pass", "trail_not_logging": "pass"}),
    Row("access logs go to the bucket itself", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties: {IsLogging: false, S3BucketName: !Ref Bucket}
Bucket:
  Type: AWS::S3::Bucket
  Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Bucket}}
""", {"bucket_of_trail_access_not_logged": "fail", "trail_not_logging": "fail"}),
]  # fmt: skip

TRAILS = [
    Row("a trail with everything by reference", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties:
    IsLogging: true
    IsMultiRegionTrail: true
    EnableLogFileValidation: 'True'
    S3BucketName: !Ref Bucket
    KMSKeyId: !GetAtt Key.Arn
    SnsTopicName: !GetAtt Topic.TopicName
    CloudWatchLogsLogGroupArn: !GetAtt Group.Arn
    CloudWatchLogsRoleArn: !GetAtt Role.Arn
    Tags: [{Key: owner, Value: security}]
Bucket: {Type: AWS::S3::Bucket}
Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true, KeyPolicy: {}}}
Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !Ref Key}}
Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
Group:
  Type: AWS::Logs::LogGroup
  Properties: {RetentionInDays: '14', KmsKeyId: !GetAtt Key.Arn}
""", {"trail_without_kms_key": "pass", "trail_without_cloudwatch_logs": "pass",
      "trail_without_notifications": "pass", "trail_untagged": "pass",
      "log_group_of_trail_without_kms": "pass",
      "log_group_of_trail_short_retention": "fail",
      "no_trail_meets_security_baseline": "pass",
      "trail_records_its_own_deliveries": "pass",
      "trail_delivery_failing": "not_applicable",
      "topic_of_trail_not_encrypted": "pass", "topic_of_trail_public": "pass",
      "key_of_trail_not_rotated": "pass", "key_of_trail_unusable": "pass"}),
    Row("a trail with nothing", TRAIL,
        {"trail_without_kms_key": "fail", "trail_without_cloudwatch_logs": "fail",
         "trail_without_notifications": "fail", "trail_untagged": "fail"}),
    Row("one of two keys", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties:
    IsLogging: true
    S3BucketName: logs
    KMSKeyId: !If [IsOpen, !Ref One, !Ref Other]
One: {Type: AWS::KMS::Key}
Other: {Type: AWS::KMS::Key}
""", {"trail_without_kms_key": "pass"}, OPEN),
    Row("a key or none", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties:
    IsLogging: true
    S3BucketName: logs
    KMSKeyId: !If [IsOpen, !Ref One, !Ref AWS::NoValue]
One: {Type: AWS::KMS::Key}
""", {"trail_without_kms_key": "unknown"}, OPEN),
    Row("KMS left out, in whichever Region", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties:
    IsLogging: true
    S3BucketName: logs
    EventSelectors: [{ExcludeManagementEventSources: [kms.amazonaws.com]}]
""", {"management_event_source_excluded": "fail"}),
    Row("a public topic", """
Trail:
  Type: AWS::CloudTrail::Trail
  Properties: {IsLogging: true, S3BucketName: logs, SnsTopicName: !Ref Topic}
Topic: {Type: AWS::SNS::Topic}
Policy:
  Type: AWS::SNS::TopicPolicy
  Properties:
    Topics: [!Ref Topic]
    PolicyDocument:
      Statement: [{Effect: Allow, Principal: '*', Action: 'sns:Publish',
                   Resource: !Ref Topic}]
""", {"topic_of_trail_public": "fail"}),
    Row("a topic of something else", """
Topic: {Type: AWS::SNS::Topic}
""", {"topic_of_trail_public": "not_applicable"}),
]  # fmt: skip

POOLS = [
    Row("a pool that asks for a second factor", """
Pool:
  Type: AWS::Cognito::UserPool
  Properties:
    MfaConfiguration: "ON"
    AdminCreateUserConfig: {AllowAdminCreateUserOnly: true}
""", {"user_pool_without_mfa": "pass", "user_pool_open_registration": "pass",
      "user_pool_mfa_not_required": "pass"}),
    Row("a pool that asks for none", """
Pool: {Type: AWS::Cognito::UserPool}
""", {"user_pool_without_mfa": "fail", "user_pool_open_registration": "fail"}),
    # Unquoted, it is a boolean, which CloudFormation refuses.
    Row("an unquoted ON", """
Pool: {Type: AWS::Cognito::UserPool, Properties: {MfaConfiguration: ON}}
""", {"user_pool_mfa_not_required": "unknown"}),
    Row("one of two that both ask", """
Pool:
  Type: AWS::Cognito::UserPool
  Properties: {MfaConfiguration: !If [IsOpen, OPTIONAL, "ON"]}
""", {"user_pool_without_mfa": "pass", "user_pool_mfa_not_required": "unknown"}, OPEN),
    Row("a parameter of which every value asks", """
Pool: {Type: AWS::Cognito::UserPool, Properties: {MfaConfiguration: !Ref Mfa}}
""", {"user_pool_without_mfa": "pass", "user_pool_mfa_not_required": "unknown"},
        'Parameters: {Mfa: {Type: String, AllowedValues: ["ON", OPTIONAL]}}'),
    Row("numbers as text", """
Pool:
  Type: AWS::Cognito::UserPool
  Properties:
    Policies:
      PasswordPolicy: {MinimumLength: '14', TemporaryPasswordValidityDays: "90",
                       PasswordHistorySize: "5"}
Client:
  Type: AWS::Cognito::UserPoolClient
  Properties: {UserPoolId: !Ref Pool, RefreshTokenValidity: "3650"}
""", {"user_pool_passwords_short": "pass", "user_pool_passwords_reused": "pass",
      "user_pool_temporary_passwords_long_lived": "fail",
      "user_pool_client_tokens_long_lived": "fail"}),
    Row("companions behind an undecided condition", """
Pool: {Type: AWS::Cognito::UserPool}
Acl:
  Type: AWS::WAFv2::WebACLAssociation
  Condition: IsOpen
  Properties: {ResourceArn: !GetAtt Pool.Arn, WebACLArn: 'arn:aws:wafv2:x'}
Logs:
  Type: AWS::Cognito::LogDeliveryConfiguration
  Condition: IsOpen
  Properties:
    UserPoolId: !Ref Pool
    LogConfigurations: [{LogLevel: INFO, EventSource: userAuthEvents}]
""", {"user_pool_without_web_acl": "unknown",
      "user_pool_activity_not_exported": "unknown"}, OPEN),
    Row("a guest role with everything", """
Pool:
  Type: AWS::Cognito::IdentityPool
  Properties: {AllowUnauthenticatedIdentities: true}
Guest:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {}
    Policies: [{PolicyName: p, PolicyDocument:
      {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}]
Roles:
  Type: AWS::Cognito::IdentityPoolRoleAttachment
  Properties:
    IdentityPoolId: !Ref Pool
    Roles: {unauthenticated: !GetAtt Guest.Arn}
""", {"identity_pool_guest_role_wide": "fail"}),
    Row("a guest role of another stack", """
Pool:
  Type: AWS::Cognito::IdentityPool
  Properties: {AllowUnauthenticatedIdentities: true}
Roles:
  Type: AWS::Cognito::IdentityPoolRoleAttachment
  Properties:
    IdentityPoolId: !Ref Pool
    Roles: {unauthenticated: !ImportValue Guest}
""", {"identity_pool_guest_role_wide": "unknown"}),
]  # fmt: skip

ROOT_USE = "alarm_missing_root_use"


def chain(
    topic: str = "",
    alarm: str = "AlarmActions: [!Ref Topic]",
    subscription: str = "{Protocol: lambda, Endpoint: !GetAtt Page.Arn}",
    **more: str,
) -> str:
    """Write a whole chain for root's use, from a trail to a subscription."""
    beside = "\n".join(textwrap.dedent(text) for text in more.values())
    return f"""
Trail:
  Type: AWS::CloudTrail::Trail
  Properties:
    IsLogging: true
    IsMultiRegionTrail: true
    S3BucketName: logs
    CloudWatchLogsLogGroupArn: !GetAtt Group.Arn
    CloudWatchLogsRoleArn: arn:aws:iam::123456789012:role/ct
Group: {{Type: AWS::Logs::LogGroup}}
Filter:
  Type: AWS::Logs::MetricFilter
  Properties:
    LogGroupName: !Ref Group
    FilterPattern: '{{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy
      NOT EXISTS && $.eventType != "AwsServiceEvent" }}'
    MetricTransformations: [{{MetricName: Root, MetricNamespace: CIS, MetricValue: 1}}]
Alarm:
  Type: AWS::CloudWatch::Alarm
  Properties:
    MetricName: Root
    Namespace: CIS
    ComparisonOperator: GreaterThanOrEqualToThreshold
    EvaluationPeriods: "1"
    Period: 300
    Statistic: Sum
    Threshold: '1'
    {alarm}
Topic:
  Type: AWS::SNS::Topic
  Properties:
    Subscription: [{subscription}]
    {topic}
{beside}
"""


KEY = """
Key:
  Type: AWS::KMS::Key
  Properties:
    KeyPolicy:
      Statement: [{Effect: Allow, Principal: {Service: cloudwatch.amazonaws.com},
                   Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*'}]
"""
CLOSED = """
Closed:
  Type: AWS::SNS::TopicPolicy
  Properties:
    Topics: [!Ref Topic]
    PolicyDocument:
      Statement: [{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com},
                   Action: 'sns:Publish', Resource: !Ref Topic}]
"""
ALARMS = [
    Row("a whole chain", chain(), {ROOT_USE: "pass"}),
    Row("no other event is counted", chain(), {"alarm_missing_vpc_changes": "fail"}),
    Row("an e-mail that is to be confirmed",
        chain(subscription="{Protocol: email, Endpoint: a@example.com}"),
        {ROOT_USE: "unknown"}),
    Row("a key of AWS's", chain("KmsMasterKeyId: alias/aws/sns"), {ROOT_USE: "fail"}),
    Row("a key that CloudWatch may use", chain("KmsMasterKeyId: !Ref Key", key=KEY),
        {ROOT_USE: "pass"}),
    Row("a key that it may not use", chain(
        "KmsMasterKeyId: !Ref Key", key=KEY.replace("cloudwatch", "cloudtrail")),
        {ROOT_USE: "fail"}),
    Row("a topic that only CloudTrail may publish to", chain(policy=CLOSED),
        {ROOT_USE: "fail"}),
    Row("one dimension", chain(
        alarm="AlarmActions: [!Ref Topic]\n    Dimensions: [{Name: a, Value: b}]"),
        {ROOT_USE: "fail"}),
    Row("another unit", chain(alarm="AlarmActions: [!Ref Topic]\n    Unit: Seconds"),
        {ROOT_USE: "fail"}),
    Row("an alarm that may not be made", chain().replace(
        "Alarm:\n  Type", "Alarm:\n  Condition: IsOpen\n  Type"),
        {ROOT_USE: "unknown"}, OPEN),
    Row("an action or none", chain(
        alarm="AlarmActions: [!If [IsOpen, !Ref Topic, !Ref AWS::NoValue]]"),
        {ROOT_USE: "unknown", "alarm_without_action": "unknown"}, OPEN),
    Row("a composite alarm", chain(alarm="AlarmActions: []", composite="""
        Over:
          Type: AWS::CloudWatch::CompositeAlarm
          Properties:
            AlarmRule: !Sub 'ALARM("${Alarm}") OR ALARM("land-AND-sea")'
            AlarmActions: [!Ref Topic]
        """), {ROOT_USE: "pass"}),
    Row("a composite alarm that wants another one", chain(
        alarm="AlarmActions: []", composite="""
        Over:
          Type: AWS::CloudWatch::CompositeAlarm
          Properties:
            AlarmRule: !Sub 'ALARM("${Alarm}") AND ALARM("other")'
            AlarmActions: [!Ref Topic]
        """), {ROOT_USE: "unknown"}),
]  # fmt: skip

LOOP = """
Fn::ForEach::Trails:
  - Name
  - [a, b]
  - Trail${Name}:
      Type: AWS::CloudTrail::Trail
      Properties: {IsLogging: false, S3BucketName: !Sub 'logs-${Name}'}
"""
COVERED = "management_events_not_recorded_everywhere"
NOWHERE = "s3_object_reads_not_recorded"
UNSEEN = [
    # What is recorded without the rest is recorded with it.
    Row("a loop", f"{LOOP}\n{TRAIL}", {NOWHERE: "unknown", COVERED: "pass"},
        "Transform: AWS::LanguageExtensions"),
    Row("a macro", TRAIL, {NOWHERE: "unknown"}, "Transform: [Ours]"),
    Row("a nested stack", f"{TRAIL}\nMore: {{Type: 'AWS::CloudFormation::Stack'}}",
        {NOWHERE: "unknown"}),
    Row("a module", f"{TRAIL}\nMore: {{Type: 'My::Own::Trail::MODULE'}}",
        {NOWHERE: "unknown"}),
    Row("an include", f"{TRAIL}\nFn::Transform: {{Name: 'AWS::Include'}}",
        {NOWHERE: "unknown"}),
    Row("none of them", TRAIL, {NOWHERE: "fail"}),
    Row("a transform that adds no resources that are read", TRAIL, {NOWHERE: "fail"},
        "Transform: AWS::Serverless-2016-10-31"),
]  # fmt: skip
ROWS = [*POLICIES, *BUCKETS, *TRAILS, *POOLS, *ALARMS, *UNSEEN]


@functools.cache
def pack() -> tuple[AnyRule, ...]:
    return tuple(rules.load())


def judged(row: Row, folder: Path, names: set[str], **where: str) -> Report:
    template = folder / "template.yml"
    resources = textwrap.indent(row.resources.strip("\n"), "  ")
    template.write_text(f"{row.before.strip()}\nResources:\n{resources}\n")
    chosen = [rule for rule in pack() if rule.name in names]
    assert {rule.name for rule in chosen} == names
    return audit(chosen, [Deployed(str(template), **where)])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_template_is_judged_as_aws_would_deploy_it(row: Row, tmp_path: Path) -> None:
    report = judged(row, tmp_path, set(row.outcomes))
    assert not report.problems
    found: dict[str, set[str]] = {}
    for each in report.findings:
        found.setdefault(each.rule.name, set()).add(each.status.value)
    # A stand-in for what is not read stands beside the resources that are.
    assert {name: row.outcomes[name] in each for name, each in found.items()} == (
        dict.fromkeys(row.outcomes, True)
    ), found
    if row not in UNSEEN:
        assert all(len(each) == 1 for each in found.values()), found


@pytest.mark.parametrize("row", UNSEEN[:5], ids=lambda row: row.name)
def test_what_is_not_read_is_noted(row: Row, tmp_path: Path) -> None:
    (note,) = judged(row, tmp_path, {COVERED}).notes
    assert note.startswith(str(tmp_path / "template.yml"))


def test_a_template_can_be_told_where_it_is_deployed(tmp_path: Path) -> None:
    names = {"trail_home_region_unexpected", "trail_not_logging"}
    row = Row("", TRAIL, {})
    report = judged(row, tmp_path, names, region="cn-north-1", account="123456789012")
    (found,) = [f for f in report.findings if f.rule.name == "trail_not_logging"]
    assert found.subject["accountId"] == "123456789012"
    assert found.subject["region"] == "cn-north-1"


CLIENT_RISK = """
Pool: {Type: AWS::Cognito::UserPool}
Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Pool}}
OfPool:
  Type: AWS::Cognito::UserPoolRiskConfigurationAttachment
  Properties:
    UserPoolId: !Ref Pool
    ClientId: ALL
    AccountTakeoverRiskConfiguration:
      Actions: {HighAction: {EventAction: BLOCK, Notify: 'false'}}
OfClient:
  Type: AWS::Cognito::UserPoolRiskConfigurationAttachment
  Properties:
    UserPoolId: !Ref Pool
    ClientId: !Ref Client
    AccountTakeoverRiskConfiguration:
      Actions: {HighAction: {EventAction: %s, Notify: 'false'}}
"""


@pytest.mark.parametrize(
    ("action", "status"), [("BLOCK", "pass"), ("NO_ACTION", "fail")]
)
def test_a_clients_own_risk_configuration_counts(
    action: str, status: str, tmp_path: Path
) -> None:
    name = "user_pool_account_takeover_not_blocked"
    row = Row("", CLIENT_RISK % action, {})
    (found,) = judged(row, tmp_path, {name}).findings
    assert found.status.value == status
