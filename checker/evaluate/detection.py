"""This module evaluates detection rules on a batch of events.

Every rule is compiled once and filed under what its condition *requires* of the event's
source and name, so that of each event only a small header is decoded, and only the
events that some rule could match are decoded in full.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from checker import conditions
from checker.evaluate.correlation.hit import Hit, hit
from checker.evaluate.evidence import presentable
from checker.model import Batch, DetectionRule, Event, Match, Unreadable

Test = Callable[[object], object]


class _Header(msgspec.Struct):
    """The fields by which rules are filed, and the one that tells copies apart."""

    eventID: str | None = None  # noqa: N815 - CloudTrail's own names
    eventSource: str | None = None  # noqa: N815 - CloudTrail's own names
    eventName: str | None = None  # noqa: N815 - CloudTrail's own names


_header = msgspec.json.Decoder(_Header)
_event = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule, ready to run: its condition and what to show when it holds.

    `carried` are the fields that correlations need of it, None when there are none;
    `reports` is false for a rule that only feeds correlations.
    """

    rule: DetectionRule
    holds: Test
    selections: tuple[tuple[str, Test], ...]
    shown: tuple[tuple[str, Test], ...]
    witnesses: tuple[bytes, ...]
    carried: tuple[Test, ...] | None
    reports: bool


@dataclass(frozen=True, slots=True)
class Detector:
    """Compiled rules, filed by the (eventSource, eventName) that each requires.

    A key's None stands for "any"; `anywhere` holds the rules that require neither.
    """

    index: Mapping[tuple[str | None, str | None], tuple[Compiled, ...]]
    anywhere: tuple[Compiled, ...]


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


def compile_rules(
    rules: Sequence[DetectionRule],
    carried: Mapping[str, Sequence[str]] | None = None,
    quiet: Collection[str] = (),
) -> Detector:
    """Compile rules into a detector; the order of matches is that of the rules.

    `carried` names the fields that correlations need of each rule that feeds them, and
    `quiet` the rules that report nothing of their own (`correlation.plan`).
    """
    carried = carried or {}
    index: dict[tuple[str | None, str | None], list[Compiled]] = {}
    anywhere: list[Compiled] = []
    for rule in rules:
        required = conditions.required(rule.detection.condition)
        fields = carried.get(rule.name)
        compiled = _compile(rule, required, fields, reports=rule.name not in quiet)
        sources = _texts(required.get(("eventSource",)))
        names = _texts(required.get(("eventName",)))
        if sources is None and names is None:
            anywhere.append(compiled)
            continue
        for source in sources or (None,):
            for name in names or (None,):
                index.setdefault((source, name), []).append(compiled)
    filed = {key: tuple(bucket) for key, bucket in index.items()}
    return Detector(filed, tuple(anywhere))


def evaluate(detector: Detector, batch: Batch) -> Evaluated:
    """Evaluate every rule of a detector on every event of a batch.

    Pure: the answer depends on the arguments alone.
    """
    matches: list[Match] = []
    hits: list[Hit | None] = []
    ids: list[str | None] = []
    numbers: list[int] = []
    problems: list[Unreadable] = []
    index, anywhere = detector.index, detector.anywhere
    for number, record in zip(batch.numbers, batch.records, strict=True):
        try:
            header = _header.decode(record)
            source, name = header.eventSource, header.eventName
            event_id, event = header.eventID, None
        except msgspec.ValidationError:
            # A header field of another type: legal JSON, so the event still counts.
            event = _decode(batch.uri, number, record, problems)
            if event is None:
                continue
            source, name = _text(event, "eventSource"), _text(event, "eventName")
            event_id = _text(event, "eventID")
        except msgspec.DecodeError as error:
            problems.append(Unreadable(batch.uri, number, f"not JSON: {error}"))
            continue
        ids.append(event_id)
        numbers.append(number)
        # An index key's None means "any", so what is absent must not be None.
        source, name = source or "", name or ""
        candidates = [
            *index.get((source, name), ()),
            *index.get((source, None), ()),
            *index.get((None, name), ()),
            *(each for each in anywhere if _possible(each, record)),
        ]
        if not candidates:
            continue
        if event is None:
            event = _decode(batch.uri, number, record, problems)
            if event is None:
                ids.pop()
                numbers.pop()
                continue
        held = [each for each in candidates if conditions.holds(each.holds(event))]
        matches.extend(_match(each, number, event) for each in held if each.reports)
        hits.extend(
            _hit(each, batch.uri, number, event)
            for each in held
            if each.carried is not None
        )
    timed = tuple(each for each in hits if each is not None)
    return Evaluated(
        matches=tuple(matches),
        event_ids=tuple(ids),
        records=tuple(numbers),
        problems=tuple(problems),
        hits=timed,
        untimed=len(hits) - len(timed),
    )


def holds(rule: DetectionRule, event: Event) -> bool:
    """Tell whether one rule holds on one event."""
    test = conditions.closure(rule.detection.condition)
    return conditions.holds(test(event))


def _compile(
    rule: DetectionRule,
    required: Mapping[tuple[str, ...], frozenset[Any]],
    carried: Sequence[str] | None,
    *,
    reports: bool,
) -> Compiled:
    detection = rule.detection
    shown = dict.fromkeys([*conditions.paths(detection.condition), *rule.fields])
    return Compiled(
        rule=rule,
        holds=conditions.closure(detection.condition),
        selections=tuple(
            (name, conditions.closure(node))
            for name, node in detection.selections.items()
        ),
        shown=tuple((path, conditions.compile(path)) for path in shown),
        witnesses=_witnesses(required),
        carried=None if carried is None else tuple(map(conditions.compile, carried)),
        reports=reports,
    )


def _texts(values: frozenset[Any] | None) -> tuple[str, ...] | None:
    """Give the required values when each is text: only those can be an index key."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return tuple(sorted(values))


def _witnesses(required: Mapping[tuple[str, ...], frozenset[Any]]) -> tuple[bytes, ...]:
    """Choose texts of which one must stand in the bytes of any event that matches.

    Only values that JSON writes in one way, but for its u-escapes, can serve.
    """
    for values in required.values():
        if all(isinstance(each, str) and _written_once(each) for each in values):
            return tuple(sorted(json.dumps(value).encode() for value in values))
    return ()


def _written_once(text: str) -> bool:
    return text.isalnum() and text.isascii()


def _possible(compiled: Compiled, record: bytes) -> bool:
    witnesses = compiled.witnesses
    if not witnesses:
        return True
    text = bytes(record)
    return any(witness in text for witness in witnesses) or b"\\u" in text


def _text(event: Event, key: str) -> str | None:
    value = event.get(key)
    return value if isinstance(value, str) else None


def _decode(
    uri: str, number: int, record: bytes, problems: list[Unreadable]
) -> Event | None:
    try:
        event = _event.decode(record)
    except msgspec.DecodeError as error:
        problems.append(Unreadable(uri, number, f"not JSON: {error}"))
        return None
    if not isinstance(event, dict):
        problems.append(Unreadable(uri, number, "not a JSON object"))
        return None
    return event


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
