"""The matcher of these tests does what event-ruler does, as far as vectors say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.convert.eventbridge_matcher import InvalidPatternError, Matcher

VECTORS = Path(__file__).with_name("eventbridge_vectors.jsonl")


def vectors() -> list[dict[str, Any]]:
    return [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_vectors_match_as_event_ruler_says(vector: dict[str, Any]) -> None:
    try:
        found: bool | str = Matcher(vector["pattern"]).match(vector["event"])
    except InvalidPatternError:
        found = "invalid"
    assert found == vector["expected"]
