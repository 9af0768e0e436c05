"""The CSV report: another reader's answer, and what a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model import Report
from checker.reports import FORMATS
from checker.reports.csv import COLUMNS, cell, row
from checker.reports.order import ordered
from tests.reports import samples
from tests.reports.golden import matches


def rendered(report: Report) -> str:
    return "".join(FORMATS["csv"](report))


def read(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rendered(report))))


def test_the_report_is_the_golden_one() -> None:
    matches("report.csv", rendered(samples.REPORT))


def test_each_finding_is_a_line_with_the_values_of_the_json_report() -> None:
    found = read(samples.REPORT)
    told = json.loads("".join(FORMATS["json"](samples.REPORT)))["findings"]

    assert len(rendered(samples.REPORT).splitlines()) == 1 + len(told)
    for line, finding in zip(found, told, strict=True):
        assert line["rule"] == finding["rule"]["name"]
        assert line["level"] == finding["rule"]["level"]
        assert line["status"] == finding["status"]
        assert line["subject"] == finding["subject"]["id"]
        assert line["message"] == finding["message"]
        assert line["fingerprint"] == finding["fingerprint"]
        assert json.loads(line["evidence"]) == finding["evidence"]
        assert line["principal"] == (finding["subject"].get("principal") or "")


def test_an_empty_report_is_the_header() -> None:
    assert rendered(samples.EMPTY) == ",".join(COLUMNS) + "\n"


def test_a_requirement_is_a_line_with_its_answer() -> None:
    lines = [each for each in read(samples.judged()) if each["kind"] == "requirement"]

    assert [(each["subject"], each["status"]) for each in lines] == [
        ("3.0", "fail"),
        ("3.1", "unknown"),
        ("3.2", "manual"),
        ("3.3", "pass"),
        ("3.4", "not_applicable"),
    ]
    assert lines[0]["controls"] == "CIS-AWS-3.0 3.0"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("|calc", "'|calc"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", r"'\x09=1"),
        ("x;=1", "x;'=1"),
        ('x"; =1', "x\";' =1"),
        ("Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (X11; Linux)"),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
        ("", ""),
    ],
)
def test_a_formula_becomes_text_and_nothing_else_changes(text: str, shown: str) -> None:
    assert cell(text) == shown


@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(",;"))
def test_no_cell_begins_a_formula_whatever_separates_them(
    cells: list[str], separator: str
) -> None:
    line = row(cells)
    assert line.count("\n") == 1
    for each in next(csv.reader([line], delimiter=separator)):
        assert not each.lstrip().startswith(("=", "+", "-", "@"))


def test_a_hostile_report_keeps_its_lines_and_columns() -> None:
    lines = rendered(samples.hostile()).splitlines()
    found = list(csv.reader(lines))

    assert len(found) == 1 + len(list(ordered(samples.hostile().findings)))
    assert {len(each) for each in found} == {len(COLUMNS)}
    assert all(not each.startswith(("=", "+", "-", "@")) for x in found for each in x)


def test_a_second_reader_agrees(tmp_path: Path) -> None:
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("no sqlite3 shell on this machine")
    file, table = tmp_path / "findings.csv", tmp_path / "findings.db"
    file.write_text(rendered(samples.hostile()), encoding="utf-8", newline="")
    command = [shell, str(table), ".mode csv", f".import {file} findings"]
    subprocess.run(command, check=True, timeout=60)

    with sqlite3.connect(table) as database:
        found = database.execute("select * from findings").fetchall()
    assert [list(each) for each in found] == [
        list(each.values()) for each in read(samples.hostile())
    ]
