"""Terraform plans as settings: what they say, what they cannot say, and where."""

from __future__ import annotations

import json
import pathlib
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions import Cause, Unknown
from checker.model import Unreadable
from checker.sources.settings.iac.declarations import SECTIONS, Settings
from checker.sources.settings.iac.terraform import plan as terraform
from checker.sources.settings.read import read as read_file
from tests.sources.settings.iac.plans import UNKNOWN, Res, plan, ref, res

TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"


def read(*resources: Res, **how: Any) -> Settings:
    text = json.dumps(plan(*resources, **how))
    settings = terraform.read("plan.json", json.loads(text), len(text))
    assert isinstance(settings, Settings)
    return settings


def first(section: str, *resources: Res, **how: Any) -> dict[str, Any]:
    rows = read(*resources, **how).snapshot[section]
    assert isinstance(rows, list)
    body: dict[str, Any] = rows[0]
    return body


def plain(value: Any) -> Any:
    """Return a value with each `Unknown` as the text of its reason, to compare with."""
    if value.__class__ is Unknown:
        return f"?{value.reason}"
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def trail(**values: Any) -> Res:
    computed = {"arn": UNKNOWN, "home_region": UNKNOWN, "sns_topic_arn": UNKNOWN}
    given = {"name": "main", "s3_bucket_name": "logs", "event_selector": []}
    return res(
        "aws_cloudtrail",
        "main",
        computed={**computed, "tags_all": {"owner": "security"}},
        **{**given, **values},
    )


def bucket(name: str = "logs", **how: Any) -> Res:
    computed = dict.fromkeys(
        (
            "id",
            "arn",
            "policy",
            "acl",
            "versioning",
            "logging",
            "lifecycle_rule",
            "server_side_encryption_configuration",
            "object_lock_enabled",
        ),
        UNKNOWN,
    )
    return res("aws_s3_bucket", name, computed=computed, **{"bucket": name, **how})


def test_a_new_trail_has_the_providers_defaults_and_unknown_names() -> None:
    body = plain(first("trails", trail()))

    assert body == {
        "TrailARN": "?aws_cloudtrail.main.arn: known only after apply",
        "Name": "main",
        "HomeRegion": "eu-west-1",
        "IsMultiRegionTrail": False,
        "IncludeGlobalServiceEvents": True,
        "IsOrganizationTrail": False,
        "LogFileValidationEnabled": False,
        "S3BucketName": "logs",
        "insight_selectors": [],
        "owned": True,
        "tags": {"owner": "security"},
        "status": {"IsLogging": True},
        "event_selectors": {"EventSelectors": [], "AdvancedEventSelectors": []},
        "_state": {
            "status": "ok",
            "event_selectors": "ok",
            "insight_selectors": "absent",
        },
    }


@pytest.mark.parametrize(
    ("attribute", "value", "path", "expected"),
    [
        ("enable_logging", False, "status.IsLogging", False),
        ("enable_logging", UNKNOWN, "status.IsLogging", "?enable_logging"),
        ("is_multi_region_trail", True, "IsMultiRegionTrail", True),
        ("is_multi_region_trail", UNKNOWN, "IsMultiRegionTrail", "?is_multi"),
        ("include_global_service_events", False, "IncludeGlobalServiceEvents", False),
        ("is_organization_trail", True, "IsOrganizationTrail", True),
        ("enable_log_file_validation", True, "LogFileValidationEnabled", True),
        ("kms_key_id", UNKNOWN, "KmsKeyId", "?kms_key_id: known only after apply"),
        ("s3_key_prefix", "", "S3KeyPrefix", None),
        ("s3_key_prefix", "x", "S3KeyPrefix", "x"),
        ("sns_topic_name", "news", "SnsTopicARN", "?sns_topic_arn"),
        ("cloud_watch_logs_group_arn", "arn:x", "CloudWatchLogsLogGroupArn", "arn:x"),
        ("cloud_watch_logs_role_arn", "arn:y", "CloudWatchLogsRoleArn", "arn:y"),
        (
            "insight_selector",
            [{"insight_type": "ApiCallRateInsight"}],
            "insight_selectors",
            [{"InsightType": "ApiCallRateInsight"}],
        ),
    ],
)
def test_each_attribute_of_a_trail_is_where_aws_has_it(
    attribute: str, value: Any, path: str, expected: Any
) -> None:
    body: Any = plain(first("trails", trail(**{attribute: value})))
    for key in path.split("."):
        body = body.get(key)

    if isinstance(expected, str) and expected.startswith("?"):
        assert str(body).startswith(expected)
    else:
        assert body == expected


