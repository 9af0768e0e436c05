"""The command `remediate`: selectors that fix blind and failing rules."""

from __future__ import annotations

import sys

import click

from checker.cli.destinations import say
from checker.cli.options import (
    account_option,
    live_options,
    load_rules,
)
from checker.cli.settings import given as given_settings
from checker.errors import SourceError


@click.command()
@click.argument("rules", nargs=-1, metavar="[RULE...]")
@click.option("--settings", metavar="SNAPSHOT", help="Settings snapshot.")
@click.option("--live", is_flag=True, help="Query AWS instead of a settings file.")
@live_options
@account_option
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Folder or file of rules (default: the bundled rules; repeatable).",
)
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "cli", "terraform", "cloudformation", "json")),
    default="text",
    help="Output format (default: text).",
)
def remediate(
    rules: tuple[str, ...],
    settings: str | None,
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    account: str | None,
    rule_paths: tuple[str, ...],
    form: str,
) -> None:
    """Print event-selector changes that fix blind or failing rules.

    Each change only adds selectors and is printed with its proof. RULE is the name or
    id of a rule (default: all rules that are blind or fail because events are not
    recorded). The exit code is 3 if the settings are not complete enough.
    """
    from checker.model import Unreadable
    from checker.reports import remediation
    from checker.run.remediate import remediate as run_remediate

    given = given_settings(
        [settings] if settings else [], live, profile, regions, account
    )
    found = run_remediate(load_rules(rule_paths, (), ()), rule_paths, given, rules)
    if isinstance(found, Unreadable):
        raise SourceError(found.uri, found.reason)
    say(remediation.render(found.remedies, form=form, settings=found.uri))
    sys.exit(3 if found.unknown else 0)
