"""Settings that a command evaluates: files, or a live account."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from checker.errors import UsageError


def collect(profile: str | None, regions: Sequence[str]) -> dict[str, Any]:
    """Collect a snapshot, with a word on standard error for whoever waits."""
    from checker.run.settings import live

    def tell(stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{stage} {done}/{total}", err=True, nl=False)

    found = live(profile, regions, tell)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    return found


def given(
    settings: Sequence[str],
    live: bool,  # noqa: FBT001 - an option
    profile: str | None,
    regions: Sequence[str],
) -> list[Any]:
    """Return the settings to judge: files, or those of the live account."""
    from checker.run.settings import collected

    if live and settings:
        raise UsageError("--live asks AWS: name no file of settings beside it")
    if live:
        return [collected(collect(profile, regions))]
    if not settings:
        raise UsageError("name a file of settings, or ask AWS with --live")
    if profile or regions:
        raise UsageError("--profile and --region go with --live")
    return list(settings)
