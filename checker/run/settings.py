"""Settings to evaluate: read from files, or collected from a live account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker.model import (
    Finding,
    Report,
    Statistics,
    Unreadable,
)
from checker.sources.api.session import open_session
from checker.sources.settings import account
from checker.sources.settings import read as sources
from checker.sources.settings import snapshot as snapshots


@dataclass(frozen=True, slots=True)
class Deployed:
    """A file of settings, and where a template is deployed to, if that is known."""

    uri: str
    region: str | None = None
    account: str | None = None


Given: TypeAlias = Sequence[str | Deployed | sources.Settings]
"""Settings to judge: paths, or what was collected just now."""


def live(
    profile: str | None,
    regions: Sequence[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Collect a snapshot of the account that the credentials belong to.

    Reads only.  Raises `SourceError` when there are no usable credentials, or AWS is
    out of reach; whatever else fails is in the snapshot.
    """
    session = open_session(profile)
    return account.collect(session, regions=regions or None, progress=progress)


def collected(snapshot: Mapping[str, Any]) -> sources.Settings:
    """Make a collected snapshot fit to be judged; it stands in no file."""
    return sources.Settings("AWS", snapshots.settle(snapshot), {})


def read_settings(settings: Given) -> tuple[list[sources.Settings], list[Unreadable]]:
    """Read settings of any kind; those that cannot be read come apart."""
    read: list[sources.Settings] = []
    problems: list[Unreadable] = []
    for each in settings:
        loaded = _loaded(each)
        if isinstance(loaded, Unreadable):
            problems.append(loaded)
        else:
            read.append(loaded)
    return read, problems


def _loaded(given: str | Deployed | sources.Settings) -> sources.Settings | Unreadable:
    if isinstance(given, Deployed):
        return sources.read(given.uri, region=given.region, account=given.account)
    return sources.read(given) if isinstance(given, str) else given


def settings_report(
    findings: Sequence[Finding],
    problems: Sequence[Unreadable],
    read: Sequence[sources.Settings],
    inputs: int,
    rules: int,
) -> Report:
    """Return the report on settings that were read, or could not be."""
    statistics = Statistics(
        inputs=inputs,
        bytes=sum(each.size for each in read),
        unreadable_inputs=len(problems),
        rules=rules,
        findings=len(findings),
    )
    return Report(
        findings=tuple(findings),
        statistics=statistics,
        problems=tuple(problems),
        notes=tuple(note for each in read for note in each.notes),
    )
