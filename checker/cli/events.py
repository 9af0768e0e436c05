"""This module holds the commands that read events."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import click

from checker.cli.options import Output, report_options, rule_options
from checker.errors import UsageError


@click.command()
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--settings", metavar="SNAPSHOT", help="Also judge these trail settings.")
@click.option(
    "--baseline",
    metavar="FILE",
    help="What rules of the type first_seen know already (trailcheck baseline).",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=None,
    help="Processes to use; for much input one for each core otherwise.",
)
@rule_options
@report_options
def scan(
    events: tuple[str, ...],
    settings: str | None,
    baseline: str | None,
    jobs: int | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """Find what the rules describe in CloudTrail events.

    EVENTS are files, folders, globs, or - for standard input: .json, .json.gz, JSON
    lines.
    """
    from checker import run
    from checker.reports.progress import progress
    from checker.rules import choose, load

    out = Output(**report)
    pack = load(rule_paths)
    rules = choose(pack, select, ignore)
    known = run.load_baseline(baseline) if baseline else None
    with progress(sys.stderr, total=None, environ=os.environ, quiet=out.quiet) as bar:
        found = run.scan(
            rules,
            events,
            bases=pack,
            baseline=known,
            jobs=jobs,
            advance=bar.advance,
        )
    if settings:
        found = run.join(found, run.audit(rules, [settings]))
        note = run.unseen(run.visibility(rules, rule_paths, [settings]))
        found = dataclasses.replace(
            found, notes=(*found.notes, *([note] if note else []))
        )
    out.finish(found)


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--jobs", "-j", type=click.IntRange(min=1), default=1)
@click.option("--rules", "rule_paths", multiple=True, metavar="DIR")
def baseline(
    file: str, events: tuple[str, ...], jobs: int, rule_paths: tuple[str, ...]
) -> None:
    """Learn from CloudTrail events what rules of the type first_seen know already.

    FILE is made, or brought up to date: what it holds stays, unless it has not been
    seen for the timespan of its rule.
    """
    from checker import run
    from checker.rules import load

    path = Path(file)
    known = run.load_baseline(file) if path.exists() else None
    learned, problems = run.learn(load(rule_paths), events, baseline=known, jobs=jobs)
    for problem in problems:
        click.echo(f"{problem.uri}: {problem.reason}", err=True)
    try:
        path.write_text(run.render_baseline(learned), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    count = sum(len(rows) for rows in learned.values())
    click.echo(f"{file}: {count} values of {len(learned)} rules", err=True)
    if problems:
        sys.exit(3)
