"""Rules that stand in for others: never in a circle, and kept in the state of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from checker import rules
from checker.errors import RulesError
from checker.model import DetectionRule
from checker.run.scanning.resume import rules_digest

RULE = """\
title: Users listed {number}
name: rule_{number}
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c0{number}
status: test
level: low
logsource: {{product: aws, service: cloudtrail}}
instead_of: [rule_{other}]
detection:
  call: {{eventSource: iam.amazonaws.com, eventName: ListUsers}}
  condition: call && userIdentity.type == '{number}'
"""


def write(folder: Path, *others: int) -> Path:
    for number, other in enumerate(others, 1):
        text = RULE.format(number=number, other=other)
        (folder / f"rule_{number}.yml").write_text(text)
    return folder


def test_a_chain_is_loaded_and_a_name_may_be_of_another_folder(tmp_path: Path) -> None:
    loaded = rules.load([write(tmp_path, 2, 3, 9)])

    assert [r.instead_of for r in loaded if isinstance(r, DetectionRule)] == [
        ("rule_2",),
        ("rule_3",),
        ("rule_9",),
    ]


@pytest.mark.parametrize(
    ("others", "path"),
    [
        ((1,), "rule_1 → rule_1"),
        ((2, 1), "rule_1 → rule_2 → rule_1"),
        ((2, 3, 1), "rule_1 → rule_2 → rule_3 → rule_1"),
    ],
)
def test_a_circle_in_which_none_would_report_is_refused(
    tmp_path: Path, others: tuple[int, ...], path: str
) -> None:
    with pytest.raises(RulesError) as raised:
        rules.load([write(tmp_path, *others)])

    assert path in str(raised.value)
    assert len(raised.value.problems) == len(others)


def test_a_rule_that_leads_into_a_circle_is_not_to_blame(tmp_path: Path) -> None:
    with pytest.raises(RulesError) as raised:
        rules.load([write(tmp_path, 2, 3, 2)])

    wrong = {Path(problem.path).name for problem in raised.value.problems}
    assert wrong == {"rule_2.yml", "rule_3.yml"}


def test_a_state_of_other_precedence_is_of_other_rules(tmp_path: Path) -> None:
    (rule,) = rules.load([write(tmp_path, 9)])
    assert isinstance(rule, DetectionRule)
    plain = structs.replace(rule, instead_of=())

    assert rules_digest([rule]) != rules_digest([plain])
