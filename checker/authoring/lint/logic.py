"""Find conditions, and parts of them, that decide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.authoring.lint.solver import Solver
from checker.authoring.lint.walk import Where
from checker.conditions import parameters, show, tree, used
from checker.documents import Path
from checker.model import AnyRule, ConfigurationRule, DetectionRule
from checker.rules.sigma.selections import NOT_SELECTIONS


def check(subject: Subject) -> Iterator[Problem]:
    """Find what always holds, never holds, follows from the rest, or is not used."""
    for path, condition in _conditions(subject.rule):
        where = Where(subject, path)
        solver = Solver()
        if not solver.possible(condition):
            yield _at(where, condition, "always-false", _NEVER, _why(condition))
        elif not solver.possible(tree.Not(condition)):
            yield _at(where, condition, "always-true", _ALWAYS, "take it away")
        else:
            yield from _parts(where, condition, solver, ())
    if isinstance(subject.rule, DetectionRule):
        yield from _unused(subject, subject.rule.detection.condition)


_NEVER = "the condition can never hold"
_ALWAYS = "the condition always holds"


def _conditions(rule: AnyRule) -> Iterator[tuple[Path, tree.Node]]:
    if isinstance(rule, DetectionRule):
        # What a parameter is by default says nothing of what it can be.
        condition = rule.detection.condition
        if rule.parameters:
            condition = parameters.opened(condition)
        yield ("detection", "condition"), condition
    elif isinstance(rule, ConfigurationRule):
        block = rule.configuration
        yield ("configuration", "condition"), parameters.opened(block.condition)
        if block.applies:
            yield ("configuration", "applies"), parameters.opened(block.applies)


def _parts(
    where: Where, node: tree.Node, solver: Solver, given: tuple[tree.Node, ...]
) -> Iterator[Problem]:
    """Evaluate each operand of each `&&` and `||`, given what stands beside it."""
    match node:
        case tree.Selection(name, inner):
            block = where.subject.document.value.get("detection", {})
            if where.anchor is None and name in block:
                where = replace(where, text=("detection", name))
            else:
                where = replace(where, anchor=where.anchor or node)
            yield from _parts(where, inner, solver, given)
        case tree.Not(operand):
            # Inside a negation the rest is judged for itself.
            yield from _parts(where, operand, solver, ())
        case tree.And(operands):
            yield from _and(where, operands, solver, given)
        case tree.Or(operands):
            yield from _or(where, operands, solver, given)


def _and(
    where: Where,
    operands: tuple[tree.Node, ...],
    solver: Solver,
    given: tuple[tree.Node, ...],
) -> Iterator[Problem]:
    dropped: set[int] = set()
    for number, operand in reversed(list(enumerate(operands))):
        if solver.is_spent:
            return
        others = [x for n, x in enumerate(operands) if n != number and n not in dropped]
        if not solver.possible(tree.Not(operand)):
            dropped.add(number)
            message = f"{_text(operand)} always holds"
            yield _at(where, operand, "always-true", message, "take it away")
        elif not solver.possible(*others, tree.Not(operand)):
            dropped.add(number)
            message = f"{_text(operand)} follows from the clauses beside it"
            yield _at(where, operand, "redundant-clause", message, "take it away")
        else:
            context = (*given, *others)
            yield from _parts(where, operand, solver, context)


def _or(
    where: Where,
    operands: tuple[tree.Node, ...],
    solver: Solver,
    given: tuple[tree.Node, ...],
) -> Iterator[Problem]:
    dropped: set[int] = set()
    for number, operand in reversed(list(enumerate(operands))):
        if solver.is_spent:
            return
        others = [x for n, x in enumerate(operands) if n != number and n not in dropped]
        if not solver.possible(*given, operand):
            dropped.add(number)
            message = f"{_text(operand)} can never hold here"
            fix = _why(operand) if not given else "it contradicts the clauses beside it"
            yield _at(where, operand, "always-false", message, fix)
        elif others and not solver.possible(operand, *map(tree.Not, others)):
            dropped.add(number)
            message = f"{_text(operand)} adds nothing to the alternatives beside it"
            yield _at(where, operand, "redundant-clause", message, "take it away")
        else:
            yield from _parts(where, operand, solver, given)


def _unused(subject: Subject, condition: tree.Node) -> Iterator[Problem]:
    block = subject.document.value["detection"]
    names = {*used(condition), *getattr(subject.rule, "lowered_by", ())}
    operator = "and" if subject.is_sigma else "&&"
    for name in block:
        if name != "condition" and name not in names and not _left_out(subject, name):
            yield subject.problem(
                "selection-unused",
                f"the condition never uses the selection '{name}'",
                f"name it in the condition, or take it away: … {operator} {name}",
                at=subject.document.key_position(("detection", name)),
            )


def _left_out(subject: Subject, name: str) -> bool:
    """Return whether a key of Sigma's block is no selection, or is not to be used.

    A name that begins with `_` is how Sigma leaves a selection out of `them`.
    https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md#condition
    """
    return subject.is_sigma and (name in NOT_SELECTIONS or name.startswith("_"))


def _why(node: tree.Node) -> str:
    """Name the commonest reason."""
    equalities: dict[tree.Node, set[str]] = {}
    for each in tree.walk(node):
        match each:
            case tree.Comparator("==", left, tree.Literal() as right):
                equalities.setdefault(left, set()).add(right.text)
    for left, values in equalities.items():
        if len(values) > 1:
            return f"{show(left)} cannot be two values at once: one_of({show(left)}, …)"
    return "look for clauses that contradict each other"


def _text(node: tree.Node) -> str:
    shown = show(node)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def _at(
    where: Where, node: tree.Node, check_name: str, message: str, fix: str
) -> Problem:
    return where.subject.problem(check_name, message, fix, at=where.place(node))
