"""The correlation block: what it may say, and what is said of its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker import rules
from checker.errors import RulesError
from checker.model import CorrelationRule

BASE = """\
title: Base
name: {name}
id: 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a0{n}
status: test
level: informational
logsource: {{product: aws, service: cloudtrail}}
detection:
  condition: eventName == '{name}'
"""
MANY = """\
title: Many
name: many
id: 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a09
status: test
level: high
correlation:
"""


def load(folder: Path, block: str) -> CorrelationRule:
    for n, name in enumerate(("one", "two")):
        (folder / f"{name}.yml").write_text(BASE.format(name=name, n=n))
    (folder / "many.yml").write_text(
        MANY + "".join(f"  {line}\n" for line in block.splitlines())
    )
    rule = next(rule for rule in rules.load([folder]) if rule.name == "many")
    assert isinstance(rule, CorrelationRule)
    return rule


def test_a_block_is_read_whole(tmp_path: Path) -> None:
    rule = load(
        tmp_path,
        "type: value_percentile\nrules: [one, 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a01]\n"
        "aliases: {who: {one: a.b || c, two: d}}\ngroup-by: [who, awsRegion]\n"
        "timespan: 2h\ncondition: {field: x, percentile: 95, gt: 1.5, neq: 3}\n"
        "generate: true",
    )

    block = rule.correlation
    assert (block.type.value, block.timespan, block.generate) == (
        "value_percentile",
        7200,
        True,
    )
    assert block.group_by == ("who", "awsRegion")
    assert block.aliases == {"who": {"one": "a.b || c", "two": "d"}}


MISTAKES = [
    ("type: event_count\nrules: [one]\ntimespan: 5m", "needs a condition with one of"),
    (
        "type: value_sum\nrules: [one]\ntimespan: 5m\ncondition: {gte: 3}",
        "needs 'field'",
    ),
    (
        "type: event_count\nrules: [one]\ntimespan: 5m\ncondition: {gte: 3, field: a}",
        "looks at no field",
    ),
    (
        "type: value_sum\nrules: [one]\ntimespan: 5m\ncondition: {gt: 3, field: [a]}",
        "looks at one field",
    ),
    (
        (
            "type: value_percentile\nrules: [one]\ntimespan: 5m\n"
            "condition: {gte: 3, field: a}"
        ),
        "needs 'percentile'",
    ),
    (
        (
            "type: value_median\nrules: [one]\ntimespan: 5m\n"
            "condition: {gte: 3, field: a, percentile: 5}"
        ),
        "needs no 'percentile'",
    ),
    ("type: absence\nrules: [one]\ntimespan: 5m", "needs two rules"),
    (
        "type: absence\nrules: [one, two]\ntimespan: 5m\ncondition: {gte: 1}",
        "needs no 'gte'",
    ),
    ("type: first_seen\nrules: [one]\ntimespan: 5d", "needs 'field'"),
    (
        (
            "type: event_count\nrules: [one]\ntimespan: 5m\n"
            "condition: {range: {min: 3, max: 2}}"
        ),
        "'min' is above 'max'",
    ),
    ("type: temporal\nrules: [one, tow]\ntimespan: 5m", "did you mean 'two'?"),
    (
        (
            "type: temporal\nrules: [one, 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a00]\n"
            "timespan: 5m"
        ),
        "twice",
    ),
    ("type: temporal\nrules: [one, many]\ntimespan: 5m", "builds on itself"),
    (
        (
            "type: temporal\nrules: [one, two]\ntimespan: 5m\ngroup-by: [who]\n"
            "aliases: {who: {one: a}}"
        ),
        "gives no field for 'two'",
    ),
    (
        (
            "type: temporal\nrules: [one, two]\ntimespan: 5m\ngroup-by: [who]\n"
            "aliases: {who: {one: a, tow: b}}"
        ),
        "speaks of 'tow'",
    ),
    (
        "type: temporal\nrules: [one]\ntimespan: 5m\naliases: {who: {one: a}}",
        "neither in group-by nor",
    ),
    (
        "type: temporal\nrules: [one]\ntimespan: 5m\ngroup-by: ['a b']",
        "many.yml:10:",
    ),
]


@pytest.mark.parametrize(("block", "message"), MISTAKES)
def test_mistakes_are_placed_and_said(tmp_path: Path, block: str, message: str) -> None:
    with pytest.raises(RulesError) as caught:
        load(tmp_path, block)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "condition", "possible"),
    [
        ("event_count", "gte: 2, lte: 1", False),
        ("event_count", "gt: 1, lt: 2", False),
        ("event_count", "gt: 1, lt: 3", True),
        ("event_count", "lt: 1", False),
        ("event_count", "lt: 2", True),
        ("event_count", "eq: 2.5", False),
        ("event_count", "eq: 3, neq: 3", False),
        ("event_count", "range: {min: 2, max: 4}, gt: 4", False),
        ("event_count", "range: {min: 2, max: 4}, neq: 2", True),
        ("value_count", "field: a, lt: 1", True),
        ("value_count", "field: a, lt: 0", False),
        ("temporal", "gte: 3", False),
        ("temporal", "gte: 2", True),
        ("value_avg", "field: a, gt: 1, lt: 2", True),
        ("value_sum", "field: a, gt: 2, lt: 1", False),
        ("value_median", "field: a, gte: 2, lte: 2, neq: 2", False),
        ("value_sum", "field: a, lt: 0", True),
    ],
)
def test_a_condition_that_nothing_satisfies_is_a_mistake(
    tmp_path: Path,
    kind: str,
    condition: str,
    possible: bool,  # noqa: FBT001 - a parameter
) -> None:
    block = f"type: {kind}\nrules: [one, two]\ntimespan: 5m\ncondition: {{{condition}}}"
    if possible:
        assert load(tmp_path, block).correlation.type.value == kind
        return
    with pytest.raises(RulesError, match=r"many\.yml:10:14: no count can satisfy"):
        load(tmp_path, block)


def test_a_wrong_type_is_told_in_words_that_fit(tmp_path: Path) -> None:
    block = "type: event_count\nrules: one\ntimespan: 5m\ncondition: {gte: 2}"
    with pytest.raises(RulesError, match=r"'correlation\.rules' must be a list, not"):
        load(tmp_path, block)
