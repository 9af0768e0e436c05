"""Write the line of each finding where its event is evaluated.

For a scan that writes JSON lines, and whose findings nothing else decides about: of a
finding its line is handed on, and what tells it from others.  What each rule writes is
worked out once: its part of the line, the keys of its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

from checker import conditions
from checker.conditions.access import Closure
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.detector import Compiled, Detector
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.evidence import MOST_ENTRIES, MOST_TEXT, SHOWN_TEXTS
from checker.evaluate.detection.subject import subject
from checker.memo import Memo
from checker.model import Batch, Event, Header
from checker.reports.json import (
    evidence_text,
    head,
    subject_text,
    uncommanding,
)
from checker.reports.json_text import (
    TEXTS,
    UnusualError,
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
from checker.run.scanning.matches import described
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


class _Writer:
    """Writes the findings of one rule."""

    def __init__(self, compiled: Compiled) -> None:
        """Work out what is the same in all of them."""
        self.rule = compiled.rule
        self.head = head(self.rule, self.rule.level)
        self.title = f"{self.rule.title}: "
        self.digest = digests_of_events(self.rule)
        self.compiled = compiled
        self._selections: list[tuple[str, Closure | None]] = []
        self._fields: list[tuple[str | None, list[_Field]]] = []
        self.is_simple = not compiled.evidence.nested
        if self.is_simple:
            try:
                self._prepare()
            except UnusualError:
                self.is_simple = False

    def _prepare(self) -> None:
        """Work out the members of the evidence; raises `UnusualError` if it cannot."""
        evidence = self.compiled.evidence
        names = [name for name, _ in evidence.selections]
        if {*names} & {path for path, *_ in evidence.fields}:
            raise UnusualError
        for name, test in evidence.selections:
            self._selections.append((f"{member(name)[0]}true", test))
        for path, first, second, rest, texts, present in evidence.fields:
            key, as_is, within, beside = member(path)
            if beside:
                # Other evidence may say that this is a secret.
                raise UnusualError
            plain = texts is not None and as_is
            field = _Field(key, second, rest, plain, within if plain else None, present)
            if self._fields and self._fields[-1][0] == first:
                self._fields[-1][1].append(field)
            else:
                self._fields.append((first, [field]))

    def evidence(self, event: Event) -> str | None:
        """Return the evidence of an event as JSON; None if that takes a `Match`."""
        if not self.is_simple or "sharedEventID" in event:
            return None
        if self.rule.lowered_by and self.compiled.lowering.of(event):
            return None
        parts: list[str] = []
        for text, test in self._selections:
            if test is None or conditions.holds(test(event)):
                parts.append(text)
        get = event.get
        try:
            for first, fields in self._fields:
                value = get(first) if first else event
                if value is not None:
                    _add_members(parts, fields, value)
        except UnusualError:
            return None
        return f"{{{''.join(parts)[2:]}}}"


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


_Part: TypeAlias = tuple[_Writer, int, bool, bytes | None, str, str, str, str]
"""A finding whose place is not known yet: what writes it, the number of its event, then
as in `Written`; the event's id, and the texts of subject, evidence and message."""


@dataclass(slots=True)
class Writing:
    """Finds the matches of rules, and writes the lines of their findings."""

    detector: Detector
    _writers: dict[str, _Writer]
    _event: Event | None = None
    _subject: str = ""
    _described: str = ""
    _id: str = ""

    @property
    def header(self) -> type[Header]:
        """What the rules read of every event at once."""
        return self.detector.header

    def evaluate(self, batch: Batch) -> Evaluated[Written]:
        """Evaluate the rules on a batch."""
        found = detection.evaluate_as(self.detector, batch, self._part)
        self._event = None
        wanted = {part[1] for part in found.matches}
        wanted.update(found.hits.records)
        places = positions.places(batch, wanted)
        uri = batch.uri
        return Evaluated(
            tuple(
                [
                    _written(part, (uri, part[1], *places[part[1]]))
                    for part in found.matches
                ]
            ),
            found.event_ids,
            found.records,
            found.problems,
            found.hits.placed(places),
            found.untimed,
        )

    def _part(self, compiled: Compiled, place: tuple[str, int], event: Event) -> _Part:
        if event is not self._event:
            self._look_at(event, place)
        rule = compiled.rule
        writer = self._writers.get(rule.name)
        if writer is None:
            writer = self._writers[rule.name] = _Writer(compiled)
        lowered, key = False, None
        evidence = writer.evidence(event)
        if evidence is None:
            match = detection.match(compiled, place, event)
            lowered, key = match.lowered, shared_key(rule, match.evidence)
            evidence = evidence_text(match.evidence)
        told = sentence(writer.title + self._described)
        about = self._id, self._subject, evidence, told
        return writer, place[1], lowered, key, *about

    def _look_at(self, event: Event, place: tuple[str, int]) -> None:
        """Write what all findings on an event say."""
        about = subject(event)
        self._event = event
        self._subject = subject_text(about)
        self._described = described(about)
        # An eventID need not be text.
        self._id = str(about["id"] or f"{place[0]}\x1f{place[1]}")


def _written(part: _Part, place: tuple[Any, ...]) -> Written:
    writer, _, lowered, shared, event, subject, evidence, message = part
    rule = writer.rule
    digest = writer.digest(event)
    begun = head(rule, rule.level.lowered) if lowered else writer.head
    text = (
        f'{begun}, "status": "fail", "subject": {subject}, '
        f'"location": {place_text(*place)}, "evidence": {evidence}, '
        f'"message": {message}, "fingerprint": "{digest.hex()}"}}'
    )
    if "##" in text:
        text = uncommanding(text)
    return _new(Written, (rule.name, lowered, key_of_digest(digest), shared, text))


def writing(job: Job) -> Writing:
    """Compile the rules of a job, as `worker.detecting` does."""
    plan = job.plan
    rules = detection.compile_rules(job.detections, plan.carried, plan.quiet)
    return Writing(rules, {})
