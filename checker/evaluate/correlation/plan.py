"""Plan correlations: who counts whom, by which fields, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from checker.errors import UsageError
from checker.model import AnyRule, CorrelationRule, DetectionRule, Level


class Field(NamedTuple):
    """A path into the event; `labelled` where its value's label is meant."""

    path: str
    labelled: bool = False


class Base(msgspec.Struct, frozen=True):
    """A base rule of a correlation, by its name, and the fields that count in it.

    `group` and `field` are what it reads of the event (`group_by`), aliases resolved.
    """

    name: str
    group: tuple[Field, ...]
    field: tuple[Field, ...]


class Planned(msgspec.Struct, frozen=True):
    """A correlation with its bases, in the order in which it lists them."""

    rule: CorrelationRule
    bases: tuple[Base, ...]


class Plan(msgspec.Struct, frozen=True):
    """How a set of correlations is to be evaluated.

    `carried` has, for every detection rule that feeds a correlation, the fields that
    its hits must carry (JMESPath); `quiet` the base rules that report nothing of their
    own; `steps` the correlations, each after those that it builds on.
    """

    steps: tuple[Planned, ...] = ()
    carried: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    quiet: frozenset[str] = frozenset()


def plan(rules: Iterable[AnyRule], chosen: Iterable[AnyRule] | None = None) -> Plan:
    """Plan the correlations among `rules`, or only those of `chosen` and their bases.

    A base rule that is informational reports nothing itself, unless some correlation
    over it says `generate: true`; nor does one that a correlation
    silences, or one that was not chosen.  Raises
    `UsageError` for a base that is not among `rules`; the loader refuses cycles.
    """
    known = {key: rule for rule in rules for key in (rule.name, rule.id)}
    wanted = list(known.values() if chosen is None else chosen)
    order: dict[str, CorrelationRule] = {}
    for rule in wanted:
        _visit(rule, known, order)
    steps = tuple(Planned(rule, tuple(_bases(rule, known))) for rule in order.values())
    names = {rule.name for rule in wanted}
    return Plan(steps, _carried(steps, known), _quiet(steps, known, names))


def origins(plan: Plan) -> dict[str, set[str]]:
    """Return the detection rules at the bottom of each correlation."""
    found: dict[str, set[str]] = {}
    for planned in plan.steps:  # each after those that it builds on
        names = (base.name for base in planned.bases)
        found[planned.rule.name] = set().union(
            *(found.get(name, {name}) for name in names)
        )
    return found


def group_by(path: str, base: AnyRule, rule: CorrelationRule) -> Field:
    """Resolve one `group-by` entry, or a field, for a base rule: an alias or itself."""
    labelled = rule.correlation.labels.get(path)
    if labelled is not None:
        return Field(labelled, labelled=True)
    alias = rule.correlation.aliases.get(path)
    if alias is None:
        return Field(path)
    return Field(alias.get(base.name) or alias.get(base.id) or path)


def fields(condition: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the `field` of a condition as a tuple: one path, several, or none."""
    given = condition.get("field", ())
    return (given,) if isinstance(given, str) else tuple(given)


def _visit(
    rule: AnyRule, known: Mapping[str, AnyRule], order: dict[str, CorrelationRule]
) -> None:
    if not isinstance(rule, CorrelationRule) or rule.name in order:
        return
    for base in rule.correlation.rules:
        if base not in known:
            raise UsageError(f"{rule.name} needs the rule {base}, which is not here")
        _visit(known[base], known, order)
    order[rule.name] = rule


def _bases(rule: CorrelationRule, known: Mapping[str, AnyRule]) -> Iterator[Base]:
    block = rule.correlation
    for name in block.rules:
        base = known[name]
        yield Base(
            base.name,
            tuple(group_by(path, base, rule) for path in block.group_by),
            tuple(group_by(path, base, rule) for path in fields(block.condition)),
        )


def _carried(
    steps: Iterable[Planned], known: Mapping[str, AnyRule]
) -> dict[str, tuple[str, ...]]:
    """Find the fields each detection carries, for its correlations and those above."""
    carried: dict[str, dict[str, None]] = {}
    for step in steps:
        for base in step.bases:
            for name in _bottom(known[base.name], known):
                paths = carried.setdefault(name, {})
                carries = (*base.group, *base.field)
                paths.update((field.path, None) for field in carries)
    return {name: tuple(paths) for name, paths in carried.items()}


def _bottom(rule: AnyRule, known: Mapping[str, AnyRule]) -> Iterator[str]:
    """Return the detection rules that stand at the bottom of a rule."""
    if isinstance(rule, CorrelationRule):
        for base in rule.correlation.rules:
            yield from _bottom(known[base], known)
    elif isinstance(rule, DetectionRule):
        yield rule.name


def _quiet(
    steps: Iterable[Planned], known: Mapping[str, AnyRule], chosen: set[str]
) -> frozenset[str]:
    bases: set[str] = set()
    loud: set[str] = set()
    silenced: set[str] = set()
    for step in steps:
        names = {base.name for base in step.bases}
        bases |= names
        if step.rule.correlation.generate:
            loud |= names
        silenced.update(step.rule.correlation.silences)
    quiet = {name for name in bases if known[name].level is Level.INFORMATIONAL}
    quiet |= silenced
    return frozenset((quiet - loud) | (bases - chosen))
