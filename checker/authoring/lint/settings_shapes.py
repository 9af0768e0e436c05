"""Describe what each resource type of a settings snapshot can hold.

The snapshot's schema says which parts there are, and AWS's models the members of what
is AWS's own answer (`answer_shapes`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from checker import resources
from checker.aws import api_models, shapes
from checker.aws.answer_shapes import ANSWER_SHAPES
from checker.aws.shapes import Shape
from checker.evaluate.configuration.evaluate import ACCOUNT
from checker.evaluate.configuration.resources import KINDS

_SCALARS = {
    "string": shapes.TEXT,
    "boolean": shapes.BOOLEAN,
    "integer": shapes.NUMBER,
    "number": shapes.NUMBER,
    "long": shapes.NUMBER,
    "float": shapes.NUMBER,
    "double": shapes.NUMBER,
}


@functools.cache
def resource_shape(kind: str) -> Shape:
    """Return what the body of a resource of a known type can hold."""
    whole = _of_schema(_schema(), "")
    if kind == ACCOUNT:
        return whole
    place = KINDS[kind]
    section = whole.member(place.section) or shapes.ANY
    if place.within is None:
        return section.each()
    parent = section.each() if section.kind == "list" else section
    return (parent.member(place.within) or shapes.ANY).each()


@functools.cache
def _schema() -> Mapping[str, Any]:
    file = resources.root() / "schemas" / "snapshot.json"
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def _of_schema(node: Mapping[str, Any] | bool, path: str) -> Shape:  # noqa: FBT001 - a schema may be a boolean
    if isinstance(node, bool):
        return shapes.ANY
    reference = node.get("$ref")
    if reference:
        name = str(reference).rsplit("/", 1)[-1]
        return _of_schema(_schema()["$defs"][name], name)
    written = node.get("type")
    kinds = {written} if isinstance(written, str) else {*(written or ())} - {"null"}
    if kinds == {"array"}:
        items = node.get("items") or {}
        return Shape("list", element=lambda: _of_schema(items, f"{path}[]"))
    if kinds == {"object"}:
        return _object(node, path)
    return (
        _SCALARS.get(next(iter(kinds)), shapes.ANY) if len(kinds) == 1 else shapes.ANY
    )


def _object(node: Mapping[str, Any], path: str) -> Shape:
    members: dict[str, Callable[[], Shape]] = {}
    answers = ANSWER_SHAPES.get(path, ())
    for service, name in answers:
        members |= _members(service, name)
    own = node.get("properties") or {}
    for name, part in own.items():
        below = f"{path}.{name}" if path else name
        found = functools.partial(_of_schema, part, below)
        # AWS's members are said more exactly by AWS, unless the part is one of ours.
        if name not in members or below in ANSWER_SHAPES or _refers(part):
            members[name] = found
    closed = bool(answers or own) and not node.get("additionalProperties")
    return Shape("object", members, closed=closed)


def _refers(part: object) -> bool:
    return isinstance(part, dict) and "$ref" in part


def _members(service: str, name: str) -> dict[str, Callable[[], Shape]]:
    written = _model(service)["shapes"][name]["members"]
    return {
        member: functools.partial(_of_aws, service, each["shape"])
        for member, each in written.items()
    }


@functools.cache
def _of_aws(service: str, name: str) -> Shape:
    written = _model(service)["shapes"][name]
    kind = written["type"]
    if written.get("sensitive"):
        return shapes.ANY
    if kind == "structure":
        return Shape("object", _members(service, name), closed=True)
    if kind == "list":
        member = written["member"]["shape"]
        return Shape("list", element=lambda: _of_aws(service, member))
    if kind == "map":
        return shapes.OBJECT
    if "enum" in written:
        return Shape("string", values=frozenset(written["enum"]))
    return _SCALARS.get(kind, shapes.ANY)


@functools.cache
def _model(folder: str) -> Mapping[str, Any]:
    found = next(each for each in api_models.services() if each.folder == folder)
    return api_models.model(found)
