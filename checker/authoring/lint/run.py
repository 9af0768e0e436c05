"""Read every rule file, runs the checks, and honours suppressions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from checker import documents, rules
from checker.authoring.lint import (
    attack,
    completeness,
    disguises,
    events,
    fields,
    folder,
    logic,
    metadata,
    pitfalls,
    precedence,
    sigma,
    wildcards,
)
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import CHECKS, MOST, Problem, Severity
from checker.documents import Document
from checker.errors import DocumentError
from checker.model import AnyRule
from checker.rules import NONE, Placeholders, RuleFile, correlation
from checker.rules.build import Shared
from checker.rules.sigma import pack
from checker.rules.sigma.recognize import may_be_either


def lint(
    paths: Iterable[str | Path] = (), placeholders: Placeholders = NONE
) -> list[Problem]:
    """Lint the rules of some folders or files; the shipped pack when none is given.

    `placeholders` are as in `rules.load`.
    A file that cannot be loaded is a problem and stops nothing.  Problems come by file,
    line and column.  Raises `UsageError` for a path that does not exist.
    """
    found: list[Problem] = []
    subjects: list[Subject] = []
    files: list[RuleFile] = []
    everything = rules.find(paths)
    of_sigma = rules.sigma_files(everything)
    others = [each for each in everything if each not in of_sigma]
    for rule_file, shared in _with_shared(others, found):
        document, rule, mistakes = _read(rule_file, shared)
        found.extend(_mistakes(document, mistakes))
        if rule is not None:
            subjects.append(Subject(rule, document))
            files.append(rule_file)
    for rule_file, subject in zip(files, subjects, strict=True):
        found.extend(check_rule(subject))
        found.extend(completeness.check_cases(rule_file, subject))
    found.extend(
        _of_sigma(of_sigma, [subject.rule for subject in subjects], placeholders)
    )
    found.extend(_unclear(of_sigma, subjects, files))
    found.extend(folder.check(subjects))
    with_files = list(zip(files, subjects, strict=True))
    found.extend(precedence.check(with_files))
    found.extend(disguises.check(with_files))
    kept = _suppressed(found, subjects)
    return sorted(set(kept), key=_order)


def lint_text(rule_file: RuleFile) -> list[Problem]:
    """Lint one rule alone, as an editor has it; nothing for a rule of Sigma's."""
    if rules.sigma_files([rule_file]):
        return []
    found: list[Problem] = []
    mistakes: list[DocumentError] = []
    shared = rules.read_shared(rule_file, mistakes)
    document, rule, own = _read(rule_file, shared)
    found.extend(_mistakes(document, [*mistakes, *own]))
    subjects = [Subject(rule, document)] if rule is not None else []
    for subject in subjects:
        found.extend(check_rule(subject))
        found.extend(completeness.check_cases(rule_file, subject))
    return sorted(set(_suppressed(found, subjects)), key=_order)


def _of_sigma(
    files: Sequence[RuleFile], others: Sequence[AnyRule], placeholders: Placeholders
) -> Iterator[Problem]:
    """Check Sigma's files, with what could not be loaded of them."""
    read = pack.read(files, others, placeholders)
    yield from map(_mistake, read.problems)
    for doubt in read.warnings:
        yield Problem(
            "sigma-doubtful",
            Severity.WARNING,
            doubt.path,
            doubt.line,
            doubt.column,
            doubt.message,
        )
    of_files = [rule.rule for rule in read.rules]
    shipped = rules.bases([*of_files, *others])
    for mistake in correlation.dangling(of_files, [*shipped, *others]):
        yield replace(_mistake(mistake), check="rule-unknown")
    for rule in read.rules:
        yield from sigma.check(sigma.subject_of(rule))


