"""A quiet day stays quiet: what is one story is one finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from checker import rules
from checker.model import Level
from tests import quiet_day
from tests.quiet_day import Story
from tools.corpora import Judge

MOST = 20
"""How many findings at medium or above a day of a small company may have, at most."""


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(rules.load())


def alarms(judge: Judge, *stories: Callable[[], Story]) -> Counter[str]:
    events = [
        event
        for number, story in enumerate(stories)
        for event in story().events(number)
    ]
    found = judge.judge(sorted(events, key=lambda event: str(event["eventTime"])))
    return Counter(e.rule.name for e in found if e.level >= Level.MEDIUM)


def test_a_quiet_day_has_few_findings(judge: Judge) -> None:
    assert alarms(judge, *quiet_day.DAY).total() < MOST


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (quiet_day.services, {}),
        (quiet_day.monitoring, {}),
        (quiet_day.administrator, {}),
        (quiet_day.sign_ins, {}),
        (quiet_day.refused_program, {"sharp_calls_denied": 1}),
        (quiet_day.owner_as_root, {"root_at_work": 1, "root_console_login": 1}),
        (quiet_day.template_tool, {"logs_deleted_by_one_caller": 1}),
        (quiet_day.backup, {"snapshots_shared_by_one_caller": 1}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_story_is_at_most_one_finding_of_a_kind(
    judge: Judge, story: Callable[[], Story], expected: dict[str, int]
) -> None:
    assert alarms(judge, story) == expected


def test_the_intruder_stands_out_of_the_day(judge: Judge) -> None:
    without = alarms(judge, *quiet_day.DAY)
    added = alarms(judge, *quiet_day.DAY, quiet_day.intruder) - without

    assert added["account_surveyed_by_credential"] == 1
    assert set(added.values()) == {1}
