"""The command `convert`: rules as what other systems run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli import endings
from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, rule_folders, say
from checker.cli.messages import tell
from checker.cli.options import NameOf
from checker.cli.rule_pack import load_pack
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.convert import Conversion

SHAPES = ("pattern", "cloudformation", "terraform")


def _targets() -> Iterable[str]:
    from checker.convert import TARGETS

    return TARGETS


@click.command(
    epilog=examples(
        "convert root_console_login --to eventbridge",
        "convert critical --to eventbridge --as terraform -o out",
    )
)
@click.argument("chosen", nargs=-1, required=True, metavar="RULE...", type=RuleName())
@click.option(
    "--to",
    "target",
    type=NameOf(_targets),
    required=True,
    help="System to convert to.",
)
@click.option(
    "--as",
    "shape",
    type=click.Choice(SHAPES),
    help="Bare pattern, or resources (default: pattern for eventbridge, cloudformation "
    "for metric-filter).",
)
@click.option(
    "--table",
    metavar="NAME",
    default="cloudtrail_logs",
    help="Athena table (default: cloudtrail_logs).",
)
@click.option(
    "--ddl",
    is_flag=True,
    help="Statement that creates the Athena table, before a query.",
)
@click.option(
    "--location",
    metavar="URI",
    default="s3://amzn-s3-demo-bucket/AWSLogs/account-id/CloudTrail/aws-region",
    help="Folder of the log files, without the date, for --ddl.",
)
@click.option(
    "--superset",
    is_flag=True,
    help="Leave out what the target cannot express where that only finds more.",
)
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Folder or file of rules (default: the bundled rules; repeatable).",
)
@config_option
@click.option(
    "--output",
    "-o",
    metavar="DIR",
    help="Folder for one file per rule (default: standard output).",
)
@click.option(
    "--allow-partial",
    is_flag=True,
    help="No exit code 2 for rules that cannot be loaded, or that the target cannot "
    "express.",
)
@click.option("--quiet", "-q", is_flag=True, help="No notes.")
def convert(
    chosen: tuple[str, ...],
    target: str,
    shape: str | None,
    table: str,
    location: str,
    rule_paths: tuple[str, ...],
    config: str | None,
    output: str | None,
    *,
    ddl: bool,
    superset: bool,
    allow_partial: bool,
    quiet: bool,
) -> None:
    """Convert rules to what another system runs.

    RULE is a name, an id, a tag or a level; * is a wildcard. A rule that the system
    cannot express is refused: the message names the part of the rule.
    """
    from checker.authoring.importing.translate import in_our_dialect
    from checker.convert import Conversion, Options, Shape
    from checker.run import convert as driver

    options = Options(
        superset=superset,
        shape=Shape(shape or "default"),
        table=table,
        location=location,
        ddl=ddl,
    )
    refused = written = 0
    folder = _folder(output)
    pieces: list[str] = []
    prepare = None if target == "sigma" else in_our_dialect
    loaded = load_pack(rule_paths, allow_partial=allow_partial, quiet=quiet)
    for each in driver.convert_named(
        chosen,
        loaded,
        rule_paths,
        config,
        target,
        options=options,
        prepare=prepare,
    ):
        name = each.rule.name
        if not isinstance(each.outcome, Conversion):
            refused += 1
            tell(f"{name}: refused: {each.outcome.reason}")
            continue
        if not quiet:
            _tell_notes(name, each.outcome)
        if folder is None:
            pieces.append(each.outcome.text)
        else:
            path = str(folder / f"{name}{each.outcome.suffix}")
            Target(path, Reads(rules=rule_folders(rule_paths))).save(each.outcome.text)
            written += 1
    say(pieces)
    endings.leave(
        2 if refused and not allow_partial else 0,
        f"{refused:,} refused (--allow-partial accepts that)",
        wrote=f"{folder}: {written:,} file{'s' * (written != 1)}" if folder else None,
        quiet=quiet,
    )


def _folder(output: str | None) -> Path | None:
    if output is None:
        return None
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--output {output}: that is a file; name a folder")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _tell_notes(name: str, outcome: Conversion) -> None:
    """Write what was left out, and what the target sees."""
    from checker.convert import Fidelity

    for reason in outcome.dropped:
        tell(f"{name}: left out, so that it finds more: {reason}")
    if outcome.fidelity is Fidelity.SUBSET:
        tell(f"{name}: it can find less than the rule")
    for note in outcome.notes:
        tell(f"{name}: note: {note}")
