"""Tests of the report for people."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.model import (
    Finding,
    Level,
    Location,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.reports import layout, screen, text
from checker.reports.groups import By
from tests.reports import samples
from tests.reports.golden import matches

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")


def shown(report: Report, **options: Any) -> str:
    return "".join(text.render(report, **options))


def report(*findings: Finding, **more: Any) -> Report:
    return Report(findings=findings, statistics=Statistics(), **more)


def sign_in(number: int, **fields: Any) -> Finding:
    time = f"2026-11-20T10:{number // 60:02}:{number % 60:02}Z"
    return samples.finding(
        samples.ROOT_NO_MFA,
        samples.event("ConsoleLogin", time, **fields),
        location=Location("logs/x.json", number),
        evidence={"userAgent": f"agent {number}", "sign_in": True},
    )


def numbered(number: int, level: Level = Level.HIGH) -> Any:
    name = f"rule_number_{number:03}"
    return structs.replace(samples.TRAIL_STOPPED, name=name, level=level)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("full", [False, True])
def test_the_report_is_the_golden_one(width: int, *, full: bool) -> None:
    name = f"report{'.full' * full}.{width}.txt"
    matches(name, shown(samples.REPORT, width=width, full=full))


@pytest.mark.parametrize("by", list(By)[1:])
def test_the_report_in_other_groups_is_the_golden_one(by: By) -> None:
    matches(f"report.{by.value}.txt", shown(samples.REPORT, by=by))


def test_an_empty_report_still_says_what_was_read() -> None:
    assert shown(samples.EMPTY) == (
        "read        1 input, 12 events, against 57 rules\nfindings    none\n"
    )


def test_an_empty_report_says_nothing_when_quiet() -> None:
    assert not shown(samples.EMPTY, quiet=True)


def test_quiet_leaves_out_the_summary_and_nothing_else() -> None:
    whole = shown(samples.REPORT).splitlines()
    quiet = shown(samples.REPORT, quiet=True).splitlines()
    left_out = [line for line in whole if line not in quiet]
    assert set(quiet) <= set(whole)
    assert any(line.startswith("read ") for line in left_out)
    assert not any(line.startswith(("critical", "high")) for line in left_out)


def test_the_screen_alone_is_how_the_report_begins() -> None:
    alone = shown(samples.REPORT, short=True)
    assert shown(samples.REPORT).startswith(alone)
    assert "logs/x.json.gz record 12" not in alone


def test_colours_change_no_word() -> None:
    drawn = shown(samples.REPORT, colour=True)
    assert "\x1b[1;31mcritical" in drawn
    plain = [line.rstrip() for line in SEQUENCE.sub("", drawn).splitlines()]
    assert plain == shown(samples.REPORT).splitlines()


@pytest.mark.parametrize("field", ["principal", "eventName", "sourceIPAddress"])
@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("look", [{}, {"full": True}, {"by": By.IDENTITY}])
def test_a_hostile_event_cannot_command_the_terminal(
    field: str, look: dict[str, Any], *, colour: bool
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
        blind=(samples.HOSTILE,),
    )
    drawn = SEQUENCE.sub("", shown(hostile, colour=colour, **look))
    assert all(line.isprintable() for line in drawn.split("\n"))
    assert r"\x1b]0;title\x07" in drawn


@given(st.text(st.characters()), st.text(st.characters()), st.integers(20, 200))
def test_any_rule_can_be_shown(title: str, name: str, width: int) -> None:
    rule = structs.replace(samples.LOG_VALIDATION, title=title, name=name)
    subject = samples.resource(title, name)
    said = report(samples.finding(rule, subject, message=title))
    for full in (True, False):
        lines = shown(said, width=width, full=full).split("\n")
        assert all(line.isprintable() for line in lines)


@given(st.integers(70, 160), st.sampled_from(list(By)), st.booleans())
def test_only_a_line_that_holds_one_name_is_wider_than_asked(
    width: int,
    by: By,
    full: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    for line in shown(samples.REPORT, width=width, by=by, full=full).splitlines():
        if len(line) > width:
            # What was too long stands alone behind its label and its last comma.
            words = line.split()
            assert max(map(len, words)) > width - 40, line


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("full", [False, True])
def test_no_name_is_broken(width: int, *, full: bool) -> None:
    said = shown(samples.REPORT, width=width, full=full)
    for finding in samples.DETECTED[:3]:
        assert finding.rule.name in said
        assert (
            finding.subject["principal"] is None or finding.subject["principal"] in said
        )


def test_fifty_thousand_findings_are_a_few_dozen_lines() -> None:
    many = report(*(sign_in(number % 3600) for number in range(50_000)))
    lines = shown(many).splitlines()
    assert len(lines) < 40
    assert "critical  50,000  root_console_login_without_mfa" in lines[1]
    assert sum(line.strip().startswith("logs/x.json") for line in lines) == 3
    assert "  and 49,997 more: --full lists them" in lines


def test_full_lists_every_finding_once() -> None:
    for by in By:
        many = report(*(sign_in(number) for number in range(1_500)))
        lines = shown(many, full=True, by=by).splitlines()
        places = [line.strip() for line in lines if "logs/x.json record" in line]
        assert sorted(places) == sorted(f"logs/x.json record {n}" for n in range(1_500))


def test_examples_are_the_earliest_whatever_the_order_of_the_inputs() -> None:
    findings = [sign_in(number) for number in range(50)]
    assert shown(report(*findings)) == shown(report(*reversed(findings)))
    assert "agent 0" in shown(report(*reversed(findings)))


def test_many_rules_are_counted_below_the_worst() -> None:
    findings = [
        samples.finding(
            numbered(number, Level.HIGH if number < 5 else Level.LOW),
            samples.event("StopLogging", "2026-11-20T11:00:00Z"),
        )
        for number in range(60)
    ]
    said = shown(report(*findings), short=True)
    rows = [line for line in said.splitlines() if "rule_number_" in line]
    assert len(rows) == screen.MOST_ROWS
    assert all(line.startswith("high") for line in rows[:5])
    assert "and 40 rules with 40 findings (40 low): --full lists them" in said
    every = shown(report(*findings), short=True)
    assert every.count("rule_number_") == screen.MOST_ROWS


def test_every_hour_is_listed_for_the_worst_may_be_the_last() -> None:
    events = (
        samples.event("StopLogging", f"2026-11-{19 + n // 24}T{n % 24:02}:00:00Z")
        for n in range(30)
    )
    found = report(*(samples.finding(samples.ROOT_NO_MFA, each) for each in events))
    rows = shown(found, short=True, by=By.TIME).splitlines()
    assert sum(line.startswith("critical") for line in rows) == 30


def test_a_name_that_is_too_long_comes_below_its_numbers() -> None:
    name = f"arn:aws:sts::123456789012:assumed-role/Admin/{'a' * 30}"
    event = samples.event("ConsoleLogin", "2026-11-20T10:00:00Z", principal=name)
    found = report(samples.finding(samples.ROOT_NO_MFA, event))
    lines = shown(found, short=True, width=80).splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("identities"))
    assert lines[place].endswith("1  (1 rule)")
    assert lines[place + 1].strip() == name
    assert len(lines[place + 1]) <= 80


def test_passes_are_counted_and_not_listed() -> None:
    for full in (False, True):
        shown_report = shown(report(*samples.AUDITED), full=full)
        assert "main-2" not in shown_report
        assert "checks      1 fail, 1 pass, 1 not applicable, 1 unknown" in shown_report


def test_a_rule_that_only_passes_is_not_shown() -> None:
    assert not shown(report(samples.AUDITED[1], samples.AUDITED[3]), quiet=True)


def test_what_could_not_be_decided_is_said_with_its_reason() -> None:
    error = structs.replace(samples.AUDITED[2], status=Status.ERROR)
    for finding in (samples.AUDITED[2], error):
        said = shown(report(finding))
        assert "unknown     1 check could not be decided" in said
        assert "trail: denied" in said
        listed = shown(report(finding), full=True).splitlines()
        assert any(
            line.startswith(f"  {finding.status.value}  shadow") for line in listed
        )


def test_signals_have_a_row_and_no_examples_unless_all_is_asked_for() -> None:
    rule = structs.replace(samples.ROOT_NO_MFA, level=Level.INFORMATIONAL)
    quiet = report(structs.replace(sign_in(1), rule=rule))
    assert "info          1  root_console_login_without_mfa" in shown(quiet)
    assert "agent 1" not in shown(quiet)
    assert "agent 1" in shown(quiet, full=True)


def test_rules_that_could_not_have_fired_are_named() -> None:
    said = shown(report(blind=("object_read", "object_written")))
    assert "blind       2 rules could not have fired" in said
    assert "object_read, object_written" in " ".join(said.split())


def test_the_next_commands_end_the_screen() -> None:
    commands = ["trailcheck show RULE", "trailcheck top logs --by eventName"]
    said = shown(samples.REPORT, short=True, following=lambda _: commands)
    assert said.endswith(
        "next        trailcheck show RULE\n"
        "            trailcheck top logs --by eventName\n"
    )


def test_an_audit_of_a_framework_begins_with_its_requirements() -> None:
    said = shown(samples.judged())
    assert said.startswith("CIS AWS Foundations 3.0\n")
    assert said.index("3.4") < said.index("level     count")


def test_evidence_that_all_findings_share_is_said_once() -> None:
    said = shown(report(*samples.DETECTED[:2]))
    assert said.count("additionalEventData.MFAUsed") == 1


def test_evidence_that_differs_is_said_of_each() -> None:
    said = shown(report(*(sign_in(number) for number in range(3))))
    assert [f'userAgent = "agent {n}"' in said for n in range(3)] == [True] * 3


def test_one_fix_text_comes_once() -> None:
    rules = [
        structs.replace(samples.LOG_VALIDATION, name=f"validation_{number}")
        for number in range(16)
    ]
    findings = [structs.replace(samples.AUDITED[0], rule=rule) for rule in rules]
    for full in (False, True):
        said = shown(report(*findings), full=full)
        assert said.count("Turn log file validation on.") == 1
        assert said.count("fix as for validation_0") == 15


def test_only_the_full_report_has_the_commands_of_a_fix() -> None:
    command = "aws cloudtrail update-trail --name main --enable-log-file-validation"
    assert command in shown(report(*samples.AUDITED), full=True)
    said = shown(report(*samples.AUDITED))
    assert command not in said
    assert "commands: trailcheck show log_file_validation_off" in said


def test_blind_rules_stand_under_what_is_missing_worst_first() -> None:
    said = shown(report(*samples.FORESEEN), quiet=True)
    blind, partial, _ = said.split("\n\n")
    assert samples.NO_POOL_TRAIL in blind
    assert "(2 rules: 1 high, 1 medium)" in blind
    opened = blind.index("identity_pool_opened_to_guests")
    assert opened < blind.index("identity_pool_credentials_for_guest")
    assert partial.startswith("partial")
    assert samples.TRAIL_STOPPED.name not in said


def test_a_report_on_visibility_alone_counts_no_findings() -> None:
    said = shown(report(*samples.FORESEEN), short=True)
    assert "findings" not in said
    assert "visibility  1 visible, 1 partial, 2 blind" in said


def test_a_rule_without_what_is_missing_stands_under_its_message() -> None:
    finding = samples.finding(
        samples.TRAIL_STOPPED,
        {"type": "rule", "id": samples.TRAIL_STOPPED.name},
        status=Status.UNKNOWN,
        message="The selectors of trail 'main' were denied.",
    )
    said = shown(report(finding))
    assert (
        "unknown   because The selectors of trail 'main' were denied (1 rule, high)"
        in said
    )


@pytest.mark.parametrize(("full", "names"), [(True, 40), (False, 12)])
def test_many_rule_names_go_on_to_the_next_line(names: int, *, full: bool) -> None:
    findings = [
        samples.finding(
            numbered(number),
            {"type": "rule", "id": f"rule_number_{number:03}"},
            status=Status.BLIND,
            evidence={"missing": "a trail"},
        )
        for number in range(40)
    ]
    lines = shown(report(*findings), quiet=True, full=full).splitlines()
    assert max(map(len, lines)) <= layout.WIDTH
    assert sum(line.count("rule_number_") for line in lines) == names
    assert full or any("and 28 more" in line for line in lines)


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
