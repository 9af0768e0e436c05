"""What several commands share: options, rules, the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from checker.cli.completion import RuleName
from checker.cli.configuration import disabled

if TYPE_CHECKING:
    from checker.evaluate.correlation import Addresses, Learned
    from checker.model import AnyRule

LEVELS = ("informational", "low", "medium", "high", "critical")
Command = TypeVar("Command", bound=Callable[..., Any])


class NameOf(click.ParamType):  # type: ignore[type-arg] # none before click 8.2
    """A name of a table, which is read when it is needed.

    What the table is of is not imported to print the list of commands.
    """

    name = "name"

    def __init__(self, table: Callable[[], Iterable[str]]) -> None:
        """Take what reads the table."""
        self._table = table

    @property
    def _choice(self) -> click.Choice[str]:
        return click.Choice(tuple(self._table()))

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return the name if the table has it."""
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


def _formats() -> Iterable[str]:
    from checker.reports import FORMATS

    return FORMATS


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
            type=NameOf(_formats),
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
