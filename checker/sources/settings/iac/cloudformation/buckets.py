"""Convert CloudFormation's buckets AWS's own form.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.sources.settings.iac.attributes import (
    Spec,
    default,
    each_of,
    filled,
    flag,
    many,
    one,
    same,
    shape,
)
from checker.sources.settings.iac.bucket_defaults import ENCRYPTED
from checker.sources.settings.iac.canned_acls import canned
from checker.sources.settings.iac.declarations import (
    Declaration,
    pending,
    policy,
    present,
)
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.public_policies import policy_status

TYPES = frozenset({"AWS::S3::Bucket", "AWS::S3::BucketPolicy"})

_BLOCK: Spec = {
    name: flag(name, default=False)
    for name in (
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    )
}
_RULE: Spec = {
    "ApplyServerSideEncryptionByDefault": one(
        "ServerSideEncryptionByDefault", same("SSEAlgorithm", "KMSMasterKeyID")
    ),
    "BucketKeyEnabled": flag("BucketKeyEnabled", default=False),
}
_TRANSITION: Spec = {
    "StorageClass": "StorageClass",
    "Days": "TransitionInDays",
    "Date": "TransitionDate",
}


def _expiration(values: Mapping[str, Any]) -> Any:
    spec: Spec = {
        "Days": "ExpirationInDays",
        "Date": "ExpirationDate",
        "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
    }
    return shape(values, spec) or None


def _filter(values: Mapping[str, Any]) -> Any:
    """Return what a rule is for, beside its prefix, as AWS's own rules have it."""
    spec: Spec = {
        "Tags": filled("TagFilters", same("Key", "Value")),
        **same("ObjectSizeGreaterThan", "ObjectSizeLessThan"),
    }
    chosen = shape(values, spec)
    return {"And": chosen} if chosen else None


_LIFECYCLE: Spec = {
    "ID": "Id",
    "Status": "Status",
    "Prefix": "Prefix",
    "Filter": _filter,
    "Expiration": _expiration,
    "Transitions": filled("Transitions", _TRANSITION),
    "NoncurrentVersionExpiration": one(
        "NoncurrentVersionExpiration", same("NoncurrentDays", "NewerNoncurrentVersions")
    ),
    "NoncurrentVersionTransitions": filled(
        "NoncurrentVersionTransitions", {"NoncurrentDays": "TransitionInDays"}
    ),
    "AbortIncompleteMultipartUpload": one(
        "AbortIncompleteMultipartUpload", same("DaysAfterInitiation")
    ),
}
_PARTS: Spec = {
    "public_access_block": one("PublicAccessBlockConfiguration", _BLOCK),
    "ownership_controls": one(
        "OwnershipControls", {"Rules": many("Rules", same("ObjectOwnership"))}
    ),
    "logging": one(
        "LoggingConfiguration",
        {"TargetBucket": "DestinationBucketName", "TargetPrefix": "LogFilePrefix"},
    ),
    "encryption": one(
        "BucketEncryption",
        {"Rules": filled("ServerSideEncryptionConfiguration", _RULE)},
    ),
    "lifecycle": one("LifecycleConfiguration", {"Rules": filled("Rules", _LIFECYCLE)}),
    "object_lock": one(
        "ObjectLockConfiguration",
        {
            "ObjectLockEnabled": default("ObjectLockEnabled", "Enabled"),
            "Rule": one(
                "Rule",
                {
                    "DefaultRetention": one(
                        "DefaultRetention", same("Mode", "Days", "Years")
                    )
                },
            ),
        },
    ),
}


def bucket(declared: Declaration, links: Links) -> dict[str, Any]:
    """Return the body of `AWS::S3::Bucket`, with the policy that is declared for it.

    New buckets block all public access since April 2023; what an older one that left
    the setting out does is unknown.
    """
    values = declared.values
    body = {"name": declared.name, "arn": declared.arn, **shape(values, _PARTS)}
    for part, otherwise in (
        (
            "public_access_block",
            pending("PublicAccessBlockConfiguration: its default depends on the age"),
        ),
        (
            "ownership_controls",
            pending("OwnershipControls: its default depends on the age"),
        ),
        ("encryption", ENCRYPTED),
        ("object_lock", _lock_enabled(values)),
    ):
        body.setdefault(part, otherwise)
    body["versioning"] = _versioning(values)
    body["logging"] = each_of(body.get("logging"), lambda one: _to(one, declared.name))
    body["acl"] = each_of(
        values.get("AccessControl"),
        lambda acl: canned(_ACL.get(str(acl or "Private"), "other"), "AccessControl"),
    )
    body["owned"] = True
    body["policy"] = links.part(
        declared,
        "AWS::S3::BucketPolicy",
        "Bucket",
        lambda each: policy(each.values.get("PolicyDocument"), "PolicyDocument"),
        None,
    )
    body["policy_status"] = policy_status(body["policy"])
    body = present(body)
    parts = ("policy", "logging", "lifecycle", "object_lock")
    state = {name: "absent" for name in parts if name not in body}
    return {**body, "region": declared.region, "_state": state}


_ACL = {
    "Private": "private",
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "LogDeliveryWrite": "log-delivery-write",
    "BucketOwnerFullControl": "private",
    "BucketOwnerRead": "private",
}


def _to(logging: Any, own: Any) -> Any:
    """Return where access logs go: without a destination, to the bucket itself."""
    return None if logging is None else {"TargetBucket": own, **logging}


def _versioning(values: Mapping[str, Any]) -> Any:
    """Return the versioning; a bucket that never had it has an empty answer."""
    found = one("VersioningConfiguration", same("Status"))(values)
    return each_of(found, lambda each: {} if each is None else each)


def _lock_enabled(values: Mapping[str, Any]) -> Any:
    enabled = flag("ObjectLockEnabled", default=False)(values)
    return each_of(
        enabled, lambda each: {"ObjectLockEnabled": "Enabled"} if each else None
    )
