"""Write to standard error: one line that no terminal and no CI runner obeys."""

from __future__ import annotations

import traceback
from typing import NoReturn

import click

_LONGEST = 8_000


def tell(text: str) -> None:
    """Write a message on one line of standard error, without secrets and escaped."""
    from checker.reports.segments import uncommanding, visible

    click.echo(uncommanding(visible(text, _LONGEST)), err=True)


def tell_bug() -> None:
    """Write the traceback of an error that is a bug, without secrets and escaped."""
    for line in traceback.format_exc().splitlines():
        tell(line)
    tell("Error: this is a bug in trailcheck; please report it with the lines above")


def raise_usage(error: click.ClickException) -> NoReturn:
    """Raise a usage error of click again with a message fit for a terminal."""
    from checker.reports.segments import uncommanding, visible

    context = error.ctx if isinstance(error, click.UsageError) else None
    # Click puts the choices of a missing argument on lines of their own.
    said = error.format_message().replace("\n\t", " ")
    message = uncommanding(visible(said, _LONGEST))
    raise click.UsageError(message, context) from None
