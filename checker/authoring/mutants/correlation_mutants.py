"""Measure whether the cases of a correlation notice a change of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from checker.authoring import cases
from checker.authoring.mutants.correlation_variants import Change, Variant, variants
from checker.authoring.mutants.mutation import Survivor
from checker.cases.read import Case
from checker.documents import Document, Path
from checker.errors import TrailcheckError
from checker.evaluate import correlation
from checker.evaluate.correlation import Signal
from checker.evaluate.detection.detector import Detector
from checker.model import AnyRule, CorrelationRule

# The fields that each base rule carries (`Plan.carried`).
_Fields: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

_HINTS: Mapping[Change, str] = {
    Change.TIMESPAN: "add a case whose events lie exactly that far apart",
    Change.NUMBER: "add a case with exactly that many",
    Change.GROUP: "add a case whose events differ in that field alone",
    Change.BASE: "add a case that needs an event of that rule",
    Change.TYPE: "add a case that the two types judge differently",
}


def survivors(
    rule: CorrelationRule,
    written: Sequence[Case],
    known: Sequence[AnyRule],
    document: Document,
) -> tuple[list[str], list[Survivor]]:
    """Return what the mutants of a rule are called, and those that no case notices.

    `known` has the rules that it builds on, `document` is the rule's own file.  A
    mutant that cannot be run is noticed.
    """
    trials = _Trials(written, _below(rule, known))
    every: list[str] = []
    alive: list[Survivor] = []
    for mutant in variants(rule):
        every.append(mutant.description)
        if not trials.kill(mutant.rule):
            alive.append(_survivor(rule, mutant, document))
    return every, alive


def _below(rule: CorrelationRule, known: Sequence[AnyRule]) -> list[AnyRule]:
    """Return the rules that a correlation builds on; its mutants build on no other."""
    plan = correlation.plan(known, [rule])
    names = {*plan.carried, *(step.rule.name for step in plan.steps)} - {rule.name}
    return [each for each in known if each.name in names]


class _Trials:
    """The cases of a correlation, on which its mutants are tried.

    Most mutants want the same fields of the events: these are evaluated once for each
    set of fields.
    """

    def __init__(self, cases: Sequence[Case], bases: Sequence[AnyRule]) -> None:
        self._cases = cases
        self._bases = bases
        # Neighbouring mutants are often killed by the same case: it goes first.
        self._order = list(range(len(cases)))
        self._detectors: dict[_Fields, Detector] = {}
        self._hits: dict[tuple[_Fields, int], Sequence[Signal]] = {}

    def kill(self, mutant: CorrelationRule) -> bool:
        """Return whether some case comes out otherwise than it should."""
        for number in self._order:
            try:
                passed = self._passes(mutant, number)
            except (TrailcheckError, ArithmeticError):
                passed = False
            if not passed:
                self._order.remove(number)
                self._order.insert(0, number)
                return True
        return False

    def _passes(self, mutant: CorrelationRule, number: int) -> bool:
        plan = correlation.plan([*self._bases, mutant], [mutant])
        fields = tuple(plan.carried.items())
        if fields not in self._detectors:
            self._detectors[fields] = cases.compile_bases(plan, self._bases)
        case = self._cases[number]
        if (fields, number) not in self._hits:
            found = cases.hits(self._detectors[fields], case.events)
            self._hits[fields, number] = found
        return cases.judge(mutant, plan, case, self._hits[fields, number]).passed


def _survivor(rule: CorrelationRule, mutant: Variant, document: Document) -> Survivor:
    key = mutant.change.value
    path: Path = ("correlation", key)
    block = document.value["correlation"]
    line = document.key_position(path)[0] if key in block else rule.line
    return Survivor(mutant.description, line, _HINTS[mutant.change])
