"""Turn attributes of one naming into bodies of another, by tables.

A spec maps each key of the result to the attribute that gives it, or to a reader of the
attributes.  What is null or empty text is left out, as AWS leaves out what is not set;
what is `Unknown` stays, at the depth where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from checker.conditions import Unknown
from checker.conditions.unknown import either
from checker.sources.settings.iac.declarations import is_unknown, pending
from checker.sources.settings.iac.typed import boolean

Reader: TypeAlias = Callable[[Mapping[str, Any]], Any]
Spec: TypeAlias = Mapping[str, str | Reader]


def shape(values: Any, spec: Spec) -> Any:
    """Make a body from attributes; null has none, and what is no map is unknown."""
    if isinstance(values, Unknown):
        return values if values.among is None else _among(values, spec)
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        return Unknown("a value is not the map that AWS takes")
    body: dict[str, Any] = {}
    for key, how in spec.items():
        value = values.get(how) if isinstance(how, str) else how(values)
        if is_unknown(value) or (value is not None and value != ""):
            body[key] = value
    return body


def _among(values: Unknown, spec: Spec) -> Any:
    """Make the body of each of the values that may be meant; of none, none."""
    found = [None if one is None else shape(one, spec) for one in values.among or ()]
    return either(found, values.reason, values.cause)


def each_of(value: Any, read: Callable[[Any], Any]) -> Any:
    """Read a value, or each of those that it can only be; absent ones are null."""
    if not isinstance(value, Unknown):
        return read(value)
    if value.among is None:
        return value
    return either([read(one) for one in value.among], value.reason, value.cause)


def default(name: str, otherwise: Any) -> Reader:
    """Read an attribute that has a documented default."""

    def read(values: Mapping[str, Any]) -> Any:
        def settled(value: Any) -> Any:
            return otherwise if value is None else value

        return each_of(values.get(name), settled)

    return read


def flag(name: str, default: Any) -> Reader:
    """Read a boolean that may be written as text, as CloudFormation accepts it."""

    def read(values: Mapping[str, Any]) -> Any:
        def settled(value: Any) -> Any:
            return default if value is None else boolean(value, name)

        return each_of(values.get(name), settled)

    return read


def required(name: str, reason: str = "known only after apply") -> Reader:
    """Read an attribute that every resource has: unknown where it is not given."""
    return default(name, pending(f"{name}: {reason}"))


def one(name: str, spec: Spec) -> Reader:
    """Read an object, which is null where it is left out."""

    def settled(value: Any) -> Any:
        if value is None:
            return None
        body = shape(value, spec)
        if is_unknown(body) and not is_unknown(value):
            return body.with_reason(f"{name}: {body.reason}")
        return body

    return lambda values: each_of(values.get(name), settled)


def block(name: str, spec: Spec) -> Reader:
    """Read a block of Terraform that may be given once, alone or in a list."""

    def settled(value: Any) -> Any:
        if isinstance(value, list):
            value = value[0] if value else None
        return None if value is None else shape(value, spec)

    return lambda values: each_of(values.get(name), settled)


def many(name: str, spec: Spec) -> Reader:
    """Read a list of objects; null is the empty list, and no list is unknown."""

    def settled(value: Any) -> Any:
        if value is None:
            return []
        if not isinstance(value, list):
            return Unknown(f"{name}: not the list that AWS takes")
        return [shape(each, spec) for each in value]

    return lambda values: each_of(values.get(name), settled)


def filled(name: str, spec: Spec) -> Reader:
    """Read a list of blocks; the empty list is left out."""
    read = many(name, spec)

    def read_filled(values: Mapping[str, Any]) -> Any:
        value = read(values)
        return value if is_unknown(value) or value else None

    return read_filled


def same(*names: str) -> dict[str, str | Reader]:
    """Return the spec of attributes that keep their names."""
    return {name: name for name in names}
