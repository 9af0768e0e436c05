"""Evaluate log files by the digests that name them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from checker.evaluate.integrity.digest import Content, Link
from checker.verdict import FileKind, Integrity, Verdict

_LOG_TIME: Final = re.compile(r"_(\d{8}T\d{4})Z_")
_HASH: Final = "SHA-256"
_WORST: Final = (
    Integrity.UNVERIFIABLE,
    Integrity.VALID,
    Integrity.DELETED,
    Integrity.MODIFIED,
)


def named(
    links: Sequence[Link], find: Callable[[str, str], Content]
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
    link: Link, file: Mapping[str, Any], find: Callable[[str, str], Content]
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


def unnamed(key: str, newest: str) -> str:
    """Return why no digest names a log file: `newest` ends the newest digest."""
    found = _LOG_TIME.search(key)
    try:
        end = dt.datetime.fromisoformat(newest)
    except ValueError:
        return "there is no digest that names it"
    if found and found[1] >= end.strftime("%Y%m%dT%H%M"):
        return "no digest names it: it is newer than the newest digest"
    return "no digest names it"
