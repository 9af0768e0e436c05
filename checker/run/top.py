"""Count the events of some inputs by their fields: a ranking."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker import conditions
from checker.conditions import tree
from checker.errors import ConditionError, UsageError
from checker.evaluate.detection import batch_reader, counting
from checker.evaluate.detection.counting import MOST_KEYS, Key, Query, Tally
from checker.model import (
    AnyRule,
    Batch,
    Correction,
    DetectionRule,
    Ranking,
    Statistics,
    Unreadable,
)
from checker.parallel.scheduler import map_ordered, processes
from checker.rules import choose
from checker.rules.correlation import timespan
from checker.rules.texts import refuse_loose_not
from checker.run.scanning.copies import Copies
from checker.run.scanning.scan import Advance
from checker.sources.events import files
from checker.sources.events.inputs import (
    InputFilter,
    Path,
    as_paths,
    fetching,
    find,
    inside,
    watched,
)
from checker.sources.events.inputs import notes as input_notes
from checker.sources.events.period import Period

_ONLY = "only the matches of detections can be counted"
_SPAN = re.compile(r"[1-9][0-9]{0,8}[smhd]")


@dataclass(frozen=True, slots=True)
class _Part:
    """What one input gave; `rows` are its events that count (`top.Counted`)."""

    uri: str
    size: int
    bytes: int = 0
    outside: int = 0
    digests: int = 0
    rows: tuple[tuple[str, tuple[tuple[int, str | None, Key], ...]], ...] = ()
    events: tuple[tuple[str, tuple[int, ...], tuple[str | None, ...]], ...] = ()
    corrections: tuple[Correction, ...] = ()
    problems: tuple[Unreadable, ...] = ()


def countable(rules: Sequence[AnyRule], words: Sequence[str]) -> list[DetectionRule]:
    """Choose the detections that some word names, as `rules.choose` reads it.

    Raises `UsageError` for a word that names none.
    """
    found: dict[str, DetectionRule] = {}
    for word in words:
        named = choose(rules, [word], (), options=("--rule", ""))
        some = {each.name: each for each in named if isinstance(each, DetectionRule)}
        if not some:
            raise UsageError(f"--rule {word}: {_ONLY}")
        found.update(some)
    return list(found.values())


def query(
    by: Sequence[str],
    *,
    where: str | None = None,
    rules: Sequence[AnyRule] = (),
    bucket: str | None = None,
) -> Query:
    """Read a query: JMESPath texts, rules of which one must match, a timespan (`1h`).

    Raises `UsageError` where a text is wrong, or a rule is not over single events.
    """
    for rule in rules:
        if not isinstance(rule, DetectionRule):
            raise UsageError(f"{rule.name}: {_ONLY}")
    length = seconds(bucket)
    condition = None if where is None else _parse("--where", where)
    detections = [rule for rule in rules if isinstance(rule, DetectionRule)]
    return Query(
        by=tuple(_parse("--by", text) for text in by),
        where=counting.condition(condition, detections),
        bucket=length,
    )


def seconds(bucket: str | None) -> int | None:
    """Return the length of time buckets; raises `UsageError` where a text is wrong."""
    if bucket is None:
        return None
    if not _SPAN.fullmatch(bucket):
        raise UsageError(f"--bucket {bucket}: write a timespan such as 15m, 1h or 7d")
    return timespan(bucket)


def rank(  # noqa: PLR0913 - each is an option of the command
    by: Sequence[str],
    inputs: Path | Iterable[Path],
    *,
    where: str | None = None,
    rules: Sequence[AnyRule] = (),
    bucket: str | None = None,
    most: int = 25,
    jobs: int | None = 1,
    most_keys: int = MOST_KEYS,
    advance: Advance | None = None,
    wanted: InputFilter | None = None,
) -> Ranking:
    """Count the events of some files and folders by the values of fields.

    Copies and corrected events are left out as in a scan.  Memory is that of the
    eventIDs and of at most twice `most_keys` groups (`evaluate.top.Tally`).
    """
    asked = query(by, where=where, rules=rules, bucket=bucket)
    tally = Tally(most_keys)
    copies = Copies()
    keys: dict[str, Key] = {}
    counts: dict[str, int] = dict.fromkeys(
        (
            "inputs",
            "bytes",
            "events",
            "duplicates",
            "outside",
            "digests",
            "unreadable_inputs",
        ),
        0,
    )
    problems: list[Unreadable] = []
    choice = watched(wanted, advance)
    inputs = as_paths(inputs)
    notes = list(input_notes(inputs, choice))
    with fetching(find(inputs, choice), choice.tell) as ready:
        count, listed = (jobs, ready) if jobs else processes(ready)
        arguments = (asked, choice.period)
        for part in map_ordered(
            listed, count, _counter, *arguments, remark=notes.append
        ):
            again = copies.find(part.events, part.corrections)
            for uri, rows in part.rows:
                for number, event_id, key in rows:
                    if (uri, number) not in again:
                        tally.add(key)
                        if event_id is not None:
                            keys[event_id] = key
            counts["inputs"] += 1
            counts["bytes"] += part.bytes
            counts["digests"] += part.digests
            counts["outside"] += part.outside
            counts["duplicates"] += len(again)
            counts["events"] += sum(len(ids) for _, _, ids in part.events) - len(again)
            counts["unreadable_inputs"] += any(p.record is None for p in part.problems)
            problems.extend(part.problems)
            if advance:
                advance(part.size, part.uri)
    for event_id in copies.superseded():
        counts["duplicates"] += 1
        counts["events"] -= 1
        if event_id in keys:
            tally.remove(keys[event_id])
    records = sum(problem.record is not None for problem in problems)
    groups, distinct = tally.groups(most)
    return Ranking(
        fields=tuple(by),
        bucket=asked.bucket,
        groups=tuple(groups),
        counted=tally.total,
        distinct=distinct,
        low=tally.low,
        statistics=Statistics(**counts, unreadable_records=records, rules=len(rules)),
        problems=tuple(problems),
        notes=(*notes, *_notes(tally, most_keys)),
    )


def _notes(tally: Tally, most_keys: int) -> Iterator[str]:
    if tally.low:
        yield (
            f"there are more than {2 * most_keys:,} different groups: each count may "
            f"be up to {tally.low:,} too low, and groups of at most {tally.low:,} "
            "events may be missing."
        )


def _parse(option: str, text: str) -> tree.Node:
    try:
        node = conditions.parse(text)
        refuse_loose_not(node)
    except ConditionError as error:
        place = f"character {error.offset + 1}"
        raise UsageError(f"{option} {text}: {error.message} ({place})") from error
    return node


def _counter(
    asked: Query, period: Period
) -> Callable[[files.Input | Unreadable], tuple[_Part]]:
    counter = counting.compile_query(asked)
    return lambda each: (_count(counter, period, each),)


def _count(
    counter: counting.Counter, period: Period, each: files.Input | Unreadable
) -> _Part:
    if isinstance(each, Unreadable):
        return _Part(each.uri, 0, problems=(each,))
    size = outside = digests = 0
    rows: list[tuple[str, tuple[tuple[int, str | None, Key], ...]]] = []
    events: list[tuple[str, tuple[int, ...], tuple[str | None, ...]]] = []
    corrections: list[Correction] = []
    problems: list[Unreadable] = []
    for part in inside(files.read(each, counter.header), period):
        if isinstance(part, Unreadable):
            problems.append(part)
        elif isinstance(part, Batch):
            size += len(part.text)
            outside += part.outside
            found = counting.evaluate(counter, part)
            rows.append((part.uri, found.rows))
            events.append((part.uri, found.records, found.event_ids))
            corrections.extend(batch_reader.corrections(part))
            problems.extend((*part.problems, *found.problems))
        else:
            digests += 1
    return _Part(
        uri=each.uri,
        size=each.size,
        bytes=size,
        outside=outside,
        digests=digests,
        rows=tuple(rows),
        events=tuple(events),
        corrections=tuple(corrections),
        problems=tuple(problems),
    )
