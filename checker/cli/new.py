"""The command `new`: a rule and its cases to start from."""

from __future__ import annotations

from pathlib import Path

import click

from checker.cli.completion import examples


@click.command(
    epilog=examples(
        "new bucket_opened --from event.json",
        "new bucket_without_owner --kind configuration --dir my-rules",
    )
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["detection", "configuration", "correlation"]),
    default="detection",
    help="Kind of rule (default: detection).",
)
@click.option(
    "--from", "event", metavar="EVENT", help="Record to start from: a file, or FILE#N."
)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    default=".",
    help="Folder for the new files (default: the current one).",
)
def new(name: str, kind: str, event: str | None, folder: str) -> None:
    """Create a rule with passing test cases.

    With --from, the rule starts from a record, which is redacted for its test case.
    """
    from checker.authoring import record_files, scaffold
    from checker.reports.segments import uncommanding, visible

    record = record_files.named(event) if event else None
    for path in scaffold.write(name, kind, Path(folder), record):
        click.echo(uncommanding(visible(str(path))))
