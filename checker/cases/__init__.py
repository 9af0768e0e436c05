"""Cases: the events and settings on which a rule must hold, or must not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from checker import rules
from checker.cases import read
from checker.cases.read import Case
from checker.errors import DocumentError, RulesError
from checker.rules import NONE, Placeholders

__all__ = ["Case", "load"]


def load(
    paths: Iterable[str | Path] = (), placeholders: Placeholders = NONE
) -> dict[str, list[Case]]:
    """Return the cases of each rule by the rule's name, with records put together.

    `paths` are rule files and folders; the bundled rules when none is given.  Sigma's
    rules need no cases; `placeholders` are as in `rules.load`.

    Raises `RulesError` when a rule or a cases file is wrong or missing.
    """
    problems: list[DocumentError] = []
    cases = {
        rule.name: read.of_rule(rule_file, problems)
        for rule_file, rule in rules.located(paths, rules.load(paths, placeholders))
    }
    if problems:
        raise RulesError(problems)
    return cases
