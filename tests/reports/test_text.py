"""Tests of the report for people."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model import Finding, Location, Report, Statistics, Status, Unreadable
from checker.reports import text
from checker.reports.segments import Segment
from tests.reports import samples
from tests.reports.golden import matches

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")


def shown(report: Report, **options: Any) -> str:
    return "".join(text.render(report, **options))


def report(*findings: Finding, **more: Any) -> Report:
    return Report(findings=findings, statistics=Statistics(), **more)


def test_the_report_is_the_golden_one() -> None:
    matches("report.txt", shown(samples.REPORT))


def test_an_empty_report_still_says_what_was_read() -> None:
    assert shown(samples.EMPTY) == (
        "read        1 input, 12 events, against 57 rules\nfindings    none\n"
    )


def test_an_empty_report_says_nothing_when_quiet() -> None:
    assert not shown(samples.EMPTY, quiet=True)


def test_quiet_leaves_out_the_summary_and_nothing_else() -> None:
    whole = shown(samples.REPORT)
    quiet = shown(samples.REPORT, quiet=True)
    summary = "".join(text.render_summary(samples.REPORT))
    assert quiet + summary == whole


def test_colours_change_no_word() -> None:
    drawn = shown(samples.REPORT, colour=True)
    assert "\x1b[1;31mcritical" in drawn
    plain = [line.rstrip() for line in SEQUENCE.sub("", drawn).splitlines()]
    assert plain == shown(samples.REPORT).splitlines()


@pytest.mark.parametrize("field", ["principal", "eventName", "sourceIPAddress"])
@pytest.mark.parametrize("colour", [True, False])
def test_a_hostile_event_cannot_command_the_terminal(
    field: str, *, colour: bool
) -> None:
    finding = samples.finding(
        samples.ROOT_NO_MFA,
        samples.event("ConsoleLogin", "now", **{field: samples.HOSTILE}),
        location=Location(samples.HOSTILE, 0),
        evidence={samples.HOSTILE: samples.HOSTILE, "list": [samples.HOSTILE]},
        message=samples.HOSTILE,
    )
    hostile = report(
        finding,
        problems=(Unreadable(samples.HOSTILE, 1, samples.HOSTILE),),
        notes=(samples.HOSTILE,),
    )
    drawn = SEQUENCE.sub("", shown(hostile, colour=colour))
    assert all(line.isprintable() for line in drawn.split("\n"))
    assert r"\x1b]0;title\x07" in drawn


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_rule_can_be_shown(title: str, name: str) -> None:
    rule = dataclasses.replace(samples.LOG_VALIDATION, title=title, name=name)
    subject = samples.resource(title, name)
    lines = shown(report(samples.finding(rule, subject, message=title))).split("\n")
    assert all(line.isprintable() for line in lines)


def test_passes_are_counted_and_not_listed() -> None:
    shown_report = shown(report(*samples.AUDITED))
    assert "main-2" not in shown_report
    assert "1 fail · 1 pass · 1 unknown" in shown_report
    assert "checks      1 fail, 1 pass, 1 not applicable, 1 unknown" in shown_report


def test_a_rule_that_only_passes_is_not_shown() -> None:
    assert not shown(report(samples.AUDITED[1], samples.AUDITED[3]), quiet=True)


def test_an_unknown_and_an_error_are_listed() -> None:
    error = dataclasses.replace(samples.AUDITED[2], status=Status.ERROR)
    for finding in (samples.AUDITED[2], error):
        first = shown(report(finding)).splitlines()
        assert any(
            line.startswith(f"  {finding.status.value}  shadow") for line in first
        )


def test_evidence_that_all_findings_share_is_said_once() -> None:
    said = shown(report(*samples.DETECTED[:2]))
    assert said.count("additionalEventData.MFAUsed") == 1


def test_evidence_that_differs_is_said_of_each() -> None:
    findings = [
        samples.finding(
            samples.ROOT_NO_MFA,
            samples.event("ConsoleLogin", f"2026-11-20T10:00:0{n}Z"),
            evidence={"userAgent": f"agent {n}", "sign_in": True},
        )
        for n in range(3)
    ]
    said = shown(report(*findings))
    assert [f'userAgent = "agent {n}"' in said for n in range(3)] == [True] * 3


def test_blind_rules_stand_under_what_is_missing_worst_first() -> None:
    said = shown(report(*samples.FORESEEN), quiet=True)
    blind, partial, _ = said.split("\n\n")
    assert samples.NO_POOL_TRAIL in blind
    assert "2 rules" in blind
    opened = blind.index("identity_pool_opened_to_guests")
    assert opened < blind.index("identity_pool_credentials_for_guest")
    assert partial.startswith("partial")
    assert samples.TRAIL_STOPPED.name not in said


def test_a_rule_without_what_is_missing_stands_under_its_message() -> None:
    finding = samples.finding(
        samples.TRAIL_STOPPED,
        {"type": "rule", "id": samples.TRAIL_STOPPED.name},
        status=Status.UNKNOWN,
        message="The selectors of trail 'main' were denied.",
    )
    said = shown(report(finding))
    assert "unknown   because The selectors of trail 'main' were denied  1 rule" in said


def test_many_rule_names_go_on_to_the_next_line() -> None:
    findings = [
        samples.finding(
            dataclasses.replace(samples.POOL_CREATED, name=f"rule_number_{n:03}"),
            {"type": "rule", "id": f"rule_number_{n:03}"},
            status=Status.BLIND,
            evidence={"missing": "a trail"},
        )
        for n in range(40)
    ]
    lines = shown(report(*findings), quiet=True).splitlines()
    assert max(map(len, lines)) <= text.WIDTH
    assert sum(line.count("rule_number_") for line in lines) == 40


def test_a_long_item_has_a_line_of_its_own() -> None:
    items = [(Segment("a"),), (Segment("b" * 200),), (Segment("c"),)]
    lines = list(text.flow(items, indent=2, gap="  "))
    assert ["".join(s.text for s in line).strip() for line in lines] == [
        "a",
        "b" * 200,
        "c",
    ]


def test_columns_stay_apart_when_a_name_is_longer_than_its_column() -> None:
    long = samples.event("ConsoleLogin", "now", principal="p" * 110)
    said = shown(report(samples.finding(samples.ROOT_NO_MFA, long)))
    assert "p" * 110 + "  192.0.2.10" in said


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (Location("logs/x.json.gz", 12), "logs/x.json.gz record 12"),
        (Location("snapshot.json", None, 40), "snapshot.json line 40"),
        (Location("-", 0), "stdin record 0"),
    ],
)
def test_a_location_is_said_in_words(location: Location, words: str) -> None:
    assert text.where(location) == words


def test_plain_text_needs_no_rich() -> None:
    script = (
        "import sys; from checker.reports import FORMATS;"
        "from tests.reports.samples import REPORT;"
        "[list(render(REPORT)) for render in FORMATS.values()];"
        "from checker.reports import progress;"
        "sys.exit(any(name.split('.')[0] in ('rich', 'jinja2', 'boto3', 'yaml')"
        " for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == 0
