"""Read the cells of a query's result: JSON, or a map as Presto and Athena write it.

A map or struct is `{key=value, key=value}`, in which nothing is quoted.  Its values are
text, JSON or maps.  What could be read in two ways is refused, never guessed.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-cloudtrail.html
https://docs.aws.amazon.com/athena/latest/ug/rows-and-structs.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, Final

_KEY = r"[A-Za-z0-9_$@][\w$@:./+-]*"
_ENTRY = re.compile(rf"({_KEY})=")
_NEXT = re.compile(rf", (?={_KEY}=)")
_ITEM = re.compile(r"[^,{}\[\]=]*+(?=[,\]])")
_CLOSE = re.compile(r"[{}\[\]]|, (?=" + _KEY + "=)")
_DEEPEST: Final = 24
_NULL: Final = "null"


class UnclearError(ValueError):
    """Raised for a cell that cannot be read, or in more than one way."""


def _refuse(text: str) -> None:
    raise ValueError(text)


_JSON = json.JSONDecoder(parse_constant=_refuse)


def decode(text: str, keep: Collection[str] = ()) -> Any:
    """Decode a cell that begins with a brace or a bracket: JSON, a map or a list.

    What the keys of a map in `keep` hold stays text.  Raises `UnclearError`.
    """
    bare = text.strip()
    try:
        value, end = _JSON.raw_decode(bare)
    except (ValueError, RecursionError):
        pass
    else:
        if end == len(bare):
            return value
        raise UnclearError("text follows its JSON")
    if bare[:1] == "{" and bare[1:].lstrip()[:1] in ('"', ""):
        raise UnclearError("its JSON is damaged or cut off")
    value, end = _Reader(bare, keep).value(0, 0)
    if end != len(bare):
        raise UnclearError("text follows its end")
    return value


def unquoted(text: str) -> str:
    """Return an object that was written as text twice as one that was so once."""
    if text.lstrip()[:1] == '"':
        try:
            inner = _JSON.decode(text.strip())
        except (ValueError, RecursionError):
            return text
        if inner.lstrip()[:1] in ("{", "["):
            return str(inner)
    return text


class _Reader:
    """Reads one cell; each character is looked at a bounded number of times."""

    def __init__(self, text: str, keep: Collection[str]) -> None:
        self.text = text
        self.keep = keep

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """Read the map, list or JSON that begins at `at`, and tell where it ends."""
        if depth > _DEEPEST:
            raise UnclearError("it is nested too deeply")
        text = self.text
        try:
            return _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            pass
        if text[at] == "[":
            return self._list(at, depth)
        if text[at + 1 : at + 2] == "}":
            return {}, at + 2
        return self._map(at, depth)

    def _map(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at += 1
        while True:
            entry = _ENTRY.match(self.text, at)
            if entry is None:
                raise UnclearError("it is neither JSON nor key=value pairs")
            if entry[1] in found:
                raise UnclearError(f"the key {entry[1][:40]} is in it more than once")
            key, start = entry[1], entry.end()
            found[key], at = self._entry(start, depth)
            if key in self.keep and found[key] is not None:
                found[key] = self.text[start:at]
            if self.text.startswith("}", at):
                return found, at + 1
            at += 2  # ", "

    def _entry(self, at: int, depth: int) -> tuple[Any, int]:
        """Read one value of a map, up to the comma or the brace after it."""
        text = self.text
        if text[at : at + 1] in ("{", "["):
            try:
                value, end = self.value(at, depth + 1)
            except UnclearError:
                if text[at : at + 1] == "{" and depth == 0:
                    return self._plain(at, depth)
                raise
            if text.startswith("}", end) or _NEXT.match(text, end):
                return value, end
            raise UnclearError("text follows a value that is JSON or a map")
        return self._plain(at, depth)

    def _plain(self, at: int, depth: int) -> tuple[str | None, int]:
        """Read text; braces in it must be balanced, so that its end is certain."""
        text = self.text
        open_: list[str] = []
        for mark in _CLOSE.finditer(text, at):
            sign = mark[0]
            if sign in ("{", "["):
                if depth:
                    raise UnclearError("a brace in a value leaves its end open")
                open_.append(sign)
            elif sign in ("}", "]") and open_:
                if (open_.pop() == "{") != (sign == "}"):
                    raise UnclearError("the braces in a value do not match")
            elif open_:
                raise UnclearError("a value in braces may be a map or text")
            elif sign == "]":
                raise UnclearError("a bracket in a value leaves its end open")
            elif sign == "}" and not depth and mark.end() < len(text):
                raise UnclearError("a brace in a value leaves its end open")
            else:
                end = mark.start()
                value = text[at:end]
                if sign == ", " and ", " in value:
                    raise UnclearError(
                        "a value with a comma may go on behind the next key"
                    )
                return (None if value == _NULL else value), end
        raise UnclearError("it is cut off")

    def _list(self, at: int, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        text = self.text
        at += 1
        while True:
            if text[at : at + 1] not in ("{", "["):
                item = _ITEM.match(text, at)
                if item is None:
                    raise UnclearError("a list in it has no certain end")
                word = item[0].strip()
                found.append(None if word == _NULL else word)
                at = item.end()
            else:
                value, at = self.value(at, depth + 1)
                found.append(value)
            if text.startswith("]", at):
                return found, at + 1
            if not text.startswith(", ", at):
                raise UnclearError("a list in it has no certain end")
            at += 2


_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,8})")
_NAMES_TEXT = re.compile(
    r"(?i)(?:id|ids|account|owner|name|version|marker|token|principal|cpu|memory|code"
    r"|value|protocol|target|key|arn|tag|number|range|cidr|ip)$"
)


def typed(key: str, text: str) -> Any:
    """Return the value that a map of texts has for a key of a call's data.

    CloudTrail Lake's maps hold all as text: `true` was a boolean, and a short number
    was one unless its key names an id or a version, which CloudTrail writes as text.
    """
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE_NUMBER.fullmatch(text) and not _NAMES_TEXT.search(key):
        return int(text)
    return text
