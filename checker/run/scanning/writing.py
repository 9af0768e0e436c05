"""Write the line of each finding where its event is evaluated.

For a scan that writes JSON lines, and whose findings nothing else decides about: of a
finding its line is handed on, and what tells it from others.  What each rule writes is
worked out once: its part of the line, the keys of its evidence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, cast

import msgspec

from checker import conditions
from checker.conditions.access import Closure
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.compiled import Compiled
from checker.evaluate.detection.detector import MATCHES, Detector
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.event_fields import EventFields
from checker.evaluate.detection.evidence import (
    MOST_ENTRIES,
    MOST_TEXT,
    SHOWN_TEXTS,
    Nested,
    reads_arrays,
)
from checker.evaluate.detection.field_types import field_type
from checker.evaluate.detection.forms import Instant
from checker.evaluate.detection.remembered import Remembered, of_event
from checker.evaluate.detection.subject import subject
from checker.memo import Memo
from checker.model import Batch, Event, Header
from checker.reports.json import (
    event_text,
    evidence_text,
    head,
    said_text,
    subject_text,
    uncommanding,
)
from checker.reports.json_text import (
    TEXTS,
    UnusualError,
    begun,
    is_id,
    joined,
    member,
    place_text,
    sentence,
    value_text,
)
from checker.run.scanning.fingerprints import (
    digests_of_events,
    key_of_digest,
    shared_key,
)
from checker.run.scanning.job import Job
from checker.run.scanning.matches import at_time, before_time
from checker.secrets import Within
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


class _EventTexts(Memo[str | None, str]):
    """Texts of events as the JSON of what is shown of them."""

    def __missing__(self, text: str | None) -> str:
        if text is None or len(text) > MOST_TEXT:
            raise UnusualError
        return self.keep(text, TEXTS[SHOWN_TEXTS[text]], len(text))


_TEXTS = _EventTexts()
_TEXT: Final = frozenset({str, type(None)})


class _Field(NamedTuple):
    """A member of the evidence: its key as JSON, and how to read and write its value.

    `second` and `rest` lead there from a field of the event, as `evidence.Field` has
    it.  Where `plain`, texts are in `_TEXTS`; so are those inside of other values where
    `within` says what these are in; what is left is written as `present` shows it.
    """

    key: str
    second: str | None
    rest: Closure | None
    plain: bool
    within: Within | None
    present: Callable[[Any], Any]


class _TextMember(msgspec.Struct, frozen=True):
    """A member of the evidence that is a field of text."""

    name: str
    key: str

    def of(self, fields: EventFields) -> str | None:
        """Return it as JSON, behind a comma; None where that takes a `Match`."""
        try:
            value = fields[self.name]
            return "" if value is None else f"{self.key}{_TEXTS[value]}"
        except (UnusualError, KeyError, TypeError):
            return None


class _Members:
    """Members of the evidence that are in one field of an event, or anywhere in it."""

    def __init__(self, first: str | None, names: frozenset[str] | None) -> None:
        """Begin with none; `names` are the fields of an event that they read."""
        self.first = first
        self.names = names
        self.fields: list[_Field] = []

    def as_text(self) -> _TextMember | None:
        """Return what writes the one member, if it is text as it stands there."""
        if len(self.fields) > 1 or self.first is None or self.fields[0].second:
            return None
        (field,), kind = self.fields, field_type((self.first,))
        is_text = kind is not None and kind.types <= _TEXT and field.plain
        return _TextMember(self.first, field.key) if is_text else None

    def text(self, event: Event) -> str | None:
        """Return them as JSON, each behind a comma; None where that takes a `Match`."""
        value = event.get(self.first) if self.first else event
        parts: list[str] = []
        if value is not None:
            try:
                _add_members(parts, self.fields, value)
            except UnusualError:
                return None
        return "".join(parts)


class _Writer:
    """Writes the findings of one rule."""

    def __init__(self, compiled: Compiled) -> None:
        """Work out what is the same in all of them."""
        self.rule = compiled.rule
        self.head = head(self.rule, self.rule.level)
        self.title = f"{self.rule.title}: "
        self.digest = digests_of_events(self.rule)
        self.compiled = compiled
        self._texts: list[Remembered[str | None] | _TextMember] | None = None
        with contextlib.suppress(UnusualError):
            self._texts = list(self._prepared())

    def _prepared(self) -> Iterator[Remembered[str | None] | _TextMember]:
        """Work out the members of the evidence; raises `UnusualError` if it cannot."""
        evidence, room = self.compiled.evidence, self.compiled.room
        selected = {each.name for each in evidence.selections}
        if selected & {path for path, *_ in evidence.fields}:
            raise UnusualError
        for name, test, read in evidence.selections:
            yield of_event(_selected(f"{member(name)[0]}true", test), read, room)
        for nested in evidence.nested:
            yield of_event(_unless_in_arrays(nested), nested[1][:1], room)
        for each in self._members():
            yield each.as_text() or of_event(each.text, each.names, room)

    def _members(self) -> Sequence[_Members]:
        found: list[_Members] = []
        for (
            path,
            first,
            second,
            rest,
            texts,
            present,
            read,
        ) in self.compiled.evidence.fields:
            key, as_is, within, beside = member(path)
            if beside:
                # Other evidence may say that this is a secret.
                raise UnusualError
            plain = texts is not None and as_is
            field = _Field(key, second, rest, plain, within if plain else None, present)
            if not found or (found[-1].first, found[-1].names) != (first, read):
                found.append(_Members(first, read))
            found[-1].fields.append(field)
        return found

    def evidence(self, fields: EventFields) -> str | None:
        """Return the evidence of an event as JSON; None if that takes a `Match`."""
        if self._texts is None or fields.shared_id:
            return None
        if self.rule.lowered_by and self.compiled.lowering.of(fields):
            return None
        text = ""
        for each in self._texts:
            part = each.of(fields)
            if part is None:
                return None
            text += part
        return f"{{{text[2:]}}}"


def _selected(text: str, test: Closure | None) -> Callable[[Event], str]:
    """Return what writes a selection, where it holds."""
    if test is None:
        return lambda _: text
    return lambda event: text if conditions.holds(test(event)) else ""


def _unless_in_arrays(nested: Nested) -> Callable[[Event], str | None]:
    """Return what writes nothing of a field; None where that takes a `Match`."""
    return lambda event: None if reads_arrays(nested, event) else ""


def _add_members(parts: list[str], fields: Sequence[_Field], inside: Any) -> None:
    """Add the members of evidence that are in one field of an event."""
    get = inside.get if inside.__class__ is dict else _nothing
    for key, second, rest, plain, within, present in fields:
        value = inside if second is None else get(second)
        if value is None:
            continue
        if rest is not None:
            value = rest(value)
            if value is None:
                continue
        if plain and value.__class__ is str:
            parts += (key, _TEXTS[value])
        elif within is not None:
            parts += (key, value_text(value, within, _TEXTS, MOST_ENTRIES))
        elif (value := present(value)) is not None:
            parts += (key, value_text(value, Within.PLAIN, TEXTS, MOST_ENTRIES))


def _nothing(_: str) -> None:
    """Return what is under a key of what is no object."""


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

    writer: _Writer
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
    _writers: dict[str, _Writer]

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
            writer = self._writers[rule.name] = _Writer(compiled)
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
