"""Read Sigma's filters, and put them into the conditions of the rules they are for.

A filter's condition is joined with the rule's as it is written: one that is to leave
events out says `not selection`.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-filters-specification.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import structs

from checker.conditions import tree
from checker.documents import Document
from checker.errors import DocumentError
from checker.model import Detection
from checker.rules.sigma import detections, metadata
from checker.rules.sigma.fields import joined_by

_BLOCK = ("filter",)


class Filter(msgspec.Struct, frozen=True):
    """A filter: its condition, and the rules that it names; None means every rule."""

    title: str
    document: Document
    condition: tree.Node
    references: tuple[str, ...] | None
    logsource: Mapping[str, Any]

    @property
    def narrows(self) -> bool:
        """Whether the condition keeps what it names: it has no `not`."""
        return not any(isinstance(each, tree.Not) for each in tree.walk(self.condition))


def read(document: Document, problems: list[DocumentError]) -> Filter | None:
    """Read a filter; None, and mistakes in `problems`, where it is wrong."""
    detection = detections.read(document, _BLOCK, problems, "rules")
    if detection is None:
        return None
    title = str(document.value.get("title") or "filter")
    given = document.value["filter"].get("rules")
    named = given if isinstance(given, list) else [given] if given else []
    every = not named or given == "any"
    name = metadata.slug(title)
    return Filter(
        title=title,
        document=document,
        condition=tree.Selection(name, _renamed(detection.condition, name)),
        references=None if every else tuple(map(str, named)),
        logsource=document.value.get("logsource") or {},
    )


def applied(detection: Detection, filter_: Filter) -> Detection:
    """Return a detection with the condition of a filter joined to its own."""
    condition = joined_by(tree.And, [detection.condition, filter_.condition])
    assert isinstance(filter_.condition, tree.Selection)
    added = {filter_.condition.name: filter_.condition.node}
    return Detection({**detection.selections, **added}, condition)


def _renamed(node: tree.Node, prefix: str) -> tree.Node:
    """Copy a condition with the filter's name before those of its selections."""
    if isinstance(node, tree.Selection):
        return structs.replace(node, name=f"{prefix}_{node.name}")
    return tree.with_children(
        node, [_renamed(child, prefix) for child in tree.children(node)]
    )
