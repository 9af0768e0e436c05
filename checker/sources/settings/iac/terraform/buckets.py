"""Convert Terraform's buckets AWS's own form.

A bucket's settings are resources of their own (`aws_s3_bucket_policy` …), and in older
configurations blocks of `aws_s3_bucket`.  For a bucket that the plan creates, what is
declared nowhere has AWS's default: no policy, never versioned, AES256, and since April
2023 all public access blocked.  Of one that exists already, the plan holds what the
provider reads with the bucket; the rest is unknown.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checker.sources.settings.iac.attributes import (
    Reader,
    Spec,
    block,
    default,
    each_of,
    filled,
    many,
    shape,
)
from checker.sources.settings.iac.bucket_defaults import (
    BLOCKED,
    ENCRYPTED,
    OWNER_ENFORCED,
)
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    policy,
    present,
    undeclared,
)
from checker.sources.settings.iac.links import Links
from checker.sources.settings.iac.public_policies import policy_status
from checker.sources.settings.iac.terraform import acls

TYPES = frozenset(
    {
        "aws_s3_bucket",
        "aws_s3_account_public_access_block",
        "aws_s3_bucket_acl",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_object_lock_configuration",
    }
)

_BLOCK: Spec = {
    "BlockPublicAcls": default("block_public_acls", otherwise=False),
    "IgnorePublicAcls": default("ignore_public_acls", otherwise=False),
    "BlockPublicPolicy": default("block_public_policy", otherwise=False),
    "RestrictPublicBuckets": default("restrict_public_buckets", otherwise=False),
}
_OWNERSHIP: Spec = {"Rules": many("rule", {"ObjectOwnership": "object_ownership"})}
_LOGGING: Spec = {"TargetBucket": "target_bucket", "TargetPrefix": "target_prefix"}
_RULE: Spec = {
    "ApplyServerSideEncryptionByDefault": block(
        "apply_server_side_encryption_by_default",
        {"SSEAlgorithm": "sse_algorithm", "KMSMasterKeyID": "kms_master_key_id"},
    ),
    "BucketKeyEnabled": default("bucket_key_enabled", otherwise=False),
}


def _tags_of(name: str) -> Reader:
    """Read a map of tags as AWS's list of them; none are left out."""

    def settled(tags: Any) -> Any:
        if not isinstance(tags, Mapping):
            return tags or None
        return [{"Key": key, "Value": value} for key, value in tags.items()] or None

    return lambda values: each_of(values.get(name), settled)


_DAYS: Spec = {
    "Days": "days",
    "Date": "date",
    "ExpiredObjectDeleteMarker": "expired_object_delete_marker",
}
_TAG: Spec = {"Key": "key", "Value": "value"}
_SIZES: Spec = {
    "ObjectSizeGreaterThan": "object_size_greater_than",
    "ObjectSizeLessThan": "object_size_less_than",
}
_FILTER: Spec = {
    "Prefix": "prefix",
    "Tag": block("tag", _TAG),
    "And": block("and", {"Prefix": "prefix", "Tags": _tags_of("tags"), **_SIZES}),
    **_SIZES,
}
_LIFECYCLE: Spec = {
    "ID": "id",
    "Status": "status",
    "Prefix": "prefix",
    "Filter": block("filter", _FILTER),
    "Expiration": block("expiration", _DAYS),
    "Transitions": filled("transition", {"StorageClass": "storage_class", **_DAYS}),
    "NoncurrentVersionExpiration": block(
        "noncurrent_version_expiration", {"NoncurrentDays": "noncurrent_days"}
    ),
    "NoncurrentVersionTransitions": filled(
        "noncurrent_version_transition", {"NoncurrentDays": "noncurrent_days"}
    ),
    "AbortIncompleteMultipartUpload": block(
        "abort_incomplete_multipart_upload",
        {"DaysAfterInitiation": "days_after_initiation"},
    ),
}
_RETENTION: Spec = {
    "DefaultRetention": block(
        "default_retention", {"Mode": "mode", "Days": "days", "Years": "years"}
    )
}
_LOCK: Spec = {
    "ObjectLockEnabled": default("object_lock_enabled", "Enabled"),
    "Rule": block("rule", _RETENTION),
}


def account_block(declared: Declaration) -> dict[str, Any]:
    """Return the account's own public access block."""
    found: dict[str, Any] = shape(declared.values, _BLOCK)
    return found


