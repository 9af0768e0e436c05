"""Policies by what they allow: AWS's meaning of "public", full access, accounts."""

from __future__ import annotations

import json
import time
import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions

OWN, OTHER = "123456789012", "999999999999"
ROOT = f"arn:aws:iam::{OWN}:root"

public = conditions.compile("public_statements(@)")
full = conditions.compile("full_access_statements(@)")
accounts = conditions.compile(f"foreign_accounts(@, '{OWN}')")


def allow(**elements: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return {**base, "Resource": "*", **elements}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return policy(allow(Condition={operator: {key: value}}))


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": ["*"]},
        {"AWS": [ROOT, "*"]},
        {"AWS": "*", "Service": "s3.amazonaws.com"},
        {"Service": "s3.amazonaws.com", "AWS": [ROOT, "*"]},
    ],
)
def test_every_spelling_of_everybody_is_public(principal: Any) -> None:
    assert public(policy(allow(Principal=principal)))


@pytest.mark.parametrize(
    "principal",
    [
        ROOT,
        OWN,
        {"AWS": ROOT},
        {"AWS": [ROOT, OTHER]},
        {"Service": "cloudtrail.amazonaws.com"},
        {"Federated": f"arn:aws:iam::{OWN}:saml-provider/example"},
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d52"},
        None,
    ],
)
def test_named_principals_are_not_public(principal: Any) -> None:
    assert public(policy(allow(Principal=principal))) == []


