"""Conditions cannot build values out of all proportion to the event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions, rules
from checker.conditions import functions, growth
from checker.conditions.functions import STANDARD
from checker.errors import ConditionError, RulesError

STEPS = [
    "join('', [@, @])",
    "[@, @]",
    "[@, @][]",
    "{a: @, b: @}",
    "to_string([@])",
    "[*].[@, @]",
    "*.[@, @][]",
    "map(&[@, @], [@])",
    "to_array([@, @])",
    "values({a: @, b: @})",
    "[[@, @], @]",
    "sort_by([@, @], &a)",
    "[@, not_null(@, a)]",
    "join('aaaaaaaaaaaaaaaaaaaa', split(@, ''))",
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("start", ["eventName", "'text'", "requestParameters.items[]"])
def test_a_value_that_grows_at_each_step_is_refused(start: str, step: str) -> None:
    conditions.parse(f"{start} | {step}")

    with pytest.raises(ConditionError, match="times as large as the event"):
        conditions.parse(" | ".join([start, *[step] * 60]))


def test_selections_that_grow_are_refused_together() -> None:
    grown = conditions.parse("eventName | [@, @] | [@, @] | [@, @] | [@, @] | [@, @]")
    whole = conditions.lower(conditions.parse("big | [@, @] | [@, @]"), {"big": grown})

    with pytest.raises(ConditionError):
        conditions.check_growth(whole, STANDARD)


def test_fields_of_different_names_are_parts_of_one_event() -> None:
    wide = ", ".join(f"a{n}" for n in range(500))

    conditions.parse(f"length([{wide}]) > `3`")
    with pytest.raises(ConditionError):
        conditions.parse(f"length([{', '.join(['a'] * 500)}]) > `3`")


def test_every_bundled_rule_is_far_from_the_bound() -> None:
    assert rules.load()  # none is refused


def test_a_separator_from_an_event_does_not_multiply_its_parts() -> None:
    joined = conditions.compile("join(a, b)")
    few = {"a": "-" * 10, "b": ["x"] * 10}
    many = {"a": "-" * 100_000, "b": ["x"] * 1_000_000}

    assert len(joined(few)) == 100
    assert joined(many) is None
    assert functions.MOST_JOINED < 1e8


def test_a_rule_that_grows_is_refused_with_its_place(tmp_path: Any) -> None:
    (tmp_path / "big.yml").write_text(
        "title: Big\nname: big\nid: 1c9f3a4e-5d52-4f7e-9a59-6a7a1f2b7c11\n"
        "status: stable\nlevel: high\ndescription: x\n"
        "logsource: {product: aws, service: cloudtrail}\n"
        "detection:\n"
        f'  condition: "length(eventName{"| [@, @]" * 60}) > `1`"\n'
    )

    with pytest.raises(RulesError, match=r"big.yml:9:\d+: its values can become"):
        rules.load([tmp_path])


VALUES = st.recursive(
    st.text(max_size=5) | st.integers(0, 9) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
TEXTS = st.lists(
    st.sampled_from([*STEPS, "a", "[]", "[*].a", "*.b", "@ || a", "[?a].b", "keys(@)"]),
    min_size=1,
    max_size=4,
)


def size(value: Any) -> int:
    """The characters and parts of a value, written out."""
    if isinstance(value, dict):
        return 1 + sum(1 + size(part) for part in value.values())
    if isinstance(value, list):
        return 1 + sum(map(size, value))
    return 1 + len(value) if isinstance(value, str) else 1


@given(VALUES, TEXTS)
def test_no_value_is_larger_than_its_bound(value: Any, steps: list[str]) -> None:
    text = " | ".join(steps)
    try:
        node = conditions.parse(text)
    except ConditionError:
        return
    found = conditions.closure(node)(value)
    bound = growth._bound(node, STANDARD).value

    # Keys and quotes are of JSON, not of what the bound counts.
    assert size(found) <= 8 * (bound.times * size(value) + bound.more) + 8
    json.dumps(found)
