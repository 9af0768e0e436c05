"""Evaluate log files by the digest files that CloudTrail signs.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-custom-validation.html

A digest vouches for log files by the SHA-256 of their uncompressed text, and for the
digest before it by its hash and signature.  CloudTrail puts a digest's own signature
into the metadata of its S3 object only; a copy of the files lacks it, and then the next
digest's `previousDigestSignature` serves as well.  What is compressed around the text
(the gzip header's time, for one) is not signed by anyone.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from checker.evaluate.integrity import log_files
from checker.evaluate.integrity.digest import (
    Content,
    Digest,
    DigestFile,
    Link,
    decode,
    signed_text,
)
from checker.verdict import FileKind, Integrity, Verdict, Verification

Check: TypeAlias = Callable[[str, bytes, bytes], "bool | None"]
"""Takes fingerprint, signature and signed text; None when there is no such key."""

_NAME: Final = re.compile(
    r"(?P<chain>.+)_(?P<time>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json(?:\.gz)?"
)
_ALGORITHM: Final = "SHA256withRSA"


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
    links = [Link(file, decode(file.content)) for file in digests]
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
    of_logs = log_files.named(newest_first, find)
    verdicts += of_logs.values()
    newest = max((link.said.digestEndTime for link in links if link.said), default="")
    verdicts += [
        Verdict(
            FileKind.LOG, uri, Integrity.UNVERIFIABLE, log_files.unnamed(key, newest)
        )
        for uri, key in logs.items()
        if uri not in of_logs
    ]
    order = sorted(verdicts, key=lambda verdict: (verdict.kind.value, verdict.uri))
    return Verification(tuple(order), tuple(gaps))


def _end_time(link: Link) -> tuple[str, str]:
    return (link.said.digestEndTime if link.said else "", link.file.path)


def _by_previous(links: Sequence[Link]) -> dict[tuple[str, str], list[Link]]:
    """Each digest that another names, with those that name it."""
    named: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        previous = link.previous
        if previous:
            named.setdefault(previous, []).append(link)
    return named


def _judge(
    link: Link, newer: Mapping[tuple[str, str], list[Link]], check: Check
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
    file: DigestFile, said: Digest, followers: Sequence[Link], check: Check
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


def _chains(links: Sequence[Link]) -> list[list[Link]]:
    """Digests by account, Region, trail and kind (backfilled or not), newest first."""
    chains: dict[tuple[str, str, bool], list[Link]] = {}
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
    chain: Sequence[Link],
    links: Sequence[Link],
    find: Callable[[str, str], Content],
    *,
    partial: bool,
) -> list[Verdict]:
    """The digests that one of the chain names and that are not among those given."""
    here = {link.identity for link in links}
    told = {link.file.content.uri for link in links}
    found = []
    for number, link in enumerate(chain):
        previous = link.previous
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


def _gaps(chain: Sequence[Link]) -> list[str]:
    """Describe where a chain starts anew although older digests are there."""
    return [
        f"{link.file.content.uri} starts a new chain: no digest between "
        f"{older.said.digestEndTime} and {link.said.digestStartTime}"
        for link, older in itertools.pairwise(chain)
        if link.said and older.said and link.previous is None
    ]
