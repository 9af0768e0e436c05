"""Events in which anything may stand anywhere: each is judged, or told as a problem."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import resources, rules
from checker.model import RECORD_FIELDS, DetectionRule, Match
from checker.run.scanning import worker
from checker.run.scanning.job import make_job
from checker.run.scanning.matches import finding
from checker.run.scanning.scanned import Scanned

EXAMPLES = settings.get_profile(settings.get_current_profile_name()).max_examples
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**18, 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["Root", "AssumedRole", "AccessDenied", "HIDDEN_DUE_TO_SECURITY"])
    | st.sampled_from(["192.0.2.1", "2026-11-21T09:00:00Z", "[]", "{", "\x00", "\x1f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "arn", "accountId", "userName", "a", ""]), inner
        )
    ),
    max_leaves=6,
)
CHANGES = st.dictionaries(
    st.sampled_from(sorted(RECORD_FIELDS)) | st.text(max_size=4), ANYTHING, max_size=5
)


@functools.cache
def shipped() -> list[dict[str, Any]]:
    folder = Path(str(resources.root())) / "rules" / "events"
    return [json.loads(file.read_text("utf-8")) for file in sorted(folder.iterdir())]


@functools.cache
def scanner() -> Any:
    pack = rules.load()
    detections = [rule for rule in pack if isinstance(rule, DetectionRule)]
    return worker.Scanner(make_job(pack)), {rule.name: rule for rule in detections}


def judge(text: bytes) -> Scanned[Match]:
    work, by_name = scanner()
    found: Scanned[Match]
    (found,) = work.scan("x", text)
    for match in found.matches:
        assert finding(by_name, match).message
    assert len(found.event_ids) % 16 == 0
    return found


@settings(max_examples=max(60, EXAMPLES // 5))
@given(st.lists(st.tuples(st.integers(0, 10**6), CHANGES), min_size=1, max_size=5))
def test_every_event_is_judged_or_told_as_a_problem(
    changes: list[tuple[int, dict[str, Any]]],
) -> None:
    events = [
        {**shipped()[number % len(shipped())], **change} for number, change in changes
    ]
    for text in (
        json.dumps({"Records": events}),
        json.dumps(events, ensure_ascii=False),
        "\n".join(map(json.dumps, events)),
    ):
        found = judge(text.encode("utf-8", "replace"))

        lost = [each for each in found.problems if each.record is not None]
        assert found.records + len(lost) == len(events) or any(
            each.record is None for each in found.problems
        )


@pytest.mark.parametrize("field", sorted(RECORD_FIELDS))
@pytest.mark.parametrize("value", [None, 0, True, [], {}, "", [[{}]], {"type": {}}])
def test_a_field_of_another_type_is_no_crash(field: str, value: object) -> None:
    event = {**shipped()[0], field: value}
    found = judge(json.dumps({"Records": [event]}).encode())

    assert found.records + len(found.problems) == 1
