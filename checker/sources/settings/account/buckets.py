"""Collect the buckets that trails deliver to, and the keys around them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_S3.html
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    place,
)
from checker.sources.settings.account.trails import region_of

_REFUSED = frozenset({"AccessDenied", "403"})
_NO_BLOCK = frozenset({"NoSuchPublicAccessBlockConfiguration"})


@dataclass(frozen=True, slots=True)
class _Part:
    """One call about a bucket: `member` of its answer is the part, or all of it."""

    name: str
    operation: str
    member: str | None
    absent: str = ""


_PARTS = (
    _Part("policy", "get_bucket_policy", "Policy", "NoSuchBucketPolicy"),
    _Part(
        "policy_status",
        "get_bucket_policy_status",
        "PolicyStatus",
        "NoSuchBucketPolicy",
    ),
    _Part("acl", "get_bucket_acl", None),
    _Part(
        "ownership_controls",
        "get_bucket_ownership_controls",
        "OwnershipControls",
        "OwnershipControlsNotFoundError",
    ),
    _Part(
        "public_access_block",
        "get_public_access_block",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    _Part("versioning", "get_bucket_versioning", None),
    _Part("logging", "get_bucket_logging", "LoggingEnabled"),
    _Part(
        "encryption",
        "get_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    _Part(
        "lifecycle",
        "get_bucket_lifecycle_configuration",
        None,
        "NoSuchLifecycleConfiguration",
    ),
    _Part(
        "object_lock",
        "get_object_lock_configuration",
        "ObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
    ),
)


def buckets(
    caller: Caller, trails: Sequence[Body], progress: Progress | None
) -> list[Body]:
    """Collect the settings of every bucket that a trail names."""
    users: dict[str, list[Body]] = {}
    for trail in trails:
        if trail.get("S3BucketName"):
            users.setdefault(trail["S3BucketName"], []).append(trail)

    def collect(name: str) -> Body:
        home = users[name][0].get("HomeRegion") or caller.home
        used_by = sorted(trail["TrailARN"] for trail in users[name])
        return _bucket(caller, name, home, used_by)

    return at_once(collect, sorted(users), "buckets", progress)


def account_public_access_block(caller: Caller, body: Body) -> None:
    """Put the account's own public access block into the snapshot."""
    name = "account_public_access_block"
    question = Question(
        "s3control", "get_public_access_block", caller.home, name, None, _NO_BLOCK
    )
    if caller.account is None:
        state = caller.note(question, "UnknownAccount", "error", "whose is not known")
        place(body, name, state, None)
        return
    answer = caller.ask(question, AccountId=caller.account)
    value = answer.body.get("PublicAccessBlockConfiguration")
    place(body, name, answer.state, value)


def kms_keys(
    caller: Caller,
    trails: Sequence[Body],
    stores: Sequence[Body],
    found: Sequence[Body],
    progress: Progress | None,
) -> list[Body]:
    """Collect every key that a trail, an event data store or a bucket encrypts with."""
    users: dict[tuple[str, str], set[str]] = {}
    for key, region, user in _uses(trails, stores, found):
        place_of_key = region_of(key) if key.startswith("arn:") else region
        users.setdefault((key, place_of_key or caller.home), set()).add(user)

    def collect(named: tuple[str, str]) -> Body:
        return _key(caller, *named, sorted(users[named]))

    return at_once(collect, sorted(users), "keys", progress)


def parsed(
    caller: Caller, question: Question, state: str, text: str | None
) -> tuple[str, Any]:
    """Read a policy that AWS gives as text; give its state and value."""
    if state != "ok" or text is None:
        return state, None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return caller.note(question, "NotJSON", "error", str(error)), None
    if not isinstance(document, dict):
        said = "the policy is not a JSON object"
        return caller.note(question, "NotJSON", "error", said), None
    return state, document


