"""The commands for people who write rules."""

from __future__ import annotations

import io
import os
import sys
import textwrap
from pathlib import Path

import click

from checker.cli.options import config_option, say
from checker.errors import UsageError


@click.command()
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "json", "sarif")),
    default="text",
    help="Report format (default: text).",
)
@click.option(
    "--output", "-o", metavar="FILE", help="Report file (default: standard output)."
)
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning", "info", "never")),
    default="error",
    help="Minimum severity for exit code 2 (default: error).",
)
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
def lint(
    rules: tuple[str, ...], form: str, output: str | None, fail_on: str, *, quiet: bool
) -> None:
    """Check rules for mistakes.

    RULES are files or folders (default: the bundled rules). In addition to the schema,
    lint checks events, fields and values against what CloudTrail documents.
    """
    from checker.authoring import lint as linter

    problems = linter.lint(rules)
    pieces = list(linter.FORMATS[form](problems))
    if quiet and form == "text":
        pieces.pop()
    if output:
        try:
            with Path(output).open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(pieces)
        except OSError as error:
            raise UsageError(f"--output {output}: {error.strerror}") from error
    else:
        say(pieces)
    threshold = None if fail_on == "never" else linter.Severity(fail_on)
    sys.exit(linter.exit_code(problems, threshold))


@click.command()
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@click.option(
    "--mutants",
    is_flag=True,
    help="Mutation test: change one clause at a time; a test case must fail.",
)
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
def test(rules: tuple[str, ...], *, mutants: bool, quiet: bool) -> None:
    """Run the test cases of rules.

    RULES are files or folders (default: the bundled rules).
    """
    from checker import authoring

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if mutants:
        measured = authoring.run_mutants(rules)
        say(["\n".join(authoring.describe_mutants(measured)) + "\n"])
        sys.exit(any(result.survivors for result in measured))
    results = authoring.run_cases(rules)
    failed = [result for result in results if not result.passed]
    lines: list[str] = []
    for result in failed:
        case = result.case
        lines.append(f"{case.path}:{case.line}: {result.rule}: {case.name}\n")
        lines.append(textwrap.indent(result.reason, "    ") + "\n")
    rule_count = len({result.rule for result in results})
    passed = len(results) - len(failed)
    if not quiet:
        lines.append(f"{passed} of {len(results)} cases of {rule_count} rules pass\n")
    say(lines)
    if failed:
        sys.exit(1)


@click.command()
@click.argument("rule")
@click.argument("event")
@click.option(
    "--settings",
    metavar="SNAPSHOT",
    help="Settings snapshot; shows whether its trails record the event.",
)
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Folder or file in which RULE is found by name "
    "(default: the bundled rules; repeatable).",
)
@config_option
def explain(
    rule: str,
    event: str,
    settings: str | None,
    rule_paths: tuple[str, ...],
    config: str | None,
) -> None:
    """Explain clause by clause why a rule matches an event or not.

    RULE is a file, a name or an id. EVENT is a file with one record, FILE#N for its
    record N (from 0), or the name of a bundled record; for a configuration rule it is a
    settings file.
    """
    from checker.authoring import explain as explaining
    from checker.reports import segments

    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    found = explaining.find_rule(rule, rule_paths, config)
    lines = explaining.explain(found, event, settings, unicode=unicode)
    terminal = sys.stdout.isatty()
    if segments.wants_colour(terminal=terminal, environ=os.environ):
        say(segments.coloured(lines))
    else:
        say(segments.plain(lines))


@click.command()
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

    record = record_files.named(event) if event else None
    for path in scaffold.write(name, kind, Path(folder), record):
        click.echo(path)


@click.command()
@click.argument("file")
def redact(file: str) -> None:
    """Print records with identifiers replaced by example values.

    FILE is a file of records, or - for standard input. Account ids, ARNs, addresses,
    keys, names and email addresses are replaced consistently, and secrets are masked.
    Review the result before you share it.
    """
    from checker.authoring import record_files
    from checker.authoring.redact.redact import redact

    if file == "-":
        loaded = record_files.parse("-", sys.stdin.read())
    else:
        loaded = record_files.load(Path(file))
    say(record_files.write(loaded.shape, redact(loaded.records)))
