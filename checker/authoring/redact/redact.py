"""Make a real record fit to be shown: `trailcheck redact`.

What tells on a customer gives way to values of documentation, the same for the same
throughout a run; secrets give way to CloudTrail's own mask.  Structure, types and all
that AWS says itself (event names, error codes, Regions, times) stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from checker import secrets
from checker.authoring.redact import identifiers, names
from checker.authoring.redact.identifiers import MASKED, PATTERN
from checker.model import RECORD_FIELDS, Event
from checker.secrets import Shape

# Fields in which AWS speaks, and never a customer.
_OF_AWS = frozenset(
    """
    eventVersion eventTime eventSource eventName awsRegion errorCode eventType
    apiVersion eventCategory type invokedBy creationDate mfaAuthenticated tlsVersion
    cipherSuite ConsoleLogin MFAUsed
    """.split()
)
_PREFIXES = ("BedrockAPIKey-", "AWSReservedSSO_", "AWSServiceRoleFor")
"""How the names begin that AWS gives to users and roles: that says what they are."""

_SHAPE = Shape(mask=MASKED)
_MASK = re.compile(r"HIDDEN_\w*|\*{2,}.*|\(.*\)")
_OPAQUE = re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[\w+/=-]{40,}")


class Redactor:
    """Replaces the identifiers of the records of one run.

    All records are looked through first: a name that one record gives away by its key
    is a name in the others too.
    """

    def __init__(self, records: Iterable[Event]) -> None:
        records = list(records)
        self._examples: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._taken = {text for record in records for text in _examples(record)}
        structural = {word for record in records for word in _words(record)}
        found: dict[str, str] = {}
        for record in records:
            for name, kind in names.find(record):
                if name not in structural and not PATTERN.fullmatch(name):
                    found.setdefault(name, kind)
        self._names = {
            spelling: self._name(name, kind)
            for name, kind in found.items()
            for spelling in _spellings(name)
            if not names.is_example(name.removeprefix(_prefix(name)))
        }
        self._pattern = _any_of(self._names)

    def redact(self, value: Any, key: str = "") -> Any:
        """Return the value as documentation would show it, by its `key`."""
        if isinstance(value, dict):
            return {
                self._key(name): self.redact(entry, name)
                for name, entry in value.items()
            }
        if isinstance(value, list):
            return [self.redact(entry, key) for entry in value]
        if isinstance(value, str):
            return self._string(value, key)
        if isinstance(value, int) and "account" in key.lower():
            text = str(value)
            return int(self._text(text)) if len(text) == 12 else value
        return value

    def _string(self, value: str, key: str) -> str:
        if not value or key in _OF_AWS or _MASK.fullmatch(value):
            return value
        spoken = key.lower() == "useragent"
        if _OPAQUE.fullmatch(value) and not spoken:
            return MASKED
        if value[0] in "{[":
            try:
                return json.dumps(self.redact(json.loads(value)), ensure_ascii=False)
            except (ValueError, RecursionError):
                return self._text(value)
        if spoken:
            # Chrome/126.0.0.0 is a version, and no address.
            return "".join(
                part
                if re.fullmatch(r"\[?[A-Za-z]+/[0-9.]+", part)
                else self._text(part)
                for part in re.split(r"(\s+)", value)
            )
        return self._text(value)

    def _key(self, name: str) -> str:
        return name if name in RECORD_FIELDS or name in _OF_AWS else self._text(name)

    def _text(self, text: str) -> str:
        """Replace the names of a text, then whatever has the form of an identifier."""
        pieces = self._pattern.split(text) if self._pattern else [text]
        return "".join(
            self._names[piece] if index % 2 else PATTERN.sub(self._identifier, piece)
            for index, piece in enumerate(pieces)
        )

    def _identifier(self, found: re.Match[str]) -> str:
        kind, text = found.lastgroup or "", found.group()
        if kind == "secret":
            return MASKED
        if kind == "dashed":
            head, _, tail = text.partition("-")
            address = self._example("v4", tail.replace("-", "."))
            return f"{head}-{address.replace('.', '-')}"
        if kind in ("email", "v6") and "%" in text:
            return quote(self._example(kind, unquote(text)), safe="")
        return self._example(kind, text)

    def _example(self, kind: str, text: str) -> str:
        if identifiers.is_example(kind, text):
            return text
        known = self._examples.get((kind, text))
        while known is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            made = identifiers.example(kind, number, text)
            if made not in self._taken:
                known = self._examples[kind, text] = made
        return known

    def _name(self, name: str, kind: str) -> str:
        known = self._examples.get(("name", name))
        while known is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            made = names.example(kind, number)
            if made not in self._taken:
                known = self._examples["name", name] = _prefix(name) + made
        return known


def redact(records: Iterable[Event]) -> list[Event]:
    """Redact some records together, so that the same stays the same."""
    records = [secrets.hide(record, shape=_SHAPE) for record in records]
    redactor = Redactor(records)
    return [redactor.redact(record) for record in records]


def _prefix(name: str) -> str:
    return next((each for each in _PREFIXES if name.startswith(each)), "")


def _examples(value: Any) -> Iterator[str]:
    """Yield the documentation values that stand in a record: those are taken."""
    for text in _strings(value):
        for found in PATTERN.finditer(text):
            if identifiers.is_example(found.lastgroup or "", found.group()):
                yield found.group()
        for word in re.split(r"[^\w-]+", text):
            if names.is_example(word):
                yield word


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield key
            yield from _strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)


def _words(record: Event) -> Iterator[str]:
    """Yield the words by which AWS itself describes an event: no name can be one."""
    for key in _OF_AWS:
        value = record.get(key)
        if isinstance(value, str):
            yield value
            yield value.split(".")[0]
    yield from RECORD_FIELDS
    yield from ("Root", "IAMUser", "AssumedRole", "Success", "Failure", "Yes", "No")


def _spellings(name: str) -> Iterator[str]:
    """Yield a name as it may stand in a text: plain, URL-encoded, inside JSON."""
    forms = (
        name,
        quote(name, safe=""),
        quote(name),
        quote_plus(name),
        json.dumps(name)[1:-1],
        json.dumps(name, ensure_ascii=False)[1:-1],
    )
    yield from dict.fromkeys(forms)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    if not longest_first:
        return None
    choice = "|".join(map(re.escape, longest_first))
    return re.compile(
        rf"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{{2}}))({choice})(?![0-9A-Za-z])"
    )
