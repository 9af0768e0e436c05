"""The command `draft`: a rule from examples, held against ordinary events."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli import endings, screens
from checker.cli.completion import examples
from checker.cli.destinations import require_stdin, say
from checker.cli.event_options import event_options
from checker.cli.messages import tell
from checker.errors import SourceError

if TYPE_CHECKING:
    from checker.authoring.draft import Draft, Profile
    from checker.reports.segments import Line
    from checker.run.collect import Collected
    from checker.sources.events.inputs import InputFilter

_SHOWN = 5


@click.command(
    epilog=examples(
        "draft incident.json --baseline logs/ --name snapshot_shared",
        "draft one.json two.json",
    )
)
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option(
    "--baseline",
    multiple=True,
    metavar="EVENTS",
    help="Ordinary events, which the rule must not match (repeatable).",
)
@click.option(
    "--name", metavar="NAME", help="Name of the rule (default: from the first event)."
)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    default=".",
    help="Folder for the new files (default: the current one).",
)
@click.option(
    "--allow-partial",
    is_flag=True,
    help="No exit code 3 for input that could not be read.",
)
@event_options
def draft(
    events: tuple[str, ...],
    baseline: tuple[str, ...],
    name: str | None,
    folder: str,
    *,
    allow_partial: bool,
    wanted: InputFilter,
) -> None:
    """Draft a rule from examples.

    EVENTS are the same as for scan, and all of them are examples. Each field is
    reported as constant, enumerable, patterned or volatile. With --baseline, the rule
    gets the fewest conditions that leave out all ordinary events. Exit code 1: the rule
    misses an example or matches an ordinary event.
    """
    from checker.authoring import rule_files
    from checker.authoring.draft import draft as make
    from checker.authoring.draft.draft import name_of, ordinary
    from checker.run.collect import collect

    require_stdin((*events, *baseline))
    given = collect(events, wanted=wanted)
    if given.problems and not given.events:
        first = given.problems[0]
        raise SourceError(first.uri, first.reason)
    kinds = {(e.get("eventSource"), e.get("eventName")) for e in given.events}
    ids = {each.get("eventID") for each in given.events} - {None}
    usual = collect(baseline, kinds=kinds, wanted=wanted) if baseline else None
    # An example that is in the logs of that day as well is not ordinary.
    others = [e for e in usual.events if e.get("eventID") not in ids] if usual else []
    made = make(
        name or name_of(given.events),
        given.events,
        others if usual else None,
    )
    paths = rule_files.write(Path(folder), made.files, "choose another --name")
    say(_report(made, usual))
    for event in made.remaining[:_SHOWN]:
        tell(f"also matched: {ordinary(event)}")
    problems = (*given.problems, *(usual.problems if usual else ()))
    for problem in problems:
        tell(f"{problem.uri}: {problem.reason}")
    bad = made.matched < made.examples or bool(made.remaining)
    code = 3 if problems and not allow_partial else int(bad)
    why = endings.unread(len(problems)) if code == 3 else "the rule is not exact"
    endings.leave(code, why, wrote=", ".join(map(str, paths)))


def _report(made: Draft, usual: Collected | None) -> Iterator[str]:
    from checker.reports.segments import plain, uncommanding, visible

    yield from plain(_table(made, screens.width(sys.stdout)))
    yield f"\nmatches {made.matched} of {made.examples} examples\n"
    if usual is None:
        yield "no baseline: name ordinary events with --baseline to count false ones\n"
    else:
        left = len(made.remaining)
        yield f"matches {left:,} of {usual.total:,} events of the baseline\n"
        if usual.left_out:
            yield f"{usual.left_out:,} more events of these names were not counted\n"
    for text in made.about_caller:
        line = f"note: {text} holds on who made these calls, not on what was done"
        yield f"{uncommanding(visible(line))}\n"


def _table(made: Draft, width: int) -> Iterator[Line]:
    """Yield a line for each field; values hang below where it is too wide."""
    from checker.reports import layout
    from checker.reports.segments import Segment, visible

    paths = min(60, max(len(each.path) for each in made.fields))
    rows = [("field", "over the examples", "events", "values")]
    for field in made.fields:
        present = f"{field.present}/{made.examples}"
        rows.append((field.path, field.nature.value, present, _values(field)))
    for path, nature, events, values in rows:
        cells = f"{visible(path):<{paths}}", f"{nature:<17}", f"{events:>6}"
        items = [*((Segment(each),) for each in cells), (Segment(visible(values)),)]
        yield from layout.flow(items, first=(), indent=4, gap="  ", width=width)


def _values(field: Profile) -> str:
    if field.beginning or field.end:
        begins = f"begins with '{field.beginning}'" if field.beginning else ""
        ends = f"ends with '{field.end}'" if field.end else ""
        return " and ".join(filter(None, (begins, ends)))
    from checker.reports.evidence import brief

    texts = [
        f"{each[:39]}…" if isinstance(each, str) and len(each) > 40 else each
        for each in field.values[:3]
    ]
    shown = map(brief, texts)
    return ", ".join(shown) + (" …" if len(field.values) > 3 else "")
