"""Compare the fields of some events: which are constant, and which vary how."""

from __future__ import annotations

import enum
import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from checker import secrets
from checker.model import Event

Scalar: TypeAlias = str | int | float | bool

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST: Final = 12
_MOST_FIELDS: Final = 2_000
_LONGEST: Final = 500
"""Longer texts, such as policies, are compared by what is in them by people only."""

_MOST_VALUES: Final = 10
_AFFIX: Final = 4
"""The fewest characters that a beginning or an end is worth a condition."""

_LETTERS: Final = string.ascii_letters + string.digits

_NAMED: Final = frozenset(
    {
        "eventSource",
        "eventName",
        "errorCode",
        "awsRegion",
        "userIdentity.type",
        "eventType",
        "eventCategory",
    }
)
"""Fields whose values AWS names: several of them are a list, however few the events."""

_ALWAYS_VOLATILE: Final = re.compile(
    r"(?:eventID|requestID|sharedEventID|eventTime|eventVersion|userAgent"
    r"|userIdentity\.(?:principalId|accessKeyId)|sessionCredentialFromConsole"
    r"|userIdentity\.sessionContext\.attributes\.creationDate"
    r"|userIdentity\.sessionContext\.sessionIssuer\.principalId"
    r"|(?:tlsDetails|addendum)\..*)"
)
"""What tells one call from another, or is what a caller says of itself."""


class Nature(enum.Enum):
    """How a field behaves over some events."""

    CONSTANT = "constant"
    ENUMERABLE = "enumerable"
    PATTERNED = "patterned"
    VOLATILE = "volatile"


@dataclass(frozen=True, slots=True)
class Profile:
    """One field over some events: its path in JMESPath, and what values it has.

    `names` are the names of the path, with `[]` where it crosses a list; `many` says
    that it does.  `present` of the events have the field.  Of a list `values` are what
    all events have in it if it is constant.
    """

    path: str
    names: tuple[str, ...]
    nature: Nature
    present: int
    values: tuple[Scalar, ...]
    beginning: str = ""
    end: str = ""

    @property
    def many(self) -> bool:
        """Whether the path leads through a list."""
        return "[]" in self.names


def profiles(events: Sequence[Event]) -> list[Profile]:
    """Return the profile of each field of some events, in their order."""
    values: dict[tuple[str, ...], list[tuple[Scalar, ...]]] = {}
    for event in events:
        of_event: dict[tuple[str, ...], list[Scalar]] = {}
        for names, value in _leaves(event, ()):
            of_event.setdefault(names, []).append(value)
        for names, found in of_event.items():
            if names in values or len(values) < _MOST_FIELDS:
                values.setdefault(names, []).append(tuple(found))
    return [_profile(names, rows, len(events)) for names, rows in values.items()]


def path_of(names: Iterable[str]) -> str:
    """Write a path in JMESPath: `requestParameters.permissions[].group`."""
    text = ""
    for name in names:
        if name == "[]":
            text += "[]"
            continue
        written = name if _BARE.fullmatch(name) else json.dumps(name)
        text += f".{written}" if text else written
    return text


def _leaves(
    value: Any, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    if isinstance(value, str | bool | int | float):
        if not isinstance(value, str) or len(value) <= _LONGEST:
            yield names, value
    elif len(names) >= _DEEPEST:
        return
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "[]":
                yield from _leaves(inner, (*names, key))
    elif isinstance(value, list) and names and names[-1] != "[]":
        for inner in value:
            yield from _leaves(inner, (*names, "[]"))


def _profile(
    names: tuple[str, ...], rows: Sequence[tuple[Scalar, ...]], events: int
) -> Profile:
    path = path_of(names)
    present = len(rows)
    common = tuple(each for each in _distinct([rows[0]]) if _in_all(each, rows))
    every = _distinct(rows)

    def told(nature: Nature, values: Sequence[Scalar], **affix: str) -> Profile:
        return Profile(path, names, nature, present, tuple(values), **affix)

    hidden = any(secrets.MASK in str(each) for each in every)
    if hidden or _ALWAYS_VOLATILE.fullmatch(path):
        return told(Nature.VOLATILE, every[:_MOST_VALUES])
    if present == events and ("[]" in names or len(every) == 1) and common:
        return told(Nature.CONSTANT, common[:_MOST_VALUES])
    few = len(every) <= _MOST_VALUES and len(every) * 2 <= present
    if path in _NAMED or few:
        return told(Nature.ENUMERABLE, every)
    beginning, end = _affixes(every)
    if beginning or end:
        shown = every[:_MOST_VALUES]
        return told(Nature.PATTERNED, shown, beginning=beginning, end=end)
    return told(Nature.VOLATILE, every[:_MOST_VALUES])


def _distinct(rows: Iterable[Sequence[Scalar]]) -> list[Scalar]:
    """Return the different values; 1 and true are two."""
    found = {(type(each), each): each for row in rows for each in row}
    return list(found.values())


def _in_all(value: Scalar, rows: Iterable[Sequence[Scalar]]) -> bool:
    return all(
        any(type(each) is type(value) and each == value for each in row) for row in rows
    )


def _affixes(values: Sequence[Scalar]) -> tuple[str, str]:
    """Return how all texts begin and end, where that is worth a condition."""
    texts = [each for each in values if isinstance(each, str)]
    if len(texts) < len(values) or len(texts) < 2:
        return "", ""
    beginning = _whole_words(_common(texts))
    end = _whole_words(_common([text[::-1] for text in texts]))[::-1]
    return (
        beginning if len(beginning) >= _AFFIX else "",
        end if len(end) >= _AFFIX else "",
    )


def _common(texts: Sequence[str]) -> str:
    """Return how all texts begin: as the first and the last in order do."""
    first, last = min(texts), max(texts)
    for index, letter in enumerate(first):
        if last[index : index + 1] != letter:
            return first[:index]
    return first


def _whole_words(beginning: str) -> str:
    """Cut what may be part of a word: generated ids begin alike by chance."""
    return beginning.rstrip(_LETTERS)
