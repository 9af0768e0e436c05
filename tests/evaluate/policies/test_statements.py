"""What identity policies let their holder do, and by which statement."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import Unknown
from checker.evaluate.policies.statements import (
    grants,
    open_statements,
    wide_statements,
)

TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"
NEED = {
    "actions": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"],
    "resource": TRAIL,
}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ODD = {"StringSounds": {"aws:username": "like"}}


def allow(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **parts}


def deny(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return allow(action, resource, **parts) | {"Effect": "Deny"}


def granted(*statements: Any) -> list[str]:
    found = grants({"Statement": list(statements)}, NEED)
    assert isinstance(found, list), found
    return [row["statement"] for row in found]


@pytest.mark.parametrize(
    "statement",
    [
        allow("*"),
        allow("cloudtrail:*"),
        allow("CloudTrail:*"),
        allow(["cloudtrail:Stop*", "cloudtrail:deletetrail"]),
        allow("cloudtrail:*", "arn:aws:cloudtrail:*:123456789012:trail/*"),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"},
        allow("cloudtrail:*", Condition={"StringNotEquals": {"aws:username": "a"}}),
    ],
)
def test_each_way_to_allow_it_all_is_seen(statement: dict[str, Any]) -> None:
    assert granted(statement) == ["the statement 1"]
    assert granted({**statement, "Sid": "Ops"}) == ["the statement Ops"]


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [allow("s3:*")],
        [allow("cloudtrail:StopLogging")],
        [allow("cloudtrail:*", "arn:aws:cloudtrail:us-east-1:123456789012:trail/x")],
        [allow("cloudtrail:*", Condition=MFA)],
        [allow("*"), deny("cloudtrail:StopLogging")],
        [allow("*"), deny("cloudtrail:*")],
        [deny("cloudtrail:*")],
        [{"Effect": "Allow", "NotAction": "cloudtrail:Stop*", "Resource": "*"}],
        ["nonsense", None],
    ],
)
def test_what_does_not_allow_it_all_is_passed_over(statements: list[Any]) -> None:
    assert granted(*statements) == []


def test_two_statements_that_allow_it_together_are_both_named() -> None:
    one = allow(["s3:*", "cloudtrail:stop*"])
    two = allow("cloudtrail:Delete*", "arn:aws:cloudtrail:*", Sid="Two")
    found = grants({"Statement": [one, two]}, NEED)
    assert isinstance(found, list)
    assert [row["reason"] for row in found] == [
        "the statement 1 allows cloudtrail:stop* on *",
        "the statement Two allows cloudtrail:Delete* on arn:aws:cloudtrail:*",
    ]


def test_what_a_statement_leaves_out_is_said_as_it_is_written() -> None:
    but = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": ["a", "b"]}
    found = grants({"Statement": but}, NEED)
    assert isinstance(found, list)
    assert [row["reason"] for row in found] == [
        "the statement 1 allows everything but iam:* on all but a, b"
    ]


def test_two_statements_of_one_name_do_not_hide_each_other() -> None:
    one = allow("cloudtrail:*", Sid="Same")
    two = allow("s3:*", Sid="Same")
    assert granted(one, two) == ["the statement Same"]


def test_a_condition_that_cannot_be_evaluated_is_unknown_where_it_decides() -> None:
    doubtful = allow("cloudtrail:*", Condition=ODD)
    assert isinstance(grants({"Statement": [doubtful]}, NEED), Unknown)
    assert granted(doubtful, deny("cloudtrail:*")) == []
    held_back = [allow("*"), deny("cloudtrail:*", Condition=ODD)]
    assert isinstance(grants({"Statement": held_back}, NEED), Unknown)
    assert granted(allow("s3:*", Condition=ODD)) == []


def test_a_policy_that_nobody_knows_is_unknown_and_none_grants_nothing() -> None:
    assert isinstance(grants(Unknown("denied"), NEED), Unknown)
    assert grants(None, NEED) == []


def wide(*statements: Any) -> list[str]:
    document = {"Statement": list(statements)}
    found = wide_statements([{"PolicyName": "p", "PolicyDocument": document}])
    assert isinstance(found, list), found
    return [row["reason"] for row in found]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (allow("*", "x"), "*, all the actions there are"),
        (allow(["s3:*", "a:B"], "x"), "s3:*, all the actions there are"),
        (allow("polly:Say", ["x", "*"]), "polly:Say on every resource"),
        (allow(list("abcdef")), "a, b, c, d, 2 more on every resource"),
        (
            {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "x"},
            "everything but iam:*",
        ),
        (
            {"Effect": "Allow", "Action": "s3:Get*", "NotResource": "x"},
            "s3:Get* on all but x",
        ),
        (
            allow(["cognito-identity:GetCredentialsForIdentity", "sns:Publish"]),
            "sns:Publish on every resource",
        ),
        (allow("s3:List", Condition=MFA), "s3:List on every resource"),
    ],
)
def test_each_wildcard_is_named(statement: dict[str, Any], why: str) -> None:
    assert wide(statement) == [f"the statement 1 of the policy p allows {why}"]


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", "arn:aws:s3:::public/*"),
        allow("s3:Get*", "arn:aws:s3:::public/*"),
        allow("cognito-identity:GetCredentialsForIdentity"),
        deny("*"),
        {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "x"},
    ],
)
def test_narrow_statements_are_passed_over(statement: dict[str, Any]) -> None:
    assert wide(statement) == []


def test_a_policy_that_cannot_be_read_hides_no_wildcard_of_another() -> None:
    unread = {"PolicyName": "x", "PolicyDocument": Unknown("denied")}
    open_ = {"PolicyName": "y", "PolicyDocument": {"Statement": allow("*")}}
    assert isinstance(wide_statements([unread]), Unknown)
    assert isinstance(wide_statements([Unknown("more")]), Unknown)
    assert isinstance(wide_statements(Unknown("none")), Unknown)
    found = wide_statements([unread, open_])
    assert isinstance(found, list)
    assert [row["policy"] for row in found] == ["y"]
    assert wide_statements(None) == []


GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:trail-events"


def policy(*statements: Any, name: str = "p") -> dict[str, Any]:
    return {"policyName": name, "policy": {"Statement": list(statements)}}


def everybody(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return allow(action, resource, Principal="*", **parts)


def opened(*policies: Any) -> list[str]:
    found = open_statements(list(policies), GROUP)
    assert isinstance(found, list), found
    return [row["reason"] for row in found]


@pytest.mark.parametrize(
    ("statement", "actions"),
    [
        (everybody("logs:PutLogEvents"), "logs:PutLogEvents"),
        (everybody(["logs:A", "logs:B"], GROUP), "logs:A, logs:B"),
        (everybody("logs:Get*", f"{GROUP}:*"), "logs:Get*"),
        (everybody("logs:Get*", f"{GROUP}:log-stream:*"), "logs:Get*"),
        (
            {**everybody("*"), "Principal": {"AWS": ["*", "123456789012"]}},
            "*",
        ),
        (
            {
                "Effect": "Allow",
                "Principal": "*",
                "NotAction": "logs:DeleteLogGroup",
                "Resource": "*",
            },
            "logs:PutLogEvents",
        ),
    ],
)
def test_a_statement_that_lets_everybody_in_is_named_with_its_actions(
    statement: dict[str, Any], actions: str
) -> None:
    assert opened(policy(statement)) == [
        f"the statement 1 of the policy p allows everybody {actions} on {GROUP}"
    ]


OF_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


@pytest.mark.parametrize(
    "policies",
    [
        [],
        [policy(everybody("logs:*", f"{GROUP}-other:*"))],
        [policy(allow("logs:*", Principal={"AWS": "123456789012"}))],
        [policy(allow("logs:*", Principal={"Service": "es.amazonaws.com"}))],
        [policy(everybody("logs:*", Condition=OF_ORGANIZATION))],
        [policy(everybody("logs:*")), policy(deny("logs:*", Principal="*"))],
        [policy(deny("logs:*", Principal="*"))],
    ],
)
def test_policies_that_name_somebody_are_passed_over(policies: list[Any]) -> None:
    assert opened(*policies) == []


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "*"}}, True),
        ({"StringEquals": {"kms:CallerAccount": "123456789012"}}, False),
        ({"StringEquals": {"aws:KeyOfTomorrow": "x"}}, None),
    ],
)
def test_a_condition_that_strangers_meet_leaves_a_policy_open(
    condition: dict[str, Any], *, is_open: bool | None
) -> None:
    rows = open_statements(
        [policy(everybody("kms:Decrypt", Condition=condition))], GROUP
    )

    assert (None if isinstance(rows, Unknown) else bool(rows)) is is_open


def test_a_policy_of_a_log_group_that_cannot_be_read_hides_no_open_one() -> None:
    unread = {"policyName": "x", "policy": Unknown("not JSON")}
    assert isinstance(open_statements([unread], GROUP), Unknown)
    assert isinstance(open_statements([Unknown("more")], GROUP), Unknown)
    assert isinstance(open_statements(Unknown("denied"), GROUP), Unknown)
    assert len(opened(unread, policy(everybody("logs:*")))) == 1
    assert open_statements(None, GROUP) == []


KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
SERVICE = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
CONTEXT = {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:*"}}
GRANT = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
CALLER = {"StringEquals": {"kms:CallerAccount": "123456789012"}}
OTHERS = {"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        (SERVICE, True),
        (CONTEXT, True),
        (GRANT, True),
        (OTHERS, True),
        (CALLER, False),
        (SERVICE | {"StringLike": CALLER["StringEquals"]}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}, False),
    ],
)
def test_what_a_caller_chooses_keeps_nobody_out(
    condition: dict[str, Any], *, is_open: bool
) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html."""
    statement = allow("kms:Decrypt", Principal="*", Condition=condition)
    policies = [{"policyName": "default", "policy": {"Statement": [statement]}}]

    assert bool(open_statements(policies, KEY)) is is_open
