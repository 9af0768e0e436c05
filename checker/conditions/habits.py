"""Recognize what people write who come from Sigma, SQL or other languages.

Each habit is worded as what to write instead; it only serves messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from checker.errors import ConditionError

Token: TypeAlias = dict[str, Any]

_SYMBOLS: Final = {"and": "&&", "or": "||", "not": "!"}
_QUANTIFIERS: Final = {"1": "||", "any": "||", "all": "&&"}
_WORDS: Final = {
    "contains": "contains({left}, {right})",
    "startswith": "starts_with({left}, {right})",
    "endswith": "ends_with({left}, {right})",
    "in": "one_of({left}, {right})",
    "is": "{left} == {right}",
    "like": "contains({left}, {right}), starts_with() or ends_with()",
    "matches": "matches({left}, {right})",
    "equals": "{left} == {right}",
    "eq": "{left} == {right}",
    "ne": "{left} != {right}",
    "re": "matches({left}, {right})",
    "regex": "matches({left}, {right})",
    "cidr": "cidr_contains({right}, {left})",
    "exists": "{left} != `null`",
}
_FUNCTIONS: Final = {"match": "matches", "regexp": "matches", "rlike": "matches"}
_AROUND: Final = re.compile(r"\(\?<?[=!]")
_REFERENCE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_COUNT: Final = re.compile(r"\|\s*(?:count|near|min|max|avg|sum)\b")
_OF: Final = re.compile(r"\b(1|any|all)\s+of\s+([\w*]+)", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w.\"\[\]]+")


def recognize(text: str, tokens: Sequence[Token], at: int) -> ConditionError | None:
    """Return the message for a habit where the parser stopped; None for no habit.

    `at` is the number of the token that it did not expect.
    """
    offset = int(tokens[at]["start"])
    near = (m for m in _OF.finditer(text) if m.start() <= offset <= m.end())
    quantified = next(near, None)
    if quantified is not None:
        sign = _QUANTIFIERS[quantified[1].lower()]
        return ConditionError(
            f"`{quantified.group()}` is Sigma's: name the selections and join them by "
            f"`{sign}`, such as first {sign} second",
            quantified.start(),
        )
    counted = _COUNT.search(text)
    if counted and counted.start() <= offset:
        return ConditionError(
            "a condition is about one event: count in a correlation "
            "(trailcheck new NAME --kind correlation)",
            counted.start(),
        )
    for token in tokens[max(at - 1, 0) : at + 1]:
        if token["type"] != "unquoted_identifier":
            continue
        word, start = str(token["value"]).lower(), int(token["start"])
        if word in _SYMBOLS:
            return ConditionError(
                f"write `{_SYMBOLS[word]}` for `{token['value']}`", start
            )
    return _between(text, tokens, at) or _sign(tokens, at)


_MODIFIERS: Final = {
    "contains": "contains({field}, {value})",
    "startswith": "starts_with({field}, {value})",
    "endswith": "ends_with({field}, {value})",
    "re": "matches({field}, {value})",
    "cidr": "cidr_contains([{value}], {field})",
    "exists": "{field} != `null`",
    "gt": "{field} > `1`",
    "gte": "{field} >= `1`",
    "lt": "{field} < `1`",
    "lte": "{field} <= `1`",
}


def modifier(key: str, value: object) -> str | None:
    """Return the message for a key of a field map with a modifier of Sigma's."""
    field, bar, rest = key.partition("|")
    if not bar or '"' in field:
        return None
    name, _, more = rest.partition("|")
    shown = value[0] if isinstance(value, list) and value else value
    text = f"'{shown}'"
    call = _MODIFIERS.get(name.lower(), "").format(field=field, value=text)
    if isinstance(value, list) and call:
        sign = "&&" if "all" in more.lower().split("|") else "||"
        call += f" {sign} …" * (len(value) > 1)
    instead = f"write a selection of its own: {call}" if call else "write an expression"
    return f"`{key}` is Sigma's: {instead}"


def function(name: str) -> str | None:
    """Return the call to write for a function that other languages have."""
    word = name.lower()
    wanted = _WORDS.get(_FUNCTIONS.get(word, word), "")
    return wanted.format(left="FIELD", right="'text'") or None


def beyond_re2(pattern: str) -> str:
    """Return what to write for what other engines have and RE2 lacks, or nothing."""
    if _AROUND.search(pattern):
        return (
            " (RE2 has no look-ahead and no look-behind: write two selections, and "
            "`!` before the one that must not match)"
        )
    if _REFERENCE.search(pattern):
        return " (RE2 has no back-references: compare two fields with `==`)"
    return ""


def lone_equals(text: str, offset: int) -> str:
    """Word a single `=`, which no other language's `=~` or `==` is."""
    if text[offset : offset + 2] == "=~":
        return "`=~` is no operator: write matches(FIELD, 'pattern')"
    return "`=` alone is no operator: compare with `==`"


def wildcard(value: str) -> str | None:
    """Return the function to call where a text has wildcards at its ends only."""
    if not 1 <= value.count("*") <= 2 or "?" in value:
        return None
    bare = value.strip("*")
    if not bare or "*" in bare:
        return None
    if value.startswith("*") and value.endswith("*"):
        return f"contains(FIELD, '{bare}')"
    if value.startswith("*"):
        return f"ends_with(FIELD, '{bare}')"
    return f"starts_with(FIELD, '{bare}')"


def constant(name: str) -> str:
    """Describe how to write a constant that stands where only a field can."""
    if name in ("true", "false", "null"):
        return f"write a JSON value in backticks: `{name}`"
    return f"write text in single quotes: '{name}'"


def _between(text: str, tokens: Sequence[Token], at: int) -> ConditionError | None:
    """Recognize a word between two values: `userAgent contains 'x'`."""
    token = tokens[at]
    written = str(token["value"]).lower()
    if token["type"] != "unquoted_identifier" or written not in _WORDS or at == 0:
        return None
    offset = int(token["start"])
    before = text[:offset].split()
    left = before[-1].lstrip("!(") if before else "FIELD"
    rest = text[offset + len(written) :].strip()
    right = _value(rest, listed=written == "in")
    if written == "is" and right in ("null", "NULL", "None"):
        right = "`null`"
    if written == "is" and rest.lower().startswith("not"):
        return ConditionError(f"write {left} != `null`", offset)
    better = _WORDS[written].format(left=left, right=right)
    return ConditionError(f"`{token['value']}` is no operator: write {better}", offset)


def _value(rest: str, *, listed: bool) -> str:
    """Return the value that a text begins with, as a condition writes it."""
    if listed and rest[:1] in ("(", "["):
        end = rest.find(")" if rest[0] == "(" else "]")
        return f"[{rest[1:end].strip()}]" if end > 0 else "['…']"
    quoted = re.match(r"""(['"])(.*?)\1""", rest)
    if quoted:
        return f"'{quoted[2]}'"
    word = _WORD.match(rest)
    return word.group() if word else "'…'"


def _sign(tokens: Sequence[Token], at: int) -> ConditionError | None:
    """Recognize a single `&`, which only makes an expression of an argument."""
    token = tokens[at]
    if token["type"] == "expref":
        return ConditionError("`&` alone is no operator: write `&&`", token["start"])
    return None
