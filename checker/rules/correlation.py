"""Read the correlation block of a rule, and finds what is wrong in it.

https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from checker import conditions, documents
from checker.correlation_types import CorrelationType, Use, kind
from checker.documents import Document
from checker.errors import ConditionError, DocumentError
from checker.model import (
    AnyRule,
    ConfigurationRule,
    Correlation,
    CorrelationRule,
)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_OPERATORS = ("gt", "gte", "lt", "lte", "eq", "neq", "range")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "neq": operator.ne,
}
_ENDS = {"gte": "min", "lte": "max"}


def block(document: Document, problems: list[DocumentError]) -> Correlation:
    """Read the block of a document; its mistakes go to `problems`."""
    written = document.value["correlation"]
    # A text is no list of its letters: the schema says so.
    group_by = written.get("group-by", ())
    read = Correlation(
        type=CorrelationType(written["type"]),
        rules=tuple(written["rules"]),
        timespan=timespan(written["timespan"]),
        group_by=() if isinstance(group_by, str) else tuple(group_by),
        condition=dict(written.get("condition", {})),
        aliases=dict(written.get("aliases", {})),
        labels=dict(written.get("labels", {})),
        generate=written.get("generate", False),
    )
    problems.extend(shape(document, read))
    problems.extend(_fields(document, read))
    return read


def dangling(
    rules: Sequence[AnyRule], bases: Sequence[AnyRule] = ()
) -> Iterator[DocumentError]:
    """Find correlations over rules that are not there, or over themselves.

    `bases` are those of the shipped pack, on which rules of another folder may build.
    """
    known = {key: rule for rule in (*bases, *rules) for key in (rule.name, rule.id)}
    for rule in rules:
        if not isinstance(rule, CorrelationRule):
            continue
        missing = [base for base in rule.correlation.rules if base not in known]
        for base in missing:
            hint = documents.nearest(base, sorted(known))
            message = (
                f"needs the rule '{base}', which is neither here nor in the shipped "
                f"pack{hint}"
            )
            yield DocumentError(message, rule.path, rule.line)
        for message in () if missing else wrong_bases(rule, known):
            yield DocumentError(message, rule.path, rule.line)


def shape(document: Document, read: Correlation) -> Iterator[DocumentError]:
    """Check what each type needs, and what it has no use for."""
    needs, name = kind(read.type), read.type.value
    at = ("correlation", "condition")
    where = at if read.condition else ("correlation",)
    operators = [each for each in _OPERATORS if each in read.condition]
    if not operators and needs.number is Use.NEEDED:
        message = f"{name} needs a condition with one of {', '.join(_OPERATORS)}"
        yield document.error(message, where)
    for each in operators if needs.number is Use.REFUSED else ():
        message = f"{name} counts nothing: it needs no '{each}'"
        yield document.error(message, (*at, each), key=True)
    if len(read.rules) < needs.fewest_rules:
        message = f"{name} {needs.too_few_rules}"
        yield document.error(message, ("correlation", "rules"))
    if needs.percentile is Use.NEEDED and "percentile" not in read.condition:
        message = f"{name} needs 'percentile' in its condition, such as 95"
        yield document.error(message, where)
    if needs.percentile is Use.REFUSED and "percentile" in read.condition:
        message = f"{name} needs no 'percentile'"
        yield document.error(message, (*at, "percentile"), key=True)
    ends = read.condition.get("range")
    if ends and ends["min"] > ends["max"]:
        yield document.error("'min' is above 'max'", (*at, "range"))
    elif operators and _impossible(read):
        message = "no count can satisfy this condition: the rule would never fire"
        if kind(read.type).one_of_each:
            message += f" ({name} counts rules that match, of {len(read.rules)})"
        yield document.error(message, at)
    yield from _field(document, read)


def _impossible(read: Correlation) -> bool:
    """Return whether no count, or no number, satisfies the bounds of a condition."""
    bounds = dict(read.condition)
    ends = bounds.pop("range", {})
    tests = [(_COMPARE[name], bounds[name]) for name in bounds if name in _COMPARE]
    tests += [(_COMPARE[end], ends[key]) for end, key in _ENDS.items() if ends]
    points = sorted({point for _, point in tests})
    measured = kind(read.type)
    if measured.counts_fractions:
        numbers = {points[0] - 1, points[-1] + 1, *points}
        numbers.update((low + high) / 2 for low, high in itertools.pairwise(points))
    else:
        least, most = measured.least, measured.most(len(read.rules))
        near = {math.floor(point) + step for point in points for step in range(-1, 3)}
        numbers = {number for number in near | {least} if least <= number <= most}
    return not any(
        all(compare(number, point) for compare, point in tests) for number in numbers
    )


def _field(document: Document, read: Correlation) -> Iterator[DocumentError]:
    """Check that `field` is there where it is needed, and only there."""
    at = ("correlation", "condition")
    needs, name = kind(read.type), read.type.value
    field = read.condition.get("field")
    if needs.field is Use.NEEDED and field is None:
        message = f"{name} needs 'field' in its condition: the field to look at"
        yield document.error(message, at if read.condition else ("correlation",))
    if needs.field is Use.REFUSED and field is not None:
        yield document.error(f"{name} looks at no field", (*at, "field"), key=True)
    elif isinstance(field, list) and not needs.several:
        yield document.error(f"{name} looks at one field", (*at, "field"))


def _fields(document: Document, read: Correlation) -> Iterator[DocumentError]:
    """Check that every field is a path or an expression, and every alias is used."""
    field = read.condition.get("field", ())
    places: list[tuple[str, documents.Path]] = [
        (path, ("correlation", "group-by", index))
        for index, path in enumerate(read.group_by)
    ]
    if isinstance(field, str):
        places.append((field, ("correlation", "condition", "field")))
    else:
        places += [
            (path, ("correlation", "condition", "field", index))
            for index, path in enumerate(field)
        ]
    used = {path for path, _ in places}
    for alias, paths in read.aliases.items():
        if alias not in used:
            message = f"the alias '{alias}' is neither in group-by nor the field"
            yield document.error(message, ("correlation", "aliases", alias), key=True)
        places += [
            (path, ("correlation", "aliases", alias, rule))
            for rule, path in paths.items()
        ]
    for label, path in read.labels.items():
        at = ("correlation", "labels", label)
        if label not in used:
            message = f"the label '{label}' is neither in group-by nor the field"
            yield document.error(message, at, key=True)
        if label in read.aliases:
            yield document.error(f"'{label}' is an alias too", at, key=True)
        places.append((path, at))
    known = {*read.aliases, *read.labels}
    for path, place in places:
        if path in known and place[1] not in ("aliases", "labels"):
            continue
        try:
            conditions.parse_field(path)
        except ConditionError as error:
            yield document.error(error.message, place)


def paths(block: Correlation) -> Iterator[str]:
    """Yield the paths and expressions that a correlation names fields by."""
    field = block.condition.get("field", ())
    named = [*block.group_by, *([field] if isinstance(field, str) else field)]
    yield from (each for each in named if each not in {*block.aliases, *block.labels})
    for of_rules in block.aliases.values():
        yield from of_rules.values()
    yield from block.labels.values()


def wrong_bases(rule: CorrelationRule, known: Mapping[str, AnyRule]) -> Iterator[str]:
    """Yield what is wrong with the rules that a correlation counts, all in `known`."""
    bases = [known[base] for base in rule.correlation.rules]
    if len({base.name for base in bases}) < len(bases):
        yield "the correlation lists a rule twice, by its name and its id"
    for base in bases:
        if isinstance(base, ConfigurationRule):
            yield f"'{base.name}' judges settings: a correlation is over events"
        if rule.name in set(_below(base, known, set())):
            yield f"the correlation builds on itself, through '{base.name}'"
    names = {key for base in bases for key in (base.name, base.id)}
    for alias, paths in rule.correlation.aliases.items():
        for name in paths:
            if name not in names:
                hint = documents.nearest(name, sorted(names))
                yield f"the alias '{alias}' speaks of '{name}', no rule of this{hint}"
        for base in bases:
            if base.name not in paths and base.id not in paths:
                yield f"the alias '{alias}' gives no field for '{base.name}'"


def _below(
    rule: AnyRule, known: Mapping[str, AnyRule], seen: set[str]
) -> Iterable[str]:
    """Return the names of a rule and of everything that it builds on."""
    if rule.name in seen:
        return
    seen.add(rule.name)
    yield rule.name
    if isinstance(rule, CorrelationRule):
        for base in rule.correlation.rules:
            if base in known:
                yield from _below(known[base], known, seen)


def timespan(text: str | int) -> int:
    """Read a timespan such as `15m`, or a number of seconds, as seconds."""
    if isinstance(text, int):
        return text
    return int(text[:-1]) * _SECONDS[text[-1]]
