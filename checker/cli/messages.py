"""Write to standard error: what no terminal and no CI runner obeys.

A message is one line, which hangs where a terminal is narrower; no name is broken.
"""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

import click

_LONGEST = 8_000
_HANGING = 2


def tell(text: str) -> None:
    """Write a message on standard error, without secrets and escaped."""
    click.echo(_laid_out(text), err=True)


def _laid_out(text: str, indent: int = 0) -> str:
    """Return the message on one line, or on lines that fit the terminal.

    `indent` is how far what comes before it on the first line reaches.
    """
    from checker.cli.screens import width
    from checker.reports.layout import paragraph
    from checker.reports.segments import Segment, plain, uncommanding, visible

    shown = visible(text, _LONGEST)
    if not sys.stderr.isatty():
        return uncommanding(shown)
    first = (Segment(" " * indent),)
    lines = paragraph(shown, first=first, indent=_HANGING, width=width(sys.stderr))
    return "".join(plain(lines))[indent:].rstrip("\n")


def tell_bug() -> None:
    """Write the traceback of an error that is a bug, without secrets and escaped."""
    for line in traceback.format_exc().splitlines():
        tell(line)
    tell("Error: this is a bug in trailcheck; please report it with the lines above")


def raise_usage(error: click.ClickException) -> NoReturn:
    """Raise a usage error of click again with a message fit for a terminal."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        raise error from None  # its message is the help of our own commands
    context = error.ctx if isinstance(error, click.UsageError) else None
    # Click puts the choices of a missing argument on lines of their own.
    said = error.format_message().replace("\n\t", " ")
    raise click.UsageError(_laid_out(said, len("Error: ")), context) from None
