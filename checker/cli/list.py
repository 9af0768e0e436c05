"""The command `list`: the rules, filtered and counted."""

from __future__ import annotations

import fnmatch
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from checker.cli import endings, screens
from checker.cli.completion import FrameworkName, examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.messages import tell
from checker.cli.options import (
    LEVELS,
    format_option,
    load_rules,
    output_option,
    rule_options,
)
from checker.errors import SourceError, UsageError

if TYPE_CHECKING:
    from checker.model import AnyRule
from checker.cli.show import draw

KINDS = ("detection", "correlation", "configuration")


BY = ("kind", "level", "status", "service", "tag", "tactic", "technique", "framework")


ATTACK = ("18", "19")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFilter:
    """What the options of `list` ask of a rule; None and () ask nothing."""

    kind: str | None
    service: str | None
    level: str | None
    tags: tuple[str, ...]
    framework: str | None

    def of(self, rules: Sequence[AnyRule], others: Sequence[AnyRule]) -> list[AnyRule]:
        """Keep the rules that have all that is asked."""
        from checker.model import Level
        from checker.reports import catalogue, order

        keys = self._keys()
        return [
            rule
            for rule in rules
            if (not self.kind or order.kind(rule) == self.kind)
            and (not self.level or rule.level >= Level(self.level))
            and all(fnmatch.filter(rule.tags, tag) for tag in self.tags)
            and (keys is None or any(key in rule.controls for key in keys))
            and (
                not self.service
                or any(self.service in it for it in catalogue.services(rule, others))
            )
        ]

    def misspelt(
        self, rules: Sequence[AnyRule], others: Sequence[AnyRule]
    ) -> Iterator[str]:
        """Describe what no rule at all has, with what may have been meant."""
        from checker.documents import nearest
        from checker.reports import catalogue

        tags = sorted({tag for rule in rules for tag in rule.tags})
        for tag in self.tags:
            if not fnmatch.filter(tags, tag):
                yield f"--tag {tag}: no rule has that tag{nearest(tag, tags)}"
        services = {it for rule in rules for it in catalogue.services(rule, others)}
        wanted = self.service
        if wanted and not any(wanted in service for service in services):
            hint = nearest(wanted, sorted(services))
            yield f"--service {wanted}: no rule is about that service{hint}"

    def _keys(self) -> tuple[str, ...] | None:
        """Return the names under which rules name requirements of the framework."""
        from checker.rules import frameworks

        if not self.framework:
            return None
        table = frameworks.load(self.framework)
        return (table.name, *table.includes)


@click.command(
    "list",
    epilog=examples(
        "list --level high --service iam",
        "list --count-by tactic",
        "list --framework CIS-AWS-3.0",
    ),
)
@click.option("--kind", type=click.Choice(KINDS), help="Kind of rule.")
@click.option("--service", metavar="TEXT", help="Event source or resource type.")
@click.option("--level", type=click.Choice(LEVELS), help="Minimum level.")
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    help="Tag that the rules have; * is a wildcard (repeatable: all must match).",
)
@click.option(
    "--framework",
    metavar="NAME",
    type=FrameworkName(),
    help="Framework that the rules map to.",
)
@click.option(
    "--count-by",
    type=click.Choice(BY),
    help="Property to count the rules by, instead of a list.",
)
@click.option(
    "--settings",
    metavar="SNAPSHOT",
    help="Settings snapshot; excludes rules that are blind with it.",
)
@click.option(
    "--attack",
    type=click.Choice(ATTACK),
    default=ATTACK[-1],
    help=f"ATT&CK version of a Navigator layer (default: {ATTACK[-1]}).",
)
@format_option("text", "json", "navigator", noun="Output")
@output_option
@config_option
@rule_options
def list_rules(
    *,
    count_by: str | None,
    settings: str | None,
    attack: str,
    form: str,
    output: str | None,
    config: str | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **wanted: Any,
) -> None:
    """List rules, with filters.

    The navigator format is a layer for the ATT&CK Navigator; with --settings it marks
    techniques that only blind rules cover.
    """
    from checker import rules as loader
    from checker.reports import catalogue

    if count_by and form == "navigator":
        raise UsageError("--count-by goes with --format text and json")
    reads = Reads(rules=rule_folders(rule_paths), files=(config, settings))
    target = Target(output, reads)
    every = load_rules(rule_paths, (), (), config)
    others = [*loader.bases(every), *every]
    asked = RuleFilter(**wanted)
    found = asked.of(loader.choose(every, select, ignore), others)
    if not found:
        said = list(asked.misspelt(every, others)) or ["no rule has all of that"]
        for line in said:
            tell(line)
    blind, unknown = (
        _blind(every, rule_paths, settings) if settings else (None, frozenset())
    )
    seeing = [rule for rule in found if rule.name not in (blind or ())]
    if form == "navigator":
        target.save(_navigator(found, attack, blind, settings or ""))
    elif count_by:
        _count(seeing, others, count_by, form, target)
    elif form == "json":
        pieces = catalogue.documents(seeing, others)
        target.write(lambda _: iter(pieces))
    else:
        draw(catalogue.listed(seeing, screens.asked_width(sys.stdout)), target)
    number = f"{len(seeing):,} rule{'s' * (len(seeing) != 1)}"
    wrote = f"{target.path}: {number}" if target.path else None
    doubtful = [rule.name for rule in seeing if rule.name in unknown]
    if doubtful:
        shown = ", ".join(doubtful[:5]) + (" …" if len(doubtful) > 5 else "")
        endings.leave(
            3,
            f"unknown whether {len(doubtful)} of these rules are blind: {shown} "
            "(see trailcheck visibility)",
            wrote=wrote,
        )
    endings.leave(0, "", wrote=wrote)


def _blind(
    every: Sequence[AnyRule], paths: Sequence[str], settings: str
) -> tuple[frozenset[str], frozenset[str]]:
    """Name the rules that see nothing under some settings, and those that may not."""
    from checker.model import Status
    from checker.run.visibility import visibility as run_visibility

    report = run_visibility(every, paths, [settings])
    for problem in report.problems:
        raise SourceError(problem.uri, problem.reason)
    blind, unknown = (
        frozenset(each.rule.name for each in report.findings if each.status is status)
        for status in (Status.BLIND, Status.UNKNOWN)
    )
    return blind, unknown


def _navigator(
    rules: Sequence[AnyRule], attack: str, blind: frozenset[str] | None, settings: str
) -> str:
    from checker.aws.attack import table
    from checker.model import ConfigurationRule
    from checker.reports import navigator
    from checker.reports.json import printable

    # A setting that is right looks for nobody.
    looking = [rule for rule in rules if not isinstance(rule, ConfigurationRule)]
    drawn = navigator.layer(
        looking, table(), version=attack, blind=blind, settings=settings
    )
    return printable(json.dumps(drawn, indent=1)) + "\n"


def _count(
    rules: Sequence[AnyRule],
    others: Sequence[AnyRule],
    by: str,
    form: str,
    target: Target,
) -> None:
    from checker.aws.attack import table
    from checker.reports import tally

    counts = tally.count(rules, tally.keys(others, table()["tactics"])[by])
    if form == "json":
        target.save(tally.document(by, len(rules), counts))
    else:
        draw(tally.lines(counts), target)
