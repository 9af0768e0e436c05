"""The command that counts events: `top`."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from checker.cli import endings, screens
from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, require_stdin
from checker.cli.event_options import event_options
from checker.cli.options import answer_options, jobs_option, load_rules, rules_option
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.sources.events.inputs import InputFilter


@click.command(
    epilog=examples(
        "top logs/ --by sourceIPAddress",
        "top logs/ --where \"errorCode == 'AccessDenied'\" --bucket 1h",
    )
)
@click.argument("events", nargs=-1, metavar="EVENTS...")
@click.option(
    "--by",
    multiple=True,
    metavar="FIELD",
    help="Field to count by, as a JMESPath expression (default: eventName, or none "
    "with --bucket; repeatable).",
)
@click.option(
    "--where", metavar="CONDITION", help="JMESPath condition on the events to count."
)
@click.option(
    "--select",
    "--rule",
    "chosen",
    multiple=True,
    type=RuleName(),
    metavar="WHAT",
    help="Rules whose matches to count, by name, id, tag or level (repeatable).",
)
@config_option
@rules_option
@click.option(
    "--top",
    "-n",
    "most",
    type=click.IntRange(min=1),
    default=25,
    help="Number of groups (default: 25).",
)
@click.option(
    "--bucket",
    metavar="TIME",
    help="Length of the time buckets to count in, such as 15m or 1h.",
)
@click.option(
    "--to",
    "target",
    type=click.Choice(("insights",)),
    help="Write the query of this system instead of counting; needs no EVENTS.",
)
@click.option(
    "--show",
    multiple=True,
    metavar="FIELD",
    help="Field that a query without --by lists (repeatable).",
)
@jobs_option
@answer_options("text", "json", "csv")
@event_options
def top(
    events: tuple[str, ...],
    by: tuple[str, ...],
    where: str | None,
    chosen: tuple[str, ...],
    rule_paths: tuple[str, ...],
    config: str | None,
    most: int,
    bucket: str | None,
    target: str | None,
    show: tuple[str, ...],
    jobs: int | None,
    form: str,
    output: str | None,
    *,
    allow_partial: bool,
    quiet: bool,
    wanted: InputFilter,
) -> None:
    """Count CloudTrail events by field, most frequent first.

    EVENTS are the same as for scan. As in a scan, duplicates count once and corrected
    events do not count.
    """
    from checker.reports import top as reports
    from checker.reports.progress import progress
    from checker.run.top import countable, rank
    from checker.sources.events.inputs import total

    destination = Target(
        output, Reads(events=events, rules=rule_paths, files=(config,))
    )
    if target:
        if chosen:
            raise UsageError("--to writes --where as a query: convert rules by name")
        destination.save(_query(where, by, show, most=most, bucket=bucket))
        return
    if show:
        raise UsageError("--show is for queries: name their system with --to")
    if not events:
        raise click.MissingParameter(param_hint="'EVENTS...'", param_type="argument")
    if rule_paths and not chosen and _is_given("rule_paths"):
        raise UsageError("--rules says where rules are: name one with --select")
    if not by and bucket is None:
        by = ("eventName",)
    require_stdin(events)
    pack = (
        load_rules(rule_paths, (), (), config, allow_partial=allow_partial, quiet=quiet)
        if chosen
        else []
    )
    size = functools.partial(total, events)
    with progress(sys.stderr, total=size, environ=os.environ, quiet=quiet) as bar:
        ranking = rank(
            by,
            events,
            where=where,
            rules=countable(pack, chosen),
            bucket=bucket,
            most=most,
            jobs=jobs,
            advance=bar.advance,
            wanted=wanted,
        )

    def render(stream: TextIO) -> Iterator[str]:
        if form != "text":
            return reports.FORMATS[form](ranking)
        return reports.text(ranking, quiet=quiet, **screens.drawing(stream))

    destination.write(render)
    if form == "csv" and not quiet:
        sys.stderr.writelines(reports.remarks(ranking))
    groups = f"{len(ranking.groups):,} group{'s' * (len(ranking.groups) != 1)}"
    endings.leave(
        3 if ranking.problems and not allow_partial else 0,
        endings.unread(len(ranking.problems)),
        wrote=f"{destination.path}: {groups}" if destination.path else None,
        quiet=quiet,
    )


def _is_given(option: str) -> bool:
    """Return whether an option is on the command line."""
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def _query(
    where: str | None,
    by: tuple[str, ...],
    show: tuple[str, ...],
    *,
    most: int,
    bucket: str | None,
) -> str:
    """Return the query of Logs Insights that counts, or lists, the same events."""
    from checker.convert import Refused, insights_query
    from checker.run.top import seconds

    found = insights_query(where, by, show, most=most, bucket=seconds(bucket))
    if isinstance(found, Refused):
        raise UsageError(f"--to insights: {found.reason}")
    return found