def test_basic_selectors_have_the_casing_of_the_api_and_its_defaults() -> None:
    selector = {
        "read_write_type": "WriteOnly",
        "include_management_events": False,
        "exclude_management_event_sources": ["kms.amazonaws.com"],
        "data_resource": [
            {"type": "AWS::S3::Object", "values": ["arn:aws:s3", UNKNOWN]}
        ],
    }

    at = "event_selector[0].data_resource[0].values[1]"

    body = plain(first("trails", trail(event_selector=[selector, {}])))

    assert body["event_selectors"]["EventSelectors"] == [
        {
            "ReadWriteType": "WriteOnly",
            "IncludeManagementEvents": False,
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
            "DataResources": [
                {
                    "Type": "AWS::S3::Object",
                    "Values": [
                        "arn:aws:s3",
                        f"?{at}: known only after apply",
                    ],
                }
            ],
        },
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "ExcludeManagementEventSources": [],
            "DataResources": [],
        },
    ]


def test_advanced_selectors_keep_every_operator() -> None:
    names = ("equals", "starts_with", "ends_with")
    operators = {key: ["x"] for name in names for key in (name, f"not_{name}")}
    selector = {"name": "S", "field_selector": [{"field": "eventName", **operators}]}

    body = first("trails", trail(advanced_event_selector=[selector]))

    assert body["event_selectors"]["AdvancedEventSelectors"] == [
        {
            "Name": "S",
            "FieldSelectors": [
                {
                    "Field": "eventName",
                    "Equals": ["x"],
                    "StartsWith": ["x"],
                    "EndsWith": ["x"],
                    "NotEquals": ["x"],
                    "NotStartsWith": ["x"],
                    "NotEndsWith": ["x"],
                }
            ],
        }
    ]


def test_selectors_known_only_after_apply_are_unknown_as_a_whole() -> None:
    body = first("trails", trail(advanced_event_selector=UNKNOWN))

    assert isinstance(body["event_selectors"]["AdvancedEventSelectors"], Unknown)


def test_a_trail_that_exists_has_its_arn_account_and_region() -> None:
    existing = res(
        "aws_cloudtrail",
        "main",
        computed={"arn": TRAIL, "home_region": "us-east-1"},
        name="main",
        actions=("no-op",),
    )

    settings = read(existing, region=None)

    assert settings.snapshot["trails"][0]["TrailARN"] == TRAIL
    assert settings.snapshot["trails"][0]["HomeRegion"] == "us-east-1"
    assert settings.snapshot["account"]["id"] == "123456789012"


@pytest.mark.parametrize("region", [None, ref("var.region")])
def test_a_region_that_is_not_constant_is_unknown(region: Any) -> None:
    assert isinstance(first("trails", trail(), region=region)["HomeRegion"], Unknown)


def test_the_region_of_the_resource_wins_over_the_providers() -> None:
    assert first("trails", trail(region="us-west-2"))["HomeRegion"] == "us-west-2"


def test_deleted_deposed_data_and_foreign_resources_are_no_settings() -> None:
    written = plan(
        trail(),
        res("aws_cloudtrail", "old", name="old", actions=("delete",)),
        res("aws_instance", "web"),
    )
    written["planned_values"]["root_module"]["resources"].append(
        {
            "address": "data.aws_cloudtrail.x",
            "mode": "data",
            "type": "aws_cloudtrail",
            "name": "x",
            "values": {"name": "x"},
        }
    )
    deposed = dict(written["resource_changes"][0], deposed="0badc0de")
    written["resource_changes"].append({**deposed, "change": {"after_unknown": True}})

    settings = terraform.read("plan.json", written)

    assert isinstance(settings, Settings)
    assert [each["Name"] for each in settings.snapshot["trails"]] == ["main"]


def test_a_section_of_which_nothing_is_declared_is_unknown_and_not_empty() -> None:
    snapshot = read(trail()).snapshot

    empty = [name for name in SECTIONS if name != "trails"]
    assert all(isinstance(snapshot[name], Unknown) for name in (*empty, "iam"))
    assert snapshot["user_pools"].cause is Cause.UNDECLARED


