"""Make mutants: a rule with one change, once for each variant of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from msgspec import structs

from checker import conditions
from checker.authoring.mutants.variants import variants
from checker.conditions import tree
from checker.conditions.settings import SETTINGS
from checker.model import ConfigurationRule, DetectionRule

Mutable: TypeAlias = DetectionRule | ConfigurationRule


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no case tells from the rule, and the smallest hint of one."""

    description: str
    line: int
    hint: str


class Mutant(msgspec.Struct, frozen=True):
    """A rule with one change; `description` names it within the rule, for good."""

    part: str
    description: str
    rule: Mutable


def mutants(rule: Mutable) -> Iterator[Mutant]:
    """List the mutants of a rule, in the order of its text."""
    seen: dict[str, int] = {}
    for part, node, put in _parts(rule):
        for variant in variants(node, SETTINGS):
            description = f"{part}: {variant.change}"
            seen[description] = seen.get(description, 0) + 1
            if seen[description] > 1:
                description += f" ({seen[description]})"
            yield Mutant(part, description, put(variant.node))


_Part: TypeAlias = tuple[str, tree.Node, Callable[[tree.Node], Mutable]]


def _parts(rule: Mutable) -> Iterator[_Part]:
    """List the texts of a rule: name, tree, and the rule with another tree there."""
    if isinstance(rule, DetectionRule):
        used = conditions.used(rule.detection.condition)
        for name, node in rule.detection.selections.items():
            if name in used:
                yield name, node, _put_selection(rule, name)
        yield "condition", rule.detection.condition, _put_detection(rule)
        return
    for part in ("applies", "condition"):
        node = getattr(rule.configuration, part)
        if node is not None:
            yield part, node, _put_configuration(rule, part)


def _put_selection(
    rule: DetectionRule, name: str
) -> Callable[[tree.Node], DetectionRule]:
    def put(node: tree.Node) -> DetectionRule:
        selections = {**rule.detection.selections, name: node}
        condition = _replaced(rule.detection.condition, name, node)
        detection = structs.replace(
            rule.detection, selections=selections, condition=condition
        )
        return structs.replace(rule, detection=detection)

    return put


def _put_detection(rule: DetectionRule) -> Callable[[tree.Node], DetectionRule]:
    def put(node: tree.Node) -> DetectionRule:
        detection = structs.replace(rule.detection, condition=node)
        return structs.replace(rule, detection=detection)

    return put


def _put_configuration(
    rule: ConfigurationRule, part: str
) -> Callable[[tree.Node], ConfigurationRule]:
    def put(node: tree.Node) -> ConfigurationRule:
        changed: dict[str, Any] = {part: node}
        block = structs.replace(rule.configuration, **changed)
        return structs.replace(rule, configuration=block)

    return put


def _replaced(node: tree.Node, name: str, selection: tree.Node) -> tree.Node:
    """Copy a condition with another tree for one of its selections."""
    if isinstance(node, tree.Selection):
        return structs.replace(node, node=selection) if node.name == name else node
    children = [_replaced(child, name, selection) for child in tree.children(node)]
    return tree.with_children(node, children)
