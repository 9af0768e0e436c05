"""Find the resources of each type in a settings snapshot.

What was not collected is an `Unknown` in the place of the resources, never nothing: an
absent section was not collected, an empty one has no resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from checker.conditions import Cause, Unknown


class Kind(msgspec.Struct, frozen=True):
    """Where the resources of a type stand in a snapshot, and what names each.

    Those that lie within other things, or within an object such as `iam`, stand in the
    part `within` of each.  `later` are parts that collectors of the first version did
    not ask for: a missing one was not collected.  `lookup` is
    the part whose call answers that a thing which others name does not exist.
    """

    section: str
    names: tuple[str, ...]
    within: str | None = None
    later: tuple[str, ...] = ()
    lookup: str | None = None


# By CloudFormation type.
KINDS: Mapping[str, Kind] = {
    "AWS::CloudTrail::Trail": Kind("trails", ("TrailARN", "Name")),
    "AWS::CloudTrail::EventDataStore": Kind(
        "event_data_stores", ("EventDataStoreArn", "Name")
    ),
    "AWS::S3::Bucket": Kind(
        "buckets",
        ("arn", "name"),
        later=("owned", "ownership_controls"),
        lookup="region",
    ),
    "AWS::KMS::Key": Kind("kms_keys", ("arn", "id"), lookup="metadata"),
    "AWS::Logs::LogGroup": Kind(
        "log_groups",
        ("arn", "logGroupName"),
        later=("resource_policies",),
        lookup="creationTime",
    ),
    "AWS::CloudWatch::Alarm": Kind("alarms", ("AlarmArn", "AlarmName")),
    "AWS::SNS::Topic": Kind("sns_topics", ("TopicArn",), lookup="attributes"),
    "AWS::Cognito::IdentityPool": Kind(
        "identity_pools",
        ("arn", "IdentityPoolId"),
        later=("guest_role", "authenticated_role"),
    ),
    "AWS::Cognito::UserPool": Kind("user_pools", ("Arn", "Id"), later=("web_acl",)),
    "AWS::Cognito::UserPoolClient": Kind("user_pools", ("ClientId",), "clients"),
    "AWS::IAM::User": Kind("iam", ("arn", "user"), "credential_report"),
    "AWS::IAM::Policy": Kind("iam", ("Arn", "id"), "policies"),
    "AWS::Config::ConfigurationRecorder": Kind(
        "config_recorders", ("arn", "name"), "recorders"
    ),
    "AWS::Oam::Sink": Kind("oam_sinks", ("Arn", "Name")),
    "AWS::Oam::Link": Kind("oam_links", ("Arn", "Label")),
}

_IAM = (
    "account_summary",
    "password_policy",
    "credential_report",
    "virtual_mfa_devices",
    "saml_providers",
    "organizations_features",
    "policies",
)
_OTHERS = (
    "metric_filters",
    "account_public_access_block",
    "iam",
    "config_aggregators",
    "guardduty",
    "security_hub",
    "access_analyzers",
    "delegated_administrators",
)

_REGIONS = ("regions_enabled", "regions_scanned")
"""The Regions of an account: those enabled, or those scanned where that is denied."""

EXISTS = "exists"
"""The part that says whether a thing exists which trails or alarms name."""

ROOT = "<root_account>"
"""The root user's name in a credential report; it is no IAM user.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""


class LocatedResource(msgspec.Struct, frozen=True):
    """One resource: its body, the JSON pointer to it, and what it lies in if any."""

    body: Mapping[str, Any]
    pointer: str
    parent: Mapping[str, Any]


def find_resources(
    snapshot: Mapping[str, Any], kind: str
) -> list[LocatedResource | Unknown]:
    """List the resources of a type in the snapshot's order, and what is not known.

    Raises `KeyError` for a type that no snapshot holds.
    """
    place = KINDS[kind]
    section = snapshot.get(place.section)
    pointer = f"/{place.section}"
    if place.within is None:
        rows = _rows(section, place.section, pointer, {})
        return [_completed(each, place) for each in rows]
    if isinstance(section, Mapping):
        parents: list[LocatedResource | Unknown] = [
            LocatedResource(section, pointer, {})
        ]
    else:
        parents = list(_rows(section, place.section, pointer, {}))
    name = f"{place.section}.{place.within}"
    return [
        each
        for parent in parents
        for each in (
            _rows(
                parent.body.get(place.within),
                name,
                f"{parent.pointer}/{place.within}",
                parent.body,
            )
            if isinstance(parent, LocatedResource)
            else (parent,)
        )
    ]


def _completed(
    each: LocatedResource | Unknown, kind: Kind
) -> LocatedResource | Unknown:
    """Put an `Unknown` for each later part that a resource does not have.

    What others name has `exists` too: AWS may answer that it does not exist.
    """
    if isinstance(each, Unknown):
        return each
    missing: dict[str, Any] = {
        part: _missing(f"{kind.section}.{part}")
        for part in kind.later
        if part not in each.body
    }
    if kind.lookup is not None:
        missing[EXISTS] = _exists(each.body, kind.lookup)
    body = {**missing, **each.body} if missing else each.body
    return LocatedResource(body, each.pointer, each.parent)


def _exists(body: Mapping[str, Any], lookup: str) -> bool | Unknown:
    """Return whether a thing exists: one part that AWS answered shows that it does.

    A bucket's Region, say: S3 answers NoSuchBucket for one that does not exist, and
    AccessDenied for one of somebody else.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    """
    declared = body.get("_exists")
    if isinstance(declared, Unknown):
        return declared
    value = body.get(lookup)
    parts = (part for name, part in body.items() if name != "_state")
    if any(isinstance(part, Mapping | int) and part is not False for part in parts):
        return True
    if not isinstance(value, Unknown):
        return True if value is not None else _missing(lookup)
    return False if value.cause is Cause.GONE else value


def with_missing_sections(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Return the snapshot with an `Unknown` for each section that it does not have."""
    sections = dict.fromkeys([each.section for each in KINDS.values()] + [*_OTHERS])
    body = {**{name: _missing(name) for name in sections}, **snapshot}
    if isinstance(body["iam"], Mapping):
        parts = {part: _missing(f"iam.{part}") for part in _IAM}
        body["iam"] = {**parts, **body["iam"]}
    account = body.get("account")
    if isinstance(account, Mapping) and all(account.get(of) is None for of in _REGIONS):
        missing = _missing(f"account.{_REGIONS[0]}")
        body["account"] = {**account, _REGIONS[0]: missing}
    return body


def _rows(
    rows: object, name: str, pointer: str, parent: Mapping[str, Any]
) -> Iterator[LocatedResource | Unknown]:
    if isinstance(rows, Unknown):
        yield rows
    elif not isinstance(rows, list):
        yield _missing(name)
    else:
        for index, row in enumerate(rows):
            if isinstance(row, Unknown):
                yield row
            elif isinstance(row, Mapping) and isinstance(row.get("user"), Unknown):
                yield row["user"]  # which may be the root user's row
            elif isinstance(row, Mapping) and row.get("user") != ROOT:
                yield LocatedResource(row, f"{pointer}/{index}", parent)


def _missing(name: str) -> Unknown:
    return Unknown(f"{name}: not collected", Cause.NOT_COLLECTED)
