"""Standard cases start from the event of the first match and change one thing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker import cases, resources
from checker.cases.read import merge_patch
from checker.cases.standard import STANDARD
from checker.errors import RulesError

RULE = """
title: Trail deleted
name: trail_gone
id: 5f0c7f60-3b0e-4b57-9f0e-6d1a5c1e7a01
status: stable
level: high
description: A trail was deleted.
author: trailcheck
date: 2026-11-20
logsource: {product: aws, service: cloudtrail}
detection:
  condition: eventName == 'DeleteTrail' && !errorCode
"""
EVENT = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "DeleteTrail"}


def written(folder: Path, text: str) -> list[cases.Case]:
    (folder / "trail_gone.yml").write_text(RULE)
    (folder / "trail_gone.cases.yml").write_text(text)
    return cases.load([folder])["trail_gone"]


def test_a_standard_case_changes_only_what_its_name_says(tmp_path: Path) -> None:
    record = json.dumps(EVENT)
    names = ", ".join(STANDARD)
    _, _, *standard = written(
        tmp_path,
        f"match: [{{name: A trail is deleted, record: {record}}}]\n"
        "no_match: [{name: Another call, record: {eventName: StopLogging}}]\n"
        f"standard: {{no_match: [{names}]}}\n",
    )

    assert [case.name for case in standard] == [s.sentence for s in STANDARD.values()]
    for case, each in zip(standard, STANDARD.values(), strict=True):
        assert case.subject == merge_patch(EVENT, each.patch)
        assert not case.match
        assert case.line == 3


def test_the_schema_lists_the_names_that_there_are() -> None:
    text = (resources.root() / "schemas" / "cases.json").read_text(encoding="utf-8")
    standard = json.loads(text)["properties"]["standard"]["properties"]
    for block in ("match", "no_match"):
        assert standard[block]["items"]["enum"] == list(STANDARD)


def test_cases_without_an_event_have_no_standard_ones(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="start from the event of the first match"):
        written(
            tmp_path,
            "match: [{name: Nothing to go by, record: {}}]\n"
            "no_match: [{name: Another call, record: {eventName: StopLogging}}]\n"
            "standard: {no_match: [refused]}\n",
        )