def test_places_give_the_address_of_each_resource() -> None:
    one = trail()
    other = res("aws_cloudtrail", "t", module='module.a["x.y"].module.b[0]', index="k")

    places = read(one, other).places

    assert places["/trails/0"].address == "aws_cloudtrail.main"
    assert (
        places["/trails/1"].address
        == 'module.a["x.y"].module.b[0].aws_cloudtrail.t["k"]'
    )
    assert {place.line for place in places.values()} == {1}


def test_a_plan_without_planned_values_is_read_from_its_changes() -> None:
    written = plan(trail(), res("aws_cloudtrail", "t", module="module.a", name="t"))
    expected = terraform.read("plan.json", written)
    del written["planned_values"]

    found = terraform.read("plan.json", written)

    assert isinstance(found, Settings)
    assert isinstance(expected, Settings)
    assert plain(found.snapshot) == plain(expected.snapshot)


def policy(*, of: Any) -> Res:
    text = json.dumps({"Version": "2012-10-17", "Statement": []})
    return res("aws_s3_bucket_policy", "p", bucket=of, policy=text)


def using(name: str = "logs") -> Res:
    return trail(s3_bucket_name=ref(f"aws_s3_bucket.{name}.id"))


def test_a_new_bucket_has_awss_defaults() -> None:
    body = plain(first("buckets", bucket(), using()))

    assert body["name"] == "logs"
    assert body["region"] == "eu-west-1"
    assert "policy" not in body
    assert body["versioning"] == {}
    assert set(body["public_access_block"].values()) == {True}
    assert body["encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "AES256"
    }
    assert [each["Permission"] for each in body["acl"]["Grants"]] == ["FULL_CONTROL"]
    assert body["_state"]["policy"] == body["_state"]["object_lock"] == "absent"


PARTS = [
    (
        "public_access_block",
        {"block_public_acls": True, "block_public_policy": UNKNOWN},
        "public_access_block",
        {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": "?block_public_policy: known only after apply",
            "RestrictPublicBuckets": False,
        },
    ),
    (
        "versioning",
        {"versioning_configuration": [{"status": "Enabled", "mfa_delete": "Enabled"}]},
        "versioning",
        {"Status": "Enabled", "MFADelete": "Enabled"},
    ),
    (
        "versioning",
        {"versioning_configuration": [{"status": "Disabled"}]},
        "versioning",
        {},
    ),
    (
        "logging",
        {"target_bucket": "other", "target_prefix": "p/"},
        "logging",
        {"TargetBucket": "other", "TargetPrefix": "p/"},
    ),
    (
        "server_side_encryption_configuration",
        {
            "rule": [
                {
                    "apply_server_side_encryption_by_default": [
                        {"sse_algorithm": "aws:kms", "kms_master_key_id": UNKNOWN}
                    ],
                    "bucket_key_enabled": True,
                }
            ]
        },
        "encryption",
        {
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": (
                            "?rule[0].apply_server_side_encryption_by_default[0]"
                            ".kms_master_key_id: known only after apply"
                        ),
                    },
                    "BucketKeyEnabled": True,
                }
            ]
        },
    ),
    (
        "lifecycle_configuration",
        {"rule": [{"id": "r", "status": "Enabled", "expiration": [{"days": 30}]}]},
        "lifecycle",
        {"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 30}}]},
    ),
    (
        "object_lock_configuration",
        {"rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 365}]}]},
        "object_lock",
        {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}},
        },
    ),
]


@pytest.mark.parametrize(("kind", "values", "part", "expected"), PARTS)
def test_settings_of_a_bucket_are_resources_of_their_own(
    kind: str, values: dict[str, Any], part: str, expected: Any
) -> None:
    own = res(
        f"aws_s3_bucket_{kind}", "x", bucket=ref("aws_s3_bucket.logs.id"), **values
    )

    assert plain(first("buckets", bucket(), using(), own))[part] == expected


@pytest.mark.parametrize(
    "of",
    [
        ref("aws_s3_bucket.logs.id"),
        "logs",
        ref("aws_s3_bucket.logs.bucket", value="logs"),
    ],
)
def test_a_policy_finds_its_bucket_by_reference_or_by_name(of: Any) -> None:
    buckets = [bucket(), bucket("other"), using(), policy(of=of)]

    assert first("buckets", *buckets)["policy"] == {
        "Version": "2012-10-17",
        "Statement": [],
    }


