"""Lint holds that one act is reported once, and that precedence can come about."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.authoring.lint import Problem, lint

GENERAL = """\
title: Users listed
name: users_listed
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c01
status: test
level: {level}
description: The users of the account were listed, which is worth a look.
logsource: {{product: aws, service: cloudtrail}}
detection:
  call:
    eventSource: iam.amazonaws.com
    eventName: ListUsers
  condition: call
"""
OF_ROOT = """\
title: Users listed by root
name: users_listed_by_root
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c02
status: test
level: medium
description: The root user listed the users of the account, which is worth a look.
logsource: {product: aws, service: cloudtrail}
detection:
  call:
    eventSource: iam.amazonaws.com
    eventName: ListUsers
  by_root: userIdentity.type == 'Root'
  condition: call && by_root
"""
CASES = """\
match:
  - name: Root listed the users
    record:
      eventSource: iam.amazonaws.com
      eventName: ListUsers
      userIdentity: {type: Root}
no_match:
  - name: Another call
    record: {eventSource: iam.amazonaws.com, eventName: ListRoles}
"""


def check(folder: Path, key: str = "", level: str = "low") -> list[Problem]:
    (folder / "users_listed.yml").write_text(GENERAL.format(level=level))
    named = OF_ROOT.replace("detection:", f"{key}\ndetection:" if key else "detection:")
    (folder / "users_listed_by_root.yml").write_text(named)
    (folder / "users_listed_by_root.cases.yml").write_text(CASES)
    return [x for x in lint([folder]) if not x.check.endswith("-missing")]


def test_a_case_that_two_rules_report_is_a_problem_of_the_one_that_has_it(
    tmp_path: Path,
) -> None:
    (found,) = check(tmp_path)

    assert (found.check, found.rule) == ("reported-twice", "users_listed_by_root")
    assert "users_listed reports the case 'Root listed the users', too" in found.message


def test_precedence_leaves_one_of_them(tmp_path: Path) -> None:
    assert check(tmp_path, "instead_of: [users_listed]") == []


def test_a_rule_that_reports_nothing_by_itself_is_no_second_one(tmp_path: Path) -> None:
    assert check(tmp_path, level="informational") == []


def test_two_facts_of_one_event_are_told_with_a_reason(tmp_path: Path) -> None:
    reason = "lint: [{ignore: reported-twice, reason: They are two facts.}]"

    assert check(tmp_path, reason) == []


@pytest.mark.parametrize(
    ("key", "level", "name", "words"),
    [
        ("instead_of: [users_lsted]", "low", "precedence-unknown", "did you mean"),
        ("instead_of: [root_at_work]", "low", "precedence-unknown", "not a detection"),
        ("instead_of: [users_listed]", "high", "precedence-level", "is high"),
        ("instead_of: [trail_deleted]", "low", "precedence-level", "is high"),
        ("instead_of: [trail_updated]", "low", "precedence-unused", "no event"),
        (
            "instead_of: [users_listed_by_root]",
            "low",
            "precedence-circle",
            "users_listed_by_root → users_listed_by_root",
        ),
    ],
)
def test_precedence_that_cannot_be_is_a_problem_where_it_stands(
    tmp_path: Path, key: str, level: str, name: str, words: str
) -> None:
    (found,) = [x for x in check(tmp_path, key, level) if x.check != "reported-twice"]

    assert (found.check, found.line) == (name, 8)
    assert words in f"{found.message} — {found.fix}"


def test_precedence_over_a_rule_of_the_pack_is_known(tmp_path: Path) -> None:
    found = check(tmp_path, "instead_of: [users_listed, iam_read]")

    assert [problem.check for problem in found] == []
