"""This module is the language of conditions: JMESPath, parsed, compiled and explained.

    compile(text)            text → function of a document
    parse(text)              text → tree (`tree.Node`); ConditionError says where
    closure(node)            tree → function of a document
    holds(value)             JMESPath's truth
    Unknown, UnknownValue    a value that nobody could find out, and what needing it does

https://jmespath.org/specification.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checker.conditions.access import holds
from checker.conditions.compile import closure
from checker.conditions.functions import STANDARD
from checker.conditions.parse import parse
from checker.conditions.signature import Function
from checker.conditions.unknown import Unknown, UnknownValue

__all__ = [
    "STANDARD",
    "Function",
    "Unknown",
    "UnknownValue",
    "closure",
    "compile",
    "holds",
    "parse",
]


def compile(  # noqa: A001 - the contract's name, and `re.compile`'s
    text: str, functions: Mapping[str, Function] = STANDARD
) -> Callable[[Any], Any]:
    """The function from a document (decoded JSON) to the value of `text` there.

    Raises `ConditionError` when the text is wrong.
    """
    return closure(parse(text, functions), functions)
