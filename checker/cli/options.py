"""What several commands share: options, rules, the way out."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, TypeVar

import click
from click.shell_completion import CompletionItem

from checker.cli import endings, screens
from checker.cli.completion import RuleName
from checker.cli.configuration import disabled, origin
from checker.cli.destinations import Reads, Target, bundled_alone
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.evaluate.correlation import Addresses, Learned
    from checker.model import AnyRule, Report
    from checker.reports.progress import Progress
    from checker.reports.screen import Counts

LEVELS = ("informational", "low", "medium", "high", "critical")
Command = TypeVar("Command", bound=Callable[..., Any])


class FormatType(click.ParamType):  # type: ignore[type-arg] # none before click 8.2
    """The name of a report format: a row of `reports.FORMATS`, read when it is needed.

    The reports are not imported to print the list of commands.
    """

    name = "format"

    @property
    def _choice(self) -> click.Choice[str]:
        from checker.reports import FORMATS

        return click.Choice(tuple(FORMATS))

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return the name if there is such a format."""
        return self._choice.convert(value, param, ctx)

    def get_metavar(
        self,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        ctx: click.Context | None = None,  # noqa: ARG002 - likewise; none before 8.2
    ) -> str:
        """Return all names, for the help."""
        return f"[{'|'.join(self._choice.choices)}]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so."""
        return self._choice.shell_complete(ctx, param, incomplete)


def _with_disabled(
    ctx: click.Context,
    _: click.Parameter,
    value: tuple[str, ...],
) -> tuple[str, ...]:
    """Add the rules that the file of settings turns off."""
    return (*value, *disabled(ctx))


def rule_options(command: Command) -> Command:
    """Add the options that say which rules to use."""
    for option in (
        click.option(
            "--ignore",
            multiple=True,
            type=RuleName(),
            metavar="WHAT",
            callback=_with_disabled,
            help="Rules to exclude, by name, id, tag or level; * is a wildcard "
            "(repeatable).",
        ),
        click.option(
            "--select",
            multiple=True,
            type=RuleName(),
            metavar="WHAT",
            help="Rules to use, by name, id, tag or level; * is a wildcard "
            "(default: all; repeatable).",
        ),
        rules_option,
    ):
        command = option(command)
    return command


def rules_option(command: Command) -> Command:
    """Add the option that says where rules are."""
    return click.option(
        "--rules",
        "rule_paths",
        multiple=True,
        metavar="DIR",
        help="Folder or file of rules, also Sigma's (default: the bundled rules; "
        "repeatable).",
    )(command)


def report_options(command: Command) -> Command:
    """Add the options that say where a report goes, and what counts."""
    for option in (
        click.option(
            "--quiet", "-q", is_flag=True, help="No summary and no progress bar."
        ),
        click.option(
            "--allow-partial",
            is_flag=True,
            help="No exit code 3 for input that could not be read, nor 2 for rules.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice([*LEVELS, "never"]),
            default="high",
            help="Minimum level of a finding for exit code 1 (default: high).",
        ),
        click.option(
            "--output",
            "-o",
            metavar="FILE",
            help="Report file (default: standard output).",
        ),
        click.option(
            "--also",
            multiple=True,
            metavar="FORMAT=FILE",
            help="Report in another format as well, such as markdown=summary.md "
            "(repeatable).",
        ),
        click.option(
            "--format",
            "-f",
            "report_format",
            type=FormatType(),
            default="text",
            help="Report format (default: text).",
        ),
    ):
        command = option(command)
    return command


def format_option(*formats: str, noun: str = "Report") -> Callable[[Command], Command]:
    """Return what adds the option for one of some formats; the first is the default."""
    return click.option(
        "--format",
        "-f",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        help=f"{noun} format (default: {formats[0]}).",
    )


def answer_options(*formats: str) -> Callable[[Command], Command]:
    """Return what adds the options of an answer that has no findings to fail on."""

    def add(command: Command) -> Command:
        quiet = click.option(
            "--quiet", "-q", is_flag=True, help="No summary and no progress bar."
        )
        partial = click.option(
            "--allow-partial",
            is_flag=True,
            help="No exit code 3 for input that could not be read.",
        )
        for option in (quiet, partial, output_option, format_option(*formats)):
            command = option(command)
        return command

    return add


def output_option(command: Command) -> Command:
    """Add the option that says to which file an answer goes."""
    return click.option(
        "--output", "-o", metavar="FILE", help="Report file (default: standard output)."
    )(command)


def jobs_option(command: Command) -> Command:
    """Add the option that says how many processes work."""
    return click.option(
        "--jobs",
        "-j",
        type=click.IntRange(min=1),
        default=None,
        help="Number of processes (default: one per core for large input, else 1).",
    )(command)


def live_options(command: Command) -> Command:
    """Add the options that say which account to ask."""
    for option in (
        click.option("--profile", metavar="NAME", help="AWS credentials profile."),
        click.option(
            "--region",
            "regions",
            multiple=True,
            metavar="REGION",
            help="Region to query, or to which a template is deployed (default: every "
            "enabled one; repeatable to query).",
        ),
    ):
        command = option(command)
    return command


def account_option(command: Command) -> Command:
    """Add the option that says to which account a template is deployed."""
    return click.option(
        "--account", metavar="ID", help="Account to which a template is deployed."
    )(command)


def read_learned(path: str | None) -> Learned | None:
    """Read what `first_seen` rules know, before anything is written."""
    if path is None:
        return None
    from checker.run.learn import load_learned

    return load_learned(path)


