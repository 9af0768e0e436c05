"""Describe `requestParameters` of S3 and EC2, which are recorded as they travel.

S3's are the bucket and key of the address under names of their own, the names of
headers and of the query, and the request's document.  EC2's older calls write scalars
with a small letter and lists as `{"items": [...]}` under names that no model has, and
newer ones the whole request under its name.  Neither is documented to its end, so that
a name counts as wrong only where another one is known to stand for it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/using-cloudtrail.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checker.aws import api_models
from checker.aws.api_models import Service
from checker.aws.shapes import ANY, Shape, always, closed, lists

_OUTSIDE = frozenset({"uri", "querystring", "header"})
_OWN_NAMES = {"Bucket": "bucketName", "Key": "key", "Policy": "bucketPolicy"}
"""How S3's records name what is in the address, and a policy."""


def of_s3(service: Service, operation: str) -> Shape:
    """Return the shape of the parameters of a call of S3."""
    known = api_models.model(service)["operations"].get(operation, {})
    instead = dict(_OWN_NAMES)
    # In an address is also which part of a bucket it is about: `?acl`.
    address = known.get("http", {}).get("requestUri", "")
    names = {*re.findall(r"[?&]([\w-]+)", address), *_OWN_NAMES.values()}
    names |= {"Host", "host"}
    for member, told in _members(service, known):
        written = _OWN_NAMES.get(member) or told.get("locationName") or member
        names.add(written)
        if told.get("location") in _OUTSIDE:
            instead[member] = written
    return _open(names, instead)


def of_ec2(service: Service, operation: str) -> Shape:
    """Return the shape of the parameters of a call of EC2."""
    known = api_models.model(service)["operations"].get(operation, {})
    shapes = api_models.model(service)["shapes"]
    scalars = [
        member
        for member, told in _members(service, known)
        if shapes[told["shape"]]["type"] not in ("structure", "list", "map")
    ]
    inside = f"{operation}Request"
    plain = {name: name[:1].lower() + name[1:] for name in scalars}
    given, instead = _LISTS.get(operation, ({}, {}))
    return _open({*plain.values(), inside}, {**plain, **instead}, given)


def _members(
    service: Service, operation: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    given = operation.get("input")
    if given is not None:
        shape = api_models.model(service)["shapes"][given["shape"]]
        yield from shape.get("members", {}).items()


def _open(
    names: set[str],
    instead: Mapping[str, str],
    given: Mapping[str, Callable[[], Shape]] | None = None,
) -> Shape:
    """Return an object that may hold other names than these, but no other spelling."""
    members = dict.fromkeys(sorted(names), always(ANY)) | dict(given or {})
    wrong = {name.lower(): name for name in members}
    wrong |= {name.lower(): right for name, right in instead.items()}
    return Shape("object", members, instead=wrong)


def _items(*names: str, **inner: Callable[[], Shape]) -> Callable[[], Shape]:
    row = _open(set(names), {}, inner)
    return always(closed(items=lists(row)))


_PERMISSIONS = _items(
    *("fromPort", "toPort", "ipProtocol", "groups", "prefixListIds"),
    ipRanges=_items("cidrIp", "description"),
    ipv6Ranges=_items("cidrIpv6", "description"),
)
_SHARED: Mapping[str, Callable[[], Shape]] = {
    name: always(
        _open(
            set(),
            {},
            {"add": _items("group", "userId"), "remove": _items("group", "userId")},
        )
    )
    for name in ("createVolumePermission", "launchPermission")
}
_INSTANCES = (
    {"instancesSet": _items("instanceId")},
    dict.fromkeys(("instanceIds", "instanceId"), "instancesSet.items[].instanceId"),
)
_Lists = tuple[Mapping[str, Callable[[], Shape]], Mapping[str, str]]
_LISTS: Mapping[str, _Lists] = {
    **dict.fromkeys(
        ("StartInstances", "StopInstances", "TerminateInstances", "DescribeInstances"),
        _INSTANCES,
    ),
    **dict.fromkeys(
        (
            f"{verb}SecurityGroup{direction}"
            for verb in ("Authorize", "Revoke")
            for direction in ("Ingress", "Egress")
        ),
        ({"ipPermissions": _PERMISSIONS}, {}),
    ),
    **dict.fromkeys(("ModifySnapshotAttribute", "ModifyImageAttribute"), (_SHARED, {})),
}
"""Lists of EC2's calls as records hold them, and what is written by mistake."""
