"""Test the collector against moto, and by hooks where moto is silent."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError
from botocore.loaders import create_loader
from botocore.validate import ParamValidator
from moto import mock_aws
from moto.server import ThreadedMotoServer

from checker import documents
from checker.sources.settings import account
from checker.sources.settings import snapshot as snapshots
from checker.sources.settings.account import identity
from checker.sources.settings.account.calls import Answer, Caller, Question

ACCOUNT = "123456789012"
MANAGEMENT = "210987654321"
REGIONS = ("us-east-1", "eu-west-1")
BUCKET = "org-audit-logs"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:ct"
MAIN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
ORG = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/org"
SINK = f"arn:aws:oam:us-east-1:{ACCOUNT}:sink/EXAMPLE"
STORE = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/EXAMPLE-"
ROLES = {
    "Roles": {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"},
    "RoleMappings": {},
}

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "polly:*", "Resource": "*"}],
}

Parsed = dict[str, Any]
Asked = SimpleNamespace
Giver = Callable[[Asked], Parsed | None]


def answer(
    session: boto3.Session,
    event: str,
    give: Parsed | Giver,
    *,
    fallback: bool = False,
) -> None:
    """Answer one operation (`cloudtrail.GetTrailStatus`) in AWS's stead.

    A `fallback` speaks only where no other answer to the operation was given.
    """

    def handler(model: Any, params: Any, context: Any, **_: Any) -> Any:
        body = params.get("body")
        text = body if isinstance(body, (str, bytes)) else b""
        asked = Asked(
            region=context["client_region"],
            body=json.loads(text) if text[:1] in ("{", b"{") else {},
            form=body if isinstance(body, dict) else {},
            headers=params.get("headers", {}),
            path=params.get("url_path", ""),
        )
        parsed = give(asked) if callable(give) else give
        if parsed is None:
            return None
        if "Error" not in parsed and model.output_shape:
            wrong = ParamValidator().validate(parsed, model.output_shape)
            assert not wrong.has_errors(), wrong.generate_report()
        status = 400 if "Error" in parsed else 200
        parsed = {"ResponseMetadata": {"HTTPStatusCode": status}, **parsed}
        return AWSResponse(
            "https://example.invalid", status, HTTPHeaders(), None
        ), parsed

    register = session.events.register if fallback else session.events.register_first
    register(f"before-call.{event}", handler)


def refusal(code: str, message: str = "no") -> Parsed:
    return {"Error": {"Code": code, "Message": message}}


def fill_gaps(session: boto3.Session) -> None:
    """Answer what moto does not, or not soon, as AWS does for a plain account."""
    idp = "cognito-identity-provider"
    # moto knows the Regions, but reads a catalogue of machine images first.
    regions = [
        {"RegionName": name, "OptInStatus": "opt-in-not-required"}
        for name in (*REGIONS, "ap-southeast-2")
    ]
    delivery = {"UserPoolId": "x", "LogConfigurations": []}
    for event, give in {
        "ec2.DescribeRegions": {"Regions": regions},
        "cloudtrail.GetInsightSelectors": refusal("InsightNotEnabledException"),
        "cloudtrail.GetEventConfiguration": {"AggregationConfigurations": []},
        "cloudtrail.ListEventDataStores": {"EventDataStores": []},
        "cognito-identity.GetIdentityPoolRoles": ROLES,
        f"{idp}.DescribeRiskConfiguration": refusal("UserPoolAddOnNotEnabledException"),
        f"{idp}.GetLogDeliveryConfiguration": {"LogDeliveryConfiguration": delivery},
        "organizations.DescribeOrganization": refusal(
            "AWSOrganizationsNotInUseException"
        ),
        "iam.ListOrganizationsFeatures": refusal("OrganizationNotFound"),
        "accessanalyzer.ListAnalyzers": {"analyzers": []},
        "oam.ListSinks": {"Items": []},
        "oam.ListLinks": {"Items": []},
        "guardduty.ListDetectors": {"DetectorIds": []},
        "securityhub.DescribeHub": refusal("InvalidAccessException"),
        "config.DescribeConfigurationAggregators": {"ConfigurationAggregators": []},
    }.items():
        answer(session, event, give, fallback=True)


def build(session: boto3.Session) -> None:
    """Set up an account with one of everything that a snapshot looks at."""
    key = session.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(
        Bucket=BUCKET,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": []}),
    )
    s3.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    topic = session.client("sns").create_topic(Name="alerts")["TopicArn"]
    session.client("sns").subscribe(
        TopicArn=topic,
        Protocol="https",
        Endpoint="https://user:pw@hooks.example.com/integration/SECRETKEY?t=SECRETKEY",
    )
    logs = session.client("logs")
    logs.create_log_group(logGroupName="ct")
    logs.create_log_group(logGroupName="ct-other")
    logs.put_retention_policy(logGroupName="ct", retentionInDays=365)
    logs.put_metric_filter(
        logGroupName="ct",
        filterName="root",
        filterPattern='{ $.userIdentity.type = "Root" }',
        metricTransformations=[
            {"metricName": "Root", "metricNamespace": "CT", "metricValue": "1"}
        ],
    )
    cloudwatch = session.client("cloudwatch")
    for name, metric, action in (
        ("root", "Root", topic),
        ("cpu", "CPU", f"arn:aws:sns:us-east-1:{ACCOUNT}:unrelated"),
    ):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            MetricName=metric,
            Namespace="CT",
            AlarmActions=[action],
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            EvaluationPeriods=1,
            Period=300,
            Statistic="Sum",
            Threshold=1.0,
        )
    cloudtrail = session.client("cloudtrail")
    cloudtrail.create_trail(
        Name="main",
        S3BucketName=BUCKET,
        IsMultiRegionTrail=True,
        KmsKeyId=key,
        CloudWatchLogsLogGroupArn=f"{GROUP}:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/ct",
        TagsList=[{"Key": "owner", "Value": "sec"}],
    )
    cloudtrail.start_logging(Name="main")
    cloudtrail.put_event_selectors(
        TrailName="main",
        EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}],
    )
    europe = session.client("cloudtrail", region_name="eu-west-1")
    europe.create_trail(Name="cognito-eu", S3BucketName=BUCKET)
    session.client("cognito-identity", region_name="eu-west-1").create_identity_pool(
        IdentityPoolName="shop", AllowUnauthenticatedIdentities=True
    )
    users = session.client("cognito-idp")
    pool = users.create_user_pool(PoolName="people")["UserPool"]["Id"]
    users.create_user_pool_client(
        UserPoolId=pool, ClientName="web", GenerateSecret=True
    )
    iam = session.client("iam")
    iam.create_user(UserName="alice")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument="a" * 1000)
    build_guest_role(iam)
    session.client("config").put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config",
            "recordingGroup": {
                "allSupported": True,
                "includeGlobalResourceTypes": True,
            },
        }
    )
    logs.put_resource_policy(policyName="dns", policyDocument=json.dumps(POLICY))


def build_guest_role(iam: Any) -> None:
    """Make the role that the identity pool gives to guests, and policies beside it."""
    text = json.dumps(POLICY)
    iam.create_role(RoleName="guest", AssumeRolePolicyDocument=text)
    iam.put_role_policy(RoleName="guest", PolicyName="own", PolicyDocument=text)
    shared = iam.create_policy(PolicyName="shared", PolicyDocument=text)["Policy"]
    iam.attach_role_policy(RoleName="guest", PolicyArn=shared["Arn"])
    iam.put_user_policy(UserName="alice", PolicyName="notes", PolicyDocument=text)


LOADER = create_loader()


def new_session() -> boto3.Session:
    """Open a session; all share one loader, for reading the models takes longest."""
    below = botocore.session.get_session()
    below.register_component("data_loader", LOADER)
    return boto3.Session(region_name="us-east-1", botocore_session=below)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setattr(identity, "PAUSE_SECONDS", 0)
    with mock_aws():
        opened = new_session()
        build(opened)
        fill_gaps(opened)
        yield opened


def collect(session: boto3.Session, regions: Any = REGIONS) -> Parsed:
    snapshot = account.collect(session, regions=regions, attempts=1)
    text = snapshots.write(snapshot)
    assert documents.check(documents.load_json("s.json", text), "snapshot") == []
    return snapshot


def trail(snapshot: Parsed, arn: str = MAIN) -> Parsed:
    (found,) = [row for row in snapshot["trails"] if row["TrailARN"] == arn]
    return dict(found)


def row(snapshot: Parsed, operation: str) -> Parsed:
    found = [error for error in snapshot["errors"] if error["operation"] == operation]
    assert found, snapshot["errors"]
    return dict(found[0])


def test_a_plain_account_is_collected_without_an_error(session: boto3.Session) -> None:
    snapshot = collect(session)
    assert snapshot["errors"] == []
    assert set(snapshot["_state"].values()) == {"ok", "absent"}
    assert snapshot["account"]["id"] == ACCOUNT
    assert snapshot["account"]["organization"] is None
    assert snapshot["account"]["_state"]["organization"] == "absent"
    main = trail(snapshot)
    assert main["owned"] is True
    assert main["tags"] == {"owner": "sec"}
    assert main["status"]["IsLogging"] is True
    assert main["insight_selectors"] is None
    assert main["_state"]["insight_selectors"] == "absent"
    (bucket,) = snapshot["buckets"]
    assert len(bucket["used_by"]) == 2
    assert bucket["policy"] == {"Version": "2012-10-17", "Statement": []}
    assert bucket["versioning"] == {"Status": "Enabled"}
    for part in ("public_access_block", "object_lock", "lifecycle", "logging"):
        assert (bucket[part], bucket["_state"][part]) == (None, "absent")
    (key,) = snapshot["kms_keys"]
    assert key["rotation"]["KeyRotationEnabled"] is False
    assert key["policy"]["Version"] == "2012-10-17"
    (pool,) = snapshot["identity_pools"]
    assert pool["roles"] == ROLES
    assert pool["arn"].endswith(f":{ACCOUNT}:identitypool/{pool['IdentityPoolId']}")
    assert snapshot["iam"]["_state"]["password_policy"] == "absent"


def test_a_log_group_is_followed_to_its_filters_alarms_and_topics(
    session: boto3.Session,
) -> None:
    snapshot = collect(session)
    (group,) = snapshot["log_groups"]
    assert (group["arn"], group["retentionInDays"]) == (GROUP, 365)
    (found,) = snapshot["metric_filters"]
    assert found["log_group_arn"] == GROUP
    assert [alarm["AlarmName"] for alarm in snapshot["alarms"]] == ["cpu", "root"]
    # The topic of an alarm on some other metric is nobody's business here.
    (topic,) = snapshot["sns_topics"]
    assert topic["TopicArn"].endswith(":alerts")
    assert topic["policy"]["Version"]
    assert "Policy" not in topic["attributes"]


def test_composite_alarms_are_followed_whatever_they_stand_over(
    session: boto3.Session,
) -> None:
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:"
    composites = [
        {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}",
            "AlarmRule": rule,
            "AlarmActions": [topic + re.sub(r'["\\]', "", name)],
        }
        for name, rule in (
            ("above", r'OK("quo\"\\ted")'),
            (r'quo"\ted', "ALARM(root)"),
            ("other", "ALARM(cpu)"),
        )
    ]
    metric = {"Namespace": "CT", "MetricName": "Root", "AlarmActions": []}
    root = {"AlarmName": "root", "AlarmArn": f"{topic}root", **metric}

    both = {"MetricAlarms": [root], "CompositeAlarms": composites}
    answer(session, "cloudwatch.DescribeAlarms", both)

    topics = [row["TopicArn"] for row in collect(session)["sns_topics"]]

    assert topics == [topic + name for name in ("above", "quoted")]


def test_a_trail_that_shows_in_every_region_is_asked_about_once_at_home(
    session: boto3.Session,
) -> None:
    asked: list[tuple[str, str]] = []

    def listen(question: Asked) -> None:
        asked.append((question.region, question.body["TrailName"]))

    answer(session, "cloudtrail.GetEventSelectors", listen)
    snapshot = collect(session, ["eu-west-1"])
    europe = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/cognito-eu"
    assert [row["TrailARN"] for row in snapshot["trails"]] == [europe, MAIN]
    assert sorted(asked) == [("eu-west-1", europe), ("us-east-1", MAIN)]


def test_every_region_that_is_on_is_scanned_when_none_is_named(
    session: boto3.Session,
) -> None:
    regions = [
        {"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"},
        {"RegionName": "af-south-1", "OptInStatus": "not-opted-in"},
        {"RegionName": "me-south-1", "OptInStatus": "opted-in"},
    ]
    answer(session, "ec2.DescribeRegions", {"Regions": regions})
    snapshot = collect(session, None)
    assert snapshot["account"]["regions_scanned"] == ["eu-west-1", "me-south-1"]


def test_without_a_list_of_regions_those_that_botocore_knows_are_tried(
    session: boto3.Session,
) -> None:
    answer(session, "ec2.DescribeRegions", refusal("UnauthorizedOperation"))
    snapshot = collect(session, None)
    assert {"us-east-1", "eu-west-1"} < set(snapshot["account"]["regions_scanned"])
    assert snapshot["account"]["_state"]["regions_enabled"] == "denied"
    assert row(snapshot, "describe_regions")["code"] == "UnauthorizedOperation"


def test_default_selectors_are_kept_as_aws_gives_them(session: boto3.Session) -> None:
    default = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
    given = {"TrailARN": MAIN, "EventSelectors": [default]}
    answer(session, "cloudtrail.GetEventSelectors", given)
    main = trail(collect(session))
    assert main["event_selectors"] == {"EventSelectors": [default]}
    assert main["_state"]["event_selectors"] == "ok"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("AccessDeniedException", "denied"),
        ("403", "denied"),
        ("NoManagementAccountSLRExistsException", "denied"),
        ("ThrottlingException", "throttled"),
        ("UnsupportedOperationException", "unsupported"),
        ("TrailNotFoundException", "gone"),
        ("InsightNotEnabledException", "absent"),
        ("SomethingNewException", "error"),
    ],
)
def test_each_code_of_aws_has_its_state(code: str, state: str) -> None:
    with mock_aws():
        session = new_session()
        answer(session, "cloudtrail.GetInsightSelectors", refusal(code))
        caller = Caller(session, attempts=1, home="us-east-1")
        none = frozenset({"InsightNotEnabledException"})
        question = Question(
            "cloudtrail", "get_insight_selectors", "us-east-1", "x", None, none
        )
        assert caller.ask(question, TrailName=MAIN) == Answer(state, {})
    noted = [error["state"] for error in caller.errors]
    assert noted == ([] if state == "absent" else [state])


def test_a_call_that_this_botocore_does_not_know_is_unsupported() -> None:
    with mock_aws():
        caller = Caller(new_session(), attempts=1, home="us-east-1")
        question = Question("cloudtrail", "get_the_moon", "us-east-1", "x")
        assert caller.ask(question).state == "unsupported"
    assert caller.errors[0]["code"] == "NoSuchCallError"


def test_a_refused_call_is_a_state_and_an_error_row_with_its_code(
    session: boto3.Session,
) -> None:
    code = "AccessDeniedException"
    answer(session, "cloudtrail.GetTrailStatus", refusal(code, "because"))
    snapshot = collect(session, ["us-east-1"])
    main = trail(snapshot)
    assert (main["status"], main["_state"]["status"]) == (None, "denied")
    assert main["_state"]["event_selectors"] == "ok"
    error = row(snapshot, "get_trail_status")
    assert error == {
        "service": "cloudtrail",
        "operation": "get_trail_status",
        "region": "us-east-1",
        "resource": MAIN,
        "section": "trails.status",
        "code": code,
        "state": "denied",
        "message": "because",
    }


def test_a_listing_denied_in_one_region_keeps_what_the_others_gave(
    session: boto3.Session,
) -> None:
    def deny_one(asked: Asked) -> Parsed | None:
        refused = asked.region == "us-east-1"
        return refusal("AccessDeniedException") if refused else None

    answer(session, "cognito-identity.ListIdentityPools", deny_one)
    snapshot = collect(session)
    assert len(snapshot["identity_pools"]) == 1
    assert snapshot["_state"]["identity_pools"] == "denied"
    assert row(snapshot, "list_identity_pools")["region"] == "us-east-1"


def test_what_trails_point_at_is_known_no_better_than_the_trails(
    session: boto3.Session,
) -> None:
    answer(session, "cloudtrail.DescribeTrails", refusal("AccessDeniedException"))
    states = collect(session)["_state"]
    after = ("buckets", "kms_keys", "log_groups", "metric_filters", "alarms")
    for section in ("trails", *after, "sns_topics"):
        assert states[section] == "denied"
    assert states["user_pools"] == "ok"


def test_a_region_that_is_off_is_unsupported_and_refused_credentials_are_denied(
    session: boto3.Session,
) -> None:
    answer(
        session,
        "ec2.DescribeRegions",
        {
            "Regions": [
                {"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}
            ]
        },
    )

    def refuse(asked: Asked) -> Parsed | None:
        return refusal("UnrecognizedClientException")

    answer(session, "cognito-identity-provider.ListUserPools", refuse)
    snapshot = collect(session)
    states = {
        error["region"]: error["state"]
        for error in snapshot["errors"]
        if error["operation"] == "list_user_pools"
    }
    assert states == {"us-east-1": "denied", "eu-west-1": "unsupported"}


def test_a_trail_whose_home_region_is_off_keeps_its_row_with_unsupported_parts(
    session: boto3.Session,
) -> None:
    regions = [{"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"}]
    answer(session, "ec2.DescribeRegions", {"Regions": regions})

    def off(asked: Asked) -> Parsed | None:
        is_off = asked.region == "us-east-1"
        return refusal("UnrecognizedClientException") if is_off else None

    for operation in ("GetTrailStatus", "GetEventSelectors"):
        answer(session, f"cloudtrail.{operation}", off)
    states = trail(collect(session, None))["_state"]
    assert states["status"] == states["event_selectors"] == "unsupported"


@pytest.mark.parametrize(
    ("region", "state"), [("eu-west-1", "error"), ("xx-nowhere-1", "unsupported")]
)
def test_an_endpoint_out_of_reach_is_an_error_where_the_service_should_be(
    session: boto3.Session, region: str, state: str
) -> None:
    def unreachable(asked: Asked) -> Parsed | None:
        if asked.region == region:
            raise EndpointConnectionError(endpoint_url="https://example.invalid")
        return None

    for service, operation in (
        ("cognito-identity", "ListIdentityPools"),
        ("cognito-identity-provider", "ListUserPools"),
        ("cloudtrail", "DescribeTrails"),
        ("cloudtrail", "ListEventDataStores"),
        ("config-service", "DescribeConfigurationRecorders"),
    ):
        answer(session, f"{service}.{operation}", unreachable)
    snapshot = collect(session, ["us-east-1", region])
    assert row(snapshot, "list_identity_pools")["state"] == state
    # A Region that has no such service holds no pools to miss.
    expected = {"error": "error", "unsupported": "ok"}[state]
    assert snapshot["_state"]["identity_pools"] == expected


def test_an_organization_trail_seen_from_a_member_is_denied_part_by_part(
    session: boto3.Session,
) -> None:
    shadow = {
        "TrailARN": ORG,
        "Name": "org",
        "HomeRegion": "us-east-1",
        "S3BucketName": "management-logs",
        "IsMultiRegionTrail": True,
        "IsOrganizationTrail": True,
        "CloudWatchLogsLogGroupArn": f"arn:aws:logs:us-east-1:{MANAGEMENT}"
        ":log-group:org:*",
    }
    organization = {"Id": "o-exampleorgid", "MasterAccountId": MANAGEMENT}
    answer(
        session, "organizations.DescribeOrganization", {"Organization": organization}
    )
    answer(session, "cloudtrail.DescribeTrails", {"trailList": [shadow]})
    for operation in ("GetTrailStatus", "GetEventSelectors", "GetInsightSelectors"):
        code = "AccessDeniedException"
        answer(session, f"cloudtrail.{operation}", refusal(code))
    answer(session, "s3", refusal("AccessDenied"))
    snapshot = collect(session)
    assert snapshot["account"]["organization"] == organization
    org = trail(snapshot, ORG)
    assert org["owned"] is False
    parts = ("status", "event_selectors", "insight_selectors", "tags")
    assert {org["_state"][part] for part in parts} == {"denied"}
    (bucket,) = snapshot["buckets"]
    assert set(bucket["_state"].values()) == {"denied"}
    # The member's own log group of the same name is not the trail's.
    (group,) = snapshot["log_groups"]
    assert group["_state"]["retentionInDays"] == "denied"
    assert snapshot["_state"]["metric_filters"] == "denied"
    settled = snapshots.settle(snapshot)
    reason = settled["trails"][0]["status"].reason
    assert reason == f"the status of the trail {ORG} was denied (AccessDeniedException)"


def test_a_bucket_that_does_not_exist_is_gone(session: boto3.Session) -> None:
    session.client("s3").delete_bucket(Bucket=BUCKET)
    (bucket,) = collect(session)["buckets"]
    assert set(bucket["_state"].values()) == {"gone"}


def test_a_bucket_is_asked_about_in_its_own_region(session: boto3.Session) -> None:
    session.client("s3", region_name="ap-southeast-2").create_bucket(
        Bucket="down-under",
        CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"},
    )
    session.client("cloudtrail").create_trail(Name="far", S3BucketName="down-under")
    asked: list[str] = []

    def listen(question: Asked) -> None:
        asked.append(question.region)

    answer(session, "s3.GetBucketVersioning", listen)
    snapshot = collect(session)
    regions = {bucket["name"]: bucket["region"] for bucket in snapshot["buckets"]}
    assert regions == {BUCKET: "us-east-1", "down-under": "ap-southeast-2"}
    assert sorted(asked) == ["ap-southeast-2", "us-east-1"]


def test_event_data_stores_are_paged_by_hand_and_each_is_asked_for(
    session: boto3.Session,
) -> None:
    def page(asked: Asked) -> Parsed:
        if asked.region != "us-east-1":
            return {"EventDataStores": []}
        token = asked.body.get("NextToken")
        number = int((token or "page-0").removeprefix("page-"))
        store = {"EventDataStoreArn": f"{STORE}{number}", "Name": f"lake{number}"}
        more = {"NextToken": f"page-{number + 1}"} if number < 2 else {}
        return {"EventDataStores": [store], **more}

    def get(asked: Asked) -> Parsed:
        arn = asked.body["EventDataStore"]
        if arn.endswith("2"):
            return refusal("AccessDeniedException")
        created = dt.datetime(
            2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=1))
        )
        return {
            "EventDataStoreArn": arn,
            "Status": "ENABLED",
            "CreatedTimestamp": created,
        }

    answer(session, "cloudtrail.ListEventDataStores", page)
    answer(session, "cloudtrail.GetEventDataStore", get)
    first, second, third = collect(session)["event_data_stores"]
    assert [first["Status"], second["Status"]] == ["ENABLED", "ENABLED"]
    assert first["CreatedTimestamp"] == "2026-01-02T02:04:05Z"
    # What the denied call would have told is not left out in silence.
    assert third["Name"] == "lake2"
    assert third["_state"]["RetentionPeriod"] == "denied"
    assert third["_state"]["AdvancedEventSelectors"] == "denied"


def test_a_page_token_that_comes_back_is_a_broken_answer(
    session: boto3.Session,
) -> None:
    page = {"EventDataStores": [], "NextToken": "again"}
    answer(session, "cloudtrail.ListEventDataStores", page)
    snapshot = collect(session)
    assert snapshot["event_data_stores"] == []
    assert snapshot["_state"]["event_data_stores"] == "error"
    assert row(snapshot, "list_event_data_stores")["code"] == "BrokenAnswer"


def test_clients_beyond_the_first_page_are_collected(session: boto3.Session) -> None:
    users = session.client("cognito-idp")
    pool = users.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    for number in range(60):
        users.create_user_pool_client(UserPoolId=pool, ClientName=f"c{number}")
    (collected,) = collect(session, ["us-east-1"])["user_pools"]
    assert len(collected["clients"]) == 61


def test_a_pool_that_cannot_be_described_marks_what_it_would_have_told(
    session: boto3.Session,
) -> None:
    denied = refusal("NotAuthorizedException")
    answer(session, "cognito-identity.DescribeIdentityPool", denied)
    answer(session, "cognito-identity-provider.DescribeUserPoolClient", denied)
    answer(session, "cognito-identity-provider.DescribeUserPool", denied)
    snapshot = collect(session)
    states = snapshot["identity_pools"][0]["_state"]
    assert states["AllowUnauthenticatedIdentities"] == "denied"
    assert states["AllowClassicFlow"] == "denied"
    (pool,) = snapshot["user_pools"]
    assert pool["_state"]["UserPoolAddOns"] == "denied"
    (client,) = pool["clients"]
    assert client["_state"]["PreventUserExistenceErrors"] == "denied"
    assert client["_state"]["has_client_secret"] == "denied"


def test_no_secret_reaches_the_snapshot(session: boto3.Session) -> None:
    users = session.client("cognito-idp")
    pool = users.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    client = users.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]
    secret = users.describe_user_pool_client(
        UserPoolId=pool, ClientId=client["ClientId"]
    )["UserPoolClient"]["ClientSecret"]
    key = session.client("iam").create_access_key(UserName="alice")["AccessKey"]
    snapshot = collect(session)
    text = snapshots.write(snapshot)
    for hidden in (secret, key["SecretAccessKey"], key["AccessKeyId"]):
        assert hidden not in text
    for hidden in ("ClientSecret", "Base32StringSeed", "QRCodePNG", "SECRETKEY", "pw@"):
        assert hidden not in text
    (found,) = snapshot["user_pools"][0]["clients"]
    assert found["has_client_secret"] is True
    assert len(snapshot["iam"]["virtual_mfa_devices"]) == 1
    (topic,) = snapshot["sns_topics"]
    assert topic["subscriptions"][0]["Endpoint"] == "https://hooks.example.com/"


def test_the_credential_report_is_waited_for_and_read_as_rows(
    session: boto3.Session,
) -> None:
    states = iter(["STARTED", "INPROGRESS", "COMPLETE"])
    content = (
        "user,arn,password_enabled,password_last_used,mfa_active\n"
        f"<root_account>,arn:aws:iam::{ACCOUNT}:root,not_supported,no_information,true\n"
        f"N/A,arn:aws:iam::{ACCOUNT}:user/N,false,N/A,false\n"
    )
    answer(session, "iam.GenerateCredentialReport", lambda _: {"State": next(states)})
    answer(session, "iam.GetCredentialReport", {"Content": content.encode()})
    rows = collect(session)["iam"]["credential_report"]
    assert next(states, None) is None
    assert rows[0] == {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "password_enabled": None,
        "password_last_used": None,
        "mfa_active": True,
    }
    assert (rows[1]["user"], rows[1]["password_enabled"]) == ("N/A", False)


def test_a_report_that_is_never_ready_is_an_error_not_a_wait_for_ever(
    session: boto3.Session,
) -> None:
    answer(session, "iam.GenerateCredentialReport", {"State": "STARTED"})
    answer(session, "iam.GetCredentialReport", refusal("ReportInProgress"))
    iam = collect(session)["iam"]
    assert (iam["credential_report"], iam["_state"]["credential_report"]) == (
        None,
        "error",
    )


def test_two_collections_differ_in_nothing_but_the_time(session: boto3.Session) -> None:
    def text() -> str:
        return snapshots.write(collect(session) | {"collected_at": ""})

    # moto's trails deliver at the moment of asking.
    answer(session, "cloudtrail.GetTrailStatus", {"IsLogging": True})
    report = b"user,arn\na,arn:aws:iam::123456789012:user/a\n"
    answer(session, "iam.GetCredentialReport", {"Content": report})
    assert text() == text()


def test_progress_is_told_in_order_up_to_the_last(session: boto3.Session) -> None:
    told: list[tuple[str, int, int]] = []
    account.collect(
        session,
        regions=REGIONS,
        attempts=1,
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    by_region = [entry[1:] for entry in told if entry[0] == "trails by Region"]
    assert by_region == [(0, 2), (1, 2), (2, 2)]


def test_a_throttled_call_is_tried_as_often_as_asked(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    # Retries happen below the hook that `answer` uses, at the sending of the request.
    tries: list[str] = []

    def throttle(request: Any, **_: Any) -> Any:
        tries.append(request.url)
        body = json.dumps({"__type": "ThrottlingException", "message": "slow"})
        raw = SimpleNamespace(stream=lambda: iter([body.encode()]))
        return AWSResponse(request.url, 400, HTTPHeaders(), raw)

    session.events.register_first("before-send.cloudtrail.GetTrailStatus", throttle)
    snapshot = account.collect(session, regions=["us-east-1"], attempts=2)
    assert trail(snapshot)["_state"]["status"] == "throttled"
    assert len(tries) == 2


# The Service Authorization Reference's name for each call, where it is not the call's.
ACTIONS = {
    "sts:GetCallerIdentity": None,  # needs no permission
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "accessanalyzer:ListAnalyzers": "access-analyzer:ListAnalyzers",
}
# Calls that need further permissions, one of the service of what is asked about:
# https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
ALSO = {
    "wafv2:GetWebACLForResource": {
        "cognito-idp:GetWebACLForResource",
        "wafv2:GetWebACL",
    }
}


def test_the_shipped_policy_allows_exactly_the_calls_made(
    session: boto3.Session,
) -> None:
    calls: set[str] = set()

    def record(model: Any, **_: Any) -> None:
        calls.add(f"{model.service_model.service_name}:{model.name}")

    store = {"EventDataStoreArn": f"{STORE}0", "Name": "lake"}
    answer(session, "cloudtrail.ListEventDataStores", {"EventDataStores": [store]})
    answer(session, "cloudtrail.GetEventDataStore", store)
    answer(session, "guardduty.ListDetectors", {"DetectorIds": ["1"]})
    answer(session, "guardduty.GetDetector", {"ServiceRole": "r", "Status": "ENABLED"})
    answer(session, "oam.ListSinks", {"Items": [{"Arn": SINK, "Name": "main"}]})
    answer(session, "oam.GetSinkPolicy", {"SinkArn": SINK, "Policy": "{}"})
    answer(
        session,
        "organizations.DescribeOrganization",
        {"Organization": {"Id": "o-exampleorgid", "MasterAccountId": ACCOUNT}},
    )
    answer(
        session,
        "organizations.ListDelegatedAdministrators",
        {"DelegatedAdministrators": []},
    )
    session.events.register("before-parameter-build", record)
    collect(session)
    made = {ACTIONS.get(call, call) for call in calls} - {None}
    made |= {action for call in calls for action in ALSO.get(call, ())}
    path = Path(snapshots.__file__).with_name("snapshot-policy.json")
    (statement,) = json.loads(path.read_text(encoding="utf-8"))["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == sorted(str(action) for action in made)


def test_importing_the_room_does_not_import_boto3() -> None:
    program = (
        "import sys\n"
        "import checker.sources.settings.account, checker.sources.settings.snapshot\n"
        "print([m for m in sys.modules if m in ('boto3', 'botocore')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield
    running.stop()


def test_over_http_every_part_ends_in_a_state_whatever_the_server_says(
    server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "PAUSE_SECONDS", 0)
    session = new_session()
    build(session)
    # Its host would be made of the account's number, which no resolver knows.
    code = "NoSuchPublicAccessBlockConfiguration"
    answer(session, "s3-control.GetPublicAccessBlock", refusal(code))
    snapshot = collect(session)
    assert trail(snapshot)["status"]["IsLogging"] is True
    assert snapshot["_state"]["account_public_access_block"] == "absent"
    # The server has no such calls: it answers 500 with a page of HTML.
    assert snapshot["_state"]["event_data_stores"] == "error"
    assert row(snapshot, "get_identity_pool_roles")["state"] == "error"
    assert {error["state"] for error in snapshot["errors"]} == {"error"}
