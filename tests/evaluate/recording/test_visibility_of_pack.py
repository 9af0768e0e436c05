"""The whole pack under three settings: everything recorded, defaults, nothing at all.

What a rule says that it needs is held against its own records: each of them is put to
the trail's selectors, one by one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from checker import rules
from checker.aws.event_categories import category_of
from checker.evaluate.recording import visibility
from checker.evaluate.recording.recorder import Recorder, Recorders, recorder
from checker.evaluate.recording.visibility import Visibility
from checker.model import CorrelationRule, DetectionRule, Status
from tests.evaluate.recording.test_visibility import (
    MANAGEMENT,
    everything,
    pack,
    snapshot,
)

__all__ = ["pack"]

Pack = dict[str, tuple[DetectionRule, list[Any]]]

# A record's own Region and account are another matter than its selectors.
ACCOUNT = "123456789012"


def recorder_of(settings: dict[str, Any]) -> Recorder:
    (trail,) = settings["trails"]
    return recorder(trail)


def recorded(judge: Recorder, event: dict[str, Any]) -> bool | None:
    body = {key: value for key, value in event.items() if key != "recipientAccountId"}
    return judge(body).verdict


def categories(samples: list[Any]) -> set[str]:
    return {category_of(event) for event in samples}


def judged(pack: Pack, settings: dict[str, Any]) -> dict[str, Status]:
    return {name: one.status for name, one in seen(pack, settings).items()}


def seen(pack: Pack, settings: dict[str, Any]) -> dict[str, Visibility]:
    recorders = Recorders()
    return {
        name: visibility.of_detection(rule, samples, settings, recorders)
        for name, (rule, samples) in pack.items()
    }


def test_every_record_of_a_match_case_is_recorded_where_everything_is(
    pack: Pack,
) -> None:
    judge = recorder_of(everything())
    lost = [
        (name, event.get("eventName"), category_of(event))
        for name, (_, samples) in pack.items()
        for event in samples
        if recorded(judge, event) is not True
    ]
    assert lost == []


def test_defaults_record_management_events_and_no_others(pack: Pack) -> None:
    """AWS: a trail without selectors records management events, read and write.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail.html
    """
    judge = recorder_of(snapshot(MANAGEMENT))
    wrong = [
        (name, event.get("eventName"), category_of(event))
        for name, (_, samples) in pack.items()
        for event in samples
        if recorded(judge, event) is not (category_of(event) == "Management")
    ]
    assert wrong == []


def test_every_rule_is_as_visible_under_defaults_as_its_records_are(
    pack: Pack,
) -> None:
    found = judged(pack, snapshot(MANAGEMENT))
    expected = {}
    for name, (_, samples) in pack.items():
        kinds = categories(samples)
        if kinds == {"Management"}:
            expected[name] = Status.VISIBLE
        else:
            expected[name] = Status.PARTIAL if "Management" in kinds else Status.BLIND
    # It names data events beside its cases, which are of management events alone.
    expected["account_surveyed"] = Status.PARTIAL
    assert found == expected
    # The pack has all three, or this test shows less than it says.
    assert {*Counter(found.values())} == {
        Status.VISIBLE,
        Status.PARTIAL,
        Status.BLIND,
    }


@pytest.mark.parametrize("category", ["Data", "NetworkActivity"])
def test_rules_of_one_category_alone_are_blind_under_defaults(
    pack: Pack, category: str
) -> None:
    found = judged(pack, snapshot(MANAGEMENT))
    alone = {
        name for name, (_, samples) in pack.items() if categories(samples) == {category}
    }
    assert alone
    assert {found[name] for name in alone} == {Status.BLIND}


def test_every_rule_is_visible_through_a_trail_that_records_everything(
    pack: Pack,
) -> None:
    correlations = [rule for rule in rules.load() if isinstance(rule, CorrelationRule)]
    everywhere = seen(pack, everything())
    assert correlations
    waiting = {rule.name: rule for rule in correlations}
    while waiting:
        ready = [
            rule
            for rule in waiting.values()
            if all(base in everywhere for base in rule.correlation.rules)
        ]
        assert ready, f"bases that are no rules: {sorted(waiting)}"
        for rule in ready:
            bases = [everywhere[base] for base in rule.correlation.rules]
            everywhere[rule.name] = visibility.of_correlation(rule, bases)
            del waiting[rule.name]
    unseen = {
        name: one.reason
        for name, one in everywhere.items()
        if one.status is not Status.VISIBLE
    }
    assert unseen == {}
