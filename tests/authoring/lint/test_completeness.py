"""Lint lists what a rule still lacks: its own texts, its cases, the right logsource."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.authoring import scaffold
from checker.authoring.case_run import run_cases
from checker.authoring.lint import Problem, Severity, lint


@pytest.fixture
def written(tmp_path: Path) -> Path:
    scaffold.write("thing_changed", "detection", tmp_path)
    return tmp_path / "thing_changed.yml"


def found(folder: Path, check: str) -> list[Problem]:
    return [each for each in lint([folder]) if each.check == check]


def shown(file: Path, problem: Problem) -> str:
    return file.read_text().splitlines()[problem.line - 1]


def test_each_text_that_new_wrote_is_a_placeholder_at_its_line(written: Path) -> None:
    problems = found(written.parent, "placeholder")

    assert [shown(written, each).split(":")[0].strip() for each in problems] == [
        "description",
        "author",
        "- Name who does this in the ordinary course of work.",
    ]
    assert all(each.fix and each.severity is Severity.ERROR for each in problems)


def test_a_remediation_is_a_placeholder_too(tmp_path: Path) -> None:
    scaffold.write("thing_open", "configuration", tmp_path)

    last = found(tmp_path, "placeholder")[-1]

    assert "remediation" in last.message
    assert shown(tmp_path / "thing_open.yml", last) == "  text: Describe how to fix it."


@pytest.mark.parametrize("word", ["TODO", "fixme: later", "tbd", "XXX", "Lorem ipsum"])
def test_a_mark_of_unfinished_work_is_a_placeholder(written: Path, word: str) -> None:
    text = re.sub("(?m)^author: .*", f"author: 'Alice {word}'", written.read_text())
    written.write_text(text)

    assert len(found(written.parent, "placeholder")) == 3


def test_a_word_that_only_contains_such_a_mark_is_none(written: Path) -> None:
    text = re.sub("(?m)^author: .*", "author: Todor Xxxavier", written.read_text())
    written.write_text(text)

    assert len(found(written.parent, "placeholder")) == 2


def test_a_rule_without_cases_is_told_which_file_to_write(written: Path) -> None:
    assert found(written.parent, "cases-missing") == []

    (written.parent / "thing_changed.cases.yml").unlink()
    (problem,) = found(written.parent, "cases-missing")

    assert "thing_changed.cases.yml" in problem.fix
    assert shown(written, problem) == "name: thing_changed"


def test_a_detection_names_its_false_positives(written: Path) -> None:
    text = written.read_text()
    written.write_text(text[: text.index("falsepositives:")])

    (problem,) = found(written.parent, "false-positives-missing")

    assert problem.severity is Severity.INFO


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  service: guardduty", "service: guardduty"),
        ("  product: windows", "product: windows"),
        ("  category: process_creation", "category: process_creation"),
    ],
)
def test_a_rule_about_other_logs_is_told_so(
    written: Path, line: str, words: str
) -> None:
    key = line.split(":", maxsplit=1)[0]
    text = written.read_text()
    kept = re.sub(f"(?m)^{key}: .*\n", "", text)
    written.write_text(kept.replace("logsource:\n", f"logsource:\n{line}\n"))

    (problem,) = found(written.parent, "logsource-wrong")

    assert words in problem.message
    assert shown(written, problem) == line


CORRELATION = """\
title: CloudTrail trails deleted by one caller
name: trails_gone
id: 0f5e6a53-1c43-4f0b-9f6e-3f6d3a0c7b56
status: test
level: high
description: One caller deleted two trails within an hour. Ask the caller about it.
correlation:
  type: event_count
  rules: [trail_deleted]
  group-by: [userIdentity.arn]
  timespan: 1h
  condition: {gte: 2}
"""
CASES = """\
match:
  - name: Two within an hour
    events: [{event: delete_trail, count: 2, every: 10m}]
no_match:
  - name: One alone
    events: [{event: delete_trail}]
"""


@pytest.mark.parametrize("level", ["low", "high"])
def test_a_correlation_over_a_bundled_rule_passes_as_it_does_elsewhere(
    tmp_path: Path, level: str
) -> None:
    text = CORRELATION.replace("level: high", f"level: {level}")
    (tmp_path / "trails_gone.yml").write_text(text)
    (tmp_path / "trails_gone.cases.yml").write_text(CASES)

    assert lint([tmp_path]) == []
    assert all(result.passed for result in run_cases([tmp_path]))


def test_a_correlation_over_a_rule_that_is_nowhere_is_told_its_line(
    tmp_path: Path,
) -> None:
    text = CORRELATION.replace("[trail_deleted]", "[trail_deletd]")
    (tmp_path / "trails_gone.yml").write_text(text)
    (tmp_path / "trails_gone.cases.yml").write_text(CASES)

    (problem,) = lint([tmp_path])

    assert (problem.check, problem.line) == ("rule-unknown", 9)
    assert "did you mean 'trail_deleted'?" in problem.message
