"""The commands that judge, mend and save settings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from checker.cli.options import (
    Output,
    config_option,
    live_options,
    load_rules,
    report_options,
    rule_options,
    say,
)
from checker.errors import SourceError, UsageError


@click.command()
@click.option(
    "--output", "-o", metavar="FILE", help="Snapshot file (default: standard output)."
)
@click.option(
    "--allow-partial", is_flag=True, help="No exit code 3 for calls that AWS refused."
)
@live_options
def snapshot(
    *,
    output: str | None,
    allow_partial: bool,
    profile: str | None,
    regions: tuple[str, ...],
) -> None:
    """Save an account's settings for audit and visibility.

    Makes read-only calls; checker/sources/settings/snapshot-policy.json is the IAM
    policy that it needs.
    """
    from checker.sources.api.failures import Failure, kind
    from checker.sources.settings import snapshot as snapshots

    found = _collect(profile, regions)
    text = snapshots.write(found)
    if output:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--output {output}: {error.strerror}") from error
    else:
        say([text])
    problems = found["errors"]
    for problem in problems[:20]:
        where = problem.get("resource") or problem.get("region") or ""
        said = f"{problem['service']} {problem['operation']} {where}".strip()
        failure = kind(problem["code"])
        known = problem["state"] != "error" or failure is Failure.OTHER
        why = "" if known else f": {failure.value}"
        click.echo(f"{problem['state']}: {said} ({problem['code']}){why}", err=True)
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


@click.command()
@click.argument("settings", nargs=-1, metavar="[SETTINGS...]")
@click.option("--live", is_flag=True, help="Query AWS instead of a settings file.")
@live_options
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    metavar="NAME",
    help="Framework whose requirements to check: a name or a YAML file (repeatable).",
)
@config_option
@rule_options
@report_options
def audit(
    settings: tuple[str, ...],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: tuple[str, ...],
    frameworks: tuple[str, ...],
    config: str | None,
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
    from checker import run
    from checker.rules import choose
    from checker.rules import frameworks as tables

    out = Output(**report)
    named = [tables.load(name) for name in dict.fromkeys(frameworks)]
    every = load_rules(rule_paths, (), (), config)
    rules = choose(every, select, ignore)
    given = _given(settings, live, profile, regions)
    if named:
        out.finish(run.audit_frameworks(rules, given, named, every))
    out.finish(run.audit(rules, given))


def _given(
    settings: Sequence[str],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: Sequence[str],
) -> list[Any]:
    """Return the settings to judge: files, or those of the live account."""
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


@click.command(short_help="List detections whose events no trail records.")
@click.option(
    "--settings",
    "settings",
    multiple=True,
    metavar="SNAPSHOT",
    help="Settings snapshot (repeatable).",
)
@click.option("--live", is_flag=True, help="Query AWS instead of a settings file.")
@live_options
@rule_options
@report_options
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
    """List detections that cannot fire because no trail records their events."""
    from checker import run
    from checker.rules import bases, choose, load

    out = Output(**report)
    pack = load(rule_paths)
    rules = choose(pack, select, ignore)
    given = _given(settings, live, profile, regions)
    below = [*bases(pack), *pack]
    out.finish(run.visibility(rules, rule_paths, given, bases=below))


@click.command()
@click.argument("rules", nargs=-1, metavar="[RULE...]")
@click.option("--settings", metavar="SNAPSHOT", help="Settings snapshot.")
@click.option("--live", is_flag=True, help="Query AWS instead of a settings file.")
@live_options
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    metavar="DIR",
    help="Folder or file of rules (default: the bundled rules; repeatable).",
)
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "cli", "terraform", "cloudformation", "json")),
    default="text",
    help="Output format (default: text).",
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
    """Print event-selector changes that fix blind or failing rules.

    Each change only adds selectors and is printed with its proof. RULE is the name or
    id of a rule (default: all rules that are blind or fail because events are not
    recorded). The exit code is 3 if the settings are not complete enough.
    """
    from checker import run
    from checker.model import Unreadable
    from checker.reports import remediation

    given = _given([settings] if settings else [], live, profile, regions)
    found = run.remediate(load_rules(rule_paths, (), ()), rule_paths, given, rules)
    if isinstance(found, Unreadable):
        raise SourceError(found.uri, found.reason)
    say(remediation.render(found.remedies, form=form, settings=found.uri))
    sys.exit(3 if found.unknown else 0)
