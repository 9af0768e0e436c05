"""This module shows the rules themselves: a list of them, and one whole."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from checker import conditions
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Parameter,
)
from checker.reports.json import encode
from checker.reports.order import kind
from checker.reports.segments import Line, Segment, visible

_WIDTH: Final = 88


def services(rule: AnyRule) -> tuple[str, ...]:
    """Name what a rule is about: event sources, or the type of a resource."""
    if isinstance(rule, ConfigurationRule):
        return (rule.configuration.resource,)
    if isinstance(rule, DetectionRule):
        required = conditions.required(rule.detection.condition)
        return tuple(sorted(map(str, required.get(("eventSource",), ()))))
    return ()


def listed(rules: Sequence[AnyRule]) -> Iterator[Line]:
    """Yield a line for each rule: level, kind, name and title."""
    width = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        level = rule.level.value
        yield (
            Segment(f"{level:<13}  ", level),
            Segment(f"{kind(rule):<13}  ", "faint"),
            Segment(f"{rule.name:<{width}}  "),
            Segment(visible(rule.title)),
        )


def documents(rules: Sequence[AnyRule]) -> Iterator[str]:
    """Yield the rules as one JSON array, a rule on each line."""
    separator = "["
    for rule in rules:
        yield f"{separator}\n {encode(document(rule))}"
        separator = ","
    yield "\n]\n" if rules else "[]\n"


def document(rule: AnyRule) -> dict[str, Any]:
    """Give what the list says of a rule, as JSON's own types."""
    return {
        "name": rule.name,
        "id": rule.id,
        "kind": kind(rule),
        "title": rule.title,
        "level": rule.level.value,
        "status": rule.status,
        "services": list(services(rule)),
        "tags": list(rule.tags),
        "controls": {key: list(ids) for key, ids in rule.controls.items()},
        "parameters": _parameters(rule),
        "path": rule.path,
    }


def _parameters(rule: AnyRule) -> dict[str, Any]:
    if not isinstance(rule, ConfigurationRule):
        return {}
    return {
        name: {
            "type": each.type,
            "value": each.value,
            "default": each.default,
            "minimum": each.minimum,
            "maximum": each.maximum,
            "description": each.description,
        }
        for name, each in rule.configuration.parameters.items()
    }


def shown(rule: AnyRule) -> Iterator[Line]:
    """Yield all of one rule, for reading."""
    yield (
        Segment(f"{rule.level.value}  ", rule.level.value),
        Segment(visible(rule.title), "title"),
    )
    yield (Segment(f"{rule.name} · {kind(rule)} · {rule.status} · {rule.id}", "faint"),)
    yield (Segment(f"{rule.path}:{rule.line}", "faint"),)
    yield ()
    for paragraph in (rule.description or "").split("\n\n"):
        for line in textwrap.wrap(visible(" ".join(paragraph.split())), _WIDTH):
            yield (Segment(line),)
        yield ()
    for label, text in _logic(rule):
        yield (Segment(label, "faint"),)
        for line in textwrap.wrap(text, _WIDTH, break_long_words=False):
            yield (Segment(f"  {visible(line, 4000)}"),)
    for label, entries in (
        ("false positives", rule.falsepositives),
        ("tags", (", ".join(rule.tags),) if rule.tags else ()),
        (
            "controls",
            [f"{key}: {', '.join(ids)}" for key, ids in rule.controls.items()],
        ),
        ("references", rule.references),
    ):
        if entries:
            yield (Segment(label, "faint"),)
        for entry in entries:
            yield (Segment(f"  {visible(entry)}"),)


def bounds(parameter: Parameter) -> str:
    """Say what a parameter is, which values it takes and which it has."""
    default, value = encode(parameter.default), encode(parameter.value)
    limits = []
    if parameter.minimum is not None:
        limits.append(f"at least {parameter.minimum}")
    if parameter.maximum is not None:
        limits.append(f"at most {parameter.maximum}")
    limit = f" ({', '.join(limits)})" if limits else ""
    said = f"set to {value}, {default} by default" if parameter.is_set else default
    return f"{said}: {parameter.type}{limit}. {parameter.description}"


def _logic(rule: AnyRule) -> Iterator[tuple[str, str]]:
    """Give the conditions of a rule as text, each with what it is called."""
    if isinstance(rule, DetectionRule):
        for name, node in rule.detection.selections.items():
            yield name, conditions.show(node)
        yield "condition", conditions.show(rule.detection.condition)
    elif isinstance(rule, ConfigurationRule):
        yield "resource", rule.configuration.resource
        if rule.configuration.applies is not None:
            yield "applies", conditions.show(rule.configuration.applies)
        yield "condition", conditions.show(rule.configuration.condition)
        for name, parameter in rule.configuration.parameters.items():
            yield f"parameter {name}", bounds(parameter)
    elif isinstance(rule, CorrelationRule):
        correlation = rule.correlation
        yield correlation.type, ", ".join(correlation.rules)
        if correlation.group_by:
            yield "group-by", ", ".join(correlation.group_by)
        yield "timespan", f"{correlation.timespan} s"
