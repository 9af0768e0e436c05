"""The types of correlation: one list for the schema, the loader and the engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.correlation_types import CorrelationType, Ending, Use, kind

SCHEMA = Path(__file__).parent.parent / "schemas" / "correlation.json"
TYPES = pytest.mark.parametrize("of", CorrelationType, ids=lambda of: of.value)


def test_the_schema_lists_the_same_types() -> None:
    schema = json.loads(SCHEMA.read_text())
    block = schema["properties"]["correlation"]["properties"]

    assert block["type"]["enum"] == [of.value for of in CorrelationType]


@TYPES
def test_a_mutant_is_of_another_type_with_the_same_keys(of: CorrelationType) -> None:
    mutant = kind(of).mutant

    if mutant is not None:
        assert mutant is not of
        assert kind(mutant).number is kind(of).number


@TYPES
def test_what_needs_a_number_has_one_by_default(of: CorrelationType) -> None:
    rules = 3

    assert kind(of).least <= kind(of).threshold(rules) <= kind(of).most(rules)
    assert (kind(of).number is Use.OPTIONAL) == kind(of).one_of_each


def test_an_absence_is_described_by_how_long_it_was_waited_for() -> None:
    absence = kind(CorrelationType.ABSENCE)

    over = absence.outcome(Ending("1 hour", (), None))
    cut = absence.outcome(Ending("1 hour", (), "2026-11-21T09:00:00Z"))

    assert over == "not followed within 1 hour by what should"
    assert "up to 2026-11-21T09:00:00Z" in cut
    assert "1 hour were not over" in cut
