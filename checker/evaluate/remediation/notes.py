"""Describe what a change costs and what else follows from it, in words.

What is charged is told by https://aws.amazon.com/cloudtrail/pricing/; prices change, so
none is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.evaluate.recording.need import Need
from checker.evaluate.recording.recorder import Trail, recorder
from checker.evaluate.remediation.present import Selector
from checker.evaluate.remediation.wanted import SelectorSpec

_PRICING = "https://aws.amazon.com/cloudtrail/pricing/"
_S3 = "AWS::S3::Object"


def billing(
    wanted: Sequence[SelectorSpec], new: Trail, others: Sequence[Trail]
) -> tuple[str, ...]:
    """Describe what of the newly recorded events AWS charges for; empty for nothing.

    `others` are the trails beside the changed one.
    """
    categories = {one.category for one in wanted}
    found: list[str] = []
    if "Data" in categories:
        found.append("CloudTrail charges for every data event that it delivers")
    if "NetworkActivity" in categories:
        found.append("CloudTrail charges for every network activity event it delivers")
    if "Management" in categories:
        found.extend(_copies(new, others))
    group = new.get("CloudWatchLogsLogGroupArn")
    if found and isinstance(group, str) and group:
        found.append(f"CloudWatch Logs charges for ingesting them into {group}")
    return (*found, f"see {_PRICING}") if found else ()


def _copies(new: Trail, others: Sequence[Trail]) -> Iterator[str]:
    """Return which other trails record management events, and so make these a copy."""
    names = [
        str(other.get("Name") or other.get("TrailARN"))
        for other in others
        if any(
            recorder(other)(each).verdict is not False for each in _calls(new, other)
        )
    ]
    if names:
        yield (
            "only the first copy of management events is free in each Region, and "
            f"{', '.join(names)} may record some of the same ones"
        )


def _calls(new: Trail, other: Trail) -> Iterator[Mapping[str, Any]]:
    """Return a read and a write call of each Region that both trails may see."""
    for trail in (new, other):
        for read_only in (True, False):
            yield {
                "eventCategory": "Management",
                "eventSource": "ec2.amazonaws.com",
                "awsRegion": trail.get("HomeRegion"),
                "readOnly": read_only,
            }


def consequences(
    old: Trail,
    new: Trail,
    needs: Sequence[Need],
    wanted: Sequence[SelectorSpec],
    converted: Sequence[Selector],
) -> Iterator[str]:
    """Describe what else follows from a change of one trail.

    `converted` are the advanced selectors that basic ones became, if they did.
    """
    if converted:
        yield (
            "what the trail selects now (basic event selectors, or the default) is "
            "written as advanced ones, for a trail has only the one kind"
        )
    if any(
        one["Field"] == "resources.ARN" and "StartsWith" in one
        for each in converted
        for one in each["FieldSelectors"]
    ):
        yield (
            "AWS does not say whether an advanced selector on resources.ARN records S3 "
            "calls on a bucket's listing (ListObjects), which have only an ARNPrefix"
        )
    if new.get("IsMultiRegionTrail") is True and any(
        need.regions and need.category != "Management" and not need.arn
        for need in needs
    ):
        yield "selectors do not know Regions: events of every Region are recorded"
    if new.get("IsOrganizationTrail") is True:
        yield "it is an organization trail: events of every member account are recorded"
    if any(one.category == "Data" and one.resource_type == _S3 for one in wanted):
        yield from _deliveries(old, new)


def _deliveries(old: Trail, new: Trail) -> Iterator[str]:
    """Warn of a trail that begins to record its own deliveries, over and over."""
    bucket = new.get("S3BucketName")
    if not isinstance(bucket, str):
        return
    prefix = new.get("S3KeyPrefix")
    start = f"{prefix}/" if isinstance(prefix, str) and prefix else ""
    event = {
        "eventCategory": "Data",
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "readOnly": False,
        "awsRegion": new.get("HomeRegion"),
        "userIdentity": {
            "type": "AWSService",
            "invokedBy": "cloudtrail.amazonaws.com",
        },
        "requestParameters": {"bucketName": bucket},
        "resources": [
            {"type": _S3, "ARN": f"arn:aws:s3:::{bucket}/{start}AWSLogs/1.json.gz"}
        ],
    }
    if recorder(new)(event).verdict and not recorder(old)(event).verdict:
        yield (
            f"CloudTrail's own deliveries to {bucket} are recorded too, each of which "
            "makes another; RecursiveLogging false (update-trail) leaves them out"
        )
