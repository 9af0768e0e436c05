"""The command `explain`: why a rule matches a subject, or does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import click

from checker.cli import screens
from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import say

if TYPE_CHECKING:
    from checker.reports.segments import Line

_HANGING: Final = 4


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
    lines = _fitted(
        explaining.explain(found, event, settings, others=others, unicode=unicode)
    )
    terminal = sys.stdout.isatty()
    if segments.wants_colour(terminal=terminal, environ=os.environ):
        say(segments.coloured(lines))
    else:
        say(segments.plain(lines))


def _fitted(lines: Iterable[Line]) -> Iterator[Line]:
    """Begin what a clause has read on a line of its own where there is no room."""
    from checker.reports.layout import columns
    from checker.reports.segments import Segment

    width = screens.asked_width(sys.stdout)
    for line in lines:
        used = sum(columns(part.text) for part in line)
        if width and used > width and line[-1].style == "faint" and len(line) > 1:
            yield line[:-1]
            margin = len(line[0].text) + _HANGING
            yield (Segment(" " * margin), line[-1]._replace(text=line[-1].text.strip()))
        else:
            yield line
