"""Count the events of some inputs by their fields: a ranking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from checker import conditions
from checker.conditions import tree
from checker.errors import ConditionError, UsageError
from checker.evaluate.detection import counting
from checker.evaluate.detection.counting import MOST_KEYS, Groups, Key, Query
from checker.model import AnyRule, DetectionRule, Ranking
from checker.rules import choose
from checker.rules.correlation import timespan
from checker.rules.texts import refuse_loose_not
from checker.run.scanning.reading import read_inputs
from checker.run.scanning.scan import Advance
from checker.run.scanning.tally import Tally
from checker.sources.events.inputs import (
    InputFilter,
    Path,
    as_paths,
    find,
    watched,
)
from checker.sources.events.inputs import notes as input_notes

_ONLY = "only the matches of detections can be counted"
_SPAN = re.compile(r"[1-9][0-9]{0,8}[smhd]")


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
    eventIDs that count and of at most twice `most_keys` groups (`counting.Groups`).
    """
    asked = query(by, where=where, rules=rules, bucket=bucket)
    groups = Groups(most_keys)
    tally = Tally()
    keys: dict[str, Key] = {}
    choice = watched(wanted, advance)
    inputs = as_paths(inputs)
    notes = list(input_notes(inputs, choice))
    found = find(inputs, choice)
    for piece in read_inputs(
        found, choice, jobs, counting.compile_query, asked, remark=notes.append
    ):
        tally.take(piece)
        for event_id, key in piece.matches:
            if event_id is None:
                groups.add(key)
            elif event_id not in keys:
                keys[event_id] = key
                groups.add(key)
    gone = tally.superseded()
    for event_id in keys.keys() & gone.keys():
        groups.remove(keys[event_id])
    counted = tally.count(gone)
    largest, distinct = groups.groups(most)
    return Ranking(
        fields=tuple(by),
        bucket=asked.bucket,
        groups=tuple(largest),
        counted=groups.total,
        distinct=distinct,
        low=groups.low,
        statistics=tally.statistics(counted, {"rules": len(rules)}),
        problems=tuple(tally.problems),
        notes=(*notes, *tally.notes(counted), *_notes(groups, most_keys)),
    )


def _notes(groups: Groups, most_keys: int) -> Iterator[str]:
    if groups.low:
        yield (
            f"there are more than {2 * most_keys:,} different groups: each count may "
            f"be up to {groups.low:,} too low, and groups of at most {groups.low:,} "
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
