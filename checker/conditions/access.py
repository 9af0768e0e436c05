"""Compile what reads into a document: fields, indexes, projections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from checker.conditions import tree
from checker.conditions.unknown import Unknown, refuse, spread

Closure: TypeAlias = Callable[[Any], Any]
Build: TypeAlias = Callable[[tree.Node], Closure]


def holds(value: object) -> bool:
    """JMESPath's truth: all but null, false, `""`, `[]` and `{}`; 0 is true.

    Raises `UnknownValue` for an unknown value.
    """
    return bool(value) or (value is not False and value == 0)


def field(value: Any, name: str) -> Any:
    """One field of a value; null unless it is an object that has it."""
    if value.__class__ is dict:
        return value.get(name)
    if value.__class__ is Unknown:
        return spread(value, lambda one: field(one, name))
    return None


def path(node: tree.Path, _: Build) -> Closure:
    """`a.b.c`, spelled out for the lengths that events have."""
    if len(node.names) == 1:
        return _one_field(node.names[0])
    if len(node.names) == 2:
        return _two_fields(*node.names)
    names = node.names

    def many_fields(value: Any) -> Any:
        for name in names:
            value = value.get(name) if value.__class__ is dict else field(value, name)
        return value

    return many_fields


def _one_field(name: str) -> Closure:
    def one_field(value: Any) -> Any:
        return value.get(name) if value.__class__ is dict else field(value, name)

    return one_field


def _two_fields(first: str, second: str) -> Closure:
    def two_fields(value: Any) -> Any:
        if value.__class__ is dict:
            inner = value.get(first)
            return (
                inner.get(second) if inner.__class__ is dict else field(inner, second)
            )
        return field(field(value, first), second)

    return two_fields


def current(_: tree.Current, __: Build) -> Closure:
    """`@`."""
    return lambda value: value


def literal(node: tree.Literal, _: Build) -> Closure:
    """A constant."""
    constant = node.value
    return lambda _: constant


def chain(node: tree.Sub | tree.Pipe, build: Build) -> Closure:
    """`left.right` and `left | right`: one after the other."""
    left, right = build(node.left), build(node.right)
    return lambda value: right(left(value))


def pipe(node: tree.Pipe, build: Build) -> Closure:
    """`left | right`; faster where a value is chosen: `[a][?condition].b | [0]`."""
    match node:
        case tree.Pipe(
            tree.FilterProjection(tree.MultiSelectList((base,)), condition, right),
            tree.Index(tree.Current(), 0),
        ):
            return _chosen(build(base), build(condition), build(right))
    return chain(node, build)


def _chosen(base: Closure, condition: Closure, right: Closure) -> Closure:
    def choose(value: Any) -> Any:
        if value is None:
            return None
        refuse(value)
        each = base(value)
        return right(each) if holds(condition(each)) else None

    return choose


def index(node: tree.Index, build: Build) -> Closure:
    """`base[3]`."""
    base, position = build(node.base), node.index

    def read(value: Any) -> Any:
        array = base(value)
        if array.__class__ is not list:
            return refuse(array)
        try:
            return array[position]
        except IndexError:
            return None

    return read


def slice_(node: tree.Slice, build: Build) -> Closure:
    """`base[1:3]` as an array."""
    base, part = build(node.base), slice(node.start, node.stop, node.step)

    def read(value: Any) -> Any:
        array = base(value)
        return array[part] if array.__class__ is list else refuse(array)

    return read


def flatten(node: tree.Flatten, build: Build) -> Closure:
    """`base[]` as an array."""
    base = build(node.base)

    def read(value: Any) -> Any:
        array = base(value)
        if array.__class__ is not list:
            return refuse(array)
        merged: list[Any] = []
        for element in array:
            if element.__class__ is list:
                merged.extend(element)
            else:
                merged.append(element)
        return merged

    return read


def list_projection(node: tree.ListProjection, build: Build) -> Closure:
    """`base[*]right`."""
    base, right = build(node.base), build(node.right)

    def project(value: Any) -> Any:
        array = base(value)
        if array.__class__ is not list:
            return refuse(array)
        return [found for each in array if (found := right(each)) is not None]

    return project


def value_projection(node: tree.ValueProjection, build: Build) -> Closure:
    """`base.*right`."""
    base, right = build(node.base), build(node.right)

    def project(value: Any) -> Any:
        mapping = base(value)
        if mapping.__class__ is not dict:
            return refuse(mapping)
        values = mapping.values()
        return [found for each in values if (found := right(each)) is not None]

    return project


def filter_projection(node: tree.FilterProjection, build: Build) -> Closure:
    """`base[?condition]right`."""
    base, right = build(node.base), build(node.right)
    condition = build(node.condition)

    def project(value: Any) -> Any:
        array = base(value)
        if array.__class__ is not list:
            return refuse(array)
        return [
            found
            for each in array
            if holds(condition(each)) and (found := right(each)) is not None
        ]

    return project


def multi_select_list(node: tree.MultiSelectList, build: Build) -> Closure:
    """`[a, b]`."""
    items = [build(item) for item in node.items]

    def select(value: Any) -> Any:
        refuse(value)
        return None if value is None else [item(value) for item in items]

    return select


def multi_select_dict(node: tree.MultiSelectDict, build: Build) -> Closure:
    """`{a: b}`."""
    items = [(key, build(item)) for key, item in node.items]

    def select(value: Any) -> Any:
        refuse(value)
        return None if value is None else {key: item(value) for key, item in items}

    return select


def opened(node: tree.Node) -> Callable[[Any], list[Any]]:
    """Return the function to all values of a field, with arrays opened on the way.

    What is missing gives no value, and an array that the path ends at is one value.
    In an event that was flattened, the whole path is one key, which goes first.
    `@` gives what is below the fields of an object, or the elements of an array, at
    whatever depth.
    """
    if isinstance(node, tree.Current):
        return lambda value: leaves([value], objects=True)
    assert isinstance(node, tree.Path)
    names = node.names
    if len(names) == 1:
        return _values_of_one(names[0])

    flat = ".".join(names)

    def read(value: Any) -> list[Any]:
        if value.__class__ is dict and flat in value:
            return [value[flat]]
        level = [value]
        for name in names:
            level = _step(level, name)
        return level

    return read


def _values_of_one(name: str) -> Callable[[Any], list[Any]]:
    def read(value: Any) -> list[Any]:
        if value.__class__ is dict:
            return [value[name]] if name in value else []
        return _step([value], name)

    return read


def _step(level: list[Any], name: str) -> list[Any]:
    """Return what the objects among some values, or in arrays there, have of a name."""
    found: list[Any] = []
    for each in leaves(level):
        if each.__class__ is dict:
            if name in each:
                found.append(each[name])
        else:
            refuse(each)
    return found


def leaves(values: list[Any], *, objects: bool = False) -> list[Any]:
    """Return some values with arrays opened, and objects too if asked, at any depth."""
    if not any(value.__class__ is list or value.__class__ is dict for value in values):
        return values
    found: list[Any] = []
    pending = values[::-1]
    while pending:
        each = pending.pop()
        if each.__class__ is list:
            pending.extend(reversed(each))
        elif objects and each.__class__ is dict:
            pending.extend(reversed(each.values()))
        else:
            found.append(each)
    return found
