"""CloudFormation templates as settings: short and long forms, and what is unknown."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions import Cause, Unknown
from checker.model import Unreadable
from checker.sources.settings.iac.cloudformation import template as cloudformation
from checker.sources.settings.iac.cloudformation.functions import MAX_TEXT
from checker.sources.settings.iac.cloudformation.intrinsics import NO_VALUE, Intrinsics
from checker.sources.settings.iac.cloudformation.template_shape import mistakes
from checker.sources.settings.iac.declarations import SECTIONS, Settings


def load(text: str | bytes, **how: Any) -> Settings | Unreadable:
    data = text.encode() if isinstance(text, str) else text
    template = cloudformation.document("t.yml", data)
    return cloudformation.read("t.yml", template, len(data), **how)


def read(text: str | dict[str, Any], **how: Any) -> Settings:
    settings = load(text if isinstance(text, str) else json.dumps(text), **how)
    assert isinstance(settings, Settings), settings
    return settings


def plain(value: Any) -> Any:
    """Return a value with each `Unknown` as the text of its reason, to compare with."""
    if value.__class__ is Unknown:
        return f"?{value.reason}"
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def template(**resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "Resources": {
            name: {"Type": kind, "Properties": properties}
            for name, (kind, properties) in resources.items()
        }
    }


def trail(**properties: Any) -> dict[str, Any]:
    given = {"IsLogging": True, "S3BucketName": "logs", **properties}
    written = template(Trail=("AWS::CloudTrail::Trail", given))
    body = plain(read(written).snapshot["trails"][0])
    assert isinstance(body, dict)
    return body


YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Prefix: {Type: String, Default: example}
  Key: {Type: String}
Conditions:
  Everywhere: !Not [!Equals [!Ref Prefix, other]]
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub ${Prefix}-logs
  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Allow, Resource: !Join ["", [!GetAtt Logs.Arn, /*]]}
  Main:
    Type: AWS::CloudTrail::Trail
    DependsOn: LogsPolicy
    Properties:
      TrailName: main
      S3BucketName: !Ref Logs
      IsLogging: yes
      IsMultiRegionTrail: !If [Everywhere, true, !Ref AWS::NoValue]
      EnableLogFileValidation: "true"
      KMSKeyId: !Ref Key
      AdvancedEventSelectors:
        - Name: Cognito
          FieldSelectors:
            - {Field: eventCategory, Equals: [Data]}
            - {Field: resources.type, Equals: [AWS::Cognito::IdentityPool]}
            - Field: resources.ARN
              StartsWith: [!Sub "arn:${AWS::Partition}:cognito-identity:${AWS::Region}"]
"""


