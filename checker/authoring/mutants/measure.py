"""Measure what the cases of a rule are worth: do they notice a change?

A mutant is the rule with one small change in its tree (`variants`), or in the block of
a correlation (`correlation_variants`).  The cases kill it
when one of them comes out otherwise than with the rule itself.  A mutant that survives
shows a clause that no case needs, or a case that is missing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from checker import conditions, documents, rules
from checker.authoring import cases
from checker.authoring.mutants import correlation_mutants, hints
from checker.authoring.mutants.mutation import Mutable, Mutant, Survivor, mutants
from checker.cases import read
from checker.cases.read import Case
from checker.conditions.parts import uses_sigma
from checker.documents import Document
from checker.errors import DocumentError, RulesError
from checker.evaluate.configuration import evaluate
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Status,
)
from checker.reports.segments import visible
from checker.rules import NONE, Placeholders, RuleFile
from checker.rules.files import SELECTIONS, shared_document
from checker.sources.settings import snapshot as snapshots


@dataclass(frozen=True, slots=True)
class MutantResult:
    """What became of the mutants of one rule; `equivalent` counts the excluded ones."""

    rule: str
    path: str
    mutants: int
    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]


# So many survivors of a rule get a long search for a hint, the others a short one.
_THOROUGH = 10

Alive = TypeVar("Alive", Mutant, Survivor)
Judge: TypeAlias = Callable[[Any], bool | frozenset[Status]]


def run_mutants(
    paths: Iterable[str | Path] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    placeholders: Placeholders = NONE,
) -> list[MutantResult]:
    """Mutate rules and run their cases; the shipped pack when no path is given.

    `select` and `ignore` are as in `rules.choose`; with them, selections that rules
    share are not measured, for the cases of the other rules may kill their mutants.
    `placeholders` are as in `rules.load`.
    Raises `RulesError` when a rule or cases file is wrong, or excludes a mutant that
    does not exist or is killed.
    """
    problems: list[DocumentError] = []
    results: list[MutantResult] = []
    chosen = list(paths)
    users: list[tuple[RuleFile, _Trial]] = []
    loaded = rules.load(chosen, placeholders)
    known = [*rules.bases(loaded), *loaded]
    wanted = rules.choose(loaded, select, ignore)
    for rule_file, rule in rules.located(chosen, wanted):
        if rule.path != rule_file.path or (
            isinstance(rule, DetectionRule)
            and uses_sigma(rule.detection.condition)
            and rules.sigma_files([rule_file])
        ):
            continue  # Sigma's rules are not ours to measure
        document = read.read(rule_file, problems)
        if document is None:
            continue
        if isinstance(rule, CorrelationRule):
            written = read.of(document, rule_file, problems)
            text = rules.load_document(rule_file)
            results.append(_correlation(rule, written, known, text, document, problems))
            continue
        trial = _trial(rule, read.of(document, rule_file, problems))
        lines = _lines(rule, rules.load_document(rule_file))
        results.append(_result(trial, document, lines, problems))
        if isinstance(rule, DetectionRule) and not lines.keys() >= {
            *rule.detection.selections
        }:
            users.append((rule_file, trial))
    if problems:
        raise RulesError(problems)
    if not (select or ignore):
        results.extend(_shared_results(users))
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
        f"{killed} of {wanted} mutants of {count} rule{'s' * (count != 1)} are killed: "
        f"{math.floor(score * 10) / 10:g} % ({excluded} excluded as equivalent)"
    )


def judge(rule: Mutable) -> Judge:
    """Return the function that says what a rule makes of a case's subject.

    The subject is an event, or a settled snapshot; the answer is whether the rule
    holds, or the outcomes on the resources.
    """
    if isinstance(rule, DetectionRule):
        test = conditions.closure(rule.detection.condition)
        return lambda event: conditions.holds(test(event))

    def outcomes(snapshot: Any) -> frozenset[Status]:
        return frozenset(each.status for each in evaluate.evaluate(rule, snapshot))

    return outcomes


@dataclass(frozen=True, slots=True)
class _Trial:
    """A rule with its cases, settled, and how each comes out with the rule itself.

    The two lists are kept in step, and in the order in which they kill best.
    """

    rule: Mutable
    cases: list[Case]
    expected: list[bool | None]
    in_order: tuple[Case, ...]

    def survivors(
        self, alive: Sequence[Mutant], lines: Mapping[str, int]
    ) -> Iterator[Survivor]:
        """Yield what is said of the mutants that no case kills."""
        # A case that sets a parameter itself says nothing of its default.
        plain = [case for case in self.in_order if not case.parameters]
        for index, each in enumerate(alive):
            hint = hints.hint(
                self.rule,
                each.rule,
                plain,
                judge,
                thorough=index < _THOROUGH,
            )
            yield Survivor(each.description, lines.get(each.part, self.rule.line), hint)


def _trial(rule: Mutable, written: Sequence[Case]) -> _Trial:
    settled = list(written)
    if isinstance(rule, ConfigurationRule):
        settled = [
            dataclasses.replace(case, subject=snapshots.settle(dict(case.subject)))
            for case in written
        ]
    expected = [_verdict(rule, judge(rule), case) for case in settled]
    return _Trial(rule, settled, expected, tuple(settled))


def _result(
    trial: _Trial,
    document: Document,
    lines: Mapping[str, int],
    problems: list[DocumentError],
) -> MutantResult:
    rule = trial.rule
    every: list[str] = []
    alive: list[Mutant] = []
    for mutant in mutants(rule):
        if mutant.part not in lines:
            # A shared selection: all the rules that use it test it together.
            continue
        every.append(mutant.description)
        if _survives(mutant, trial):
            alive.append(mutant)
    kept = _not_excluded(alive, every, document, problems)
    return MutantResult(
        rule=rule.name,
        path=rule.path,
        mutants=len(every),
        killed=len(every) - len(alive),
        equivalent=len(alive) - len(kept),
        survivors=tuple(trial.survivors(kept, lines)),
    )


def _correlation(  # noqa: PLR0913, PLR0917 - a rule, its files and its world
    rule: CorrelationRule,
    written: Sequence[Case],
    known: Sequence[AnyRule],
    text: Document,
    document: Document,
    problems: list[DocumentError],
) -> MutantResult:
    every, alive = correlation_mutants.survivors(rule, written, known, text)
    kept = _not_excluded(alive, every, document, problems)
    return MutantResult(
        rule=rule.name,
        path=rule.path,
        mutants=len(every),
        killed=len(every) - len(alive),
        equivalent=len(alive) - len(kept),
        survivors=tuple(kept),
    )


def _shared_results(users: Sequence[tuple[RuleFile, _Trial]]) -> list[MutantResult]:
    """Measure the selections that rules share, where their folder was asked for."""
    files: dict[str, Document] = {}
    trials: dict[str, list[_Trial]] = {}
    for rule_file, trial in users:
        document = shared_document(rule_file)
        if document and (rule_file.root / SELECTIONS).is_file():
            files[document.path] = document
            trials.setdefault(document.path, []).append(trial)
    return [_shared_result(files[path], trials[path]) for path in files]


def _shared_result(document: Document, trials: Sequence[_Trial]) -> MutantResult:
    alive: dict[str, tuple[_Trial, Mutant]] = {}
    dead: set[str] = set()
    for trial in trials:
        for mutant in mutants(trial.rule):
            if mutant.part in document.value and mutant.description not in dead:
                if _survives(mutant, trial):
                    alive.setdefault(mutant.description, (trial, mutant))
                else:
                    dead.add(mutant.description)
    lines = {name: document.key_position((name,))[0] for name in document.value}
    return MutantResult(
        rule="selections",
        path=document.path,
        mutants=len(dead | alive.keys()),
        killed=len(dead),
        equivalent=0,
        survivors=tuple(
            dataclasses.replace(
                survivor,
                hint=f"in the cases of {trial.rule.name}, say: {survivor.hint}",
            )
            for description, (trial, mutant) in alive.items()
            if description not in dead
            for survivor in trial.survivors([mutant], lines)
        ),
    )


def _survives(mutant: Mutant, trial: _Trial) -> bool:
    """Return whether every case comes out as with the rule; the killer goes first."""
    verdict = judge(mutant.rule)
    for position, case in enumerate(trial.cases):
        if _verdict(mutant.rule, verdict, case) is not trial.expected[position]:
            # Neighbouring mutants are often killed by the same case.
            trial.cases.insert(0, trial.cases.pop(position))
            trial.expected.insert(0, trial.expected.pop(position))
            return False
    return True


def _verdict(rule: Mutable, verdict: Judge, case: Case) -> bool | None:
    """Return whether a case passes; None where a mutant asks what cannot be asked."""
    try:
        if case.parameters:
            verdict = judge(cases.as_set(rule, case))
        found = verdict(case.subject)
    except Exception:  # noqa: BLE001 - to break is another result than the rule's
        return None
    if isinstance(found, frozenset):
        return cases.as_expected(case, found)
    return found is case.match


def _not_excluded(
    alive: Sequence[Alive],
    every: Sequence[str],
    document: Document,
    problems: list[DocumentError],
) -> list[Alive]:
    """Return the survivors that a cases file does not call equivalent.

    An entry that excludes no survivor is a problem.
    """
    excluded = set()
    for index, entry in enumerate(document.value.get("equivalent", ())):
        description = entry["mutant"]
        excluded.add(description)
        if not any(each.description == description for each in alive):
            path = ("equivalent", index)
            problems.append(_needless(document, path, description, every))
    return [each for each in alive if each.description not in excluded]


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
    """Return the line of each part of a rule in its file."""
    block = "detection" if isinstance(rule, DetectionRule) else "configuration"
    return {
        name: document.key_position((block, name))[0] for name in document.value[block]
    }
