"""The command `show`: one rule, whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

import click

from checker.cli import endings, screens
from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.options import format_option, load_rules, output_option, rules_option
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
@output_option
def show(
    rule: str,
    rule_paths: tuple[str, ...],
    config: str | None,
    form: str,
    output: str | None,
) -> None:
    """Show the meaning and logic of one rule.

    RULE is a name or an id.
    """
    from checker import rules as loader
    from checker.documents import nearest
    from checker.reports import catalogue
    from checker.reports.json import encode
    from checker.rules import frameworks

    reads = Reads(rules=rule_folders(rule_paths), files=(config,))
    target = Target(output, reads)
    loaded = load_rules(rule_paths, (), (), config)
    for each in loaded:
        if rule not in (each.name, each.id):
            continue
        titles = frameworks.titles(each)
        if form == "json":
            others = [*loader.bases(loaded), *loaded]
            whole = catalogue.whole(each, titles, others)
            target.save(encode(whole) + "\n")
        else:
            width = screens.width(sys.stdout)
            draw(catalogue.shown(each, titles, width), target)
        endings.leave(0, "", wrote=f"{target.path}: 1 rule" if target.path else None)
    hint = nearest(rule, [each.name for each in loaded])
    raise UsageError(f"there is no rule '{rule}'{hint}")


def draw(lines: Iterable[Line], target: Target | None = None) -> None:
    """Write styled lines to standard output, or to where `target` says."""
    from checker.reports import segments

    def render(stream: TextIO) -> Iterator[str]:
        colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
        return (segments.coloured if colour else segments.plain)(lines)

    (target or Target(None)).write(render)
