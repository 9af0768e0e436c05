"""Determine whether a trail records what CloudTrail itself derives.

Insights events are recorded when their type is enabled for the category of the calls
that they are about, and when the trail logs such calls: the call rate needs write
management events (or data events), the error rate read or write ones.  Aggregated
events are recorded when an aggregation template is configured.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.aws import data_events
from checker.conditions.unknown import Unknown
from checker.evaluate.recording.selection import Selection
from checker.evaluate.recording.verdict import RecordingVerdict, no, part, unknown, yes

TEMPLATES = frozenset({"API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"})
_CALL_RATE = "ApiCallRateInsight"


def judge(
    trail: Mapping[str, Any], event: Mapping[str, Any], selection: Selection
) -> RecordingVerdict:
    """Return whether a trail records an Insights event."""
    enabled = part(trail, "insight_selectors")
    if enabled.__class__ is Unknown:
        return unknown(
            f"whether Insights is on is not known: {enabled.reason}", enabled.cause
        )
    details = event.get("insightDetails")
    details = details if isinstance(details, Mapping) else {}
    kind = details.get("insightType")
    about = _category(details)
    for one in enabled or ():
        if one.__class__ is Unknown:
            return unknown(
                f"an Insights selector is not known: {one.reason}", one.cause
            )
        categories = one.get("EventCategories") or ("Management",)
        if one.get("InsightType") == kind and about in categories:
            return _needed(str(kind), about, details, selection)
    return no(f"{kind} is not enabled for {about} events")


def _category(details: Mapping[str, Any]) -> str:
    """Return what an Insights event is about: data where AWS documents the call so."""
    source, name = details.get("eventSource"), details.get("eventName")
    if isinstance(source, str) and isinstance(name, str):
        return "Data" if data_events.lookup(source, name) else "Management"
    return "Management"


def _needed(
    kind: str, about: str, details: Mapping[str, Any], selection: Selection
) -> RecordingVerdict:
    """Return whether the trail logs the calls that the Insights type analyses."""
    if about == "Data":
        # Which data events are analysed depends on resources that the event lacks.
        if selection.candidates("Data"):
            return yes(f"selected by {kind} for Data events")
        return no(f"{kind} for Data events needs data events logged")
    access = (False,) if kind == _CALL_RATE else (False, True)
    call = {
        "eventCategory": "Management",
        "eventSource": details.get("eventSource"),
        "eventName": details.get("eventName"),
    }
    logged = [
        selection.judge({**call, "readOnly": read_only}, "Management")
        for read_only in access
    ]
    for one in logged:
        if one.verdict:
            return yes(f"selected by {kind} for Management events")
    for one in logged:
        if one.verdict is None:
            return one
    what = "write" if kind == _CALL_RATE else "read or write"
    return no(f"{kind} needs {what} management events logged: {logged[0].reason}")


def judge_aggregated(trail: Mapping[str, Any]) -> RecordingVerdict:
    """Return whether a trail records aggregated events.

    Which template an aggregated event comes from AWS does not say, so a trail with
    some of the templates records it or not, unknown which.
    """
    configured = part(trail, "aggregation_configurations")
    if configured.__class__ is Unknown:
        reason = f"whether events are aggregated is not known: {configured.reason}"
        return unknown(reason)
    templates = {
        template for one in configured or () for template in one.get("Templates") or ()
    }
    if not templates:
        return no("no aggregation template is configured")
    if templates >= TEMPLATES:
        return yes("every aggregation template is configured")
    return unknown(f"only {', '.join(sorted(templates))} is configured for aggregation")
