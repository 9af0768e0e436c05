r"""Write values of events as JSON without their secrets, in one pass.

The text is that of `json._encode(secrets.hide(plain(value)))`: what is here only knows
what most values are, and remembers the text of those that come again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from typing import Any, Final, TypeAlias

from checker import secrets
from checker.memo import Memo
from checker.model import Location
from checker.secrets import Within

_ID: Final = 36
_DEEPEST: Final = 64

quoted: Final = encode_basestring_ascii
"""Returns a text as JSON in ASCII, quotes and all."""


class UnusualError(Exception):
    """A value is of a kind that has to be written the long way."""


class _Texts(Memo[str | None, str]):
    """JSON of texts without secrets, and of None."""

    def __missing__(self, text: str | None) -> str:
        if text is None:
            return "null"
        if is_id(text):
            # Of ids most come once, and they need no escapes.
            return f'"{text}"'
        return self.keep(text, quoted(secrets.hide_text(text)), len(text))


def is_id(text: str) -> bool:
    """Return whether a text is as long as an eventID, and shown as it is."""
    return len(text) == _ID and secrets.is_plain(text) is not None


TEXTS: Final = _Texts()
"""Has the JSON of each text (or None), without secrets; not of other values."""

_Facts: TypeAlias = tuple[str, bool, Within, bool]
"""A key as JSON, behind a comma; whether texts under it are shown as they are; what its
values are in, and whether the name of one may stand beside it."""


class _Keys(Memo[str, _Facts]):
    """The keys of objects of one kind: as JSON, and what their values are in."""

    def __init__(self, state: Within) -> None:
        super().__init__()
        self._state = state

    def __missing__(self, name: str) -> _Facts:
        if name.__class__ is not str:
            raise UnusualError
        shown, below, is_value = secrets.key_facts(self._state, name)
        if shown != name:
            # Two such keys may be one, once they are hidden.
            raise UnusualError
        as_is = below not in secrets.HIDING and not is_value
        facts = f", {quoted(name)}: ", as_is, below, is_value
        return self.keep(name, facts, len(name))


_KEYS: Final = {state: _Keys(state) for state in Within}


def written(value: Mapping[str, Any]) -> str:
    """Return an object as JSON without secrets.

    Raises `UnusualError` where something in it is no value of JSON, is nested deep, or
    has a key with a secret.
    """
    if value.__class__ is not dict:
        raise UnusualError
    return _object(value, Within.PLAIN, TEXTS, sys.maxsize, 0)


def member(path: str) -> tuple[str, bool, Within, bool]:
    """Return how a member of an object is written that is no secret by its name.

    That is its key, behind a comma and before the value, whether `TEXTS` has the JSON
    of a text, what the value is in, and whether its neighbours matter as well.  Raises
    `UnusualError` for a key that has a secret.
    """
    return _KEYS[Within.PLAIN][path]


def value_text(
    value: object, state: Within, texts: Mapping[str | None, str], most: int
) -> str:
    """Return a value as JSON without secrets, with the JSON of texts looked up.

    Raises `UnusualError` as `written`, and for what has more than `most` entries.
    """
    return _value(value, state, texts, most, 0)


def place_text(
    uri: str, record: int | None, line: int, offset: int | None, length: int | None
) -> str:
    """Return where something is as JSON, as the `place` of `schemas/report.json`."""
    return (
        f'{{"uri": {TEXTS[uri]}, "record": {_number(record)}, "startLine": {line}, '
        f'"charOffset": {_number(offset)}, "charLength": {_number(length)}}}'
    )


def place_of(where: Location) -> str:
    """Return the `place_text` of a location."""
    offset, length = where.char_offset, where.char_length
    return place_text(where.uri, where.record, where.start_line, offset, length)


def _number(value: int | None) -> str:
    return "null" if value is None else f"{value}"


def _object(
    value: Mapping[str, Any],
    state: Within,
    texts: Mapping[str | None, str],
    most: int,
    depth: int,
) -> str:
    if depth > _DEEPEST or len(value) > most:
        raise UnusualError
    keys = _KEYS[state]
    members: list[str] = []
    add = members.append
    for name, entry in value.items():
        key, as_is, below, is_value = keys[name]
        add(key)
        # Most of what is in objects is text that comes again: no call for it.
        if as_is and entry.__class__ is str:
            add(texts[entry])
            continue
        if is_value and secrets.is_labelled(value):
            below = Within.SECRET
        add(_value(entry, below, texts, most, depth + 1))
    return f"{{{''.join(members)[2:]}}}"


def _value(
    value: Any,
    state: Within,
    texts: Mapping[str | None, str],
    most: int,
    depth: int,
) -> str:
    kind = value.__class__
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if kind is dict:
        return _object(value, state, texts, most, depth)
    if kind is list:
        if len(value) > most:
            raise UnusualError
        inner = secrets.inside(state)
        parts = [_value(part, inner, texts, most, depth + 1) for part in value]
        return f"[{', '.join(parts)}]"
    if kind is str and state not in secrets.HIDING:
        return texts[value]
    if kind is str or kind is int:
        hidden = secrets.hide(value, state)
        return quoted(hidden) if hidden.__class__ is str else repr(hidden)
    if kind is Location and state not in secrets.HIDING:
        return place_of(value)
    raise UnusualError


class _Ends(Memo[str, str | None]):
    """The ends of messages, as JSON; None for what is no time."""

    def __missing__(self, end: str) -> str | None:
        return self.keep(end, quoted(end)[1:] if _END.fullmatch(end) else None, 0)


class _Beginnings(Memo[str, str | None]):
    """What messages say before the time, as JSON; None where the time matters."""

    def __missing__(self, beginning: str) -> str | None:
        address = _FROM.search(beginning)
        if address and address[0] != _SOME_ADDRESS:
            before, after = beginning[: address.start()], beginning[address.end() :]
            alike = f"{before}{_SOME_ADDRESS}{after}"
            known = self[alike]
            if known and known.count(_SOME_ADDRESS) == 1:
                return known.replace(_SOME_ADDRESS, address[0])
        hidden = secrets.hide_text(beginning + _SOME_END)
        end = len(hidden) - len(_SOME_END)
        known = quoted(hidden[:end])[:-1] if hidden.endswith(_SOME_END) else None
        # A title stands before what an event says.
        return self.keep(beginning, known, len(beginning) // 2)


_SOME_END: Final = " at 2026-01-23T01:23:45Z."
_SOME_ADDRESS: Final = " from 192.0.2.123 "
_FROM: Final = re.compile(r" from [0-9]{1,3}(?:\.[0-9]{1,3}){3} ")
_END: Final = re.compile(
    r" at [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\."
)
_ENDS: Final = _Ends()
_BEGINNINGS: Final = _Beginnings()


def sentence(message: str) -> str:
    """Return a message as JSON without secrets.

    Most differ from others in their time and an address alone.  To what finds secrets
    one digit is like another where blanks stand around: it is looked at once for all.
    """
    at = len(message) - len(_SOME_END)
    if at > 0 and (whole := joined(begun(message[:at]), message[at:])):
        return whole
    return TEXTS[message]


def begun(message: str) -> str | None:
    """Return the beginning of a message, up to its time, as JSON without secrets.

    None where the time matters to what is a secret.
    """
    return _BEGINNINGS[message]


def joined(beginning: str | None, end: str) -> str | None:
    """Return a message that ends with a time, from what `begun` gave; else None."""
    told = _ENDS[end] if beginning else None
    return beginning + told if beginning and told else None
