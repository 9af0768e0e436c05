"""Write `checker/aws/answer_types.json` from botocore's models.

python -m tools.answer_types           write it
python -m tools.answer_types --check   write nothing; exit with 1 when it differs

The table is what a live account's answers hold: readers of plans and templates bring
what is written in them into these types.
"""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from checker.aws import api_models

FILE: Final = Path(__file__).resolve().parent.parent / "checker/aws/answer_types.json"

# section: where each part comes from: its path in the snapshot, the service's folder,
# the operation, and the path to it in the answer.
PARTS: Final[Mapping[str, tuple[tuple[str, str, str, str], ...]]] = {
    "trails": (
        ("", "cloudtrail", "DescribeTrails", "trailList[]"),
        ("status", "cloudtrail", "GetTrailStatus", ""),
        (
            "event_selectors.EventSelectors",
            "cloudtrail",
            "GetEventSelectors",
            "EventSelectors",
        ),
        (
            "event_selectors.AdvancedEventSelectors",
            "cloudtrail",
            "GetEventSelectors",
            "AdvancedEventSelectors",
        ),
        ("insight_selectors", "cloudtrail", "GetInsightSelectors", "InsightSelectors"),
        (
            "aggregation_configurations",
            "cloudtrail",
            "GetEventConfiguration",
            "AggregationConfigurations",
        ),
    ),
    "event_data_stores": (("", "cloudtrail", "GetEventDataStore", ""),),
    "buckets": (
        ("policy_status", "s3", "GetBucketPolicyStatus", "PolicyStatus"),
        ("acl", "s3", "GetBucketAcl", ""),
        (
            "public_access_block",
            "s3",
            "GetPublicAccessBlock",
            "PublicAccessBlockConfiguration",
        ),
        ("versioning", "s3", "GetBucketVersioning", ""),
        ("logging", "s3", "GetBucketLogging", "LoggingEnabled"),
        (
            "encryption",
            "s3",
            "GetBucketEncryption",
            "ServerSideEncryptionConfiguration",
        ),
        ("lifecycle.Rules", "s3", "GetBucketLifecycleConfiguration", "Rules"),
        ("object_lock", "s3", "GetObjectLockConfiguration", "ObjectLockConfiguration"),
    ),
    "kms_keys": (
        ("metadata", "kms", "DescribeKey", "KeyMetadata"),
        ("rotation", "kms", "GetKeyRotationStatus", ""),
    ),
    "log_groups": (("", "logs", "DescribeLogGroups", "logGroups[]"),),
    "metric_filters": (("", "logs", "DescribeMetricFilters", "metricFilters[]"),),
    "alarms": (
        ("", "cloudwatch", "DescribeAlarms", "MetricAlarms[]"),
        ("", "cloudwatch", "DescribeAlarms", "CompositeAlarms[]"),
    ),
    "sns_topics": (
        ("subscriptions", "sns", "ListSubscriptionsByTopic", "Subscriptions"),
    ),
    "identity_pools": (
        ("", "cognito-identity", "DescribeIdentityPool", ""),
        ("roles", "cognito-identity", "GetIdentityPoolRoles", ""),
    ),
    "user_pools": (
        ("", "cognito-idp", "DescribeUserPool", "UserPool"),
        ("mfa_config", "cognito-idp", "GetUserPoolMfaConfig", ""),
        (
            "risk_configuration",
            "cognito-idp",
            "DescribeRiskConfiguration",
            "RiskConfiguration",
        ),
        (
            "log_delivery",
            "cognito-idp",
            "GetLogDeliveryConfiguration",
            "LogDeliveryConfiguration",
        ),
        ("clients[]", "cognito-idp", "DescribeUserPoolClient", "UserPoolClient"),
    ),
    "account_public_access_block": (
        ("", "s3control", "GetPublicAccessBlock", "PublicAccessBlockConfiguration"),
    ),
}
_KINDS: Final = {
    "boolean": "boolean",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "string": "string",
    "timestamp": "string",
}


def text() -> str:
    """Return the file's text: by section, the path of each leaf to its type."""
    table = {
        section: dict(sorted(leaf for part in parts for leaf in _leaves(*part)))
        for section, parts in PARTS.items()
    }
    return json.dumps(table, indent=1) + "\n"


def _leaves(
    at: str, folder: str, operation: str, within: str
) -> Iterator[tuple[str, str]]:
    service = next(each for each in api_models.services() if each.folder == folder)
    model = api_models.model(service)
    shapes = model["shapes"]
    name = model["operations"][operation]["output"]["shape"]
    for step in within.split(".") if within else ():
        name = shapes[name]["members"][step.removesuffix("[]")]["shape"]
        if step.endswith("[]"):
            name = shapes[name]["member"]["shape"]
    yield from _walk(shapes, name, at, ())


def _walk(
    shapes: Mapping[str, Any], name: str, at: str, seen: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    shape = shapes[name]
    if name in seen:
        return
    match shape["type"]:
        case "structure":
            for member, each in shape["members"].items():
                path = f"{at}.{member}" if at else member
                yield from _walk(shapes, each["shape"], path, (*seen, name))
        case "list":
            yield from _walk(shapes, shape["member"]["shape"], f"{at}[]", (*seen, name))
        case "map":
            yield from _walk(
                shapes, shape["value"]["shape"], f"{at}{{}}", (*seen, name)
            )
        case "string" if shape.get("enum"):
            yield at, "|".join(shape["enum"])
        case kind if kind in _KINDS:
            yield at, _KINDS[kind]


def main(arguments: list[str]) -> int:
    """Write the table, or say whether it is what botocore's models say."""
    wanted = text()
    if "--check" not in arguments:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    if FILE.read_text(encoding="utf-8") == wanted:
        return 0
    sys.stderr.write("checker/aws/answer_types.json is old: run `make docs`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
