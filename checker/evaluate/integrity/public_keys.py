"""Check signatures by the public keys that CloudTrail publishes.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PublicKey.html

A key is known by its fingerprint, the MD5 of its DER bytes, so that a saved key cannot
pass for another.  MD5 guards nothing else here: who can put a key into the file can put
any key there, under its own fingerprint, which no digest of CloudTrail's names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from checker.errors import UsageError
from checker.evaluate.integrity.digest_chain import Check


def decode(answer: object) -> dict[str, bytes]:
    """Return DER keys by fingerprint from a `ListPublicKeys` answer in JSON.

    Raises `UsageError` for another shape, and for a key whose fingerprint is not its
    own.
    """
    rows = answer.get("PublicKeyList") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list):
        raise UsageError("there is no PublicKeyList, as ListPublicKeys answers it")
    return dict(_key(row) for row in rows)


def checker(keys: Mapping[str, bytes]) -> Check:
    """Return the check of RSA PKCS#1 v1.5 signatures over SHA-256 by these DER keys.

    PKCS#1 and SubjectPublicKeyInfo are both accepted.  Raises `UsageError` when the
    package cryptography is not installed.
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_der_public_key
    except ImportError as error:
        raise UsageError(
            "cryptography is missing, which checks the signatures: "
            "pip install cryptography"
        ) from error

    def check(fingerprint: str, signature: bytes, text: bytes) -> bool | None:
        der = keys.get(fingerprint)
        if der is None:
            return None
        try:
            key = load_der_public_key(der)
        except ValueError as error:
            raise UsageError(f"the public key {fingerprint} is no DER key") from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise UsageError(f"the public key {fingerprint} is no RSA key")
        try:
            key.verify(signature, text, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    return check


def _key(row: Any) -> tuple[str, bytes]:
    try:
        fingerprint = str(row["Fingerprint"])
        der = base64.b64decode(row["Value"], validate=True)
    except (TypeError, KeyError, binascii.Error, ValueError) as error:
        raise UsageError(
            "a public key needs a Fingerprint, and a Value in base64"
        ) from error
    actual = hashlib.md5(der, usedforsecurity=False).hexdigest()
    if actual != fingerprint:
        raise UsageError(
            f"the public key {fingerprint} is damaged: its fingerprint is {actual}"
        )
    return fingerprint, der
