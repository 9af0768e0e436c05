"""Describe digest files: what was found, and what a digest says.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from checker.verdict import Integrity


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was found: its uncompressed text, or why there is none.

    `state` is `here`, `gone` (it is not where it should be), `damaged` (it is not gzip
    any more) or `unread` (not known: denied, failed).
    """

    uri: str
    state: str
    text: bytes = b""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DigestFile:
    """One digest file, at a key of a bucket or at a path on disk.

    A `bucket` of None is a copy on disk, which does not know its bucket, and whose path
    may lack the prefix.  `signature` and `algorithm` come from the object's metadata.
    """

    content: Content
    path: str
    bucket: str | None = None
    signature: str | None = None
    algorithm: str | None = None


class Digest(msgspec.Struct, frozen=True):
    """The fields of a digest that count.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
    """

    digestStartTime: str  # noqa: N815 - CloudTrail's own names
    digestEndTime: str  # noqa: N815 - CloudTrail's own names
    digestS3Bucket: str  # noqa: N815 - CloudTrail's own names
    digestS3Object: str  # noqa: N815 - CloudTrail's own names
    digestPublicKeyFingerprint: str  # noqa: N815 - CloudTrail's own names
    digestSignatureAlgorithm: str  # noqa: N815 - CloudTrail's own names
    previousDigestS3Bucket: str | None  # noqa: N815 - CloudTrail's own names
    previousDigestS3Object: str | None  # noqa: N815 - CloudTrail's own names
    previousDigestHashValue: str | None  # noqa: N815 - CloudTrail's own names
    previousDigestHashAlgorithm: str | None  # noqa: N815 - CloudTrail's own names
    previousDigestSignature: str | None  # noqa: N815 - CloudTrail's own names
    logFiles: list[dict[str, Any]]  # noqa: N815 - CloudTrail's own names


@dataclass(slots=True)
class Link:
    """A digest in its chain: what it says, and its verdict once there is one."""

    file: DigestFile
    said: Digest | None
    integrity: Integrity = Integrity.UNVERIFIABLE
    reason: str = ""

    @property
    def identity(self) -> tuple[str, str] | None:
        """The bucket and the key at which it says that it was delivered."""
        said = self.said
        return (said.digestS3Bucket, said.digestS3Object) if said else None

    @property
    def previous(self) -> tuple[str, str] | None:
        """The bucket and the key of the digest before it."""
        said = self.said
        if said and said.previousDigestS3Bucket and said.previousDigestS3Object:
            return said.previousDigestS3Bucket, said.previousDigestS3Object
        return None


def signed_text(digest: Digest, text: bytes) -> bytes:
    """Return the bytes that CloudTrail signs for a digest whose own text is `text`."""
    lines = (
        digest.digestEndTime,
        f"{digest.digestS3Bucket}/{digest.digestS3Object}",
        hashlib.sha256(text).hexdigest(),
        digest.previousDigestSignature or "null",
    )
    return "\n".join(lines).encode()


def decode(content: Content) -> Digest | None:
    """Return what a digest file says; None for what is not one."""
    try:
        return msgspec.json.decode(content.text, type=Digest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
