"""The command `tune`: exceptions for findings that are marked as false."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checker.cli import endings
from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target, rule_folders
from checker.cli.event_options import event_options
from checker.cli.messages import tell
from checker.cli.options import load_rules, output_option, rule_options
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.run.tuning import Tuning
    from checker.sources.events.inputs import InputFilter

_DAYS = 90
_REPORTED = re.compile(
    r'"(?:fingerprint|trailcheckIdentity/v1)"\s*:\s*"([0-9a-f]{64})"'
)
_LARGEST = 64 << 20


@click.command(
    epilog=examples(
        "tune logs/ --false 3f2a9c11 --false 6b1f0d9c",
        "tune logs/ --false false.json -o exceptions.yml --owner cloud",
        "tune --settings settings.json --false false.txt",
    )
)
@click.argument("events", nargs=-1, metavar="[EVENTS...]")
@click.option(
    "--false",
    "marks",
    multiple=True,
    required=True,
    metavar="MARK",
    help="False finding: its fingerprint (8 characters are enough) or eventID, or a "
    "file of these, or a report whose findings are all false (repeatable).",
)
@click.option(
    "--settings",
    multiple=True,
    metavar="FILE",
    help="Settings to audit too (repeatable).",
)
@rule_options
@click.option(
    "--reason",
    metavar="TEXT",
    help="Reason of the exceptions (default: a text to replace).",
)
@click.option(
    "--owner",
    metavar="TEXT",
    help="Owner of the exceptions (default: a text to replace).",
)
@click.option(
    "--expires",
    metavar="DATE",
    help=f"Last day of the exceptions (default: in {_DAYS} days).",
)
@config_option
@output_option
@click.option(
    "--allow-partial",
    is_flag=True,
    help="No exit code 3 for input that could not be read.",
)
@event_options
def tune(
    events: tuple[str, ...],
    marks: tuple[str, ...],
    settings: tuple[str, ...],
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    reason: str | None,
    owner: str | None,
    expires: str | None,
    config: str | None,
    output: str | None,
    *,
    allow_partial: bool,
    wanted: InputFilter,
) -> None:
    """Propose exceptions for findings that are false.

    EVENTS are the same as for scan; every finding that is not marked is true. The
    proposals cover the marked findings and no other, which is tried on the same input.
    They are entries of a file for --exceptions. Exit code 1: a marked finding cannot be
    told from a true one.
    """
    from checker.authoring import placeholders
    from checker.rules import bases
    from checker.run.tuning import Given
    from checker.run.tuning import tune as run_tune

    if not events and not settings:
        raise UsageError("name events, or settings with --settings")
    if "-" in events:
        raise UsageError("tune reads its input several times: save it to a file")
    target = Target(
        output, Reads(events=events, rules=rule_folders(rule_paths), files=settings)
    )
    pack = load_rules(rule_paths, (), (), config)
    rules = load_rules(rule_paths, select, ignore, config) if select or ignore else pack
    today = datetime.now(UTC).date()
    words = {
        "reason": reason or placeholders.EXCEPTION_REASON,
        "owner": owner or placeholders.EXCEPTION_OWNER,
        "expires": expires or str(today + timedelta(days=_DAYS)),
    }
    given = Given(rules, [*bases(pack), *pack], events, settings, wanted)
    made = run_tune(given, list(_marks(marks)), today, words)
    target.save("".join(_yaml(made.entries)))
    _tell(made)
    bad = made.inseparable or made.wrongly or made.covered < len(made.marked)
    code = 3 if made.problems and not allow_partial else int(bool(bad))
    why = (
        endings.unread(len(made.problems))
        if code == 3
        else "not every marked finding is covered"
    )
    endings.leave(code, why, wrote=str(target.path) if target.path else None)


def _marks(given: Sequence[str]) -> Iterator[str]:
    """Yield the marks that are named, and those of the files that are."""
    for mark in given:
        file = Path(mark)
        if not file.is_file():
            yield mark
            continue
        if file.stat().st_size > _LARGEST:
            raise UsageError(f"--false {mark}: file too large (limit: 64 MiB)")
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--false {mark}: cannot be read: {error}") from error
        if text.lstrip()[:1] in ("{", "["):
            yield from _reported(mark, text)
        else:
            lines = (line.partition("#")[0].split() for line in text.splitlines())
            yield from (words[0] for words in lines if words)


def _reported(mark: str, text: str) -> Iterator[str]:
    found = _REPORTED.findall(text)
    if not found:
        raise UsageError(f"--false {mark}: it has no findings of trailcheck")
    yield from found


def _yaml(entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the text of a file of exceptions."""
    from checker.authoring.block_yaml import block

    if not entries:
        yield "exceptions: []\n"
        return
    yield "exceptions:\n"
    for entry in entries:
        first, *rest = block(entry, 4)
        yield f"  - {first.lstrip(' ')}"
        yield from rest


def _tell(made: Tuning) -> None:
    from checker.reports.segments import visible

    for problem in made.problems:
        tell(f"{problem.uri}: {problem.reason}")
    tell(
        f"covers {made.covered:,} of {len(made.marked):,} marked findings and "
        f"{len(made.wrongly):,} of {made.others:,} others"
    )
    for finding in made.inseparable:
        shown = json.dumps(finding.subject.get("id"))
        tell(
            visible(
                f"{finding.rule.name} {shown}: nothing tells it from a finding that is "
                "not marked: change the rule, or mark that one too"
            )
        )
