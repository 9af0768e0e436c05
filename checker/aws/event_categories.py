"""Determine an event's category, also where an old record does not say it.

`eventCategory` came with eventVersion 1.07 and `managementEvent` with 1.06.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.aws import data_events

CATEGORIES = frozenset({"Management", "Data", "NetworkActivity", "Insight"})


def category_of(event: Mapping[str, Any]) -> str:
    """Return Management, Data, NetworkActivity, Insight, Aggregated, or AWS's own word.

    A record from before `managementEvent` whose call AWS documents as a data event is
    one; every other is a management event.
    """
    category = event.get("eventCategory")
    if isinstance(category, str):
        return category
    kind = event.get("eventType")
    if isinstance(kind, str):
        if kind == "AwsCloudTrailInsight":
            return "Insight"
        if kind == "AwsAggregatedEvent":
            return "Aggregated"
        # The guide's text and its samples differ: AwsVpceEvents, AwsVpceEvent.
        if kind.startswith("AwsVpceEvent"):
            return "NetworkActivity"
    management = event.get("managementEvent")
    if management is not None:
        return "Data" if management in (False, "false") else "Management"
    source, name = event.get("eventSource"), event.get("eventName")
    if isinstance(source, str) and isinstance(name, str):
        return "Data" if data_events.lookup(source, name) else "Management"
    return "Management"
