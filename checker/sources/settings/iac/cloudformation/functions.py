"""The functions of CloudFormation that need only their arguments.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import Hole, joined
from checker.conditions.unknown import either
from checker.sources.settings.iac.declarations import is_unknown, pending

MAX_TEXT = 64 * 1024
"""How long a text may grow, in characters."""

_MOST_AMONG = 4
"""How many values a part of a text may have for the text to be worked out for each."""

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
    """Join texts; of those that are known in part, what is known of them."""
    texts: list[str | Hole] = []
    length = 0
    unknown: Unknown | None = None
    found = list(parts)
    for index, part in enumerate(found):
        texts += [delimiter] if index else []
        if isinstance(part, Unknown):
            if part.sketch is None:
                return _joined_among(delimiter, found, index)
            unknown = part if unknown is None else unknown
            texts += part.sketch
            length += sum(
                len(each) if isinstance(each, str) else 1 for each in part.sketch
            )
            if length > MAX_TEXT:
                return pending(f"a text of more than {MAX_TEXT:,} characters")
            continue
        if not isinstance(part, str | int | float):
            return pending("a text is made of what is not text")
        texts.append(text_of(part))
        length += len(text_of(part)) + len(delimiter)
        if length > MAX_TEXT:
            return pending(f"a text of more than {MAX_TEXT:,} characters")
    if unknown is None:
        return "".join(text for text in texts if isinstance(text, str))
    return Unknown(unknown.reason, unknown.cause, sketch=joined(tuple(texts)))


def _joined_among(delimiter: str, parts: list[Any], index: int) -> Any:
    """Join a text for each of the few values that a part can only have."""
    part: Unknown = parts[index]
    if part.among is None or len(part.among) > _MOST_AMONG:
        return Unknown(part.reason, part.cause)
    texts = [
        join(delimiter, [*parts[:index], one, *parts[index + 1 :]])
        for one in part.among
    ]
    return either(texts, part.reason, part.cause)


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
    if (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], list)
    ):
        if any(_optional(each) for each in value[1]):
            return pending("Fn::Join of a list of which a part may be absent")
        return join(value[0], value[1])
    unsure = doubt(value)
    if is_unknown(unsure):
        return Unknown(unsure.reason, unsure.cause)
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
        text = "" if is_unknown(value[0]) else text_of(value[0])
        # An element that may be absent moves those after it.
        sure = not any(_optional(each) for each in value[1])
        if sure and text.isascii() and text.isdigit() and int(text[:9]) < len(value[1]):
            return value[1][int(text[:9])]
    unsure = doubt(value)
    if is_unknown(unsure):
        return Unknown(unsure.reason, unsure.cause)
    return pending("Fn::Select finds nothing")


def _optional(value: Any) -> bool:
    among = value.among if isinstance(value, Unknown) else None
    return among is not None and any(one is None for one in among)


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, list) else pending("Fn::Length of no list")


def _to_json(value: Any) -> Any:
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= MAX_TEXT else pending("Fn::ToJsonString is too long")


# Functions that can do with arguments of which parts are not known.
OVER_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Join": _joined,
    "Fn::Select": _select,
}

# Functions of which the arguments tell the value, if they are known.
OVER_KNOWN: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Split": _split,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
}
