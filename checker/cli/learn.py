"""The command `learn`: what `first_seen` rules know already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli import endings
from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, require_stdin, rule_folders
from checker.cli.event_options import event_options
from checker.cli.messages import tell

if TYPE_CHECKING:
    from checker.sources.events.inputs import InputFilter
from checker.cli.options import addresses_option, load_rules, rules_option


@click.command(
    epilog=examples(
        "learn known.json logs/", "learn known.json s3://org-audit-logs --since 90d"
    )
)
@click.argument("file", metavar="FILE")
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@addresses_option
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=1,
    help="Number of processes (default: 1).",
)
@config_option
@rules_option
@event_options
def learn(
    file: str,
    events: tuple[str, ...],
    addresses: str | None,
    jobs: int,
    rule_paths: tuple[str, ...],
    config: str | None,
    wanted: InputFilter,
) -> None:
    """Learn the values that first_seen rules know already.

    EVENTS are the same as for scan. FILE keeps its values, except those that were not
    seen within the timespan of their rule.
    """
    from checker.rules import bases
    from checker.run.address_labels import load_addresses
    from checker.run.learn import learn as run_learn
    from checker.run.learn import load_learned, render_learned

    require_stdin(events)
    reads = Reads(
        events=events, rules=rule_folders(rule_paths), files=(addresses, config)
    )
    target = Target(file, reads, "learn")
    known = load_learned(file) if Path(file).exists() else None
    table = load_addresses(addresses) if addresses else None
    rules = load_rules(rule_paths, (), (), config)
    learned, problems = run_learn(
        [*bases(rules), *rules],
        events,
        known=known,
        addresses=table,
        jobs=jobs,
        wanted=wanted,
    )
    for problem in problems:
        tell(f"{problem.uri}: {problem.reason}")
    target.save(render_learned(learned))
    count = sum(len(rows) for rows in learned.values())
    values = f"{count:,} value{'s' * (count != 1)}"
    several = f"{len(learned)} rule{'s' * (len(learned) != 1)}"
    endings.leave(
        3 if problems else 0,
        endings.unread(len(problems)),
        wrote=f"{file}: {values} of {several}",
    )
