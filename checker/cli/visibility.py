"""The command `visibility`: detections that no trail records events for."""

from __future__ import annotations

from typing import Any

import click

from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, rule_folders
from checker.cli.next_steps import after_visibility, is_read
from checker.cli.options import (
    account_option,
    live_options,
    report_options,
    rule_options,
)
from checker.cli.output import Output
from checker.cli.policy import policy_options, read_policy
from checker.cli.screens import look_options
from checker.cli.settings import given as given_settings


@click.command(
    short_help="List detections whose events no trail records.",
    epilog=examples(
        "visibility settings.json",
        "visibility settings.json --select high --format json",
    ),
)
@click.argument("named", nargs=-1, metavar="[SETTINGS...]")
@click.option(
    "--settings",
    "more",
    multiple=True,
    metavar="SETTINGS",
    help="Settings file, as the argument (repeatable).",
)
@click.option("--live", is_flag=True, help="Query AWS instead of a settings file.")
@live_options
@account_option
@config_option
@policy_options
@rule_options
@look_options
@report_options
def visibility(
    named: tuple[str, ...],
    more: tuple[str, ...],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    account: str | None,
    config: str | None,
    exceptions: tuple[str, ...],
    baseline: str | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """List detections that cannot fire because no trail records their events."""
    from checker.cli.rule_pack import load_pack
    from checker.rules import bases, choose, configure
    from checker.rules.exceptions import Covers
    from checker.run.policy.policy import settled
    from checker.run.visibility import unseen
    from checker.run.visibility import visibility as run_visibility

    settings = (*named, *more)
    files = (*settings, config, baseline, *exceptions)
    reads = Reads(rules=rule_folders(rule_paths), files=files)
    out = Output(**report, reads=reads)
    pack = load_pack(rule_paths, allow_partial=out.allow_partial, quiet=out.quiet)
    pack = configure(pack, config) if config else pack
    rules = choose(pack, select, ignore)
    given = given_settings(settings, live, profile, regions, account)
    below = [*bases(pack), *pack]
    policy = read_policy(exceptions, baseline, pack)
    found = run_visibility(rules, rule_paths, given, bases=below, policy=policy)
    found = settled(found, policy, rules, Covers.VISIBILITY)
    if is_read(found):
        out.following = after_visibility(settings, unseen(found))
    out.finish(found)