def test_a_template_with_short_tags_is_read_with_what_can_be_told() -> None:
    settings = read(YAML)
    (main,) = plain(settings.snapshot["trails"])
    (logs,) = plain(settings.snapshot["buckets"])

    assert main["Name"] == "main"
    assert main["S3BucketName"] == logs["name"] == "example-logs"
    assert main["status"] == {"IsLogging": True}
    assert main["IsMultiRegionTrail"] is main["LogFileValidationEnabled"] is True
    assert main["IncludeGlobalServiceEvents"] is True
    assert main["KmsKeyId"] == "?KMSKeyId: parameter Key has no default"
    assert main["TrailARN"].startswith("?")
    assert logs["policy"] == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::example-logs/*"}],
    }
    arns = main["event_selectors"]["AdvancedEventSelectors"][0]["FieldSelectors"][2]
    assert arns["StartsWith"][0].startswith("?AWS::Region: known only when")


def test_places_are_the_lines_of_the_logical_ids() -> None:
    places = read(YAML).places

    assert (places["/trails/0"].line, places["/trails/0"].address) == (20, "Main")
    assert (places["/buckets/0"].line, places["/buckets/0"].address) == (8, "Logs")


def test_the_region_and_account_are_known_when_the_user_gives_them() -> None:
    settings = read(YAML, region="eu-west-1", account="123456789012")
    (main,) = settings.snapshot["trails"]

    arns = main["event_selectors"]["AdvancedEventSelectors"][0]["FieldSelectors"][2]
    assert arns["StartsWith"] == ["arn:aws:cognito-identity:eu-west-1"]
    assert main["HomeRegion"] == "eu-west-1"
    assert settings.snapshot["account"]["id"] == "123456789012"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    windows = load(b"\xef\xbb\xbf" + YAML.replace("\n", "\r\n").encode())

    assert isinstance(windows, Settings)
    assert plain(windows.snapshot) == plain(read(YAML).snapshot)
    assert windows.places == read(YAML).places


def test_json_and_the_long_forms_say_the_same() -> None:
    value = cloudformation.document("t.yml", YAML.encode()).value
    text = json.dumps(value, indent=2)
    settings = read(text)

    assert plain(settings.snapshot) == plain(read(YAML).snapshot)
    line = settings.places["/trails/0"].line
    assert text.splitlines()[line - 1].strip().startswith('"Main"')


def test_a_section_of_which_nothing_is_declared_is_unknown_and_not_empty() -> None:
    snapshot = read(YAML).snapshot

    empty = [name for name in SECTIONS if name not in ("trails", "buckets")]
    assert all(isinstance(snapshot[name], Unknown) for name in (*empty, "iam"))


@pytest.mark.parametrize(
    ("properties", "path", "expected"),
    [
        ({}, "IsMultiRegionTrail", False),
        ({}, "IsOrganizationTrail", False),
        ({}, "LogFileValidationEnabled", False),
        ({}, "IncludeGlobalServiceEvents", "?IncludeGlobalServiceEvents: no default"),
        ({"IsMultiRegionTrail": True}, "IncludeGlobalServiceEvents", True),
        ({"IncludeGlobalServiceEvents": False}, "IncludeGlobalServiceEvents", False),
        ({"IsLogging": False}, "status.IsLogging", False),
        ({"IsLogging": "true"}, "status.IsLogging", True),
        ({"IsLogging": {"Ref": "X"}}, "status.IsLogging", "?IsLogging: X: known only"),
        ({"IsLogging": "perhaps"}, "status.IsLogging", "?IsLogging: perhaps is not"),
        ({"KMSKeyId": "alias/x"}, "KmsKeyId", "alias/x"),
        ({"S3KeyPrefix": "p"}, "S3KeyPrefix", "p"),
        ({"SnsTopicName": "news"}, "SnsTopicARN", "?SnsTopicARN: known only"),
        ({}, "SnsTopicARN", None),
        ({"CloudWatchLogsLogGroupArn": "arn:x"}, "CloudWatchLogsLogGroupArn", "arn:x"),
        ({}, "event_selectors", {"EventSelectors": [], "AdvancedEventSelectors": []}),
        ({"AdvancedEventSelectors": {"Fn::ImportValue": "x"}},
         "event_selectors.AdvancedEventSelectors", "?AdvancedEventSelectors: Fn::Im"),
        ({"InsightSelectors": [{"InsightType": "ApiErrorRateInsight"}]},
         "insight_selectors", [{"InsightType": "ApiErrorRateInsight"}]),
        ({"EventSelectors": [{}]}, "event_selectors.EventSelectors", [
            {"ReadWriteType": "All", "IncludeManagementEvents": True,
             "ExcludeManagementEventSources": [], "DataResources": []}]),
    ],
)  # fmt: skip
def test_each_property_of_a_trail_is_where_aws_has_it(
    properties: dict[str, Any], path: str, expected: Any
) -> None:
    body: Any = trail(**properties)
    for key in path.split("."):
        body = body.get(key)

    if isinstance(expected, str) and expected.startswith("?"):
        assert str(body).startswith(expected)
    else:
        assert body == expected


VALUES = Intrinsics(
    {
        "Parameters": {
            "Name": {"Type": "String", "Default": "logs"},
            "Days": {"Type": "Number", "Default": 30},
            "List": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Open": {"Type": "String"},
            "Secret": {"Type": "String", "Default": "x", "NoEcho": True},
            "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"},
        },
        "Mappings": {"Map": {"eu": {"Days": "90", "Zones": ["a", "b"]}}},
        "Conditions": {
            "Yes": {"Fn::Equals": [{"Ref": "Name"}, "logs"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
            "Open": {"Fn::Equals": [{"Ref": "Open"}, "x"]},
            "Same": {"Fn::Equals": [{"Ref": "Open"}, {"Ref": "Open"}]},
            "Numbers": {"Fn::Equals": [{"Ref": "Days"}, "30"]},
            "Either": {"Fn::Or": [{"Condition": "Open"}, {"Condition": "Yes"}]},
            "Both": {"Fn::And": [{"Condition": "Open"}, {"Condition": "No"}]},
            "Hangs": {"Fn::And": [{"Condition": "Open"}, {"Condition": "Yes"}]},
            "Loop": {"Fn::Not": [{"Condition": "Pool"}]},
            "Pool": {"Fn::Not": [{"Condition": "Loop"}]},
            "Odd": {"Fn::Equals": ["x"]},
        },
        "Resources": {
            "Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "n"}},
            "Plain": {"Type": "AWS::S3::Bucket"},
            "Round": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": {"Fn::Sub": "${Trip}"}},
            },
            "Trip": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": {"Ref": "Round"}},
            },
            "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
        },
    }
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"Ref": "Name"}, "logs"),
        ({"Ref": "Days"}, 30),
        ({"Ref": "List"}, ["a", "b"]),
        ({"Ref": "Open"}, "?parameter Open has no default"),
        ({"Ref": "Secret"}, "?parameter Secret is not shown (NoEcho)"),
        ({"Ref": "Stored"}, "?parameter Stored is read from the parameter store"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "AWS::Region"}, "?AWS::Region: known only when it is deployed"),
        ({"Ref": "AWS::StackName"}, "?AWS::StackName: known only when it is deployed"),
        ({"Ref": "Named"}, "n"),
        ({"Ref": "Plain"}, "?Plain: known only when it is deployed"),
        ({"Ref": "Key"}, "?Key: known only when it is deployed"),
        ({"Fn::GetAtt": "Named.Arn"}, "arn:aws:s3:::n"),
        ({"Fn::GetAtt": ["Named", "Arn"]}, "arn:aws:s3:::n"),
        ({"Fn::GetAtt": "Plain.Arn"}, "?Plain.Arn: known only when it is deployed"),
        ({"Fn::GetAtt": "Key.Arn"}, "?Key.Arn: known only when it is deployed"),
        ({"Fn::GetAtt": 3}, "?Fn::GetAtt without a resource and an attribute"),
        ({"Fn::Sub": "${Name}/${Days}/${!Kept}"}, "logs/30/${Kept}"),
        ({"Fn::Sub": ["${A}-${Name}", {"A": {"Ref": "Days"}}]}, "30-logs"),
        ({"Fn::Sub": "${Named.Arn}/*"}, "arn:aws:s3:::n/*"),
        ({"Fn::Sub": "${Key.Arn}"}, "?Key.Arn: known only when it is deployed"),
        ({"Fn::Sub": 3}, "?Fn::Sub without a text"),
        ({"Fn::Sub": "{{resolve:ssm:${Name}}}"}, "?a dynamic reference"),
        ("{{resolve:secretsmanager:x}}", "?a dynamic reference"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Days"}, True]]}, "a-30-true"),
        ({"Fn::Join": ["-", {"Ref": "List"}]}, "a-b"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Open"}]]}, "?parameter Open"),
        ({"Fn::Join": "x"}, "?Fn::Join without"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::Split": ["", "ab"]}, "?Fn::Split without"),
        ({"Fn::Select": [1, {"Ref": "List"}]}, "b"),
        ({"Fn::Select": ["0", ["x"]]}, "x"),
        ({"Fn::Select": [7, ["x"]]}, "?Fn::Select finds nothing"),
        ({"Fn::FindInMap": ["Map", "eu", "Days"]}, "90"),
        ({"Fn::FindInMap": ["Map", "eu", "Zones"]}, ["a", "b"]),
        # No stack can be made where the map has nothing.
        ({"Fn::FindInMap": ["Map", {"Ref": "AWS::Region"}, "Days"]}, "90"),
        ({"Fn::FindInMap": ["Map", "eu", {"Ref": "Open"}]}, "?parameter Open"),
        ({"Fn::FindInMap": ["Map", "us", "Days"]}, "?Fn::FindInMap finds nothing"),
        ({"Fn::FindInMap": ["Map", "us", "Days", {"DefaultValue": "1"}]}, "1"),
        ({"Fn::Length": [1, 2]}, 2),
        ({"Fn::ToJsonString": {"a": [1]}}, '{"a":[1]}'),
        ({"Fn::ImportValue": "x"}, "?Fn::ImportValue: known only"),
        ({"Fn::GetAZs": ""}, "?Fn::GetAZs: known only"),
        ({"Fn::Transform": {"Name": "x"}}, "?Fn::Transform"),
        ({"a": 1, "Fn::Transform": {}}, "?Fn::Transform adds"),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"Fn::If": ["No", "a", "b"]}, "b"),
        ({"Fn::If": ["Open", "a", "b"]}, "?condition Open: parameter Open"),
        ({"Fn::If": ["Open", "a", "a"]}, "a"),
        ({"Fn::If": ["Gone", "a", "b"]}, "?condition Gone: there is no condition"),
        ({"Fn::If": ["Yes"]}, "?Fn::If without"),
        ({"a": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, "b": 2}, {"b": 2}),
        ([{"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, 2], [2]),
        ({"Ref": "Round"}, "?Round refers to itself"),
        ({"a": {"b": {"Ref": "Open"}}}, {"a": {"b": "?b: parameter Open"}}),
    ],
)
def test_a_function_gives_what_it_gives_in_a_stack_or_is_unknown(
    written: Any, value: Any
) -> None:
    assert_like(plain(VALUES.resolve(written)), value)


def assert_like(found: Any, wanted: Any) -> None:
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for key, inner in wanted.items():
            assert_like(found[key], inner)
    elif isinstance(wanted, str) and wanted.startswith("?"):
        assert str(found).startswith(wanted)
    else:
        assert found == wanted


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("Yes", True),
        ("No", False),
        ("Same", True),
        ("Numbers", True),
        ("Either", True),
        ("Both", False),
        ("Open", None),
        ("Hangs", None),
        ("Loop", None),
        ("Odd", None),
        ("Gone", None),
    ],
)
def test_conditions_are_decided_by_kleenes_logic(name: str, truth: object) -> None:
    found = VALUES.condition(name)

    assert (None if isinstance(found, Unknown) else found) is truth


def test_no_value_alone_is_no_value() -> None:
    assert VALUES.resolve({"Ref": "AWS::NoValue"}) is NO_VALUE


def conditional(condition: dict[str, Any]) -> dict[str, Any]:
    written = template(
        Trail=("AWS::CloudTrail::Trail", {"IsLogging": True, "S3BucketName": "logs"}),
        Other=("AWS::CloudTrail::Trail", {"IsLogging": True, "S3BucketName": "other"}),
    )
    written["Parameters"] = {"P": {"Type": "String"}}
    written["Conditions"] = {"C": condition}
    written["Resources"]["Trail"]["Condition"] = "C"
    return written


def test_a_resource_whose_condition_is_false_is_not_there() -> None:
    settings = read(conditional({"Fn::Equals": ["a", "b"]}))

    assert [each["S3BucketName"] for each in settings.snapshot["trails"]] == ["other"]


def test_nobody_knows_whether_a_trail_records_that_may_not_be_made() -> None:
    settings = read(conditional({"Fn::Equals": [{"Ref": "P"}, "b"]}))
    first, second = settings.snapshot["trails"]

    assert isinstance(first["status"], Unknown)
    assert "whether it is made" in first["status"].reason
    assert second["status"] == {"IsLogging": True}


def test_properties_that_a_macro_makes_are_unknown_each() -> None:
    written = template(
        Trail=("AWS::CloudTrail::Trail", {"Fn::Transform": {"Name": "x"}})
    )
    body = read(written).snapshot["trails"][0]

    assert isinstance(body["LogFileValidationEnabled"], Unknown)
    assert isinstance(body["event_selectors"]["EventSelectors"], Unknown)


def bucket(*others: dict[str, Any], **properties: Any) -> dict[str, Any]:
    written = template(
        Trail=(
            "AWS::CloudTrail::Trail",
            {"IsLogging": True, "S3BucketName": {"Ref": "Logs"}},
        ),
        Logs=("AWS::S3::Bucket", properties),
    )
    for each in others:
        written["Resources"].update(each["Resources"])
    written["Parameters"] = {"P": {"Type": "String"}}
    body = plain(read(written).snapshot["buckets"][0])
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize(
    ("properties", "part", "expected"),
    [
        ({}, "name", "?Logs: known only when it is deployed"),
        ({}, "versioning", {}),
        ({}, "policy", None),
        ({}, "public_access_block", "?PublicAccessBlockConfiguration"),
        ({}, "encryption", {"Rules": [{
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False}]}),
        ({"VersioningConfiguration": {"Status": "Enabled"}},
         "versioning", {"Status": "Enabled"}),
        ({"VersioningConfiguration": {"Status": {"Ref": "P"}}},
         "versioning", {"Status": "?Status: parameter P has no default"}),
        ({"PublicAccessBlockConfiguration": {"BlockPublicAcls": "true"}},
         "public_access_block",
         {"BlockPublicAcls": True, "IgnorePublicAcls": False,
          "BlockPublicPolicy": False, "RestrictPublicBuckets": False}),
        ({"LoggingConfiguration": {"DestinationBucketName": "x"}},
         "logging", {"TargetBucket": "x"}),
        ({"BucketEncryption": {"ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}},
         "encryption", {"Rules": [{
             "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
             "BucketKeyEnabled": False}]}),
        ({"LifecycleConfiguration": {"Rules": [
            {"Id": "r", "Status": "Enabled", "ExpirationInDays": 30}]}},
         "lifecycle",
         {"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 30}}]}),
        ({"ObjectLockEnabled": True}, "object_lock", {"ObjectLockEnabled": "Enabled"}),
    ],
)  # fmt: skip
def test_each_property_of_a_bucket_is_where_aws_has_it(
    properties: dict[str, Any], part: str, expected: Any
) -> None:
    assert_like(bucket(**properties).get(part), expected)


def test_a_public_acl_is_given_as_its_grants() -> None:
    grants = bucket(AccessControl="PublicRead")["acl"]["Grants"]

    assert grants[1]["Grantee"]["URI"].endswith("/global/AllUsers")


POLICY: dict[str, Any] = {"Statement": []}


@pytest.mark.parametrize(
    ("name", "of", "found"),
    [
        (None, {"Ref": "Logs"}, POLICY),
        ("logs", "logs", POLICY),
        ("logs", {"Fn::Sub": "${Logs}"}, POLICY),
        ({"Ref": "P"}, {"Ref": "P"}, POLICY),
        ({"Fn::Sub": "x-${P}"}, {"Fn::Sub": "x-${P}"}, POLICY),
        ("logs", {"Ref": "P"}, "?AWS::S3::BucketPolicy: which is for Logs"),
        ("logs", {"Fn::ImportValue": "x"}, None),
        ("logs", "other", None),
    ],
)
def test_a_policy_finds_its_bucket_by_reference_name_or_expression(
    name: Any, of: Any, found: Any
) -> None:
    own = template(
        P=("AWS::S3::BucketPolicy", {"Bucket": of, "PolicyDocument": POLICY})
    )
    properties = {} if name is None else {"BucketName": name}

    assert_like(bucket(own, **properties).get("policy"), found)


def test_a_bucket_no_trail_uses_is_judged_only_if_its_policy_lets_cloudtrail_in() -> (
    None
):
    letting = {"Statement": [{"Principal": {"Service": "cloudtrail.amazonaws.com"}}]}
    written = template(
        Site=("AWS::S3::Bucket", {"BucketName": "site"}),
        Logs=("AWS::S3::Bucket", {"BucketName": "logs"}),
        Let=("AWS::S3::BucketPolicy", {"Bucket": "logs", "PolicyDocument": letting}),
    )

    (body,) = read(written).snapshot["buckets"]
    assert body["name"] == "logs"


def test_the_chain_of_an_alarm_is_read() -> None:
    written = template(
        Trail=(
            "AWS::CloudTrail::Trail",
            {
                "IsLogging": True,
                "S3BucketName": "logs",
                "KMSKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
                "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": "Group.Arn"},
            },
        ),
        Key=("AWS::KMS::Key", {"EnableKeyRotation": True, "KeyPolicy": POLICY}),
        Group=("AWS::Logs::LogGroup", {"LogGroupName": "ct", "RetentionInDays": 365}),
        Filter=(
            "AWS::Logs::MetricFilter",
            {
                "LogGroupName": {"Ref": "Group"},
                "FilterPattern": "{ $.x = 1 }",
                "ApplyOnTransformedLogs": "true",
                "FieldSelectionCriteria": "@aws.region = us-east-1",
                "EmitSystemFieldDimensions": ["@aws.region"],
                "MetricTransformations": [
                    {"MetricName": "M", "MetricNamespace": "N", "MetricValue": "1"}
                ],
            },
        ),
        Alarm=(
            "AWS::CloudWatch::Alarm",
            {
                "AlarmName": "a",
                "MetricName": "M",
                "Namespace": "N",
                "ActionsEnabled": "false",
                "AlarmActions": [{"Ref": "Topic"}],
            },
        ),
        Topic=(
            "AWS::SNS::Topic",
            {"Subscription": [{"Protocol": "email", "Endpoint": "soc@example.com"}]},
        ),
        Sub=(
            "AWS::SNS::Subscription",
            {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs"},
        ),
        TopicPolicy=(
            "AWS::SNS::TopicPolicy",
            {"Topics": [{"Ref": "Topic"}], "PolicyDocument": POLICY},
        ),
    )
    body = plain(read(written).snapshot)

    assert body["kms_keys"][0]["rotation"] == {"KeyRotationEnabled": True}
    assert body["kms_keys"][0]["metadata"]["KeyState"] == "Enabled"
    assert body["kms_keys"][0]["policy"] == POLICY
    assert body["log_groups"][0]["logGroupName"] == "ct"
    assert body["log_groups"][0]["retentionInDays"] == 365
    assert body["metric_filters"][0]["logGroupName"] == "ct"
    assert body["metric_filters"][0]["applyOnTransformedLogs"] is True
    assert body["metric_filters"][0]["fieldSelectionCriteria"].startswith("@aws")
    assert body["metric_filters"][0]["emitSystemFieldDimensions"] == ["@aws.region"]
    assert body["metric_filters"][0]["metricTransformations"] == [
        {"metricName": "M", "metricNamespace": "N", "metricValue": "1"}
    ]
    assert body["alarms"][0]["ActionsEnabled"] is False
    topic = body["sns_topics"][0]
    assert [each["Protocol"] for each in topic["subscriptions"]] == ["email", "sqs"]
    assert topic["policy"] == POLICY


@pytest.mark.parametrize(
    ("properties", "key", "expected"),
    [
        ({}, "Status", "ENABLED"),
        ({"IngestionEnabled": False}, "Status", "STOPPED_INGESTION"),
        ({"IngestionEnabled": {"Ref": "X"}}, "Status", "?IngestionEnabled: X"),
        ({}, "MultiRegionEnabled", "?MultiRegionEnabled: no default"),
        ({"MultiRegionEnabled": True}, "MultiRegionEnabled", True),
        ({}, "OrganizationEnabled", False),
        ({}, "TerminationProtectionEnabled", True),
        ({"RetentionPeriod": 90}, "RetentionPeriod", 90),
        ({}, "RetentionPeriod", 366),
        ({"BillingMode": "FIXED_RETENTION_PRICING"}, "RetentionPeriod", 2557),
        ({}, "AdvancedEventSelectors", []),
    ],
)
def test_each_property_of_an_event_data_store_is_where_aws_has_it(
    properties: dict[str, Any], key: str, expected: Any
) -> None:
    written = template(Lake=("AWS::CloudTrail::EventDataStore", properties))

    assert_like(plain(read(written).snapshot["event_data_stores"][0])[key], expected)


def test_an_identity_pool_has_its_roles_and_defaults() -> None:
    written = template(
        Pool=("AWS::Cognito::IdentityPool", {"AllowUnauthenticatedIdentities": True}),
        Roles=(
            "AWS::Cognito::IdentityPoolRoleAttachment",
            {
                "IdentityPoolId": {"Ref": "Pool"},
                "Roles": {"unauthenticated": "arn:aws:iam::123456789012:role/guest"},
                "RoleMappings": {
                    "any": {"IdentityProvider": "graph.facebook.com", "Type": "Token"}
                },
            },
        ),
    )
    body = plain(read(written).snapshot["identity_pools"][0])

    assert body["arn"].startswith("?")
    assert body["AllowUnauthenticatedIdentities"] is True
    assert body["AllowClassicFlow"] is False
    assert body["roles"]["RoleMappings"] == {"graph.facebook.com": {"Type": "Token"}}


def test_the_web_acl_of_a_user_pool_is_an_association_beside_it() -> None:
    pool = ("AWS::Cognito::UserPool", {"UserPoolName": "shop"})
    association = {
        "ResourceArn": {"Fn::GetAtt": ["Pool", "Arn"]},
        "WebACLArn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b",
    }
    tied = template(Pool=pool, Acl=("AWS::WAFv2::WebACLAssociation", association))
    (held,) = read(tied).snapshot["user_pools"]
    assert held["web_acl"] == {"ARN": association["WebACLArn"]}
    (alone,) = read(template(Pool=pool)).snapshot["user_pools"]
    assert isinstance(alone["web_acl"], Unknown)
    assert alone["web_acl"].cause is Cause.UNDECLARED


def test_a_user_pool_has_clients_factors_and_risk_settings() -> None:
    of = {"UserPoolId": {"Ref": "Pool"}}
    kind = "AWS::Cognito::UserPoolRiskConfigurationAttachment"
    written = template(
        Pool=(
            "AWS::Cognito::UserPool",
            {
                "MfaConfiguration": "OPTIONAL",
                "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
                "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
                "Policies": {"PasswordPolicy": {"RequireNumbers": "false"}},
            },
        ),
        Client=("AWS::Cognito::UserPoolClient", {**of, "GenerateSecret": True}),
        Risk=(kind, {**of, "ClientId": "ALL", "RiskExceptionConfiguration": {}}),
        Own=(kind, {**of, "ClientId": {"Ref": "Client"}}),
    )
    body = plain(read(written).snapshot["user_pools"][0])

    assert body["MfaConfiguration"] == "OPTIONAL"
    assert body["mfa_config"] == {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }
    assert body["UserPoolAddOns"] == {"AdvancedSecurityMode": "AUDIT"}
    assert body["Policies"] == {
        "PasswordPolicy": {"RequireNumbers": False},
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
    }
    assert body["DeletionProtection"] == "INACTIVE"
    assert body["clients"][0]["has_client_secret"] is True
    assert body["risk_configuration"]["ClientId"] == "ALL"


TRAIL = "Resources:\n  A:\n    Type: AWS::CloudTrail::Trail"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Resources:\n  A: [", "line "),
        ("Resources:\n  A: &x 1\n  B: *x\n", "line 2"),
        ("Resources:\n  A: !Unheard x\n", "line 2"),
        ("a: 1", "no CloudFormation template"),
        ("Resources: {A: {Type: x}}", "no CloudFormation template"),
        ("", "no CloudFormation template"),
        ("Resources:\n  A: " + "[" * 500, "nested deeper"),
        ('{"Resources": ' + "[" * 900 + "]" * 900 + "}", "nested deeper"),
        ('{"Resources": ' + "[" * 90_000, "nested deeper"),
        ("Resources: " + "x" * cloudformation.MAX_BYTES, "too large"),
        ("Resources:\n- Type: AWS::S3::Bucket", "line 1: Resources is a list"),
        (f"{TRAIL}\n    Properties: [a]", "line 4: the Properties of the resource A"),
        (f"{TRAIL}\n    properties: {{}}", "line 4: properties of the resource A: wri"),
        (f"{TRAIL}\n    Condition: [a]", "line 4: the Condition of the resource A"),
        (f"{TRAIL}\n  B: text", "line 4: the resource B is text, not a map"),
        (f"{TRAIL}\n  B:\n    Type: []", "line 5: the Type of the resource B is a l"),
        (f"{TRAIL}\nConditions: [a]", "line 4: Conditions is a list, not a map"),
        (f"{TRAIL}\nParameters:\n  P: 1", "line 5: P in Parameters is a number"),
        (f"{TRAIL}\nOutputs: text", "line 4: Outputs is text, not a map"),
        (
            '{"Resources":\n{"A":\n {"Type": "AWS::S3::Bucket",\n"Properties": 1}}}',
            "4:",
        ),
    ],
)
def test_what_is_no_template_is_said_with_its_line(text: str, reason: str) -> None:
    found = load(text)

    assert isinstance(found, Unreadable)
    assert reason in found.reason


def test_names_that_double_each_other_do_not_grow_without_end() -> None:
    written = template(
        **{
            f"B{n}": (
                "AWS::S3::Bucket",
                {"BucketName": {"Fn::Sub": f"${{B{n + 1}}}${{B{n + 1}}}"}},
            )
            for n in range(60)
        },
        B60=("AWS::S3::Bucket", {"BucketName": "x"}),
        Trail=(
            "AWS::CloudTrail::Trail",
            {"IsLogging": True, "S3BucketName": {"Ref": "B0"}},
        ),
    )
    begun = time.process_time()

    body = read(written).snapshot["trails"][0]

    assert isinstance(body["S3BucketName"], Unknown)
    assert f"{MAX_TEXT:,}" in body["S3BucketName"].reason
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("kind", ["Conditions", "Resources"])
def test_a_chain_of_thousands_is_unknown_and_no_crash(kind: str) -> None:
    written = template(
        Trail=(
            "AWS::CloudTrail::Trail",
            {"IsLogging": {"Fn::If": ["C0", True, False]}},
        ),
        **{
            f"B{n}": ("AWS::S3::Bucket", {"BucketName": {"Ref": f"B{n + 1}"}})
            for n in range(3000)
        },
    )
    written["Conditions"] = {
        f"C{n}": {"Fn::Not": [{"Condition": f"C{n + 1}"}]} for n in range(3000)
    }
    if kind == "Resources":
        written["Resources"]["Trail"]["Properties"] = {"S3BucketName": {"Ref": "B0"}}

    body = read(written).snapshot["trails"][0]

    unknown = (
        body["S3BucketName"] if kind == "Resources" else body["status"]["IsLogging"]
    )
    assert isinstance(unknown, Unknown)


def test_a_megabyte_of_placeholders_is_read_in_seconds() -> None:
    text = json.dumps({"Fn::Sub": "${Trail}" * 100_000})
    written = (
        '{"Resources": {"Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": '
        f'{{"S3BucketName": {text}}}}}}}}}'
    )
    begun = time.process_time()

    assert isinstance(load(written), Settings)
    assert time.process_time() - begun < 5


NODE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["T", "C", "P", "${T}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "Ref Fn::Sub Fn::If Fn::Join Fn::GetAtt Fn::Select Fn::Split Condition "
                "Fn::FindInMap Fn::Equals Fn::And Fn::Not Fn::Transform a b".split()
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=15,
)


@given(NODE, NODE, NODE, NODE)
def test_any_functions_anywhere_give_settings(
    properties: Any, condition: Any, parameter: Any, existence: Any
) -> None:
    resource = {"Type": "AWS::CloudTrail::Trail", "Condition": existence}
    written = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"P": parameter},
        "Conditions": {"C": condition},
        "Resources": {
            "T": {**resource, "Properties": properties},
            "U": {**resource, "Properties": {"S3BucketName": properties}},
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": properties}},
            "Q": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": properties},
            },
        },
    }

    found = load(json.dumps(written))

    if any(mistakes(written)):
        assert isinstance(found, Unreadable)
    else:
        assert isinstance(found, Settings)


def nested_sub(depth: int, times: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"Fn::Sub": ["${A}" * times, {"A": value}]}
    return value


@pytest.mark.parametrize(("depth", "times"), [(3, 1_000), (20, 50), (40, 2), (90, 2)])
def test_nested_substitutions_end_at_once(depth: int, times: int) -> None:
    start = time.process_time()
    found = Intrinsics({}).resolve(nested_sub(depth, times))

    assert time.process_time() - start < 2
    assert isinstance(found, Unknown)
    assert Intrinsics({}).resolve(nested_sub(3, 10)) == "x" * 1_000


def test_all_texts_of_a_template_have_a_bound_together() -> None:
    many = [{"Fn::Sub": "${A}" * 16} for _ in range(2_000)]
    some = {"Parameters": {"A": {"Type": "String", "Default": "a" * 4_000}}}

    found = Intrinsics(some).resolve(many)

    assert found[0] == "a" * 64_000
    assert isinstance(found[-1], Unknown)
    assert sum(len(each) for each in found if isinstance(each, str)) <= 16 << 20
