"""Story: collect what one identity did, through the roles that it assumed.

The inputs are read twice: first for who was given which credentials, then for the
events of all of these.  Only those are judged by the detections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.batch_reader import Reading
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
    Statistics,
    Unreadable,
)
from checker.run.scanning.copies import Copies
from checker.run.scanning.scan import Advance
from checker.sources.events import files
from checker.sources.events.chunks import Read
from checker.sources.events.inputs import InputFilter, fetching, find, inside, watched
from checker.sources.events.inputs import notes as input_notes
from checker.sources.events.period import Period
from checker.story import Issued, Told

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
    for part in _read(inputs, choice, None, Period()):
        if isinstance(part, Batch):
            links.extend(_links(part))
    if len(links) > MOST_KEYS:
        notes.append(
            f"more than {MOST_KEYS:,} credentials were issued: some chains end early"
        )
    keys, origins = _chain(wanted, links[:MOST_KEYS])
    return _tell(wanted, keys, origins, (inputs, choice, advance), list(rules), notes)


def _chain(
    wanted: Identity, links: Sequence[_Link]
) -> tuple[set[str], dict[str, tuple[str, Issued, str]]]:
    """Return the access keys that lead back to an identity, and where each is from."""
    keys: set[str] = set()
    origins: dict[str, tuple[str, Issued, str]] = {}
    waiting = list(links)
    while True:
        found = [one for one in waiting if matches(wanted, keys, one.event)]
        if not found:
            return keys, origins
        waiting = [one for one in waiting if not matches(wanted, keys, one.event)]
        for one in found:
            keys.add(one.issued.key)
            parent = session_of(one.event)
            origins.setdefault(one.issued.key, (parent, one.issued, one.time))


def _links(batch: Batch) -> Iterator[_Link]:
    reading = Reading(batch)
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
                yield _Link(kept, made, str(event.get("eventTime") or ""))


def _tell(  # noqa: PLR0913, PLR0917 - what was found, and where to read on
    wanted: Identity,
    keys: set[str],
    origins: dict[str, tuple[str, Issued, str]],
    source: tuple[Sequence[str], InputFilter, Advance | None],
    rules: Sequence[AnyRule],
    notes: list[str],
) -> Told:
    detections = [rule for rule in rules if isinstance(rule, DetectionRule)]
    levels = {rule.name: rule.level for rule in detections}
    detector = detection.compile_rules(detections)
    builder = StoryBuilder(origins)
    copies = Copies()
    problems: list[Unreadable] = []
    counts = dict.fromkeys(("bytes", "events", "duplicates", "digests", "outside"), 0)
    inputs: set[str] = set()
    for part in _read(*source, source[1].period):
        inputs.add(part.uri)
        if isinstance(part, Unreadable):
            problems.append(part)
            continue
        if not isinstance(part, Batch):
            counts["digests"] += 1
            continue
        counts["bytes"] += len(part.text)
        counts["outside"] += part.outside
        problems.extend(part.problems)
        reading = Reading(part)
        headers = reading.headers()
        numbers, event_ids = reading.kept(headers)
        again = copies.find([(part.uri, numbers, event_ids)], ())
        counts["events"] += len(numbers) - len(again)
        counts["duplicates"] += len(again)
        positions = _of_story(wanted, keys, part, reading)
        own = [
            (position, event)
            for position, event in positions
            if (part.uri, part.numbers[position]) not in again
        ]
        problems.extend(reading.problems)
        found = _findings(detector, part, [position for position, _ in own], levels)
        for position, event in own:
            matched = found.get(part.numbers[position], ())
            builder.add(call_of(event, issued(event), matched), event)
    unreadable = sum(one.record is None for one in problems)
    statistics = Statistics(
        inputs=len(inputs),
        unreadable_inputs=unreadable,
        unreadable_records=len(problems) - unreadable,
        rules=len(detections),
        findings=sum(builder.findings.values()),
        **counts,
    )
    if builder.timeless:
        notes.append(
            f"events whose eventTime cannot be read: {builder.timeless:,}; they stand "
            "last, and count for no first or last time"
        )
    return Told(
        wanted.text,
        wanted.kind.value,
        builder.story(),
        statistics,
        tuple(problems),
        tuple(notes),
    )


def _of_story(
    wanted: Identity, keys: set[str], batch: Batch, reading: Reading
) -> Iterator[tuple[int, Event]]:
    """Yield the events of the identity, with their positions in the batch."""
    address = wanted.network is not None
    text = wanted.text.encode("utf-8", "surrogatepass")
    if wanted.kind is Kind.ACCOUNT:
        text = text.lstrip(b"0")  # as a number has it
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
    detector: detection.Detector,
    batch: Batch,
    positions: Sequence[int],
    levels: dict[str, Level],
) -> dict[int, list[tuple[str, Level]]]:
    """Return the rules that hold on some events of a batch, by their numbers."""
    if not positions:
        return {}
    part = replace(
        batch,
        records=[batch.records[position] for position in positions],
        numbers=[batch.numbers[position] for position in positions],
        headers=None,
        spans=(),
        problems=(),
    )
    found: dict[int, list[tuple[str, Level]]] = {}
    for match in detection.evaluate(detector, part).matches:
        level = levels[match.rule]
        found.setdefault(match.record, []).append(
            (match.rule, level.lowered if match.lowered else level)
        )
    return found


def _read(
    inputs: Sequence[str],
    choice: InputFilter,
    advance: Advance | None,
    period: Period,
) -> Iterator[Read]:
    """Read the events of a period; of AWS is fetched what `choice` asks for."""
    with fetching(find(inputs, choice), choice.tell) as ready:
        for each in ready:
            if isinstance(each, Unreadable):
                yield each
                continue
            yield from inside(files.read(each, Header), period)
            if advance:
                advance(each.size, each.uri)
