"""Proposed exceptions cover the marked findings and no other one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker.authoring.lint import lint_exceptions
from checker.authoring.samples import event as sample
from checker.cases.read import merge_patch
from checker.cli import main
from checker.rules.exceptions import load_exceptions

ROOT = Path(__file__).parents[3]
STORIES = sorted((ROOT.parent / "shared" / "faults" / "stories").glob("*.json.gz"))
RULE = """\
title: Bucket deleted
name: bucket_gone
id: 0f5e6a53-1c43-4f0b-9f6e-3f6d3a0c7b99
status: test
level: medium
logsource: {product: aws, service: cloudtrail}
detection:
  condition: eventSource == 's3.amazonaws.com' && eventName == 'DeleteBucket'
"""
CORRELATION = """\
title: Buckets deleted in bulk
name: buckets_gone
id: 0f5e6a53-1c43-4f0b-9f6e-3f6d3a0c7b98
status: test
level: high
logsource: {product: aws, service: cloudtrail}
correlation:
  type: event_count
  rules: [bucket_gone]
  group-by: [userIdentity.arn]
  timespan: 1h
  condition: {gte: 3}
"""


def deleted(
    number: int, role: str, bucket: str = "b", address: str = "192.0.2.1"
) -> Any:
    arn = f"arn:aws:sts::123456789012:assumed-role/{role}/session-{number}"
    issuer = {"arn": f"arn:aws:iam::123456789012:role/{role}", "type": "Role"}
    patch = {
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "eventTime": f"2026-11-20T10:{number % 60:02}:00Z",
        "sourceIPAddress": address,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": arn,
            "sessionContext": {"sessionIssuer": issuer},
        },
        "requestParameters": {"bucketName": bucket},
    }
    return merge_patch(sample("s3:DeleteBucket"), patch)


def mark(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


@pytest.fixture
def tuned(tmp_path: Path) -> Any:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bucket_gone.yml").write_text(RULE)
    (tmp_path / "rules" / "buckets_gone.yml").write_text(CORRELATION)

    def run(events: list[Any], *arguments: str) -> Result:
        (tmp_path / "log.json").write_text(json.dumps({"Records": events}))
        line = ["tune", str(tmp_path / "log.json"), "--rules", str(tmp_path / "rules")]
        out = ["-o", str(tmp_path / "exceptions.yml")]
        return CliRunner().invoke(main, [*line, *arguments, *out])

    return run


def proposals(folder: Path) -> list[Any]:
    return [each.matcher for each in load_exceptions([str(folder / "exceptions.yml")])]


def marks(*numbers: int) -> list[str]:
    return [word for number in numbers for word in ("--false", mark(number))]


def test_a_role_that_only_false_findings_have_is_enough(
    tuned: Any, tmp_path: Path
) -> None:
    events = [deleted(1, "Cleaner"), deleted(2, "Cleaner"), deleted(3, "Thief")]

    done = tuned(events, *marks(1, 2))

    assert done.exit_code == 0, done.output
    assert "covers 2 of 2 marked findings and 0 of 1 others" in done.output
    (matcher,) = proposals(tmp_path)
    assert matcher.identity == ("arn:aws:iam::123456789012:role/Cleaner",)
    assert matcher.fields == {}


def test_what_was_done_tells_false_from_true_calls_of_one_role(
    tuned: Any, tmp_path: Path
) -> None:
    events = [
        deleted(1, "Admin", "scratch"),
        deleted(2, "Admin", "scratch"),
        deleted(3, "Admin", "payroll"),
    ]

    assert tuned(events, *marks(1, 2)).exit_code == 0
    (matcher,) = proposals(tmp_path)
    assert matcher.fields == {"requestParameters.bucketName": ("scratch",)}


def test_roles_that_need_different_conditions_get_an_entry_each(
    tuned: Any, tmp_path: Path
) -> None:
    events = [
        deleted(1, "One", "a", "192.0.2.1"),
        deleted(2, "Two", "a", "192.0.2.2"),
        deleted(3, "One", "a", "192.0.2.2"),
        deleted(4, "Two", "a", "192.0.2.1"),
    ]

    done = tuned(events, *marks(1, 2))

    assert done.exit_code == 0, done.output
    assert len(proposals(tmp_path)) == 2


def test_what_nothing_tells_apart_is_named_and_exits_1(tuned: Any) -> None:
    done = tuned([deleted(1, "Admin"), deleted(2, "Admin")], *marks(1))

    assert done.exit_code == 1
    assert mark(1) in done.output
    assert "nothing tells it from a finding" in done.output


def test_a_correlation_gets_an_exception_of_its_own(tuned: Any, tmp_path: Path) -> None:
    bulk = [deleted(n, "Cleaner") for n in range(1, 5)]
    for event in bulk:
        arn = "arn:aws:sts::123456789012:assumed-role/Cleaner/nightly"
        event["userIdentity"]["arn"] = arn
    theft = [deleted(n, "Thief") for n in range(5, 9)]
    for event in theft:
        event["userIdentity"]["arn"] = "arn:aws:sts::123456789012:assumed-role/Thief/x"
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"Records": bulk + theft}))
    rules = str(tmp_path / "rules")
    scan = ["scan", str(log), "--rules", rules, "-f", "json", "--fail-on", "never"]
    report = json.loads(CliRunner().invoke(main, [*scan, "-q"]).stdout)
    (false,) = [
        each["fingerprint"]
        for each in report["findings"]
        if each["rule"]["kind"] == "correlation" and "Cleaner" in str(each)
    ]

    done = tuned(bulk + theft, "--false", false[:12])

    assert done.exit_code == 0, done.output
    (matcher,) = proposals(tmp_path)
    assert matcher.identity == ("arn:aws:sts::123456789012:assumed-role/Cleaner/*",)


def test_marks_come_from_files_of_lines_and_from_reports(
    tuned: Any, tmp_path: Path
) -> None:
    events = [deleted(1, "Cleaner"), deleted(2, "Other")]
    lines = tmp_path / "false.txt"
    lines.write_text(f"# known\n{mark(1)}  the nightly job\n\n")
    assert tuned(events, "--false", str(lines)).exit_code == 0

    report = tmp_path / "report.json"
    report.write_text("{}")
    done = tuned(events, "--false", str(report))
    assert (done.exit_code, "no findings of trailcheck" in done.output) == (2, True)


def test_a_mark_of_no_finding_is_a_message(tuned: Any) -> None:
    done = tuned([deleted(1, "Cleaner")], "--false", "deadbeef")

    assert done.exit_code == 2
    assert "--false deadbeef: no finding" in done.output


def test_input_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = str(tmp_path / "gone.json")

    done = CliRunner().invoke(main, ["tune", file, "--false", "12345678"])

    assert (done.exit_code, file in done.stderr) == (3, True)


def test_what_is_proposed_passes_lint(tuned: Any, tmp_path: Path) -> None:
    events = [deleted(1, "Admin", "scratch"), deleted(2, "Admin", "payroll")]
    tuned(events, *marks(1), "--reason", "Tests", "--owner", "team")
    file = str(tmp_path / "exceptions.yml")
    (entry,) = load_exceptions([file])
    day = entry.expires.replace(day=1, month=entry.expires.month)

    found = lint_exceptions([file], [tmp_path / "rules"], day)

    assert {each.check for each in found} <= {"exception-ends-soon"}


def test_a_resource_is_named_by_its_arn(tmp_path: Path) -> None:
    settings = ROOT / "demo" / "settings.json"
    audit = ["audit", str(settings), "-f", "json", "--fail-on", "never", "-q"]
    report = json.loads(CliRunner().invoke(main, audit).stdout)
    false = next(
        each
        for each in report["findings"]
        if each["status"] == "fail" and each["subject"]["type"].endswith("Trail")
    )

    marked = ["tune", "--settings", str(settings), "--false", false["fingerprint"]]
    out = ["--allow-partial", "-o", str(tmp_path / "exceptions.yml")]
    done = CliRunner().invoke(main, [*marked, *out])

    assert done.exit_code == 0, done.output
    (matcher,) = proposals(tmp_path)
    assert matcher.resource == (false["subject"]["id"],)


@pytest.mark.skipif(not STORIES, reason="no stories beside the project")
def test_of_the_stories_all_ordinary_findings_go_and_no_other(tmp_path: Path) -> None:
    ordinary = [str(each) for each in STORIES if each.name[0] == "0"]
    scan = ["scan", *ordinary, "-f", "json", "--fail-on", "never", "-q"]
    report = CliRunner().invoke(main, scan).stdout
    (tmp_path / "false.json").write_text(report)
    number = len(json.loads(report)["findings"])

    done = CliRunner().invoke(
        main, ["tune", *map(str, STORIES), "--false", str(tmp_path / "false.json")]
    )

    assert done.exit_code == 0, done.output
    assert f"covers {number} of {number} marked findings and 0 of" in done.output
