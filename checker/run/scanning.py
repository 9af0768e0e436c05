"""This module scans one input: what a process works out before it is put together.

What it gives crosses a process border, and is therefore small and plain.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from checker.evaluate import detection, reading
from checker.evaluate.correlation import Hit, Plan
from checker.model import (
    AnyRule,
    Batch,
    Correction,
    DetectionRule,
    Finding,
    Location,
    Match,
    Status,
    Unreadable,
)
from checker.run.eventids import pack
from checker.run.report import fingerprint
from checker.run.spread import Item, spread
from checker.sources import files, positions
from checker.sources.inputs import inside
from checker.sources.period import Period

_KEY = 16

SUBJECT = (
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "accountId",
    "principal",
    "sourceIPAddress",
)
"""What a subject says of an event besides its type and id."""


class Told(NamedTuple):
    """A match on its way to a finding.

    `key` tells findings apart, as their fingerprint does; `event` is the eventID,
    `shared` stands for the rule and the event's sharedEventID, if it has one, and
    `packed` is what `finding` makes the finding of.
    """

    key: bytes
    event: object
    rule: str
    shared: bytes | None
    packed: bytes


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one input gave: plain values, which can cross a process border.

    `length` is that of its text in bytes, `records` the number of its events, `outside`
    that of the others, which lie outside the period, and `event_ids` has the eventID of
    each that has one, 16 bytes each.
    """

    uri: str
    size: int
    length: int = 0
    digests: int = 0
    records: int = 0
    outside: int = 0
    event_ids: bytes = b""
    told: tuple[Told, ...] = ()
    hits: tuple[tuple[Hit, Location], ...] = ()
    corrections: tuple[Correction, ...] = ()
    untimed: int = 0
    problems: tuple[Unreadable, ...] = ()


def scan_inputs(  # noqa: PLR0913 - what, of what, and how
    rules: Sequence[DetectionRule],
    plan: Plan,
    inputs: Iterable[Item],
    jobs: int,
    remark: Callable[[str], None] | None = None,
    *,
    period: Period | None = None,
) -> Generator[Scanned]:
    """Scan inputs in their order, here or in `jobs` processes (`run.spread`)."""
    arguments = (tuple(rules), plan, period or Period())
    yield from spread(inputs, jobs, _scanner, *arguments, remark=remark)


def finding(rules: Mapping[str, DetectionRule], packed: bytes) -> Finding:
    """Make the finding of a match that was packed here."""
    name, subject, place, evidence, mark = pickle.loads(packed)  # noqa: S301 - our own
    rule = rules[name]
    return Finding(
        rule=rule,
        status=Status.FAIL,
        subject=subject,
        location=Location(*place),
        evidence=evidence,
        message=_sentence(rule, subject),
        fingerprint=mark,
    )


def rule_of(packed: bytes) -> str:
    """Give the name of the rule of a packed match."""
    name: str = pickle.loads(packed)[0]  # noqa: S301 - our own
    return name


def flagged(packed: bytes, key: str, value: object) -> bytes:
    """Add something to the evidence of a packed match."""
    name, subject, place, evidence, mark = packed_row(packed)
    row = (name, subject, place, {**evidence, key: value}, mark)
    return pickle.dumps(row, pickle.HIGHEST_PROTOCOL)


def packed_row(packed: bytes) -> list[Any]:
    """Give a packed match as plain JSON values."""
    return list(pickle.loads(packed))  # noqa: S301 - our own


