"""Learn, read and write what first_seen rules know already.

A learned file is small, JSON (`schemas/learned.json`), sorted, and the same for the
same events whatever the machine; it can be kept in a repository and diffed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checker import documents
from checker.correlation_types import kind
from checker.errors import RulesError, SourceError
from checker.evaluate import correlation
from checker.evaluate.correlation import Addresses, Learned
from checker.model import AnyRule, CorrelationRule, Unreadable
from checker.reports.json import printable
from checker.run.scanning.corrections import Corrections
from checker.run.scanning.job import make_job
from checker.run.scanning.reading import read_inputs
from checker.run.scanning.scan import Advance
from checker.run.scanning.worker import detecting
from checker.sources.events.inputs import InputFilter, as_paths, find, watched
from checker.sources.events.inputs import Path as InputPath
from checker.spill.external_sort import Sorter

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def learn(  # noqa: PLR0913 - each is an option of the command
    rules: Iterable[AnyRule],
    inputs: InputPath | Iterable[InputPath],
    *,
    known: Learned | None = None,
    addresses: Addresses | None = None,
    jobs: int = 1,
    advance: Advance | None = None,
    wanted: InputFilter | None = None,
) -> tuple[Learned, tuple[Unreadable, ...]]:
    """Add the events of some inputs to what the `first_seen` rules know.

    An event that another one corrects is not learned: the correcting one is.  Also
    gives what could not be read: a file that lacks events lets known things look new.
    """
    by_name = {rule.name: rule for rule in rules}
    firsts = [
        rule
        for rule in by_name.values()
        if isinstance(rule, CorrelationRule)
        and kind(rule.correlation.type).needs_learned
    ]
    job = make_job(firsts, by_name.values())
    problems: list[Unreadable] = []
    corrections = Corrections()
    sorter = Sorter()
    asked = watched(wanted, advance)
    found = find(as_paths(inputs), asked)
    for scanned in read_inputs(found, asked, jobs, detecting, job):
        # A copy says the same; what a later event corrects is known at the end.
        corrections.add(scanned.corrections)
        sorter.add(scanned.hits)
        problems.extend(scanned.problems)
    label = addresses.label if addresses else correlation.nameless
    gone = corrections.superseded()
    hits = (hit for hit in sorter.drain() if hit.event not in gone)
    return correlation.learn(job.plan, hits, known or {}, label), tuple(problems)


def load_learned(path: str) -> Learned:
    """Read a learned file.

    Raises `SourceError` when it cannot be read, and `RulesError` with every mistake
    when it is not one.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SourceError(path, reason) from error
    document = documents.load_json(path, text)
    problems = list(document.problems) or documents.check(document, "learned")
    if problems:
        raise RulesError(problems)
    return {
        name: {
            tuple(row["values"]): correlation.milliseconds(row["last"]) or 0
            for row in rows
        }
        for name, rows in document.value["rules"].items()
    }


def render_learned(learned: Learned) -> str:
    """Write learned values as the text of its file."""
    rules = {
        name: [
            {"values": list(values), "last": _time(last)}
            for values, last in sorted(rows.items(), key=lambda row: json.dumps(row[0]))
        ]
        for name, rows in sorted(learned.items())
    }
    return (
        printable(
            json.dumps({"version": 1, "rules": rules}, indent=1, ensure_ascii=False)
        )
        + "\n"
    )


def _time(milliseconds: int) -> str:
    moment = (_EPOCH + timedelta(milliseconds=milliseconds)).replace(tzinfo=None)
    whole = milliseconds % 1000 == 0
    return moment.isoformat(timespec="seconds" if whole else "milliseconds") + "Z"
