"""Evaluate log files by the digest files that CloudTrail signs.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-custom-validation.html

A digest vouches for log files by the SHA-256 of their uncompressed text, and for the
digest before it by its hash and signature.  CloudTrail puts a digest's own signature
into the metadata of its S3 object only; a copy of the files lacks it, and then the next
digest's `previousDigestSignature` serves as well.  What is compressed around the text
(the gzip header's time, for one) is not signed by anyone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from checker.verdict import FileKind, Integrity, Verdict, Verification

Check: TypeAlias = Callable[[str, bytes, bytes], "bool | None"]
"""Takes fingerprint, signature and signed text; None when there is no such key."""

_NAME: Final = re.compile(
    r"(?P<chain>.+)_(?P<time>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json(?:\.gz)?"
)
_LOG_TIME: Final = re.compile(r"_(\d{8}T\d{4})Z_")
_ALGORITHM: Final = "SHA256withRSA"
_HASH: Final = "SHA-256"
_WORST: Final = (
    Integrity.UNVERIFIABLE,
    Integrity.VALID,
    Integrity.DELETED,
    Integrity.MODIFIED,
)


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
class _Link:
    """A digest on its way to a verdict."""

    file: DigestFile
    said: Digest | None
    integrity: Integrity = Integrity.UNVERIFIABLE
    reason: str = ""

    @property
    def identity(self) -> tuple[str, str] | None:
        said = self.said
        return (said.digestS3Bucket, said.digestS3Object) if said else None


def verify(
    digests: Sequence[DigestFile],
    logs: Mapping[str, str],
    find: Callable[[str, str], Content],
    check: Check,
    *,
    partial: bool = False,
) -> Verification:
    """Evaluate digests, the log files that they name, and the `logs` that none names.

    `logs` maps the URI of each log file that is there to its key.  `find` reads an
    object by bucket and key.  `partial` says that what came before the oldest digest of
    a chain may be left out on purpose, so that it is not called deleted.
    """
    links = [_Link(file, _decode(file.content)) for file in digests]
    newer = _by_previous(links)
    newest_first = sorted(links, key=_end_time, reverse=True)
    for link in newest_first:
        _judge(link, newer, check)
    chains = _chains(newest_first)
    verdicts = [
        Verdict(FileKind.DIGEST, link.file.content.uri, link.integrity, link.reason)
        for link in newest_first
    ]
    gaps: list[str] = []
    for chain in chains:
        verdicts += _missing(chain, links, find, partial=partial)
        gaps += _gaps(chain)
    of_logs = _logs(newest_first, find)
    verdicts += of_logs.values()
    newest = max((link.said.digestEndTime for link in links if link.said), default="")
    verdicts += [
        Verdict(FileKind.LOG, uri, Integrity.UNVERIFIABLE, _unnamed(key, newest))
        for uri, key in logs.items()
        if uri not in of_logs
    ]
    order = sorted(verdicts, key=lambda verdict: (verdict.kind.value, verdict.uri))
    return Verification(tuple(order), tuple(gaps))


def signed_text(digest: Digest, text: bytes) -> bytes:
    """Return the bytes that CloudTrail signs for a digest whose own text is `text`."""
    lines = (
        digest.digestEndTime,
        f"{digest.digestS3Bucket}/{digest.digestS3Object}",
        hashlib.sha256(text).hexdigest(),
        digest.previousDigestSignature or "null",
    )
    return "\n".join(lines).encode()


def _decode(content: Content) -> Digest | None:
    try:
        return msgspec.json.decode(content.text, type=Digest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _end_time(link: _Link) -> tuple[str, str]:
    return (link.said.digestEndTime if link.said else "", link.file.path)


def _by_previous(links: Sequence[_Link]) -> dict[tuple[str, str], list[_Link]]:
    """Each digest that another names, with those that name it."""
    named: dict[tuple[str, str], list[_Link]] = {}
    for link in links:
        previous = _previous(link)
        if previous:
            named.setdefault(previous, []).append(link)
    return named


def _previous(link: _Link) -> tuple[str, str] | None:
    said = link.said
    if said and said.previousDigestS3Bucket and said.previousDigestS3Object:
        return said.previousDigestS3Bucket, said.previousDigestS3Object
    return None


def _judge(
    link: _Link, newer: Mapping[tuple[str, str], list[_Link]], check: Check
) -> None:
    """Settle one digest, after every newer one."""
    content, said = link.file.content, link.said
    if content.state == "unread":
        link.reason = content.reason
        return
    link.integrity = Integrity.MODIFIED
    if said is None:
        link.reason = content.reason or "it is no digest of log-file validation"
    elif not _stands_where_it_says(link.file, said):
        place = f"s3://{said.digestS3Bucket}/{said.digestS3Object}"
        link.reason = f"it is not where it was delivered ({place})"
    elif said.digestSignatureAlgorithm != _ALGORITHM:
        link.reason = f"its signature is not {_ALGORITHM}"
    else:
        followers = newer.get((said.digestS3Bucket, said.digestS3Object), [])
        link.integrity, link.reason = _signed(link.file, said, followers, check)


def _stands_where_it_says(file: DigestFile, said: Digest) -> bool:
    """Hold the place of a digest against the one that was signed with it.

    A copy on disk may lack the prefix of the trail, but never what follows `AWSLogs/`;
    a file that was fetched alone has only its name.
    """
    key = said.digestS3Object
    if file.bucket is not None:
        return (file.bucket, file.path) == (said.digestS3Bucket, key)
    mark = "AWSLogs/"
    if mark in file.path and mark in key:
        tail, path = key[key.rindex(mark) :], file.path
    else:
        tail, path = key.rpartition("/")[2], file.path.rpartition("/")[2]
    return f"/{path}".endswith((f"/{tail}", f"/{tail.removesuffix('.gz')}"))


def _signed(
    file: DigestFile, said: Digest, followers: Sequence[_Link], check: Check
) -> tuple[Integrity, str]:
    """Hold a digest against its signature, and against what valid newer ones say."""
    text = file.content.text
    actual = hashlib.sha256(text).hexdigest()
    for link in followers:
        if link.integrity is Integrity.VALID and (
            link.said is None or link.said.previousDigestHashValue != actual
        ):
            return Integrity.MODIFIED, "the digest after it names another hash"
    signature = file.signature
    if file.algorithm not in (None, _ALGORITHM):
        return Integrity.MODIFIED, f"its metadata say {file.algorithm}"
    if signature is None:
        told = [link.said.previousDigestSignature for link in followers if link.said]
        signature = next((each for each in told if each), None)
    if signature is None:
        return Integrity.UNVERIFIABLE, (
            "its signature is missing: it is in the metadata of the S3 object"
            " and in the next digest"
        )
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return Integrity.MODIFIED, "its signature is not in hexadecimal"
    fingerprint = said.digestPublicKeyFingerprint
    answer = check(fingerprint, raw, signed_text(said, text))
    if answer is None:
        return Integrity.UNVERIFIABLE, f"there is no public key {fingerprint}"
    if not answer:
        return Integrity.MODIFIED, "its signature does not match"
    return Integrity.VALID, ""


def _chains(links: Sequence[_Link]) -> list[list[_Link]]:
    """Digests by account, Region, trail and kind (backfilled or not), newest first."""
    chains: dict[tuple[str, str, bool], list[_Link]] = {}
    for link in links:
        path = link.said.digestS3Object if link.said else link.file.path
        name = _NAME.fullmatch(path.rpartition("/")[2])
        if name is None:
            continue
        bucket = link.said.digestS3Bucket if link.said else link.file.bucket
        key = (bucket or "", name["chain"], bool(name["backfill"]))
        chains.setdefault(key, []).append(link)
    return list(chains.values())


def _missing(
    chain: Sequence[_Link],
    links: Sequence[_Link],
    find: Callable[[str, str], Content],
    *,
    partial: bool,
) -> list[Verdict]:
    """The digests that one of the chain names and that are not among those given."""
    here = {link.identity for link in links}
    told = {link.file.content.uri for link in links}
    found = []
    for number, link in enumerate(chain):
        previous = _previous(link)
        trusted = link.integrity is not Integrity.MODIFIED
        if not previous or previous in here or not trusted:
            continue
        content = find(*previous)
        is_last = number == len(chain) - 1
        if content.uri in told or content.state in ("here", "damaged"):
            continue
        if content.state == "gone" and not (partial and is_last):
            reason = f"{link.file.content.uri} names it"
            found.append(
                Verdict(FileKind.DIGEST, content.uri, Integrity.DELETED, reason)
            )
        else:
            reason = content.reason or (
                "it is not among the files given; the chain goes on before them"
            )
            found.append(
                Verdict(FileKind.DIGEST, content.uri, Integrity.UNVERIFIABLE, reason)
            )
    return found


def _gaps(chain: Sequence[_Link]) -> list[str]:
    """Describe where a chain starts anew although older digests are there."""
    return [
        f"{link.file.content.uri} starts a new chain: no digest between "
        f"{older.said.digestEndTime} and {link.said.digestStartTime}"
        for link, older in itertools.pairwise(chain)
        if link.said and older.said and _previous(link) is None
    ]


def _logs(
    links: Sequence[_Link], find: Callable[[str, str], Content]
) -> dict[str, Verdict]:
    """A verdict for each log file that a digest names, by URI.

    What a valid digest says counts before what any other says, and then the worst: a
    digest that fails validation proves nothing about a file that a valid one names.
    """
    found: dict[str, tuple[tuple[bool, int], Verdict]] = {}
    for link in links:
        for file in link.said.logFiles if link.said else ():
            verdict = _log(link, file, find)
            weight = (
                link.integrity is Integrity.VALID,
                _WORST.index(verdict.integrity),
            )
            before = found.get(verdict.uri)
            if before is None or weight > before[0]:
                found[verdict.uri] = weight, verdict
    return {uri: verdict for uri, (_, verdict) in found.items()}


def _log(
    link: _Link, file: Mapping[str, Any], find: Callable[[str, str], Content]
) -> Verdict:
    digest = link.file.content.uri
    bucket, key = file.get("s3Bucket"), file.get("s3Object")
    wanted = file.get("hashValue")
    if not isinstance(bucket, str) or not isinstance(key, str):
        reason = "the digest names a log file without bucket or key"
        return Verdict(FileKind.LOG, digest, Integrity.UNVERIFIABLE, reason, digest)
    content = find(bucket, key)

    def say(integrity: Integrity, reason: str = "") -> Verdict:
        return Verdict(FileKind.LOG, content.uri, integrity, reason, digest)

    if link.integrity is Integrity.MODIFIED:
        return say(Integrity.UNVERIFIABLE, f"its digest is modified: {link.reason}")
    if content.state == "unread":
        return say(Integrity.UNVERIFIABLE, content.reason)
    if content.state == "gone":
        return say(Integrity.DELETED, "the digest names it, and it is not there")
    if content.state == "damaged":
        return say(Integrity.MODIFIED, content.reason)
    if file.get("hashAlgorithm") != _HASH:
        reason = f"its hash is not {_HASH}"
        return say(Integrity.UNVERIFIABLE, reason)
    if hashlib.sha256(content.text).hexdigest() != wanted:
        return say(Integrity.MODIFIED, "its hash is not the one in the digest")
    if link.integrity is not Integrity.VALID:
        reason = f"it matches its digest, which is unverifiable: {link.reason}"
        return say(Integrity.UNVERIFIABLE, reason)
    return say(Integrity.VALID)


def _unnamed(key: str, newest: str) -> str:
    """Return why no digest names a log file: `newest` ends the newest digest."""
    found = _LOG_TIME.search(key)
    try:
        end = dt.datetime.fromisoformat(newest)
    except ValueError:
        return "there is no digest that names it"
    if found and found[1] >= end.strftime("%Y%m%dT%H%M"):
        return "no digest names it: it is newer than the newest digest"
    return "no digest names it"
