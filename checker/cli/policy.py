"""The options by which users accept findings, or leave out known ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from checker.cli.configuration import remarks

if TYPE_CHECKING:
    from checker.model import AnyRule
    from checker.run.policy.policy import Policy

Command = TypeVar("Command", bound=Callable[..., Any])


def policy_options(command: Command) -> Command:
    """Add the options that name exceptions and a baseline."""
    for option in (
        click.option(
            "--baseline",
            metavar="FILE",
            help="Report (JSON, JSON lines or SARIF) whose findings to leave out.",
        ),
        click.option(
            "--exceptions",
            multiple=True,
            metavar="FILE",
            help="YAML file of accepted findings (repeatable).",
        ),
    ):
        command = option(command)
    return command


def read_policy(
    exceptions: Sequence[str], baseline: str | None, rules: Sequence[AnyRule]
) -> Policy:
    """Read what the options name; `rules` are all that were loaded."""
    from datetime import UTC, datetime

    from checker.rules import load
    from checker.rules.exceptions import load_exceptions, rules_by_word
    from checker.run.policy.exceptions import Exceptions
    from checker.run.policy.known import load_baseline
    from checker.run.policy.policy import Policy

    filed = None
    if exceptions:
        entries = load_exceptions(exceptions)
        known = rules_by_word(rules)
        if not all(entry.rule in known for entry in entries):
            # Those of the bundled rules may be in the same file.
            rules = [*load(), *rules]
        filed = Exceptions(entries, rules, datetime.now(UTC).date())
    known_findings = load_baseline(baseline) if baseline else None
    notes = remarks(click.get_current_context())
    return Policy(filed, known_findings, notes)
