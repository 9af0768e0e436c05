"""Load rules with their cases, and run each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from checker import rules
from checker.authoring import cases
from checker.authoring.cases import Result
from checker.cases import read
from checker.errors import DocumentError, RulesError
from checker.rules import NONE, Placeholders


def run_cases(
    paths: Iterable[str | Path] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    placeholders: Placeholders = NONE,
) -> list[Result]:
    """Load rules with their cases and run each; the shipped pack when none is given.

    Of Sigma's rules those that have cases are run.  `select` and `ignore` are as in
    `rules.choose`, `placeholders` as in `rules.load`.
    Raises `RulesError` when a rule or a cases file is wrong or missing.
    """
    problems: list[DocumentError] = []
    results: list[Result] = []
    loaded = rules.load(paths, placeholders)
    known = [*rules.bases(loaded), *loaded]
    wanted = rules.choose(loaded, select, ignore)
    for rule_file, rule in rules.located(paths, wanted):
        written = read.of_rule(rule_file, problems)
        results.extend(cases.run(rule, written, known))
    if problems:
        raise RulesError(problems)
    return results
