"""Determine which events reach a trail or event data store at all.

Before any event selector is looked at, the trail has to be logging, and the event has
to be of its account (or the trail an organization's) and of its Region.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checker.conditions.unknown import Cause, Unknown
from checker.evaluate.recording.advanced_selectors import Holder
from checker.evaluate.recording.verdict import (
    STANDS_FOR,
    RecordingVerdict,
    no,
    part,
    unknown,
)

GLOBAL_SOURCES = frozenset({"iam.amazonaws.com", "cloudfront.amazonaws.com"})
"""Services without Regions, whose events CloudTrail records in the leader Region."""

STS = "sts.amazonaws.com"
"""The security token service: its global endpoint's host name, and event source."""

_LEADERS = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-northwest-1",
}
_DELIVERY = "cloudtrail.amazonaws.com"
_DESTINATIONS = frozenset({"s3.amazonaws.com", "logs.amazonaws.com"})


def leader(partition: str) -> str | None:
    """Return the Region of a partition's global services, if known."""
    return _LEADERS.get(partition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What of a trail's settings decides whether an event reaches it.

    Flags that are not known are `Unknown`; `cause` says why its ARN or Region is not.
    """

    name: str
    holder: Holder
    partition: str | None
    account: str | None
    region: str | None
    logging: RecordingVerdict | None
    multi_region: bool | Unknown
    organization: bool | Unknown
    global_events: bool | Unknown
    own_deliveries: bool | Unknown
    bucket: Any
    cause: Cause = Cause.UNDECIDABLE

    def judge(self, event: Mapping[str, Any]) -> RecordingVerdict | None:
        """Return None when the event reaches the trail, else why not."""
        logging = self.logging
        if logging is not None and logging.verdict is False:
            return logging
        account = None
        recipient = event.get("recipientAccountId") or event.get("accountId")
        if recipient is not None and recipient != self.account:
            account = self._judge_account(recipient)
            if account is not None and account.verdict is False:
                return account
        region = None
        if self.multi_region is not True or self.global_events is not True:
            region = self._judge_region(event)
            if region is not None and region.verdict is False:
                return region
        delivery = None
        if self.own_deliveries is not True:
            delivery = self._judge_delivery(event)
            if delivery is not None and delivery.verdict is False:
                return delivery
        return logging or account or region or delivery

    def _judge_account(self, recipient: str) -> RecordingVerdict | None:
        if self.organization is True:
            return None
        if isinstance(self.organization, Unknown):
            return self._unknown("records other accounts' events", self.organization)
        if self.account is None:
            return self._unknown(
                "is of the event's account",
                Unknown("its ARN is not known", self.cause),
            )
        return no(
            f"the event is of account {recipient}, and {self.name} is no organization "
            f"trail but one of account {self.account} only",
        )

    def _judge_region(self, event: Mapping[str, Any]) -> RecordingVerdict | None:
        region = event.get("awsRegion")
        doubt = None
        if self.multi_region is not True and region != self.region:
            if self.multi_region is False and region and self.region:
                return no(
                    f"the event is recorded in {region}, and {self.name} is a "
                    f"single-Region {self.holder} of {self.region}",
                )
            if isinstance(self.multi_region, Unknown):
                why = self.multi_region
            elif region:
                why = Unknown("its home Region is not known", self.cause)
            else:
                why = Unknown("the event has no awsRegion")
            doubt = self._unknown(f"covers {region or 'its Region'}", why)
        return self._judge_global(event) or doubt

    def _judge_global(self, event: Mapping[str, Any]) -> RecordingVerdict | None:
        """Apply IncludeGlobalServiceEvents, which a multi-Region trail must have."""
        if self.global_events is True:
            return None
        is_global = _is_global(event)
        if is_global is False:
            return None
        if isinstance(self.global_events, Unknown):
            return self._unknown("includes global services", self.global_events)
        if self.multi_region is not False:
            return self._unknown(
                "includes global services",
                "IncludeGlobalServiceEvents is false, which AWS refuses for a "
                "multi-Region trail",
            )
        if is_global is None:
            return self._unknown(
                "includes it",
                "IncludeGlobalServiceEvents is false, and the event does not say "
                "whether the global STS endpoint was called "
                "(tlsDetails.clientProvidedHostHeader)",
            )
        return no(
            f"{event.get('eventSource')} is a global service, and {self.name} has "
            "IncludeGlobalServiceEvents false",
        )

    def _judge_delivery(self, event: Mapping[str, Any]) -> RecordingVerdict | None:
        """Apply RecursiveLogging, which concerns CloudTrail's own deliveries."""
        identity = event.get("userIdentity")
        if not isinstance(identity, Mapping) or identity.get("invokedBy") != _DELIVERY:
            return None
        if isinstance(self.own_deliveries, Unknown):
            return self._unknown("records its deliveries", self.own_deliveries)
        parameters = event.get("requestParameters")
        bucket = (
            parameters.get("bucketName") if isinstance(parameters, Mapping) else None
        )
        if event.get("eventSource") == "s3.amazonaws.com" and isinstance(bucket, str):
            if bucket != self.bucket and isinstance(self.bucket, str):
                return None
            if bucket == self.bucket:
                return no(
                    f"it is CloudTrail's own delivery to {bucket}, and {self.name} has "
                    "RecursiveLogging false",
                )
        return self._unknown(
            "records its deliveries",
            "RecursiveLogging is false, and the event does not say whether it is a "
            "delivery to a destination of this trail",
        )

    def _unknown(self, what: str, why: Unknown | str) -> RecordingVerdict:
        known = Unknown(why) if isinstance(why, str) else why
        reason = f"whether {self.name} {what} is not known: {known.reason}"
        return unknown(reason, known.cause)


def _is_global(event: Mapping[str, Any]) -> bool | None:
    """Return whether an event is of a global service; STS by its host."""
    source = event.get("eventSource")
    if source in GLOBAL_SOURCES:
        return True
    if source != STS:
        return False
    tls = event.get("tlsDetails")
    host = tls.get("clientProvidedHostHeader") if isinstance(tls, Mapping) else None
    return host == STS if isinstance(host, str) else None


def scope(trail: Mapping[str, Any]) -> Scope:
    """Read what decides which events reach a trail or event data store."""
    store = "EventDataStoreArn" in trail
    arn = trail.get("EventDataStoreArn" if store else "TrailARN")
    pieces = arn.split(":") if isinstance(arn, str) else []
    known = len(pieces) >= 5
    region = trail.get("HomeRegion")
    name = trail.get("Name")
    if not isinstance(name, str):
        name = arn if isinstance(arn, str) else "the trail"
    return Scope(
        name=name,
        holder="event data store" if store else "trail",
        partition=pieces[1] if known else None,
        account=pieces[4] if known else None,
        region=region if isinstance(region, str) else pieces[3] if known else None,
        logging=_ingesting(trail, name) if store else _logging(trail, name),
        multi_region=_flag(
            trail,
            "MultiRegionEnabled" if store else "IsMultiRegionTrail",
            default=False,
        ),
        organization=_flag(
            trail,
            "OrganizationEnabled" if store else "IsOrganizationTrail",
            default=False,
        ),
        global_events=_flag(trail, "IncludeGlobalServiceEvents", default=True),
        own_deliveries=_flag(trail, "RecursiveLogging", default=True),
        bucket=trail.get("S3BucketName"),
        cause=_cause(trail, ("HomeRegion", "TrailARN", "EventDataStoreArn")),
    )


def _cause(trail: Mapping[str, Any], keys: Iterable[str]) -> Cause:
    """Return why the trail's place is not known, if it is not."""
    values = (trail.get(key) for key in keys)
    found = (value.cause for value in values if isinstance(value, Unknown))
    return next(found, Cause.NOT_COLLECTED)


def _flag(trail: Mapping[str, Any], key: str, *, default: bool) -> bool | Unknown:
    """Read a flag with the default that AWS states."""
    value = trail.get(key)
    if isinstance(value, Unknown):
        return Unknown(f"{key} is not known ({value.reason})", value.cause)
    return value if isinstance(value, bool) else default


def _logging(trail: Mapping[str, Any], name: str) -> RecordingVerdict | None:
    """Read GetTrailStatus; events from before a stop are still delivered by AWS."""
    those = trail.get(STANDS_FOR)
    if isinstance(those, Unknown):
        return unknown(those.reason, those.cause)
    status = part(trail, "status")
    if status.__class__ is Unknown:
        reason = f"whether {name} is logging is not known: {status.reason}"
        return unknown(reason, status.cause)
    logging = status.get("IsLogging") if isinstance(status, Mapping) else None
    if logging.__class__ is Unknown:
        reason = f"whether {name} is logging is not known: {logging.reason}"
        return unknown(reason, logging.cause)
    if logging is None:
        reason = "its status does not say IsLogging"
        return unknown(f"whether {name} is logging is not known: {reason}")
    if logging is True:
        return None
    return no(f"{name} is not logging (IsLogging false)")


_IDLE = frozenset({"CREATED", "STOPPED_INGESTION", "PENDING_DELETION"})
_TURNING = frozenset({"STARTING_INGESTION", "STOPPING_INGESTION"})


def _ingesting(store: Mapping[str, Any], name: str) -> RecordingVerdict | None:
    """Read an event data store's Status, as GetEventDataStore gives it."""
    status = store.get("Status")
    if status.__class__ is Unknown:
        reason = f"whether {name} is ingesting is not known: {status.reason}"
        return unknown(reason, status.cause)
    if status == "ENABLED":
        return None
    if status in _IDLE:
        return no(f"{name} is not ingesting events (Status {status})")
    if status in _TURNING:
        reason = f"its Status is {status}"
    else:
        reason = "Status: not collected"
    return unknown(f"whether {name} is ingesting is not known: {reason}")
