"""What to run after a report: commands that can be copied as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import click
from click.core import ParameterSource

from checker.cli.screens import command, repeated

if TYPE_CHECKING:
    from checker.model import Report
    from checker.reports.screen import Counts

MOST: Final = 3
_DECIDING: Final = frozenset(
    {
        "addresses",
        "baseline",
        "config",
        "exceptions",
        "frameworks",
        "ignore",
        "learned",
        "level",
        "rule_paths",
        "select",
        "settings",
    }
)
_MOST_INPUTS: Final = 4

Following: TypeAlias = "Callable[[Counts], Sequence[str]]"


def is_read(report: Report) -> bool:
    """Return whether anything was read: else the next step is to name other inputs."""
    return report.statistics.unreadable_inputs < report.statistics.inputs


def after_scan(
    events: Sequence[str],
    settings: str | None,
    rule_paths: Sequence[str],
    blind: Sequence[str],
) -> Following:
    """Return what suggests commands after a scan."""

    def following(counts: Counts) -> list[str]:
        steps = [*_worst(counts, rule_paths), *_identity(counts, events)]
        if settings and blind:
            steps.append(command("visibility", "--settings", settings))
        elif not settings:
            steps.append(command("snapshot", "--output", "settings.json"))
            steps.append(command("visibility", "--settings", "settings.json"))
        steps += _page("scan", events)
        return steps[:MOST]

    return following


def after_audit(settings: Sequence[str], rule_paths: Sequence[str]) -> Following:
    """Return what suggests commands after an audit."""

    def following(counts: Counts) -> list[str]:
        steps = _worst(counts, rule_paths)
        if settings:
            options = repeated("--settings", settings[:1])
            steps.append(command("visibility", *options))
            steps += _page("audit", settings)
        return steps[:MOST]

    return following


def after_visibility(settings: Sequence[str], blind: Sequence[str]) -> Following:
    """Return what suggests commands after a look at what would be seen."""

    def following(_counts: Counts) -> list[str]:
        steps = []
        if settings and blind:
            options = repeated("--settings", settings[:1])
            steps.append(command("remediate", *options))
        steps += [command("show", name) for name in blind[:1]]
        return steps

    return following


def _worst(counts: Counts, rule_paths: Sequence[str]) -> list[str]:
    """Suggest to read about the rule with the worst findings."""
    rule = counts.worst
    return (
        [command("show", rule.name, *repeated("--rules", rule_paths))] if rule else []
    )


def _identity(counts: Counts, events: Sequence[str]) -> list[str]:
    """Suggest to look at all that the identity with the worst findings did."""
    groups = counts.identities.ranked()
    if not groups or not _can_repeat(events):
        return []
    name = groups[0].label
    if not name.startswith("arn:") or not _is_plain(name):
        return []
    return [command("story", name, *events)]


def _page(name: str, inputs: Sequence[str]) -> list[str]:
    """Suggest a page with all findings."""
    if not _can_repeat(inputs):
        return []
    page = ("--format", "html", "--output", "report.html")
    return [command(name, *inputs, *_asked(), *page)]


def _asked() -> Iterator[str]:
    """Yield the options of this command line that decide what is found."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    for option in context.command.params:
        name = option.name or ""
        source = context.get_parameter_source(name)
        if name in _DECIDING and source is ParameterSource.COMMANDLINE:
            given = context.params[name]
            values = [given] if isinstance(given, str) else given
            yield from repeated(max(option.opts, key=len), values)


def _can_repeat(inputs: Sequence[str]) -> bool:
    return "-" not in inputs and len(inputs) <= _MOST_INPUTS


def _is_plain(name: str) -> bool:
    """Return whether a name is safe and whole within quotes of JMESPath and a shell."""
    return name.isascii() and name.isprintable() and not set(name) & set("'\\\"`$")
