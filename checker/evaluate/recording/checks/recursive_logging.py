"""Determine whether a trail records the delivery of its own log files.

CloudTrail writes each log file with PutObject into the trail's bucket.  Where data
events of that bucket are recorded, each file is the reason for the next one.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.conditions.unknown import Cause, Unknown
from checker.evaluate.recording.named import with_names
from checker.evaluate.recording.recorder import recorder
from checker.evaluate.recording.scope import Scope, scope

_DELIVERY = "cloudtrail.amazonaws.com"


def rows(
    trail: Mapping[str, Any], snapshot: Mapping[str, Any]
) -> list[dict[str, str]] | Unknown:
    """Return a row with `bucket` and `reason` if the trail records itself.

    A trail of one Region records only those into a bucket there; a bucket's Region is
    taken from the snapshot.
    """
    bucket = trail.get("S3BucketName")
    if bucket.__class__ is Unknown:
        return _of_unknown(trail, bucket, snapshot)
    if not isinstance(bucket, str) or not bucket:
        return []
    own = scope(trail)
    region = _region(bucket, own, snapshot)
    if isinstance(region, Unknown) and _is_home(region, trail):
        # In whichever Region, it is the same one.
        placed = {**trail, "HomeRegion": _SOME_REGION}
        return rows(placed, {"buckets": [{"name": bucket, "region": _SOME_REGION}]})
    known_region = region if isinstance(region, str) else None
    records, doubt = recorder(trail), None
    for key in _keys(trail, own):
        event = _delivery(own, bucket, key, known_region or own.region)
        answer = records(event)
        if answer.verdict is None:
            doubt = Unknown(answer.reason, answer.cause)
        elif answer.verdict and known_region is None:
            cause = region.cause if isinstance(region, Unknown) else Cause.NOT_COLLECTED
            doubt = Unknown(f"the Region of the bucket {bucket} is not known", cause)
        elif answer.verdict:
            said = f"each log file delivered to {bucket} is {answer.reason}"
            return [{"bucket": bucket, "reason": said}]
    return [] if doubt is None else doubt


def _is_home(region: Unknown, trail: Mapping[str, Any]) -> bool:
    home = trail.get("HomeRegion")
    return (
        isinstance(home, Unknown)
        and home.sketch is not None
        and home.sketch == region.sketch
    )


_SOME_REGION = "us-east-1"


def _of_unknown(
    trail: Mapping[str, Any], bucket: Unknown, snapshot: Mapping[str, Any]
) -> list[dict[str, str]] | Unknown:
    """Answer for a bucket that is not known: nothing if no data events are recorded."""
    records = recorder(trail)
    if not records.selection.candidates("Data"):
        return []
    made_up = with_names(bucket, [trail])
    if made_up is not None:
        name, (named,) = made_up
        region = _region(bucket, scope(trail), snapshot)
        return rows(named, {"buckets": [{"name": name, "region": region}]})
    own = scope(trail)
    event = _delivery(
        own, _SOME_BUCKET, _keys(trail, own)[0], own.region or "us-east-1"
    )
    answer = records(event)
    if answer.verdict and own.multi_region is True:
        said = f"each log file delivered to its bucket is {answer.reason}"
        return [{"bucket": "", "reason": said}]
    return Unknown(bucket.reason, bucket.cause)


_SOME_BUCKET = "a-bucket-that-no-selector-names"


def _region(
    bucket: str | Unknown, own: Scope, snapshot: Mapping[str, Any]
) -> str | Unknown | None:
    """Return the bucket's Region; of no matter to a trail of all Regions."""
    if own.multi_region is True:
        return own.region or "us-east-1"
    buckets = snapshot.get("buckets")
    for each in buckets if isinstance(buckets, list) else ():
        if isinstance(each, Mapping) and _is_same(each.get("name"), bucket):
            region = each.get("region")
            return region if isinstance(region, str | Unknown) else None
    return None


def _is_same(name: object, bucket: str | Unknown) -> bool:
    if isinstance(name, Unknown) and isinstance(bucket, Unknown):
        return name.sketch is not None and name.sketch == bucket.sketch
    known = not isinstance(name, Unknown) and isinstance(bucket, str)
    return known and name == bucket


def _keys(trail: Mapping[str, Any], own: Scope) -> list[str]:
    """Return the kinds of keys that CloudTrail writes: log files and digests."""
    prefix = trail.get("S3KeyPrefix")
    start = f"{prefix}/" if isinstance(prefix, str) and prefix else ""
    account, region = own.account or "000000000000", own.region or "us-east-1"
    return [
        f"{start}AWSLogs/{account}/{kind}/{region}/2026/11/21/file.json.gz"
        for kind in ("CloudTrail", "CloudTrail-Digest")
    ]


def _delivery(
    own: Scope, bucket: str, key: str, region: str | None
) -> dict[str, object]:
    """Write the record of CloudTrail's own PutObject."""
    arn = f"arn:{own.partition or 'aws'}:s3:::{bucket}/{key}"
    return {
        "eventVersion": "1.11",
        "eventCategory": "Data",
        "managementEvent": False,
        "eventType": "AwsApiCall",
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "readOnly": False,
        "awsRegion": region,
        "userIdentity": {"type": "AWSService", "invokedBy": _DELIVERY},
        "requestParameters": {"bucketName": bucket, "key": key},
        "resources": [{"type": "AWS::S3::Object", "ARN": arn}],
    } | ({"recipientAccountId": own.account} if own.account else {})
