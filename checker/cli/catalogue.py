"""This module holds the commands that show the rules themselves."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from checker.cli.options import LEVELS, load_rules, rule_options
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.reports.segments import Line


@click.command("list")
@click.option(
    "--kind", type=click.Choice(("detection", "correlation", "configuration"))
)
@click.option("--service", metavar="TEXT", help="An event source or resource type.")
@click.option("--level", type=click.Choice(LEVELS), help="Of this level or above.")
@click.option("--framework", metavar="NAME", help="With requirements of it.")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
)
@rule_options
def list_rules(
    kind: str | None,
    service: str | None,
    level: str | None,
    framework: str | None,
    form: str,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    """List rules: all of the shipped pack, or those that the options name."""
    from checker.model import Level
    from checker.reports import catalogue, order

    found = [
        rule
        for rule in load_rules(rule_paths, select, ignore)
        if (not kind or order.kind(rule) == kind)
        and (not level or rule.level >= Level(level))
        and (not framework or framework in rule.controls)
        and (not service or any(service in each for each in catalogue.services(rule)))
    ]
    if form == "json":
        sys.stdout.writelines(catalogue.documents(found))
    else:
        _draw(catalogue.listed(found))


@click.command()
@click.argument("rule")
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Where RULE is looked for (repeatable); the shipped pack otherwise.",
)
def show(rule: str, rule_paths: tuple[str, ...]) -> None:
    """Show one rule, by its name or id: what it means and what it looks for."""
    from checker.documents import nearest
    from checker.reports import catalogue

    loaded = load_rules(rule_paths, (), ())
    for each in loaded:
        if rule in (each.name, each.id):
            _draw(catalogue.shown(each))
            return
    hint = nearest(rule, [each.name for each in loaded])
    raise UsageError(f"there is no rule '{rule}'{hint}")


def _draw(lines: Iterable[Line]) -> None:
    from checker.reports import segments

    terminal = sys.stdout.isatty()
    colour = segments.wants_colour(terminal=terminal, environ=os.environ)
    draw = segments.coloured if colour else segments.plain
    sys.stdout.writelines(draw(lines))
