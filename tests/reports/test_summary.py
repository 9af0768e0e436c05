"""Tests of the summary: every count of a run is said, and nothing that is zero."""

from __future__ import annotations

import pytest

from checker.model import Report, Statistics, Unreadable
from checker.reports import summary
from checker.reports.segments import plain


def said(report: Report) -> str:
    return "".join(plain(summary.lines(report)))


def test_every_problem_is_listed_up_to_a_limit_and_the_rest_counted() -> None:
    problems = tuple(
        Unreadable(f"logs/{n}.json", None, "not JSON") for n in range(1_025)
    )
    report = Report(
        findings=(),
        statistics=Statistics(inputs=1_025, unreadable_inputs=1_025),
        problems=problems,
    )
    lines = said(report).splitlines()
    assert "unreadable  1,025 inputs" in lines
    assert sum("not JSON" in line for line in lines) == summary.MOST_PROBLEMS
    assert lines[-2].strip() == "and 1,005 more"


def test_problems_are_said_even_where_nothing_was_counted() -> None:
    problem = Unreadable("arn:aws:s3:::logs", None, "AccessDenied")
    report = Report(findings=(), statistics=Statistics(), problems=(problem,))
    assert "unreadable  1 problem\n            arn:aws:s3:::logs: AccessDenied" in said(
        report
    )


def test_skipped_and_duplicated_events_are_said() -> None:
    statistics = Statistics(inputs=3, digests=1, duplicates=1_000, rules=1)
    lines = said(Report(findings=(), statistics=statistics)).splitlines()
    assert lines == [
        "read        3 inputs, against 1 rule",
        "skipped     1 digest file, 1,000 duplicate events",
        "findings    none",
    ]


def test_each_note_has_its_line() -> None:
    report = Report(findings=(), statistics=Statistics(), notes=("One.", "Two."))
    assert said(report).endswith("note        One.\nnote        Two.\n")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (250_400_000, "250 MB"),
        (999_600_000, "1.0 GB"),
        (5_000_000_000_000_000, "5,000 TB"),
    ],
)
def test_sizes_are_rounded_to_two_or_three_digits(count: int, words: str) -> None:
    assert summary.size(count) == words
