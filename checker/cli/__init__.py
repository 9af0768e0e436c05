"""Parse the command line, calls, and exits.

What a command does not need is not imported: a command's own module is when it runs,
and `--help` and `--version` load little more than click.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import click

from checker import __version__
from checker.cli.destinations import (
    flush_standard_streams,
    leave_stdout,
    open_standard_streams,
    reason,
)
from checker.cli.messages import raise_usage, tell, tell_bug
from checker.cli.standard_error import GuardedStream
from checker.errors import RulesError, SourceError, TrailcheckError
from checker.sources.events import accelerator

_COMMANDS = {
    "scan": "scan.scan",
    "merge": "merge.merge",
    "spark": "spark.spark",
    "learn": "learn.learn",
    "verify": "verify.verify",
    "top": "top.top",
    "story": "story.story",
    "audit": "audit.audit",
    "compare": "compare.compare",
    "visibility": "visibility.visibility",
    "remediate": "remediate.remediate",
    "snapshot": "snapshot.snapshot",
    "list": "list.list_rules",
    "show": "show.show",
    "config": "config.config",
    "lint": "lint.lint",
    "lsp": "lsp.lsp",
    "test": "test.test",
    "explain": "explain.explain",
    "tune": "tune.tune",
    "convert": "convert.convert",
    "new": "new.new",
    "draft": "draft.draft",
    "schema": "schema.schema",
    "import": "import_sigma.import_",
    "redact": "redact.redact",
}
"""The module in this folder, and the function in it, of each command."""


class _Commands(Mapping[str, click.Command]):
    """The commands by name; the module of one is imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, function = _COMMANDS[name].partition(".")
        found = getattr(importlib.import_module(f"{__name__}.{module}"), function)
        assert isinstance(found, click.Command)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


class _Trailcheck(click.Group):
    """Turns our errors into a message and the documented exit code."""

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        with _failures():  # it prints the help and the version
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _failures():
            return super().invoke(ctx)


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """Turn what is raised on purpose, or by the system, into an exit code."""
    try:
        yield
    except click.ClickException as error:
        raise_usage(error)
    except RulesError as error:
        for problem in error.problems:
            tell(str(problem))
        count = len(error.problems)
        tell(f"{count} mistake{'s' * (count != 1)}")
        raise click.exceptions.Exit(2) from error
    except SourceError as error:
        tell(f"Error: {error}")
        raise click.exceptions.Exit(3) from error
    except TrailcheckError as error:
        tell(f"Error: {error}")
        raise click.exceptions.Exit(2) from error
    except BrokenPipeError as error:
        # The reader (head, less) has seen enough: not an error.
        leave_stdout()
        raise click.exceptions.Exit(0) from error
    except OSError as error:
        # Only help is written past `Target`, which names what it writes to.
        closed = "standard output: cannot be written: " * (error.errno == errno.EBADF)
        what = f"{error.filename}: " if error.filename else closed
        tell(f"Error: {what}{reason(error)}")
        raise click.exceptions.Exit(2) from error
    except MemoryError as error:
        click.echo("Error: out of memory", err=True)
        raise click.exceptions.Exit(2) from error
    except KeyboardInterrupt as error:
        click.echo("Interrupted.", err=True)
        raise click.exceptions.Exit(130) from error


def _print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click passes it so
    """Print the version, and what reads events."""
    if not asked or context.resilient_parsing:
        return
    core = accelerator.version()
    reader = f"trailcheck-core {core}" if core else "Python"
    click.echo(f"trailcheck, version {__version__} (events are read by {reader})")
    context.exit()


@click.group(
    cls=_Trailcheck,
    commands=_Commands(),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
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
        open_standard_streams()
        sys.stderr = GuardedStream(sys.stderr)
        main(prog_name="trailcheck")
    except SystemExit as leaving:
        code = leaving.code
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - a bug must not end with the code of findings
        code = 2
        with contextlib.suppress(OSError, ValueError):
            tell_bug()
    os._exit(flush_standard_streams(code if isinstance(code, int) else 0))
