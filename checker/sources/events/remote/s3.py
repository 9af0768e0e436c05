"""Find and reads the log files of a bucket: `s3://bucket/prefix`.

Folders are discovered by listings with a delimiter, so that accounts, Regions and days
that are not wanted are never listed.  Listing and reading never write.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from checker.model import Unreadable
from checker.sources.api.failures import BrokenAnswer
from checker.sources.events.compression import StreamError
from checker.sources.events.remote import errors
from checker.sources.events.remote.clients import client
from checker.sources.events.remote.listing import Entry, Listing, find_objects
from checker.sources.events.remote.query import S3, InputFilter, Remote

LARGEST: Final = 64 << 20
"""Up to how many bytes an object is read whole and ahead; CloudTrail's have 50 MB.

A larger one is read as it comes, which is faster than it can be judged: parallel ranges
of it would gain nothing.
"""

_BLOCK: Final = 1 << 20
_ACCESS_POINT: Final = re.compile(r"arn:[^:/]+:s3:[^:/]*:[^:/]*:accesspoint[:/][^:/]+")
_TRIES: Final = 4
"""How often a connection may break without giving anything."""


def find(address: str, wanted: InputFilter) -> Iterator[Remote | Unreadable]:
    """Find the objects below an address, in the order of their keys."""
    store = open_store(address, wanted)
    if isinstance(store, Unreadable):
        yield store
        return
    bucket, prefix = split(address)
    for found in find_objects(store.listed, prefix, wanted):
        if isinstance(found, Entry):
            yield store.remote(found)
        else:
            key, reason = found
            yield Unreadable(f"{S3}{bucket}/{key}", None, reason)


def open_store(address: str, wanted: InputFilter) -> Store | Unreadable:
    """Open the bucket of an address, and say why where that cannot be done."""
    bucket, _ = split(address)
    if not bucket:
        return Unreadable(address, None, "name a bucket: s3://BUCKET/PREFIX")
    try:
        return Store(client(wanted.session(), "s3"), bucket, wanted)
    except errors.failures() as error:
        return Unreadable(address, None, errors.reason(error, "s3:ListBucket"))


def split(address: str) -> tuple[str, str]:
    """Return the bucket and the prefix; the name of an access point is an ARN."""
    rest = address.removeprefix(S3)
    found = _ACCESS_POINT.match(rest)
    bucket = found[0] if found else rest.partition("/")[0]
    return bucket, rest[len(bucket) :].removeprefix("/")


@dataclass(frozen=True, slots=True)
class Store:
    """One bucket, by a client that may be used from several threads."""

    client: Any
    bucket: str
    wanted: InputFilter

    def listed(self, prefix: str, *, flat: bool, token: str | None = None) -> Listing:
        """List a page of what begins with a prefix: all of it, or to the next slash."""
        parameters = {"Bucket": self.bucket, "Prefix": prefix, **self._payer()}
        if not flat:
            parameters["Delimiter"] = "/"
        if token:
            parameters["ContinuationToken"] = token
        try:
            page = self.client.list_objects_v2(**parameters)
        except errors.failures() as error:
            reason = errors.reason(error, "s3:ListBucket")
            return Listing([], [], f"it cannot be listed: {reason}")
        rows = page.get("Contents") or ()
        return Listing(
            [Entry(row["Key"], row["Size"], row.get("ETag", "")) for row in rows],
            [row["Prefix"] for row in page.get("CommonPrefixes") or ()],
            token=page.get("NextContinuationToken")
            if page.get("IsTruncated")
            else None,
        )

    def remote(self, entry: Entry) -> Remote:
        """Describe how to read an object."""
        uri = f"{S3}{self.bucket}/{entry.key}"
        small = entry.size <= LARGEST
        return Remote(
            uri,
            entry.size,
            functools.partial(self.blocks, entry),
            functools.partial(self.get, uri, entry) if small else None,
            version=entry.etag,
        )

    def get(self, uri: str, entry: Entry) -> bytes | Unreadable:
        """Read an object whole."""
        held = []
        for block in self.blocks(entry, entry.size + 1):
            if isinstance(block, StreamError):
                return Unreadable(uri, None, block.reason)
            held.append(block)
        return held[0] if len(held) == 1 else b"".join(held)

    def blocks(self, entry: Entry, size: int = _BLOCK) -> Iterator[bytes | StreamError]:
        """Read an object block by block; a broken connection goes on where it broke."""
        done = before = failed = 0
        while failed < _TRIES:
            try:
                body = self._open(entry, done)
            except errors.failures() as error:
                yield _damage(error)
                return
            try:
                while block := body.read(size):
                    done += len(block)
                    yield block
            except errors.failures() as error:
                failed = failed + 1 if done == before else 1
                before = done
                if failed == _TRIES or done >= entry.size:
                    yield _damage(error)
                    return
            else:
                if done != entry.size:
                    yield _damage(_other_size(done, entry.size))
                return
            finally:
                body.close()

    def _open(self, entry: Entry, start: int) -> Any:
        parameters = {"Bucket": self.bucket, "Key": entry.key, **self._payer()}
        if entry.etag:
            parameters["IfMatch"] = entry.etag
        if start:
            parameters["Range"] = f"bytes={start}-"
        answer = self.client.get_object(**parameters)
        rest = entry.size - start
        announced = answer.get("ContentLength", rest)
        if announced != rest:
            # The whole object from the start, say, where its rest was asked for.
            answer["Body"].close()
            raise _other_size(announced, rest)
        return answer["Body"]

    def _payer(self) -> dict[str, str]:
        return {"RequestPayer": "requester"} if self.wanted.request_payer else {}


def _other_size(found: int, expected: int) -> BrokenAnswer:
    return BrokenAnswer(f"{found:,} bytes came, and {expected:,} were listed")


def _damage(error: Exception) -> StreamError:
    return StreamError(
        f"it cannot be read: {errors.reason(error, 's3:GetObject')}", intact=True
    )
