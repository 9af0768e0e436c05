"""Outcomes of rules on small plans, worked out by hand from the documents."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from checker import rules
from checker.model import AnyRule, Report
from checker.run.audit import audit
from tests.sources.settings.iac.plans import UNKNOWN, Res, plan, ref, res

ROOT_USE = "alarm_missing_root_use"
PUBLIC = "bucket_of_trail_public"
TLS = "bucket_of_trail_without_tls"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"


class Row(NamedTuple):
    """Resources of a plan, and the outcome of each rule on them."""

    name: str
    resources: tuple[Res, ...]
    outcomes: dict[str, str]
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed


def trail(**values: Any) -> Res:
    computed = {"arn": UNKNOWN, "home_region": UNKNOWN, "sns_topic_arn": UNKNOWN}
    given: dict[str, Any] = {
        "name": "main",
        "s3_bucket_name": "logs",
        "is_multi_region_trail": True,
        "event_selector": [],
    }
    return res("aws_cloudtrail", "main", computed=computed, **{**given, **values})


def bucket(**values: Any) -> Res:
    computed: dict[str, Any] = {
        "id": "logs",
        "arn": "arn:aws:s3:::logs",
        "policy": "",
        "acl": None,
    }
    given: dict[str, Any] = {"bucket": "logs", "grant": [], **values}
    return res("aws_s3_bucket", "b", computed=computed, actions=("no-op",), **given)


def block(kind: str = "bucket", *, acls: bool, policies: bool = True) -> Res:
    return res(
        f"aws_s3_{kind}_public_access_block",
        "b",
        bucket="logs" if kind == "bucket" else None,
        block_public_acls=acls,
        ignore_public_acls=acls,
        block_public_policy=policies,
        restrict_public_buckets=policies,
    )


EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
GRANTS = [{"grant": [{"grantee": [{"type": "Group", "uri": EVERYONE}],
                      "permission": "READ"}]}]  # fmt: skip
INLINE = [{"type": "Group", "uri": EVERYONE, "permissions": ["READ"], "id": ""}]


def topic(**how: Any) -> Res:
    computed = {"arn": ARN.format("sns", "soc"), "id": "soc", "policy": "{}"}
    return res("aws_sns_topic", "soc", computed=computed, name="soc", **how)


def subscription(*, pending: bool = False) -> Res:
    return res(
        "aws_sns_topic_subscription",
        "soc",
        computed={"arn": ARN.format("sns", "soc:1"), "pending_confirmation": pending},
        topic_arn=ARN.format("sns", "soc"),
        protocol="email",
        endpoint="soc@example.com",
    )


def alarm(**values: Any) -> Res:
    given: dict[str, Any] = {
        "alarm_name": "root",
        "alarm_actions": [ARN.format("sns", "soc")],
        "metric_name": "Root",
        "namespace": "CIS",
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "evaluation_periods": 1,
        "datapoints_to_alarm": 0,
        "period": 300,
        "statistic": "Sum",
        "threshold": 1,
        "unit": "",
        "dimensions": {},
        "metric_query": [],
    }
    return res(
        "aws_cloudwatch_metric_alarm",
        "root",
        computed={"arn": ARN.format("cloudwatch", "alarm:root")},
        **{**given, **values},
    )


def chain(*others: Res, default: str = "", **alarmed: Any) -> tuple[Res, ...]:
    group = ARN.format("logs", "log-group:ct")
    return (
        trail(
            cloud_watch_logs_group_arn=f"{group}:*",
            cloud_watch_logs_role_arn="arn:aws:iam::123456789012:role/ct",
        ),
        res("aws_cloudwatch_log_group", "ct", computed={"arn": group}, name="ct"),
        res(
            "aws_cloudwatch_log_metric_filter",
            "root",
            name="root",
            log_group_name="ct",
            pattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy '
            'NOT EXISTS && $.eventType != "AwsServiceEvent" }',
            metric_transformation=[
                {
                    "name": "Root",
                    "namespace": "CIS",
                    "value": "1",
                    "default_value": default,
                    "unit": "None",
                }
            ],
        ),
        alarm(**alarmed),
        *(others or (topic(), subscription())),
    )


QUERY: dict[str, Any] = {
    "metric_name": None,
    "namespace": None,
    "statistic": None,
    "metric_query": [
        {
            "id": "m",
            "return_data": True,
            "metric": [
                {"metric_name": "Root", "namespace": "CIS", "stat": "Sum", "period": 60}
            ],
        }
    ],
}
NEW_CHAIN = (
    trail(
        kms_key_id=ref("aws_kms_key.k.arn"),
        cloud_watch_logs_group_arn=ref("aws_cloudwatch_log_group.ct.arn"),
        cloud_watch_logs_role_arn=ref("aws_iam_role.ct.arn"),
        sns_topic_name=ref("aws_sns_topic.soc.arn"),
        s3_bucket_name=ref("aws_s3_bucket.b.id"),
    ),
    res("aws_kms_key", "k", computed={"arn": UNKNOWN, "key_id": UNKNOWN}),
    res("aws_iam_role", "ct", computed={"arn": UNKNOWN}, name="ct"),
    res(
        "aws_cloudwatch_log_group",
        "ct",
        computed={"arn": UNKNOWN},
        name="ct",
        kms_key_id=ref("aws_kms_key.k.arn"),
    ),
    res(
        "aws_sns_topic",
        "soc",
        computed={"arn": UNKNOWN, "policy": UNKNOWN},
        name="soc",
    ),
    res("aws_s3_bucket", "b", computed={"id": UNKNOWN, "arn": UNKNOWN}),
    res(
        "aws_s3_bucket_logging",
        "b",
        bucket=ref("aws_s3_bucket.b.id"),
        target_bucket=ref("aws_s3_bucket.other.id"),
    ),
    res("aws_s3_bucket", "other", computed={"id": UNKNOWN, "arn": UNKNOWN}),
)
FLOWS = [{"advanced_security_mode": "ENFORCED",
          "advanced_security_additional_flows":
              [{"custom_auth_mode": "ENFORCED"}]}]  # fmt: skip
NOWHERE = "s3_object_reads_not_recorded"
ROWS = [
    Row("grants of an ACL", (trail(), bucket(), block(acls=False), res(
        "aws_s3_bucket_acl", "b", bucket="logs", acl=None,
        access_control_policy=GRANTS), block("account", acls=False)),
        {PUBLIC: "fail"}),
    Row("grants of a bucket", (trail(), bucket(grant=INLINE), block(acls=False),
        block("account", acls=False)), {PUBLIC: "fail"}),
    Row("grants that the account blocks", (trail(), bucket(grant=INLINE),
        block(acls=False), block("account", acls=True)), {PUBLIC: "pass"}),
    Row("grants, and the account is not declared",
        (trail(), bucket(grant=INLINE), block(acls=False)), {PUBLIC: "unknown"}),
    Row("no grants", (trail(), bucket(), block(acls=False)), {PUBLIC: "pass"}),
    Row("a chain", chain(), {ROOT_USE: "pass"}),
    Row("a default value as text", chain(default="0"), {ROOT_USE: "pass"}),
    Row("a default value that keeps it on", chain(default="1"), {ROOT_USE: "fail"}),
    Row("a subscription that waits", chain(topic(), subscription(pending=True)),
        {ROOT_USE: "fail"}),
    Row("a key of AWS's", chain(topic(kms_master_key_id="alias/aws/sns"),
        subscription()), {ROOT_USE: "fail"}),
    Row("one dimension", chain(dimensions={"a": "b"}), {ROOT_USE: "fail"}),
    Row("another unit", chain(unit="Seconds"), {ROOT_USE: "fail"}),
    Row("a metric query", chain(**QUERY), {ROOT_USE: "pass"}),
    Row("a new trail with everything by reference", NEW_CHAIN, {
        "trail_without_kms_key": "pass", "trail_without_cloudwatch_logs": "pass",
        "trail_without_notifications": "pass", "log_group_of_trail_without_kms": "pass",
        "bucket_of_trail_access_not_logged": "pass", "topic_of_trail_public": "pass",
        "no_trail_meets_security_baseline": "fail", "key_of_trail_unusable": "pass",
        "trail_delivery_failing": "not_applicable"}),
    Row("a key if a variable says so", (trail(kms_key_id=ref(
        "aws_kms_key.k.arn", "var.encrypt")),
        res("aws_kms_key", "k", computed={"arn": UNKNOWN})),
        {"trail_without_kms_key": "unknown"}),
    Row("the mode of custom authentication", (res(
        "aws_cognito_user_pool", "p", computed={"id": UNKNOWN},
        name="p", user_pool_add_ons=FLOWS),),
        {"user_pool_custom_sign_in_unprotected": "pass"}),
    Row("a change that is deferred", (trail(),), {NOWHERE: "unknown"},
        {"deferred_changes": [{"reason": "provider_config_unknown", "resource_change":
            {"address": "aws_cloudtrail.b", "type": "aws_cloudtrail"}}]}),
    Row("a key by its alias", (trail(kms_key_id=ref("aws_kms_alias.a.arn")),
        res("aws_kms_alias", "a", name="alias/logs", target_key_id=ref(
            "aws_kms_key.k.key_id"), computed={"arn": UNKNOWN}),
        res("aws_kms_key", "k", computed={"arn": UNKNOWN})),
        {"key_of_trail_not_rotated": "fail", "trail_without_kms_key": "pass"}),
    Row("a key by its alias's name", (trail(kms_key_id="alias/logs"),
        res("aws_kms_alias", "a", name="alias/logs", target_key_id=ref(
            "aws_kms_key.k.key_id"), computed={"arn": UNKNOWN}),
        res("aws_kms_key", "k", computed={"arn": UNKNOWN})),
        {"key_of_trail_not_rotated": "fail"}),
    Row("a plan that is not complete", (trail(),), {NOWHERE: "unknown"},
        {"complete": False}),
    Row("a plan that is", (trail(),), {NOWHERE: "fail"}, {"complete": True}),
]  # fmt: skip


@functools.cache
def pack() -> tuple[AnyRule, ...]:
    return tuple(rules.load())


def judged(data: bytes, folder: Path, names: set[str]) -> Report:
    file = folder / "plan.json"
    file.write_bytes(data)
    return audit([rule for rule in pack() if rule.name in names], [str(file)])


def test_a_policy_that_another_plan_makes_is_not_taken_for_none(
    tmp_path: Path,
) -> None:
    bucket = res("aws_s3_bucket", "b", bucket="logs")
    policy = res("aws_s3_bucket_policy", "b", bucket=ref("aws_s3_bucket.b.id"))
    text = plan(trail(s3_bucket_name=ref("aws_s3_bucket.b.id")), bucket, policy)
    module = text["planned_values"]["root_module"]
    of_policy = "aws_s3_bucket_policy"
    module["resources"] = [
        each for each in module["resources"] if each["type"] != of_policy
    ]
    deferred = [{"resource_change": {"address": f"{of_policy}.b", "type": of_policy}}]
    statuses = []
    for more in ({}, {"complete": False}, {"deferred_changes": deferred}):
        file = json.dumps({**text, **more}).encode()
        report = judged(file, tmp_path, {TLS})
        statuses.append({each.status.value for each in report.findings})

    assert statuses == [{"fail"}, {"unknown"}, {"unknown"}]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_plan_is_judged_as_aws_would_apply_it(row: Row, tmp_path: Path) -> None:
    text = json.dumps(plan(*row.resources, **row.more))
    report = judged(text.encode(), tmp_path, set(row.outcomes))
    assert not report.problems
    found: dict[str, set[str]] = {}
    for each in report.findings:
        found.setdefault(each.rule.name, set()).add(each.status.value)
    assert {name: row.outcomes[name] in each for name, each in found.items()} == (
        dict.fromkeys(row.outcomes, True)
    ), found


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_a_plan_is_read_in_the_encodings_of_shells(
    encoding: str, tmp_path: Path
) -> None:
    text = json.dumps(plan(trail()))
    (found,) = judged(text.encode(encoding), tmp_path, {"trail_not_logging"}).findings
    assert found.status.value == "pass"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"@level":"info","@message":"Terraform"}\n{"type":"x"}\n', "terraform plan"),
        (b"PK\x03\x04\x14\x00\x08", "saved Terraform plan"),
        (b'{"version":4,"terraform_version":"1.9","lineage":"x"}', "state file"),
        (b'{"format_version":"1.0","values":{}}', "state"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_what_is_no_plan_is_named(data: bytes, said: str, tmp_path: Path) -> None:
    (problem,) = judged(data, tmp_path, {"trail_not_logging"}).problems
    assert said in problem.reason
