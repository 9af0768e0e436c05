"""The command `compare`: what a change of settings does to detections and controls."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

import click

from checker.cli import screens
from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, rule_folders
from checker.cli.options import (
    Output,
    account_option,
    load_rules,
    report_options,
    rule_options,
)
from checker.cli.settings import given as given_settings

if TYPE_CHECKING:
    from checker.model import Report


@click.command(
    short_help="Show what a change of settings blinds or breaks.",
    epilog=examples("compare before.json after.json"),
)
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option(
    "--region",
    "regions",
    metavar="REGION",
    multiple=True,
    help="Region to which a template is deployed.",
)
@account_option
@config_option
@rule_options
@report_options
def compare(
    before: str,
    after: str,
    regions: tuple[str, ...],
    account: str | None,
    config: str | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """Show which detections and controls differ between two settings, and why.

    BEFORE and AFTER are saved snapshots, Terraform plans (terraform show -json) or
    CloudFormation templates, of the same kind or not. Exit codes: 0 nothing gets worse,
    1 a rule at or above --fail-on goes blind or starts to fail, 3 AFTER does not tell
    (unless --allow-partial).
    """
    from checker.rules import bases, choose
    from checker.run.compare import compare as run_compare

    reads = Reads(rules=rule_folders(rule_paths), files=(before, after, config))
    out = Output(**report, reads=reads)
    every = load_rules(
        rule_paths,
        (),
        (),
        config,
        allow_partial=out.allow_partial,
        quiet=out.quiet,
    )
    rules = choose(every, select, ignore)
    first = given_settings([before], False, None, regions, account)  # noqa: FBT003 - live
    second = given_settings([after], False, None, regions, account)  # noqa: FBT003 - live
    below = [*bases(every), *every]
    whole = run_compare(rules, rule_paths, first, second, bases=below)
    out.target.write(lambda stream: _render(whole, out, stream))
    out.leave(whole)


def _render(report: Report, out: Output, stream: TextIO) -> Iterator[str]:
    from checker.reports import comparison, segments

    if out.format == "text":
        colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
        return comparison.text(report, colour=colour, width=screens.width(stream))
    if out.format == "markdown":
        return comparison.markdown(report)
    return out.render(report, stream)
