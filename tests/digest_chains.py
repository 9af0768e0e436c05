"""Chains of digests over log files, signed by a key pair that is made for the tests."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BUCKET = "example-trail-bucket"
BASE = "AWSLogs/123456789012"
START = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
PKCS1 = PublicFormat.PKCS1
SPKI = PublicFormat.SubjectPublicKeyInfo


@functools.cache
def private_key(number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def der(number: int = 0, form: PublicFormat = PKCS1) -> bytes:
    return private_key(number).public_key().public_bytes(Encoding.DER, form)


def fingerprint(value: bytes) -> str:
    return hashlib.md5(value).hexdigest()


def key_list(*values: bytes) -> dict[str, Any]:
    return {
        "PublicKeyList": [
            {
                "Value": base64.b64encode(value).decode(),
                "Fingerprint": fingerprint(value),
            }
            for value in values
        ]
    }


def sign(text: bytes, number: int = 0) -> str:
    return private_key(number).sign(text, padding.PKCS1v15(), SHA256()).hex()


def log_key(at: dt.datetime, prefix: str = "") -> str:
    name = f"123456789012_CloudTrail_us-east-1_{at:%Y%m%dT%H%MZ}_EXAMPLE{at:%H%M}"
    return f"{prefix}{BASE}/CloudTrail/us-east-1/{at:%Y/%m/%d}/{name}.json.gz"


def digest_key(end: dt.datetime, prefix: str = "", tail: str = "") -> str:
    name = (
        f"123456789012_CloudTrail-Digest_us-east-1_trail_us-east-1_{end:%Y%m%dT%H%M%SZ}"
    )
    folder = f"{BASE}/CloudTrail-Digest/us-east-1/{end:%Y/%m/%d}"
    return f"{prefix}{folder}/{name}{tail}.json.gz"


@dataclass
class Chain:
    """A bucket's objects by key, and the signatures of the digests."""

    prefix: str = ""
    tail: str = ""
    number: int = 0
    form: PublicFormat = PKCS1
    objects: dict[str, bytes] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)

    def hour(self, number: int, *, empty: bool = False, first: bool = False) -> None:
        """Add the digest of one hour, with a log file unless it is empty."""
        start = START + dt.timedelta(hours=number)
        end = start + dt.timedelta(hours=1)
        files = []
        if not empty:
            key = log_key(start + dt.timedelta(minutes=5), self.prefix)
            self.put(key, json.dumps({"Records": [{"eventID": f"{number}"}]}).encode())
            self.logs.append(key)
            value = hashlib.sha256(self.texts[key]).hexdigest()
            files.append(
                {
                    "s3Bucket": BUCKET,
                    "s3Object": key,
                    "hashValue": value,
                    "hashAlgorithm": "SHA-256",
                }
            )
        previous = None if first or not self.digests else self.digests[-1]
        self.seal(start, end, files, previous)

    def seal(
        self,
        start: dt.datetime,
        end: dt.datetime,
        files: list[dict[str, str]],
        previous: str | None,
    ) -> None:
        key = digest_key(end, self.prefix, self.tail)
        before = self.texts.get(previous or "", b"")
        signature = self.signatures[previous] if previous else None
        digest = {
            "awsAccountId": "123456789012",
            "digestStartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "digestS3Bucket": BUCKET,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": fingerprint(der(self.number, self.form)),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": BUCKET if previous else None,
            "previousDigestS3Object": previous,
            "previousDigestHashValue": (
                hashlib.sha256(before).hexdigest() if previous else None
            ),
            "previousDigestHashAlgorithm": "SHA-256" if previous else None,
            "previousDigestSignature": signature,
            "logFiles": files,
        }
        text = json.dumps(digest).encode()
        self.put(key, text)
        said = (
            f"{end:%Y-%m-%dT%H:%M:%SZ}\n{BUCKET}/{key}\n"
            f"{hashlib.sha256(text).hexdigest()}\n{signature or 'null'}"
        )
        self.signatures[key] = sign(said.encode(), self.number)
        self.digests.append(key)

    def put(self, key: str, text: bytes) -> None:
        self.texts[key] = text
        self.objects[key] = gzip.compress(text, mtime=0)

    def write(self, root: Path) -> Path:
        for key, data in self.objects.items():
            path = root / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root

    def keys(self, path: Path) -> Path:
        path.write_text(json.dumps(key_list(der(self.number, self.form))))
        return path


def chain(hours: int = 3, **options: Any) -> Chain:
    made = Chain(**options)
    for number in range(hours):
        made.hour(number)
    return made