def test_a_policy_of_some_bucket_that_nobody_can_tell_makes_each_unknown() -> None:
    body = first("buckets", bucket(), using(), policy(of=ref("local.bucket")))

    assert isinstance(body["policy"], Unknown)


def test_a_policy_of_another_bucket_leaves_this_one_without() -> None:
    other = policy(of=ref("aws_s3_bucket.other.id"))

    assert "policy" not in first("buckets", bucket(), bucket("other"), using(), other)


def test_references_are_followed_through_variables_and_outputs_of_modules() -> None:
    inner = bucket()
    moved = Res(inner.type, "this", inner.values, inner.computed, module="module.store")
    mine = trail(s3_bucket_name=ref("var.bucket"))
    logged = Res(mine.type, "main", mine.values, mine.computed, module="module.audit")
    settings = read(
        moved,
        logged,
        policy(of=ref("module.store.name")),
        calls={"audit": {"bucket": ref("module.store.name")}},
        outputs={"store": {"name": ref("aws_s3_bucket.this.id")}},
    )

    (body,) = settings.snapshot["buckets"]
    assert body["policy"] == {"Version": "2012-10-17", "Statement": []}


def test_instances_of_for_each_are_matched_by_their_key() -> None:
    def made(kind: str, key: str, **values: Any) -> Res:
        return res(kind, "x", index=key, computed={"id": UNKNOWN}, **values)

    settings = read(
        made("aws_s3_bucket", "a", bucket="a"),
        made("aws_s3_bucket", "b", bucket="b"),
        *(
            made(
                "aws_s3_bucket_versioning",
                key,
                bucket=ref("aws_s3_bucket.x", "each.key"),
                versioning_configuration=[{"status": status}],
            )
            for key, status in (("a", "Enabled"), ("b", "Suspended"))
        ),
        trail(s3_bucket_name="a"),
        res("aws_cloudtrail", "b", name="other", s3_bucket_name="b"),
    )

    found = [body["versioning"] for body in settings.snapshot["buckets"]]
    assert found == [{"Status": "Enabled"}, {"Status": "Suspended"}]


def test_only_buckets_of_trails_and_those_that_let_cloudtrail_in_are_judged() -> None:
    letting = {"Statement": [{"Principal": {"Service": "cloudtrail.amazonaws.com"}}]}
    central = res(
        "aws_s3_bucket_policy", "c", bucket="central", policy=json.dumps(letting)
    )
    used = [bucket(), bucket("central"), bucket("website"), using(), central]

    settings = read(*used)

    assert [body["name"] for body in settings.snapshot["buckets"]] == [
        "logs",
        "central",
    ]


def test_of_a_bucket_that_exists_the_rest_is_unknown() -> None:
    existing = res(
        "aws_s3_bucket",
        "logs",
        computed={
            "id": "logs",
            "arn": "arn:aws:s3:::logs",
            "policy": '{"Statement": []}',
            "versioning": [{"enabled": True, "mfa_delete": False}],
        },
        bucket="logs",
        actions=("no-op",),
    )

    body = first("buckets", existing, trail())

    assert body["policy"] == {"Statement": []}
    assert body["versioning"] == {"Status": "Enabled", "MFADelete": "Disabled"}
    assert isinstance(body["public_access_block"], Unknown)


def test_a_key_has_metadata_rotation_and_policy() -> None:
    key = res(
        "aws_kms_key",
        "k",
        computed={"arn": UNKNOWN, "key_id": UNKNOWN},
        enable_key_rotation=True,
        is_enabled=False,
        policy='{"Statement": []}',
    )

    body = plain(first("kms_keys", key, trail(kms_key_id=ref("aws_kms_key.k.arn"))))

    assert body["id"] == body["arn"] == "?aws_kms_key.k.arn: known only after apply"
    assert body["metadata"]["KeyState"] == "Disabled"
    assert body["metadata"]["KeyManager"] == "CUSTOMER"
    assert body["rotation"] == {"KeyRotationEnabled": True}
    assert body["policy"] == {"Statement": []}


