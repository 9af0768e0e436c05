"""Show the rules themselves: a list of them, and one whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from checker import conditions, secrets
from checker.correlation_types import duration
from checker.model import (
    AnyRule,
    ConfigurationRule,
    Correlation,
    CorrelationRule,
    DetectionRule,
    Parameter,
    parameters_of,
)
from checker.reports import layout
from checker.reports.json import encode
from checker.reports.order import kind
from checker.reports.segments import Line, Segment, escaped, visible

_WIDTH: Final = 88
_NARROWEST_TITLES: Final = 24
_MOST_TITLES: Final = 3
"""Requirements of a framework up to which each is shown with its title."""


def services(rule: AnyRule, others: Sequence[AnyRule] = ()) -> tuple[str, ...]:
    """Name what a rule is about: event sources, or the type of a resource.

    A correlation is about what those of `others` are about that it builds on.
    """
    if isinstance(rule, ConfigurationRule):
        return (rule.configuration.resource,)
    if isinstance(rule, DetectionRule):
        required = conditions.required(rule.detection.condition)
        return tuple(sorted(map(str, required.get(("eventSource",), ()))))
    below = [
        each
        for each in others
        if each.name in rule.correlation.rules or each.id in rule.correlation.rules
    ]
    return tuple(sorted({name for each in below for name in services(each, others)}))


def listed(rules: Sequence[AnyRule], width: int | None = None) -> Iterator[Line]:
    """Yield a line for each rule: level, kind, name and title.

    Titles are below the names where there is no room for a column of them; without a
    width, as in a pipe, each rule has one line.
    """
    room = sys.maxsize if width is None else width
    before = 30 + max((len(rule.name) for rule in rules), default=0) + 2
    for rule in rules:
        level, title = rule.level.value, escaped(rule.title)
        name: Line = (
            Segment(f"{level:<13}  ", level),
            Segment(f"{kind(rule):<13}  ", "faint"),
            Segment(f"{rule.name:<{before - 30}}"),
        )
        if room - before >= _NARROWEST_TITLES:
            yield from layout.paragraph(title, first=name, indent=before, width=room)
        else:
            yield name
            yield from layout.paragraph(title, indent=30, width=room)


def documents(
    rules: Sequence[AnyRule], others: Sequence[AnyRule] = ()
) -> Iterator[str]:
    """Yield the rules as one JSON array, a rule on each line."""
    separator = "["
    for rule in rules:
        yield f"{separator}\n {encode(document(rule, others))}"
        separator = ","
    yield "\n]\n" if rules else "[]\n"


def document(rule: AnyRule, others: Sequence[AnyRule] = ()) -> dict[str, Any]:
    """Return what the list says of a rule, as JSON's own types."""
    return {
        "name": rule.name,
        "id": rule.id,
        "kind": kind(rule),
        "title": rule.title,
        "level": rule.level.value,
        "status": rule.status,
        "services": list(services(rule, others)),
        "tags": list(rule.tags),
        "controls": {key: list(ids) for key, ids in rule.controls.items()},
        "parameters": _parameters(rule),
        "path": rule.path,
    }


def whole(
    rule: AnyRule,
    requirements: Sequence[tuple[str, str, str]],
    others: Sequence[AnyRule] = (),
) -> dict[str, Any]:
    """Return all of one rule, as JSON's own types."""
    remediation = rule.remediation if isinstance(rule, ConfigurationRule) else None
    return {
        **document(rule, others),
        "description": rule.description,
        "logic": {name: secrets.hide_text(text) for name, text in _logic(rule)},
        "falsepositives": list(rule.falsepositives),
        "references": list(rule.references),
        "requirements": [
            {"framework": name, "id": id_, "title": title or None}
            for name, id_, title in requirements
        ],
        "remediation": remediation.text.strip() if remediation else None,
        "cli": remediation.cli if remediation else None,
        "terraform": remediation.terraform if remediation else None,
    }


def _parameters(rule: AnyRule) -> dict[str, Any]:
    return {
        name: {
            "type": each.type,
            "value": secrets.hide(each.value),
            "default": secrets.hide(each.default),
            "minimum": each.minimum,
            "maximum": each.maximum,
            "description": each.description,
        }
        for name, each in parameters_of(rule).items()
    }


