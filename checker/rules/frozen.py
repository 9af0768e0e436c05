"""Rules as bytes, and back: a table of values that can be nothing but parts of rules.

Each part of a rule is one row: the name of its class, then its fields, in which another
part is the number of its row.  Parts come before what they are in, and equal parts
once.  msgspec checks the type of every field while it decodes, and what is built of a
row is one of `_PARTS`: the bytes can name no other class, function or attribute.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, get_args, get_origin

import msgspec

from checker import model
from checker.conditions import outline, tree
from checker.model import AnyRule

_PARTS: tuple[type[msgspec.Struct], ...] = (
    model.DetectionRule,
    model.CorrelationRule,
    model.ConfigurationRule,
    model.Detection,
    model.Correlation,
    model.Configuration,
    model.Remediation,
    model.Parameter,
    model.Related,
    model.Suppression,
    outline.Outline,
    outline.Part,
    *tree.NODES,
)

_Convert: TypeAlias = Callable[[Any, Callable[[Any], Any]], Any]
"""Copies a field's value, with each part in it put through a function."""


class _Plan(NamedTuple):
    """How a class is kept: its row, and the fields that hold other parts.

    `make` builds a part of the values of all its fields.
    """

    part: type
    row: type[msgspec.Struct]
    make: Callable[..., Any]
    names: tuple[str, ...]
    converters: tuple[tuple[int, _Convert], ...]


def freeze(parts: Iterable[AnyRule | tree.Node]) -> tuple[bytes, list[int]]:
    """Return the table of some rules, or parts of rules, and the row of each.

    Raises `ValueError` or `TypeError` for a value that cannot be kept, such as a number
    of more than 64 bits.
    """
    plans = {plan.part: plan for plan in _plans()}
    # A part's own object keeps its id from being used again.
    by_id: dict[int, tuple[object, int]] = {}
    by_row: dict[bytes, int] = {}
    encode = msgspec.msgpack.encode

    def number(part: Any) -> int:
        known = by_id.get(id(part))
        if known is None:
            plan = plans[type(part)]
            values = [getattr(part, name) for name in plan.names]
            for at, convert in plan.converters:
                values[at] = convert(values[at], number)
            row = encode(plan.row(*values))
            known = part, by_row.setdefault(row, len(by_row))
            by_id[id(part)] = known
        return known[1]

    numbers = [number(part) for part in parts]
    return encode([msgspec.Raw(row) for row in by_row]), numbers


def thaw(table: bytes, numbers: Sequence[int]) -> list[AnyRule]:
    """Return the rules of a table; raises `ValueError` for a table of anything else."""
    return chosen(parts_of(table), numbers, model.Rule)


def parts_of(table: bytes) -> list[Any]:
    """Return all parts of a table; raises `ValueError` for a table of anything else."""
    plans = {plan.row: (plan.make, plan.converters) for plan in _plans()}
    parts: list[Any] = []
    get, astuple = parts.__getitem__, msgspec.structs.astuple
    for row in _decoder().decode(table):
        make, converters = plans[row.__class__]
        if not converters:
            parts.append(make(*astuple(row)))
            continue
        values = list(astuple(row))
        for at, convert in converters:
            values[at] = convert(values[at], get)
        parts.append(make(*values))
    return parts


def chosen(parts: Sequence[Any], numbers: Iterable[int], kind: type) -> list[Any]:
    """Return some parts; raises `ValueError` for one of another kind."""
    found = [parts[number] for number in numbers]
    if not all(isinstance(part, kind) for part in found):
        raise ValueError(f"a part of a rule is not a {kind.__name__}")
    return found


@functools.cache
def _decoder() -> msgspec.msgpack.Decoder[list[msgspec.Struct]]:
    rows: Any = typing.Union[tuple(plan.row for plan in _plans())]  # noqa: UP007 - any number
    return msgspec.msgpack.Decoder(list[rows])


@functools.cache
def _plans() -> tuple[_Plan, ...]:
    return tuple(map(_plan, _PARTS))


def _plan(part: type[msgspec.Struct]) -> _Plan:
    hints = typing.get_type_hints(part)
    # The text of a literal is made of its value.
    of_value = {"text"} if part is tree.Literal else set()
    names = tuple(name for name in part.__struct_fields__ if name not in of_value)
    kinds = [_kept(hints[name]) for name in names]
    row = msgspec.defstruct(
        part.__name__,
        [(name, kept) for name, (kept, _) in zip(names, kinds, strict=True)],
        tag=part.__name__,
        tag_field="part",
        array_like=True,
        frozen=True,
        gc=False,
    )
    converters = tuple(
        (at, convert) for at, (_, convert) in enumerate(kinds) if convert is not None
    )
    by_place = part.__match_args__ == part.__struct_fields__
    return _Plan(
        part, row, part if by_place else _named(part, names), names, converters
    )


def _named(part: type[msgspec.Struct], names: Sequence[str]) -> Callable[..., Any]:
    return lambda *values: part(**dict(zip(names, values, strict=True)))


def _kept(kind: Any) -> tuple[Any, _Convert | None]:
    """Return the type under which values of a type are kept, and how to copy one.

    None stands for values that are kept as they are.
    """
    if kind is tree.Node or kind in _PARTS:
        return int, _part
    origin, inside = get_origin(kind), get_args(kind)
    kept: Any
    if origin in (types.UnionType, typing.Union) and type(None) in inside:
        kept, convert = _kept(inside[0])
        return kept | None, convert and _optional(convert)
    if origin is tuple and inside[-1] is ...:
        kept, convert = _kept(inside[0])
        return tuple[kept, ...], convert and _each(convert)
    if origin is tuple and inside[0] is str:
        kept, convert = _kept(inside[1])
        return tuple[str, kept], convert and _second(convert)
    if origin is Mapping:
        kept, convert = _kept(inside[1])
        return dict[str, kept], convert and _values(convert)
    return kind, None


def _part(value: Any, put: Callable[[Any], Any]) -> Any:
    return put(value)


def _optional(convert: _Convert) -> _Convert:
    return lambda value, put: None if value is None else convert(value, put)


def _each(convert: _Convert) -> _Convert:
    if convert is _part:
        return lambda value, put: tuple(map(put, value))
    return lambda value, put: tuple([convert(each, put) for each in value])


def _second(convert: _Convert) -> _Convert:
    return lambda value, put: (value[0], convert(value[1], put))


def _values(convert: _Convert) -> _Convert:
    return lambda value, put: {key: convert(each, put) for key, each in value.items()}
