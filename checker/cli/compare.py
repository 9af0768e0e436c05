"""The command `compare`: what a change of settings does to detections and controls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

import click

from checker.cli import endings, screens
from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, rule_folders
from checker.cli.options import (
    account_option,
    load_rules,
    report_options,
    rule_options,
)
from checker.cli.output import Output
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
    1 a rule at or above --fail-on goes blind, sees fewer events or starts to fail, or
    else 3 where AFTER leaves it unknown (unless --allow-partial).
    """
    from checker.rules import bases, choose
    from checker.run.comparing.compare import compare as run_compare

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
    # What gets worse does so whatever else is not known.
    code = out.code(whole, findings_first=True)
    fewer = _narrowed(whole, out.fail_on)
    why = endings.why(whole, code, out.fail_on) if code else ""
    if fewer:
        told = f"{fewer:,} detection{'s see' if fewer > 1 else ' sees'} fewer events"
        why = f"{told} and {why}" if code == 1 else f"{told}, {_at(out.fail_on)}"
        code = 1
    if code == 3 and not whole.statistics.unreadable_inputs:
        why = f"{_undecided(whole)} (--allow-partial accepts that)"
    elif code == 1 and _undecided(whole):
        why = f"{why}; {_undecided(whole)}"
    path = out.target.path
    wrote = f"{path}: {endings.contents(whole)}" if path else None
    endings.leave(code, why, wrote=wrote, quiet=out.quiet)


def _at(level: str) -> str:
    return f"at or above {level} (--fail-on)"


def _narrowed(report: Report, fail_on: str) -> int:
    """Count the detections that see fewer events, at or above the level that fails."""
    from checker.model import Level

    if fail_on == "never":
        return 0
    return sum(
        one.evidence["change"] == "narrowed" and one.level >= Level(fail_on)
        for one in report.findings
    )


def _undecided(report: Report) -> str:
    """Write what AFTER leaves unknown."""
    lost = sum(one.evidence["change"] == "unclear" for one in report.findings)
    told = [f"{lost:,} rule{'s are' if lost > 1 else ' is'} no longer known"]
    told = told if lost else []
    told += [each.reason.partition(":")[0] for each in report.problems]
    return " and ".join(told)


def _render(report: Report, out: Output, stream: TextIO) -> Iterator[str]:
    from checker.reports import comparison

    if out.format == "text":
        return comparison.text(report, **screens.drawing(stream))
    if out.format == "markdown":
        return comparison.markdown(report)
    return out.render(report, stream)
