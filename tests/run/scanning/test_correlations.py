"""Correlations in a scan: files in any order, several processes, quiet bases."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checker import resources, rules, run
from checker.model import Finding, Report

PACK = resources.root() / "rules"


def failures(count: int, **more: Any) -> list[dict[str, Any]]:
    file = PACK / "events" / "cognito_initiate_auth_failed.json"
    event = json.loads(file.read_text(encoding="utf-8"))
    return [
        {
            **event,
            "eventID": f"00000000-0000-4000-8000-{n:012}",
            "eventTime": f"2026-11-20T09:00:{n:02}Z",
            **more,
        }
        for n in range(count)
    ]


def scan(folder: Path, chosen: list[str], jobs: int = 1) -> Report:
    pack = rules.load()
    return run.scan(
        rules.choose(pack, chosen, []), [str(folder)], bases=pack, jobs=jobs
    )


def write(folder: Path, events: list[dict[str, Any]], files: int) -> Path:
    folder.mkdir()
    for n in range(files):
        text = json.dumps({"Records": events[n::files]})
        (folder / f"{n}.json").write_text(text)
    return folder


def told(findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    """Everything but the places of the events, which the files decide."""
    return [
        (
            each.rule.name,
            each.subject,
            each.message,
            each.fingerprint,
            {**each.evidence, "events": [e["id"] for e in each.evidence["events"]]},
        )
        for each in findings
    ]


def test_a_burst_is_one_finding_about_its_last_event(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(10), 1)

    report = scan(folder, ["cognito_sign_in_failures_from_address"])

    (finding,) = report.findings
    assert finding.subject["id"] == "00000000-0000-4000-8000-000000000009"
    assert finding.location is not None
    assert finding.location.record == 9
    assert finding.evidence["count"] == 10
    assert finding.evidence["sourceIPAddress"] == "192.0.2.10"
    assert [each["location"].record for each in finding.evidence["events"]] == [
        *range(10)
    ]
    assert finding.message == (
        "Cognito sign-ins rejected repeatedly from one address: 10 events for "
        "sourceIPAddress 192.0.2.10 from 2026-11-20T09:00:00Z to "
        "2026-11-20T09:00:09Z."
    )
    assert report.statistics.rules == 1


def test_files_processes_and_order_change_nothing(tmp_path: Path) -> None:
    events = failures(40)
    sorted_once = scan(write(tmp_path / "a", events, 1), ["cognito*"])
    random.Random(1).shuffle(events)

    shuffled = scan(write(tmp_path / "b", events, 7), ["cognito*"], jobs=2)

    assert told(shuffled.findings) == told(sorted_once.findings)
    assert len(sorted_once.findings) == 1


def test_duplicates_do_not_count(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(9) * 3, 3)

    report = scan(folder, ["cognito_sign_in_failures_from_address"])

    assert report.findings == ()
    assert report.statistics.duplicates == 18


def test_matches_without_a_time_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(10, eventTime="soon"), 1)

    report = scan(folder, ["cognito_sign_in_failures_from_address"])

    assert report.findings == ()
    assert report.notes == (
        "10 matches have no readable eventTime and were not correlated.",
    )


def test_informational_bases_report_nothing_and_others_do(tmp_path: Path) -> None:
    everything = scan(write(tmp_path / "logs", failures(10), 1), [])

    names = {finding.rule.name for finding in everything.findings}
    assert "cognito_sign_in_failed" not in names
    assert "cognito_failures_of_user" not in names
    assert "cognito_sign_in_failures_from_address" in names
