r"""Sigma's text values: wildcards, escapes, and how they are compared.

`*` is any text, also none, and `?` one character; `\*`, `\?` and, before either of
them, `\\` are plain.  A backslash before anything else is itself.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md#escaping
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from checker.conditions.text_functions import matches_pattern, pattern_problem

Test: TypeAlias = Callable[[str], bool]

_TOGETHER = 64
"""So many texts are looked for with one pattern; fewer one by one."""


class Wildcard(enum.Enum):
    """What stands for text that a pattern leaves open."""

    ANY = "*"
    ONE = "?"


Part: TypeAlias = str | Wildcard


class Place(enum.Enum):
    """Where in a text a pattern has to be."""

    WHOLE = "equals"
    INSIDE = "contains"
    START = "startswith"
    END = "endswith"


@functools.lru_cache(maxsize=4096)
def parts(text: str) -> tuple[Part, ...]:
    """Take a value apart into plain text and wildcards."""
    found: list[Part] = []
    plain: list[str] = []
    at = 0
    while at < len(text):
        sign = text[at]
        after = text[at + 1 : at + 2]
        if sign == "\\" and after and after in "\\*?":
            plain.append(after)
            at += 2
            continue
        if sign in "*?":
            if plain:
                found.append("".join(plain))
                plain = []
            found.append(Wildcard(sign))
        else:
            plain.append(sign)
        at += 1
    if plain:
        found.append("".join(plain))
    return tuple(found)


def trimmed(place: Place, value: str) -> tuple[bool, bool, tuple[Part, ...]]:
    """Return whether text may stand before a value, and behind it, and what is left.

    Wildcards at its ends say that as its place does.
    """
    found = parts(value)
    front = place in (Place.INSIDE, Place.END)
    back = place in (Place.INSIDE, Place.START)
    while found and found[0] is Wildcard.ANY:
        front, found = True, found[1:]
    while found and found[-1] is Wildcard.ANY:
        back, found = True, found[:-1]
    return front, back, found


def plain(text: str) -> str | None:
    """Return what a value without wildcards is; None for one with wildcards."""
    found = parts(text)
    if any(isinstance(part, Wildcard) for part in found):
        return None
    return "".join(map(str, found))


def escaped(text: str) -> str:
    """Write plain text as a value that stands for itself."""
    return re.sub(r"\\(?=[\\*?])|[*?]|\\\Z", r"\\\g<0>", text)


def of_scalar(value: Any) -> str | None:
    """Return the text of a scalar as Sigma compares it; None for null and the rest."""
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        return _of_float(value)
    return None


def _of_float(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    if value in (float("inf"), float("-inf")) or value != value:  # noqa: PLR0124 - NaN
        return str(value)
    return format(Decimal(repr(value)), "f")


def test(place: Place, values: Sequence[str], *, cased: bool) -> Test:
    """Return the test whether a text fits one of several values."""
    texts: list[str] = []
    patterns: list[str] = []
    for value in values:
        found = plain(value)
        if found is None:
            patterns.append(pattern(place, value, cased=cased))
        else:
            texts.append(found if cased else found.lower())
    tests = [_text_test(place, texts, cased=cased)] if texts else []
    tests += map(_search, patterns)
    if len(tests) == 1:
        return tests[0]
    return lambda text: any(each(text) for each in tests)


def problem(place: Place, value: str, *, cased: bool) -> str | None:
    """Return what is wrong with a value; only one with wildcards can be wrong."""
    if plain(value) is not None:
        return None
    return pattern_problem(pattern(place, value, cased=cased))


def _text_test(place: Place, texts: Sequence[str], *, cased: bool) -> Test:
    wanted = tuple(dict.fromkeys(texts))
    inner: Test
    match place:
        case Place.WHOLE:
            inner = frozenset(wanted).__contains__
        case Place.START:
            inner = lambda text: text.startswith(wanted)  # noqa: E731 - one of four
        case Place.END:
            inner = lambda text: text.endswith(wanted)  # noqa: E731 - likewise
        case Place.INSIDE:
            inner = _inside(wanted)
    return inner if cased else lambda text: inner(text.lower())


def _inside(wanted: Sequence[str]) -> Test:
    if len(wanted) == 1:
        (only,) = wanted
        return lambda text: only in text
    if len(wanted) > _TOGETHER:
        joined = "|".join(map(_quoted, wanted))
        if pattern_problem(joined) is None:
            return _search(joined)
    return lambda text: any(each in text for each in wanted)


def pattern(place: Place, value: str, *, cased: bool) -> str:
    """Write a value with wildcards as a pattern of RE2.

    Wildcards cross line breaks.
    """
    found = list(parts(value))
    start = "" if place in (Place.INSIDE, Place.END) else r"\A"
    end = "" if place in (Place.INSIDE, Place.START) else r"\z"
    while found and found[0] is Wildcard.ANY:
        start, found = "", found[1:]
    while found and found[-1] is Wildcard.ANY:
        end, found = "", found[:-1]
    signs = {Wildcard.ANY: ".*", Wildcard.ONE: "."}
    middle = "".join(
        signs[part] if isinstance(part, Wildcard) else _quoted(part) for part in found
    )
    return ("(?s)" if cased else "(?is)") + start + middle + end


def _quoted(text: str) -> str:
    return re.sub(r"[^\w ]", lambda found: f"\\x{{{ord(found.group()):x}}}", text)


def _search(source: str) -> Test:
    found = matches_pattern(source)
    assert found is not None
    return lambda text: found(text) is True
