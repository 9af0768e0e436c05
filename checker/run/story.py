"""Story: collect what one identity did, through the roles that it assumed.

The inputs are read twice: first for who was given which credentials, then for the
events of all of these.  Only those are judged by the detections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec import structs

from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.story import (
    Identity,
    Kind,
    StoryBuilder,
    call_of,
    issued,
    matches,
    session_of,
)
from checker.model import (
    AnyRule,
    Batch,
    DetectionRule,
    Event,
    Header,
    Level,
)
from checker.run.scanning.reading import read_inputs
from checker.run.scanning.scan import Advance
from checker.run.scanning.tally import Tally
from checker.sources.events.inputs import InputFilter, find, watched
from checker.sources.events.inputs import notes as input_notes
from checker.sources.events.period import Period
from checker.story import Call, Issued, Told

MOST_KEYS: Final = 200_000
"""How many issued access keys are remembered."""

_KEYS: Final = re.compile(rb'"accessKeyId"\s*:\s*"([A-Z0-9]+)"')

_ISSUES: Final = (b'"credentials"', b'"accessKey"')  # those of a credentialSet, too
"""What the text of an event holds that gives credentials."""


@dataclass(frozen=True, slots=True)
class _Link:
    """Credentials that were issued: to whom (`event` cut to its caller), and when."""

    event: Event
    issued: Issued
    time: str


def story(
    wanted: Identity,
    inputs: Sequence[str],
    rules: Iterable[AnyRule],
    *,
    chosen: InputFilter | None = None,
    advance: Advance | None = None,
) -> Told:
    """Collect the story of an identity from files, folders or addresses in AWS.

    Copies count once.  Raises `UsageError` and `SourceError` as a scan does.
    """
    choice = watched(chosen, None)
    notes = list(input_notes(list(inputs), choice))
    links: list[_Link] = []
    # Who acts in the period may have got the credentials before it.
    whole = structs.replace(choice, period=Period())
    for issuing in read_inputs(find(inputs, choice), whole, 1, _Links):
        links.extend(issuing.matches)
    if len(links) > MOST_KEYS:
        notes.append(
            f"more than {MOST_KEYS:,} credentials were issued: some chains end early"
        )
    keys, origins = _chain(wanted, links[:MOST_KEYS])
    detections = [rule for rule in rules if isinstance(rule, DetectionRule)]
    builder = StoryBuilder(origins)
    tally = Tally()
    seen: set[str] = set()
    choice = watched(choice, advance)
    arguments = (wanted, frozenset(keys), tuple(detections))
    for piece in read_inputs(find(inputs, choice), choice, 1, _calls, *arguments):
        tally.take(piece)
        for event_id, call, event in piece.matches:
            if event_id is None or event_id not in seen:
                builder.add(call, event)
            if event_id is not None:
                seen.add(event_id)
    counted = tally.count(())
    findings = sum(builder.findings.values())
    counts = {"rules": len(detections), "findings": findings}
    notes.extend(tally.notes(counted))
    if builder.timeless:
        notes.append(
            f"events whose eventTime cannot be read: {builder.timeless:,}; they stand "
            "last, and count for no first or last time"
        )
    return Told(
        wanted.text,
        wanted.kind.value,
        builder.story(),
        tally.statistics(counted, counts),
        tuple(tally.problems),
        tuple(notes),
    )


def _chain(
    wanted: Identity, links: Sequence[_Link]
) -> tuple[set[str], dict[str, tuple[str, Issued, str]]]:
    """Return the access keys that lead back to an identity, and where any is from."""
    keys: set[str] = set()
    waiting = list(links)
    while True:
        found = [one for one in waiting if matches(wanted, keys, one.event)]
        if not found:
            break
        waiting = [one for one in waiting if not matches(wanted, keys, one.event)]
        keys.update(one.issued.key for one in found)
    origins: dict[str, tuple[str, Issued, str]] = {}
    for one in links:
        parent = session_of(one.event)
        origins.setdefault(one.issued.key, (parent, one.issued, one.time))
    return keys, origins


@dataclass(frozen=True, slots=True)
class _Links:
    """Finds the credentials that events issue."""

    header: type[Header] = Header

    def evaluate(self, batch: Batch) -> Evaluated[_Link]:
        """Return the credentials that the events of a batch issued."""
        reading = Reading(batch)
        links = []
        for position, record in enumerate(batch.records):
            if any(word in record for word in _ISSUES):
                event = reading.decode(position)
                made = issued(event) if event else None
                if event and made:
                    kept: Event = {
                        key: event[key]
                        for key in ("userIdentity", "sourceIPAddress")
                        if key in event
                    }
                    time = str(event.get("eventTime") or "")
                    links.append(_Link(kept, made, time))
        return Evaluated(tuple(links), (), (), ())


_OwnCall: TypeAlias = tuple[str | None, Call, Event]
"""An event of the identity: its eventID, what a story shows of it, and itself."""


@dataclass(frozen=True, slots=True)
class _Calls:
    """Finds the events of an identity and of its keys, and judges them."""

    wanted: Identity
    keys: frozenset[str]
    detector: detection.Detector
    header: type[Header] = Header

    def evaluate(self, batch: Batch) -> Evaluated[_OwnCall]:
        """Return the calls of the identity in a batch."""
        reading = Reading(batch)
        headers = reading.headers()
        own = list(self._own(batch, reading))
        found = self._findings(batch, [position for position, _ in own])
        calls = []
        for position, event in own:
            matched = found.get(batch.numbers[position], ())
            call = call_of(event, issued(event), matched)
            calls.append((headers[position].eventID, call, event))
        numbers, event_ids = reading.kept(headers)
        return Evaluated(tuple(calls), event_ids, numbers, tuple(reading.problems))

    def _own(self, batch: Batch, reading: Reading) -> Iterator[tuple[int, Event]]:
        """Yield the events of the identity, with their positions in the batch."""
        wanted, keys = self.wanted, self.keys
        address = wanted.network is not None
        text = _searched(wanted)
        for position, record in enumerate(batch.records):
            # What is escaped in JSON is compared once it is decoded.
            if not (address or text in record or b"\\" in record):
                named = _KEYS.findall(record)
                if not any(key.decode() in keys for key in named):
                    continue
            event = reading.decode(position)
            if event is not None and matches(wanted, keys, event):
                yield position, event

    def _findings(
        self, batch: Batch, positions: Sequence[int]
    ) -> dict[int, list[tuple[str, Level]]]:
        """Return the rules that hold on some events of a batch, by their numbers."""
        if not positions:
            return {}
        part = structs.replace(
            batch,
            records=[batch.records[position] for position in positions],
            numbers=[batch.numbers[position] for position in positions],
            headers=None,
            spans=(),
            problems=(),
        )
        levels = {each.rule.name: each.rule.level for each in self.detector.rules}
        found: dict[int, list[tuple[str, Level]]] = {}
        for match in detection.evaluate(self.detector, part).matches:
            level = levels[match.rule]
            found.setdefault(match.record, []).append(
                (match.rule, level.lowered if match.lowered else level)
            )
        return found


def _calls(
    wanted: Identity, keys: frozenset[str], rules: Sequence[DetectionRule]
) -> _Calls:
    return _Calls(wanted, keys, detection.compile_rules(rules))


def _searched(wanted: Identity) -> bytes:
    """Return what the text of every event of an identity has in it."""
    text = wanted.text
    match wanted.kind:
        case Kind.ACCOUNT:
            text = text.lstrip("0")  # as a number has it
        case Kind.ARN:
            # A role's path is in some of its events alone, and so is `assumed-role`.
            text = text.rpartition("/")[2]
        case Kind.NAME if text in ("root", "Root"):
            text = "oot"
    return text.encode("utf-8", "surrogatepass")
