"""Measure whether the cases of a correlation notice a change of it."""

from __future__ import annotations

from collections.abc import Sequence

from checker.authoring import cases
from checker.authoring.mutants.correlation_variants import variants
from checker.authoring.mutants.mutation import Survivor
from checker.cases.read import Case
from checker.documents import Document, Path
from checker.errors import TrailcheckError
from checker.model import AnyRule, CorrelationRule

_PLACES = {
    "timespan": ("timespan", "add a case whose events lie exactly that far apart"),
    "not": ("group-by", "add a case whose events differ in that field alone"),
    "without": ("rules", "add a case that needs an event of that rule"),
    "type": ("type", "add a case that the two types judge differently"),
}
_NUMBER = ("condition", "add a case with exactly that many")


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
    others = [each for each in known if each.name != rule.name]
    first = list(written)
    every: list[str] = []
    alive: list[Survivor] = []
    for said, mutant in variants(rule):
        every.append(said)
        killer = _killer(mutant, first, [*others, mutant])
        if killer is None:
            alive.append(_survivor(rule, said, document))
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


def _survivor(rule: CorrelationRule, said: str, document: Document) -> Survivor:
    key, hint = _PLACES.get(said.split(" ", 1)[0], _NUMBER)
    path: Path = ("correlation", key)
    block = document.value["correlation"]
    line = document.key_position(path)[0] if key in block else rule.line
    return Survivor(said, line, hint)
