"""Find digest files, log files and public keys where CloudTrail has them.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from typing import Any, Final

from checker.errors import SourceError
from checker.sources.api import client as api
from checker.sources.api.failures import code, failures
from checker.sources.digests.files import SUFFIXES, Found, inflated, is_digest

_GONE: Final = frozenset({"NoSuchKey", "404", "NoSuchBucket"})
_OLDEST: Final = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)


class Bucket:
    """The digest and log files below one `s3://bucket/prefix`.

    Raises `SourceError` when the bucket cannot be listed.
    """

    def __init__(self, session: Any, address: str) -> None:
        self.bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self.only: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._client = api.make(session, "s3")
        keys = self._keys(address, prefix)
        self.digests = [key for key in keys if is_digest(key)]
        self.logs = [key for key in keys if not is_digest(key)]
        if prefix.endswith(SUFFIXES):
            self.only = {self.address(key) for key in keys if key == prefix}

    def address(self, key: str) -> str:
        """Return the URI of a key of this bucket."""
        return f"s3://{self.bucket}/{key}"

    def read(self, key: str) -> Found:
        """Read one object of this bucket, with the signature in its metadata."""
        return self.find(self.bucket, key)

    def find(self, bucket: str, key: str) -> Found:
        """Read one object, wherever it is."""
        uri = f"s3://{bucket}/{key}"
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            data = answer["Body"].read()
        except failures() as error:
            found = code(error)
            state = "gone" if found in _GONE else "unread"
            reason = "" if state == "gone" else f"it cannot be read: {found}"
            return Found(uri, key, state, reason=reason, bucket=bucket)
        size = self._sizes.get(uri, len(data))
        if len(data) != size:
            # What came is not what is there, and says nothing of changes to it.
            reason = f"it cannot be read: {len(data):,} of its {size:,} bytes came"
            return Found(uri, key, "unread", reason=reason, bucket=bucket)
        metadata = answer.get("Metadata") or {}
        return dataclasses.replace(
            inflated(uri, key, data),
            bucket=bucket,
            signature=metadata.get("signature"),
            algorithm=metadata.get("signature-algorithm"),
        )

    def _keys(self, address: str, prefix: str) -> list[str]:
        # A file by itself is judged by the digests of its whole copy.
        if prefix.endswith(SUFFIXES) and "AWSLogs/" in prefix:
            prefix = prefix[: prefix.rindex("AWSLogs/")]
        pages = self._client.get_paginator("list_objects_v2")
        try:
            rows = [
                row
                for page in pages.paginate(Bucket=self.bucket, Prefix=prefix)
                for row in page.get("Contents") or ()
                if row["Key"].endswith(SUFFIXES)
            ]
        except failures() as error:
            raise SourceError(address, f"it cannot be listed: {code(error)}") from None
        self._sizes = {self.address(row["Key"]): row["Size"] for row in rows}
        return [row["Key"] for row in rows]


def public_keys(session: Any, region: str | None = None) -> dict[str, Any]:
    """Ask for every public key of a Region, in the shape of `aws … list-public-keys`.

    Raises `SourceError` when CloudTrail does not answer.
    """
    try:
        asked = api.make(session, "cloudtrail", region)
        pages = asked.get_paginator("list_public_keys").paginate(
            StartTime=_OLDEST, EndTime=dt.datetime.now(dt.UTC)
        )
        rows = [row for page in pages for row in page.get("PublicKeyList") or ()]
    except failures() as error:
        said = code(error).rstrip(".")
        reason = (
            f"the public keys cannot be listed ({said}): name the trail's home Region "
            "with --region, or give saved keys with --keys"
        )
        raise SourceError("cloudtrail", reason) from None
    return {"PublicKeyList": [_row(row) for row in rows]}


def _row(row: dict[str, Any]) -> dict[str, str]:
    """One key in JSON; botocore has taken the base64 off its value."""
    told = {
        "Value": base64.b64encode(row["Value"]).decode(),
        "Fingerprint": str(row["Fingerprint"]),
    }
    for name in ("ValidityStartTime", "ValidityEndTime"):
        if isinstance(row.get(name), dt.datetime):
            told[name] = row[name].astimezone(dt.UTC).isoformat()
    return told