def bucket(declared: Declaration, links: Links) -> dict[str, Any]:
    """Return the body of `aws_s3_bucket` with all that is declared for it."""

    def part(
        kind: str, read: Callable[[Mapping[str, Any]], Any], otherwise: Any
    ) -> Any:
        return links.part(
            declared,
            f"aws_s3_bucket_{kind}",
            "bucket",
            lambda each: read(each.values),
            otherwise,
        )

    body = {
        "name": declared.name,
        "arn": declared.arn,
        "owned": True,
        "region": declared.region,
        "policy": part("policy", _policy, _inline(declared, "policy", _policy, None)),
        "public_access_block": part(
            "public_access_block",
            lambda values: shape(values, _BLOCK),
            dict(BLOCKED)
            if declared.new
            else undeclared("public_access_block", "plan"),
        ),
        "ownership_controls": part(
            "ownership_controls",
            lambda values: shape(values, _OWNERSHIP),
            dict(OWNER_ENFORCED)
            if declared.new
            else undeclared("ownership_controls", "plan"),
        ),
        "versioning": part(
            "versioning", _versioning, _inline(declared, "versioning", _old_status, {})
        ),
        "logging": part(
            "logging",
            lambda values: shape(values, _LOGGING),
            _inline(declared, "logging", block("logging", _LOGGING), None),
        ),
        "encryption": part(
            "server_side_encryption_configuration",
            lambda values: shape(values, {"Rules": filled("rule", _RULE)}),
            _inline(
                declared,
                "server_side_encryption_configuration",
                block(
                    "server_side_encryption_configuration",
                    {"Rules": filled("rule", _RULE)},
                ),
                ENCRYPTED,
            ),
        ),
        "lifecycle": part(
            "lifecycle_configuration",
            lambda values: shape(values, {"Rules": filled("rule", _LIFECYCLE)}),
            _inline(declared, "lifecycle_rule", _old_lifecycle, None),
        ),
        "object_lock": part(
            "object_lock_configuration",
            lambda values: shape(values, _LOCK),
            _inline(declared, "object_lock_enabled", _lock_enabled, None),
        ),
        "acl": part("acl", acls.of_resource, acls.of_bucket(declared)),
        "_state": {},
    }
    body["policy_status"] = policy_status(body["policy"])
    return _with_state(present(body))


def _inline(declared: Declaration, name: str, read: Reader, otherwise: Any) -> Any:
    """Read a setting that stands with the bucket, or was read with it from AWS."""
    value = declared.values.get(name)
    if is_unknown(value):
        # The provider computes it: for a new bucket that is AWS's default.
        return otherwise if declared.new and not chosen(declared, name) else value
    found = read(declared.values)
    nothing = found is None or (isinstance(found, dict) and not found)
    return otherwise if nothing else found


def chosen(declared: Declaration, name: str) -> bool:
    """Return whether the configuration sets an attribute; without one it may."""
    return name in declared.references or not declared.references


def _policy(values: Mapping[str, Any]) -> Any:
    text = values.get("policy")
    return policy(text, "policy") if is_unknown(text) or text else None


def _versioning(values: Mapping[str, Any]) -> Any:
    spec: Spec = {"Status": "status", "MFADelete": "mfa_delete"}
    found = block("versioning_configuration", spec)(values)
    if not isinstance(found, dict) or is_unknown(found.get("Status")):
        return found
    return {} if found.get("Status") == "Disabled" else found


def _old_status(values: Mapping[str, Any]) -> Any:
    found = block("versioning", {"enabled": "enabled", "mfa": "mfa_delete"})(values)
    if not isinstance(found, dict):
        return found
    enabled, mfa = found.get("enabled"), found.get("mfa")
    if is_unknown(enabled) or is_unknown(mfa):
        return enabled if is_unknown(enabled) else mfa
    if not enabled:
        return {}
    return {"Status": "Enabled", "MFADelete": "Enabled" if mfa else "Disabled"}


def _old_lifecycle(values: Mapping[str, Any]) -> Any:
    def status(rule: Mapping[str, Any]) -> Any:
        enabled = rule.get("enabled")
        if is_unknown(enabled):
            return enabled
        return "Enabled" if enabled else "Disabled"

    own: Spec = {
        **_LIFECYCLE,
        "Status": status,
        "Filter": _old_filter,
        "AbortIncompleteMultipartUpload": _old_abortion,
    }
    rules = filled("lifecycle_rule", own)(values)
    return rules if rules is None or is_unknown(rules) else {"Rules": rules}


def _old_abortion(rule: Mapping[str, Any]) -> Any:
    days = rule.get("abort_incomplete_multipart_upload_days")
    if is_unknown(days):
        return days
    return {"DaysAfterInitiation": days} if days else None


def _old_filter(rule: Mapping[str, Any]) -> Any:
    """Return the tags of a rule of the bucket's own block, as AWS has them."""
    tags = _tags_of("tags")(rule)
    return tags if is_unknown(tags) or tags is None else {"And": {"Tags": tags}}


def _lock_enabled(values: Mapping[str, Any]) -> Any:
    enabled = values.get("object_lock_enabled")
    return {"ObjectLockEnabled": "Enabled"} if enabled else None


def _with_state(body: dict[str, Any]) -> dict[str, Any]:
    parts = ("policy", "logging", "lifecycle", "object_lock")
    return {**body, "_state": {name: "absent" for name in parts if name not in body}}
