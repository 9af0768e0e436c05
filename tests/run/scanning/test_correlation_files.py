"""Real files in any number and order, and little memory: the findings are the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from checker import run
from checker.conditions import parse
from checker.model import AnyRule, Detection, DetectionRule, Finding
from checker.run.scanning import correlations
from checker.run.scanning.findings import Spill
from checker.spill.external_sort import Sorter
from tests.evaluate.correlation.correlations import base, rule


def named(name: str) -> DetectionRule:
    node = parse(f"eventName == '{name}'")
    return structs.replace(base(name), detection=Detection({"it": node}, node))


GROUP = ("sourceIPAddress",)
RULES: list[AnyRule] = [
    named("a"),
    named("b"),
    rule("event_count", "ab", "count", group_by=GROUP, gte=3),
    rule("value_count", "ab", "values", group_by=GROUP, field="awsRegion", gte=2),
    rule("temporal_ordered", "ab", "ordered", group_by=GROUP),
    rule("absence", "ab", "absent", group_by=GROUP),
    rule("first_seen", "a", "first", group_by=GROUP, field="awsRegion"),
    rule("temporal", ("count", "ordered"), "above", group_by=()),
]

some_events = st.lists(
    st.fixed_dictionaries(
        {
            "eventName": st.sampled_from("ab"),
            "second": st.integers(0, 40),
            "sourceIPAddress": st.sampled_from(["192.0.2.1", "192.0.2.2"]),
            "awsRegion": st.sampled_from(["us-east-1", "eu-west-1"]),
            "sharedEventID": st.sampled_from([None, None, "s1", "s2"]),
            "named": st.sampled_from([True, True, True, False]),
        }
    ),
    max_size=20,
)


def written(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "eventVersion": "1.11",
            "userIdentity": {"type": "Root"},
            "eventSource": "iam.amazonaws.com",
            "eventID": f"e{n:02}" if row["named"] else None,
            "eventTime": f"2026-11-20T00:00:{row['second']:02}Z",
            **{key: row[key] for key in row if key not in {"second", "named"}},
        }
        for n, row in enumerate(rows)
    ]


def told(files: list[list[dict[str, Any]]], most: int) -> list[tuple[Any, ...]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        for n, records in enumerate(files):
            text = json.dumps({"Records": records})
            (Path(folder) / f"{n}.json").write_text(text)
        # What is held goes to the disk after so many.
        patch.setattr(correlations, "AT_ONCE", most)
        patch.setattr(correlations, "Sorter", lambda _: Sorter(most))
        patch.setattr(
            correlations, "Spill", lambda pack, unpack, _: Spill(pack, unpack, most)
        )
        return sorted(map(without_places, run.scan(RULES, [folder]).findings))


def without_places(finding: Finding) -> tuple[Any, ...]:
    evidence = dict(finding.evidence)
    evidence["events"] = [each["id"] for each in evidence["events"]]
    said = json.dumps([finding.subject, evidence], sort_keys=True, default=str)
    return finding.rule.name, finding.fingerprint, finding.message, said


@settings(max_examples=settings().max_examples // 2)
@given(rows=some_events, most=st.integers(1, 5), data=st.data())
def test_any_order_and_any_split_into_files_gives_the_same_findings(
    rows: list[dict[str, Any]], most: int, data: st.DataObject
) -> None:
    events = written(rows)
    in_order = sorted(events, key=lambda event: str(event["eventTime"]))
    shuffled = data.draw(st.permutations(events))
    files: list[list[dict[str, Any]]] = [[] for _ in range(4)]
    for event in shuffled:
        files[data.draw(st.integers(0, 3))].append(event)

    assert told(files, most) == told([in_order], 1_000)


def test_every_kind_of_correlation_is_told_from_files() -> None:
    rows = [
        {
            "eventName": name,
            "second": second,
            "sourceIPAddress": "192.0.2.1",
            "awsRegion": region,
            "sharedEventID": None,
            "named": True,
        }
        for name, second, region in [
            ("a", 0, "us-east-1"),
            ("a", 1, "us-east-1"),
            ("b", 2, "us-east-1"),
            ("a", 30, "eu-west-1"),
        ]
    ]

    found = {name for name, *_ in told([written(rows)], 2)}

    assert found == {"count", "ordered", "absent", "first", "above"}
