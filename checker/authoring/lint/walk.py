"""Follow a condition through the record: what each part reads.

Every part is visited with the text that it stands in, the events that it is about
(`pins`), and the shapes that its value can have.  Checks of comparisons and calls are
told of each as it is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from checker.authoring.lint.pins import ANYTHING, Pins, both, pins
from checker.authoring.lint.positions import Subject
from checker.aws import api_models, api_parameters, record_schema, shapes
from checker.aws.non_api_events import EXTRA_EVENTS
from checker.aws.shapes import Shape
from checker.conditions import STANDARD, tree
from checker.conditions.signature import ANY as ANY_TYPE
from checker.documents import Path

_MOST_CALLS = 200


@dataclass(frozen=True, slots=True)
class Value:
    """What a part of a condition can give: alternatives, and where they were read.

    `path` are the names from the record down, `[]` for an element; None for a computed
    value.  `calls` are the operations whose shapes these are.
    """

    shapes: tuple[Shape, ...] = (shapes.ANY,)
    path: tuple[str, ...] | None = None
    calls: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types that the value can have; `any` among them if any."""
        return frozenset(shape.kind for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a part stands: its text in the document, and the events it is about.

    A shared selection has no text here: its parts stand where the rule names it.
    """

    subject: Subject
    text: Path
    anchor: tree.Node | None = None
    pins: Pins = ANYTHING
    bound: bool = field(default=False)

    def place(self, node: tree.Node) -> tuple[int, int]:
        """Return the line and column of a node."""
        return self.subject.place(self.text, self.anchor or node)

    def literal(self, node: tree.Node, value: object) -> tuple[int, int]:
        """Return the line and column of a literal of a node."""
        if self.anchor:
            return self.place(self.anchor)
        return self.subject.literal(self.text, node, value)


class Visitor(Protocol):
    """What wants to know of the parts of a condition."""

    def missing(self, where: Where, path: tree.Path, base: Value, name: str) -> None:
        """A name that the value before it cannot have, or cannot be asked for."""

    def unopened(self, where: Where, node: tree.Node, base: Value) -> None:
        """An index, slice or projection over what is surely no list."""

    def comparison(
        self, where: Where, node: tree.Node, values: tuple[Value, ...]
    ) -> None:
        """A comparator or a call, with the value of each operand."""


@dataclass(slots=True)
class Walker:
    """Walks a condition over the record for a visitor."""

    visitor: Visitor

    def start(self, subject: Subject, condition: tree.Node) -> None:
        """Follow a detection rule's whole condition."""
        where = Where(subject, ("detection", "condition"))
        self.read(condition, where, RECORD_VALUE)

    def read(self, node: tree.Node, where: Where, here: Value) -> Value:  # noqa: C901 - a case for each node
        """Return what a node can give when applied to what stands at `here`."""
        match node:
            case tree.Current():
                return here
            case tree.Path():
                return self._path(node, where, here)
            case tree.Literal(value):
                return Value((_of(value),))
            case tree.Selection(name, inner):
                return self.read(inner, self._inside(name, node, where), here)
            case tree.Sub(left, right) | tree.Pipe(left, right):
                return self.read(right, where, self.read(left, where, here))
            case tree.And(operands):
                return self._and(node, operands, where, here)
            case tree.Or(operands):
                found = [self.read(each, where, here) for each in operands]
                return Value(tuple(shape for each in found for shape in each.shapes))
            case tree.Not(operand):
                self.read(operand, where, here)
                return Value((shapes.BOOLEAN,))
            case tree.Comparator(_, left, right):
                both_values = (
                    self.read(left, where, here),
                    self.read(right, where, here),
                )
                self.visitor.comparison(where, node, both_values)
                return Value((shapes.BOOLEAN,))
            case tree.Function():
                return self._call(node, where, here)
            case tree.Slice(base):
                return self._listed(node, base, where, here)
            case tree.Flatten(base):
                return _flat(self._listed(node, base, where, here))
            case tree.Index(base):
                return _element(self._listed(node, base, where, here))
            case tree.ListProjection(base, right):
                each = _element(self._listed(node, base, where, here))
                return _list(self.read(right, where, each))
            case tree.FilterProjection(base, condition, right):
                each = _element(self._listed(node, base, where, here))
                self.read(condition, replace(where, bound=True), each)
                return _list(self.read(right, where, each))
            case tree.ValueProjection(base, right):
                self.read(base, where, here)
                self.read(right, replace(where, bound=True), Value())
                return Value((shapes.LIST,))
            case tree.MultiSelectList(items):
                every = [self.read(item, where, here) for item in items]
                mixed = tuple(shape for each in every for shape in each.shapes)
                return _list(Value(mixed))
        for child in tree.children(node):
            self.read(child, where, here)
        return Value()

    def _listed(
        self, node: tree.Node, base: tree.Node, where: Where, here: Value
    ) -> Value:
        """Return what stands before an index, slice or projection: a list, or null."""
        value = self.read(base, where, here)
        if value.kinds & {"list", "any"}:
            return value
        self.visitor.unopened(where, node, value)
        return Value()

    def _inside(self, name: str, node: tree.Node, where: Where) -> Where:
        block = where.subject.document.value.get("detection", {})
        if where.anchor is None and name in block:
            return replace(where, text=("detection", name))
        return replace(where, anchor=where.anchor or node)

    def _and(
        self,
        node: tree.And,
        operands: tuple[tree.Node, ...],
        where: Where,
        here: Value,
    ) -> Value:
        if not where.bound:
            where = replace(where, pins=both(where.pins, pins(node)))
        value = Value()
        for operand in operands:
            value = self.read(operand, where, here)
        return value

    def _path(
        self, node: tree.Path, where: Where, here: Value, *, opened: bool = False
    ) -> Value:
        """Return what stands at a path; `opened`: of one that leads through lists."""
        value = here
        for name in node.names:
            if opened:
                value = _within_lists(value)
            found = _member(value, name, where)
            if not found.shapes:
                self.visitor.missing(where, node, value, name)
                return Value()
            value = found
        return value

    def _call(self, node: tree.Function, where: Where, here: Value) -> Value:
        values: list[Value] = []
        opens = node.name in STANDARD and STANDARD[node.name].opens is not None
        for argument in node.arguments:
            if isinstance(argument, tree.ExpRef):
                each = _element(values[-1]) if values else Value()
                self.read(argument.expression, replace(where, bound=True), each)
                values.append(Value())
            elif opens and isinstance(argument, tree.Path):
                values.append(self._path(argument, where, here, opened=True))
            else:
                values.append(self.read(argument, where, here))
        if opens:
            return Value((shapes.BOOLEAN,))
        self.visitor.comparison(where, node, tuple(values))
        if node.name == "lower" and len(values) == 1:
            return Value(tuple(_lowered(shape) for shape in values[0].shapes))
        returns = STANDARD[node.name].returns if node.name in STANDARD else ANY_TYPE
        if len(returns) != 1:
            return Value()
        (kind,) = returns
        # JMESPath's signatures have `array-string` for an array of strings.
        is_array = kind.partition("-")[0] == "array"
        return Value((Shape("list" if is_array else kind),))


RECORD_VALUE = Value((record_schema.RECORD,), ())
"""The record itself."""


def _member(value: Value, name: str, where: Where) -> Value:
    """Return a member's shapes; none where no alternative can have it."""
    if value.path == () and name in ("requestParameters", "responseElements"):
        return _payload(name, where)
    found = []
    for shape in value.shapes:
        if shape.kind == "any":
            found.append(shapes.ANY)
        elif shape.kind == "object":
            member = shape.member(name)
            if member is not None:
                found.append(member)
    path = None if value.path is None else (*value.path, name)
    return Value(tuple(dict.fromkeys(found)), path, value.calls)


def _payload(name: str, where: Where) -> Value:
    """Return what the operations that a part is about take, or give back."""
    part = "input" if name == "requestParameters" else "output"
    found: dict[Shape, None] = {}
    calls: list[str] = []
    for source, call in _calls(where.pins):
        if source == "signin.amazonaws.com" and part == "output":
            found[record_schema.SIGN_IN_RESPONSE] = None
            calls.append(f"{source} {call}")
            continue
        known = api_models.operations(source).get(api_models.undated(call), ())
        extra = call in EXTRA_EVENTS.get(source, ())
        if not known or extra:
            return Value((shapes.OBJECT,), (name,))
        calls.append(f"{source} {call}")
        for service in known:
            shape = api_parameters.parameters(service, api_models.undated(call), part)
            found[shape] = None
    if not found:
        return Value((shapes.OBJECT,), (name,))
    return Value(tuple(found), (name,), tuple(calls))


def _calls(alternatives: Pins) -> Iterator[tuple[str, str]]:
    """Return each source and name that belong together; none when any is left open."""
    found: dict[tuple[str, str], None] = {}
    for pin in alternatives:
        if pin.sources is None or pin.names is None:
            return
        if len(pin.sources) * len(pin.names) > _MOST_CALLS:
            return
        for name in sorted(pin.names):
            every = [source for source in sorted(pin.sources) if _has(source, name)]
            found.update({(source, name): None for source in every or pin.sources})
    yield from found


def _has(source: str, name: str) -> bool:
    known = api_models.undated(name) in api_models.operations(source)
    return known or name in EXTRA_EVENTS.get(source, ())


def _of(value: object) -> Shape:
    if isinstance(value, bool):
        return shapes.BOOLEAN
    if isinstance(value, int | float):
        return shapes.NUMBER
    if isinstance(value, str):
        return shapes.TEXT
    if isinstance(value, list):
        return shapes.LIST
    return shapes.OBJECT if isinstance(value, dict) else shapes.ANY


def _within_lists(value: Value) -> Value:
    """Return what is in the lists of a value, of lists too, beside what is no list."""
    while any(shape.kind == "list" for shape in value.shapes):
        each = (x.each() if x.kind == "list" else x for x in value.shapes)
        value = replace(value, shapes=tuple(each))
    return value


def _element(value: Value) -> Value:
    every = tuple(
        shape.each() if shape.kind == "list" else shapes.ANY for shape in value.shapes
    )
    path = None if value.path is None else (*value.path, "[]")
    return Value(every, path, value.calls)


def _list(element: Value) -> Value:
    every = element.shapes

    def one(shape: Shape) -> Shape:
        return Shape("list", element=lambda: shape)

    return Value(tuple(one(shape) for shape in every), element.path, element.calls)


def _flat(value: Value) -> Value:
    """Open the lists inside a list."""
    found = []
    for shape in value.shapes:
        if shape.kind != "list":
            found.append(shapes.LIST)
            continue
        inner = shape.each()
        found.append(inner if inner.kind == "list" else shape)
    return replace(value, shapes=tuple(found))


def _lowered(shape: Shape) -> Shape:
    if shape.kind != "string":
        return shapes.TEXT
    values = frozenset(each.lower() for each in shape.values)
    return Shape("string", values=values, open_values=shape.open_values)
