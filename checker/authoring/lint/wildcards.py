"""Find texts with Sigma's wildcards, which this dialect compares exactly."""

from __future__ import annotations

from collections.abc import Iterator

from checker.authoring.lint.events import comparisons
from checker.authoring.lint.pins import compared
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.authoring.lint.walk import Where
from checker.conditions import habits, show, tree
from checker.model import DetectionRule

_FREE = ("requestParameters", "responseElements", "additionalEventData", "resources")
"""What callers write may have a `*` of its own, such as the action `s3:*`."""

_FUNCTIONS = ("starts_with", "ends_with", "contains")


def check(subject: Subject) -> Iterator[Problem]:
    """Check every text that a detection compares a field with."""
    if not isinstance(subject.rule, DetectionRule):
        return
    condition = subject.rule.detection.condition
    seen: set[Problem] = set()
    for node, where in comparisons(condition, Where(subject, _CONDITION)):
        for problem in _judged(where, node):
            if problem not in seen:
                seen.add(problem)
                yield problem


_CONDITION = ("detection", "condition")


def _judged(where: Where, node: tree.Node) -> Iterator[Problem]:
    equality = compared(node) or _searched(node)
    if equality is None:
        return
    path, values = equality
    for value in values:
        if isinstance(value, str) and _is_wildcard(path, value):
            yield where.subject.problem(
                "wildcard-in-text",
                f"'{value}' is compared exactly, and * is no wildcard here",
                _instead(path, value),
                at=where.literal(node, value),
            )


def _searched(node: tree.Node) -> tuple[tree.Path, list[object]] | None:
    """Return the field and the text of a call that searches a text for another."""
    match node:
        case tree.Function(name, (tree.Path() as path, tree.Literal(str(text)))):
            return (path, [text]) if name in _FUNCTIONS else None
    return None


def _is_wildcard(path: tree.Path, value: str) -> bool:
    if habits.wildcard(value) is None:
        return False
    return path.names[0] not in _FREE or (value[0] == value[-1] == "*")


def _instead(path: tree.Path, value: str) -> str:
    written = (habits.wildcard(value) or "").replace("FIELD", show(path))
    return f"write a selection of its own: {written}"
