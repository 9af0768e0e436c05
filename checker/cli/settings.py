"""Settings that a command evaluates: files, or a live account."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from checker.errors import UsageError


def collect(profile: str | None, regions: Sequence[str]) -> dict[str, Any]:
    """Collect a snapshot, with progress on standard error."""
    from checker.reports.segments import visible
    from checker.run.settings import live

    def tell(stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{visible(stage)} {done}/{total}", err=True, nl=False)

    found = live(profile, regions, tell)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    return found


def given(
    settings: Sequence[str],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: Sequence[str],
    account: str | None = None,
) -> list[Any]:
    """Return the settings to judge: files, or those of the live account."""
    from checker.run.settings import Deployed, collected

    if account and not (len(account) == 12 and account.isascii() and account.isdigit()):
        raise UsageError("--account: give the twelve digits of an account id")
    if live and account:
        raise UsageError("--account goes with a template, not with --live")
    if live and settings:
        raise UsageError("--live asks AWS: name no file of settings beside it")
    if live:
        return [collected(collect(profile, regions))]
    if not settings:
        raise UsageError("name a file of settings, or ask AWS with --live")
    if profile:
        raise UsageError("--profile goes with --live")
    if len(regions) > 1:
        raise UsageError("--region names the one Region that a template is deployed to")
    if not regions and not account:
        return list(settings)
    region = regions[0] if regions else None
    return [Deployed(each, region, account) for each in settings]
