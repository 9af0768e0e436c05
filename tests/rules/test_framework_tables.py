"""The tables of frameworks: their form, and that rules and tables agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker import documents, resources, rules
from checker.errors import RulesError, UsageError
from checker.framework import Framework
from checker.model import AnyRule
from checker.rules import frameworks

NAMES = list(frameworks.shipped())
OWN = """\
name: ACME
title: What we ask of ourselves
sources: {wiki: https://example.com/policy}
requirements:
  - {id: L-1, title: Log files are kept whole, source: wiki,
     rules: [trail_log_file_validation_disabled]}
  - {id: L-2, title: Nobody sleeps, source: wiki, manual: ask them}
"""


@pytest.fixture(scope="module")
def pack() -> list[AnyRule]:
    return rules.load()


@pytest.fixture(params=NAMES)
def table(request: pytest.FixtureRequest) -> Framework:
    return frameworks.load(str(request.param))


@pytest.mark.parametrize("name", NAMES)
def test_every_table_fits_its_schema_and_bears_the_name_of_its_file(name: str) -> None:
    file = resources.root() / "frameworks" / f"{name}.yml"
    document = documents.load_yaml(f"{name}.yml", file.read_bytes())
    assert frameworks.check(document) == []
    assert document.value["name"] == name


def test_the_frameworks_that_people_ask_for_are_there() -> None:
    cis = ("1.2", "1.4", "1.5", "2.0", "3.0", "4.0.1", "5.0", "6.0", "7.0")
    assert {f"CIS-AWS-{version}" for version in cis} <= set(NAMES)
    assert {
        "AWS-FSBP",
        "AWS-Security-Hub",
        "NIST-800-53-r5",
        "PCI-DSS-3.2.1",
        "PCI-DSS-4.0",
        "SOC-2",
        "HIPAA",
        "ISO-27001-2022",
        "FedRAMP-moderate-r4",
    } <= set(NAMES)


@pytest.mark.parametrize(
    ("name", "count"),
    # The numbers of recommendations: 1.2 and 1.4 as AWS Audit Manager lists them.
    [("CIS-AWS-1.2", 49), ("CIS-AWS-1.4", 58), ("CIS-AWS-1.5", 63)],
)
def test_a_complete_table_has_every_requirement(name: str, count: int) -> None:
    found = frameworks.load(name)
    assert found.complete
    assert len(found.requirements) == count


def test_every_id_of_a_rule_is_in_a_table(pack: list[AnyRule]) -> None:
    known = {
        name: {each.id for each in frameworks.load(name).requirements} for name in NAMES
    }
    for rule in pack:
        for name, ids in rule.controls.items():
            assert set(ids) <= known[name], (rule.name, name)


def test_every_requirement_has_a_rule_or_says_why_not(
    table: Framework, pack: list[AnyRule]
) -> None:
    behind = frameworks.behind(table, pack)
    for each in table.requirements:
        why = each.manual or each.unjudged
        assert bool(behind.get(each.id)) is not bool(why), (table.name, each.id)
        assert not (each.manual and each.unjudged), (table.name, each.id)
        assert not each.partly or behind.get(each.id), (table.name, each.id)


def test_disagreements_name_rules_that_exist(
    table: Framework, pack: list[AnyRule]
) -> None:
    names = {rule.name for rule in pack}
    for each in table.requirements:
        for one in each.disagreements:
            assert one.rule in names, (table.name, each.id, one.rule)


def test_a_rule_is_not_behind_what_only_one_peer_ties_it_to(
    pack: list[AnyRule],
) -> None:
    """CIS and AWS are the measure; a peer alone is listed, and not followed."""
    followed = {
        (name, each.id, one.rule)
        for name in NAMES
        if name.startswith("CIS-AWS-")
        for each in frameworks.load(name).requirements
        for one in each.disagreements
    }
    mapped = {
        (name, id_, rule.name)
        for rule in pack
        for name, ids in rule.controls.items()
        for id_ in ids
    }
    assert not followed & mapped


def test_known_disagreements_are_listed() -> None:
    cis = {each.id: each for each in frameworks.load("CIS-AWS-5.0").requirements}
    # AWS's page of CloudTrail.5 names CIS 5.0/3.4, which is about the bucket's log.
    assert [(each.rule, each.only) for each in cis["3.4"].disagreements] == [
        ("trail_without_cloudwatch_logs", "AWS")
    ]
    assert ("region_without_trail", "Prowler") in [
        (each.rule, each.only) for each in cis["3.1"].disagreements
    ]


def test_security_hub_includes_the_foundational_controls(pack: list[AnyRule]) -> None:
    behind = frameworks.behind(frameworks.load("AWS-Security-Hub"), pack)
    assert [rule.name for rule in behind["CloudTrail.4"]] == [
        "trail_log_file_validation_disabled"
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("CIS-AWS-4.0", "CIS-AWS-4.0.1"),
        ("PCI-DSS-4.0.1", "PCI-DSS-4.0"),
        ("CIS-AWS-3.0.0", "CIS-AWS-3.0"),
    ],
)
def test_a_framework_has_other_names(asked: str, found: str) -> None:
    assert frameworks.load(asked).name == found


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("CIS-AWS-3", "did you mean 'CIS-AWS-3.0'?"),
        ("hippa", "did you mean 'HIPAA'?"),
        ("soc2", "did you mean 'SOC-2'?"),
        ("xyzzy", "there is no such framework; there are AWS-FSBP"),
    ],
)
def test_an_unknown_framework_is_refused_with_what_may_be_meant(
    asked: str, near: str
) -> None:
    with pytest.raises(UsageError) as caught:
        frameworks.load(asked)
    assert near in str(caught.value)
    # The whole list is for a name that is like none of it.
    assert ("NIST-800-53-r5" in str(caught.value)) is (asked == "xyzzy")


def test_a_table_of_ones_own_can_name_rules(
    tmp_path: Path, pack: list[AnyRule]
) -> None:
    file = tmp_path / "acme.yml"
    file.write_text(OWN)
    table = frameworks.load(str(file))
    behind = frameworks.behind(table, pack)
    assert [rule.name for rule in behind["L-1"]] == [
        "trail_log_file_validation_disabled"
    ]
    assert "L-2" not in behind


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("manual: ask", "manuel: ask", "unknown key 'manuel' - did you mean 'manual'?"),
        ("L-2", "L-1", "the requirement 'L-1' stands twice"),
        ("sleeps, source: wiki", "sleeps, source: wik", "'sources' has no 'wik'"),
        ("id: L-2", "id: 3.10", "must be text in quotes, such as '3.10', not 3.1"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = tmp_path / "acme.yml"
    assert before in OWN
    file.write_text(OWN.replace(before, after))
    with pytest.raises(RulesError) as caught:
        frameworks.load(str(file))
    assert said in str(caught.value)
    assert caught.value.problems[0].line == 7


def test_a_table_that_names_a_missing_rule_is_refused(
    tmp_path: Path, pack: list[AnyRule]
) -> None:
    file = tmp_path / "acme.yml"
    file.write_text(OWN.replace("validation_disabled", "validation_disable"))
    with pytest.raises(UsageError, match="did you mean 'trail_log_file_validation"):
        frameworks.behind(frameworks.load(str(file)), pack)


def test_a_table_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="No such file"):
        frameworks.load("nowhere.yml")


def test_a_rule_knows_what_its_requirements_ask(pack: list[AnyRule]) -> None:
    (rule,) = [each for each in pack if each.name == "root_with_access_key"]
    assert (
        "CIS-AWS-3.0",
        "1.4",
        "The root user has no access key",
    ) in frameworks.titles(rule)


@pytest.mark.parametrize(
    ("written", "name"),
    [("cis-aws-3.0", "CIS-AWS-3.0"), ("hipaa", "HIPAA"), ("soc-2", "SOC-2")],
)
def test_a_name_may_be_written_in_small_letters(written: str, name: str) -> None:
    assert frameworks.load(written).name == name
