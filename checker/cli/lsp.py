"""The command `lsp`: what an editor asks about rules."""

from __future__ import annotations

import click

from checker.cli.completion import examples
from checker.errors import UsageError


@click.command(epilog=examples("lsp"))
def lsp() -> None:
    """Run the language server for rules.

    An editor starts it and speaks with it over standard input and output: diagnostics
    while a rule is written, completion of events and parameters, hover and fixes. It
    needs the extra lsp: pip install 'trailcheck[lsp]'.
    """
    try:
        from checker.authoring.language.server import serve
    except ImportError as error:
        raise UsageError(
            f"the language server needs {error.name}: pip install 'trailcheck[lsp]'"
        ) from error
    serve()
