"""The functions of CloudFormation that need only their arguments.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from checker.sources.settings.iac.declarations import is_unknown, pending

MAX_TEXT = 64 * 1024
"""How long a text may grow, in characters."""

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
"""`${Name}` in the text of Fn::Sub."""


def references(node: Any) -> Iterator[str]:
    """Return the names that Ref, Fn::GetAtt and Fn::Sub have anywhere in a node."""
    todo = [node]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
            continue
        if not isinstance(value, dict):
            continue
        todo += value.values()
        for function, argument in value.items():
            first = argument[0] if isinstance(argument, list) and argument else argument
            if not isinstance(first, str):
                continue
            if function == "Ref":
                yield first
            elif function == "Fn::GetAtt":
                yield first.split(".")[0]
            elif function == "Fn::Sub":
                yield from (name.split(".")[0] for name in PLACEHOLDER.findall(first))


def join(delimiter: str, parts: Iterable[Any]) -> Any:
    """Join texts; one that is unknown makes the whole unknown."""
    texts: list[str] = []
    length = 0
    for part in parts:
        if is_unknown(part):
            return part
        if not isinstance(part, str | int | float):
            return pending("a text is made of what is no text")
        texts.append(text_of(part))
        length += len(texts[-1]) + len(delimiter)
        if length > MAX_TEXT:
            return pending(f"a text of more than {MAX_TEXT:,} characters")
    return delimiter.join(texts)


def doubt(value: Any) -> Any:
    """Return the first `Unknown` in a value, in its lists as well."""
    todo = [value]
    while todo:
        each = todo.pop()
        if is_unknown(each):
            return each
        if isinstance(each, list):
            todo += reversed(each)
        elif isinstance(each, dict):
            todo += each.values()
    return None


def text_of(value: Any) -> str:
    """Write a value as CloudFormation does, which has only text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _joined(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], list):
        return join(text_of(value[0]), value[1])
    return pending("Fn::Join without a delimiter and a list")


def _split(value: Any) -> Any:
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(each, str) and each for each in value)
    ):
        return value[1].split(value[0])
    return pending("Fn::Split without a delimiter and a text")


def _select(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], list):
        text = text_of(value[0])
        if text.isascii() and text.isdigit() and int(text[:9]) < len(value[1]):
            return value[1][int(text[:9])]
    return pending("Fn::Select finds nothing")


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, list) else pending("Fn::Length of no list")


def _to_json(value: Any) -> Any:
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= MAX_TEXT else pending("Fn::ToJsonString is too long")


# Functions of which the arguments tell the value, if they are known.
OVER_KNOWN: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Join": _joined,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
}
