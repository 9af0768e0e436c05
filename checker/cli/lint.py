"""The command `lint`: what no schema sees in a rule."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from checker.cli import endings
from checker.cli.completion import examples
from checker.cli.configuration import config_option, configured_rules, placeholders
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.options import format_option, output_option


@click.command(
    epilog=examples("lint", "lint my-rules/ --format sarif --output lint.sarif")
)
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@format_option("text", "json", "sarif")
@output_option
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning", "info", "never")),
    default="error",
    help="Minimum severity for exit code 2 (default: error).",
)
@click.option(
    "--exceptions",
    multiple=True,
    metavar="FILE",
    help="YAML file of accepted findings to check too (repeatable).",
)
@config_option
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
def lint(
    rules: tuple[str, ...],
    form: str,
    output: str | None,
    fail_on: str,
    exceptions: tuple[str, ...],
    config: str | None,  # noqa: ARG001 - what it sets is read from the context
    *,
    quiet: bool,
) -> None:
    """Check rules for mistakes.

    RULES are files or folders (default: those of the configuration file, else the
    bundled rules). In addition to the schema,
    lint checks events, fields and values against what CloudTrail documents. Exceptions
    that have expired, or whose rule does not exist, are errors.
    """
    from checker.authoring import lint as linter

    ctx = click.get_current_context()
    rules = rules or configured_rules(ctx)
    known = placeholders(ctx)
    reads = Reads(rules=rule_folders(rules), files=exceptions)
    target = Target(output, reads)
    problems = linter.lint(rules, known)
    if exceptions:
        today = datetime.now(UTC).date()
        problems += linter.lint_exceptions(exceptions, rules, today, known)
    pieces = list(linter.FORMATS[form](problems))
    if quiet and form == "text":
        pieces.pop()
    target.write(lambda _: iter(pieces))
    threshold = None if fail_on == "never" else linter.Severity(fail_on)
    count = f"{len(problems):,} problem{'s' * (len(problems) != 1)}"
    bad = sum(threshold is not None and p.severity >= threshold for p in problems)
    endings.leave(
        linter.exit_code(problems, threshold),
        f"{bad:,} problem{'s' * (bad != 1)} at or above {fail_on} (--fail-on)",
        wrote=f"{target.path}: {count}" if target.path else None,
        quiet=quiet,
    )
