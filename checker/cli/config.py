"""The command `config`: which settings are in force, and where they are from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from checker.cli.completion import examples
from checker.cli.configuration import (
    SETTINGS,
    Value,
    in_force,
    mistakes_of_environment,
    path_in_force,
    place_of,
)
from checker.cli.destinations import say
from checker.cli.messages import tell
from checker.cli.options import format_option

if TYPE_CHECKING:
    from checker.documents import Document


@click.command(epilog=examples("config", "config --format json"))
@click.option("--config", metavar="FILE", help="Configuration file to show.")
@format_option("text", "json", noun="Output")
@click.pass_context
def config(ctx: click.Context, config: str | None, form: str) -> None:
    """Show the settings in force, and where each is from.

    The command line goes before the environment (TRAILCHECK_FAIL_ON), and that before
    the nearest trailcheck.toml, or pyproject.toml with [tool.trailcheck].
    """
    from checker import documents, rules
    from checker.reports.json import printable
    from checker.rules.configuration import read_configuration

    path = path_in_force(config)
    document = None
    if path is not None:
        rules.configure(rules.load(), path)
        document = documents.placed(read_configuration(path))
    rows = list(_rows(ctx, document))
    if form == "json":
        told = json.dumps({"file": path, "settings": rows}, indent=1)
        say([printable(told) + "\n"])
    else:
        say(_text(path, rows))
    for mistake in mistakes_of_environment():
        tell(f"warning: {mistake}")


def _rows(ctx: click.Context, document: Document | None) -> Iterator[dict[str, Any]]:
    """Yield each setting of each command that has a value of its own."""
    main = ctx.parent.command if ctx.parent else ctx.command
    assert isinstance(main, click.Group)
    found: dict[str, dict[str, Value]] = {}
    for name, command in main.commands.items():
        for setting, value in in_force(command, document):
            found.setdefault(setting.key, {})[name] = value
    for key in dict.fromkeys(setting.key for setting in SETTINGS):
        told: dict[tuple[str, str], list[str]] = {}
        for name, value in found.get(key, {}).items():
            kind = json.dumps(value.value), place_of(value, document)
            told.setdefault(kind, []).append(name)
        for (text, where), names in told.items():
            yield {
                "setting": key,
                "value": json.loads(text),
                "from": where,
                "commands": names,
            }
    for key in (
        "disabled",
        "levels",
        "parameters",
        "placeholders",
        "trusted_pipelines",
    ):
        if document is not None and key in document.value:
            source = place_of(Value(None, document.path, (key,)), document)
            written = document.value[key]
            yield {"setting": key, "value": written, "from": source, "commands": []}


def _text(path: str | None, rows: list[dict[str, Any]]) -> Iterator[str]:
    from checker.reports.segments import escaped, uncommanding

    file = escaped(path) if path else "none: every setting has its default"
    yield uncommanding(f"file  {file}") + "\n"
    for row in rows:
        value = escaped(json.dumps(row["value"]), 200)
        names = ", ".join(row["commands"])
        only = f"  ({names})" if names else ""
        line = f"{row['setting']} = {value}  from {escaped(row['from'])}{only}"
        yield uncommanding(line) + "\n"
