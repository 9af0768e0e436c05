"""Write the line of each finding where its event is evaluated.

For a scan that writes JSON lines, and whose findings nothing else decides about: of a
finding its line is handed on, and what tells it from others.  What is the same in all
lines of a rule, or of a form, is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, cast

from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.compiled import Compiled
from checker.evaluate.detection.detector import MATCHES, Detector
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.event_fields import EventFields
from checker.evaluate.detection.forms import Instant
from checker.evaluate.detection.subject import subject
from checker.memo import Memo
from checker.model import Batch, Header
from checker.reports.json import (
    event_text,
    evidence_text,
    head,
    said_text,
    subject_text,
    uncommanding,
)
from checker.reports.json_text import TEXTS, begun, is_id, joined, place_text, sentence
from checker.run.scanning.fingerprints import key_of_digest, shared_key
from checker.run.scanning.job import Job
from checker.run.scanning.matches import at_time, before_time
from checker.run.scanning.rule_writer import RuleWriter
from checker.sources.events import positions


class Written(NamedTuple):
    """A finding as its line of JSON, without the end of the line.

    `key` and `shared` are those of `run.scanning.fingerprints`.
    """

    rule: str
    lowered: bool
    key: bytes
    shared: bytes | None
    text: str


_new = cast(Callable[[type[Written], Any], Written], tuple.__new__)


class _Between(NamedTuple):
    """What stands in a line between the event's id, its time, its place and its end.

    No CI runner finds a command in it.
    """

    before_id: str
    before_place: str
    before_end: str


class _Line(NamedTuple):
    """The line of a rule's findings on all events of a form, in parts.

    `said` and `message` are what the subject says after its time, and what the message
    says before; `said_text` and `begun` are the same as JSON, where that can be told.
    `between` has all that is the same in most lines, where there is nothing unusual.
    """

    writer: RuleWriter
    lowered: bool
    shared: bytes | None
    head: str
    said: tuple[Any, ...]
    said_text: str | None
    evidence: str
    message: str
    begun: str | None
    between: _Between | None


_Part: TypeAlias = tuple[_Line, Instant]
"""A finding whose place in the text is not known yet."""


@dataclass(slots=True, eq=False)
class Writing:
    """Finds the matches of rules, and writes the lines of their findings (`Maker`)."""

    detector: Detector
    _writers: dict[str, RuleWriter]

    @property
    def header(self) -> type[Header]:
        """What the rules read of every event at once."""
        return self.detector.header

    def evaluate(self, batch: Batch) -> Evaluated[Written]:
        """Evaluate the rules on a batch."""
        found = detection.evaluate_as(self.detector, batch, self)
        wanted = {own.place[1] for _, own in found.matches}
        wanted.update(found.hits.records)
        places = positions.places(batch, wanted)
        uri = TEXTS[batch.uri]
        return Evaluated(
            tuple([_written(*each, places, uri) for each in found.matches]),
            found.event_ids,
            found.records,
            found.problems,
            found.hits.placed(places),
            found.untimed,
        )

    def form(self, compiled: Compiled, fields: EventFields) -> _Line:
        """Return what is the same of the lines of a rule on all events of a form."""
        rule = compiled.rule
        writer = self._writers.get(rule.name)
        if writer is None:
            writer = self._writers[rule.name] = RuleWriter(compiled)
        lowered, shared = False, None
        evidence = writer.evidence(fields)
        if evidence is None:
            match = MATCHES.form(compiled, fields)
            lowered, shared = match.lowered, shared_key(rule, match.evidence)
            evidence = evidence_text(match.evidence)
        said = fields.said
        said_json = said_text(said)
        message = writer.title + before_time(subject(None, (None, *said)))
        told = begun(message)
        head_ = head(rule, rule.level.lowered) if lowered else writer.head
        return _Line(
            writer,
            lowered,
            shared,
            head_,
            said,
            said_json,
            evidence,
            message,
            told,
            _between(head_, said_json, evidence, told),
        )

    def row(self, kept: _Line, own: Instant) -> _Part:
        """Return the finding on one event."""
        return kept, own


def _between(
    head_: str, said: str | None, evidence: str, told: str | None
) -> _Between | None:
    if said is None or told is None:
        return None
    found = _Between(
        f'{head_}, "status": "fail", "subject": {{"type": "event", "id": "',
        f', {said}, "location": {{"uri": ',
        f'}}, "evidence": {evidence}, "message": {told}',
    )
    return None if any("##" in each for each in found) else found


class _Times(Memo[str, "tuple[str, str] | None"]):
    """Times as JSON, and as the end of a message; None for what is no time."""

    def __missing__(self, time: str) -> tuple[str, str] | None:
        end = joined('"', at_time(time))
        return self.keep(time, (TEXTS[time], end[1:]) if end else None, len(time))


_TIMES: Final = _Times()


def _written(
    line: _Line, own: Instant, places: Mapping[int, positions.Place], uri: str
) -> Written:
    """Write a finding; `uri` is that of its place, as JSON."""
    event_id, time, (_, record) = own
    between = line.between
    if (
        between
        and event_id.__class__ is str
        and time.__class__ is str
        and is_id(event_id)
        and (times := _TIMES[time])
        and "##" not in uri
    ):
        before_id, before_place, before_end = between
        writer = line.writer
        digest = writer.digest(event_id)
        start, offset, length = places[record]
        told, end = times
        text = (
            f'{before_id}{event_id}", "eventTime": {told}{before_place}{uri}, '
            f'"record": {record}, "startLine": {start}, "charOffset": {offset}, '
            f'"charLength": {length}{before_end}{end}, '
            f'"fingerprint": "{digest.hex()}"}}'
        )
        name, key = writer.rule.name, key_of_digest(digest)
        return _new(Written, (name, line.lowered, key, line.shared, text))
    return _written_apart(line, own, places)


def _written_apart(
    line: _Line, own: Instant, places: Mapping[int, positions.Place]
) -> Written:
    """Write a finding of which something is unusual."""
    writer, lowered, shared, begun_, said, said_json, evidence, message, told, _ = line
    event_id, time, (uri, record) = own
    about = event_text(event_id, time, said_json)
    if about is None:
        shown = subject(event_id, (time, *said))
        about, event_id = subject_text(shown), shown["id"]
    # An eventID need not be text.
    digest = writer.digest(str(event_id or f"{uri}\x1f{record}"))
    end = at_time(time)
    text = (
        f'{begun_}, "status": "fail", "subject": {about}, '
        f'"location": {place_text(uri, record, *places[record])}, '
        f'"evidence": {evidence}, '
        f'"message": {joined(told, end) or sentence(message + end)}, '
        f'"fingerprint": "{digest.hex()}"}}'
    )
    name = writer.rule.name
    key = key_of_digest(digest)
    return _new(Written, (name, lowered, key, shared, uncommanding(text)))


def writing(job: Job) -> Writing:
    """Compile the rules of a job, as `worker.detecting` does."""
    plan = job.plan
    rules = detection.compile_rules(job.detections, plan.carried, plan.quiet)
    return Writing(rules, {})
