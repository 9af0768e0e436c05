"""Visibility over folders of rules: where the cases come from, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checker import rules
from checker.cases import Case, read
from checker.cases import match_headers as headers
from checker.errors import DocumentError, RulesError
from checker.model import Status
from checker.rules import RuleFile
from checker.run.visibility import visibility

ROOT = Path(__file__).parents[2]
SETTINGS = [str(ROOT / "rules" / "settings" / "one_multi_region_trail.json")]
RULE = """\
title: Object read
name: object_read
id: 2b1f9d4e-3c1a-4a86-9d0b-7f2f6f0f5a11
status: test
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  condition: eventSource == 's3.amazonaws.com' && eventName == 'GetObject'
"""
CASES = """\
match:
  - name: read
    record: {eventSource: s3.amazonaws.com, eventName: GetObject, readOnly: true,
             eventCategory: Data, resources: [{type: "AWS::S3::Object"}]}
no_match:
  - name: written
    record: {eventSource: s3.amazonaws.com, eventName: PutObject}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "object_read.yml").write_text(RULE)
    return tmp_path


def judged(folder: Path) -> Status:
    report = visibility(rules.load([folder]), [folder], SETTINGS)
    return report.findings[0].status


def test_a_rule_without_cases_is_judged_by_what_it_names(folder: Path) -> None:
    assert judged(folder) is Status.BLIND


@pytest.mark.parametrize(
    "written",
    [
        "match: [{name: a}]\nno_match: []\n",
        "- nothing\n",
        "match: [\n",
        "",
        CASES.replace("record: {", "event: no_such_record\n    patch: {"),
    ],
)
def test_a_file_of_cases_that_are_all_wrong_is_a_mistake(
    folder: Path, written: str
) -> None:
    (folder / "object_read.cases.yml").write_text(written)
    with pytest.raises(RulesError) as caught:
        judged(folder)
    assert "object_read.cases.yml" in str(caught.value)


def test_headers_are_read_once_and_again_when_a_file_changes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = folder / "object_read.cases.yml"
    cases.write_text(CASES)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(headers, "_FEWEST", 1)
    reads: list[RuleFile] = []
    of_rule = read.of_rule

    def counted(file: RuleFile, problems: list[DocumentError]) -> list[Case]:
        reads.append(file)
        return of_rule(file, problems)

    monkeypatch.setattr(read, "of_rule", counted)

    def known() -> dict[str, list[Any]]:
        problems: list[DocumentError] = []
        found = headers.match_headers(rules.find([folder]), problems)
        assert not problems
        return found

    first = known()
    assert known() == first
    assert len(reads) == 1
    ((header,),) = first.values()
    assert header == {
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "eventCategory": "Data",
        "readOnly": True,
        "resources": [{"type": "AWS::S3::Object"}],
    }

    cases.write_text(CASES.replace("readOnly: true", "readOnly: false"))
    ((changed,),) = known().values()
    assert changed["readOnly"] is False
    assert len(reads) == 2


def test_what_was_kept_and_is_damaged_is_read_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "object_read.cases.yml").write_text(CASES)
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(headers, "_FEWEST", 1)
    first = headers.match_headers(rules.find([folder]), [])
    (kept,) = cache.rglob("cases-*.json")
    kept.write_bytes(b"[1, {")

    assert headers.match_headers(rules.find([folder]), []) == first