def shown(
    rule: AnyRule,
    requirements: Sequence[tuple[str, str, str]] = (),
    width: int = _WIDTH + 2,
) -> Iterator[Line]:
    """Yield all of one rule, for reading, in at most so many columns.

    `requirements` are (framework, id, title) of those that it stands behind.
    """
    room = min(_WIDTH, width - 2)
    level = rule.level.value
    first = (Segment(f"{level}  ", level),)
    title, indent = escaped(rule.title), len(level) + 2
    yield from layout.paragraph(
        title, first=first, indent=indent, width=room + 2, style="title"
    )
    facts = (rule.name, kind(rule), str(rule.status), rule.id)
    items = [(Segment(fact, "faint"),) for fact in facts]
    yield from layout.flow(items, indent=0, gap=" · ", width=room + 2)
    yield (Segment(f"{rule.path}:{rule.line}", "faint"),)
    yield ()
    for paragraph in filter(None, (rule.description or "").splitlines()):
        yield from layout.paragraph(escaped(paragraph), indent=0, width=room)
        yield ()
    for label, text in _logic(rule):
        yield (Segment(label, "faint"),)
        said = visible(text, 4000)
        yield from layout.paragraph(said, indent=2, width=room + 2)
    yield from _remedy(rule, room + 2)
    for label, entries in (
        ("false positives", rule.falsepositives),
        ("tags", (", ".join(rule.tags),) if rule.tags else ()),
        ("requirements", list(_requirements(rule, requirements))),
        ("references", rule.references),
    ):
        if entries:
            yield (Segment(label, "faint"),)
        for entry in entries:
            yield from layout.paragraph(
                escaped(entry), first=(Segment("  "),), indent=4, width=room + 2
            )


def _remedy(rule: AnyRule, width: int) -> Iterator[Line]:
    """Yield how to fix what a configuration rule finds: in words, by hand, as code."""
    fix = rule.remediation if isinstance(rule, ConfigurationRule) else None
    if fix is None:
        return
    yield (Segment("remediation", "faint"),)
    yield from layout.paragraph(escaped(fix.text, 4000), indent=2, width=width)
    if fix.cli:
        yield (Segment("commands", "faint"),)
    for line in (fix.cli or "").strip().splitlines():
        yield from layout.command(escaped(line, 4000), indent=2, width=width)
    if fix.terraform:
        yield (Segment("terraform", "faint"),)
    for line in (fix.terraform or "").strip().splitlines():
        yield (Segment(f"  {escaped(line, 4000)}".rstrip()),)


def _requirements(
    rule: AnyRule, known: Sequence[tuple[str, str, str]]
) -> Iterator[str]:
    """Return what a rule is good for, by framework; with titles where they are few."""
    titles = {(name, id_): title for name, id_, title in known}
    for name, ids in sorted(rule.controls.items()):
        if len(ids) > _MOST_TITLES:
            yield f"{name}: {', '.join(ids)}"
            continue
        for id_ in ids:
            title = titles.get((name, id_), "")
            yield f"{name}: {id_} {title}".rstrip()


def bounds(parameter: Parameter) -> str:
    """Describe what a parameter is, which values it takes and which it has."""
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
    """Return the conditions of a rule as text, each with what it is called."""
    yield from _conditions(rule)
    for name, parameter in parameters_of(rule).items():
        yield f"parameter {name}", bounds(parameter)


def _conditions(rule: AnyRule) -> Iterator[tuple[str, str]]:
    if isinstance(rule, DetectionRule):
        for name, node in rule.detection.selections.items():
            yield name, conditions.show(node)
        yield "condition", conditions.show(rule.detection.condition)
        if rule.lowered_by:
            yield "lowered by", ", ".join(rule.lowered_by)
        if rule.instead_of:
            yield "reported instead of", ", ".join(rule.instead_of)
    elif isinstance(rule, ConfigurationRule):
        yield "resource", rule.configuration.resource
        if rule.configuration.applies is not None:
            yield "applies", conditions.show(rule.configuration.applies)
        yield "condition", conditions.show(rule.configuration.condition)
    elif isinstance(rule, CorrelationRule):
        yield from _counted(rule.correlation)


def _counted(correlation: Correlation) -> Iterator[tuple[str, str]]:
    """Describe what a correlation counts, how long, and how much of it is enough."""
    yield correlation.type.value, ", ".join(correlation.rules)
    if correlation.group_by:
        yield "group-by", ", ".join(correlation.group_by)
    for name, path in correlation.labels.items():
        yield name, f"what the table of --addresses calls {path}"
    for alias, paths in correlation.aliases.items():
        said = ", ".join(f"{path} of {rule}" for rule, path in paths.items())
        yield alias, said
    yield "timespan", duration(correlation.timespan)
    if correlation.condition:
        asked = correlation.condition.items()
        yield "condition", ", ".join(f"{key} {value}" for key, value in asked)
