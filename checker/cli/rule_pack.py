"""Load the rules that a command uses, and say what was left out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from checker.cli.configuration import placeholders
from checker.cli.messages import tell
from checker.errors import RulesError, UsageError

if TYPE_CHECKING:
    from checker.model import AnyRule
    from checker.rules import Loaded


def load_pack(
    paths: Sequence[str], *, allow_partial: bool = False, quiet: bool = False
) -> list[AnyRule]:
    """Load rules; what is left out is said on standard error.

    Placeholders of Sigma's rules have the values of the command's configuration.
    With `allow_partial` a rule that cannot be loaded is left out; else it raises
    `RulesError`.  `quiet` says nothing of rules that are about something else.
    """
    from checker import rules

    loaded = rules.load_all(paths, placeholders(click.get_current_context()))
    if loaded.problems and not allow_partial:
        raise RulesError(loaded.problems)
    if not loaded.rules:
        for problem in loaded.problems:
            tell(str(problem))
        raise UsageError(_none(loaded, paths))
    for problem in loaded.problems:
        tell(f"warning: {problem}")
    if not quiet:
        for warning in loaded.warnings:
            tell(f"warning: {warning}")
    for note in _notes(loaded, quiet=quiet):
        tell(note)
    return loaded.rules


def _none(loaded: Loaded, paths: Sequence[str]) -> str:
    where = f"--rules {', '.join(paths)}"
    if loaded.passed_over and not loaded.failed:
        rules = _rules(loaded.passed_over)
        return f"{where}: none of the {rules} there is about CloudTrail"
    return f"{where}: no rule could be loaded"


def _notes(loaded: Loaded, *, quiet: bool) -> list[str]:
    found: list[str] = []
    if loaded.failed:
        found.append(
            f"{_rules(loaded.failed)} could not be loaded and "
            f"{'was' if loaded.failed == 1 else 'were'} left out; "
            f"{_rules(len(loaded.rules))} loaded"
        )
    if loaded.passed_over and not quiet:
        found.append(
            f"{_rules(loaded.passed_over)} passed over: the logsource is not CloudTrail"
        )
    if loaded.copies and not quiet:
        found.append(
            f"{_rules(loaded.copies)} left out as a copy: the id is there twice"
        )
    return found


def _rules(count: int) -> str:
    return f"{count:,} rule{'s' * (count != 1)}"
