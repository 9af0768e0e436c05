"""Check Sigma's rules: what can never hold on CloudTrail.

The checks are those of this project's own rules, on what Sigma's tests nearly say in
plain JMESPath (`conditions.sigma_plain`).  What only tells our habits from others is
left out.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from checker.authoring.lint import events, fields, logic
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import MOST, Problem, Severity
from checker.aws import api_models
from checker.aws.non_api_events import EXTRA_EVENTS
from checker.conditions import tree
from checker.conditions.sigma_plain import plain
from checker.documents import Path
from checker.model import Detection, DetectionRule
from checker.rules.sigma.pack import SigmaRule

NEVER = frozenset(
    {
        "event-source-unknown",
        "event-not-in-service",
        "iam-action-not-event",
        "unknown-field",
        "object-used-as-string",
        "impossible-value",
    }
)
"""Checks that find what can never hold, as far as AWS documents its events."""

_FINE = frozenset({"type-mismatch", "list-without-projection", "masked-value"})
"""Checks of what means something to Sigma: it compares text, and opens arrays."""


@dataclass(frozen=True, slots=True)
class SigmaSubject(Subject):
    """A Sigma rule: its fields are where their keys are, its selections in the text."""

    @property
    def any_case(self) -> bool:
        """Whether the rule compares text in any case."""
        return True

    @property
    def is_sigma(self) -> bool:
        """Whether the rule is written as Sigma has it."""
        return True

    def place(self, text: Path, node: tree.Node) -> tuple[int, int]:
        """Return the line and column of a node."""
        for each in tree.walk(node):
            if isinstance(each, tree.Selection):
                return self.document.offset_position(_CONDITION, each.offset)
            if isinstance(each, tree.Path) and each.offset:
                return self.document.place_of(each.offset)
        return self.document.position(text)

    def literal(self, text: Path, node: tree.Node, value: object) -> tuple[int, int]:
        """Return the place of a value of a field: in a list, the entry's own."""
        at = self.place(text, node)
        for path, position in self.document.keys.items():
            if position == at:
                written = self.document.at(path)
                if isinstance(written, list) and value in written:
                    return self.document.position((*path, written.index(value)))
                return self.document.position(path)
        return at


_CONDITION = ("detection", "condition")


def subject_of(rule: SigmaRule) -> SigmaSubject:
    """Return a rule as the checks want it: its conditions in plain JMESPath."""
    if not isinstance(rule.rule, DetectionRule):
        return SigmaSubject(rule.rule, rule.document)
    block = rule.rule.detection
    selections = {name: _spelled(node) for name, node in block.selections.items()}
    lowered = Detection(selections, _spelled(block.condition))
    return SigmaSubject(structs.replace(rule.rule, detection=lowered), rule.document)


def _spelled(node: tree.Node) -> tree.Node:
    """Return a condition in plain JMESPath, with event kinds as AWS spells them."""
    return _respelled(plain(node))


def _respelled(node: tree.Node) -> tree.Node:
    match node:
        case tree.Comparator(_, tree.Path((field,)), tree.Literal(str(name))) if (
            field in SPELLINGS
        ):
            return structs.replace(node, right=tree.Literal(SPELLINGS[field](name)))
        case tree.Function(
            "one_of", (tree.Path((field,)) as path, tree.Literal(list(names)))
        ) if field in SPELLINGS:
            literal = tree.Literal([SPELLINGS[field](str(name)) for name in names])
            return structs.replace(node, arguments=(path, literal))
    below = [_respelled(child) for child in tree.children(node)]
    return tree.with_children(node, below)


def spelling(name: str) -> str:
    """Return the name of an event as AWS spells it, if it is one."""
    found = _names().get(name.lower(), (name,))
    return name if name in found else found[0]


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "eventName": spelling,
    "eventSource": str.lower,
    "awsRegion": str.lower,
}
"""How AWS spells the values of fields that Sigma compares in any case."""


@functools.cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Return every name of an event by the name in lower case."""
    found: dict[str, tuple[str, ...]] = {}
    for name in (*api_models.owners(), *itertools.chain(*EXTRA_EVENTS.values())):
        lower = name.lower()
        found[lower] = (*found.get(lower, ()), name)
    return found


def check(subject: SigmaSubject) -> Iterator[Problem]:
    """Run the checks on one rule; of each kind, no more than anybody reads."""
    if not isinstance(subject.rule, DetectionRule):
        return
    for module in (events, fields, logic):
        found = (each for each in module.check(subject) if each.check not in _FINE)
        yield from itertools.islice(found, MOST)


def never(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Yield the problems of what can surely never hold.

    A parameter that no API model has may be newer than the models.
    """
    for problem in problems:
        unsure = problem.check == "unknown-field" and problem.severity < Severity.ERROR
        if problem.check in NEVER and not unsure:
            yield problem
