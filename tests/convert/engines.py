"""What runs the converted forms: one function a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from checker.convert import Conversion
from checker.convert.form import Atom, Form, Truthy, atoms
from tests.convert.eventbridge_matcher import Leaves, Matcher, flattened
from tests.convert.subjects import Record, Shown

SCALARS_ALONE = frozenset({"eventbridge"})
"""Targets that take for granted that a field of text is no array and no object."""

_DETAIL_TYPES = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsConsoleAction": "AWS Console Action via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsCloudTrailInsight": "AWS Insight via CloudTrail",
}


def is_delivered(target: str, record: Record) -> bool:
    """Whether a target gets such a record at all."""
    if target == "eventbridge":
        return record.get("eventType") in (*_DETAIL_TYPES, None)
    return True


def admits(target: str, shown: Shown, record: Record) -> bool:
    """Whether an odd record keeps to what a target takes for granted of records."""
    if target == "eventbridge":
        set_fields = [atom.names for atom in _set(shown.subject.form)]
        return is_delivered(target, record) and not any(
            _at(record, names) in (None, False) for names in set_fields
        )
    return True


def _set(form: Form) -> list[Atom]:
    """The tests that a field is set: null is not told from a text there."""
    return [
        atom
        for atom in atoms(form)
        if isinstance(atom, Atom) and isinstance(atom.test, Truthy) and atom.holds
    ]


def _at(record: Any, names: tuple[str, ...]) -> Any:
    """The value of a field; a text where it is absent, which is no null."""
    for name in names:
        if not isinstance(record, Mapping) or name not in record:
            return "absent"
        record = record[name]
    return record


def envelope(record: Record) -> dict[str, Any]:
    """A record as EventBridge delivers it."""
    kind = record.get("eventType")
    detail_type = _DETAIL_TYPES.get(kind if isinstance(kind, str) else "AwsApiCall")
    return {"detail-type": detail_type, "detail": record}


@lru_cache(maxsize=8192)
def _flattened(text: bytes) -> Leaves:
    return flattened(msgspec.json.decode(text))


def eventbridge(made: Conversion, records: Sequence[Record]) -> list[bool]:
    """Which records an EventBridge pattern matches."""
    matcher = Matcher(made.core)
    texts = (msgspec.json.encode(envelope(record)) for record in records)
    return [matcher.match_leaves(_flattened(text)) for text in texts]


__all__ = ["SCALARS_ALONE", "admits", "envelope", "eventbridge", "is_delivered"]
