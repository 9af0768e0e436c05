"""This module evaluates detection rules on a batch of events.

Of each event only a small header is decoded; only the events that some rule could match
are decoded in full.  A verdict comes first, and evidence only of what matched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checker import conditions
from checker.evaluate.correlation.hit import Hit, hit
from checker.evaluate.evidence import presentable
from checker.evaluate.index import (
    Compiled,
    Detector,
    Loose,
    Scent,
    compile_rules,
)
from checker.evaluate.reading import Reading
from checker.model import Batch, DetectionRule, Event, Header, Match, Unreadable

__all__ = ["Detector", "Evaluated", "compile_rules", "evaluate", "holds"]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What one batch gave.

    `event_ids` has the eventID (or None) of each readable event, and `records` its
    number in the input; `problems` are records that could not be decoded after all.
    `hits` are matches as correlations see them, and `untimed` counts those that lack
    a time to be correlated by.
    """

    matches: tuple[Match, ...]
    event_ids: tuple[str | None, ...]
    records: tuple[int, ...]
    problems: tuple[Unreadable, ...]
    hits: tuple[Hit, ...] = ()
    untimed: int = 0


@dataclass(slots=True)
class _Gathered:
    """What a batch gives while it is worked on."""

    reading: Reading
    matches: list[Match] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    untimed: int = 0


def evaluate(detector: Detector, batch: Batch) -> Evaluated:
    """Evaluate every rule of a detector on every event of a batch.

    Pure: the answer depends on the arguments alone.
    """
    reading = Reading(batch)
    gathered = _Gathered(reading)
    headers = reading.headers()
    # With headers the records stand in the text as they are: search it at once.
    scent = Scent(batch.text if batch.headers is not None else None)
    anywhere = tuple(
        each
        for each in detector.anywhere
        if not each.wanted and not scent.nowhere(each.witnesses)
    )
    told = tuple(each for each in detector.anywhere if each.wanted)
    values = {value for each in told for _, some in each.wanted for value in some}
    records: list[bytes] = []
    for position, header in enumerate(headers):
        filed = detector.filed(header.eventSource, header.eventName)
        groups = (*filed.loose, *anywhere) if filed else anywhere
        if header.errorCode in values or header.eventType in values:
            groups = (*groups, *told)
        if filed is None and not groups:
            continue
        candidates = list(filed.exact) if filed else []
        for group in groups:
            if group.wanted and not _told(group, header):
                continue
            records = records or list(batch.records)
            if scent.on(group.witnesses, records[position]):
                candidates.extend(group.rules)
        if candidates:
            records = records or list(batch.records)
            _judge(gathered, position, records[position], candidates)
    numbers, event_ids = reading.kept(headers)
    return Evaluated(
        matches=tuple(gathered.matches),
        event_ids=event_ids,
        records=numbers,
        problems=tuple(reading.problems),
        hits=tuple(gathered.hits),
        untimed=gathered.untimed,
    )


def holds(rule: DetectionRule, event: Event) -> bool:
    """Tell whether one rule holds on one event."""
    test = conditions.closure(rule.detection.condition)
    return conditions.holds(test(event))


def _told(group: Loose, header: Header) -> bool:
    """Tell whether the header has what the rules of a group want of it."""
    return all(getattr(header, name) in values for name, values in group.wanted)


def _judge(
    gathered: _Gathered, position: int, record: bytes, candidates: list[Compiled]
) -> None:
    """Decode one event and run the rules that could match it, in the rules' order."""
    batch = gathered.reading.batch
    number, uri = batch.numbers[position], batch.uri
    event = gathered.reading.decode(position, record)
    if event is None:
        return
    if len(candidates) > 1:
        candidates.sort(key=_position)
    for each in candidates:
        if not conditions.holds(each.holds(event)):
            continue
        if each.reports:
            gathered.matches.append(_match(each, number, event))
        if each.carried is not None:
            found = _hit(each, uri, number, event)
            if found is None:
                gathered.untimed += 1
            else:
                gathered.hits.append(found)


def _position(compiled: Compiled) -> int:
    return compiled.position


def _match(compiled: Compiled, number: int, event: Event) -> Match:
    evidence: dict[str, Any] = {
        name: True
        for name, test in compiled.selections
        if conditions.holds(test(event))
    }
    for path, value_at in compiled.shown:
        value = value_at(event)
        if value is not None:
            evidence[path] = presentable(value)
    # Copies of one action in several accounts have different eventIDs, and this one:
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
    shared = event.get("sharedEventID")
    if isinstance(shared, str) and shared:
        evidence["sharedEventID"] = shared
    return Match(compiled.rule.name, number, subject(event), evidence)


def _hit(compiled: Compiled, uri: str, number: int, event: Event) -> Hit | None:
    fields = compiled.carried or ()
    return hit(compiled.rule.name, event, fields, subject(event), (uri, number))


def subject(event: Event) -> dict[str, Any]:
    """Say which event a finding is about, with the keys of `schemas/report.json`."""
    identity = event.get("userIdentity")
    identity = identity if isinstance(identity, dict) else {}
    account = event.get("recipientAccountId") or identity.get("accountId")
    keys = ("eventTime", "eventSource", "eventName", "awsRegion")
    return {
        "type": "event",
        "id": event.get("eventID"),
        **{key: event.get(key) for key in keys},
        "accountId": account or None,
        "principal": principal(identity),
        "sourceIPAddress": event.get("sourceIPAddress"),
    }


def principal(identity: Mapping[str, Any]) -> str | None:
    """Name who acted: the most telling part of userIdentity that is there.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    keys = ("arn", "userName", "invokedBy", "principalId", "type", "accountId")
    for key in keys:
        value = identity.get(key)
        if isinstance(value, str) and value:
            return value
    return None
