"""Write the event that a probe stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.aws import data_events
from checker.evaluate.recording.boundaries import Value
from checker.evaluate.recording.need import Need


@dataclass(frozen=True, slots=True)
class ProbeSite:
    """Where an event is recorded: Region, account, and the STS host that was called."""

    region: str
    account: str | None
    partition: str
    host: str | None = None


def write(
    need: Need,
    place: ProbeSite,
    kind: str | None,
    source: str | None,
    values: Mapping[str, Value],
) -> dict[str, Any]:
    """Write the record that CloudTrail would make of such a call."""
    name = values["eventName"].value
    event: dict[str, Any] = {
        "eventVersion": "1.11",
        "eventCategory": need.category,
        "managementEvent": need.category == "Management",
        "eventType": values["eventType"].value,
        "awsRegion": place.region,
    }
    if place.account is not None:
        event["recipientAccountId"] = place.account
    if need.category == "Insight":
        event["insightDetails"] = {"insightType": name, "eventSource": source}
        return event
    known = data_events.lookup(source or "", name or "")
    access = values["readOnly"].value
    read_only = known.read_only if known and access is None else access == "true"
    caller = values["userIdentity.arn"].value
    event |= {
        "eventSource": source,
        "eventName": name,
        "readOnly": bool(read_only),
        "userIdentity": {"arn": caller} if caller else {"type": "Unknown"},
    }
    if kind is not None:
        arn = values["resources.ARN"].value
        event["resources"] = [{"type": kind, "ARN": arn, "accountId": place.account}]
    if place.host:
        event["tlsDetails"] = {"clientProvidedHostHeader": place.host}
    for field in ("sessionCredentialFromConsole", "errorCode"):
        if values[field].value:
            event[field] = values[field].value
    if need.category == "NetworkActivity":
        event["vpcEndpointId"] = values["vpcEndpointId"].value
    return event
