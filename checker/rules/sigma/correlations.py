"""Read Sigma's correlation block.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-correlation-rules-specification.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from checker import correlation_types, documents
from checker.conditions import show
from checker.correlation_types import CorrelationType
from checker.documents import Document, Path
from checker.errors import ConditionError, DocumentError
from checker.model import Correlation
from checker.rules import correlation
from checker.rules.sigma.fields import path_of

_BLOCK = ("correlation",)
_CONDITION = ("correlation", "condition")
_TYPES = tuple(
    each.value for each in CorrelationType if correlation_types.kind(each).is_sigmas
)
_KEYS = frozenset(
    {"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"}
)
_OPERATORS = frozenset({"gt", "gte", "lt", "lte", "eq", "neq"})
_TIMESPAN = re.compile(r"([1-9][0-9]{0,8})\s*([smhdwMy])\Z")
_SECONDS = {
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604_800,
    # The mean month and year of the Gregorian calendar.
    "M": 2_629_746,
    "y": 31_556_952,
}
Resolve = Callable[[str], str | None]
"""Returns the name of the rule that a reference means, or None."""


class _Block(NamedTuple):
    """A block while it is read; mistakes go to `problems`."""

    document: Document
    problems: list[DocumentError]

    def value(self, key: str) -> Any:
        """Return what the block says at a key, or None."""
        return self.document.value["correlation"].get(key)

    def refuse(self, message: str, path: Path = _BLOCK) -> None:
        """Add a mistake."""
        self.problems.append(self.document.error(message, path))


def references(document: Document) -> list[tuple[str, Path]]:
    """Return the rules that a block names, each with its place."""
    block = document.value["correlation"]
    given = block.get("rules") if isinstance(block, dict) else None
    if isinstance(given, list):
        return [
            (str(each), ("correlation", "rules", index))
            for index, each in enumerate(given)
        ]
    return [(str(given), ("correlation", "rules"))] if given else []


def read(
    document: Document,
    resolve: Resolve,
    silent: AbstractSet[str],
    problems: list[DocumentError],
) -> Correlation | None:
    """Read the block of a document; None, and mistakes in `problems`, if it is wrong.

    What `resolve` does not know stays as it is: it may name a bundled rule.  `silent`
    are the names of rules that report nothing of their own under a correlation.
    """
    if not isinstance(document.value["correlation"], dict):
        problems.append(document.error("'correlation' must be a map", _BLOCK))
        return None
    before = len(problems)
    block = _Block(document, problems)
    for key in document.value["correlation"]:
        if key not in _KEYS:
            hint = documents.nearest(str(key), sorted(_KEYS))
            place = ("correlation", key)
            problems.append(
                document.error(f"unknown key '{key}'{hint}", place, key=True)
            )
    rules = [resolve(name) or name for name, _ in references(document)]
    if not rules:
        block.refuse("'rules' is missing: name the rules to correlate")
    kind = _type(block)
    timespan = _timespan(block)
    generate = _generate(block)
    condition = _condition(block, kind)
    aliases = _aliases(block, resolve)
    grouped = _fields(
        block, block.value("group-by"), ("correlation", "group-by"), aliases
    )
    if "field" in condition:
        at = (*_CONDITION, "field")
        found = _fields(block, condition["field"], at, aliases)
        condition["field"] = found[0] if len(found) == 1 else list(found)
    if kind is None or timespan is None or len(problems) > before:
        return None
    made = Correlation(
        type=kind,
        rules=tuple(dict.fromkeys(rules)),
        timespan=timespan,
        group_by=grouped,
        condition=condition,
        aliases=aliases,
        generate=generate,
        silences=() if generate else tuple(sorted(silent & set(rules))),
    )
    problems.extend(correlation.shape(document, made))
    return made if len(problems) == before else None


def _type(block: _Block) -> CorrelationType | None:
    value = block.value("type")
    if value in _TYPES:
        return CorrelationType(value)
    hint = documents.nearest(str(value), _TYPES)
    place = ("correlation", "type") if value is not None else _BLOCK
    block.refuse(f"'type' must be one of {', '.join(_TYPES)}{hint}", place)
    return None


def _timespan(block: _Block) -> int | None:
    value = block.value("timespan")
    found = _TIMESPAN.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        place = ("correlation", "timespan") if value is not None else _BLOCK
        block.refuse("'timespan' must be a number and s, m, h or d, such as 15m", place)
        return None
    return int(found[1]) * _SECONDS[found[2]]


def _generate(block: _Block) -> bool:
    """Return whether base rules report themselves, too.

    The specification's schema has `generate` beside the block, pySigma in it.
    https://github.com/SigmaHQ/sigma-specification/blob/main/json-schema/sigma-correlation-rules-schema.json
    """
    beside, inside = block.document.value.get("generate"), block.value("generate")
    for value, place in ((beside, ("generate",)), (inside, (*_BLOCK, "generate"))):
        if value is not None and not isinstance(value, bool):
            block.refuse("'generate' must be true or false", place)
    return beside is True or inside is True


def _condition(block: _Block, kind: CorrelationType | None) -> dict[str, Any]:
    value = block.value("condition")
    if value is None:
        return {}
    if isinstance(value, str):
        block.refuse(
            "a condition on rules ('a and not b') is not part of Sigma 2.1: "
            "write a map such as {gte: 2}",
            _CONDITION,
        )
        return {}
    if not isinstance(value, dict):
        block.refuse("'condition' must be a map such as {gte: 10}", _CONDITION)
        return {}
    found: dict[str, Any] = {}
    for key, given in value.items():
        number = _number(given)
        if key in _OPERATORS or key == "percentile":
            if number is None:
                block.refuse(f"'{key}' must be a number", (*_CONDITION, key))
            else:
                found[key] = number
        elif key == "field":
            found[key] = given
        else:
            known = [*sorted(_OPERATORS), "field", "percentile"]
            hint = documents.nearest(key, known)
            block.refuse(f"unknown key '{key}'{hint}", (*_CONDITION, key))
    if kind is CorrelationType.VALUE_PERCENTILE:
        found.setdefault("percentile", 50)
    return found


def _number(value: Any) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    return value if type(value) in (int, float) and abs(value) < float("inf") else None


def _fields(
    block: _Block, value: Any, at: Path, aliases: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return some fields as paths of this project; aliases stay as they are."""
    given = value if isinstance(value, list) else [value] if value is not None else []
    found = []
    for index, name in enumerate(given):
        where = (*at, index) if isinstance(value, list) else at
        if isinstance(name, str):
            path = name if name in aliases else _path(block, name, where)
            found += [path] if path else []
        else:
            block.refuse("a field is named by text such as userIdentity.arn", where)
    return tuple(dict.fromkeys(found))


def _path(block: _Block, name: str, at: Path) -> str | None:
    try:
        return show(path_of(name))
    except ConditionError as error:
        block.refuse(error.message, at)
        return None


def _aliases(block: _Block, resolve: Resolve) -> dict[str, dict[str, str]]:
    value = block.value("aliases")
    at = ("correlation", "aliases")
    if value is None:
        return {}
    if not isinstance(value, dict):
        block.refuse("'aliases' must be a map of maps: alias, rule, field", at)
        return {}
    found: dict[str, dict[str, str]] = {}
    for alias, of_rules in value.items():
        if not isinstance(of_rules, dict):
            block.refuse(f"the alias '{alias}' must be a map of rules", (*at, alias))
            continue
        found[alias] = {}
        for rule, name in of_rules.items():
            place = (*at, alias, rule)
            path = _path(block, str(name), place)
            if path:
                found[alias][resolve(rule) or rule] = path
    return found
