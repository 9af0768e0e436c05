"""The command `redact`: a record fit to be shown."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from checker.cli.completion import examples
from checker.cli.destinations import require_stdin, say


@click.command(epilog=examples("redact event.json", "redact - < event.json"))
@click.argument("file")
def redact(file: str) -> None:
    """Print records with identifiers replaced by example values.

    FILE is a file of records, or - for standard input. Account ids, ARNs, addresses,
    keys, names and email addresses are replaced consistently, and secrets are masked.
    Review the result before you share it.
    """
    from checker.authoring import record_files
    from checker.authoring.redact.redact import redact

    require_stdin([file])
    if file == "-":
        loaded = record_files.parse("-", sys.stdin.read())
    else:
        loaded = record_files.load(Path(file))
    say(record_files.write(loaded.shape, redact(loaded.records)))
