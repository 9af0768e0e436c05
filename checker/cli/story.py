"""The command `story`: all that one identity did."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

import click

from checker.cli import endings, screens
from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.event_options import event_options
from checker.cli.messages import tell
from checker.cli.options import answer_options, load_rules, rule_options
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.sources.events.inputs import InputFilter


@click.command(
    short_help="Show all that one identity did, through roles.",
    epilog=examples(
        "story AKIAIOSFODNN7EXAMPLE logs/",
        "story arn:aws:iam::123456789012:user/Ann logs/ -f html -o a.html",
        "story 192.0.2.0/24 logs/",
    ),
)
@click.argument("identity", metavar="IDENTITY")
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@config_option
@rule_options
@click.option("--full", is_flag=True, help="Every row of the timeline in the text.")
@answer_options("text", "json", "html")
@event_options
def story(
    identity: str,
    events: tuple[str, ...],
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: str | None,
    form: str,
    output: str | None,
    *,
    full: bool,
    allow_partial: bool,
    quiet: bool,
    wanted: InputFilter,
) -> None:
    """Show all that one identity did: sessions, roles, addresses, calls, findings.

    IDENTITY is an access key id, an ARN, a user, role or session name, an account id,
    or an address or network. Roles that it assumed and keys that it created are
    followed through their access keys. EVENTS are the same as for scan, and are read
    twice.
    """
    from checker.evaluate.story import identity as read_identity
    from checker.reports import story as reports
    from checker.reports.progress import progress
    from checker.run.story import story as run_story

    if not identity.strip():
        raise UsageError("name an identity: an access key id, an ARN or a name")
    if "-" in events:
        raise UsageError("story reads its input twice: save it to a file")
    reads = Reads(events=events, rules=rule_folders(rule_paths), files=(config,))
    target = Target(output, reads)
    rules = load_rules(
        rule_paths, select, ignore, config, allow_partial=allow_partial, quiet=quiet
    )
    size = functools.partial(_to_read, events)
    with progress(sys.stderr, total=size, environ=os.environ, quiet=quiet) as bar:
        told = run_story(
            read_identity(identity), events, rules, chosen=wanted, advance=bar.advance
        )

    def render(stream: TextIO) -> Iterator[str]:
        if form != "text":
            return reports.FORMATS[form](told)
        return reports.text(told, full=full, quiet=quiet, **screens.drawing(stream))

    target.write(render)
    story_ = told.story
    if not story_.events and not quiet:
        known = screens.command("top", *events, "--by", "userIdentity.arn")
        tell(f"no event of {identity}; identities in the input: {known}")
    if story_.events and form == "text" and not quiet:
        page = ("--format", "html", "--output", "story.html")
        tell(f"next: {screens.command('story', identity, *events, *page)}")
    code = 3 if told.problems and not allow_partial else 0
    number = f"{story_.events:,} event{'s' * (story_.events != 1)}"
    endings.leave(
        code,
        endings.unread(len(told.problems)),
        wrote=f"{target.path}: {number}" if target.path else None,
        quiet=quiet,
    )


def _to_read(events: Sequence[str]) -> int | None:
    """Return how many bytes there are to read: all of them twice."""
    from checker.sources.events.inputs import total

    size = total(events)
    return None if size is None else 2 * size