def row_packed(row: Any, rules: Mapping[str, AnyRule]) -> bytes | None:
    """Pack what `packed_row` gave, perhaps long ago and by another hand.

    None if it is none of these `rules`, or nothing that can be a finding.
    """
    try:
        name, subject, place, evidence, mark = row
        Location(*place)
        sound = (
            isinstance(rules[name], DetectionRule)
            and isinstance(subject, dict)
            and subject.keys() == {"type", "id", *SUBJECT}
            and isinstance(place[0], str)
            and all(each is None or isinstance(each, int) for each in place[1:])
            and isinstance(evidence, dict)
            and bytes.fromhex(mark)
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    if not sound:
        return None
    return pickle.dumps(
        (name, subject, tuple(place), evidence, mark), pickle.HIGHEST_PROTOCOL
    )


def hit_key(hit: Hit) -> bytes:
    """Give what tells the hits of a run apart: the rule and the event."""
    text = f"hit\x1f{hit.rule}\x1f{hit.event}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=_KEY).digest()


def _scanner(
    rules: Sequence[DetectionRule], plan: Plan, period: Period
) -> Callable[[Item], Scanned]:
    detector = detection.compile_rules(rules, plan.carried, plan.quiet)
    by_name = {rule.name: rule for rule in rules}
    return functools.partial(_scan_input, detector, by_name, period)


def _scan_input(
    detector: detection.Detector,
    rules: Mapping[str, DetectionRule],
    period: Period,
    each: Item,
) -> Scanned:
    if isinstance(each, Unreadable):
        return Scanned(each.uri, 0, problems=(each,))
    length = digests = records = outside = untimed = 0
    event_ids: list[bytes] = []
    told: list[Told] = []
    hits: list[tuple[Hit, Location]] = []
    corrections: list[Correction] = []
    problems: list[Unreadable] = []
    for part in inside(files.read(each, detector.header), period):
        if isinstance(part, Unreadable):
            problems.append(part)
        elif isinstance(part, Batch):
            length += len(part.text)
            outside += part.outside
            found = detection.evaluate(detector, part)
            records += len(found.event_ids)
            event_ids.append(pack(found.event_ids))
            corrections.extend(reading.corrections(part))
            problems.extend((*part.problems, *found.problems))
            # A batch without any is not searched.
            wanted = {match.record for match in found.matches}
            wanted.update(hit.record for hit in found.hits)
            places = positions.locate(part, wanted)
            told.extend(
                _told(rules[match.rule], match, places[match.record])
                for match in found.matches
            )
            hits.extend((hit, places[hit.record]) for hit in found.hits)
            untimed += found.untimed
        else:
            digests += 1
    return Scanned(
        uri=each.uri,
        size=each.size,
        length=length,
        digests=digests,
        records=records,
        outside=outside,
        event_ids=b"".join(event_ids),
        told=tuple(told),
        hits=tuple(hits),
        corrections=tuple(corrections),
        untimed=untimed,
        problems=tuple(problems),
    )


def _told(rule: DetectionRule, match: Match, place: Location) -> Told:
    event = match.subject["id"]
    identity = event or f"{place.uri}\x1f{place.record}"
    mark = fingerprint(rule, f"event\x1f{identity}")
    shared = match.evidence.get("sharedEventID")
    placed = (
        place.uri,
        place.record,
        place.start_line,
        place.char_offset,
        place.char_length,
        place.start_column,
        place.end_line,
        place.end_column,
    )
    row = (rule.name, dict(match.subject), placed, dict(match.evidence), mark)
    return Told(
        key=bytes.fromhex(mark)[:_KEY],
        event=event,
        rule=rule.name,
        shared=_shared(rule, shared) if isinstance(shared, str) else None,
        packed=pickle.dumps(row, pickle.HIGHEST_PROTOCOL),
    )


def _shared(rule: DetectionRule, shared: str) -> bytes:
    return bytes.fromhex(fingerprint(rule, f"shared\x1f{shared}"))[:_KEY]


def _sentence(rule: DetectionRule, subject: Mapping[str, Any]) -> str:
    """Say in one sentence what happened, who did it, where and when."""
    parts = [f"{subject['eventName']} by {subject['principal'] or 'an unnamed caller'}"]
    if subject["sourceIPAddress"]:
        parts.append(f"from {subject['sourceIPAddress']}")
    if subject["awsRegion"]:
        parts.append(f"in {subject['awsRegion']}")
    if subject["eventTime"]:
        parts.append(f"at {subject['eventTime']}")
    return f"{rule.title}: {' '.join(parts)}."
