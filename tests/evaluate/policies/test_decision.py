"""Resource policies: what they decide, as IAM's evaluation logic has it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions import Unknown
from checker.conditions.sketch import Hole
from checker.evaluate.policies.decision import Request, decide
from checker.evaluate.policies.open_keys import Who
from checker.evaluate.policies.operators import chosen

BUCKET = "arn:aws:s3:::example-audit-logs"
ALICE = "arn:aws:iam::123456789012:user/alice"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str = "Allow", **parts: Any) -> dict[str, Any]:
    whole = {"Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    return {"Effect": effect, **whole, **parts}


GET = Request("s3:GetObject", resource=f"{BUCKET}/x")


@pytest.mark.parametrize("nothing", [None, {}, {"Statement": []}, "text", []])
def test_without_a_statement_nothing_is_decided(nothing: object) -> None:
    assert decide(nothing, GET) == "none"


def test_a_denial_outweighs_every_grant_and_one_statement_may_stand_alone() -> None:
    assert decide(policy(statement()), GET) == "allow"
    assert decide(policy(statement(), statement("Deny")), GET) == "deny"
    assert decide({"Statement": statement("Deny")}, GET) == "deny"


@pytest.mark.parametrize(
    ("principal", "asking", "decision"),
    [
        ("*", "*", "allow"),
        ({"AWS": "*"}, "*", "allow"),
        ({"AWS": ["*"]}, ALICE, "allow"),
        ({"AWS": ALICE}, ALICE, "allow"),
        ({"AWS": ALICE}, "*", "none"),
        ({"AWS": "123456789012"}, ALICE, "allow"),
        ({"AWS": "arn:aws:iam::123456789012:root"}, ALICE, "allow"),
        ({"AWS": "111122223333"}, ALICE, "none"),
        ({"Service": "cloudtrail.amazonaws.com"}, "cloudtrail.amazonaws.com", "allow"),
        ({"Service": ["config.amazonaws.com"]}, "cloudtrail.amazonaws.com", "none"),
        ({"Service": "cloudtrail.amazonaws.com"}, "*", "none"),
    ],
)
def test_principals(principal: Any, asking: str, decision: str) -> None:
    request = Request("s3:GetObject", asking, f"{BUCKET}/x")

    assert decide(policy(statement(Principal=principal)), request) == decision


def test_whoever_is_not_named_is_meant_by_not_principal() -> None:
    denied = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": ALICE},
        "Action": "*",
        "Resource": "*",
    }

    assert decide(policy(denied), GET) == "deny"
    assert decide(policy(denied), Request("s3:GetObject", ALICE)) == "none"


@pytest.mark.parametrize(
    ("parts", "decision"),
    [
        ({"Action": "s3:*"}, "allow"),
        ({"Action": "*"}, "allow"),
        ({"Action": ["s3:PutObject", "S3:GETOBJECT"]}, "allow"),
        ({"Action": "s3:Get?bject"}, "allow"),
        ({"Action": "s3:PutObject"}, "none"),
        ({"Resource": "*"}, "allow"),
        ({"Resource": BUCKET}, "none"),
        ({"Resource": f"{BUCKET}/X"}, "none"),
        ({"Resource": "arn:aws-cn:s3:::example-audit-logs/*"}, "allow"),
        ({"Resource": [BUCKET, f"{BUCKET}/?"]}, "allow"),
    ],
)
def test_actions_in_any_case_and_resources_as_written(
    parts: dict[str, Any], decision: str
) -> None:
    assert decide(policy(statement(**parts)), GET) == decision


def test_what_is_not_named_is_meant_by_not_action_and_not_resource() -> None:
    other = statement()
    del other["Action"], other["Resource"]
    other |= {"NotAction": "s3:PutObject", "NotResource": f"{BUCKET}/secret/*"}

    assert decide(policy(other), GET) == "allow"
    assert decide(policy(other), Request("s3:PutObject", resource="x")) == "none"
    secret = Request("s3:GetObject", resource=f"{BUCKET}/secret/x")
    assert decide(policy(other), secret) == "none"


@pytest.mark.parametrize(
    ("resource", "decision"),
    [(f"{BUCKET}/*", "deny"), ("*", "deny"), (f"{BUCKET}/AWSLogs/*", "allow")],
)
def test_some_resource_is_open_unless_all_are_denied(
    resource: str, decision: str
) -> None:
    both = policy(statement(), statement("Deny", Resource=resource))

    assert decide(both, Request("s3:GetObject")) == decision


CONTEXT = {
    "aws:SecureTransport": "false",
    "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:123456789012:trail/main",
    "aws:SourceIp": "192.0.2.7",
    "s3:TlsVersion": "1.1",
}


@pytest.mark.parametrize(
    ("condition", "decision"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, "allow"),
        ({"Bool": {"AWS:SECURETRANSPORT": False}}, "allow"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "none"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "none"),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, "allow"),
        ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, "allow"),
        ({"Null": {"aws:SecureTransport": "true"}}, "none"),
        ({"Null": {"aws:SecureTransport": "false"}}, "allow"),
        ({"StringEquals": {"aws:SourceArn": CONTEXT["aws:SourceArn"]}}, "allow"),
        ({"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:*"}}, "none"),
        ({"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*"}}, "allow"),
        ({"ArnLike": {"aws:SourceArn": ["x", "arn:aws:*:trail/m??n"]}}, "allow"),
        ({"StringNotEquals": {"aws:SourceArn": CONTEXT["aws:SourceArn"]}}, "none"),
        ({"StringNotEquals": {"aws:SourceAccount": "1"}}, "allow"),
        ({"StringEqualsIgnoreCase": {"aws:SourceIp": "192.0.2.7"}}, "allow"),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "allow"),
        ({"IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}}, "none"),
        ({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, "allow"),
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, "allow"),
        ({"NumericLessThan": {"s3:TlsVersion": 1.1}}, "none"),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}, "allow"),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}, "none"),
        (
            {
                "Bool": {"aws:SecureTransport": "false"},
                "IpAddress": {"aws:SourceIp": "198.51.100.0/24"},
            },
            "none",
        ),
    ],
)
def test_conditions(condition: dict[str, Any], decision: str) -> None:
    request = Request("s3:GetObject", resource=f"{BUCKET}/x", context=CONTEXT)

    assert decide(policy(statement(Condition=condition)), request) == decision


def test_what_cannot_be_evaluated_is_unknown_only_where_it_decides() -> None:
    odd = {"DateGreaterThan": {"aws:SourceArn": "2020-01-01"}}
    request = Request("s3:GetObject", resource=f"{BUCKET}/x", context=CONTEXT)

    assert isinstance(decide(policy(statement(Condition=odd)), request), Unknown)
    both = policy(statement("Deny"), statement(Condition=odd))
    assert decide(both, request) == "deny"
    elsewhere = policy(statement(Action="s3:PutObject", Condition=odd))
    assert decide(elsewhere, request) == "none"
    never = {**odd, "Bool": {"aws:SecureTransport": "true"}}
    assert decide(policy(statement(Condition=never)), request) == "none"


def test_a_policy_that_was_not_collected_stays_unknown() -> None:
    denied = Unknown("policy: denied")

    assert decide(denied, GET) is denied


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Effect", "Principal", "Action", "Resource", "Condition"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(PARTS)
def test_a_policy_of_any_shape_is_decided_without_an_error(anything: Any) -> None:
    found = decide({"Statement": anything}, GET)

    assert isinstance(found, Unknown) or found in ("allow", "deny", "none")


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
@pytest.mark.parametrize(
    ("condition", "decision"),
    [
        # what a caller chooses keeps nobody out
        ({"Bool": {"aws:SecureTransport": "true"}}, "allow"),
        ({"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, "allow"),
        ({"StringLike": {"aws:UserAgent": "app/*"}}, "allow"),
        ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, "allow"),
        ({"Null": {"aws:PrincipalOrgID": "false"}}, "allow"),
        # values that hold for all keep nobody out
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, "allow"),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, "allow"),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, "allow"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, "allow"),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, "allow"),
        ({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}, "allow"),
        # the origin of a caller does
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "none"),
        ({"StringEquals": {"AWS:SourceOwner": "123456789012"}}, "none"),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "none"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}}, "none"),
        (
            {"StringEquals": {"cognito-identity.amazonaws.com:sub": "us-east-1:a"}},
            "none",
        ),
    ],
)
def test_a_stranger_meets_the_conditions_that_a_caller_can_choose(
    condition: dict[str, Any], decision: str
) -> None:
    request = Request("s3:GetObject", resource=f"{BUCKET}/x", who=Who.STRANGER)

    assert decide(policy(statement(Condition=condition)), request) == decision


@pytest.mark.parametrize(
    ("condition", "stranger", "everyone"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, "deny", "allow"),
        ({"StringNotEquals": {"aws:UserAgent": "app"}}, "allow", "allow"),
        ({"StringNotLike": {"aws:PrincipalArn": "*"}}, "allow", "allow"),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "deny", "allow"),
        ({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, "allow", "allow"),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, "deny", "allow"),
        ({}, "deny", "deny"),
    ],
)
def test_a_denial_to_everyone_hangs_on_no_key_that_is_left_open(
    condition: dict[str, Any], stranger: str, everyone: str
) -> None:
    both = policy(statement(), statement("Deny", Condition=condition))
    found = [
        decide(both, Request("s3:GetObject", resource=f"{BUCKET}/x", who=who))
        for who in (Who.STRANGER, Who.EVERYONE)
    ]

    assert found == [stranger, everyone]


def test_a_value_that_is_not_known_decides_unless_it_is_one_thing() -> None:
    request = Request("s3:GetObject", resource=f"{BUCKET}/x", who=Who.STRANGER)
    parameter = Unknown("parameter P has no default")
    own = Unknown("AccountId", sketch=(Hole("AWS::AccountId"),))

    def asked(value: object) -> object:
        condition = {"StringEquals": {"aws:PrincipalAccount": value}}
        return decide(policy(statement(Condition=condition)), request)

    assert isinstance(asked(parameter), Unknown)
    assert asked(own) == "none"
    assert isinstance(asked([own, parameter]), Unknown)


SOURCE = "arn:aws:cloudtrail:*:999999999999:trail/*"


@pytest.mark.parametrize(
    ("effect", "operator", "value", "decision"),
    [
        ("Allow", "ArnLike", "arn:aws:cloudtrail:us-east-1:*:trail/main", "allow"),
        ("Allow", "StringEquals", "arn:aws:cloudtrail:x:999999999999:trail/a", "allow"),
        ("Allow", "ArnLike", "arn:aws:cloudtrail:*:123456789012:trail/*", "none"),
        ("Allow", "StringEqualsIgnoreCase", "ARN:aws:sns:x:999999999999:a", "none"),
        ("Allow", "ArnNotLike", "arn:aws:cloudtrail:x:999999999999:trail/a", "allow"),
        ("Allow", "ArnNotLike", "arn:aws:cloudtrail:*", "none"),
        ("Deny", "ArnLike", "arn:aws:cloudtrail:us-east-1:*:trail/main", "allow"),
        ("Deny", "ArnLike", "arn:aws:cloudtrail:*:999999999999:*", "deny"),
        ("Deny", "ArnNotLike", "arn:aws:cloudtrail:*:123456789012:trail/*", "deny"),
        ("Deny", "ArnNotLike", "arn:aws:cloudtrail:x:*:trail/main", "allow"),
    ],
)
def test_a_caller_chooses_what_serves_it(
    effect: str, operator: str, value: str, decision: str
) -> None:
    wanted = statement(effect, Condition={operator: {"aws:SourceArn": value}})
    others = [statement()] if effect == "Deny" else []
    request = Request("s3:GetObject", context={"aws:SourceArn": chosen(SOURCE)})

    assert decide(policy(wanted, *others), request) == decision


def test_what_is_not_known_of_a_policy_is_not_chosen() -> None:
    condition = {"ArnLike": {"aws:SourceArn": Unknown("a parameter")}}
    request = Request("s3:GetObject", context={"aws:SourceArn": chosen(SOURCE)})

    found = decide(policy(statement(Condition=condition)), request)

    assert isinstance(found, Unknown)
    assert "a parameter" in found.reason
