"""This module parses the command line, calls, and exits.

What a command does not need is not imported: `--help` and `--version` load click alone.
"""

from __future__ import annotations

import dataclasses
import io
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from checker import __version__
from checker.errors import RulesError, SourceError, TrailcheckError, UsageError

if TYPE_CHECKING:
    from checker.model import AnyRule, Report

FORMATS = ("text", "json", "jsonl", "sarif")
LEVELS = ("informational", "low", "medium", "high", "critical")
Command = TypeVar("Command", bound=Callable[..., Any])


class _Trailcheck(click.Group):
    """Turns our errors into a message and the documented exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RulesError as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            count = len(error.problems)
            click.echo(f"{count} mistake{'s' * (count != 1)} in the rules", err=True)
            ctx.exit(2)
        except SourceError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(3)
        except TrailcheckError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


@click.group(cls=_Trailcheck, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trailcheck")
def main() -> None:
    """Check AWS CloudTrail events and trail settings against a pack of rules.

    Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or rule error,
    3 input incomplete (unless --allow-partial), 130 interrupted.
    """


def _rule_options(command: Command) -> Command:
    for option in (
        click.option(
            "--ignore",
            multiple=True,
            metavar="WHAT",
            help="Leave these rules out: a name, id, tag or level; * is a wildcard.",
        ),
        click.option(
            "--select",
            multiple=True,
            metavar="WHAT",
            help="Use only these rules: a name, id, tag or level; * is a wildcard.",
        ),
        click.option(
            "--rules",
            "rule_paths",
            multiple=True,
            metavar="DIR",
            help="A folder or file of rules (repeatable); the shipped pack otherwise.",
        ),
    ):
        command = option(command)
    return command


def _report_options(command: Command) -> Command:
    for option in (
        click.option("--quiet", "-q", is_flag=True, help="No summary, no progress."),
        click.option(
            "--allow-partial",
            is_flag=True,
            help="Do not exit with 3 when some input could not be read.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice([*LEVELS, "never"]),
            default="high",
            show_default=True,
            help="Exit with 1 for a finding of this level or above.",
        ),
        click.option("--output", "-o", metavar="FILE", help="Write the report here."),
        click.option(
            "--format",
            "-f",
            "report_format",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
        ),
    ):
        command = option(command)
    return command


@main.command()
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--settings", metavar="SNAPSHOT", help="Also judge these trail settings.")
@click.option(
    "--baseline",
    metavar="FILE",
    help="What rules of the type first_seen know already (trailcheck baseline).",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=None,
    help="Processes to use; the number of cores otherwise.",
)
@_rule_options
@_report_options
def scan(
    events: tuple[str, ...],
    settings: str | None,
    baseline: str | None,
    jobs: int | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """Find what the rules describe in CloudTrail events.

    EVENTS are files, folders, globs, or - for standard input: .json, .json.gz, JSON
    lines.
    """
    from checker import run
    from checker.reports.progress import progress
    from checker.rules import choose, load

    out = _Output(**report)
    pack = load(rule_paths)
    rules = choose(pack, select, ignore)
    known = run.load_baseline(baseline) if baseline else None
    with progress(sys.stderr, total=None, environ=os.environ, quiet=out.quiet) as bar:
        found = run.scan(
            rules,
            events,
            bases=pack,
            baseline=known,
            jobs=jobs or 1,
            advance=bar.advance,
        )
    if settings:
        found = run.join(found, run.audit(rules, [settings]))
        note = run.unseen(run.visibility(rules, rule_paths, [settings]))
        found = dataclasses.replace(
            found, notes=(*found.notes, *([note] if note else []))
        )
    out.finish(found)


@main.command()
@click.argument("file", metavar="FILE")
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--jobs", "-j", type=click.IntRange(min=1), default=1)
@click.option("--rules", "rule_paths", multiple=True, metavar="DIR")
def baseline(
    file: str, events: tuple[str, ...], jobs: int, rule_paths: tuple[str, ...]
) -> None:
    """Learn from CloudTrail events what rules of the type first_seen know already.

    FILE is made, or brought up to date: what it holds stays, unless it has not been
    seen for the timespan of its rule.
    """
    from checker import run
    from checker.rules import load

    path = Path(file)
    known = run.load_baseline(file) if path.exists() else None
    learned, problems = run.learn(load(rule_paths), events, baseline=known, jobs=jobs)
    for problem in problems:
        click.echo(f"{problem.uri}: {problem.reason}", err=True)
    try:
        path.write_text(run.render_baseline(learned), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    count = sum(len(rows) for rows in learned.values())
    click.echo(f"{file}: {count} values of {len(learned)} rules", err=True)
    if problems:
        sys.exit(3)


def _live_options(command: Command) -> Command:
    for option in (
        click.option(
            "--profile", metavar="NAME", help="Profile of the AWS credentials."
        ),
        click.option(
            "--region",
            "regions",
            multiple=True,
            metavar="REGION",
            help="Ask this Region (repeatable); every enabled one otherwise.",
        ),
    ):
        command = option(command)
    return command


@main.command()
@click.option("--output", "-o", metavar="FILE", help="Write the snapshot here.")
@click.option(
    "--allow-partial", is_flag=True, help="Do not exit with 3 when AWS refused a call."
)
@_live_options
def snapshot(
    *,
    output: str | None,
    allow_partial: bool,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """Save the settings of a live AWS account, for audit and visibility.

    Only reads; `checker/sources/snapshot-policy.json` is the IAM policy that it needs.
    """
    from checker.sources import snapshots

    found = _collect(profile, regions)
    text = snapshots.write(found)
    if output:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--output {output}: {error.strerror}") from error
    else:
        click.echo(text, nl=False)
    problems = found["errors"]
    for problem in problems[:20]:
        where = problem.get("resource") or problem.get("region") or ""
        said = f"{problem['service']} {problem['operation']} {where}".strip()
        click.echo(f"{problem['state']}: {said} ({problem['code']})", err=True)
    if len(problems) > 20:
        click.echo(f"and {len(problems) - 20} more: see 'errors'", err=True)
    sys.exit(3 if problems and not allow_partial else 0)


def _collect(profile: str | None, regions: Sequence[str]) -> dict[str, Any]:
    """Collect a snapshot, with a word on standard error for whoever waits."""
    from checker import run

    def tell(stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{stage} {done}/{total}", err=True, nl=False)

    found = run.live(profile, regions, tell)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    return found


@main.command()
@click.argument("settings", nargs=-1, metavar="[SETTINGS...]")
@click.option("--live", is_flag=True, help="Ask AWS instead of reading a file.")
@_live_options
@_rule_options
@_report_options
def audit(
    settings: tuple[str, ...],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """Judge trail settings against the configuration rules.

    SETTINGS are saved snapshots, Terraform plans (terraform show -json) or
    CloudFormation templates.
    """
    from checker import run

    out = _Output(**report)
    rules = _rules(rule_paths, select, ignore)
    out.finish(run.audit(rules, _given(settings, live, profile, regions)))


def _given(
    settings: Sequence[str],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: Sequence[str],
) -> list[Any]:
    """Give the settings to judge: files, or those of the live account."""
    from checker import run

    if live and settings:
        raise UsageError("--live asks AWS: name no file of settings beside it")
    if live:
        return [run.collected(_collect(profile, regions))]
    if not settings:
        raise UsageError("name a file of settings, or ask AWS with --live")
    if profile or regions:
        raise UsageError("--profile and --region go with --live")
    return list(settings)


@main.command()
@click.option(
    "--settings",
    "settings",
    multiple=True,
    metavar="SNAPSHOT",
    help="Saved trail settings (repeatable).",
)
@click.option("--live", is_flag=True, help="Ask AWS instead of reading a file.")
@_live_options
@_rule_options
@_report_options
def visibility(
    settings: tuple[str, ...],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """Tell which detections are blind: no trail records what they look for."""
    from checker import run

    out = _Output(**report)
    rules = _rules(rule_paths, select, ignore)
    given = _given(settings, live, profile, regions)
    out.finish(run.visibility(rules, rule_paths, given))


@main.command()
@click.argument("rules", nargs=-1, metavar="[RULE...]")
@click.option("--settings", metavar="SNAPSHOT", help="Saved trail settings.")
@click.option("--live", is_flag=True, help="Ask AWS instead of reading a file.")
@_live_options
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="A folder or file of rules (repeatable); the shipped pack otherwise.",
)
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "cli", "terraform", "cloudformation", "json")),
    default="text",
    show_default=True,
)
def remediate(
    rules: tuple[str, ...],
    settings: str | None,
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    rule_paths: tuple[str, ...],
    form: str,
) -> None:
    """Print the changes of event selectors that mend blind rules and failing ones.

    A change only adds, and is printed with its proof.  RULE is the name or id of a
    rule; all that are blind or fail for want of recorded events otherwise.  Exits with
    3 when the settings do not tell enough.
    """
    from checker import run
    from checker.model import Unreadable
    from checker.reports import remediation

    given = _given([settings] if settings else [], live, profile, regions)
    found = run.remediate(_rules(rule_paths, (), ()), rule_paths, given, rules)
    if isinstance(found, Unreadable):
        raise SourceError(found.uri, found.reason)
    for text in remediation.render(found.remedies, form=form, settings=found.uri):
        click.echo(text, nl=False)
    sys.exit(3 if found.unknown else 0)


@main.command()
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@click.option(
    "--mutants",
    is_flag=True,
    help="Change the rules, clause by clause, and see whether a case notices.",
)
def test(rules: tuple[str, ...], *, mutants: bool) -> None:
    """Run the cases of rules: all of the shipped pack, or of some files and folders."""
    from checker import testing

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if mutants:
        measured = testing.run_mutants(rules)
        click.echo("\n".join(testing.describe_mutants(measured)))
        sys.exit(any(result.survivors for result in measured))
    results = testing.run_cases(rules)
    failed = [result for result in results if not result.passed]
    for result in failed:
        case = result.case
        click.echo(f"{case.path}:{case.line}: {result.rule}: {case.name}")
        click.echo(textwrap.indent(result.reason, "    "))
    rule_count = len({result.rule for result in results})
    passed = len(results) - len(failed)
    click.echo(f"{passed} of {len(results)} cases of {rule_count} rules pass")
    if failed:
        sys.exit(1)


@main.command()
@click.argument("rule")
@click.argument("event")
@click.option("--settings", metavar="SNAPSHOT", help="Would these trails show it?")
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Where RULE is looked for by name (repeatable); the shipped pack otherwise.",
)
def explain(
    rule: str, event: str, settings: str | None, rule_paths: tuple[str, ...]
) -> None:
    """Show why RULE holds on EVENT, or does not, clause by clause.

    RULE is a file, a name or an id. EVENT is a file of one record, FILE#N for its
    record N (from 0), or the name of a record of the pack; for a configuration rule it
    is a file of settings.
    """
    from checker.reports import segments
    from checker.testing import explaining

    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    found = explaining.find_rule(rule, rule_paths)
    lines = explaining.explain(found, event, settings, unicode=unicode)
    terminal = sys.stdout.isatty()
    if segments.wants_colour(terminal=terminal, environ=os.environ):
        sys.stdout.writelines(segments.coloured(lines))
    else:
        sys.stdout.writelines(segments.plain(lines))


@main.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["detection", "configuration", "correlation"]),
    default="detection",
    show_default=True,
)
@click.option(
    "--from", "event", metavar="EVENT", help="A file of one record, or FILE#N."
)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    default=".",
    help="Where to write; here otherwise.",
)
def new(name: str, kind: str, event: str | None, folder: str) -> None:
    """Start a rule called NAME, with cases that pass.

    With --from it starts from a record, which is redacted before it becomes a case.
    """
    from checker.testing import records, scaffold

    record = records.named(event) if event else None
    for path in scaffold.write(name, kind, Path(folder), record):
        click.echo(path)


@main.command()
@click.argument("file")
def redact(file: str) -> None:
    """Print the records of FILE (or -) with documentation values for identifiers.

    Account ids, ARNs, addresses, keys, names and e-mail addresses are replaced, the
    same by the same, and secrets are masked. Read the result before you share it.
    """
    from checker.testing import records
    from checker.testing.redact import redact

    if file == "-":
        loaded = records.parse("-", sys.stdin.read())
    else:
        loaded = records.load(Path(file))
    sys.stdout.writelines(records.write(loaded.shape, redact(loaded.records)))


def _rules(
    paths: Sequence[str], select: Sequence[str], ignore: Sequence[str]
) -> list[AnyRule]:
    from checker import rules

    return rules.choose(rules.load(paths), select, ignore)


class _Output:
    """Where and how a report leaves, and with which exit code."""

    def __init__(
        self,
        *,
        report_format: str,
        output: str | None,
        fail_on: str,
        allow_partial: bool,
        quiet: bool,
    ) -> None:
        self.format = report_format
        self.path = Path(output) if output and output != "-" else None
        self.fail_on = fail_on
        self.allow_partial = allow_partial
        self.quiet = quiet
        if self.path and not os.access(self.path.parent, os.W_OK):
            raise UsageError(f"--output {output}: the folder cannot be written to")
        if self.path and self.path.is_dir():
            raise UsageError(f"--output {output}: that is a folder; name a file")

    def finish(self, report: Report) -> None:
        """Write the report and exit."""
        from checker import run
        from checker.model import Level

        self.write(report)
        level = None if self.fail_on == "never" else Level(self.fail_on)
        sys.exit(run.exit_code(report, level, allow_partial=self.allow_partial))

    def render(self, report: Report, stream: TextIO) -> Iterator[str]:
        """Give the text of the report, in the format asked for, piece by piece."""
        from checker import reports
        from checker.reports import segments

        options: dict[str, Any] = {}
        if self.format == "text":
            colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
            options = {"colour": colour, "quiet": self.quiet}
        return reports.FORMATS[self.format](report, **options)

    def write(self, report: Report) -> None:
        """Write the report to standard output or to the file."""
        try:
            if self.path:
                with self.path.open("w", encoding="utf-8", newline="\n") as stream:
                    stream.writelines(self.render(report, stream))
            else:
                sys.stdout.writelines(self.render(report, sys.stdout))
                sys.stdout.flush()
        except BrokenPipeError:
            # The reader (head, less) has seen enough: not an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise UsageError(f"the report cannot be written: {error}") from error