def test_the_alarm_chain_is_read_from_log_group_to_subscription() -> None:
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:ct"
    topic = "arn:aws:sns:eu-west-1:123456789012:alerts"
    settings = read(
        trail(cloud_watch_logs_group_arn=f"{arn}:*"),
        res(
            "aws_cloudwatch_log_group",
            "ct",
            computed={"arn": arn},
            name="ct",
            retention_in_days=0,
        ),
        res(
            "aws_cloudwatch_log_metric_filter",
            "root",
            name="root",
            pattern='{ $.userIdentity.type = "Root" }',
            log_group_name=ref("aws_cloudwatch_log_group.ct.name", value="ct"),
            metric_transformation=[{"name": "Root", "namespace": "CIS", "value": "1"}],
        ),
        res(
            "aws_cloudwatch_metric_alarm",
            "root",
            alarm_name="root",
            metric_name="Root",
            namespace="CIS",
            threshold=1,
            alarm_actions=[ref("aws_sns_topic.alerts.arn")],
        ),
        res("aws_sns_topic", "alerts", computed={"arn": topic}, name="alerts"),
        res(
            "aws_sns_topic_subscription",
            "mail",
            computed={"arn": UNKNOWN},
            topic_arn=ref("aws_sns_topic.alerts.arn", value=topic),
            protocol="email",
            endpoint="soc@example.com",
        ),
    )
    body = plain(settings.snapshot)

    assert body["log_groups"][0]["arn"] == f"{arn}:*"
    assert "retentionInDays" not in body["log_groups"][0]
    assert body["metric_filters"] == [
        {
            "filterName": "root",
            "filterPattern": '{ $.userIdentity.type = "Root" }',
            "logGroupName": "ct",
            "applyOnTransformedLogs": False,
            "log_group_arn": f"{arn}:*",
            "region": "eu-west-1",
            "metricTransformations": [
                {"metricName": "Root", "metricNamespace": "CIS", "metricValue": "1"}
            ],
        }
    ]
    assert body["alarms"][0]["ActionsEnabled"] is True
    assert body["alarms"][0]["AlarmActions"] == [topic]
    assert body["sns_topics"][0]["subscriptions"] == [
        {
            "SubscriptionArn": (
                "?whether the subscription is confirmed: known only once it is there"
            ),
            "TopicArn": topic,
            "Protocol": "email",
            "Endpoint": "soc@example.com",
        }
    ]


def test_an_event_data_store_has_selectors_status_and_retention() -> None:
    store: dict[str, Any] = {
        "name": "lake",
        "multi_region_enabled": False,
        "termination_protection_enabled": True,
        "retention_period": 90,
    }
    kind = "aws_cloudtrail_event_data_store"
    computed = {"arn": UNKNOWN, "advanced_event_selector": UNKNOWN}

    body = plain(
        first("event_data_stores", res(kind, "lake", computed=computed, **store))
    )
    stopped = first("event_data_stores", res(kind, "lake", suspend="true", **store))

    assert body["EventDataStoreArn"] == "?arn: known only after apply"
    assert body["MultiRegionEnabled"] is False
    assert body["OrganizationEnabled"] is False
    assert body["RetentionPeriod"] == 90
    assert body["Status"] == "ENABLED"
    assert body["AdvancedEventSelectors"][0]["FieldSelectors"] == [
        {"Field": "eventCategory", "Equals": ["Management"]}
    ]
    assert stopped["Status"] == "STOPPED_INGESTION"


def test_an_identity_pool_has_its_roles_and_defaults() -> None:
    pool = res(
        "aws_cognito_identity_pool",
        "shop",
        computed={"id": UNKNOWN, "arn": UNKNOWN},
        identity_pool_name="shop",
        allow_unauthenticated_identities=True,
    )
    roles = res(
        "aws_cognito_identity_pool_roles_attachment",
        "shop",
        identity_pool_id=ref("aws_cognito_identity_pool.shop.id"),
        roles={"unauthenticated": UNKNOWN},
        role_mapping=[
            {
                "identity_provider": "graph.facebook.com",
                "type": "Rules",
                "ambiguous_role_resolution": "Deny",
                "mapping_rule": [
                    {
                        "claim": "admin",
                        "match_type": "Equals",
                        "role_arn": "r",
                        "value": "1",
                    }
                ],
            }
        ],
    )

    body = plain(first("identity_pools", pool, roles))

    assert body["arn"].endswith("shop.arn: known only after apply")
    assert body["AllowUnauthenticatedIdentities"] is True
    assert body["AllowClassicFlow"] is False
    assert body["roles"] == {
        "Roles": {"unauthenticated": "?roles.unauthenticated: known only after apply"},
        "RoleMappings": {
            "graph.facebook.com": {
                "Type": "Rules",
                "AmbiguousRoleResolution": "Deny",
                "RulesConfiguration": {
                    "Rules": [
                        {
                            "Claim": "admin",
                            "MatchType": "Equals",
                            "RoleARN": "r",
                            "Value": "1",
                        }
                    ]
                },
            }
        },
    }
    assert first("identity_pools", pool)["roles"] is None


