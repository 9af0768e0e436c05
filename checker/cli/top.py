"""The command that counts events: `top`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from checker.cli.events_wanted import event_options
from checker.cli.options import Target, jobs_option
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.sources.events.inputs import InputFilter


@click.command()
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option(
    "--by",
    multiple=True,
    metavar="FIELD",
    help="Count by this field, a JMESPath expression (repeatable).",
)
@click.option(
    "--where", metavar="CONDITION", help="Count only events that this JMESPath fits."
)
@click.option(
    "--rule",
    "chosen",
    multiple=True,
    metavar="WHAT",
    help="Count only matches of these rules: a name, id, tag or level (repeatable).",
)
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Where rules are looked for (repeatable); the shipped pack otherwise.",
)
@click.option(
    "--top",
    "-n",
    "most",
    type=click.IntRange(min=1),
    default=25,
    show_default=True,
    help="How many groups to show.",
)
@click.option(
    "--bucket", metavar="TIME", help="Count in stretches of time, such as 15m or 1h."
)
@jobs_option
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "json", "csv")),
    default="text",
    show_default=True,
)
@click.option("--output", "-o", metavar="FILE", help="Write the answer here.")
@click.option(
    "--allow-partial",
    is_flag=True,
    help="Do not exit with 3 when some input could not be read.",
)
@click.option("--quiet", "-q", is_flag=True, help="No summary, no progress.")
@event_options
def top(
    events: tuple[str, ...],
    by: tuple[str, ...],
    where: str | None,
    chosen: tuple[str, ...],
    rule_paths: tuple[str, ...],
    most: int,
    bucket: str | None,
    jobs: int | None,
    form: str,
    output: str | None,
    *,
    allow_partial: bool,
    quiet: bool,
    wanted: InputFilter,
) -> None:
    """Count CloudTrail events by their fields, most frequent first.

    EVENTS are what scan takes.  Copies count once, and corrected events not at all, as
    in a scan.  For instance:

    trailcheck top logs --where "errorCode == 'AccessDenied'" --by sourceIPAddress
    """
    from checker import run
    from checker.reports import segments
    from checker.reports import top as reports
    from checker.reports.progress import progress
    from checker.rules import load

    if rule_paths and not chosen:
        raise UsageError("--rules says where rules are: name one with --rule")
    target = Target(output)
    with progress(sys.stderr, total=None, environ=os.environ, quiet=quiet) as bar:
        ranking = run.rank(
            by,
            events,
            where=where,
            rules=run.countable(load(rule_paths), chosen) if chosen else (),
            bucket=bucket,
            most=most,
            jobs=jobs,
            advance=bar.advance,
            wanted=wanted,
        )

    def render(stream: TextIO) -> Iterator[str]:
        if form != "text":
            return reports.FORMATS[form](ranking)
        colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
        return reports.text(ranking, colour=colour, quiet=quiet)

    target.write(render)
    if form == "csv" and not quiet:
        sys.stderr.writelines(reports.remarks(ranking))
    if ranking.problems and not allow_partial:
        sys.exit(3)