def test_everybody_but_somebody_is_public_and_everybody_but_all_is_nobody() -> None:
    statement = allow(NotPrincipal={"AWS": ROOT})
    del statement["Principal"]

    assert public(policy(statement))
    assert public(policy({**statement, "NotPrincipal": "*"})) == []


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        ("IpAddress", "AWS:SourceIP", ["192.0.2.0/24", "2001:db8::/32"]),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("IpAddress", "aws:VpcSourceIp", "192.0.2.0/24"),
        ("StringEquals", "aws:PrincipalOrgID", "o-abc1234567"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abc1234567/r-ab12/*"),
        ("StringEquals", "aws:PrincipalAccount", OWN),
        ("StringEquals", "aws:SourceAccount", [OWN, OTHER]),
        ("StringEquals", "aws:SourceOwner", OWN),
        ("ArnLike", "aws:SourceArn", f"arn:aws:s3:*:{OWN}:*"),
        ("ArnEquals", "aws:SourceArn", "arn:aws:s3:::example-bucket"),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/app-*"),
        ("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
        ("StringEquals", "aws:SourceVpc", "vpc-111bbb22"),
        ("StringEquals", "aws:VpceAccount", OWN),
        ("StringEquals", "aws:VpceOrgID", "o-abc1234567"),
        ("StringLike", "aws:userId", "AROAEXAMPLEEXAMPLE:session"),
        ("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE:*"),
        ("StringEquals", "s3:DataAccessPointAccount", OWN),
        ("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:*:{OWN}:accesspoint/*"),
        ("StringEquals", "kms:CallerAccount", OWN),
        ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
        ("Bool", "aws:PrincipalIsAWSService", True),
        ("StringEquals", "aws:PrincipalOrgID", []),
    ],
)
def test_fixed_values_of_the_callers_origin_narrow(
    operator: str, key: str, value: Any
) -> None:
    assert public(when(operator, key, value)) == []


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        ("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]),
        ("IpAddress", "aws:SourceIp", "64.0.0.0/4"),
        ("IpAddress", "aws:SourceIp", ["192.0.2.0/24", "::/0"]),
        ("NotIpAddress", "aws:SourceIp", "192.0.2.0/24"),
        ("StringEquals", "aws:SourceIp", "192.0.2.1"),
        ("StringNotEquals", "aws:PrincipalAccount", OWN),
        ("StringLike", "aws:PrincipalArn", "*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin"),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-abc1234567"),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-abc1234567"),
        ("Null", "aws:PrincipalOrgID", "true"),
        ("Null", "aws:PrincipalOrgID", "false"),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"),
        ("ArnLike", "aws:SourceArn", f"arn:aws:*:*:{OWN[:6]}*:*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
        ("StringLike", "aws:SourceVpce", "vpce-*"),
        ("StringLike", "aws:PrincipalOrgID", ["o-abc1234567", "o-*"]),
        ("StringLike", "aws:PrincipalOrgPaths", "*"),
        ("StringLike", "aws:userid", "*:session"),
        ("StringEquals", "aws:PrincipalArn", "${aws:PrincipalArn}"),
        ("StringEquals", "aws:PrincipalTag/team", "red"),
        ("StringEquals", "sts:ExternalId", "known"),
        ("StringEquals", "aws:username", "alice"),
        ("Bool", "aws:SecureTransport", "true"),
        ("Bool", "aws:MultiFactorAuthPresent", "true"),
        ("Bool", "aws:PrincipalIsAWSService", "false"),
        ("StringLike", "aws:Referer", "https://example.com/*"),
        ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
    ],
)
def test_other_conditions_leave_a_statement_public(
    operator: str, key: str, value: Any
) -> None:
    assert public(when(operator, key, value))


def test_one_narrowing_condition_of_several_is_enough() -> None:
    block = {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"aws:PrincipalOrgID": "o-abc1234567"},
    }

    assert public(policy(allow(Condition=block))) == []
    assert public(policy(allow(Condition={})))
    assert public(policy(allow(Condition="none")))


@pytest.mark.parametrize(
    ("bar", "taken_back"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc1234567"}}, True),
        (
            {
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc1234567"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
            True,
        ),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, False),
        ({"StringNotLike": {"aws:PrincipalArn": "*"}}, False),
        (
            {
                "StringNotEquals": {"aws:PrincipalOrgID": "o-abc1234567"},
                "Bool": {"aws:SecureTransport": "false"},
            },
            False,
        ),
    ],
)
def test_a_denial_takes_back_what_it_denies_to_all_strangers(
    bar: dict[str, Any], *, taken_back: bool
) -> None:
    denial = {**allow(Action="s3:*", Condition=bar), "Effect": "Deny"}

    assert (public(policy(allow(), denial)) == []) is taken_back
    assert public(policy(allow(), {**denial, "Action": "s3:PutObject"}))
    assert public(policy(allow(), {**denial, "Resource": "arn:aws:s3:::other/*"}))
    assert public(policy(allow(), {**denial, "Principal": {"AWS": ROOT}}))


def test_only_the_effect_allow_lets_anybody_in() -> None:
    assert public(policy({**allow(), "Effect": "Deny"})) == []


@pytest.mark.parametrize("write", [dict, json.dumps])
def test_a_policy_is_read_as_object_text_and_url_encoded(write: Any) -> None:
    made = policy(allow(Principal={"AWS": "*"}))
    text = json.dumps(made).replace("*", r"\u002a")

    assert public(write(made)) == made["Statement"]
    assert public(text) == made["Statement"]
    assert public(urllib.parse.quote(json.dumps(made))) == made["Statement"]


@pytest.mark.parametrize(
    "value", [None, "", "*", "{", "[]", 3, True, [], {}, "%7B", {"Statements": []}]
)
def test_what_is_no_policy_is_null(value: Any) -> None:
    assert public(value) is None
    assert full(value) is None
    assert accounts(value) is None


@pytest.mark.parametrize(
    "elements",
    [
        {"Action": "*"},
        {"Action": "*:*"},
        {"Action": "**"},
        {"Action": ["?am:*", "i*"]},
        {"Action": "IAM:*"},
        {"Action": ["s3:*", "iam:*"]},
        {"Action": "iam:*", "Resource": "arn:aws:iam::123456789012:*"},
        {"Action": "*", "Resource": "arn:aws:*"},
        {"Action": "*", "Resource": ["arn:*"]},
        {"Action": "*", "Resource": "arn:aws:iam::*:*"},
        {"NotAction": "aws-portal:*"},
        {"NotAction": ["s3:DeleteBucket"]},
        {"Action": "*", "NotResource": "arn:aws:s3:::example-bucket"},
        {"Action": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ],
)
def test_full_access_has_many_spellings(elements: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Resource": "*", **elements}

    assert full(policy(statement)) == [statement]
    assert full({"Statement": statement}) == [statement]


@pytest.mark.parametrize(
    "elements",
    [
        {"Action": "s3:*"},
        {"Action": ["iam:Get*", "iam:List*"]},
        {"Action": "iam:PassRole"},
        {"Action": "*", "Effect": "Deny"},
        {"Action": "*", "Resource": "arn:aws:s3:::example-bucket/*"},
        {"Action": "*", "Resource": "arn:aws:iam::123456789012:role/app"},
        {"NotAction": "*"},
        {"NotAction": "s3:*", "Effect": "Deny"},
        {"NotAction": "iam:*", "Resource": "arn:aws:s3:::example-bucket"},
        {"Action": "*", "NotResource": "*"},
    ],
)
def test_less_is_not_full_access(elements: dict[str, Any]) -> None:
    assert full(policy({"Effect": "Allow", "Resource": "*", **elements})) == []


def test_statements_make_full_access_together() -> None:
    halves = [
        {"Effect": "Allow", "Resource": "*", "Action": action}
        for action in (
            ["iam:Create*", "iam:Update*"],
            ["iam:Attach*", "iam:Put*", "iam:Add*", "iam:PassRole"],
        )
    ]

    assert full(policy(*halves)) == halves
    assert full(policy(halves[0])) == []


@pytest.mark.parametrize(
    ("statement", "trusted"),
    [
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}, [OTHER]),
        ({"Principal": {"AWS": [ROOT, OTHER, OTHER]}}, [OTHER]),
        ({"Principal": {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/a/b"}}, [OTHER]),
        ({"Principal": {"AWS": f"arn:aws-us-gov:iam::{OTHER}:user/a"}}, [OTHER]),
        ({"Principal": {"AWS": "AIDAEXAMPLEEXAMPLE"}}, []),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, []),
        ({"Principal": "*"}, []),
        (
            {"Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}},
            [OTHER],
        ),
        (
            {"Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:*"}}},
            [OTHER],
        ),
        ({"Effect": "Deny", "Principal": {"AWS": OTHER}}, []),
    ],
)
def test_foreign_accounts_are_those_of_statements_that_allow(
    statement: dict[str, Any], trusted: list[str]
) -> None:
    assert accounts(policy(allow(**statement))) == trusted


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("*"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    "Statement Effect Principal NotPrincipal Action NotAction Resource "
                    "NotResource Condition StringLike aws:SourceArn AWS".split()
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_document_makes_a_function_fail(value: Any) -> None:
    for function in (public, full, accounts):
        assert isinstance(function({"Statement": value}), list)
        function(json.dumps(value))


def test_hostile_policies_take_linear_time() -> None:
    stars = "*a" * 60_000
    denials = [{**allow(Action=["*a" * 900] * 40), "Effect": "Deny"} for _ in range(20)]
    hostile = policy(
        allow(Action=stars, Resource=stars),
        *[allow(Action=["a" * 1800] * 5) for _ in range(30)],
        *denials,
    )
    start = time.process_time()

    for function in (public, full, accounts):
        function(hostile)

    assert time.process_time() - start < 20


GITHUB = "token.actions.githubusercontent.com"
unbound = conditions.compile(
    f"unbound_federation(@, ['{GITHUB}', 'app.terraform.io', "
    "'cognito-identity.amazonaws.com'])"
)


def trust(provider: str, condition: Any = None) -> dict[str, Any]:
    federated = f"arn:aws:iam::{OWN}:oidc-provider/{provider}"
    if provider.startswith("cognito"):
        federated = provider
    element = {} if condition is None else {"Condition": condition}
    return policy(allow(Principal={"Federated": federated}, **element))


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {},
        {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
        {"StringLike": {f"{GITHUB}:sub": "*"}},
        {"StringLike": {f"{GITHUB}:sub": "repo:*"}},
        {"StringLike": {f"{GITHUB}:sub": "repo:exam*"}},
        {"StringLike": {f"{GITHUB}:sub": "repo:?xample/web:*"}},
        {"StringLike": {f"{GITHUB}:sub": "*:ref:refs/heads/main"}},
        {"StringLike": {f"{GITHUB}:sub": ["repo:example/web:*", "repo:*"]}},
        {"StringLike": {f"{GITHUB}:sub": []}},
        {"StringNotEquals": {f"{GITHUB}:sub": "repo:example/web:ref:refs/heads/main"}},
        {"StringNotLike": {f"{GITHUB}:sub": "repo:example/web:*"}},
        {"StringEquals": {f"{GITHUB}:sub": "${aws:PrincipalTag/sub}"}},
        {"StringEquals": {f"{GITHUB}:ref": "refs/heads/main"}},
        {"StringEquals": {f"{GITHUB}:repository_visibility": "private"}},
        {"Null": {f"{GITHUB}:sub": "false"}},
        {"StringEquals": {"gitlab.com:sub": "project_path:example/web:ref"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        "sub",
    ],
)
def test_a_trust_in_a_shared_provider_binds_nobody(condition: Any) -> None:
    assert unbound(trust(GITHUB, condition))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {f"{GITHUB}:sub": "repo:example/web:ref:refs/heads/main"}},
        {"stringlike": {f"{GITHUB.upper()}:SUB": "repo:example/*"}},
        {"StringLike": {f"{GITHUB}:sub": ["repo:example/web:*", "repo:example/api:*"]}},
        {"StringEqualsIgnoreCase": {f"{GITHUB}:sub": "repo:Example/web:environment:p"}},
        {"ForAnyValue:StringLike": {f"{GITHUB}:sub": "repo:example/web:*"}},
        {
            "ForAllValues:StringEquals": {
                f"{GITHUB}:sub": "repo:example/web:pull_request"
            }
        },
        {"StringLikeIfExists": {f"{GITHUB}:sub": "repo:example/web:*"}},
        {"StringEquals": {f"{GITHUB}:repository_owner_id": "65"}},
        {"StringLike": {f"{GITHUB}:job_workflow_ref": "example/web/.github/*"}},
        {"StringLike": {f"{GITHUB}:sub": "repository_owner:example:*"}},
    ],
)
def test_a_condition_on_the_owner_binds_a_trust(condition: Any) -> None:
    assert unbound(trust(GITHUB, condition)) == []


def test_a_pool_binds_a_trust_in_cognito() -> None:
    provider = "cognito-identity.amazonaws.com"
    pool = {"StringEquals": {f"{provider}:aud": "us-east-1:12345678"}}
    signed_in = {"ForAnyValue:StringLike": {f"{provider}:amr": "authenticated"}}

    assert unbound(trust(provider, pool)) == []
    assert unbound(trust(provider, signed_in))
    assert unbound(trust(provider, {"StringLike": {f"{provider}:aud": "*"}}))


def test_only_a_shared_provider_that_is_allowed_is_unbound() -> None:
    cluster = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
    denied = policy(allow(Effect="Deny", Principal={"Federated": f"x/{GITHUB}"}))

    assert unbound(trust(cluster)) == []
    assert unbound(trust(f"{GITHUB}/example-enterprise")) == []
    assert unbound(denied) == []
    assert unbound(policy(allow(Principal="*"))) == []
    assert unbound("no policy") is None
