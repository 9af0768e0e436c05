"""Show what a rule saw in an event: no secrets, nothing endless."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from checker import conditions, secrets
from checker.conditions import parts, show, tree
from checker.conditions.access import Closure
from checker.conditions.needs import opened
from checker.evaluate.detection.remembered import names_read, together
from checker.memo import Memo
from checker.model import DetectionRule, Event
from checker.secrets import Shape

MOST_TEXT = 1024
MOST_ENTRIES = 50
"""How much of a text, and of a list, is shown."""

_SHAPE = Shape(entries=MOST_ENTRIES, characters=MOST_TEXT)
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


class Selection(NamedTuple):
    """A selection that may hold when its rule does.

    `test` is None where it holds for certain, and `names` are the fields of an event
    that it reads, None where that is open.
    """

    name: str
    test: Closure | None
    names: frozenset[str] | None


Nested: TypeAlias = tuple[str, tuple[str, ...]]
"""A field that is read through arrays: its path without them, and its names."""


class Evidence:
    """The evidence that a rule gives: its selections that hold, the fields it reads.

    `selections` are those that may hold when the rule does; `nested` are fields that
    are read through arrays.
    """

    def __init__(self, rule: DetectionRule) -> None:
        """Compile what there is to show."""
        detection = rule.detection
        certain = dict(_certain(detection.condition, holding=True))
        self.selections = [
            Selection(name, None, frozenset())
            if name in certain
            else Selection(name, conditions.closure(node), names_read(node))
            for name, node in detection.selections.items()
            if certain.get(name, True)
        ]
        self._are_open = any(each.test for each in self.selections)
        self._certain = {each.name: True for each in self.selections if not each.test}
        read = conditions.paths(detection.condition)
        self.fields: list[Field] = list(
            map(_field, dict.fromkeys([*read, *rule.fields]))
        )
        nested = parts.opened_fields(detection.condition)
        self.nested: list[Nested] = [
            (show(tree.Path(names)), names) for names in nested
        ]

    @functools.cached_property
    def names(self) -> frozenset[str] | None:
        """The fields of an event that it reads; None where that is open."""
        return together(
            [each.names for each in self.selections]
            + [field[-1] for field in self.fields]
            + [frozenset(names[:1]) for _, names in self.nested]
        )

    def of(self, event: Event) -> dict[str, Any]:
        """Return the evidence of an event on which the rule holds."""
        shown: dict[str, Any]
        if self._are_open:
            shown = {
                name: True
                for name, test, _ in self.selections
                if test is None or conditions.holds(test(event))
            }
        else:
            shown = self._certain.copy()
        _read(self.fields, event, shown)
        for nested in self.nested:
            plain, names = nested
            if plain not in shown and reads_arrays(nested, event):
                # Sigma's rules read through arrays, which their paths do not say.
                _read([_field(opened(names, event))], event, shown)
        return shown


def reads_arrays(nested: Nested, event: Event) -> bool:
    """Return whether arrays lead to a field of an event."""
    plain, names = nested
    return opened(names, event) != plain


class Lowering:
    """The selections that lower the level of a rule's findings, ready to be asked."""

    def __init__(self, rule: DetectionRule) -> None:
        """Compile the selections of `lowered_by` and the fields that they read."""
        self._level = rule.level.value
        self._selections = [
            (name, conditions.closure(node), list(map(_field, conditions.paths(node))))
            for name, node in rule.lowered_by.items()
        ]

    def of(self, event: Event) -> dict[str, Any]:
        """Return what is shown of an event for which one holds; empty if none does.

        That is the level before (`loweredFrom`), each selection that holds, and the
        fields that it reads.
        """
        shown: dict[str, Any] = {}
        for name, test, fields in self._selections:
            if conditions.holds(test(event)):
                shown |= {"loweredFrom": self._level, name: True}
                _read(fields, event, shown)
        return shown


def _read(fields: Iterable[Field], event: Event, shown: dict[str, Any]) -> None:
    """Add the values of some fields that an event has, by their paths."""
    get = event.get
    for path, first, second, rest, texts, present, _ in fields:
        # Most paths have one or two names: calls would cost as much again.
        value = get(first) if first else event
        if value is None:
            continue
        if second is not None:
            value = value.get(second) if value.__class__ is dict else None
            if value is None:
                continue
        if rest is not None:
            value = rest(value)
            if value is None:
                continue
        if texts is not None and value.__class__ is str:
            shown[path] = texts[value]
        elif (value := present(value)) is not None:
            shown[path] = value


class _Shown(Memo[str, str]):
    """Texts as they are shown: most come again."""

    def __init__(self, present: Callable[[Any], Any]) -> None:
        super().__init__()
        self._present = present

    def __missing__(self, text: str) -> str:
        return self.keep(text, self._present(text), len(text))


Field: TypeAlias = tuple[
    str,
    str | None,
    str | None,
    Closure | None,
    Mapping[str, str] | None,
    Callable[[Any], Any],
    frozenset[str] | None,
]
"""A path; its first and second name, and what reads the rest of it; how to show that;
the fields of an event that are read, None where that is open.

What is read is the object around the value where that decides how it is shown.  Texts
that are shown the same in many fields are looked up.
"""


@functools.lru_cache(maxsize=4096)
def _field(path: str) -> Field:
    read, present = secrets.reading(path, _SHAPE)
    texts = SHOWN_TEXTS if secrets.shows_texts(path) else None
    if not _PLAIN.fullmatch(read):
        node = conditions.parse_field(read)
        names = names_read(node)
        return path, None, None, conditions.closure(node), texts, present, names
    first, *more = read.split(".")
    deeper = tree.Path(tuple(more[1:])) if len(more) > 1 else None
    rest = None if deeper is None else conditions.closure(deeper)
    names = frozenset([first])
    return path, first, more[0] if more else None, rest, texts, present, names


SHOWN_TEXTS: Mapping[str, str] = _Shown(functools.partial(secrets.hide, shape=_SHAPE))
"""Has each text as it is shown: without secrets, and not too long."""


def presentable(path: str, document: Any) -> Any:
    """Return what a document has at a path, for a report.

    Secrets are taken out, long text and lists cut short.
    """
    read, present = secrets.reading(path, _SHAPE)
    value = conditions.compile(read)(document)
    return None if value is None else present(value)


def shown_as(path: str, value: Any) -> Any:
    """Return a value as a report shows what stands at a path: bounded, no secrets."""
    _, present = secrets.reading(path, _SHAPE)
    return present(value)


def _certain(node: tree.Node, *, holding: bool) -> Iterator[tuple[str, bool]]:
    """Name the selections that hold, or do not, whenever the node does (or not)."""
    match node:
        case tree.Selection(name, _):
            yield name, holding
        case tree.Not(operand):
            yield from _certain(operand, holding=not holding)
        case tree.And(operands) if holding:
            for each in operands:
                yield from _certain(each, holding=True)
        case tree.Or(operands) if not holding:
            for each in operands:
                yield from _certain(each, holding=False)


@functools.lru_cache(maxsize=4096)
def parse_field(path: str) -> tree.Node:
    """Parse a path into an event; the same paths come in many rules."""
    return conditions.parse_field(path)


@functools.lru_cache(maxsize=4096)
def compile_field(path: str) -> Closure:
    """Compile a path into an event, likewise."""
    return conditions.closure(parse_field(path))
