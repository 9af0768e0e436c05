"""The command `snapshot`: the settings of a live account, saved."""

from __future__ import annotations

import click

from checker.cli import endings
from checker.cli.completion import examples
from checker.cli.destinations import Target
from checker.cli.messages import tell
from checker.cli.options import live_options
from checker.cli.settings import collect


@click.command(
    epilog=examples(
        "snapshot --output settings.json",
        "snapshot --profile audit --region eu-west-1 -o settings.json",
    )
)
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

    target = Target(output)
    found = collect(profile, regions)
    target.save(snapshots.write(found))
    problems = found["errors"]
    for problem in problems[:20]:
        where = problem.get("resource") or problem.get("region") or ""
        said = f"{problem['service']} {problem['operation']} {where}".strip()
        failure = kind(problem["code"])
        known = problem["state"] != "error" or failure is Failure.OTHER
        why = "" if known else f": {failure.value}"
        tell(f"{problem['state']}: {said} ({problem['code']}){why}")
    if len(problems) > 20:
        tell(f"and {len(problems) - 20} more: see 'errors'")
    account = found["account"].get("id") or "unknown"
    refused = f"{len(problems):,} call{'s' * (len(problems) != 1)}"
    endings.leave(
        3 if problems and not allow_partial else 0,
        f"{refused} without an answer (--allow-partial accepts that)",
        wrote=f"{target.path}: settings of account {account}" if target.path else None,
    )
