"""Rules counted by what they have in common."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from checker import rules
from checker.aws.attack import table
from checker.model import AnyRule
from checker.reports import catalogue, tally
from tests.reports.samples import FAILED_SIGN_INS, ROOT_NO_MFA


@pytest.fixture(scope="module")
def pack() -> list[AnyRule]:
    return rules.load()


def counted(found: list[AnyRule], by: str) -> list[tuple[str, int]]:
    return tally.count(found, tally.keys(found, table()["tactics"])[by])


@pytest.mark.parametrize("by", ["kind", "level", "status"])
def test_what_every_rule_has_once_adds_up_to_the_rules(
    pack: list[AnyRule], by: str
) -> None:
    assert sum(number for _, number in counted(pack, by)) == len(pack)


def test_the_most_frequent_come_first_and_equals_by_name() -> None:
    found: list[AnyRule] = [
        structs.replace(ROOT_NO_MFA, name="a", tags=("x", "z")),
        structs.replace(ROOT_NO_MFA, name="b", tags=("y", "z")),
        structs.replace(ROOT_NO_MFA, name="c", tags=()),
    ]
    assert counted(found, "tag") == [("z", 2), ("", 1), ("x", 1), ("y", 1)]


def test_a_value_that_a_rule_has_twice_counts_once() -> None:
    twice = structs.replace(ROOT_NO_MFA, tags=("attack.t1078", "attack.t1078"))
    assert counted([twice], "technique") == [("T1078", 1)]


def test_tactics_and_techniques_are_told_apart() -> None:
    one = structs.replace(
        ROOT_NO_MFA, tags=("attack.impact", "attack.t1485", "cve.2021-44228")
    )
    assert counted([one], "tactic") == [("impact", 1)]
    assert counted([one], "technique") == [("T1485", 1)]


@pytest.mark.parametrize("by", ["tag", "framework", "service"])
def test_each_count_is_the_number_of_rules_with_the_value(
    pack: list[AnyRule], by: str
) -> None:
    values = tally.keys(pack, table()["tactics"])[by]
    of_rules = [frozenset(values(rule)) for rule in pack]
    for value, number in counted(pack, by):
        having = [of for of in of_rules if (value in of if value else not of)]
        assert len(having) == number, value


def test_a_correlation_is_about_what_its_base_rules_are_about(
    pack: list[AnyRule],
) -> None:
    by_name = {rule.name: rule for rule in pack}
    rule = by_name["console_password_spraying"]
    assert catalogue.services(rule) == ()
    assert catalogue.services(rule, pack) == ("signin.amazonaws.com",)
    assert catalogue.services(FAILED_SIGN_INS, pack) == ()


def test_counts_are_written_for_people_and_machines() -> None:
    counts = [("high", 12), ("", 3)]
    lines = ["".join(part.text for part in line) for line in tally.lines(counts)]
    assert lines == ["12  high", " 3  none"]
    assert json.loads(tally.document("level", 15, counts)) == {
        "by": "level",
        "rules": 15,
        "counts": [{"value": "high", "count": 12}, {"value": None, "count": 3}],
    }
