"""Test what is collected of guards around trails, pools and account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from checker import documents
from checker.sources.settings import snapshot as snapshots
from checker.sources.settings.account import (
    alarms,
    buckets,
    cognito,
    identity,
    recorders,
)
from checker.sources.settings.account.buckets import parsed
from checker.sources.settings.account.calls import Caller, Question
from tests.sources.settings.test_account import (
    ACCOUNT,
    BUCKET,
    GROUP,
    MANAGEMENT,
    POLICY,
    REGIONS,
    Asked,
    Parsed,
    answer,
    build,
    fill_gaps,
    new_session,
    refusal,
    row,
)

DENIED = refusal("AccessDenied")
GUEST = f"arn:aws:iam::{ACCOUNT}:role/guest"


TRAIL = {
    "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main",
    "HomeRegion": "us-east-1",
    "S3BucketName": BUCKET,
    "CloudWatchLogsLogGroupArn": f"{GROUP}:*",
}


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    """Set up one account for all the tests: they only read it."""
    with mock_aws():
        build(new_session())
        yield


@pytest.fixture
def session(account: None, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setattr(identity, "PAUSE_SECONDS", 0)
    opened = new_session()
    fill_gaps(opened)
    return opened


def collect(session: boto3.Session, *sections: str) -> Parsed:
    """Collect some sections alone; the tests of `collect` itself collect them all."""
    caller = Caller(session, attempts=1, home="us-east-1")
    caller.account = ACCOUNT
    one = ["us-east-1"]
    work: dict[str, Callable[[], Any]] = {
        "buckets": lambda: buckets.buckets(caller, [TRAIL], None),
        "log_groups": lambda: alarms.log_groups(caller, [TRAIL], None),
        "config_recorders": lambda: recorders.config_recorders(caller, REGIONS, None),
        "iam": lambda: identity.iam(caller),
        "identity_pools": lambda: cognito.identity_pools(caller, ["eu-west-1"], None),
        "user_pools": lambda: cognito.user_pools(caller, one, None),
    }
    found = {section: work[section]() for section in sections}
    rows = {
        section: value[0] if isinstance(value, tuple) else value
        for section, value in found.items()
    }
    snapshot = {
        "kind": "cloudtrail-settings-snapshot",
        "schema_version": 1,
        "trails": [],
        "errors": caller.errors,
        **rows,
    }
    text = snapshots.write(snapshot)
    assert documents.check(documents.load_json("s.json", text), "snapshot") == []
    return snapshot


def expecting(asked: Asked) -> bool:
    return bool(asked.headers.get("x-amz-expected-bucket-owner"))


def test_a_bucket_that_answers_its_expected_owner_is_our_own(
    session: boto3.Session,
) -> None:
    owners: list[str] = []

    def listen(asked: Asked) -> None:
        if expecting(asked):
            owners.append(asked.headers["x-amz-expected-bucket-owner"])

    answer(session, "s3.GetBucketLocation", listen)
    (bucket,) = collect(session, "buckets")["buckets"]
    assert (bucket["name"], bucket["owned"]) == (BUCKET, True)
    assert bucket["_state"]["owned"] == "ok"
    assert owners == [ACCOUNT]


def test_a_bucket_that_refuses_only_its_expected_owner_is_anothers(
    session: boto3.Session,
) -> None:
    def refuse(asked: Asked) -> Parsed | None:
        return DENIED if expecting(asked) else None

    answer(session, "s3.GetBucketLocation", refuse)
    snapshot = collect(session, "buckets")
    (bucket,) = snapshot["buckets"]
    assert (bucket["owned"], bucket["_state"]["owned"]) == (False, "ok")
    assert snapshot["errors"] == []


def test_a_bucket_that_refuses_everybody_may_be_anybodys(
    session: boto3.Session,
) -> None:
    answer(session, "s3.GetBucketLocation", DENIED)
    (bucket,) = collect(session, "buckets")["buckets"]
    assert (bucket["owned"], bucket["_state"]["owned"]) == (None, "denied")


def test_a_bucket_cannot_be_told_to_be_ours_where_nobody_knows_who_asks(
    session: boto3.Session,
) -> None:
    caller = Caller(session, attempts=1, home="us-east-1")
    (bucket,) = buckets.buckets(caller, [TRAIL], None)
    assert (bucket["owned"], bucket["_state"]["owned"]) == (None, "error")
    assert [error["section"] for error in caller.errors] == ["buckets.owned"]


def test_a_log_group_has_the_policies_of_its_region_and_its_own(
    session: boto3.Session,
) -> None:
    text = json.dumps(POLICY)
    own = {"policyName": "own", "policyDocument": text, "policyScope": "RESOURCE"}

    def give(asked: Asked) -> Parsed | None:
        if asked.body.get("policyScope") != "RESOURCE":
            return None
        assert asked.body["resourceArn"] == GROUP
        return {"resourcePolicies": [own | {"resourceArn": GROUP}]}

    answer(session, "cloudwatch-logs.DescribeResourcePolicies", give)
    (group,) = collect(session, "log_groups")["log_groups"]
    names = [
        (each["policyName"], each["policy"]) for each in group["resource_policies"]
    ]
    assert names == [("dns", POLICY), ("own", POLICY)]
    assert group["_state"]["resource_policies"] == "ok"


def test_a_log_group_without_a_policy_of_its_own_has_those_of_its_region(
    session: boto3.Session,
) -> None:
    def give(asked: Asked) -> Parsed | None:
        own = asked.body.get("policyScope") == "RESOURCE"
        return refusal("ResourceNotFoundException") if own else None

    answer(session, "cloudwatch-logs.DescribeResourcePolicies", give)
    (group,) = collect(session, "log_groups")["log_groups"]
    assert [each["policyName"] for each in group["resource_policies"]] == ["dns"]
    assert group["_state"]["resource_policies"] == "ok"


def test_policies_of_a_log_group_that_are_refused_are_denied(
    session: boto3.Session,
) -> None:
    denied = refusal("AccessDeniedException")
    answer(session, "cloudwatch-logs.DescribeResourcePolicies", denied)
    (group,) = collect(session, "log_groups")["log_groups"]
    assert group["_state"]["resource_policies"] == "denied"
    assert group["retentionInDays"] == 365


def test_each_region_has_a_row_of_recorders_with_or_without_one(
    session: boto3.Session,
) -> None:
    snapshot = collect(session, "config_recorders")
    europe, america = snapshot["config_recorders"]
    assert (europe["region"], europe["recorders"]) == ("eu-west-1", [])
    (recorder,) = america["recorders"]
    assert recorder["recordingGroup"]["allSupported"] is True
    assert recorder["status"]["recording"] is False
    assert recorder["_state"] == {"status": "ok"}


def test_recorders_denied_in_one_region_are_denied_there_alone(
    session: boto3.Session,
) -> None:
    def deny_one(asked: Asked) -> Parsed | None:
        refused = asked.region == "eu-west-1"
        return refusal("AccessDeniedException") if refused else None

    answer(session, "config-service.DescribeConfigurationRecorders", deny_one)
    status = "config-service.DescribeConfigurationRecorderStatus"
    answer(session, status, refusal("ThrottlingException"))
    europe, america = collect(session, "config_recorders")["config_recorders"]
    assert (europe["recorders"], europe["_state"]["recorders"]) == (None, "denied")
    assert america["recorders"][0]["_state"]["status"] == "throttled"


def test_policies_that_the_account_wrote_are_collected_with_their_documents(
    session: boto3.Session,
) -> None:
    snapshot = collect(session, "iam")
    shared = f"arn:aws:iam::{ACCOUNT}:policy/shared"
    alice = f"arn:aws:iam::{ACCOUNT}:user/alice"
    rows = snapshot["iam"]["policies"]
    assert [each["id"] for each in rows] == [shared, f"{GUEST}#own", f"{alice}#notes"]
    assert [each["PolicyDocument"] for each in rows] == [POLICY] * 3
    assert [each.get("holder") for each in rows] == [None, GUEST, alice]
    assert rows[0]["AttachmentCount"] == 1


def test_policies_of_roles_that_are_refused_leave_those_that_are_known(
    session: boto3.Session,
) -> None:
    def deny_roles(asked: Asked) -> Parsed | None:
        return DENIED if asked.form.get("Filter.member.1") == "Role" else None

    answer(session, "iam.GetAccountAuthorizationDetails", deny_roles)
    iam = collect(session, "iam")["iam"]
    assert iam["_state"]["policies"] == "denied"
    assert len(iam["policies"]) == 2


def test_the_role_of_guests_has_its_trust_and_each_of_its_policies(
    session: boto3.Session,
) -> None:
    (pool,) = collect(session, "identity_pools")["identity_pools"]
    role = pool["guest_role"]
    assert (role["Arn"], role["RoleName"]) == (GUEST, "guest")
    assert role["AssumeRolePolicyDocument"] == POLICY
    own, shared = role["policies"]
    assert (own["PolicyName"], own["PolicyDocument"]) == ("own", POLICY)
    assert (shared["PolicyName"], shared["PolicyDocument"]) == ("shared", POLICY)
    assert (pool["_state"]["guest_role"], role["_state"]) == ("ok", {"policies": "ok"})


def test_the_role_of_signed_in_users_has_its_trust(session: boto3.Session) -> None:
    roles = {"Roles": {"authenticated": GUEST}}
    answer(session, "cognito-identity.GetIdentityPoolRoles", roles)
    (pool,) = collect(session, "identity_pools")["identity_pools"]
    role = pool["authenticated_role"]
    assert (role["Arn"], role["AssumeRolePolicyDocument"]) == (GUEST, POLICY)
    assert "policies" not in role
    answer(session, "iam.GetRole", DENIED)
    (pool,) = collect(session, "identity_pools")["identity_pools"]
    assert pool["_state"]["authenticated_role"] == "denied"


@pytest.mark.parametrize(
    ("operation", "part"),
    [("GetRolePolicy", 0), ("GetPolicy", 1), ("GetPolicyVersion", 1)],
)
def test_a_policy_of_the_guest_role_that_is_refused_is_denied_alone(
    session: boto3.Session, operation: str, part: int
) -> None:
    answer(session, f"iam.{operation}", DENIED)
    (pool,) = collect(session, "identity_pools")["identity_pools"]
    policies = pool["guest_role"]["policies"]
    assert policies[part]["_state"] == {"PolicyDocument": "denied"}
    assert policies[1 - part]["PolicyDocument"] == POLICY


@pytest.mark.parametrize("operation", ["ListRolePolicies", "ListAttachedRolePolicies"])
def test_policies_of_the_guest_role_that_cannot_be_listed_are_denied(
    session: boto3.Session, operation: str
) -> None:
    answer(session, f"iam.{operation}", DENIED)
    (pool,) = collect(session, "identity_pools")["identity_pools"]
    assert pool["guest_role"]["_state"] == {"policies": "denied"}
    assert len(pool["guest_role"]["policies"]) == 1


@pytest.mark.parametrize(
    ("roles", "state"),
    [
        ({"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/a/b/nobody"}, "gone"),
        ({"authenticated": GUEST}, "absent"),
        ({}, "absent"),
    ],
)
def test_a_guest_role_is_gone_or_none_at_all(
    session: boto3.Session, roles: Parsed, state: str
) -> None:
    answer(session, "cognito-identity.GetIdentityPoolRoles", {"Roles": roles})
    (pool,) = collect(session, "identity_pools")["identity_pools"]
    assert (pool["guest_role"], pool["_state"]["guest_role"]) == (None, state)


def test_a_guest_role_of_another_account_is_not_asked_for(
    session: boto3.Session,
) -> None:
    roles = {"unauthenticated": f"arn:aws:iam::{MANAGEMENT}:role/guest"}
    answer(session, "cognito-identity.GetIdentityPoolRoles", {"Roles": roles})
    snapshot = collect(session, "identity_pools")
    assert snapshot["identity_pools"][0]["_state"]["guest_role"] == "denied"
    assert row(snapshot, "get_role")["code"] == "OtherAccount"


def test_a_guest_role_is_known_no_better_than_the_roles(
    session: boto3.Session,
) -> None:
    denied = refusal("NotAuthorizedException")
    answer(session, "cognito-identity.GetIdentityPoolRoles", denied)
    assert (
        collect(session, "identity_pools")["identity_pools"][0]["_state"]["guest_role"]
        == "denied"
    )


def test_the_web_acl_of_a_user_pool_is_named_without_its_rules(
    session: boto3.Session,
) -> None:
    asked: list[str] = []
    arn = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl/pool/EXAMPLE"
    named = {"ARN": arn, "Id": "EXAMPLE", "Name": "pool"}

    def give(question: Asked) -> Parsed:
        asked.append(question.body["ResourceArn"])
        metric = {
            "SampledRequestsEnabled": True,
            "CloudWatchMetricsEnabled": True,
            "MetricName": "m",
        }
        rest = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": metric}
        return {"WebACL": named | rest}

    answer(session, "wafv2.GetWebACLForResource", give)
    (pool,) = collect(session, "user_pools")["user_pools"]
    assert (pool["web_acl"], asked) == (named, [pool["Arn"]])


def test_a_user_pool_without_a_web_acl_is_told_from_one_that_is_refused(
    session: boto3.Session,
) -> None:
    (pool,) = collect(session, "user_pools")["user_pools"]
    assert (pool["web_acl"], pool["_state"]["web_acl"]) == (None, "absent")
    answer(session, "wafv2.GetWebACLForResource", refusal("AccessDeniedException"))
    assert (
        collect(session, "user_pools")["user_pools"][0]["_state"]["web_acl"] == "denied"
    )


def test_federation_and_the_features_of_the_organization_are_collected(
    session: boto3.Session,
) -> None:
    features = {"OrganizationId": "o-example12345", "EnabledFeatures": ["RootSessions"]}
    answer(session, "iam.ListOrganizationsFeatures", features)
    iam = collect(session, "iam")["iam"]
    assert iam["organizations_features"] == features
    (provider,) = iam["saml_providers"]
    assert provider["Arn"] == f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
    assert iam["_state"]["saml_providers"] == "ok"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("OrganizationNotFound", "absent"),
        ("ServiceAccessNotEnabled", "absent"),
        ("OrganizationNotInAllFeaturesMode", "absent"),
        ("AccountNotManagementOrDelegatedAdministrator", "denied"),
        ("AccessDenied", "denied"),
    ],
)
def test_features_that_cannot_be_are_absent_and_a_member_may_not_ask(
    session: boto3.Session, code: str, state: str
) -> None:
    answer(session, "iam.ListOrganizationsFeatures", refusal(code))
    assert collect(session, "iam")["iam"]["_state"]["organizations_features"] == state


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '"' + "\\ud800"])
def test_a_policy_that_is_no_json_or_too_deep_is_an_error(text: str) -> None:
    caller = Caller(new_session(), attempts=1, home="us-east-1")
    question = Question("logs", "describe_resource_policies", "us-east-1", "x")
    assert parsed(caller, question, "ok", text) == ("error", None)
    assert [error["code"] for error in caller.errors] == ["NotJSON"]
