"""A cases file holds its record once; cases and steps that name none patch it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker import rules
from checker.cases import read
from checker.cases.read import Case
from checker.errors import DocumentError

RULE = """\
title: Thing deleted
name: thing
id: 5f7c4a4e-54b2-4b1f-8a54-3ad7d3f6f0ab
status: test
level: low
logsource: {product: aws, service: cloudtrail}
detection:
  condition: eventName == 'DeleteTrail'
"""
CASES = """\
record: {eventSource: cloudtrail.amazonaws.com, eventName: DeleteTrail, awsRegion: a}
match:
  - name: It happened
  - name: Elsewhere
    patch: {awsRegion: b}
no_match:
  - name: Another one
    event: stop_logging
  - name: In time
    events: [{count: 2}, {at: 60, patch: {eventName: GetTrail}}]
standard: {no_match: [refused]}
"""


def cases(folder: Path, text: str) -> tuple[list[Case], list[DocumentError]]:
    (folder / "thing.yml").write_text(RULE)
    (folder / "thing.cases.yml").write_text(text)
    problems: list[DocumentError] = []
    (rule_file,) = rules.find([folder])
    return read.of_rule(rule_file, problems), problems


def test_a_case_without_a_record_of_its_own_patches_the_common_one(
    tmp_path: Path,
) -> None:
    found, problems = cases(tmp_path, CASES)

    assert problems == []
    first, elsewhere, other, timed, refused = found
    assert first.subject["eventName"] == "DeleteTrail"
    assert (elsewhere.subject["awsRegion"], elsewhere.line) == ("b", 4)
    assert other.subject["eventName"] == "StopLogging"
    names = [event["eventName"] for event in timed.events]
    assert names == ["DeleteTrail", "DeleteTrail", "GetTrail"]
    assert refused.subject["awsRegion"] == "a"
    assert refused.subject["errorCode"] == "AccessDenied"


@pytest.mark.parametrize(
    "text",
    [
        CASES[CASES.index("match:") :],
        CASES.replace("    event: stop_logging", "    event: a\n    record: {}"),
    ],
)
def test_a_case_that_starts_from_nothing_or_from_two_things_is_a_message(
    tmp_path: Path, text: str
) -> None:
    _, problems = cases(tmp_path, text)

    assert "the top of the file" in problems[0].message
