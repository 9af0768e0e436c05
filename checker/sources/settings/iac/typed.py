"""Bring what is written in code into the types that AWS answers with.

Everything in a template may be text, and Terraform keeps some numbers as text:
`RetentionInDays: "14"`, `default_value = "0"`.  AWS answers a number, and rules compare
numbers.  What cannot be what AWS would answer is unknown, and never taken for a value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from checker.aws.answers import Type, answer_type
from checker.conditions import Unknown
from checker.conditions.unknown import either

# YAML 1.1's words, of which CloudFormation takes the unquoted ones for booleans.
WORDS: Mapping[str, bool] = {
    word: value
    for value, words in ((True, "true yes on"), (False, "false no off"))
    for word in words.split()
}


def typed(section: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body of a section with every leaf in the type that AWS answers."""
    kind = answer_type(section)
    if kind is None:
        return body
    found: dict[str, Any] = _typed(kind, body, "")
    return found


def _typed(kind: Type, value: Any, name: str) -> Any:
    if isinstance(value, Unknown):
        if value.among is None:
            return value
        among = [
            None if one is None else _typed(kind, one, name) for one in value.among
        ]
        return either(among, value.reason, value.cause)
    wrong = _misshapen(kind, value)
    if wrong:
        return Unknown(f"{name}: {wrong}")
    if isinstance(value, Mapping):
        return {
            key: _typed(kind.members.get(key) or kind.each or Type(), inner, key)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        each = kind.each or Type()
        return [_typed(each, inner, name) for inner in value]
    return _leaf(kind, value, name)


def _misshapen(kind: Type, value: Any) -> str:
    """Return why a value cannot be of a type, whatever is in it."""
    if value is None:
        return ""
    inner = bool(kind.members or kind.each)
    if isinstance(value, Mapping):
        return "a map, which AWS does not take there" if kind.kind else ""
    if isinstance(value, list):
        single = kind.kind or (inner and kind.each is None)
        return "a list, which AWS does not take there" if single else ""
    if inner:
        return f"not the {'map' if kind.members else 'list'} that AWS takes"
    return ""


def _leaf(kind: Type, value: Any, name: str) -> Any:
    match kind.kind:
        case "boolean":
            return boolean(value, name)
        case "number":
            return number(value, name)
        case "string":
            return _text(kind, value, name)
    return value


def boolean(value: Any, name: str) -> Any:
    """Return a boolean that may be written as text."""
    if not isinstance(value, str):
        return value
    word = WORDS.get(value.lower())
    return (
        Unknown(f"{name}: {value:.40} is not true or false") if word is None else word
    )


def number(value: Any, name: str) -> Any:
    """Return a number that may be written as text; null for empty text."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    for convert in (int, float):
        try:
            found = convert(value)
        except ValueError:
            continue
        if math.isfinite(found):
            return found
    return Unknown(f"{name}: {value:.40} is not a number")


def _text(kind: Type, value: Any, name: str) -> Any:
    if isinstance(value, bool):
        text = "true" if value else "false"
        if kind.words and text not in kind.words:
            words = ", ".join(sorted(kind.words))
            return Unknown(f"{name}: {text} is not one of {words}: AWS refuses it")
        return text
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value
