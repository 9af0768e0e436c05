"""The command `explain`: why a rule matches a subject, or does not."""

from __future__ import annotations

import os
import sys

import click

from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import say


@click.command(
    epilog=examples(
        "explain root_console_login event.json",
        "explain root_console_login event.json#3",
    )
)
@click.argument("rule", type=RuleName())
@click.argument("event")
@click.option(
    "--settings",
    metavar="SNAPSHOT",
    help="Settings snapshot; shows whether its trails record the event.",
)
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Folder or file in which RULE is found by name "
    "(default: the bundled rules; repeatable).",
)
@config_option
def explain(
    rule: str,
    event: str,
    settings: str | None,
    rule_paths: tuple[str, ...],
    config: str | None,
) -> None:
    """Explain clause by clause why a rule matches an event or not.

    RULE is a file, a name or an id. EVENT is a file with one record, FILE#N for its
    record N (from 0), or the name of a bundled record; for a configuration rule it is a
    settings file.
    """
    from checker.authoring import explain as explaining
    from checker.reports import segments

    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    found, *others = explaining.find_rules(rule, rule_paths, config)
    lines = explaining.explain(found, event, settings, others=others, unicode=unicode)
    terminal = sys.stdout.isatty()
    if segments.wants_colour(terminal=terminal, environ=os.environ):
        say(segments.coloured(lines))
    else:
        say(segments.plain(lines))
