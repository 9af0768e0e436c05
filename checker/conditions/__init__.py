"""The language of conditions: JMESPath, parsed, compiled and explained.

    compile(text)            text → function of a document
    parse(text)              text → tree (`tree.Node`); ConditionError says where
    closure(node)            tree → function of a document
    show(node)               tree → text
    explain(node, document)  why it holds there, or does not
    lower, field_map         a rule's selections and condition → one tree
    names, used              what a condition names; which selections it uses
    paths, literals          the fields that it reads, the strings that it holds
    required(node)           equalities without which it cannot hold
    holds(value)             JMESPath's truth
    Unknown, UnknownValue    what could not be found out; what needing it raises
    Cause                    why it is not known

https://jmespath.org/specification.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checker.conditions.access import holds
from checker.conditions.compile import closure
from checker.conditions.explain import Explanation, explain
from checker.conditions.functions import STANDARD
from checker.conditions.growth import check_growth
from checker.conditions.lower import Name, field_map, lower, names, used
from checker.conditions.needs import literals, paths, required
from checker.conditions.parse import keep_fields, parse, parse_field
from checker.conditions.show import show
from checker.conditions.signature import Function
from checker.conditions.unknown import Cause, Unknown, UnknownValue

__all__ = [
    "STANDARD",
    "Cause",
    "Explanation",
    "Function",
    "Name",
    "Unknown",
    "UnknownValue",
    "check_growth",
    "closure",
    "compile",
    "explain",
    "field_map",
    "holds",
    "keep_fields",
    "literals",
    "lower",
    "names",
    "parse",
    "parse_field",
    "paths",
    "required",
    "show",
    "used",
]


def compile(  # noqa: A001 - the contract's name, and `re.compile`'s
    text: str, functions: Mapping[str, Function] = STANDARD
) -> Callable[[Any], Any]:
    """The function from a document (decoded JSON) to the value of `text` there.

    Raises `ConditionError` when the text is wrong.
    """
    return closure(parse(text, functions), functions)
