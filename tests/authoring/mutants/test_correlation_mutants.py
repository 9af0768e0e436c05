"""The cases of the pack's correlations notice every small change of the rules."""

from __future__ import annotations

import pytest

from checker import documents, rules
from checker.authoring import cases
from checker.authoring.mutants.correlation_variants import variants
from checker.cases import read
from checker.model import CorrelationRule
from checker.rules import RuleFile

PACK = {rule.path: rule for rule in rules.load()}


def one_of_each_type() -> list[RuleFile]:
    """`make mutants` tries every correlation; here one of each type is enough."""
    first: dict[object, RuleFile] = {}
    for file in rules.find():
        rule = PACK[file.path]
        if isinstance(rule, CorrelationRule):
            first.setdefault(rule.correlation.type, file)
    return list(first.values())


CORRELATIONS = one_of_each_type()


@pytest.mark.parametrize("rule_file", CORRELATIONS, ids=lambda each: each.file.name)
def test_every_mutant_is_killed(rule_file: RuleFile) -> None:
    rule = PACK[rule_file.path]
    assert isinstance(rule, CorrelationRule)
    written = read.of_rule(rule_file, [])
    others = [each for each in PACK.values() if each.name != rule.name]

    survivors = [
        description
        for _, description, mutant in variants(rule)
        if all(each.passed for each in cases.run(mutant, written, [*others, mutant]))
    ]

    file = rule_file.folder / f"{rule.name}.cases.yml"
    document = documents.load_yaml(rule_file.path, file.read_bytes())
    excluded = document.value.get("equivalent", ())
    assert survivors == [entry["mutant"] for entry in excluded]
