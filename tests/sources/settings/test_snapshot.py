"""Test that no gap of a snapshot passes for an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions.unknown import Unknown
from checker.errors import SourceError
from checker.sources.settings import snapshot as snapshots

STATES = ("ok", "absent", "denied", "throttled", "unsupported", "gone", "error")
MINIMAL: dict[str, Any] = {
    "kind": "cloudtrail-settings-snapshot",
    "schema_version": 1,
    "trails": [],
}


def denied_policy() -> dict[str, Any]:
    bucket = {
        "name": "logs",
        "policy": None,
        "versioning": {"Status": "Enabled"},
        "_state": {"policy": "denied", "versioning": "ok", "acl": "absent"},
    }
    error = {
        "service": "s3",
        "operation": "get_bucket_policy",
        "region": "us-east-1",
        "resource": "logs",
        "section": "buckets.policy",
        "code": "AccessDenied",
        "state": "denied",
    }
    return MINIMAL | {"buckets": [bucket], "errors": [error]}


def test_a_denied_part_becomes_unknown_with_the_reason_of_its_error_row() -> None:
    (bucket,) = snapshots.settle(denied_policy())["buckets"]
    assert isinstance(bucket["policy"], Unknown)
    reason = "the policy of the bucket logs was denied (AccessDenied)"
    assert bucket["policy"].reason == reason
    assert bucket["versioning"] == {"Status": "Enabled"}
    assert bucket["acl"] is None


@pytest.mark.parametrize(
    ("section", "part", "state", "reason"),
    [
        ("buckets", "owned", "denied", "the owner of the bucket logs was denied"),
        ("buckets", "acl", "gone", "the ACL of the bucket logs does not exist"),
        ("iam", "policies", "denied", "the policies of IAM were denied"),
        ("iam", "password_policy", "error", "the password policy of IAM could not be"),
        ("iam", "policies", "unsupported", "the policies of IAM are not available"),
    ],
)
def test_what_is_not_known_is_said_in_english(
    section: str, part: str, state: str, reason: str
) -> None:
    thing: dict[str, Any] = {"_state": {part: state}, part: None}
    body = thing if section == "iam" else [thing | {"name": "logs"}]
    settled = snapshots.settle(MINIMAL | {section: body})[section]
    found = settled if section == "iam" else settled[0]
    assert found[part].reason.startswith(reason)


def test_settling_leaves_the_snapshot_itself_alone() -> None:
    snapshot = denied_policy()
    before = json.dumps(snapshot)
    snapshots.settle(snapshot)
    assert json.dumps(snapshot) == before


def test_a_part_of_an_answer_that_is_not_there_becomes_unknown_too() -> None:
    pool = {"IdentityPoolId": "p", "_state": {"AllowClassicFlow": "throttled"}}
    error = {
        "service": "cognito-identity",
        "operation": "describe_identity_pool",
        "resource": "p",
        "section": "identity_pools",
        "code": "TooManyRequestsException",
        "state": "throttled",
    }
    snapshot = MINIMAL | {"identity_pools": [pool], "errors": [error]}
    (settled,) = snapshots.settle(snapshot)["identity_pools"]
    assert settled["AllowClassicFlow"].reason == (
        "the AllowClassicFlow of the identity pool p was throttled "
        "(TooManyRequestsException)"
    )


def test_a_client_s_reason_is_found_under_its_pool() -> None:
    client = {"ClientId": "c", "_state": {"risk_configuration": "denied"}}
    pool = {"Id": "p", "clients": [client], "_state": {"clients": "ok"}}
    error = {
        "service": "cognito-idp",
        "operation": "describe_risk_configuration",
        "resource": "p/c",
        "section": "user_pools.clients.risk_configuration",
        "code": "AccessDeniedException",
        "state": "denied",
    }
    snapshot = MINIMAL | {"user_pools": [pool], "errors": [error]}
    settled = snapshots.settle(snapshot)["user_pools"][0]["clients"][0]
    assert settled["risk_configuration"].reason == (
        "the risk configuration of the user pool client c was denied "
        "(AccessDeniedException)"
    )


def test_a_listing_that_failed_somewhere_keeps_its_rows_before_the_unknown() -> None:
    error = {
        "service": "cloudtrail",
        "operation": "describe_trails",
        "region": "eu-west-1",
        "section": "trails",
        "code": "AccessDeniedException",
        "state": "denied",
    }
    snapshot = MINIMAL | {
        "trails": [{"TrailARN": "arn"}],
        "buckets": [],
        "errors": [error],
        "_state": {"trails": "denied", "buckets": "denied"},
    }
    settled = snapshots.settle(snapshot)
    known, unknown = settled["trails"]
    assert known == {"TrailARN": "arn"}
    assert unknown.reason == (
        "the trails could not all be collected: denied in eu-west-1 "
        "(AccessDeniedException)"
    )
    # Nothing was found: not even its length is known.
    assert isinstance(settled["buckets"], Unknown)


@given(
    st.dictionaries(st.text("abc", min_size=1), st.sampled_from(STATES)),
    st.sampled_from(["trails", "iam", "buckets"]),
)
def test_exactly_the_parts_that_are_neither_ok_nor_absent_become_unknown(
    states: dict[str, str], section: str
) -> None:
    thing = {"TrailARN": "arn", "name": "b", "_state": states}
    held: Any = thing if section == "iam" else [thing]
    settled = snapshots.settle(MINIMAL | {section: held})[section]
    settled = settled if section == "iam" else settled[0]
    for part, state in states.items():
        unknown = isinstance(settled[part], Unknown)
        assert unknown == (state not in ("ok", "absent"))
    assert settled["TrailARN"] == "arn"


def test_a_snapshot_that_is_written_reads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    snapshot = denied_policy()
    snapshot["buckets"][0]["name"] = "büro"
    text = snapshots.write(snapshot)
    path.write_text(text, encoding="utf-8")
    assert snapshots.load(path) == snapshot
    assert text.endswith("}\n")
    assert "büro" in text
    assert text == snapshots.write(json.loads(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "must be a map"),
        ('{"kind": "x", "schema_version": 1, "trails": []}', "cloudtrail-settings"),
        (json.dumps(MINIMAL | {"trials": []}), "did you mean 'trails'"),
        (json.dumps(MINIMAL | {"trails": [{}]}), "'TrailARN' is missing"),
        (
            json.dumps(
                MINIMAL | {"trails": [{"TrailARN": "a", "_state": {"x": "no"}}]}
            ),
            "must be one of ok, absent",
        ),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused_with_the_place_and_the_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "s.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=reason) as caught:
        snapshots.load(path)
    assert "line 1" in caught.value.reason


def test_a_file_that_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        snapshots.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("described", "configured", "among"),
    [
        ("ON", "OFF", ("ON", "OFF")),
        ("ON", "ON", None),
        ("ON", None, None),
        (None, "ON", None),
    ],
)
def test_two_answers_about_mfa_that_differ_are_one_unknown(
    described: str | None, configured: str | None, among: tuple[str, ...] | None
) -> None:
    pool = {
        "Id": "us-east-1_EXAMPLE",
        "MfaConfiguration": described,
        "mfa_config": {"MfaConfiguration": configured},
    }
    settled = snapshots.settle({**MINIMAL, "user_pools": [pool]})["user_pools"][0]
    found = [settled["MfaConfiguration"], settled["mfa_config"]["MfaConfiguration"]]

    if among is None:
        assert found == [described, configured]
    else:
        assert all(isinstance(mode, Unknown) for mode in found)
        assert [mode.among for mode in found] == [among, among]
        assert "GetUserPoolMfaConfig OFF" in found[0].reason
