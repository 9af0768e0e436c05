"""The command `audit`: configuration rules on settings."""

from __future__ import annotations

from typing import Any

import click

from checker.cli.completion import FrameworkName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, rule_folders
from checker.cli.next_steps import after_audit, is_read
from checker.cli.options import (
    account_option,
    live_options,
    load_rules,
    report_options,
    rule_options,
)
from checker.cli.output import Output
from checker.cli.policy import policy_options, read_policy
from checker.cli.screens import look_options
from checker.cli.settings import given as given_settings


@click.command(
    epilog=examples(
        "audit settings.json",
        "audit plan.json --region eu-west-1",
        "audit settings.json --framework CIS-AWS-3.0 -f csv -o cis.csv",
    )
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
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    type=FrameworkName(),
    metavar="NAME",
    help="Framework whose requirements to check: a name or a YAML file (repeatable).",
)
@config_option
@policy_options
@rule_options
@look_options
@report_options
def audit(
    named: tuple[str, ...],
    more: tuple[str, ...],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    account: str | None,
    frameworks: tuple[str, ...],
    config: str | None,
    exceptions: tuple[str, ...],
    baseline: str | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **report: Any,
) -> None:
    """Check trail settings against the configuration rules.

    SETTINGS are saved snapshots, Terraform plans (terraform show -json) or
    CloudFormation templates. With --framework only the rules mapped to its requirements
    are checked, and each requirement has a result: fail, unknown, manual, pass or n/a.
    """
    from checker.rules import choose
    from checker.rules import frameworks as tables
    from checker.rules.exceptions import Covers
    from checker.run.audit import audit as run_audit
    from checker.run.compliance import audit_frameworks
    from checker.run.policy.policy import settled

    settings = (*named, *more)
    files = (*settings, config, *frameworks, baseline, *exceptions)
    reads = Reads(rules=rule_folders(rule_paths), files=files)
    out = Output(**report, reads=reads)
    asked = [tables.load(name) for name in dict.fromkeys(frameworks)]
    every = load_rules(
        rule_paths,
        (),
        (),
        config,
        allow_partial=out.allow_partial,
        quiet=out.quiet,
    )
    rules = choose(every, select, ignore)
    given = given_settings(settings, live, profile, regions, account)
    policy = read_policy(exceptions, baseline, every)
    if asked:
        found = audit_frameworks(rules, given, asked, every, policy)
    else:
        found = run_audit(rules, given, policy)
    if is_read(found):
        out.following = after_audit(settings, rule_paths)
    judged = {finding.rule.name for finding in found.findings}
    chosen = [rule for rule in rules if rule.name in judged]
    out.finish(settled(found, policy, chosen, Covers.FINDINGS))
