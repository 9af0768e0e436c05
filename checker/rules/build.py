"""Build each kind of rule from its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from checker import conditions, documents
from checker.conditions import tree
from checker.conditions.settings import EVENTS, SETTINGS
from checker.documents import Document
from checker.errors import ConditionError, DocumentError
from checker.model import (
    RECORD_FIELDS,
    AnyRule,
    Configuration,
    ConfigurationRule,
    CorrelationRule,
    Detection,
    DetectionRule,
    Level,
    Related,
    Remediation,
    Suppression,
)
from checker.rules import correlation, parameters
from checker.rules.texts import parse, selection, unknown_names

Shared: TypeAlias = Mapping[str, tree.Node]
"""The selections of `selections.yml`, by name."""


def _detection(
    document: Document, shared: Shared, problems: list[DocumentError]
) -> AnyRule:
    block: Mapping[str, Any] = document.value["detection"]
    own = [name for name in block if name != "condition"]
    selections: dict[str, tree.Node] = {}
    for name in own:
        path = ("detection", name)
        if name in RECORD_FIELDS:
            message = f"the selection '{name}' hides the record's own field: rename it"
            problems.append(document.error(message, path, key=True))
        if name in shared:
            message = f"'{name}' is a shared selection already: use it, or rename this"
            problems.append(document.error(message, path, key=True))
        node = selection(document, path, problems, EVENTS)
        if node is not None:
            selections[name] = node
    condition = parse(document, ("detection", "condition"), problems, EVENTS)
    if condition is None:
        raise ValueError("no condition")
    problems.extend(unknown_names(document, condition, [*own, *shared]))
    declared = parameters.declared(document, (), problems)
    parts: dict[documents.Path, tree.Node] = {
        ("detection", name): node
        for name, node in (*selections.items(), ("condition", condition))
    }
    problems.extend(parameters.misuses(document, (), parts, declared))
    used = {each.name for each in conditions.names(condition) if each.bare}
    lowering = _lowering(document, {**shared, **selections}, problems)
    selections |= {name: node for name, node in shared.items() if name in used}
    _check_fields(document, problems)
    lowered = conditions.lower(condition, selections)
    _check_growth(document, lowered, problems)
    rule = DetectionRule(
        **_common(document),
        detection=Detection(selections, lowered),
        lowered_by=lowering,
        instead_of=tuple(document.value.get("instead_of", ())),
    )
    return parameters.settled(rule, declared)


def _lowering(
    document: Document,
    known: Mapping[str, tree.Node],
    problems: list[DocumentError],
) -> dict[str, tree.Node]:
    """Read `lowered_by`: the selections, of the rule or shared, by name."""
    found = {}
    for index, name in enumerate(document.value.get("lowered_by", ())):
        if name in known:
            found[name] = known[name]
        else:
            hint = documents.nearest(name, list(known))
            message = f"'{name}' is not a selection of this rule nor a shared one{hint}"
            problems.append(document.error(message, ("lowered_by", index)))
    return found


def _check_growth(
    document: Document, lowered: tree.Node, problems: list[DocumentError]
) -> None:
    """Bound what a condition makes of what its selections make."""
    try:
        conditions.check_growth(lowered, EVENTS)
    except ConditionError as error:
        problems.append(document.error(error.message, ("detection", "condition")))


def _check_fields(document: Document, problems: list[DocumentError]) -> None:
    for index, field in enumerate(document.value.get("fields", ())):
        try:
            conditions.parse_field(field)
        except ConditionError as error:
            problems.append(document.error(error.message, ("fields", index)))


def _correlation(
    document: Document, _: Shared, problems: list[DocumentError]
) -> CorrelationRule:
    return CorrelationRule(
        **_common(document), correlation=correlation.block(document, problems)
    )


def _configuration(
    document: Document, _: Shared, problems: list[DocumentError]
) -> AnyRule:
    block = document.value["configuration"]
    applies = None
    if "applies" in block:
        applies = parse(document, ("configuration", "applies"), problems, SETTINGS)
    condition = parse(document, ("configuration", "condition"), problems, SETTINGS)
    if condition is None:
        raise ValueError("no condition")
    above = ("configuration",)
    declared = parameters.declared(document, above, problems)
    parts: dict[documents.Path, tree.Node] = {
        (*above, name): node
        for name, node in (("applies", applies), ("condition", condition))
        if node is not None
    }
    problems.extend(parameters.misuses(document, above, parts, declared))
    remediation = document.value.get("remediation")
    rule = ConfigurationRule(
        **_common(document),
        configuration=Configuration(block["resource"], condition, applies),
        remediation=Remediation(**remediation) if remediation else None,
    )
    return parameters.settled(rule, declared)


def _common(document: Document) -> dict[str, Any]:
    value = document.value
    lists = ("references", "tags", "falsepositives", "fields")
    texts = ("description", "author", "date", "modified", "license")
    related = value.get("related", ())
    return {
        "path": document.path,
        "line": document.key_position(("title",))[0],
        "title": value["title"],
        "name": value["name"],
        "id": value["id"],
        "level": Level(value["level"]),
        "status": value["status"],
        **{key: tuple(value.get(key, ())) for key in lists},
        **{key: value.get(key) for key in texts},
        "logsource": dict(value.get("logsource", {})),
        "related": tuple(Related(entry["id"], entry["type"]) for entry in related),
        "controls": {
            framework: tuple(ids)
            for framework, ids in value.get("controls", {}).items()
        },
        "lint": tuple(
            Suppression(entry["ignore"], entry["reason"])
            for entry in value.get("lint", ())
        ),
    }


BUILD: dict[str, Callable[[Document, Shared, list[DocumentError]], AnyRule]] = {
    "detection": _detection,
    "correlation": _correlation,
    "configuration": _configuration,
}
