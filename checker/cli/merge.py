"""The command `merge`: the report of a scan whose shards ran apart."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, rule_folders
from checker.cli.options import (
    addresses_option,
    learned_option,
    read_addresses,
    read_learned,
    report_options,
    rules_option,
)
from checker.cli.output import Output
from checker.cli.policy import policy_options
from checker.cli.screens import look_options


@click.command(
    short_help="Merge the parts of scan --shard into one report.",
    epilog=examples(
        "merge parts/*.part",
        "merge parts/*.part --format sarif --output findings.sarif",
    ),
)
@click.argument("parts", nargs=-1, required=True, metavar="PART...")
@learned_option
@addresses_option
@config_option
@policy_options
@rules_option
@look_options
@report_options
def merge(
    parts: tuple[str, ...],
    learned: str | None,
    addresses: str | None,
    config: str | None,
    exceptions: tuple[str, ...],
    baseline: str | None,
    rule_paths: tuple[str, ...],
    **report: Any,
) -> None:
    """Merge the parts that scan --shard wrote into the report of one scan.

    PART... are the parts of all shards. The rules are those of the shards: name the
    same --rules, --config and --exceptions.
    """
    from checker.cli.policy import read_policy
    from checker.cli.rule_pack import load_pack
    from checker.cli.streaming import Lines
    from checker.reports.json import line
    from checker.rules import bases, configure
    from checker.run.sharding import merge_parts

    files = (learned, addresses, config, baseline, *exceptions, *parts)
    reads = Reads(rules=rule_folders(rule_paths), files=files)
    out = Output(**report, reads=reads)
    pack = load_pack(rule_paths, allow_partial=out.allow_partial, quiet=out.quiet)
    pack = configure(pack, config) if config else pack
    policy = read_policy(exceptions, baseline, pack)
    known, table = read_learned(learned), read_addresses(addresses)
    with contextlib.ExitStack() as stack:
        lines = None
        if out.format == "jsonl":
            lines = stack.enter_context(Lines(out.target.path, None))
        found = merge_parts(
            pack,
            parts,
            bases=[*bases(pack), *pack],
            learned=known,
            addresses=table,
            emit=(lambda each: lines.write(line(each) + "\n")) if lines else None,
            policy=policy,
        )
        if lines:
            lines.settle()
            if not out.quiet:
                out.summarise(found)
        else:
            out.write(found)
    out.leave(found)
