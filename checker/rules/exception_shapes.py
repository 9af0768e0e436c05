"""Check the form of many exceptions at once.

What is sound here is sound by `schemas/exceptions.json`, forty times as fast; for the
rest the schema says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

_Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
_Word: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000)]
_Words: TypeAlias = _Word | Annotated[list[_Word], Meta(min_length=1)]
_Accounts: TypeAlias = str | int | Annotated[list[str | int], Meta(min_length=1)]
_Value: TypeAlias = _Word | int | float | bool
_Values: TypeAlias = (
    _Word | int | float | bool | Annotated[list[_Value], Meta(min_length=1)]
)
_Fields: TypeAlias = Annotated[dict[str, _Values], Meta(min_length=1, max_length=20)]


class _Match(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    identity: _Words | msgspec.UnsetType = msgspec.UNSET
    resource: _Words | msgspec.UnsetType = msgspec.UNSET
    account: _Accounts | msgspec.UnsetType = msgspec.UNSET
    region: _Words | msgspec.UnsetType = msgspec.UNSET
    address: _Words | msgspec.UnsetType = msgspec.UNSET
    fields: _Fields | msgspec.UnsetType = msgspec.UNSET


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    rule: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    reason: _Text
    owner: _Text
    expires: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    match: _Match | msgspec.UnsetType = msgspec.UNSET
    covers: Literal["findings", "visibility"] | msgspec.UnsetType = msgspec.UNSET


class _File(msgspec.Struct, forbid_unknown_fields=True):
    exceptions: list[_Entry]


def are_sound(value: Any) -> bool:
    """Return whether a file's value is certainly what the schema asks for."""
    try:
        msgspec.convert(value, _File)
    except (msgspec.ValidationError, RecursionError):
        return False
    return all(
        _is_distinct(entry["match"])
        for entry in value["exceptions"]
        if "match" in entry
    )


def _is_distinct(match: dict[str, Any]) -> bool:
    """Return whether a matcher has entries, and no list of it a value twice."""
    values: Iterable[Any] = (*match.values(), *match.get("fields", {}).values())
    # Python takes 1 and true for equal, which the schema does not: the schema decides.
    return bool(match) and all(
        len(set(each)) == len(each) for each in values if isinstance(each, list)
    )
