"""The command `remediate`: selectors that fix blind and failing rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

import click

from checker.cli import endings, screens
from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.options import (
    account_option,
    live_options,
    load_rules,
    output_option,
)
from checker.cli.settings import given as given_settings
from checker.errors import SourceError


@click.command(
    epilog=examples(
        "remediate --settings settings.json",
        "remediate object_read --settings settings.json --format terraform",
    )
)
@click.argument("rules", nargs=-1, metavar="[RULE...]", type=RuleName())
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
@config_option
@output_option
def remediate(
    rules: tuple[str, ...],
    settings: str | None,
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    account: str | None,
    rule_paths: tuple[str, ...],
    form: str,
    config: str | None,
    output: str | None,
) -> None:
    """Print event-selector changes that fix blind or failing rules.

    Each change only adds selectors and is printed with its proof. RULE is the name or
    id of a rule (default: all rules that are blind or fail because events are not
    recorded). The exit code is 3 if the settings are not complete enough.
    """
    from checker.model import Unreadable
    from checker.reports import remediation
    from checker.run.remediate import remediate as run_remediate

    files = (settings, config)
    target = Target(output, Reads(rules=rule_folders(rule_paths), files=files))
    given = given_settings(
        [settings] if settings else [], live, profile, regions, account
    )
    every = load_rules(rule_paths, (), (), config)
    found = run_remediate(every, rule_paths, given, rules)
    if isinstance(found, Unreadable):
        raise SourceError(found.uri, found.reason)

    def render(stream: TextIO) -> Iterator[str]:
        width = screens.width(stream)
        return remediation.render(
            found.remedies, form=form, settings=found.uri, width=width
        )

    target.write(render)
    count = len(found.remedies)
    endings.leave(
        3 if found.unknown else 0,
        "the settings are not complete enough to say whether more is needed",
        wrote=f"{target.path}: {count:,} change{'s' * (count != 1)}"
        if target.path
        else None,
    )
