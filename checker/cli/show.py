"""The command `show`: one rule, whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import say
from checker.cli.options import format_option, load_rules, rules_option
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.reports.segments import Line


@click.command(
    epilog=examples("show root_console_login", "show root_console_login --format json")
)
@click.argument("rule", type=RuleName())
@rules_option
@config_option
@format_option("text", "json", noun="Output")
def show(rule: str, rule_paths: tuple[str, ...], config: str | None, form: str) -> None:
    """Show the meaning and logic of one rule.

    RULE is a name or an id.
    """
    from checker import rules as loader
    from checker.documents import nearest
    from checker.reports import catalogue
    from checker.reports.json import encode
    from checker.rules import frameworks

    loaded = load_rules(rule_paths, (), (), config)
    for each in loaded:
        if rule not in (each.name, each.id):
            continue
        titles = frameworks.titles(each)
        if form == "json":
            others = [*loader.bases(loaded), *loaded]
            whole = catalogue.whole(each, titles, others)
            say([encode(whole) + "\n"])
        else:
            draw(catalogue.shown(each, titles))
        return
    hint = nearest(rule, [each.name for each in loaded])
    raise UsageError(f"there is no rule '{rule}'{hint}")


def draw(lines: Iterable[Line]) -> None:
    """Write styled lines to standard output."""
    from checker.reports import segments

    terminal = sys.stdout.isatty()
    colour = segments.wants_colour(terminal=terminal, environ=os.environ)
    draw = segments.coloured if colour else segments.plain
    say(draw(lines))
