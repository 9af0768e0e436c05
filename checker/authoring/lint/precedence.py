"""Check which rules report nothing where others report (`instead_of`).

The positive cases of every detection are judged by all of them together: no event may
be reported twice, and what a rule says that it stands in for must hold beside it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs

from checker import documents, rules
from checker.authoring.cases import as_batch
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.authoring.lint.solver import Solver
from checker.cases import read as cases
from checker.conditions import parameters
from checker.evaluate.detection import detector, precedence
from checker.model import AnyRule, DetectionRule, Level
from checker.rules import RuleFile
from checker.rules.precedence import circles

_AT_ONCE = 500
"""Cases that are judged together."""


def check(subjects: Sequence[tuple[RuleFile, Subject]]) -> Iterator[Problem]:
    """Find precedence that cannot be, or never comes about, and where it lacks."""
    by_name = {subject.rule.name: subject for _, subject in subjects}
    known = {name: subject.rule for name, subject in by_name.items()}
    naming = [subject for subject in by_name.values() if _names(subject.rule)]
    if any(name not in known for subject in naming for name in _names(subject.rule)):
        known = {**rules.shipped(), **known}
    for subject in naming:
        yield from _declared(subject, known)
    for error in circles(known.values()):
        found = [each for each in naming if each.rule.path == error.path]
        for subject in found:
            yield subject.problem(
                "precedence-circle", error.message, at=_at(subject, 0)
            )
    beside = _Beside(subjects)
    for subject in by_name.values():
        yield from beside.twice(subject)


def _names(rule: AnyRule) -> tuple[str, ...]:
    return rule.instead_of if isinstance(rule, DetectionRule) else ()


def _at(subject: Subject, index: int) -> tuple[int, int]:
    return subject.document.position(("instead_of", index))


def _declared(subject: Subject, known: Mapping[str, AnyRule]) -> Iterator[Problem]:
    """Check what a rule names: a detection that is not more severe."""
    rule = subject.rule
    assert isinstance(rule, DetectionRule)
    for index, name in enumerate(rule.instead_of):
        other = known.get(name)
        if not isinstance(other, DetectionRule):
            hint = documents.nearest(name, sorted(known))
            message = f"'{name}' under instead_of is not a detection that is here{hint}"
            fix = "lint the folder that holds it too, or fix the name"
            yield subject.problem(
                "precedence-unknown", message, fix, at=_at(subject, index)
            )
        elif not precedence.stands_in(rule, other):
            yield subject.problem(
                "precedence-level",
                f"{name} is {other.level.value}, and a finding of this rule may be "
                "less severe: it does not replace that",
                "raise the level of this rule, or name it in the other one",
                at=_at(subject, index),
            )
        elif not _together(rule, other):
            yield subject.problem(
                "precedence-unused",
                f"no event satisfies both this rule and {name}",
                "take the name away",
                at=_at(subject, index),
            )


def _together(rule: DetectionRule, other: DetectionRule) -> bool:
    """Return whether two rules can hold on one event."""
    return Solver().possible(
        parameters.opened(rule.detection.condition),
        parameters.opened(other.detection.condition),
    )


class _Beside:
    """Which rules hold beside each other on the positive cases of all."""

    def __init__(self, subjects: Sequence[tuple[RuleFile, Subject]]) -> None:
        """Evaluate the cases of all detections, some hundreds at once."""
        self._cases: list[tuple[str, cases.Case]] = []
        for rule_file, subject in subjects:
            if isinstance(subject.rule, DetectionRule):
                found = cases.of_rule(rule_file, [])
                self._cases += [(subject.rule.name, x) for x in found if x.match]
        self._holding = [frozenset[str]()] * len(self._cases)
        chosen = [subject.rule for _, subject in subjects]
        self._rules = [each for each in chosen if isinstance(each, DetectionRule)]
        self._judge()

    def _judge(self) -> None:
        plain = [structs.replace(each, instead_of=()) for each in self._rules]
        compiled = detector.compile_rules(plain)
        for start in range(0, len(self._cases), _AT_ONCE):
            some = self._cases[start : start + _AT_ONCE]
            found = detector.evaluate(
                compiled, as_batch([dict(case.subject) for _, case in some])
            )
            holding: list[set[str]] = [set() for _ in some]
            for match in found.matches:
                holding[match.place[1]].add(match.rule)
            self._holding[start : start + len(some)] = map(frozenset, holding)

    def twice(self, subject: Subject) -> Iterator[Problem]:
        """Find cases of a rule that it and another one report."""
        name = subject.rule.name
        reported: set[str] = set()
        for (owner, case), holding in zip(self._cases, self._holding, strict=True):
            if owner != name:
                continue
            left = self._reporting(holding)
            if name not in left:
                continue
            for other in sorted(left - {name} - reported):
                reported.add(other)
                yield subject.problem(
                    "reported-twice",
                    f"{other} reports the case '{case.name}', too",
                    "name the one that says less under instead_of of the other, or "
                    "make them exclude each other",
                    at=subject.document.key_position(("title",)),
                )

    def _reporting(self, holding: frozenset[str]) -> set[str]:
        places = [n for n, rule in enumerate(self._rules) if rule.name in holding]
        silent = precedence.replaced(self._precedence, places)
        return {
            self._rules[n].name
            for n in places
            if n not in silent and self._rules[n].level > Level.INFORMATIONAL
        }

    @functools.cached_property
    def _precedence(self) -> precedence.Precedence:
        return precedence.table(self._rules, ())
