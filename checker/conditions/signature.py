"""Describe what a function of the condition language takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from checker.conditions.unknown import Unknown, refuse

Call: TypeAlias = Callable[..., Any]
Bind: TypeAlias = Callable[[Any], Callable[[Any], Any] | None]

ANY: frozenset[str] = frozenset()
STRING, NUMBER = frozenset({"string"}), frozenset({"number"})
ARRAY, OBJECT = frozenset({"array"}), frozenset({"object"})
BOOLEAN, EXPREF = frozenset({"boolean"}), frozenset({"expref"})
NUMBERS, STRINGS = frozenset({"array-number"}), frozenset({"array-string"})
SORTABLE = NUMBERS | STRINGS

TYPES: dict[type, str] = {
    str: "string",
    dict: "object",
    list: "array",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


class Function(msgspec.Struct, frozen=True):
    """One function: its name, what it takes, and what it does.

    `arguments` has the allowed types of each argument: JMESPath's names, `array-string`
    and `array-number` for arrays of one type, `expref`, or nothing for any value.  With
    `variadic` the last may be repeated.  `call` takes the arguments' values, and a
    callable for an expref; it gives null for a wrong type and raises `UnknownValue` for
    an unknown one.

    `returns` are the types of its values.  `check` says what is wrong with a literal
    argument (by position) or None.  `bind` turns a function of two arguments, one of
    them a literal at that position, into a quicker one of the other argument; it must
    give the same answers, and may decline with None.

    A function that `opens` is given a field by its path, and reads it through arrays
    (`access.opened`): it makes of its literal, or of null where it takes none, the test
    of all values there.  Where two fields are given, `call` takes the values of each.
    """

    name: str
    arguments: tuple[frozenset[str], ...]
    returns: frozenset[str]
    call: Call
    variadic: bool = False
    check: Mapping[int, Callable[[Any], str | None]] = msgspec.field(
        default_factory=dict
    )
    bind: Mapping[int, Bind] = msgspec.field(default_factory=dict)
    opens: Callable[[Any], Callable[[list[Any]], bool]] | None = None


def conforms(value: object, allowed: frozenset[str]) -> bool:
    """Return whether a value has one of the types; `UnknownValue` if not known."""
    if value.__class__ is Unknown:
        refuse(value)
    kind = TYPES.get(type(value), "expref" if callable(value) else "unknown")
    if not allowed or kind in allowed:
        return True
    if type(value) is not list:
        return False
    kinds = {TYPES.get(type(element)) for element in value}
    if None in kinds:
        refuse(*value)
    if not kinds:
        return not allowed.isdisjoint({"array-string", "array-number"})
    return len(kinds) == 1 and f"array-{kinds.pop()}" in allowed


def checked(arguments: tuple[frozenset[str], ...], call: Call) -> Call:
    """The same function, giving null for wrong types and for numbers out of range."""

    def call_checked(*values: object) -> object:
        for position, value in enumerate(values):
            allowed = arguments[min(position, len(arguments) - 1)]
            if not conforms(value, allowed):
                # A later unknown argument decides as much as this wrong one.
                refuse(*values)
                return None
        try:
            return call(*values)
        except (TypeError, ValueError, OverflowError):
            return None

    return call_checked