def test_a_user_pool_has_clients_and_risk_settings_but_no_secret() -> None:
    of = ref("aws_cognito_user_pool.shop.id")
    settings = read(
        res(
            "aws_cognito_user_pool",
            "shop",
            computed={"id": UNKNOWN, "arn": UNKNOWN},
            name="shop",
            mfa_configuration="ON",
            software_token_mfa_configuration=[{"enabled": True}],
            password_policy=[{"minimum_length": 6, "require_numbers": False}],
            user_pool_add_ons=[{"advanced_security_mode": "AUDIT"}],
        ),
        res(
            "aws_cognito_user_pool_client",
            "web",
            computed={"id": UNKNOWN, "client_secret": "s3cr3t"},
            name="web",
            user_pool_id=of,
            generate_secret=True,
            explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"],
        ),
        res(
            "aws_cognito_risk_configuration",
            "shop",
            user_pool_id=of,
            account_takeover_risk_configuration=[
                {
                    "actions": [
                        {"high_action": [{"event_action": "BLOCK", "notify": True}]}
                    ]
                }
            ],
        ),
    )
    (body,) = plain(settings.snapshot["user_pools"])

    assert body["MfaConfiguration"] == body["mfa_config"]["MfaConfiguration"] == "ON"
    assert body["mfa_config"]["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    assert body["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 6,
        "RequireNumbers": False,
    }
    assert body["UserPoolAddOns"] == {"AdvancedSecurityMode": "AUDIT"}
    assert body["DeletionProtection"] == "INACTIVE"
    assert body["risk_configuration"]["AccountTakeoverRiskConfiguration"] == {
        "Actions": {"HighAction": {"EventAction": "BLOCK", "Notify": True}}
    }
    assert body["clients"][0]["has_client_secret"] is True
    assert body["clients"][0]["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH"]
    assert "s3cr3t" not in json.dumps(body)


def test_the_web_acl_of_a_user_pool_is_an_association_beside_it() -> None:
    pool = res(
        "aws_cognito_user_pool",
        "shop",
        computed={"id": UNKNOWN, "arn": UNKNOWN},
        name="shop",
    )
    association = res(
        "aws_wafv2_web_acl_association",
        "shop",
        resource_arn=ref("aws_cognito_user_pool.shop.arn"),
        web_acl_arn="arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b",
    )
    assert first("user_pools", pool, association)["web_acl"] == {
        "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b"
    }
    without = first("user_pools", pool)["web_acl"]
    assert isinstance(without, Unknown)
    assert without.cause is Cause.UNDECLARED


def test_what_only_the_account_could_tell_is_unknown_and_not_absent() -> None:
    settings = read(trail(), bucket())
    (held,) = settings.snapshot["buckets"]
    assert held["owned"] is True
    value = settings.snapshot["config_recorders"]
    assert value.cause is Cause.UNDECLARED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format_version": "2.0"}, "only 1.x"),
        ({"format_version": "0.2"}, "only 1.x"),
        ({"errored": True}, "ended in an error"),
    ],
)
def test_a_plan_that_cannot_be_trusted_is_refused(
    change: dict[str, Any], reason: str
) -> None:
    found = terraform.read("plan.json", {**plan(trail()), **change})

    assert isinstance(found, Unreadable)
    assert reason in found.reason


def test_a_state_is_refused_in_words() -> None:
    state = {"format_version": "1.0", "values": {"root_module": {}}}

    found = terraform.read("state.json", state)

    assert terraform.is_plan(state)
    assert isinstance(found, Unreadable)
    assert "state" in found.reason


