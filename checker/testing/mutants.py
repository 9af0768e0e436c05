"""This module measures what the cases of a rule are worth: do they notice a change?

A mutant is the rule with one small change in its tree (`variants`).  The cases kill it
when one of them comes out otherwise than with the rule itself.  A mutant that survives
shows a clause that no case needs, or a case that nobody wrote.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from checker import conditions, documents, rules
from checker.conditions import tree
from checker.conditions.settings import SETTINGS
from checker.documents import Document
from checker.errors import DocumentError, RulesError
from checker.evaluate import configuration
from checker.model import ConfigurationRule, DetectionRule, Status
from checker.reports.segments import visible
from checker.sources import snapshots
from checker.testing import cases, hints
from checker.testing.cases import Case
from checker.testing.variants import variants, with_children


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one change; `description` names it within the rule, for good."""

    part: str
    description: str
    rule: Mutable


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no case tells from the rule, and the smallest hint of one."""

    description: str
    line: int
    hint: str


@dataclass(frozen=True, slots=True)
class MutantResult:
    """What became of the mutants of one rule; `equivalent` counts the excluded ones."""

    rule: str
    path: str
    mutants: int
    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]


Mutable: TypeAlias = DetectionRule | ConfigurationRule
Judge: TypeAlias = Callable[[Any], bool | frozenset[Status]]


def run_mutants(paths: Iterable[str | Path] = ()) -> list[MutantResult]:
    """Mutate rules and run their cases; the shipped pack when no path is given.

    Raises `RulesError` when a rule or cases file is wrong, or excludes a mutant that
    does not exist or is killed.
    """
    problems: list[DocumentError] = []
    results: list[MutantResult] = []
    chosen = list(paths)
    by_path = {rule.path: rule for rule in rules.load(chosen)}
    for rule_file in rules.find(chosen):
        rule = by_path[rule_file.path]
        if not isinstance(rule, DetectionRule | ConfigurationRule):
            continue
        document = cases.read(rule_file, problems)
        if document is None:
            continue
        written = cases.of(document, rule_file, problems)
        lines = _lines(rule, rules.load_document(rule_file))
        results.append(_result(rule, written, document, lines, problems))
    if problems:
        raise RulesError(problems)
    return results


def describe_mutants(results: Iterable[MutantResult]) -> Iterator[str]:
    """Yield the lines that say which mutants survived, where, and the score."""
    total = killed = excluded = count = 0
    for result in results:
        count += 1
        total += result.mutants
        killed += result.killed
        excluded += result.equivalent
        for survivor in result.survivors:
            yield visible(f"{result.path}:{survivor.line}: {survivor.description}")
            yield visible(f"    {survivor.hint}")
    wanted = total - excluded
    score = 100 * killed / wanted if wanted else 100
    # Rounded down: 100 % is for a pack of which no mutant survives.
    yield (
        f"{killed} of {wanted} mutants of {count} rules are killed: "
        f"{math.floor(score * 10) / 10:g} % ({excluded} excluded as equivalent)"
    )


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
        detection = dataclasses.replace(
            rule.detection, selections=selections, condition=condition
        )
        return dataclasses.replace(rule, detection=detection)

    return put


def _put_detection(rule: DetectionRule) -> Callable[[tree.Node], DetectionRule]:
    def put(node: tree.Node) -> DetectionRule:
        detection = dataclasses.replace(rule.detection, condition=node)
        return dataclasses.replace(rule, detection=detection)

    return put


def _put_configuration(
    rule: ConfigurationRule, part: str
) -> Callable[[tree.Node], ConfigurationRule]:
    def put(node: tree.Node) -> ConfigurationRule:
        changed: dict[str, Any] = {part: node}
        block = dataclasses.replace(rule.configuration, **changed)
        return dataclasses.replace(rule, configuration=block)

    return put


def _replaced(node: tree.Node, name: str, selection: tree.Node) -> tree.Node:
    """Copy a condition with another tree for one of its selections."""
    if isinstance(node, tree.Selection):
        return dataclasses.replace(node, node=selection) if node.name == name else node
    children = [_replaced(child, name, selection) for child in tree.children(node)]
    return with_children(node, children)


def judge(rule: Mutable) -> Judge:
    """Give the function that says what a rule makes of a case's subject.

    The subject is an event, or a settled snapshot; the answer is whether the rule
    holds, or the outcomes on the resources.
    """
    if isinstance(rule, DetectionRule):
        test = conditions.closure(rule.detection.condition)
        return lambda event: conditions.holds(test(event))

    def outcomes(snapshot: Any) -> frozenset[Status]:
        return frozenset(each.status for each in configuration.evaluate(rule, snapshot))

    return outcomes


def _settled(rule: Mutable, written: Sequence[Case]) -> list[Case]:
    if isinstance(rule, DetectionRule):
        return list(written)
    return [
        dataclasses.replace(case, subject=snapshots.settle(dict(case.subject)))
        for case in written
    ]


def _result(
    rule: Mutable,
    written: Sequence[Case],
    document: Document,
    lines: Mapping[str, int],
    problems: list[DocumentError],
) -> MutantResult:
    settled = _settled(rule, written)
    expected = [_verdict(judge(rule), case) for case in settled]
    excluded = _excluded(document)
    every: list[str] = []
    alive: list[Mutant] = []
    for mutant in mutants(rule):
        every.append(mutant.description)
        if _survives(mutant, settled, expected):
            alive.append(mutant)
    for description, path in excluded.items():
        if not any(mutant.description == description for mutant in alive):
            problems.append(_needless(document, path, description, every))
    survivors = [each for each in alive if each.description not in excluded]
    return MutantResult(
        rule=rule.name,
        path=rule.path,
        mutants=len(every),
        killed=len(every) - len(alive),
        equivalent=len(alive) - len(survivors),
        survivors=tuple(
            Survivor(
                description=mutant.description,
                line=lines.get(mutant.part, rule.line),
                hint=hints.hint(rule, mutant.rule, settled, judge),
            )
            for mutant in survivors
        ),
    )


def _survives(mutant: Mutant, settled: list[Case], expected: list[bool | None]) -> bool:
    """Tell whether every case comes out as with the rule; the killer goes first."""
    verdict = judge(mutant.rule)
    for position, case in enumerate(settled):
        if _verdict(verdict, case) is not expected[position]:
            # Neighbouring mutants are often killed by the same case.
            settled.insert(0, settled.pop(position))
            expected.insert(0, expected.pop(position))
            return False
    return True


def _verdict(verdict: Judge, case: Case) -> bool | None:
    """Tell whether a case passes; None where a mutant asks what cannot be asked."""
    try:
        found = verdict(case.subject)
    except Exception:  # noqa: BLE001 - to break is another result than the rule's
        return None
    if isinstance(found, frozenset):
        return cases.as_expected(case, found)
    return found is case.match


def _excluded(document: Document) -> dict[str, tuple[str, int]]:
    """Give the mutants that a cases file calls equivalent, with where it does."""
    entries = document.value.get("equivalent", ())
    return {
        entry["mutant"]: ("equivalent", index) for index, entry in enumerate(entries)
    }


def _needless(
    document: Document,
    path: tuple[str, int],
    description: str,
    every: Sequence[str],
) -> DocumentError:
    if description in every:
        message = f"the cases kill the mutant '{description}': take it off the list"
    else:
        hint = documents.nearest(description, every)
        message = f"the rule has no mutant '{description}'{hint}"
    return document.error(message, (*path, "mutant"))


def _lines(rule: Mutable, document: Document) -> dict[str, int]:
    """Give the line of each part of a rule in its file."""
    block = "detection" if isinstance(rule, DetectionRule) else "configuration"
    return {
        name: document.key_position((block, name))[0] for name in document.value[block]
    }
