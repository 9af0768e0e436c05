"""Convert Terraform's ACLs: canned ones, grants of a policy, and grants of a bucket.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_acl
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.sources.settings.iac.attributes import Spec, block, each_of, many, shape
from checker.sources.settings.iac.canned_acls import canned
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    pending,
    undeclared,
)

_GRANTEE: Spec = {"Type": "type", "URI": "uri", "ID": "id"}
_GRANTS: Spec = {
    "Grants": many(
        "grant", {"Grantee": block("grantee", _GRANTEE), "Permission": "permission"}
    )
}


def of_resource(values: Mapping[str, Any]) -> Any:
    """Return the grants of `aws_s3_bucket_acl`, which has an ACL or a policy."""
    grants = block("access_control_policy", _GRANTS)(values)
    named = values.get("acl")
    if not is_unknown(named) and named:
        return canned(named, "acl")
    if is_unknown(grants) or grants:
        return grants
    return canned(named, "acl") if is_unknown(named) else pending("acl: not given")


def of_bucket(declared: Declaration) -> Any:
    """Return the grants that stand with a bucket, or were read with it from AWS."""
    grants, named = declared.values.get("grant"), declared.values.get("acl")
    if isinstance(grants, list) and grants:
        return {"Grants": [row for each in grants for row in _rows(each)]}
    if declared.new:
        chosen = is_unknown(named) and "acl" in declared.references
        return canned(named if chosen or isinstance(named, str) else None, "acl")
    if is_unknown(named) or named:
        return canned(named, "acl")
    # An existing bucket's grants are read from AWS: none means the owner's alone.
    if isinstance(grants, list):
        return canned("private", "acl")
    return undeclared("acl", "plan")


def _rows(grant: Any) -> list[Any]:
    if is_unknown(grant):
        return [grant]
    several = grant.get("permissions")
    grantee = shape(grant, _GRANTEE)
    found = each_of(several, lambda each: each if isinstance(each, list) else [])
    if is_unknown(found):
        return [{"Grantee": grantee, "Permission": found}]
    return [{"Grantee": grantee, "Permission": each} for each in found]