def _unclear(
    of_sigma: Sequence[RuleFile], subjects: Iterable[Subject], files: Iterable[RuleFile]
) -> Iterator[Problem]:
    """Find rules beside Sigma's that would mean another thing if they were Sigma's."""
    folders = {file.folder for file in of_sigma}
    for file, subject in zip(files, subjects, strict=True):
        if file.folder in folders and may_be_either(subject.document):
            yield subject.problem(
                "dialect-unclear",
                "it is read as a rule of trailcheck, whose values are compared in one "
                "letter case, and lies beside Sigma's rules",
                "if it is Sigma's, take 'name' away; else put it in another folder",
                at=subject.document.key_position(("detection",)),
            )


def check_rule(subject: Subject) -> Iterator[Problem]:
    """Run the checks of one rule alone; of each kind, no more than anybody reads."""
    for module in _MODULES:
        yield from itertools.islice(module.check(subject), MOST)


_MODULES = (
    metadata,
    completeness,
    attack,
    logic,
    events,
    fields,
    wildcards,
    pitfalls,
)


def exit_code(
    problems: Sequence[Problem], fail_on: Severity | None = Severity.ERROR
) -> int:
    """Return 2 when a problem is as bad as `fail_on`, else 0; None never fails."""
    bad = fail_on is not None and any(p.severity >= fail_on for p in problems)
    return 2 if bad else 0


def _with_shared(
    files: Sequence[RuleFile], found: list[Problem]
) -> Iterator[tuple[RuleFile, Shared]]:
    """Return each file with the selections that its folder shares."""
    shared: dict[str, Shared] = {}
    for rule_file in files:
        root = str(rule_file.root)
        if root not in shared:
            mistakes: list[DocumentError] = []
            shared[root] = rules.read_shared(rule_file, mistakes)
            found.extend(_mistake(mistake) for mistake in mistakes)
        yield rule_file, shared[root]


def _read(
    rule_file: RuleFile, shared: Shared
) -> tuple[Document, AnyRule | None, list[DocumentError]]:
    document = rules.load_document(rule_file)
    mistakes: list[DocumentError] = []
    rule = rules.read(rule_file, mistakes, shared)
    return document, rule, mistakes


def _mistakes(
    document: Document, mistakes: Sequence[DocumentError]
) -> Iterator[Problem]:
    """Turn what the loader refuses into problems, each under the check that it fits."""
    value = document.value if isinstance(document.value, dict) else {}
    name = value.get("name")
    for mistake in mistakes:
        yield _mistake(mistake, name if isinstance(name, str) else None)


def _mistake(mistake: DocumentError, rule: str | None = None) -> Problem:
    return Problem(
        mistake.kind.value,
        Severity.ERROR,
        mistake.path,
        mistake.line,
        mistake.column,
        mistake.message,
        rule=rule,
    )


def _suppressed(
    found: Sequence[Problem], subjects: Sequence[Subject]
) -> Iterator[Problem]:
    """Leave out what rules ask to ignore, and add what is wrong with the asking."""
    asked: dict[str, set[str]] = {}
    for subject in subjects:
        asked[subject.rule.path] = {each.ignore for each in subject.rule.lint}
    used: set[tuple[str, str]] = set()
    for problem in found:
        if problem.check in asked.get(problem.path, ()):
            used.add((problem.path, problem.check))
        else:
            yield problem
    for subject in subjects:
        yield from _suppressions(subject, used)


def _suppressions(subject: Subject, used: set[tuple[str, str]]) -> Iterator[Problem]:
    for index, each in enumerate(subject.rule.lint):
        at = subject.document.position(("lint", index, "ignore"))
        if each.ignore not in CHECKS:
            message = f"no check is called '{each.ignore}'"
            hint = documents.nearest(each.ignore, list(CHECKS))
            yield subject.problem(
                "suppression-unknown", message + hint, "fix the name", at=at
            )
        elif (subject.rule.path, each.ignore) not in used:
            yield subject.problem(
                "suppression-unused",
                f"nothing here trips the check '{each.ignore}'",
                "take the entry away",
                at=at,
            )


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    return problem.path, problem.line, problem.column, problem.check, problem.message
