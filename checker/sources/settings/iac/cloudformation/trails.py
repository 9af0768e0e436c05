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
    flag,
    many,
    same,
    shape,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    pending,
    present,
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
    "Name": "TrailName",
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
_STORE: Spec = {
    "Name": "Name",
    "MultiRegionEnabled": flag(
        "MultiRegionEnabled",
        default=pending("MultiRegionEnabled: no default is documented"),
    ),
    "OrganizationEnabled": flag("OrganizationEnabled", default=False),
    "TerminationProtectionEnabled": flag("TerminationProtectionEnabled", default=True),
    "BillingMode": default("BillingMode", "EXTENDABLE_RETENTION_PRICING"),
    "RetentionPeriod": default(
        "RetentionPeriod", pending("RetentionPeriod: the billing mode's default")
    ),
    "KmsKeyId": "KmsKeyId",
}


def trail(declared: Declaration, _: Links) -> dict[str, Any]:
    """Return the body of `AWS::CloudTrail::Trail`."""
    values = declared.values
    body = shape(values, _TRAIL)
    exists = values.get("::exists")
    topic = values.get("SnsTopicName")
    named = is_unknown(topic) or topic
    absent = [
        name
        for name in ("insight_selectors", "aggregation_configurations")
        if not is_unknown(body[name]) and not body[name]
    ]
    status = {"IsLogging": _logging(values)}
    return present(
        {
            "TrailARN": pending(f"TrailARN: {_DEPLOYED}"),
            **body,
            "HomeRegion": declared.region,
            "SnsTopicARN": pending(f"SnsTopicARN: {_DEPLOYED}") if named else None,
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
    exists = values.get("::exists")
    ingesting = flag("IngestionEnabled", default=True)(values)
    if is_unknown(exists) or is_unknown(ingesting):
        status = exists if is_unknown(exists) else ingesting
    else:
        status = "ENABLED" if ingesting else "STOPPED_INGESTION"
    return {
        "EventDataStoreArn": pending(f"EventDataStoreArn: {_DEPLOYED}"),
        **shape(values, _STORE),
        "AdvancedEventSelectors": many("AdvancedEventSelectors", _ADVANCED)(values),
        "Status": status,
        "region": declared.region,
    }