def test_modules_and_unknowns_without_end_cost_little() -> None:
    deep: dict[str, Any] = {"address": "module.a" + ".module.a" * 5000}
    for _ in range(5000):
        deep = {"child_modules": [deep]}
    marks: Any = True
    for _ in range(500):
        marks = {"x": marks}
    written = plan(trail())
    written["planned_values"]["root_module"]["child_modules"] = [deep]
    written["resource_changes"][0]["change"]["after_unknown"]["event_selector"] = [
        marks
    ]
    expressions = written["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["s3_bucket_name"] = {"references": ["var.a", "module.a.b"]}
    written["configuration"]["root_module"]["module_calls"] = {
        "a": {
            "expressions": {"a": {"references": ["module.a.b"]}},
            "module": {
                "outputs": {
                    "b": {"expression": {"references": ["var.a", "module.a.b"]}}
                }
            },
        }
    }
    begun = time.process_time()

    found = terraform.read("plan.json", written)

    assert isinstance(found, Settings)
    assert time.process_time() - begun < 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "root_module resources child_modules address type name values change "
                "after_unknown arn event_selector expressions references region".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, JSON, JSON)
def test_any_json_in_a_plan_gives_settings(
    planned: Any, changes: Any, configuration: Any
) -> None:
    written = {
        "format_version": "1.2",
        "planned_values": planned,
        "resource_changes": changes,
        "configuration": configuration,
    }

    assert isinstance(terraform.read("plan.json", written), Settings | Unreadable)


@given(JSON, JSON)
def test_any_values_of_a_trail_give_a_trail(values: Any, unknown: Any) -> None:
    resource = {
        "address": "aws_cloudtrail.x",
        "mode": "managed",
        "type": "aws_cloudtrail",
        "name": "x",
    }
    written = {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {"resources": [{**resource, "values": values}]}
        },
        "resource_changes": [{**resource, "change": {"after_unknown": unknown}}],
    }

    settings = terraform.read("plan.json", written)

    assert isinstance(settings, Settings)
    assert len(settings.snapshot["trails"]) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"planned_values": []},
        {"planned_values": {"root_module": []}},
        {"planned_values": {"root_module": {"resources": {}}}},
        {"planned_values": {"root_module": {"resources": [1]}}},
        {"planned_values": {"root_module": {"child_modules": [[]]}}},
        {"resource_changes": {}},
        {"resource_changes": [{"address": "a", "type": "b", "change": None}]},
        {"resource_changes": [], "configuration": []},
    ],
)
def test_a_plan_that_terraform_does_not_write_is_refused(
    broken: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"format_version": "1.2", **broken}))
    found = read_file(file)

    assert isinstance(found, Unreadable)
    assert "terraform show -json" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        b'{"format_version": "1.2", "resource_changes": [], "a\xd0": 1}',
        b'{"Resources": {"T": {"Type": "AWS::CloudTrail::Trail\xff"}}}',
        b'{"kind": "cloudtrail-settings-snapshot", "a": "\xff"}',
    ],
)
def test_json_that_is_not_utf_8_is_refused(text: bytes, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(text)
    found = read_file(file)

    assert isinstance(found, Unreadable)
    assert "UTF-8" in found.reason


def test_a_lifecycle_rule_says_what_it_is_for() -> None:
    trail = res("aws_cloudtrail", "t", name="t", s3_bucket_name="logs")
    bucket = res("aws_s3_bucket", "b", bucket="logs")
    rules = [
        {"status": "Enabled", "filter": [{"tag": [{"key": "a", "value": "b"}]}]},
        {
            "status": "Enabled",
            "filter": [{"and": [{"prefix": "x/", "tags": {"a": "b"}}]}],
            "expiration": [{"days": 0, "expired_object_delete_marker": True}],
        },
    ]
    found = read(
        trail,
        bucket,
        res("aws_s3_bucket_lifecycle_configuration", "l", bucket="logs", rule=rules),
    )

    (body,) = found.snapshot["buckets"]

    first, second = body["lifecycle"]["Rules"]
    assert first["Filter"] == {"Tag": {"Key": "a", "Value": "b"}}
    assert second["Filter"] == {
        "And": {"Prefix": "x/", "Tags": [{"Key": "a", "Value": "b"}]}
    }


def test_the_tags_of_a_buckets_own_lifecycle_rule_are_read() -> None:
    rule = {"enabled": True, "prefix": "x/", "tags": {"a": "b"}}
    found = read(
        res("aws_cloudtrail", "t", name="t", s3_bucket_name="logs"),
        res("aws_s3_bucket", "b", bucket="logs", lifecycle_rule=[rule]),
    )

    (body,) = found.snapshot["buckets"]

    (one,) = body["lifecycle"]["Rules"]
    assert one["Prefix"] == "x/"
    assert one["Filter"] == {"And": {"Tags": [{"Key": "a", "Value": "b"}]}}
