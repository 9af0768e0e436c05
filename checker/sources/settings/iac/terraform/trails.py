"""Convert Terraform's trails and event data stores AWS's own form.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail_event_data_store

The defaults are the provider's.  What only a running trail has, the times and errors of
its deliveries, is no setting: the status of a planned trail holds IsLogging alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    each_of,
    filled,
    many,
    required,
    shape,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    arn_start,
    is_unknown,
    present,
    text,
)

_FIELD_SELECTOR: Spec = {
    "Field": "field",
    "Equals": "equals",
    "StartsWith": "starts_with",
    "EndsWith": "ends_with",
    "NotEquals": "not_equals",
    "NotStartsWith": "not_starts_with",
    "NotEndsWith": "not_ends_with",
}
_ADVANCED: Spec = {
    "Name": "name",
    "FieldSelectors": many("field_selector", _FIELD_SELECTOR),
}
_BASIC: Spec = {
    "ReadWriteType": default("read_write_type", "All"),
    "IncludeManagementEvents": default("include_management_events", otherwise=True),
    "ExcludeManagementEventSources": default("exclude_management_event_sources", []),
    "DataResources": many("data_resource", {"Type": "type", "Values": "values"}),
}
_SELECTORS: Spec = {
    "EventSelectors": many("event_selector", _BASIC),
    "AdvancedEventSelectors": many("advanced_event_selector", _ADVANCED),
}


def _topic(declared: Declaration) -> Any:
    """Return the ARN of the topic, which is given by name or ARN; null for none."""
    values = declared.values
    return each_of(
        values.get("sns_topic_name"), lambda name: _topic_arn(name, declared)
    )


def _topic_arn(name: Any, declared: Declaration) -> Any:
    if not name:
        return None
    known_arn = declared.values.get("sns_topic_arn")
    if isinstance(known_arn, str) and known_arn:
        return known_arn
    if str(name).startswith("arn:"):
        return name
    parts = (*arn_start("sns", declared.region, declared.account), name)
    return text(parts, "sns_topic_arn: known only after apply")


def _tags(values: Mapping[str, Any]) -> Any:
    everything = values.get("tags_all")
    return values.get("tags") if everything is None else everything


_TRAIL: Spec = {
    "IsMultiRegionTrail": default("is_multi_region_trail", otherwise=False),
    "IncludeGlobalServiceEvents": default(
        "include_global_service_events", otherwise=True
    ),
    "IsOrganizationTrail": default("is_organization_trail", otherwise=False),
    "LogFileValidationEnabled": default("enable_log_file_validation", otherwise=False),
    "S3BucketName": "s3_bucket_name",
    "S3KeyPrefix": "s3_key_prefix",
    "KmsKeyId": "kms_key_id",
    "CloudWatchLogsLogGroupArn": "cloud_watch_logs_group_arn",
    "CloudWatchLogsRoleArn": "cloud_watch_logs_role_arn",
    "tags": _tags,
    "insight_selectors": many(
        "insight_selector",
        {"InsightType": "insight_type", "EventCategories": "event_categories"},
    ),
}
_STORE: Spec = {
    "EventDataStoreArn": required("arn"),
    "Name": "name",
    "MultiRegionEnabled": default("multi_region_enabled", otherwise=True),
    "OrganizationEnabled": default("organization_enabled", otherwise=False),
    "RetentionPeriod": default("retention_period", 2555),
    "TerminationProtectionEnabled": default(
        "termination_protection_enabled", otherwise=True
    ),
    "BillingMode": default("billing_mode", "EXTENDABLE_RETENTION_PRICING"),
    "KmsKeyId": "kms_key_id",
    "AdvancedEventSelectors": filled("advanced_event_selector", _ADVANCED),
}


def trail(declared: Declaration) -> dict[str, Any]:
    """Return the body of `aws_cloudtrail`, as DescribeTrails would answer."""
    body = shape(declared.values, _TRAIL)
    insights = body["insight_selectors"]
    return {
        "TrailARN": declared.arn,
        "Name": declared.name,
        **body,
        **present({"SnsTopicARN": _topic(declared)}),
        "HomeRegion": declared.region,
        "owned": True,
        "status": shape(
            declared.values, {"IsLogging": default("enable_logging", otherwise=True)}
        ),
        "event_selectors": shape(declared.values, _SELECTORS),
        "_state": {
            "status": "ok",
            "event_selectors": "ok",
            "insight_selectors": "ok" if is_unknown(insights) or insights else "absent",
        },
    }


def event_data_store(declared: Declaration) -> dict[str, Any]:
    """Return the body of `aws_cloudtrail_event_data_store`.

    Without a selector of its own AWS gives a new store one for management events, which
    the provider can only tell after apply.
    """
    body: dict[str, Any] = shape(declared.values, _STORE)
    chosen = "advanced_event_selector" in declared.references
    if declared.new and not chosen and is_unknown(body.get("AdvancedEventSelectors")):
        body["AdvancedEventSelectors"] = [
            {
                "Name": "Default management events",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Management"]}
                ],
            }
        ]
    suspended = declared.values.get("suspend")
    body["Status"] = (
        suspended
        if is_unknown(suspended)
        else "STOPPED_INGESTION"
        if suspended in (True, "true")
        else "ENABLED"
    )
    return {**body, "region": declared.region}
