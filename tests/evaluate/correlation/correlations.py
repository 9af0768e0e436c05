"""Makes correlations and hits in a line, and judges streams the slow, plain way."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from checker.conditions import parse
from checker.correlation_types import CorrelationType
from checker.evaluate import correlation
from checker.evaluate.correlation import Correlated, Signal
from checker.model import (
    AnyRule,
    Correlation,
    CorrelationRule,
    Detection,
    DetectionRule,
    Level,
)

FIELDS = ("ip", "user", "n")


def base(name: str, level: Level = Level.INFORMATIONAL) -> DetectionRule:
    node = parse("`true`")
    return DetectionRule(
        path=f"{name}.yml",
        line=1,
        title=name,
        name=name,
        id=f"id-{name}",
        level=level,
        status="test",
        detection=Detection({}, node),
    )


def rule(
    kind: str,
    rules: Sequence[str] = ("a",),
    name: str = "it",
    *,
    timespan: int = 10,
    group_by: Sequence[str] = ("ip",),
    level: Level = Level.HIGH,
    aliases: dict[str, dict[str, str]] | None = None,
    generate: bool = False,
    **condition: Any,
) -> CorrelationRule:
    return CorrelationRule(
        path=f"{name}.yml",
        line=1,
        title=name,
        name=name,
        id=f"id-{name}",
        level=level,
        status="test",
        correlation=Correlation(
            type=CorrelationType(kind),
            rules=tuple(rules),
            timespan=timespan,
            group_by=tuple(group_by),
            condition=condition,
            aliases=aliases or {},
            generate=generate,
        ),
    )


class Stream:
    """Hits for a set of rules, from rows (second, event, rule, fields)."""

    def __init__(self, *rules: AnyRule) -> None:
        names = {each.name for each in rules}
        bases = [base(name) for name in "abc" if name not in names]
        self.plan = correlation.plan([*bases, *rules])

    def hit(
        self,
        at: float,
        event: str,
        name: str = "a",
        shared: str | None = None,
        **fields: Any,
    ) -> Signal:
        values = {"ip": "192.0.2.1", **fields}
        keys = tuple(values.get(path) for path in self.plan.carried[name])
        return Signal(int(at * 1000), event, name, name, keys, shared)

    def run(self, hits: Iterable[Signal], **options: Any) -> Correlated:
        return correlation.correlate(self.plan, hits, **options)


def brute(one: CorrelationRule, rows: Sequence[dict[str, Any]]) -> list[Any]:
    """Evaluate rows (dicts of at, event, rule, shared, ip, user, n) by the definition.

    Gives (group, first event, fired event, last event, count, value) of each burst.
    """
    block = one.correlation
    found: list[Any] = []
    for group, events in _groups(one, rows):
        bursts: list[dict[str, Any]] = []
        for index, row in enumerate(events):
            window = [
                each
                for each in events[: index + 1]
                if row["at"] - each["at"] <= block.timespan
            ]
            value, members = _measure(block, window, row)
            if not _holds(value, block):
                continue
            last = bursts[-1]["last"] if bursts else None
            if last is None or row["at"] - last["at"] > block.timespan:
                bursts.append({"fired": row, "value": value, "members": []})
                last = None
            burst = bursts[-1]
            for each in members:
                if last is None or _place(each) > _place(last):
                    burst["members"].append(_place(each))
            burst["members"] = sorted(set(burst["members"]))
            burst["last"] = row
        found.extend(
            (
                group,
                burst["members"][0][1],
                burst["fired"]["event"],
                burst["last"]["event"],
                len(burst["members"]),
                float(burst["value"]),
            )
            for burst in bursts
        )
    return sorted(found, key=str)


def brute_absence(one: CorrelationRule, rows: Sequence[dict[str, Any]]) -> list[Any]:
    """Evaluate an absence of rules b and c after a: (group, events) of each finding."""
    found: list[Any] = []
    span = one.correlation.timespan
    for group, events in _groups(one, rows):
        absent = [
            row
            for row in events
            if row["rule"] == "a"
            and not any(
                0 <= each["at"] - row["at"] <= span
                for each in events
                if each["rule"] != "a"
            )
        ]
        bursts: list[list[dict[str, Any]]] = []
        for row in absent:
            if not bursts or row["at"] - bursts[-1][-1]["at"] > span:
                bursts.append([])
            bursts[-1].append(row)
        found += [(group, [row["event"] for row in burst]) for burst in bursts]
    return sorted(found)


def brute_first_seen(
    one: CorrelationRule, rows: Sequence[dict[str, Any]], known: Iterable[Any] | None
) -> list[Any]:
    """Find (group, event, user) of each value of `user` that is new to its group."""
    found: list[Any] = []
    span = one.correlation.timespan
    since = min((row["at"] for row in rows), default=0)
    for group, events in _groups(one, rows):
        for index, row in enumerate(events):
            before = [
                each
                for each in events[:index]
                if each["user"] == row["user"] and row["at"] - each["at"] <= span
            ]
            if known is None:
                new = row["at"] - since >= span
            else:
                new = (group, row["user"]) not in known
            if new and not before:
                found.append((group, row["event"], row["user"]))
    return sorted(found, key=str)


def _groups(
    one: CorrelationRule, rows: Sequence[dict[str, Any]]
) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    ordered = sorted(rows, key=lambda row: (row["at"], row["event"], row["rule"]))
    for group in sorted({row["ip"] for row in ordered if row["ip"] is not None}):
        one_group = [row for row in ordered if row["ip"] == group]
        yield group, _once(one_group, one.correlation)


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["at"], row["event"]


def _once(rows: list[dict[str, Any]], block: Correlation) -> list[dict[str, Any]]:
    """Drop copies of an action, rows that cannot count, and repeats of an event."""
    kept: list[dict[str, Any]] = []
    last: dict[tuple[str, str], tuple[int, str]] = {}
    apart = block.type.value.startswith(("temporal", "absence"))
    field = block.condition.get("field")
    for row in rows:
        if field and row[field] is None:
            continue
        if row["shared"]:
            key = (row["rule"] if apart else "", row["shared"])
            at, event = last.get(key, (None, row["event"]))
            if at is None or row["at"] - at > block.timespan:
                last[key] = row["at"], row["event"]
            elif event != row["event"]:
                last[key] = row["at"], event
                continue
        single = (
            block.type.value.startswith(("event", "value"))
            and block.type.value != "value_count"
        )
        if single and kept and kept[-1]["event"] == row["event"]:
            continue
        kept.append(row)
    return kept


def _measure(
    block: Correlation, window: list[dict[str, Any]], row: dict[str, Any]
) -> tuple[Any, list[dict[str, Any]]]:
    field = block.condition.get("field")
    if block.type.value == "event_count":
        return len(window), window
    if block.type.value in {"value_count", "temporal"}:
        newest = {each[str(field or "rule")]: each for each in window}
        return len(newest), list(newest.values())
    if block.type.value == "temporal_ordered":
        chain = max((c for c in _chains(block, window) if row in c), key=len)
        return len(chain), sorted(chain, key=_place)
    numbers = [Fraction(str(each[str(field)])) for each in window]
    if block.type.value == "value_sum":
        return sum(numbers), window
    if block.type.value == "value_avg":
        return sum(numbers) / len(numbers), window
    if block.type.value == "value_median":
        return statistics.median(numbers), window
    ranked = sorted(numbers)
    rank = Fraction(block.condition["percentile"]) * (len(ranked) - 1) / 100
    low, part = int(rank), rank - int(rank)
    high = ranked[min(low + 1, len(ranked) - 1)]
    return ranked[low] + (high - ranked[low]) * part, window


def _chains(
    block: Correlation, window: list[dict[str, Any]]
) -> list[list[dict[str, Any]]]:
    """Return every sequence in the order of the rules; a second has no order."""
    chains: list[list[dict[str, Any]]] = [[]]
    for name in block.rules:
        chains += [
            [*chain, row]
            for chain in chains
            for row in window
            if row["rule"] == name
            and (not chain or chain[-1]["at"] <= row["at"])
            and not any(_is_one(each, row) for each in chain)
        ]
    return chains


def _is_one(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two rows are of one event, or of copies of one action."""
    if one["shared"]:
        return bool(one["shared"] == other["shared"])
    return bool(one["event"] == other["event"])


def _holds(value: Any, block: Correlation) -> bool:
    default = len(block.rules) if block.type.value.startswith("temporal") else 1
    tests: dict[str, Callable[[Any], bool]] = {
        "gt": lambda limit: value > limit,
        "gte": lambda limit: value >= limit,
        "lt": lambda limit: value < limit,
        "lte": lambda limit: value <= limit,
        "eq": lambda limit: value == limit,
        "neq": lambda limit: value != limit,
        "range": lambda ends: ends["min"] <= value <= ends["max"],
    }
    given = [
        tests[name](block.condition[name]) for name in tests if name in block.condition
    ]
    return all(given) if given else value >= default
