"""Collect the problems of what a rule reads, and compares it with."""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.authoring.lint.problem import MOST, Problem, Severity
from checker.authoring.lint.walk import Where
from checker.conditions import tree


@dataclass(frozen=True, slots=True)
class Found:
    """The problems of one rule so far, each once."""

    problems: dict[Problem, None] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Return whether a rule is told of no more."""
        return len(self.problems) >= MOST

    def add(  # noqa: PLR0913 - what a problem is made from
        self,
        where: Where,
        check: str,
        message: str,
        fix: str,
        *,
        node: tree.Node | None = None,
        at: tuple[int, int] | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Add a problem at a node, at a line and column, or at the rule's beginning."""
        place = at or (where.place(node) if node else (1, 1))
        found = where.subject.problem(check, message, fix, at=place, severity=severity)
        self.problems.setdefault(found)
