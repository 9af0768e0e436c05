"""Parse the command line, calls, and exits.

What a command does not need is not imported: `--help` and `--version` load click alone.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, NoReturn

import click

from checker import __version__
from checker.cli import (
    audit,
    baseline,
    explain,
    lint,
    new,
    redact,
    remediate,
    scan,
    show,
    snapshot,
    test,
    top,
    verify,
    visibility,
)
from checker.cli.list import list_rules
from checker.errors import RulesError, SourceError, TrailcheckError


class _Trailcheck(click.Group):
    """Turns our errors into a message and the documented exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RulesError as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            count = len(error.problems)
            click.echo(f"{count} mistake{'s' * (count != 1)}", err=True)
            ctx.exit(2)
        except SourceError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(3)
        except TrailcheckError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            # The reader (head, less) has seen enough: not an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


@click.group(cls=_Trailcheck, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trailcheck")
def main() -> None:
    """Check AWS CloudTrail events and trail settings with rules.

    Exit codes: 0 no findings at or above --fail-on, 1 findings, 2 usage or rule error,
    3 input incomplete (unless --allow-partial), 130 interrupted.
    """


def command() -> NoReturn:
    """Run the command as a process of its own, and end that process.

    What a rule is made of is allocated once and stays: the collector need not look at
    it over and over, nor Python take it apart in the end.
    """
    gc.set_threshold(50_000, 50, 50)
    code: object = 0
    try:
        main(prog_name="trailcheck")
    except SystemExit as leaving:
        code = leaving.code
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # whoever read it has gone
    os._exit(code if isinstance(code, int) else 0)


for _command in (
    scan.scan,
    baseline.baseline,
    verify.verify,
    top.top,
    audit.audit,
    visibility.visibility,
    remediate.remediate,
    snapshot.snapshot,
    list_rules,
    show.show,
    lint.lint,
    test.test,
    explain.explain,
    new.new,
    redact.redact,
):
    main.add_command(_command)
