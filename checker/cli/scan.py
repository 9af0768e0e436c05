"""The command `scan`: detection rules on events."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import (
    Reads,
    refuse_inputs,
    require_stdin,
    rule_folders,
)
from checker.cli.event_options import event_options
from checker.cli.next_steps import after_scan, is_read
from checker.cli.options import (
    LEVELS,
    addresses_option,
    jobs_option,
    learned_option,
    read_addresses,
    read_learned,
    report_options,
    rule_options,
)
from checker.cli.output import Output
from checker.cli.policy import policy_options
from checker.cli.screens import look_options
from checker.cli.shards import refuse_options, shard_option, write_part

if TYPE_CHECKING:
    from checker.cli.streaming import Lines
    from checker.model import AnyRule, Report
    from checker.run.policy.policy import Policy
    from checker.run.scanning.log_validation import LogFileValidation
    from checker.sources.events.inputs import InputFilter


@click.command(
    epilog=examples(
        "scan logs/",
        "scan logs/ --settings settings.json --summary",
        "scan s3://org-audit-logs --since 3d --region eu-west-1",
        'scan logs/ --select "cognito_*" -f html -o report.html',
        "scan s3://audit-logs --since 2026-11-20 --shard 3/16 -o 3.part",
    )
)
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--settings", metavar="SNAPSHOT", help="Settings snapshot to audit too.")
@learned_option
@addresses_option
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default=None,
    help="Minimum level (default: low; all levels with --rules or --select).",
)
@jobs_option
@click.option(
    "--resume",
    metavar="STATE",
    help="Resume from this state file; created if missing.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Flag findings from log files that fail validation.",
)
@click.option(
    "--refuse-unverified",
    is_flag=True,
    help="Skip log files that fail validation and report each as a problem; "
    "implies --verify.",
)
@click.option(
    "--keys", metavar="FILE", help="Saved public keys for --verify (default: from AWS)."
)
@shard_option
@event_options
@config_option
@policy_options
@rule_options
@look_options
@report_options
def scan(
    events: tuple[str, ...],
    settings: str | None,
    learned: str | None,
    addresses: str | None,
    level: str | None,
    jobs: int | None,
    resume: str | None,
    verify: bool,  # noqa: FBT001 - an option
    refuse_unverified: bool,  # noqa: FBT001 - an option
    keys: str | None,
    shard: str | None,
    config: str | None,
    exceptions: tuple[str, ...],
    baseline: str | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    wanted: InputFilter,
    **report: Any,
) -> None:
    """Scan CloudTrail events with the detection rules.

    EVENTS are files, folders, globs or - for standard input (.json, .json.gz or JSON
    lines), or locations in AWS: s3://BUCKET/PREFIX, logs://LOG-GROUP, and
    lookup-events:// for the event history.

    With --format jsonl each finding is written as soon as its input is read.
    """
    from checker.cli.policy import read_policy
    from checker.cli.rule_pack import load_pack
    from checker.cli.streaming import Lines
    from checker.parallel.signals import Patience
    from checker.reports.progress import progress
    from checker.rules import bases, choose, configure
    from checker.run.report import join
    from checker.run.scanning.scan import Interrupted, open_state
    from checker.run.scanning.scan import scan as run_scan
    from checker.sources.events.inputs import total

    if shard:
        refuse_options(click.get_current_context())
    require_stdin(events)
    files = (settings, learned, addresses, config, keys, baseline, *exceptions)
    reads = Reads(events=events, rules=rule_folders(rule_paths), files=files)
    refuse_inputs("--resume", resume, reads)
    out = Output(**report, reads=reads._replace(state=resume))
    pack = load_pack(rule_paths, allow_partial=out.allow_partial, quiet=out.quiet)
    pack = configure(pack, config) if config else pack
    rules = loud(choose(pack, select, ignore), level, given=rule_paths or select)
    policy = read_policy(exceptions, baseline, pack)
    if shard:
        write_part(
            rules,
            events,
            shard,
            out,
            bases=[*bases(pack), *pack],
            jobs=jobs,
            wanted=wanted,
            policy=policy,
        )
    known, table = read_learned(learned), read_addresses(addresses)
    checked = verify or refuse_unverified
    vouching = (
        _vouching(events, keys, wanted, refuse=refuse_unverified) if checked else None
    )
    with contextlib.ExitStack() as stack:
        patience = stack.enter_context(Patience())
        state = stack.enter_context(open_state(resume)) if resume else None
        lines = None
        if out.format == "jsonl":
            lines = stack.enter_context(Lines(out.target.path, state))
        try:
            size = None if state else functools.partial(total, events)
            with progress(
                sys.stderr, total=size, environ=os.environ, quiet=out.quiet
            ) as bar:
                found = run_scan(
                    rules,
                    events,
                    bases=[*bases(pack), *pack],
                    learned=known,
                    addresses=table,
                    jobs=jobs,
                    advance=lines.before(bar.advance) if lines else bar.advance,
                    write=lines.write if lines else None,
                    wanted=wanted,
                    state=state,
                    vouching=vouching,
                    patience=patience,
                    policy=policy,
                )
        except Interrupted as stop:
            found = stop.report
        more = [vouching.report()] if vouching else []
        more += _of_settings(rules, pack, rule_paths, settings, policy)
        for each in more:
            if lines:
                lines.write_all(each.findings)
            found = join(found, each)
        if is_read(found):
            out.following = after_scan(events, settings, rule_paths, found.blind)
        _write(out, lines, found)
        if state is not None:
            state.finish()
    out.leave(found, interrupted=patience.interrupted)


def _write(out: Output, lines: Lines | None, found: Report) -> None:
    """Write the report; of one whose findings are written, the summary."""
    if lines is None:
        out.write(found)
        return
    lines.settle()
    out.write_also(found)
    if not out.quiet:
        out.summarise(found)


def loud(
    rules: list[AnyRule], level: str | None, *, given: tuple[str, ...]
) -> list[AnyRule]:
    """Leave out what is below the level, that of the option or the default.

    The pack's informational rules are signals: they hold on most of what a log is full
    of, and only somebody who asks for them wants a finding for each.
    """
    from checker.model import Level
    from checker.rules import at_least

    if level is None and given:
        return rules
    return at_least(rules, Level(level) if level else Level.LOW)


def _vouching(
    events: tuple[str, ...], keys: str | None, wanted: InputFilter, *, refuse: bool
) -> LogFileValidation:
    """Evaluate the log files before their events are."""
    from checker.run import verify
    from checker.run.scanning.log_validation import LogFileValidation, checkable
    from checker.verdict import Verdict, Verification

    verdicts: list[Verdict] = []
    # What is named alone is judged alone: `verify` speaks of nothing else then.
    for group in checkable(events):
        found = verify.verify(
            group,
            keys=keys,
            session=wanted.session,
            region=wanted.regions[0] if wanted.regions else None,
        )
        verdicts.extend(found.verdicts)
    return LogFileValidation(Verification(tuple(verdicts)), refuse=refuse)


def _of_settings(
    rules: list[AnyRule],
    pack: list[AnyRule],
    rule_paths: tuple[str, ...],
    settings: str | None,
    policy: Policy,
) -> list[Report]:
    """Evaluate trail settings, if given, and say which rules they leave blind."""
    if settings is None:
        return []
    from msgspec import structs

    from checker.model import ConfigurationRule
    from checker.rules import bases
    from checker.rules.exceptions import Covers
    from checker.run.audit import audit as run_audit
    from checker.run.policy.policy import settled
    from checker.run.visibility import unseen
    from checker.run.visibility import visibility as run_visibility

    audited = [rule for rule in rules if isinstance(rule, ConfigurationRule)]
    judged = run_audit(audited, [settings], policy)
    judged = settled(judged, policy, audited, Covers.FINDINGS)
    below = [*bases(pack), *pack]
    seen = run_visibility(rules, rule_paths, [settings], bases=below)
    return [structs.replace(judged, blind=unseen(seen))]
