"""Convert findings and matches the names by which they are known again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from checker.evaluate.correlation import Signal
from checker.evaluate.detection.event_fields import shared_id
from checker.model import AnyRule, DetectionRule

_KEY = 16


def fingerprint(rule: AnyRule, identity: str) -> str:
    """Return the name under which a finding is known from run to run: 64 hex digits.

    It depends on the rule's id and on what was found, never on a file's name or line.
    """
    text = f"v1\x1f{rule.id}\x1f{identity}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()


def of_events(rule: AnyRule) -> Callable[[str], str]:
    """Return the fingerprint of a rule's finding on an event, by what names the event.

    As `fingerprint` gives it, but what all of them begin with is hashed once.
    """
    digest = digests_of_events(rule)
    return lambda event: digest(event).hex()


def digests_of_events(rule: AnyRule) -> Callable[[str], bytes]:
    """Return as `of_events` what gives the 32 bytes of which a fingerprint is made."""
    begun = hashlib.sha256(f"v1\x1f{rule.id}\x1fevent\x1f".encode()).copy

    def digest(event: str) -> bytes:
        hashed = begun()
        hashed.update(event.encode("utf-8", "surrogatepass"))
        return hashed.digest()

    return digest


def dedup_key(mark: str) -> bytes:
    """Return what tells findings apart within a run, by their fingerprint."""
    return key_of_digest(bytes.fromhex(mark))


def key_of_digest(digest: bytes) -> bytes:
    """Return the `dedup_key` of the fingerprint of a digest."""
    return digest[:_KEY]


def shared_key(rule: DetectionRule, evidence: Mapping[str, Any]) -> bytes | None:
    """Return what tells findings on one action apart, if its event has a sharedEventID.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
    """
    shared = shared_id(evidence.get("sharedEventID"))
    if shared is None:
        return None
    return dedup_key(fingerprint(rule, f"shared\x1f{shared}"))


def hit_key(hit: Signal) -> bytes:
    """Return what tells the hits of a run apart: the rule and the event."""
    text = f"hit\x1f{hit.rule}\x1f{hit.event}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=_KEY).digest()
