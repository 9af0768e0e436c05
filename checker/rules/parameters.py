"""Read the parameters of rules, and what users set them to.

A rule declares each threshold or list with its default: a configuration rule in its
block, a detection beside it, since the names in that block are those of selections.
A user's file (`--config`) sets some:

    parameters:
      user_access_key_old: {max_days: 60}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import structs

from checker import documents
from checker.conditions import parameters, tree
from checker.conditions.settings import SETTINGS
from checker.documents import Document
from checker.errors import DocumentError, MistakeKind
from checker.model import (
    ConfigurationRule,
    Detection,
    DetectionRule,
    Parameter,
    parameters_of,
)

Parametric: TypeAlias = DetectionRule | ConfigurationRule
"""The rules that can have parameters."""

_WORDS = {
    "integer": "a whole number",
    "string": "text",
    "strings": "a list of text",
}


def declared(
    document: Document, above: documents.Path, problems: list[DocumentError]
) -> dict[str, Parameter]:
    """Read the `parameters` below a path of a rule; defaults must fit their type."""
    block: Mapping[str, Any] = document.at(above).get("parameters", {})
    found = {}
    for name, written in block.items():
        parameter = Parameter(
            type=written["type"],
            default=written["default"],
            description=written["description"],
            value=written["default"],
            minimum=written.get("minimum"),
            maximum=written.get("maximum"),
        )
        said = misfit(parameter, parameter.default)
        if said:
            path = (*above, "parameters", name, "default")
            problems.append(document.error(f"the default {said}", path))
        found[name] = parameter
    return found


def misfit(parameter: Parameter, value: object) -> str | None:
    """Describe what is wrong with a value for a parameter; None if nothing is."""
    shown = json.dumps(value, ensure_ascii=False)
    if parameter.type == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif parameter.type == "string":
        fits = isinstance(value, str) and value != ""
    else:
        fits = isinstance(value, list) and all(
            isinstance(each, str) and each for each in value
        )
    if not fits:
        return f"must be {_WORDS[parameter.type]}, not {shown}"
    if isinstance(value, list) and len(set(value)) < len(value):
        return f"holds the same entry twice: {shown}"
    if isinstance(value, int):
        if parameter.minimum is not None and value < parameter.minimum:
            return f"must be {parameter.minimum} or more, not {shown}"
        if parameter.maximum is not None and value > parameter.maximum:
            return f"must be {parameter.maximum} or less, not {shown}"
    return None


def misuses(
    document: Document,
    above: documents.Path,
    parts: Mapping[documents.Path, tree.Node],
    known: Mapping[str, Parameter],
) -> Iterator[DocumentError]:
    """Find calls that name no parameter of the rule, and parameters that none names.

    `parts` are the rule's conditions by their paths, `above` that of `parameters`.
    """
    used = set()
    for place, node in parts.items():
        for call in parameters.calls(node):
            name = parameters.name(call)
            used.add(name)
            if name in known:
                continue
            if name is None:
                message = "parameter() takes the name of a parameter in quotes"
            else:
                hint = documents.nearest(name, list(known))
                message = f"the rule declares no parameter '{name}'{hint}"
            where = document.offset_position(place, call.offset)
            yield DocumentError(
                message, document.path, *where, kind=MistakeKind.CONDITION
            )
        yield from _bound(document, place, node)
    for name in known:
        if name not in used:
            path = (*above, "parameters", name)
            message = f"no condition of the rule asks parameter('{name}')"
            yield document.error(message, path, key=True)


def _bound(
    document: Document, place: documents.Path, node: tree.Node
) -> Iterator[DocumentError]:
    """Find parameters where a function wants text that is checked when it is read."""
    for each in tree.walk(node):
        if not isinstance(each, tree.Function):
            continue
        for position in SETTINGS[each.name].check:
            argument = each.arguments[position]
            if any(parameters.calls(argument)):
                where = document.offset_position(place, each.offset)
                message = f"the pattern of {each.name}() cannot be a parameter"
                yield DocumentError(
                    message, document.path, *where, kind=MistakeKind.CONDITION
                )


def settled(rule: Parametric, values: Mapping[str, Parameter]) -> Parametric:
    """Put the values of some parameters into a rule's conditions."""
    in_force = {name: parameter.value for name, parameter in values.items()}
    if not in_force:
        return rule
    known = {**parameters_of(rule), **values}
    if isinstance(rule, DetectionRule):
        block = rule.detection
        selections = {
            name: parameters.settle(node, in_force)
            for name, node in block.selections.items()
        }
        condition = parameters.settle(block.condition, in_force)
        detection = Detection(selections, condition)
        return structs.replace(rule, detection=detection, parameters=known)
    setting = rule.configuration
    applies = setting.applies
    configuration = structs.replace(
        setting,
        condition=parameters.settle(setting.condition, in_force),
        applies=parameters.settle(applies, in_force) if applies else None,
        parameters=known,
    )
    return structs.replace(rule, configuration=configuration)


def put(rule: Parametric, values: Mapping[str, object]) -> Parametric:
    """Return a rule with other values for some of its parameters.

    The values must fit (`misfit`), and the rule must have the parameters.
    """
    known = parameters_of(rule)
    changed = {
        name: structs.replace(known[name], value=value)
        for name, value in values.items()
    }
    return settled(rule, changed)


def misfits(
    document: Document,
    path: documents.Path,
    values: Mapping[str, object],
    known: Mapping[str, Parameter],
) -> Iterator[DocumentError]:
    """Find the values, written at a path of a document, that parameters cannot have."""
    for key, value in values.items():
        if key not in known:
            hint = documents.nearest(key, list(known))
            if not hint:
                hint = f": it has {', '.join(known)}" if known else ": it has none"
            message = f"the rule has no parameter '{key}'{hint}"
            yield document.error(message, (*path, key), key=True)
            continue
        said = misfit(known[key], value)
        if said:
            yield document.error(f"'{key}' {said}", (*path, key))
