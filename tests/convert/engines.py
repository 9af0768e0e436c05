"""What runs the converted forms: one function a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from checker.conditions import tree
from checker.convert import Conversion
from checker.convert.form import Atom, Names, Opaque, SameAs, Truthy, atoms
from checker.convert.kinds import Kind
from checker.evaluate.alarms import filter_pattern
from tests.convert import sigma_engine
from tests.convert.duckdb_engine import Table
from tests.convert.eventbridge_matcher import Leaves, Matcher, flattened
from tests.convert.subjects import Record, Shown

SCALARS_ALONE = frozenset({"eventbridge", "metric-filter", "sigma"})
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
    tested = [atom for atom in atoms(shown.subject.form) if isinstance(atom, Atom)]
    paths = [names for atom in tested for names in _paths(atom)]
    match target:
        case "eventbridge":
            # It tells a text that is set from nothing, not from null.
            return is_delivered(target, record) and not any(
                _at(record, atom.names) in (None, False)
                for atom in tested
                if isinstance(atom.test, Truthy) and atom.holds
            )
        case "sigma":
            return all(_is_documented(shown, record, x, null=True) for x in paths)
        case "metric-filter":
            return all(
                _is_documented(shown, record, x, null=_in_payload(x)) for x in paths
            )
        case "athena":
            # The columns of the table are text, and those of a STRUCT are no others.
            return all(
                _in_payload(x) or _is_documented(shown, record, x, null=True)
                for x in paths
            )
    return True


def _paths(atom: Atom) -> Iterator[Names]:
    """The fields that an atom is about."""
    yield atom.names
    match atom.test:
        case SameAs(names):
            yield names
        case Opaque(node):
            yield from (x.names for x in tree.walk(node) if isinstance(x, tree.Path))


def _in_payload(names: Names) -> bool:
    return names[:1] in (
        ("requestParameters",),
        ("responseElements",),
        ("additionalEventData",),
        ("serviceEventDetails",),
    )


_TYPES: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.BOOLEAN: bool,
    Kind.NUMBER: (int, float),
    Kind.SCALAR: (str, bool, int, float),
}


def _is_documented(
    shown: Shown, record: Record, names: tuple[str, ...], *, null: bool
) -> bool:
    """Whether a field has the type that AWS documents; absent fields have any."""
    value: Any = record
    for name in names:
        if not isinstance(value, Mapping):
            return value is None
        if name not in value:
            return True
        value = value[name]
    if value is None:
        return null
    kind = shown.subject.kinds.of(names)
    return isinstance(value, _TYPES.get(kind, object))


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


def metric_filter(made: Conversion, records: Sequence[Record]) -> list[bool]:
    """Which records a metric filter counts."""
    pattern = filter_pattern.parse(made.core)
    assert isinstance(pattern, filter_pattern.Pattern), pattern
    return [pattern.match(record) for record in records]


_tables: dict[int, tuple[Sequence[Record], Table]] = {}
_MOST_TABLES = 2
"""The records of a rule, and those that all rules are run on."""


def athena(made: Conversion, records: Sequence[Record]) -> list[bool]:
    """Which records a condition of Athena holds for."""
    held = _tables.pop(id(records), None) or (records, Table(records))
    _tables[id(records)] = held  # the one asked last goes last
    if len(_tables) > _MOST_TABLES:
        del _tables[next(iter(_tables))]
    found = held[1].matching(made.core)
    return [number in found for number in range(len(records))]


def sigma(made: Conversion, records: Sequence[Record]) -> list[bool]:
    """Which records a Sigma rule matches."""
    return sigma_engine.matching(made.core, records)


__all__ = [
    "SCALARS_ALONE",
    "admits",
    "athena",
    "envelope",
    "eventbridge",
    "is_delivered",
    "metric_filter",
    "sigma",
]
