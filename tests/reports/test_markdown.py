"""The Markdown report: short, worst first, and harmless on GitHub."""

from __future__ import annotations

import re

import pytest
from msgspec import structs

from checker.model import Report, Statistics
from checker.reports import FORMATS
from checker.reports.markdown import MOST_RULES, code, prose
from tests.reports import samples
from tests.reports.golden import matches

SPAN = re.compile(r"`[^`]*`")


def rendered(report: Report) -> str:
    return "".join(FORMATS["markdown"](report))


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


def test_the_report_is_the_golden_one() -> None:
    matches("report.md", rendered(samples.REPORT))


def test_a_rule_has_one_line_the_worst_first() -> None:
    found = rows(rendered(samples.REPORT))
    levels = [line.split(" | ")[0].removeprefix("| ") for line in found]

    assert levels == ["critical", "high", "high", "medium", "medium", "low"]
    assert found[0].count("root_console_login_without_mfa") == 1
    assert "2 fail, 1 partial" in found[0]
    assert "`2026-11-20T09:00:00Z` to `2026-11-20T10:11:12Z`" in found[0]


def test_what_needs_nobody_has_no_line() -> None:
    passed = Report(findings=samples.AUDITED[1:2], statistics=Statistics())
    assert rows(rendered(passed)) == []
    assert rendered(passed).startswith("## trailcheck: nothing found\n")


def test_a_comment_has_room_for_it_however_many_rules_there_are() -> None:
    found = tuple(
        structs.replace(
            finding,
            rule=structs.replace(finding.rule, name=f"{finding.rule.name}_{number:04}"),
        )
        for number in range(500)
        for finding in samples.hostile().findings
    )
    text = rendered(structs.replace(samples.hostile(), findings=found))

    assert len(rows(text)) == MOST_RULES
    assert "and 900 more rules" in text
    assert len(text.encode()) < 1 << 20


def test_a_requirement_that_is_not_met_has_a_line() -> None:
    text = rendered(samples.judged())
    assert "1 fail, 1 unknown, 1 manual, 1 pass, 1 not applicable" in text
    found = re.findall(r"^\| (\w+) \| 3", text, re.MULTILINE)
    assert found == ["fail", "unknown", "manual"]


def test_a_hostile_report_is_cells_and_code() -> None:
    text = rendered(samples.hostile())
    table = rows(text)

    assert len(table) == 2
    for line in table:
        bare = SPAN.sub("", line).replace("<br>", "")
        assert len(re.findall(r"(?<!\\)\|", bare)) == 6
        assert not set("<>@[]`") & set(bare)
    # The only fences are our own two.
    assert len(re.findall(r"^ {0,3}```", text, re.MULTILINE)) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("a*b_c", r"a\*b\_c"),
        ("@octocat", "`@octocat`"),
        ("see #1", "`see #1`"),
        ("https://evil.example", "`https://evil.example`"),
        ("WWW.evil.example", "`WWW.evil.example`"),
        ("<b>", "`<b>`"),
        ("a | b", r"a \| b"),
    ],
)
def test_prose_makes_nothing(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a`b", r"`a\x60b`"),
        ("a|b", r"`a\x7cb`"),
        ("a\nb", r"`a\x0ab`"),
        ("x" * 101, f"`{'x' * 99}…`"),
        ("", "-"),
    ],
)
def test_code_stays_code(text: str, shown: str) -> None:
    assert code(text) == shown
