r"""Write a report as JSON, to the letter of `schemas/report.json`.

The text is plain ASCII: control, bidirectional and other invisible characters of event
data stand as `\u` escapes, so that it is safe in a terminal and on any stream.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from msgspec import structs

import checker
from checker import secrets
from checker.conditions.unknown import Unknown
from checker.model import (
    SUBJECT,
    Acceptance,
    AnyRule,
    Finding,
    Level,
    Location,
    Report,
)
from checker.reports import json_text, requirements
from checker.reports.json_text import TEXTS, place_of, quoted
from checker.reports.order import kind, ordered
from checker.reports.remarks import remarks

VERSION: Final = 1
"""The version of `schemas/report.json`; it changes when a reader would break."""

_SUBJECTS: Final = {
    "event": SUBJECT,
    "rule": (),
}
_RULE: Final = ("name", "id", "kind", "title", "level")
_RESOURCE: Final = ("accountId", "region")
_DEEPEST: Final = 100


def render(report: Report) -> Iterator[str]:
    """Yield the report as one JSON object, one line for each finding."""
    head = {"name": "trailcheck", "version": checker.__version__}
    yield f'{{"version": {VERSION}, "tool": {encode(head)},\n "findings": ['
    separator = "\n  "
    for finding in ordered(report.findings):
        yield separator + line(finding)
        separator = ",\n  "
    statistics = structs.asdict(report.statistics)
    yield f'],\n "statistics": {encode(statistics)},\n "problems": ['
    separator = "\n  "
    for problem in report.problems:
        yield separator + encode(secrets.hide(structs.asdict(problem)))
        separator = ",\n  "
    yield "]"
    if notes := remarks(report):
        yield f',\n "notes": {encode(secrets.hide(list(notes)))}'
    if report.frameworks:
        yield ',\n "frameworks": ['
        separator = "\n  "
        for judgement in report.frameworks:
            yield separator + encode(requirements.document(judgement))
            separator = ",\n  "
        yield "]"
    yield "}\n"


def document(finding: Finding) -> dict[str, Any]:
    """The finding as the `finding` object of `schemas/report.json`."""
    return {"rule": _rule(_of_rule(finding)), **_found(finding)}


def line(finding: Finding) -> str:
    """The text of `document`; what it says of the rule is written once for them all."""
    return uncommanding(f"{head(finding.rule, finding.level)}, {body(finding)}")


def body(finding: Finding) -> str:
    """The text of `document` after its rule."""
    where, covered = finding.location, finding.suppressed
    accepted = f', "suppressed": {_encode(acceptance(covered))}' if covered else ""
    return (
        f'"status": "{finding.status.value}", '
        f'"subject": {subject_text(finding.subject)}, '
        f'"location": {place_of(where) if where else "null"}, '
        f'"evidence": {evidence_text(finding.evidence)}, '
        f'"message": {json_text.sentence(finding.message)}{accepted}, '
        f'"fingerprint": {quoted(finding.fingerprint)}}}'
    )


def head(rule: AnyRule, level: Level) -> str:
    """The text of a document up to the end of its rule."""
    return _head((rule.name, rule.id, kind(rule), rule.title, level.value, rule.tags))


def subject_text(about: Mapping[str, Any]) -> str:
    """The text of a `subject`."""
    if about.get("type") == "event":
        of_event = [about.get(name) for name in ("id", *SUBJECT)]
        text = event_text(of_event[0], of_event[1], said_text(of_event[2:]))
        if text is not None:
            return text
    return _encode(_subject(about))


def said_text(said: Sequence[Any]) -> str | None:
    """The text of what the subject says of an event after its time (`SUBJECT`).

    None where something else stands where a text should.
    """
    try:
        source, name, region, account, principal, address = [TEXTS[x] for x in said]
    except TypeError:
        return None
    return (
        f'"eventSource": {source}, "eventName": {name}, "awsRegion": {region}, '
        f'"accountId": {account}, "principal": {principal}, '
        f'"sourceIPAddress": {address}}}'
    )


def event_text(event_id: Any, time: Any, said: str | None) -> str | None:
    """The text of the subject that is an event; None as `said_text`, which it takes."""
    try:
        return said and (
            f'{{"type": "event", "id": {TEXTS[event_id]}, "eventTime": {TEXTS[time]}, '
            f"{said}"
        )
    except TypeError:
        return None


def member(value: object) -> str:
    """The text of one value of a subject, an empty one for null."""
    if value is None:
        return '""'
    return TEXTS[value] if value.__class__ is str else _encode(_string(value))


def evidence_text(evidence: Mapping[str, Any]) -> str:
    """The text of evidence, without secrets."""
    try:
        return json_text.written(evidence)
    except json_text.UnusualError:
        return _encode(secrets.hide(plain(evidence)))


_OfRule: TypeAlias = tuple[str, str, str, str, str, tuple[str, ...]]


def _of_rule(finding: Finding) -> _OfRule:
    rule, level = finding.rule, finding.level.value
    return rule.name, rule.id, kind(rule), rule.title, level, rule.tags


def _rule(of_rule: _OfRule) -> dict[str, Any]:
    *texts, tags = of_rule
    return {**dict(zip(_RULE, texts, strict=True)), "tags": list(tags)}


@functools.lru_cache(maxsize=4096)
def _head(of_rule: _OfRule) -> str:
    """The text of a document up to the end of its rule."""
    return _encode({"rule": _rule(of_rule)})[:-1]


def _found(finding: Finding) -> dict[str, Any]:
    """What `document` says of a finding besides its rule."""
    covered = (
        {"suppressed": acceptance(finding.suppressed)} if finding.suppressed else {}
    )
    return {
        "status": finding.status.value,
        "subject": subject(finding),
        "location": place(finding.location) if finding.location else None,
        "evidence": secrets.hide(plain(finding.evidence)),
        "message": message(finding),
        **covered,
        "fingerprint": finding.fingerprint,
    }


def acceptance(accepted: Acceptance) -> dict[str, str]:
    """The exception that covers a finding, as `schemas/report.json` has it."""
    return {
        "reason": secrets.hide_text(accepted.reason),
        "owner": secrets.hide_text(accepted.owner),
        "expires": accepted.expires,
    }


def subject(finding: Finding) -> dict[str, str | None]:
    """The subject with every key of its type, null where the event has no such field.

    An event may hold anything where a string belongs; that is given as its JSON text.
    """
    return _subject(finding.subject)


def _subject(about: Mapping[str, Any]) -> dict[str, str | None]:
    keys = ("type", "id", *_SUBJECTS.get(about["type"], _RESOURCE))
    return {key: _string(about.get(key)) for key in keys}


def message(finding: Finding) -> str:
    """Return the message without secrets."""
    return secrets.hide_text(finding.message)


def place(location: Location) -> dict[str, Any]:
    """The location as the `location` object of `schemas/report.json`."""
    return {
        "uri": secrets.hide_text(location.uri),
        "record": location.record,
        "startLine": location.start_line,
        "charOffset": location.char_offset,
        "charLength": location.char_length,
    }


def plain(value: object, depth: int = 0) -> Any:
    """The value in JSON's own types, whatever a rule has taken out of its subject.

    What could not be read is `{"unknown": reason}`, not null: null means absent.  What
    is nested deeper than any real event is cut off with "…".
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if value.__class__ is dict and depth < _DEEPEST:
        # As below, without the long way to find out that it is a mapping.
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    if isinstance(value, Location):
        return place(value)
    if depth == _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth + 1) for item in value), key=encode)
    return str(value)


def encode(value: object) -> str:
    """The value as ASCII JSON on one line, which no CI runner takes for a command."""
    return uncommanding(_encode(value))


def printable(text: str) -> str:
    """JSON with escapes for what could move a cursor or turn the reading direction."""
    if text.replace("\n", "").isprintable():
        return uncommanding(text)
    return uncommanding(
        "".join(
            each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1]
            for each in text
        )
    )


def uncommanding(text: str) -> str:
    """JSON in which no CI runner finds a command (`##[…]`, `##vso[…]`)."""
    if "##" not in text:
        return text
    return text.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[")


_encode: Final = json.JSONEncoder(allow_nan=False).encode


def _string(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return secrets.hide_text(value)
    return encode(secrets.hide(plain(value)))
