"""This module plays the cases of a correlation: a list of records in time.

A step is one record, or `count` of them, `every` so long; `{n}` in the texts of its
patch is the number of the record within the step, from 1.  Times and eventIDs are made
up, unless the patch sets them: the first moment of a case is 2026-11-20T00:00:00Z.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import msgspec

from checker.evaluate import correlation, detection
from checker.evaluate.correlation import Burst, Label, Plan, nameless
from checker.model import AnyRule, Batch, CorrelationRule, DetectionRule, Event
from checker.rules.correlation import timespan

Patch: TypeAlias = Callable[[Any, Any], Any]

BEGINNING = datetime(2026, 11, 20, tzinfo=UTC)


def expand(
    steps: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], patch: Patch
) -> Iterator[Event]:
    """Make the records of a case from its steps, each with the record it starts from.

    A step without `at` begins when the one before it ends.
    """
    now = 0
    for index, (step, base) in enumerate(steps):
        begin = timespan(step.get("at", now))
        every = timespan(step.get("every", 0))
        for number in range(1, step.get("count", 1) + 1):
            now = begin + (number - 1) * every
            moment = BEGINNING + timedelta(seconds=now)
            stamped = {
                **base,
                "eventID": f"{index + 1:08}-0000-4000-8000-{number:012}",
                "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            }
            yield patch(stamped, _numbered(step.get("patch", {}), number))


def play(
    rule: CorrelationRule,
    plan: Plan,
    known: Sequence[AnyRule],
    events: Sequence[Event],
    label: Label = nameless,
) -> list[Burst]:
    """Give the bursts of one correlation on some events, on the path of a scan."""
    bases = [
        each
        for each in known
        if isinstance(each, DetectionRule) and each.name in plan.carried
    ]
    detector = detection.compile_rules(bases, plan.carried)
    records = tuple(msgspec.json.encode(event) for event in events)
    batch = Batch("case", b"\n".join(records), records, tuple(range(len(records))))
    hits = detection.evaluate(detector, batch).hits
    found = correlation.correlate(plan, hits, label=label).bursts
    return [burst for burst in found if burst.rule == rule.name]


def surprise(
    bursts: Sequence[Burst], expected: Mapping[str, Any] | None, *, match: bool
) -> str | None:
    """Say what is otherwise than a case expects; None when nothing is.

    `expected` may name the group (`group`), when the condition first holds (`at`), how
    many events there are (`count`) and how many findings (`findings`).
    """
    said = "; ".join(_said(burst) for burst in bursts) or "nothing"
    if not match:
        return f"expected nothing, but found {said}" if bursts else None
    expected = expected or {}
    number = expected.get("findings")
    if number is not None and number != len(bursts):
        return f"expected {number} findings, but found {len(bursts)}: {said}"
    if any(_agrees(burst, expected) for burst in bursts):
        return None
    wanted = ", ".join(f"{key} {value}" for key, value in expected.items())
    return f"expected a finding {wanted}".rstrip() + f", but found {said}"


def _agrees(burst: Burst, expected: Mapping[str, Any]) -> bool:
    group = expected.get("group", {})
    if any(burst.group.get(name) != value for name, value in group.items()):
        return False
    if "at" in expected and timespan(expected["at"]) != _offset(burst):
        return False
    return bool(expected.get("count", burst.count) == burst.count)


def _said(burst: Burst) -> str:
    group = ", ".join(f"{name} {value}" for name, value in burst.group.items())
    return f"{burst.count} events at {_offset(burst)} s ({group or 'no group'})"


def _offset(burst: Burst) -> int:
    return burst.fired.time // 1000 - int(BEGINNING.timestamp())


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _numbered(each, number) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbered(each, number) for each in value]
    return value
