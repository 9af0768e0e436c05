"""Write a rule of this project, and its cases, as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.authoring.block_yaml import block, scalar
from checker.conditions import show, tree
from checker.model import (
    RECORD_FIELDS,
    AnyRule,
    Correlation,
    CorrelationRule,
    Detection,
    Event,
)

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_URL = re.compile(r"https?://[^\s]+")
_TAG = re.compile(r"[a-z0-9_-]+\.[a-z0-9._-]+")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_LONGEST_TITLE = 120


def rule(
    given: AnyRule, detection: Detection | None, *, licence: str | None
) -> Iterator[str]:
    """Yield the text of a rule; `detection` is its block, translated.

    `licence` is that of a rule that names none.
    """
    for key, value in _metadata(given, licence):
        yield from _entry(key, value)
    if isinstance(given, CorrelationRule):
        yield from block({"correlation": _correlation(given.correlation)}, 0)
    elif detection is not None:
        yield from _detection(detection)
    more = {"fields": given.fields, "falsepositives": given.falsepositives}
    yield from block({key: list(value) for key, value in more.items() if value}, 0)


def _entry(key: str, value: Any) -> Iterator[str]:
    """Yield a key with its value: prose as a block, lists of maps by first keys."""
    if isinstance(value, str) and "\n" in value and _is_prose(value):
        yield f"{key}: |-\n"
        yield from (f"  {line}\n" if line else "\n" for line in value.split("\n"))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield f"{key}:\n"
        yield from _maps(value, 2)
    else:
        yield from block({key: value}, 0)


def _is_prose(text: str) -> bool:
    lines = text.split("\n")
    return text[0] not in " \n" and all(line.isprintable() for line in lines)


def _maps(maps: Iterable[Mapping[str, Any]], indent: int) -> Iterator[str]:
    """Yield the lines of a list of maps."""
    for each in maps:
        first, *rest = block(dict(each), indent + 2)
        yield f"{' ' * indent}- {first.lstrip(' ')}"
        yield from rest


def _metadata(given: AnyRule, licence: str | None) -> Iterator[tuple[str, Any]]:
    title = given.title
    if len(title) > _LONGEST_TITLE:
        title = title[: _LONGEST_TITLE - 1] + "…"
    yield from {"title": title, "name": given.name, "id": given.id}.items()
    yield from {"status": given.status, "level": given.level.value}.items()
    urls = [each for each in given.references if _URL.fullmatch(each)]
    others = [each for each in given.references if each not in urls]
    paragraphs = [_lines(given.description or given.title)]
    if others:
        paragraphs.append("References: " + "; ".join(others))
    yield "description", "\n\n".join(paragraphs)
    for key, value in (
        ("references", urls),
        ("author", given.author),
        ("date", given.date),
        ("modified", given.modified),
        ("tags", [t for t in map(str.lower, given.tags) if _TAG.fullmatch(t)]),
    ):
        if value:
            yield key, value
    own = {"id": given.id, "type": "derived"}
    related = [{"id": each.id, "type": each.type} for each in given.related]
    yield "related", [own, *(each for each in related if each != own)]
    if given.license or licence:
        yield "license", given.license or licence
    yield "logsource", {"product": "aws", "service": "cloudtrail"}


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _detection(detection: Detection) -> Iterator[str]:
    yield "detection:\n"
    for name, node in detection.selections.items():
        fields = field_map(node)
        if fields is None:
            yield f"  {name}: {_expression(show(node))}\n"
        else:
            yield from block({name: fields}, 2)
    yield f"  condition: {_expression(show(detection.condition))}\n"


def field_map(node: tree.Node) -> dict[str, Any] | None:
    """Return the fields and values of a selection that a field map says whole."""
    found: dict[str, Any] = {}
    for each in node.operands if isinstance(node, tree.And) else (node,):
        match each:
            case tree.Comparator("==", tree.Path() as path, tree.Literal(value)):
                pass
            case tree.Function("one_of", (tree.Path() as path, tree.Literal(value))):
                pass
            case _:
                return None
        key = show(path)
        if key in found or not isinstance(value, str | int | float | list | None):
            return None
        found[key] = value
    return found


def _expression(text: str) -> str:
    """Write a condition for YAML: in single quotes unless it needs none."""
    if not text.isprintable():
        return scalar(text)
    if text[0].isalpha() and ": " not in text and " #" not in text:
        return text
    return "'" + text.replace("'", "''") + "'"


def renamed(detection: Detection, taken: Iterable[str]) -> Detection:
    """Return a detection whose selections have names that the dialect takes.

    A selection that the condition has and the block has not is a filter's: it is
    opened.
    """
    forbidden = {*taken, *RECORD_FIELDS, "condition"}
    names: dict[str, str] = {}
    for name in detection.selections:
        plain = re.sub(r"[^a-z0-9_]+", "_", name.lower())
        new = plain if _NAME.fullmatch(plain) else f"_{plain}"
        while new in forbidden or new in names.values():
            new = f"{new}_"
        names[name] = new
    selections = {
        names[name]: _opened(node) for name, node in detection.selections.items()
    }
    return Detection(selections, _with_names(detection.condition, names))


def _with_names(node: tree.Node, names: Mapping[str, str]) -> tree.Node:
    if isinstance(node, tree.Selection):
        if node.name not in names:
            return _with_names(node.node, names)
        return tree.Selection(names[node.name], _opened(node.node), node.offset)
    below = [_with_names(child, names) for child in tree.children(node)]
    return tree.with_children(node, below)


def _opened(node: tree.Node) -> tree.Node:
    while isinstance(node, tree.Selection):
        node = node.node
    return tree.with_children(node, [_opened(each) for each in tree.children(node)])


def _correlation(given: Correlation) -> dict[str, Any]:
    size, unit = next(pair for pair in _UNITS if given.timespan % pair[0] == 0)
    written: dict[str, Any] = {
        "type": given.type.value,
        "rules": list(given.rules),
        "group-by": list(given.group_by),
        "timespan": f"{given.timespan // size}{unit}",
        "condition": dict(given.condition),
        "aliases": {key: dict(value) for key, value in given.aliases.items()},
        "generate": given.generate,
    }
    return {key: value for key, value in written.items() if value}


def cases(
    matching: Sequence[tuple[str, Event]], others: Sequence[tuple[str, Event]]
) -> Iterator[str]:
    """Yield the text of a detection's cases; the others as patches of the first."""
    base = matching[0][1]
    yield "record:\n"
    yield from block(base, 2)
    for key, given in (("match", matching), ("no_match", others)):
        yield f"{key}:\n"
        for name, event in given:
            yield from _maps([{"name": name, **_start(base, event)}], 2)


def _start(base: Event, event: Event) -> dict[str, Any]:
    """Return how a case gets its event: a patch of the file's record, or whole."""
    if base == event:
        return {}
    patch = _patch(base, event)
    return {"record": event} if patch is None else {"patch": patch}


def _patch(old: Any, new: Any) -> Any:
    """Return the JSON Merge Patch from one object to another; None if there is none."""
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key in old and json.dumps(old[key]) == json.dumps(value):
            continue
        inner = value
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            inner = _patch(old[key], value)
        if inner is None:
            return None
        patch[key] = inner
    return patch or None


def correlation_cases(
    match: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the text of a correlation's cases, each the steps of a timeline."""
    steps = {"match": (_ENOUGH, match), "no_match": (_TOO_FEW, other)}
    for key, (name, events) in steps.items():
        yield f"{key}:\n"
        yield f"  - name: {name}\n    events:\n"
        yield from _maps(events, 6)


_ENOUGH = "As many as are asked for"
_TOO_FEW = "One too few"
