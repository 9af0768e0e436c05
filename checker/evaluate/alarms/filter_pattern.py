"""Read CloudWatch Logs filter patterns and matches events against them.

There are three kinds: a JSON pattern in braces tests fields of an event that is JSON; a
space-delimited pattern in brackets tests the columns of a line; anything else is terms
that the text of the event must hold.  What AWS's page leaves open is read so that no
filter passes for more than it is: a comparison with a field that is absent is false,
also `!=`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from checker.evaluate.alarms.filter_parser import Reader
from checker.evaluate.alarms.filter_terms import Mistake, Test, regular

LONGEST = 1024
"""How many characters a pattern can have: API_PutMetricFilter."""

Event: TypeAlias = Mapping[str, Any] | str
"""A decoded record, or the text of a log event."""

Kind: TypeAlias = Literal["json", "columns", "terms", "all"]


class Malformed(msgspec.Struct, frozen=True):
    """Why a text is no pattern; `offset` counts characters from 0."""

    reason: str
    offset: int


class Pattern(msgspec.Struct, frozen=True):
    """A pattern that can be asked; `kind` is json, columns, terms or all."""

    text: str
    kind: Kind
    test: Test

    def match(self, event: Event) -> bool:
        """Return whether the filter counts an event.

        A record is taken for the compact JSON text that CloudTrail delivers.
        """
        if self.kind == "json":
            return self.test(_decoded(event) if isinstance(event, str) else event)
        if not isinstance(event, str):
            event = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
        return self.test(_columns(event) if self.kind == "columns" else event)


@functools.lru_cache(maxsize=256)  # every rule on alarms asks of the same filters
def parse(text: str) -> Pattern | Malformed:
    """Read a pattern; what is wrong with a text comes back as a value."""
    if len(text) > LONGEST:
        return Malformed(f"it is longer than {LONGEST} characters", LONGEST)
    try:
        return Pattern(text, *_read(text))
    except Mistake as mistake:
        return Malformed(mistake.reason, mistake.offset)


def _read(text: str) -> tuple[Kind, Test]:
    stripped = text.strip()
    if not stripped:
        return "all", lambda _: True
    if stripped.startswith("{"):
        return "json", Reader(text, "{", "}").expression()
    if stripped.startswith("["):
        return "columns", Reader(text, "[", "]").columns()
    return "terms", _terms(text)


_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]+))')


def _terms(text: str) -> Test:
    """Read terms: all of them, none with a minus, or else any with a question mark."""
    needed: list[Test] = []
    banned: list[Test] = []
    optional: list[Test] = []
    at = 0
    for found in _TERM.finditer(text):
        if gap := text[at : found.start()].strip():
            raise Mistake(f"'{gap[:20]}' is no term", at)
        at = found.end()
        sign, quoted, expression, plain = found.groups()
        if expression is not None:
            test = regular(expression, found.start())
        else:
            test = _holds(plain or re.sub(r"\\(.)", r"\1", quoted or ""))
        {"": needed, "-": banned, "?": optional}[sign].append(test)
    if rest := text[at:].strip():
        raise Mistake(f"'{rest[:20]}' is no term", at)

    def test_all(event: str) -> bool:
        if needed or banned:
            return all(t(event) for t in needed) and not any(t(event) for t in banned)
        return any(t(event) for t in optional)

    return test_all


def _holds(term: str) -> Test:
    return lambda event: term in event


_COLUMN = re.compile(r'"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)')


def _columns(line: str) -> list[str]:
    """Split a line at white space; what stands in quotes or brackets is one column."""
    return [
        next(x for x in found.groups() if x is not None)
        for found in _COLUMN.finditer(line)
    ]


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
