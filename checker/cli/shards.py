"""The option --shard of `scan`: one share of the inputs, written as a part."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click
from click.core import ParameterSource

from checker.cli import endings
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.cli.output import Output
    from checker.model import AnyRule
    from checker.run.policy.policy import Policy
    from checker.sources.events.inputs import InputFilter

shard_option = click.option(
    "--shard",
    metavar="I/N",
    help="Share of the inputs to scan, such as 3/16: writes a part for merge to "
    "--output.",
)

_MERGED: Final = {
    "baseline": "--baseline",
    "learned": "--learned",
    "addresses": "--addresses",
    "report_format": "--format",
    "fail_on": "--fail-on",
    "by": "--by",
    "full": "--full",
    "short": "--summary",
}
"""Options about the report, which `merge` takes."""

_ALONE: Final = {
    "settings": "--settings",
    "resume": "--resume",
    "verify": "--verify",
    "refuse_unverified": "--refuse-unverified",
    "keys": "--keys",
}


def refuse_options(ctx: click.Context) -> None:
    """Raise `UsageError` for an option that a shard cannot follow."""
    for name, option in (_MERGED | _ALONE).items():
        if ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        if name in _MERGED:
            raise UsageError(f"{option} is about the report: give it to merge")
        raise UsageError(f"{option} does not go with --shard: leave one out")
    from checker.sources.events.period import span

    for name in ("since", "until"):
        text = ctx.params.get(name)
        if text and span(text):
            raise UsageError(
                f"--{name} {text}: another moment on each machine: with --shard write "
                "a time (2026-11-21T09:00:00Z) or a date"
            )


def write_part(
    rules: Sequence[AnyRule],
    events: Sequence[str],
    text: str,
    out: Output,
    *,
    bases: Iterable[AnyRule],
    jobs: int | None,
    wanted: InputFilter,
    policy: Policy,
) -> NoReturn:
    """Scan a shard, write its part and exit: 3 where something could not be read."""
    from checker.reports.progress import progress
    from checker.run.scanning.shards import parse
    from checker.run.sharding import scan_shard

    shard = parse(text)
    path = out.target.path
    if path is None:
        raise UsageError(f"--shard {shard} writes a file: name it with --output")
    with progress(sys.stderr, total=None, environ=os.environ, quiet=out.quiet) as bar:
        part = scan_shard(
            rules,
            events,
            shard,
            Path(path),
            bases=bases,
            jobs=jobs,
            advance=bar.advance,
            wanted=wanted,
            policy=policy,
        )
    inputs = f"{part.inputs:,} of {part.listed:,} inputs"
    endings.leave(
        3 if part.problems and not out.allow_partial else 0,
        endings.unread(part.problems),
        wrote=f"{path}: shard {shard}, {inputs}",
        quiet=out.quiet,
    )
