"""Hold the grants of S3's canned ACLs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""

from __future__ import annotations

from typing import Any

from checker.sources.settings.iac.declarations import is_unknown, pending


def canned(acl: Any, name: str) -> Any:
    """Return the grants of a canned ACL; the owner's id is never known here."""
    if is_unknown(acl):
        return acl
    uri = "http://acs.amazonaws.com/groups/"
    groups = {
        "private": [],
        "public-read": [("global/AllUsers", "READ")],
        "public-read-write": [
            ("global/AllUsers", "READ"),
            ("global/AllUsers", "WRITE"),
        ],
        "authenticated-read": [("global/AuthenticatedUsers", "READ")],
        "log-delivery-write": [
            ("s3/LogDelivery", "WRITE"),
            ("s3/LogDelivery", "READ_ACP"),
        ],
    }.get(acl or "private")
    if groups is None:
        return pending(f"{name}: the grants of {acl!s:.40} are not known before apply")
    owner = {
        "Grantee": {"Type": "CanonicalUser", "ID": pending("the owner's id")},
        "Permission": "FULL_CONTROL",
    }
    given = [
        {"Grantee": {"Type": "Group", "URI": uri + group}, "Permission": permission}
        for group, permission in groups
    ]
    return {"Grants": [owner, *given]}
