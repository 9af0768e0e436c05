"""Check that a plan has the shape that Terraform writes.

What is not of that shape would be passed over, and a plan of which a part is passed
over would be taken for one that does not declare it.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

_Object = dict[str, Any]


class _Resource(msgspec.Struct):
    address: str
    type: str
    mode: str | None = None


class _Module(msgspec.Struct):
    resources: list[_Resource] | None = None
    child_modules: list[_Object] | None = None


class _Values(msgspec.Struct):
    root_module: _Object | None = None


class _Change(msgspec.Struct):
    actions: list[str] | None = None


class _ResourceChange(msgspec.Struct):
    address: str
    type: str
    change: _Change


class _Deferred(msgspec.Struct):
    resource_change: _Object | None = None


class _Plan(msgspec.Struct):
    planned_values: _Values | None = None
    resource_changes: list[_ResourceChange] | None = None
    deferred_changes: list[_Deferred] | None = None
    configuration: _Object | None = None


def mistake(plan: Mapping[str, Any]) -> str | None:
    """Return what of a plan is not as Terraform writes it; None if all is."""
    try:
        shape = msgspec.convert(plan, _Plan)
        todo = [shape.planned_values.root_module if shape.planned_values else None]
        while todo:
            module = todo.pop()
            if module is not None:
                todo += msgspec.convert(module, _Module).child_modules or []
    except msgspec.ValidationError as error:
        return f"not a plan as terraform show -json writes it: {error!s:.200}"
    return None


def object_of(value: Any) -> dict[str, Any]:
    """Return an object of a plan; what is none has nothing in it."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list of a plan."""
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)]
