"""Word what is wrong with a field or a value, and what to write."""

from __future__ import annotations

import difflib
import re

from checker.authoring.lint.walk import Value
from checker.aws.record_schema import RECORD
from checker.aws.shapes import Shape
from checker.model import RECORD_FIELDS

_FIELD_PATH = re.compile(r"[A-Za-z]+(?:\.[A-Za-z][A-Za-z0-9]*)+")

ARTICLES = {
    "string": "text",
    "boolean": "a boolean",
    "number": "a number",
}
"""The JSON types as messages call them."""


def written_as(kinds: frozenset[str], literal: object) -> str:
    """Write a literal as the type that the field has."""
    if "string" in kinds:
        return "'true'" if literal is True else f"'{str(literal).lower()}'"
    if "boolean" in kinds and str(literal).lower() in ("true", "false"):
        return f"`{str(literal).lower()}` (in a field map: {str(literal).lower()})"
    if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?", str(literal)):
        return f"`{literal}` (in a field map: {literal})"
    return f"a {' or '.join(sorted(kinds))}"


def kind_of(literal: object) -> str | None:
    """Return the JSON type of a scalar; None for others."""
    if isinstance(literal, bool):
        return "boolean"
    if isinstance(literal, int | float):
        return "number"
    return "string" if isinstance(literal, str) else None


def names_a_field(literal: str) -> bool:
    """Return whether a text is the path of a field of records."""
    if not _FIELD_PATH.fullmatch(literal):
        return False
    names = literal.split(".")
    if names[0] not in RECORD_FIELDS:
        return False
    shape: Shape | None = RECORD
    for name in names:
        if shape is None or shape.kind not in ("object", "any"):
            return False
        shape = shape.member(name)
    return shape is not None


def read(value: Value) -> str:
    """Write where a value was read: `requestParameters.a[].b`."""
    return ".".join(value.path or ()).replace(".[]", "[]")


def opened(value: Value, name: str) -> str:
    """Write a path through a list as it has to be."""
    return f"{read(value)}[].{name}"


def spelling(name: str, known: set[str]) -> str | None:
    """Return the right spelling of a name, by case first, then by likeness."""
    same = sorted(key for key in known if key.lower() == name.lower())
    if same:
        return same[0]
    return nearest(name, known)


def nearest(word: str, words: set[str]) -> str | None:
    """Return the word that was probably meant."""
    same = sorted(each for each in words if each.lower() == word.lower())
    if same:
        return same[0]
    close = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.75)
    return close[0] if close else None


def fields_of(known: set[str]) -> str:
    """Describe what there is instead."""
    return f"it has {some(known)}" if known else ""


def some(words: set[str]) -> str:
    """List some words."""
    listed = sorted(words)
    shown = ", ".join(listed[:8])
    return f"{shown} and {len(listed) - 8} more" if len(listed) > 8 else shown


def call(call: str) -> str:
    """Write `cognito-idp:CreateUserPool`."""
    source, _, name = call.partition(" ")
    return f"{source.removesuffix('.amazonaws.com')}:{name}"
