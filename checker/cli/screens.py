"""How a report for people is laid out: options, width, what to run next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

WIDTH = 100
"""Columns of a line where there is no terminal to ask."""

Command = TypeVar("Command", bound=Callable[..., Any])


def look_options(command: Command) -> Command:
    """Add the options that say how much the text report shows, and in which groups."""
    for option in (
        click.option(
            "--by",
            type=click.Choice(("rule", "identity", "resource", "time")),
            default="rule",
            help="Grouping of the text report (default: rule).",
        ),
        click.option(
            "--summary",
            "short",
            is_flag=True,
            help="First screen of the text report without examples.",
        ),
        click.option(
            "--full",
            is_flag=True,
            help="Every finding in the text report (default: three of each group).",
        ),
    ):
        command = option(command)
    return command


def width(stream: TextIO) -> int:
    """Return the columns of a stream: COLUMNS, else the terminal's, else 100."""
    return asked_width(stream) or WIDTH


def asked_width(stream: TextIO) -> int | None:
    """Return COLUMNS, else the terminal's columns; None for a pipe or a file."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def height(stream: TextIO) -> int | None:
    """Return the lines of a terminal; None for a pipe or a file."""
    try:
        return os.get_terminal_size(stream.fileno()).lines or None
    except (OSError, ValueError, AttributeError):
        return None


def drawing(stream: TextIO) -> dict[str, Any]:
    """Return how text is drawn on a stream: whether in `colour`, and its `width`."""
    from checker.reports import segments

    colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
    return {"colour": colour, "width": width(stream)}


def program() -> str:
    """Return what to type to run this program again: its name, or where it is."""
    called = Path(sys.argv[0])
    if called.name != "trailcheck" or len(called.parts) == 1:
        return "trailcheck"
    found = shutil.which("trailcheck")
    return "trailcheck" if found and called.samefile(found) else str(called)


def command(*words: str) -> str:
    """Return a command line of this program that a shell reads as these words."""
    return " ".join(map(_quoted, (program(), *words)))


def _quoted(word: str) -> str:
    """Quote a word for a shell, with double quotes around single ones."""
    if "'" in word and not set(word) & set('"$`\\!'):
        return f'"{word}"'
    return shlex.quote(word)


def repeated(option: str, values: Sequence[str | None]) -> list[str]:
    """Return an option once for each value that was given."""
    return [word for value in values if value for word in (option, value)]
