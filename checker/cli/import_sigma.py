"""The command `import sigma`: Sigma's rules as rules of this project."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli import endings
from checker.cli.completion import examples
from checker.cli.configuration import config_option, placeholders
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.messages import tell
from checker.cli.options import format_option, output_option
from checker.errors import RulesError

if TYPE_CHECKING:
    from checker.authoring.importing.sigma import Imported


_EXAMPLES = examples("import sigma sigma/rules/cloud/aws --to my-rules")


@click.group("import", short_help="Import rules of another format.", epilog=_EXAMPLES)
def import_() -> None:
    """Import rules of another format."""


@import_.command(epilog=_EXAMPLES)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@click.option(
    "--to", "target", required=True, metavar="DIR", help="Folder to write rules to."
)
@click.option(
    "--license",
    "licence",
    metavar="NAME",
    help="Licence of rules that name none, such as DRL-1.1.",
)
@config_option
@format_option("text", "json")
@output_option
@click.option(
    "--allow-partial", is_flag=True, help="No exit code 2 for rules that do not load."
)
def sigma(
    folders: tuple[str, ...],
    target: str,
    licence: str | None,
    config: str | None,  # noqa: ARG001 - what it sets is read from the context
    form: str,
    output: str | None,
    *,
    allow_partial: bool,
) -> None:
    """Import Sigma rules about CloudTrail, with cases to start from.

    The report says of each rule whether it was imported, mended, or can never fire on
    CloudTrail, and why. Rules that can never fire are not written.
    """
    from checker.authoring.importing import sigma as importing

    report = Target(output, Reads(rules=rule_folders(folders)))
    found = importing.read(folders, placeholders(click.get_current_context()))
    if found.problems and not allow_partial:
        raise RulesError(list(found.problems))
    for problem in (*found.problems, *found.warnings):
        tell(f"warning: {problem}")
    if found.passed_over:
        tell(f"{found.passed_over:,} passed over: the logsource is not CloudTrail")
    written = importing.write(found, Path(target), licence=licence)
    report.write(lambda _: _FORMATS[form](written))
    endings.leave(0, "", wrote=f"{target}: {_summary(written)}")


def _text(imported: Sequence[Imported]) -> Iterator[str]:
    from checker.reports.segments import visible

    for each in imported:
        line = f"{each.outcome.value:<9} {each.name}  ({each.path}:{each.line})"
        yield f"{visible(line)}\n"
        reasons = (f"line {r.line}: {r.message} - {r.fix}" for r in each.reasons)
        for text in (*each.changes, *reasons, *each.notes):
            yield f"          {visible(text)}\n"
    yield f"{_summary(imported)}\n"


def _summary(imported: Sequence[Imported]) -> str:
    counts: dict[str, int] = {}
    for each in imported:
        counts[each.outcome.value] = counts.get(each.outcome.value, 0) + 1
    words = {"never": "can never fire on CloudTrail"}
    parts = [f"{count:,} {words.get(name, name)}" for name, count in counts.items()]
    return f"{endings.counted(len(imported), 'rule')}: {', '.join(parts)}"


def _json(imported: Sequence[Imported]) -> Iterator[str]:
    from checker.reports.json import printable

    rows = [
        {
            "name": each.name,
            "source": {"path": each.path, "line": each.line},
            "outcome": each.outcome.value,
            "changes": list(each.changes),
            "reasons": [
                {"check": r.check, "line": r.line, "message": r.message, "fix": r.fix}
                for r in each.reasons
            ],
            "notes": list(each.notes),
            "written": each.written,
        }
        for each in imported
    ]
    told = json.dumps({"version": 1, "rules": rows}, ensure_ascii=False, indent=1)
    yield printable(told) + "\n"


_FORMATS = {"text": _text, "json": _json}
