"""What JSON type a field has, where AWS documents it or the rule's cases show it.

A target that cannot tell an array from a text, or an object from nothing, asks here,
and refuses what nobody knows.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.aws import api_models, api_parameters, record_schema
from checker.aws.shapes import ANY, OBJECT, Shape
from checker.conditions import required, tree
from checker.convert.form import Names

_MOST_CALLS = 60
"""Rules about more calls than this are not looked up in the models of all."""


class Kind(enum.Enum):
    """The JSON type of a field; `SCALAR`: some text, number or boolean."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    SCALAR = "scalar"
    ARRAY = "array"
    OBJECT = "object"
    UNKNOWN = "unknown"

    @property
    def is_scalar(self) -> bool:
        """Return whether it is surely neither an array nor an object."""
        return self in _SCALARS


_SCALARS = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.SCALAR})
_OF_SHAPE = {
    "string": Kind.TEXT,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "object": Kind.OBJECT,
    "list": Kind.ARRAY,
    "any": Kind.UNKNOWN,
}
_PAYLOADS = {"requestParameters": "input", "responseElements": "output"}


@dataclass(frozen=True, slots=True)
class Kinds:
    """Answers for one rule: by the calls that it is about, then by its cases.

    `calls` are pairs of event source and name; `samples` are records of its cases.
    """

    calls: tuple[tuple[str, str], ...] = ()
    samples: tuple[Mapping[str, Any], ...] = ()

    def of(self, names: Names) -> Kind:
        """Return the kind of a field; `[]` stands for the elements of an array."""
        documented = self._documented(names)
        if documented is not Kind.UNKNOWN:
            return documented
        return _observed(self.samples, names)

    def _documented(self, names: Names) -> Kind:
        if not names:
            return Kind.UNKNOWN
        payload = _PAYLOADS.get(names[0])
        if payload is None:
            return _OF_SHAPE[_inside(record_schema.RECORD, names).kind]
        if len(names) == 1:
            return Kind.OBJECT
        found = {_of_call(call, payload, names[1:]) for call in self.calls}
        return found.pop() if len(found) == 1 else _common(found)


def kinds(condition: tree.Node, samples: Sequence[Mapping[str, Any]] = ()) -> Kinds:
    """Return what is known of the fields of a rule's events."""
    pinned = required(condition)
    sources = sorted(map(str, pinned.get(("eventSource",), ())))
    names = sorted(map(str, pinned.get(("eventName",), ())))
    calls = [(source, name) for source in sources for name in names]
    kept = calls if len(calls) <= _MOST_CALLS else []
    return Kinds(tuple(kept), tuple(samples))


def _common(found: Iterable[Kind]) -> Kind:
    kinds = frozenset(found)
    return Kind.SCALAR if kinds and kinds <= _SCALARS else Kind.UNKNOWN


@functools.lru_cache(maxsize=65536)
def _of_call(call: tuple[str, str], part: str, names: Names) -> Kind:
    source, name = call
    operation = api_models.undated(name)
    shapes = [
        _inside(api_parameters.parameters(service, operation, part), names)
        for service in api_models.operations(source).get(operation, ())
    ]
    found = {_OF_SHAPE[shape.kind] for shape in shapes}
    return found.pop() if len(found) == 1 else _common(found)


def _inside(shape: Shape, names: Names) -> Shape:
    for name in names:
        if name == "[]":
            shape = shape.each() if shape.kind == "list" else ANY
        elif shape.kind != "object":
            return ANY
        else:
            shape = shape.member(name) or ANY
    # `OBJECT` is also what stands for "no model says": nobody knows then.
    return ANY if shape is OBJECT and len(names) > 1 else shape


def _observed(samples: Iterable[Mapping[str, Any]], names: Names) -> Kind:
    """Return the kind of all values that the records have at a path."""
    found: set[Kind] = set()
    for sample in samples:
        values: list[Any] = [sample]
        for name in names:
            values = [inner for value in values for inner in _step(value, name)]
        found.update(_of_value(value) for value in values if value is not None)
    if len(found) == 1:
        return found.pop()
    return _common(found)


def _step(value: Any, name: str) -> Sequence[Any]:
    if name == "[]":
        return value if isinstance(value, list) else ()
    return (value[name],) if isinstance(value, dict) and name in value else ()


def _of_value(value: Any) -> Kind:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    if isinstance(value, str):
        return Kind.TEXT
    return Kind.ARRAY if isinstance(value, list) else Kind.OBJECT
