"""Convert CloudFormation's trails and event data stores AWS's own form.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-eventdatastore.html

What only a running trail has, the times and errors of its deliveries, is no setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    each_of,
    flag,
    many,
    same,
    shape,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    arn_start,
    is_unknown,
    pending,
    present,
    text,
)
from checker.sources.settings.iac.links import Links

_DEPLOYED = "known only when it is deployed"


def _global_events(values: Mapping[str, Any]) -> Any:
    """Return whether global services are included.

    No default is documented, but AWS refuses a multi-Region trail without them.
    """
    given = flag("IncludeGlobalServiceEvents", default=None)(values)
    if is_unknown(given) or given is not None:
        return given
    everywhere = flag("IsMultiRegionTrail", default=False)(values)
    if not is_unknown(everywhere) and everywhere:
        return True
    return pending("IncludeGlobalServiceEvents: no default is documented")


_logging = flag("IsLogging", default=pending("IsLogging: required, and not given"))
_BASIC: Spec = {
    "ReadWriteType": default("ReadWriteType", "All"),
    "IncludeManagementEvents": flag("IncludeManagementEvents", default=True),
    "ExcludeManagementEventSources": default("ExcludeManagementEventSources", []),
    "DataResources": many("DataResources", same("Type", "Values")),
}
_ADVANCED: Spec = {
    "Name": "Name",
    "FieldSelectors": many(
        "FieldSelectors",
        same(
            "Field",
            "Equals",
            "StartsWith",
            "EndsWith",
            "NotEquals",
            "NotStartsWith",
            "NotEndsWith",
        ),
    ),
}
_TRAIL: Spec = {
    "IsMultiRegionTrail": flag("IsMultiRegionTrail", default=False),
    "IncludeGlobalServiceEvents": _global_events,
    "IsOrganizationTrail": flag("IsOrganizationTrail", default=False),
    "LogFileValidationEnabled": flag("EnableLogFileValidation", default=False),
    "S3BucketName": "S3BucketName",
    "S3KeyPrefix": "S3KeyPrefix",
    "KmsKeyId": "KMSKeyId",
    "CloudWatchLogsLogGroupArn": "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
    "insight_selectors": many(
        "InsightSelectors", same("InsightType", "EventCategories")
    ),
    "aggregation_configurations": many(
        "AggregationConfigurations", same("EventCategory", "Templates")
    ),
}


def _retention(values: Mapping[str, Any]) -> Any:
    """Return the retention in days, which hangs on the billing mode if left out.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html
    """
    given = values.get("RetentionPeriod")
    if given is not None:
        return given
    days = {"EXTENDABLE_RETENTION_PRICING": 366, "FIXED_RETENTION_PRICING": 2557}
    mode = default("BillingMode", "EXTENDABLE_RETENTION_PRICING")(values)
    return each_of(mode, lambda one: days.get(str(one)))


_STORE: Spec = {
    "Name": "Name",
    "MultiRegionEnabled": flag(
        "MultiRegionEnabled",
        default=pending("MultiRegionEnabled: no default is documented"),
    ),
    "OrganizationEnabled": flag("OrganizationEnabled", default=False),
    "TerminationProtectionEnabled": flag("TerminationProtectionEnabled", default=True),
    "BillingMode": default("BillingMode", "EXTENDABLE_RETENTION_PRICING"),
    "RetentionPeriod": _retention,
    "KmsKeyId": "KmsKeyId",
}


def tags(value: Any) -> Any:
    """Return tags as a map; a stack adds its own, which a template does not hold."""

    def read(rows: Any) -> Any:
        found: dict[str, Any] = {}
        if not isinstance(rows, list | None):
            return pending("Tags: not the list that AWS takes")
        for row in rows or ():
            key = row.get("Key") if isinstance(row, Mapping) else None
            if not isinstance(key, str | int | float):
                return pending(f"Tags: {_DEPLOYED}")
            found[str(key)] = row.get("Value")
        return found

    return each_of(value, read)


def _topic(topic: Any, declared: Declaration) -> Any:
    """Return the ARN of a topic that is given by name or ARN; null for none."""
    if topic is None or topic == "" or str(topic).startswith("arn:"):
        return topic or None
    region, account = declared.region, declared.account
    parts = (*arn_start("sns", region, account), topic)
    return text(parts, f"SnsTopicARN: {_DEPLOYED}")


def trail(declared: Declaration, _: Links) -> dict[str, Any]:
    """Return the body of `AWS::CloudTrail::Trail`."""
    values = declared.values
    body = shape(values, _TRAIL)
    exists = declared.exists
    absent = [
        name
        for name in ("insight_selectors", "aggregation_configurations")
        if not is_unknown(body[name]) and not body[name]
    ]
    status = {"IsLogging": _logging(values)}
    return present(
        {
            "TrailARN": declared.arn,
            **body,
            "Name": declared.name,
            "HomeRegion": declared.region,
            "SnsTopicARN": each_of(
                values.get("SnsTopicName"), lambda topic: _topic(topic, declared)
            ),
            "tags": tags(values.get("Tags")),
            "owned": True,
            "status": exists if is_unknown(exists) else status,
            "event_selectors": shape(
                values,
                {
                    "EventSelectors": many("EventSelectors", _BASIC),
                    "AdvancedEventSelectors": many("AdvancedEventSelectors", _ADVANCED),
                },
            ),
            "_state": {"status": "ok", "event_selectors": "ok"}
            | dict.fromkeys(absent, "absent"),
        }
    )


def event_data_store(declared: Declaration, _: Links) -> dict[str, Any]:
    """Return the body of `AWS::CloudTrail::EventDataStore`."""
    values = declared.values
    exists = declared.exists
    ingesting = flag("IngestionEnabled", default=True)(values)
    if is_unknown(exists) or is_unknown(ingesting):
        status = exists if is_unknown(exists) else ingesting
    else:
        status = "ENABLED" if ingesting else "STOPPED_INGESTION"
    return {
        "EventDataStoreArn": declared.arn,
        **shape(values, _STORE),
        "AdvancedEventSelectors": many("AdvancedEventSelectors", _ADVANCED)(values),
        "Status": status,
        "region": declared.region,
    }
