"""Measure whether the cases of a correlation notice a change of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checker.authoring import cases
from checker.authoring.mutants.correlation_variants import Change, Variant, variants
from checker.authoring.mutants.mutation import Survivor
from checker.cases.read import Case
from checker.documents import Document, Path
from checker.errors import TrailcheckError
from checker.model import AnyRule, CorrelationRule

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
    others = [other for other in known if other.name != rule.name]
    first = list(written)
    every: list[str] = []
    alive: list[Survivor] = []
    for mutant in variants(rule):
        every.append(mutant.description)
        killer = _killer(mutant.rule, first, [*others, mutant.rule])
        if killer is None:
            alive.append(_survivor(rule, mutant, document))
        else:
            # Neighbouring mutants are often killed by the same case.
            first.insert(0, first.pop(killer))
    return every, alive


def _killer(
    mutant: CorrelationRule, written: Sequence[Case], known: Sequence[AnyRule]
) -> int | None:
    """Find the first case that comes out otherwise than it should."""
    for position, case in enumerate(written):
        try:
            (result,) = cases.run(mutant, [case], known)
        except (TrailcheckError, ArithmeticError):
            return position
        if not result.passed:
            return position
    return None


def _survivor(rule: CorrelationRule, mutant: Variant, document: Document) -> Survivor:
    key = mutant.change.value
    path: Path = ("correlation", key)
    block = document.value["correlation"]
    line = document.key_position(path)[0] if key in block else rule.line
    return Survivor(mutant.description, line, _HINTS[mutant.change])
