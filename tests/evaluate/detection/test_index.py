"""The index loses nothing: the whole pack, on every event that is at hand."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from checker import conditions, rules
from checker.conditions.outline import outline
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection import endpoint_copies, index
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.header import header_type
from checker.evaluate.detection.identities import MemoryBudget, Rows
from checker.evaluate.detection.predicates import Predicate
from checker.evaluate.detection.questions import column
from checker.model import Batch, DetectionRule
from checker.sources.events import files, formats

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"


@functools.cache
def pack() -> tuple[DetectionRule, ...]:
    """Return the detections, each for itself: none stands in for another."""
    return tuple(
        structs.replace(rule, instead_of=())
        for rule in rules.load()
        if isinstance(rule, DetectionRule)
    )


@functools.cache
def detector() -> detection.Detector:
    return detection.compile_rules(pack())


@functools.cache
def judges() -> list[tuple[str, Callable[[Any], Any], bool]]:
    return [
        (
            rule.name,
            conditions.closure(rule.detection.condition),
            endpoint_copies.judges_copies(rule),
        )
        for rule in pack()
    ]


def naive(batch: Batch) -> set[tuple[str, int]]:
    found = set()
    for number, record in zip(batch.numbers, batch.records, strict=True):
        event = json.loads(record)
        is_copy = endpoint_copies.is_copy(event)
        for name, test, judges_copies in judges():
            if conditions.holds(test(event)) and (judges_copies or not is_copy):
                found.add((name, number))
    return found


def indexed(batch: Batch) -> set[tuple[str, int]]:
    found = detection.evaluate(detector(), batch)
    return {(match.rule, match.record) for match in found.matches}


def as_log_file(events: list[Any]) -> Batch:
    text = json.dumps({"Records": events}, separators=(",", ":")).encode()
    found = formats.split("x.json", text, header=detector().header)
    assert isinstance(found, Batch)
    return found


def test_every_shipped_event_is_judged_as_without_an_index() -> None:
    paths = sorted((ROOT / "rules/events").glob("*.json"))
    events = [json.loads(path.read_text()) for path in paths]
    # One by one is slow: every eighth, and all of them together.
    alone = [as_log_file([event]) for event in events[::8]]
    together = as_log_file(events)

    assert all(batch.headers is not None for batch in alone)
    assert together.headers is not None
    assert indexed(together) == naive(together) != set()
    assert [indexed(batch) for batch in alone] == [naive(batch) for batch in alone]


def test_every_event_of_the_corpora_is_judged_as_without_an_index() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpora are not here")
    for batch in batches():
        assert indexed(batch) == naive(batch), batch.uri


def batches() -> Iterator[Batch]:
    for given in files.find([str(CORPUS)]):
        if isinstance(given, files.Input):
            for part in files.read(given, detector().header):
                if isinstance(part, Batch):
                    yield part


def test_a_text_that_comes_again_is_judged_once() -> None:
    asked: list[object] = []

    def test(event: dict[str, Any]) -> bool:
        asked.append(event["userAgent"])
        return "kali" in event["userAgent"]

    one = column([Predicate(test, (("userAgent",),))], MemoryBudget())
    header: Any = header_type([("userAgent",)])
    headers = [
        msgspec.convert({"userAgent": text}, header) for text in ("kali", "b", "kali")
    ]
    rows = Rows(headers, [])

    assert one.masks(rows) == one.masks(rows) == [1, 0, 1]
    assert sorted(map(str, asked)) == ["b", "kali"]


def test_conditions_are_filed_once_and_what_is_remembered_of_events_is_not_shared() -> (
    None
):
    nodes = [rule.detection.condition for rule in pack()[:9]]
    one, other = index.build(nodes), index.build(list(nodes))
    assert one.screens is other.screens
    assert one.room is not other.room
    (header,) = Reading(
        Batch("x", b"", [b'{"userIdentity":{"type":"Root"}}'], [0]), one.header
    ).headers()
    list(one.candidates([header]))
    assert one.room.taken
    assert not other.room.taken


def test_conditions_with_their_outlines_are_filed_as_without() -> None:
    nodes = [rule.detection.condition for rule in pack()[:9]]
    one, other = index.build(nodes), index.build(nodes, list(map(outline, nodes)))
    assert one.header is other.header
    assert one.paths == other.paths
    assert one.flat_keys == other.flat_keys
    assert [each.keys for each in one.screens] == [each.keys for each in other.screens]
    assert [each.parts for each in one.screens] == [
        each.parts for each in other.screens
    ]
