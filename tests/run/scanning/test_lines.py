"""Lines that are written where they are found are those of the findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from msgspec import structs

from checker import rules
from checker.model import Batch, DetectionRule, Finding, Status
from checker.reports.json import line
from checker.run.policy.policy import Policy
from checker.run.scanning import lines as lines_of_run
from checker.run.scanning import scan as scan_module
from checker.run.scanning.job import make_job
from checker.run.scanning.matches import finding
from checker.run.scanning.scan import scan
from checker.run.scanning.worker import Detecting, detecting
from checker.run.scanning.writing import Writing, writing
from tests.reports.test_json_text import OBJECTS, TEXTS, VALUES

ROOT = Path(__file__).parents[3]
PACK = [each for each in rules.load() if isinstance(each, DetectionRule)][::7]
ODD: list[dict[str, Any]] = [
    {"eventID": 7, "eventTime": ["never"]},
    {"eventID": "", "sourceIPAddress": {"a": 1}},
    {"sharedEventID": "one"},
    {"sharedEventID": "one", "eventTime": "2026-11-20 01:00"},
    {"requestParameters": {"password": "hunter2-Xy9", "a": ["x" * 2000] * 60}},
    {"requestParameters": "##[error]\u202e\u00e9"},
    {"userIdentity": {"arn": "arn:aws:iam::123456789012:user/secret token=abc"}},
    {"recipientAccountId": None, "awsRegion": 3.5},
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of what the pack looks for, and of what it hardly expects."""
    folder = tmp_path_factory.mktemp("logs")
    files = sorted((ROOT / "rules/events").iterdir())
    records = [json.loads(file.read_text()) | fresh(n) for n, file in enumerate(files)]
    odd = [
        record | fresh(number, "1") | ODD[number % len(ODD)]
        for number, record in enumerate(records)
    ]
    again = records[:40]
    for number, some in enumerate((records, odd, again)):
        (folder / f"{number}.json").write_text(json.dumps({"Records": some}))
    return folder


def fresh(number: int, first: str = "0") -> dict[str, str]:
    return {"eventID": f"{first}{number:07x}-0000-4000-8000-000000000000"}


def correct(folder: Path, event: str) -> None:
    """Add an event that stands for another one."""
    records = [
        {
            "eventID": "ffffffff-0000-4000-8000-000000000000",
            "eventVersion": "1.11",
            "eventTime": "2026-11-30T00:00:00Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "ListBuckets",
            "addendum": {"reason": "UPDATED_DATA", "originalEventID": event},
        }
    ]
    (folder / "9.json").write_text(json.dumps({"Records": records}))


def told(folder: Path, **options: Any) -> tuple[list[Finding], Any]:
    findings: list[Finding] = []
    report = scan(PACK, [folder], emit=findings.append, **options)
    return findings, report


def written(folder: Path, **options: Any) -> tuple[str, Any]:
    texts: list[str] = []
    report = scan(PACK, [folder], write=texts.append, **options)
    return "".join(texts), report


def said(finding: Finding | str) -> Any:
    """Return what a finding says, but for the sentence, which is made of it."""
    text = finding if isinstance(finding, str) else line(finding)
    return {**json.loads(text), "message": None}


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_lines_are_those_of_the_findings(logs: Path, jobs: int) -> None:
    findings, first = told(logs)
    text, second = written(logs, jobs=jobs)

    assert text == "".join(line(each) + "\n" for each in findings)
    assert first.statistics == second.statistics
    assert len(findings) > 150
    assert '"sharedEventID"' in text
    assert "hunter2" not in text


def test_what_a_policy_decides_about_is_written_the_same(logs: Path) -> None:
    policy = structs.replace(Policy(), remarks=("Said.",))

    text, report = written(logs, policy=policy)

    assert text == written(logs)[0]
    assert "Said." in report.notes


def test_the_report_has_what_was_written(logs: Path) -> None:
    text, report = written(logs)

    assert len(report.findings) == len(text.splitlines())
    assert list(map(said, report.findings)) == list(map(said, text.splitlines()))


def test_a_line_whose_event_is_corrected_is_taken_back(
    logs: Path, tmp_path: Path
) -> None:
    for file in logs.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    findings, _ = told(tmp_path)
    gone = findings[3].subject["id"]
    correct(tmp_path, gone)

    findings, first = told(tmp_path)
    text, second = written(tmp_path)

    retracted = [each for each in findings if each.status is Status.NOT_APPLICABLE]
    assert text == "".join(line(each) + "\n" for each in findings)
    assert {each.subject["id"] for each in retracted} == {gone}
    assert first.statistics == second.statistics


def test_lines_beyond_what_memory_holds_are_read_from_the_disk(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = written(logs)
    monkeypatch.setattr(lines_of_run.LineSpool.__init__, "__defaults__", (1000,))
    monkeypatch.setattr(lines_of_run, "_AT_ONCE", 7)

    again, report = written(logs)

    assert again == text
    assert list(map(said, report.findings)) == list(map(said, text.splitlines()))


def test_lines_are_written_by_the_way_that_has_no_findings(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(scan_module, "detecting", fail)

    assert written(logs)[0]


RULE = """
title: Thing made
name: thing_made
id: 4c0f6e0e-1234-4234-8234-123456789012
status: experimental
level: low
description: Something was made.
logsource: {product: aws, service: cloudtrail}
detection:
  made: {eventName: Make}
  odd: contains(keys(requestParameters), 'a')
  condition: made || odd
fields: [requestParameters, requestParameters.a, responseElements.value, userIdentity]
"""


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> tuple[Writing, Detecting]:
    file = tmp_path_factory.mktemp("rules") / "thing_made.yml"
    file.write_text(RULE)
    job = make_job(rules.load([file]))
    return writing(job), detecting(job)


IDS = st.sampled_from(
    ["0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "x" * 36, "#" * 36, "##[a]", "", 5, None]
)
TIMES = st.sampled_from(
    ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00", "##[a]", "0" * 20, "", 5, None]
)
URIS = st.sampled_from(["logs/x.json", "##[x]", "##vso[x]", "\u00e9\u202e", '"'])


@given(OBJECTS, VALUES, TEXTS, IDS, TIMES, URIS)
def test_whatever_an_event_holds_is_written_as_it_is_shown(
    works: tuple[Writing, Detecting],
    parameters: dict[str, Any],
    value: Any,
    address: str,
    event_id: Any,
    time: Any,
    uri: str,
) -> None:
    event = {
        "eventName": "Make",
        "eventID": event_id,
        "eventTime": time,
        "requestParameters": parameters,
        "responseElements": {"value": value, "name": "DB_PASSWORD"},
        "sourceIPAddress": address,
    }
    try:
        text = msgspec.json.encode(event)
        batch = Batch(uri, text, [text], range(1))
        (match,) = works[1].evaluate(batch).matches
        (text_of_match,) = [one.text for one in works[0].evaluate(batch).matches]
    except (UnicodeEncodeError, ValueError):
        reject()

    known = {rule.rule.name: rule.rule for rule in works[1].detector.rules}
    assert text_of_match == line(finding(known, match))