def read_addresses(path: str | None) -> Addresses | None:
    """Read the user's table of addresses, likewise."""
    if path is None:
        return None
    from checker.run.address_labels import load_addresses

    return load_addresses(path)


def load_rules(
    paths: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    config: str | None = None,
    *,
    allow_partial: bool = False,
    quiet: bool = False,
) -> list[AnyRule]:
    """Load the rules that the options name, set as the user's file says."""
    from checker import rules
    from checker.cli.rule_pack import load_pack

    loaded = load_pack(paths, allow_partial=allow_partial, quiet=quiet)
    if config:
        loaded = rules.configure(loaded, config)
    return rules.choose(loaded, select, ignore)


def _also(text: str, output: str | None, reads: Reads | None) -> tuple[str, Target]:
    """Read one `--also`: a format, and the file for it."""
    from checker.reports import FORMATS

    form, equals, file = text.partition("=")
    if not equals or not file or form not in FORMATS:
        raise UsageError(
            f"--also {text}: write FORMAT=FILE, with a format of {', '.join(FORMATS)}"
        )
    if file in ("-", output):
        raise UsageError(f"--also {text}: name a file of its own")
    return form, Target(file, reads, "--also")


def _not_text(report_format: str) -> str:
    """Return what is wrong with an option of the text report, and what to do."""
    said = "--full, --summary and --by go with --format text"
    where = origin(click.get_current_context(), "report_format")
    if where is None:
        return said
    return f"{said}; {where} sets format = {report_format}: add --format text"


class Output:
    """Where and how a report leaves, and with which exit code."""

    def __init__(
        self,
        *,
        report_format: str,
        output: str | None,
        fail_on: str,
        allow_partial: bool,
        quiet: bool,
        by: str = "rule",
        full: bool = False,
        short: bool = False,
        reads: Reads | None = None,
        also: Sequence[str] = (),
    ) -> None:
        if full and short:
            raise UsageError("--full and --summary exclude each other: name one")
        if (full or short or by != "rule") and report_format != "text":
            raise UsageError(_not_text(report_format))
        self.look = {"full": full, "short": short, "by": by}
        self.following: Callable[[Counts], Sequence[str]] | None = None
        self.format = report_format
        self.target = Target(output, reads)
        self._also = [_also(text, output, reads) for text in also]
        self._bundled = reads is not None and bundled_alone(reads.rules)
        self.fail_on = fail_on
        self.allow_partial = allow_partial
        self.quiet = quiet

    def finish(self, report: Report) -> NoReturn:
        """Write the report and exit."""
        self.write(report)
        self.leave(report)

    def leave(self, report: Report, *, interrupted: bool = False) -> NoReturn:
        """Exit with the code of a report; say why, and what was written."""
        code = 130 if interrupted else self.code(report)
        path = self.target.path
        endings.leave(
            code,
            endings.why(report, code, self.fail_on),
            wrote=f"{path}: {endings.contents(report)}" if path else None,
            quiet=self.quiet,
        )

    def code(self, report: Report, *, findings_first: bool = False) -> int:
        """Return the exit code of a report; `findings_first` lets 1 win over 3."""
        from checker.model import Level
        from checker.run.report import exit_code

        level = None if self.fail_on == "never" else Level(self.fail_on)
        return exit_code(
            report,
            level,
            allow_partial=self.allow_partial,
            findings_first=findings_first,
        )

    def render(
        self, report: Report, stream: TextIO, form: str | None = None
    ) -> Iterator[str]:
        """Return the text of the report, in the format asked for, piece by piece."""
        from checker import reports
        from checker.reports import segments
        from checker.reports.groups import By

        form = form or self.format
        options: dict[str, Any] = {}
        if form == "text":
            colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
            options = {
                "colour": colour,
                "quiet": self.quiet,
                "width": screens.width(stream),
                "following": self.following,
                **self.look,
                "by": By(self.look["by"]),
            }
        elif form in ("junit", "ocsf"):
            options = {"timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"}
        elif form == "sarif":
            options = {"bundled": self._bundled}
        return reports.FORMATS[form](report, **options)

    def write_also(self, report: Report) -> None:
        """Write the report in the other formats that are asked for."""
        for form, target in self._also:
            target.write(functools.partial(self.render, report, form=form))

    def summarise(self, report: Report) -> None:
        """Describe on standard error what was read, left out and found."""
        from checker.reports import segments, text

        colour = segments.wants_colour(terminal=sys.stderr.isatty(), environ=os.environ)
        width = screens.width(sys.stderr)
        sys.stderr.writelines(text.render_summary(report, colour=colour, width=width))

    def write(self, report: Report) -> None:
        """Write the report to standard output or to the file."""
        from checker.reports.progress import progress
        from checker.reports.watched import watched

        with progress(
            sys.stderr,
            total=None,
            environ=os.environ,
            quiet=self.quiet,
            noun="findings read",
        ) as bar:
            if sys.stderr.isatty():
                report = watched(report, lambda number: bar.advance(number, "report"))
            self.target.write(lambda stream: self._pieces(report, stream, bar))
        self.write_also(report)

    def _pieces(self, report: Report, stream: TextIO, bar: Progress) -> Iterator[str]:
        """Render a report; on a terminal the bar ends where the report begins."""
        terminal = stream.isatty()
        for piece in self.render(report, stream):
            if terminal:
                bar.close()
            yield piece


learned_option = click.option(
    "--learned",
    metavar="FILE",
    help="Known values for first_seen rules, from trailcheck learn.",
)

addresses_option = click.option(
    "--addresses",
    metavar="FILE",
    help="CSV table of networks and labels (192.0.2.0/24,NL) for rules with labels.",
)
