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
    assert (block.type, block.timespan, block.generate) == (
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
