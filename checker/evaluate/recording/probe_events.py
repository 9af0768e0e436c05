"""Write the event that a probe stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from checker.aws import data_events
from checker.evaluate.recording.boundaries import Value
from checker.evaluate.recording.need import Need


class ProbeSite(msgspec.Struct, frozen=True):
    """Where an event is recorded: Region, account, and the STS host that was called."""

    region: str
    account: str | None
    partition: str
    host: str | None = None


def write(
    need: Need,
    place: ProbeSite,
    kind: Value,
    source: Value,
    values: Mapping[str, Value],
) -> dict[str, Any]:
    """Write the record that CloudTrail would make of such a call."""
    name = values["eventName"].written
    event: dict[str, Any] = {
        "eventVersion": "1.11",
        "eventCategory": need.category,
        "managementEvent": need.category == "Management",
        "eventType": values["eventType"].written,
        "awsRegion": place.region,
    }
    if place.account is not None:
        event["recipientAccountId"] = place.account
    if need.category == "Insight":
        event["insightDetails"] = {
            "insightType": name,
            "eventSource": source.written,
        }
        return event
    known = data_events.lookup(source.value or "", name or "")
    access = values["readOnly"].written
    read_only = known.read_only if known and access is None else access == "true"
    caller = values["userIdentity.arn"].written
    event |= {
        "eventSource": source.written,
        "eventName": name,
        "readOnly": bool(read_only),
        "userIdentity": {"arn": caller} if caller else {"type": "Unknown"},
    }
    if kind.value is not None:
        arn = values["resources.ARN"].written
        event["resources"] = [
            {"type": kind.written, "ARN": arn, "accountId": place.account}
        ]
    if place.host:
        event["tlsDetails"] = {"clientProvidedHostHeader": place.host}
    for field in ("sessionCredentialFromConsole", "errorCode"):
        if values[field].written:
            event[field] = values[field].written
    if need.category == "NetworkActivity":
        event["vpcEndpointId"] = values["vpcEndpointId"].written
    return event
