"""Cases of correlations: steps become records in time, and surprises are said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checker import resources
from checker.authoring.case_run import run_cases
from checker.cases import timeline
from checker.cases.read import merge_patch
from checker.errors import RulesError

EVENT = {"eventName": "x", "eventID": "0", "eventTime": "t", "who": {"name": "n"}}


def expand(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    return list(timeline.expand([(step, EVENT) for step in steps], merge_patch))


def test_records_stand_in_time_and_have_ids_of_their_own() -> None:
    events = expand({"count": 3, "every": "30s"}, {"at": "2m"}, {"count": 2})

    assert [event["eventTime"][14:19] for event in events] == [
        "00:00",
        "00:30",
        "01:00",
        "02:00",
        "02:00",
        "02:00",
    ]
    ids = [event["eventID"] for event in events]
    assert ids == sorted(set(ids))


def test_a_patch_numbers_its_records_and_has_the_last_word() -> None:
    patch = {"who": {"name": "user{n}"}, "list": ["{n}", 1], "eventID": "mine"}

    events = expand({"count": 2, "patch": patch})

    assert [event["who"]["name"] for event in events] == ["user1", "user2"]
    assert events[1]["list"] == ["2", 1]
    assert events[0]["eventID"] == "mine"


RULE = """\
title: Many stops
name: many_stops
id: 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a09
status: test
level: high
correlation:
  type: event_count
  rules: [stop]
  group-by: [recipientAccountId]
  timespan: 1m
  condition: {gte: 3}
"""
BASE = """\
title: Stop
name: stop
id: 4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a01
status: test
level: informational
logsource: {product: aws, service: cloudtrail}
detection:
  condition: eventName == 'StopLogging'
"""
BASE_CASES = """\
match: [{name: a, event: stop_logging}]
no_match: [{name: b, event: start_logging}]
"""


def results(folder: Path, cases: str) -> list[tuple[bool, str]]:
    (folder / "many_stops.yml").write_text(RULE)
    (folder / "many_stops.cases.yml").write_text(cases)
    (folder / "stop.yml").write_text(BASE)
    (folder / "stop.cases.yml").write_text(BASE_CASES)
    found = run_cases([folder])
    return [(each.passed, each.reason) for each in found if each.rule == "many_stops"]


def test_the_pack_is_where_the_records_come_from(tmp_path: Path) -> None:
    assert (resources.root() / "rules" / "events" / "stop_logging.json").is_file()

    found = results(
        tmp_path,
        """\
match:
  - name: three
    events: [{event: stop_logging, count: 3, every: 10}]
    expect: {group: {recipientAccountId: '123456789012'}, at: 20, count: 3}
no_match:
  - name: two
    events: [{event: stop_logging, count: 2}]
""",
    )

    assert found == [(True, ""), (True, "")]


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{at: 21}", "expected a finding at 21, but found 3 events at 20 s"),
        ("{count: 4}", "expected a finding count 4"),
        ("{findings: 2}", "expected 2 findings, but found 1"),
        ("{group: {recipientAccountId: '1'}}", "recipientAccountId 123456789012"),
    ],
)
def test_a_case_says_what_it_found_instead(
    tmp_path: Path, expect: str, said: str
) -> None:
    found = results(
        tmp_path,
        f"""\
match:
  - name: three
    events: [{{event: stop_logging, count: 3, every: 10}}]
    expect: {expect}
no_match:
  - name: three again
    events: [{{event: stop_logging, count: 3}}]
""",
    )

    assert [passed for passed, _ in found] == [False, False]
    assert said in found[0][1]
    assert found[1][1].startswith("expected nothing, but found 3 events at 0 s")


def test_a_record_that_is_not_there_is_a_mistake_with_its_place(
    tmp_path: Path,
) -> None:
    with pytest.raises(RulesError, match=r"many_stops.cases.yml:3:\d+: there is no"):
        results(
            tmp_path,
            "match:\n  - name: a\n    events: [{event: stop_loging}]\n"
            "no_match: [{name: b, events: [{event: stop_logging}]}]\n",
        )
