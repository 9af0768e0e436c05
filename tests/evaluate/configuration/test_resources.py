"""Where resources stand in a snapshot, also those within others."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import Cause, Unknown
from checker.evaluate.configuration import evaluate
from checker.evaluate.configuration.resources import (
    KINDS,
    LocatedResource,
    find_resources,
    with_missing_sections,
)

DENIED = Unknown("denied")
CLIENTS = "AWS::Cognito::UserPoolClient"
USERS = "AWS::IAM::User"


def found(snapshot: dict[str, Any], kind: str) -> list[str]:
    return [
        each.pointer if isinstance(each, LocatedResource) else each.reason
        for each in find_resources(snapshot, kind)
    ]


def test_app_clients_lie_within_their_pools() -> None:
    snapshot = {
        "user_pools": [
            {"Id": "a", "clients": [{"ClientId": "1"}, {"ClientId": "2"}]},
            {"Id": "b", "clients": DENIED},
            {"Id": "c", "clients": [{"ClientId": "3"}, DENIED]},
            {"Id": "d"},
            DENIED,
        ]
    }

    assert found(snapshot, CLIENTS) == [
        "/user_pools/0/clients/0",
        "/user_pools/0/clients/1",
        "denied",
        "/user_pools/2/clients/0",
        "denied",
        "user_pools.clients: not collected",
        "denied",
    ]


def test_a_client_has_the_region_and_account_of_its_pool() -> None:
    arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_EXAMPLE"
    pool = {"Arn": arn, "clients": [{"ClientId": "1"}]}

    (client,) = evaluate.resources({"user_pools": [pool]}, CLIENTS)
    assert (client.id, client.region, client.account) == (
        "1",
        "eu-west-1",
        "111122223333",
    )


def test_users_are_the_rows_of_the_report_but_for_root() -> None:
    rows = [{"user": "<root_account>"}, {"user": "alice"}]

    assert found({"iam": {"credential_report": rows}}, USERS) == [
        "/iam/credential_report/1"
    ]


def test_a_report_that_is_missing_is_unknown_and_never_empty() -> None:
    for iam in ({}, {"credential_report": None}, None):
        assert found({"iam": iam}, USERS) in (
            ["iam.credential_report: not collected"],
            ["iam: not collected"],
        )
    assert found({}, USERS) == ["iam: not collected"]
    assert found({"iam": DENIED}, USERS) == ["denied"]
    assert found({"iam": {"credential_report": DENIED}}, USERS) == ["denied"]


def test_the_whole_account_has_an_unknown_for_each_section_that_is_missing() -> None:
    body = with_missing_sections({"trails": [], "iam": {"password_policy": None}})

    assert body["trails"] == []
    assert body["iam"]["password_policy"] is None
    for value in (
        body["iam"]["account_summary"],
        body["iam"]["virtual_mfa_devices"],
        body["metric_filters"],
        body["account_public_access_block"],
    ):
        assert isinstance(value, Unknown)
    assert isinstance(with_missing_sections({})["iam"], Unknown)


def test_a_part_that_older_snapshots_lack_is_unknown_and_not_absent() -> None:
    (old,) = find_resources({"buckets": [{"name": "logs"}]}, "AWS::S3::Bucket")
    assert isinstance(old, LocatedResource)
    assert old.body["owned"].reason == "buckets.owned: not collected"
    assert old.pointer == "/buckets/0"
    (new,) = find_resources(
        {"buckets": [{"name": "logs", "owned": None}]}, "AWS::S3::Bucket"
    )
    assert isinstance(new, LocatedResource)
    assert new.body["owned"] is None


def test_policies_and_recorders_lie_within_iam_and_regions() -> None:
    snapshot = {
        "iam": {"policies": [{"id": "a"}, DENIED]},
        "config_recorders": [
            {"region": "us-east-1", "recorders": [{"name": "default"}]},
            {"region": "eu-west-1", "recorders": DENIED},
        ],
    }
    assert found(snapshot, "AWS::IAM::Policy") == ["/iam/policies/0", "denied"]
    assert found(snapshot, "AWS::Config::ConfigurationRecorder") == [
        "/config_recorders/0/recorders/0",
        "denied",
    ]


GONE = Unknown("gone", Cause.GONE)


@pytest.mark.parametrize(
    ("kind", "body", "exists"),
    [
        ("AWS::S3::Bucket", {"name": "b", "region": GONE, "acl": GONE}, False),
        ("AWS::S3::Bucket", {"name": "b", "region": "us-east-1"}, True),
        ("AWS::S3::Bucket", {"name": "b", "region": DENIED, "acl": {}}, True),
        ("AWS::S3::Bucket", {"name": "b", "region": DENIED, "acl": DENIED}, DENIED),
        ("AWS::S3::Bucket", {"name": "b", "region": GONE, "exists": True}, True),
        ("AWS::S3::Bucket", {"name": "b", "_exists": DENIED, "acl": {}}, DENIED),
        ("AWS::SNS::Topic", {"TopicArn": "t", "attributes": GONE}, False),
        ("AWS::KMS::Key", {"id": "k", "metadata": {"Enabled": True}}, True),
        ("AWS::Logs::LogGroup", {"arn": "g", "creationTime": GONE}, False),
        ("AWS::Logs::LogGroup", {"arn": "g", "storedBytes": 0}, True),
    ],
)
def test_what_others_name_exists_by_what_aws_answered(
    kind: str, body: dict[str, Any], exists: object
) -> None:
    section = KINDS[kind].section
    (resource,) = find_resources({section: [body]}, kind)
    assert isinstance(resource, LocatedResource)
    assert resource.body["exists"] is exists


def test_a_thing_of_which_nothing_was_collected_may_exist_or_not() -> None:
    (topic,) = find_resources({"sns_topics": [{"TopicArn": "t"}]}, "AWS::SNS::Topic")
    assert isinstance(topic, LocatedResource)
    assert isinstance(topic.body["exists"], Unknown)
