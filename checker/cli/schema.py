"""The command `schema`: the JSON Schema of a file, for editors and validators."""

from __future__ import annotations

import click

from checker.cli import endings
from checker.cli.completion import examples
from checker.cli.destinations import Target
from checker.cli.options import output_option
from checker.resources import SCHEMAS


@click.command(
    epilog=examples("schema detection", "schema cases --output schemas/cases.json")
)
@click.argument("kind", type=click.Choice(SCHEMAS), metavar="KIND")
@output_option
def schema(kind: str, output: str | None) -> None:
    """Print the JSON Schema of a kind of file.

    The schema is complete: it refers to no other file and to no address.
    """
    from checker.documents import schemas

    target = Target(output)
    target.save(schemas.text(kind))
    endings.leave(0, "", wrote=str(target.path) if target.path else None)
