"""This module reads the parameters of configuration rules, and what users set them to.

A rule declares each threshold with its default; a user's file (`--config`) sets some:

    parameters:
      user_access_key_old: {max_days: 60}
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker import documents
from checker.conditions import parameters, tree
from checker.conditions.settings import SETTINGS
from checker.documents import Document
from checker.errors import DocumentError, RulesError, UsageError
from checker.model import AnyRule, Configuration, ConfigurationRule, Parameter

_WORDS = {
    "integer": "a whole number",
    "string": "text",
    "strings": "a list of text",
}


def declared(document: Document, problems: list[DocumentError]) -> dict[str, Parameter]:
    """Read the `parameters` of a configuration rule; defaults must fit their type."""
    block: Mapping[str, Any] = document.value["configuration"].get("parameters", {})
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
            path = ("configuration", "parameters", name, "default")
            problems.append(document.error(f"the default {said}", path))
        found[name] = parameter
    return found


def misfit(parameter: Parameter, value: object) -> str | None:
    """Say what is wrong with a value for a parameter; None if nothing is."""
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
    parts: Mapping[str, tree.Node | None],
    known: Mapping[str, Parameter],
) -> Iterator[DocumentError]:
    """Find calls that name no parameter of the rule, and parameters that none names."""
    used = set()
    for part, node in parts.items():
        for call in parameters.calls(node) if node else ():
            name = parameters.name(call)
            used.add(name)
            if name in known:
                continue
            if name is None:
                message = "parameter() takes the name of a parameter in quotes"
            else:
                hint = documents.nearest(name, list(known))
                message = f"the rule declares no parameter '{name}'{hint}"
            where = document.offset_position(("configuration", part), call.offset)
            yield DocumentError(message, document.path, *where)
        yield from _bound(document, part, node)
    for name in known:
        if name not in used:
            path = ("configuration", "parameters", name)
            message = f"neither 'applies' nor 'condition' asks parameter('{name}')"
            yield document.error(message, path, key=True)


def _bound(
    document: Document, part: str, node: tree.Node | None
) -> Iterator[DocumentError]:
    """Find parameters where a function wants text that is checked when it is read."""
    for each in tree.walk(node) if node else ():
        if not isinstance(each, tree.Function):
            continue
        for position in SETTINGS[each.name].check:
            argument = each.arguments[position]
            if any(parameters.calls(argument)):
                where = document.offset_position(("configuration", part), each.offset)
                message = f"the pattern of {each.name}() cannot be a parameter"
                yield DocumentError(message, document.path, *where)


def settled(block: Configuration, values: Mapping[str, Parameter]) -> Configuration:
    """Put the values of some parameters into a rule's conditions."""
    in_force = {name: parameter.value for name, parameter in values.items()}
    if not in_force:
        return block
    return dataclasses.replace(
        block,
        condition=parameters.settle(block.condition, in_force),
        applies=parameters.settle(block.applies, in_force) if block.applies else None,
        parameters={**block.parameters, **values},
    )


def put(rule: ConfigurationRule, values: Mapping[str, object]) -> ConfigurationRule:
    """Give a rule with other values for some of its parameters.

    The values must fit (`misfit`), and the rule must have the parameters.
    """
    known = rule.configuration.parameters
    changed = {
        name: dataclasses.replace(known[name], value=value)
        for name, value in values.items()
    }
    return dataclasses.replace(rule, configuration=settled(rule.configuration, changed))


def configure(rules: Sequence[AnyRule], path: str) -> list[AnyRule]:
    """Set the parameters of rules to what a user's file says (`schemas/config.json`).

    A file may name only rules that are there, and only parameters that they have: what
    is misspelt would be judged by its default, and nobody would notice.  Raises
    `RulesError` with every mistake, and `UsageError` for a file that cannot be read.
    """
    document = _read(path)
    problems = list(document.problems)
    if not problems:
        problems = documents.check(document, "config")
    if not problems:
        problems = list(_wrong(document, rules))
    if problems:
        raise RulesError(problems)
    wanted: Mapping[str, Any] = document.value.get("parameters", {})
    return [
        put(rule, wanted[rule.name])
        if isinstance(rule, ConfigurationRule) and rule.name in wanted
        else rule
        for rule in rules
    ]


def _read(path: str) -> Document:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}") from error
    return documents.load_yaml(path, data)


def _wrong(document: Document, rules: Sequence[AnyRule]) -> Iterator[DocumentError]:
    """Find the entries that name no rule, no parameter of it, or a wrong value."""
    known = {
        rule.name: rule.configuration.parameters
        for rule in rules
        if isinstance(rule, ConfigurationRule) and rule.configuration.parameters
    }
    names = {rule.name for rule in rules}
    for name, values in document.value.get("parameters", {}).items():
        path = ("parameters", name)
        if name not in known:
            hint = documents.nearest(name, list(known))
            said = "has no parameters" if name in names else "is no rule's name"
            yield document.error(f"'{name}' {said}{hint}", path, key=True)
            continue
        yield from misfits(document, path, values, known[name])


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
