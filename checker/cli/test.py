"""The command `test`: the cases of rules, and their mutants."""

from __future__ import annotations

import io
import sys
import textwrap

import click

from checker.cli import endings
from checker.cli.completion import RuleName, examples
from checker.cli.configuration import config_option, configured_rules, placeholders
from checker.cli.destinations import say


@click.command(
    epilog=examples(
        "test my-rules/", 'test --select "cognito_*"', "test my-rules/ --mutants"
    )
)
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@click.option(
    "--mutants",
    is_flag=True,
    help="Mutation test: change one clause at a time; a test case must fail.",
)
@click.option(
    "--select",
    "wanted",
    multiple=True,
    type=RuleName(),
    metavar="WHAT",
    help="Rules to test, by name, id, tag or level; * is a wildcard (default: all; "
    "repeatable).",
)
@click.option(
    "--ignore",
    "unwanted",
    multiple=True,
    type=RuleName(),
    metavar="WHAT",
    help="Rules to exclude, by name, id, tag or level; * is a wildcard (repeatable).",
)
@config_option
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
def test(
    rules: tuple[str, ...],
    wanted: tuple[str, ...],
    unwanted: tuple[str, ...],
    config: str | None,  # noqa: ARG001 - what it sets is read from the context
    *,
    mutants: bool,
    quiet: bool,
) -> None:
    """Run the test cases of rules.

    RULES are files or folders (default: those of the configuration file, else the
    bundled rules).
    """
    from checker.authoring.case_run import run_cases
    from checker.authoring.mutants.measure import describe_mutants, run_mutants

    ctx = click.get_current_context()
    rules = rules or configured_rules(ctx)
    known = placeholders(ctx)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if mutants:
        measured = run_mutants(rules, wanted, unwanted, known)
        say(["\n".join(describe_mutants(measured)) + "\n"])
        survivors = sum(len(result.survivors) for result in measured)
        why = f"{endings.counted(survivors, 'mutant')} survived"
        endings.leave(int(survivors > 0), why)
    results = run_cases(rules, wanted, unwanted, known)
    failed = [result for result in results if not result.passed]
    lines: list[str] = []
    for result in failed:
        case = result.case
        lines.append(f"{case.path}:{case.line}: {result.rule}: {case.name}\n")
        lines.append(textwrap.indent(result.reason, "    ") + "\n")
    rule_count = len({result.rule for result in results})
    passed = len(results) - len(failed)
    if not quiet:
        cases = endings.counted(len(results), "case")
        rules_ = endings.counted(rule_count, "rule")
        lines.append(f"{passed:,} of {cases} of {rules_} pass\n")
    say(lines)
    why = f"{endings.counted(len(failed), 'case')} failed"
    endings.leave(int(bool(failed)), why)