def _bucket(caller: Caller, name: str, home: str, used_by: list[str]) -> Body:
    body: Body = {"name": name, "used_by": used_by}
    question = Question("s3", "get_bucket_location", home, "buckets.region", name)
    location = caller.ask(question, Bucket=name)
    # S3 leaves out the location of the oldest Region, and calls Ireland EU in old
    # buckets: API_GetBucketLocation.
    told = location.body.get("LocationConstraint") or "us-east-1"
    region = {"EU": "eu-west-1"}.get(told, told) if location.state == "ok" else None
    place(body, "region", location.state, region)
    place(body, "owned", *_owned(caller, question, location.state))
    for part in _PARTS:
        _part(caller, body, part, region or home)
    return body


def _owned(caller: Caller, question: Question, state: str) -> tuple[str, bool | None]:
    """Return whether a bucket is this account's own, by naming its owner in a request.

    S3 refuses a request that expects another owner than the bucket has.  That says so
    only where the same request without an owner was answered.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """
    if state != "ok":
        return state, None
    expecting = dataclasses.replace(question, section="buckets.owned", absent=_REFUSED)
    if caller.account is None:
        message = "who is calling is not known"
        return caller.note(expecting, "UnknownAccount", "error", message), None
    answer = caller.ask(
        expecting, Bucket=question.resource, ExpectedBucketOwner=caller.account
    )
    if answer.state == "absent":
        return "ok", False
    return answer.state, True if answer.state == "ok" else None


def _part(caller: Caller, body: Body, part: _Part, region: str) -> None:
    name = body["name"]
    question = Question(
        "s3",
        part.operation,
        region,
        f"buckets.{part.name}",
        name,
        frozenset({part.absent} - {""}),
    )
    answer = caller.ask(question, Bucket=name)
    state = answer.state
    value: Any = answer.body if state == "ok" else None
    if part.member:
        value = answer.body.get(part.member)
    if part.name == "policy":
        state, value = parsed(caller, question, state, value)
    place(body, part.name, state, value)


def _uses(
    trails: Sequence[Body], stores: Sequence[Body], found: Sequence[Body]
) -> Iterator[tuple[str, str, str]]:
    """Return (key, Region of its user, user) for each use of a key."""
    for trail in trails:
        if trail.get("KmsKeyId"):
            home = trail.get("HomeRegion") or region_of(trail["TrailARN"])
            yield trail["KmsKeyId"], home, trail["TrailARN"]
    for store in stores:
        if store.get("KmsKeyId"):
            yield store["KmsKeyId"], store["region"], store["EventDataStoreArn"]
    for bucket in found:
        encryption: Mapping[str, Any] = bucket.get("encryption") or {}
        for rule in encryption.get("Rules", []):
            default = rule.get("ApplyServerSideEncryptionByDefault") or {}
            if default.get("KMSMasterKeyID"):
                region = bucket.get("region") or ""
                yield default["KMSMasterKeyID"], region, bucket["name"]


def _key(caller: Caller, key: str, region: str, used_by: list[str]) -> Body:
    body: Body = {"id": key, "region": region, "used_by": used_by}

    def question(operation: str, part: str) -> Question:
        return Question("kms", operation, region, f"kms_keys.{part}", key)

    described = caller.ask(question("describe_key", "metadata"), KeyId=key)
    metadata = described.body.get("KeyMetadata")
    place(body, "metadata", described.state, metadata)
    # The two calls below take no alias.
    body["arn"] = (metadata or {}).get("Arn") or (key if ":key/" in key else None)
    name = body["arn"] or key
    rotation = caller.ask(question("get_key_rotation_status", "rotation"), KeyId=name)
    place(body, "rotation", rotation.state, rotation.body or None)
    asked = question("get_key_policy", "policy")
    policy = caller.ask(asked, KeyId=name, PolicyName="default")
    state, value = parsed(caller, asked, policy.state, policy.body.get("Policy"))
    place(body, "policy", state, value)
    return body
