"""Write the evidence of a rule's findings as JSON, where that is plain to write.

What each rule shows, and the keys of it, is worked out once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from checker import conditions
from checker.conditions.access import Closure
from checker.evaluate.detection.compiled import Compiled
from checker.evaluate.detection.event_fields import EventFields
from checker.evaluate.detection.evidence import (
    MOST_ENTRIES,
    MOST_TEXT,
    SHOWN_TEXTS,
    Nested,
    reads_arrays,
)
from checker.evaluate.detection.field_types import field_type
from checker.evaluate.detection.remembered import Remembered, of_event
from checker.memo import Memo
from checker.model import Event
from checker.reports.json import head
from checker.reports.json_text import TEXTS, UnusualError, member, value_text
from checker.run.scanning.fingerprints import digests_of_events
from checker.secrets import Within


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


class RuleWriter:
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
