"""Basic event selectors stay, or become advanced ones that select the same."""

from __future__ import annotations

from typing import Any

import pytest

from checker.evaluate.recording.need import Need
from checker.evaluate.recording.recorder import records
from checker.evaluate.remediation import offers
from tests.evaluate.recording.trails import (
    LAMBDA,
    S3,
    TABLE,
    basic,
    event,
    get_id,
    get_object,
    insight,
    invoke,
    put_item,
    put_object,
    table,
    trail,
    vpce,
)
from tests.evaluate.remediation.remedies import (
    COGNITO_ALL,
    KMS,
    MANAGEMENT,
    changed,
    refused,
)

BASICS: tuple[list[dict[str, Any]], ...] = (
    [basic()],
    [basic("ReadOnly", ExcludeManagementEventSources=[KMS])],
    [basic("WriteOnly", DataResources=[{"Type": S3, "Values": ["arn:aws:s3"]}])],
    [
        basic(
            IncludeManagementEvents=False,
            DataResources=[
                {"Type": S3, "Values": ["arn:aws:s3:::shop/", "arn:aws:s3:::web/a"]},
                {"Type": LAMBDA, "Values": ["arn:aws:lambda"]},
                {"Type": TABLE, "Values": [table()]},
            ],
        ),
        basic("WriteOnly"),
    ],
    [basic(IncludeManagementEvents=False, DataResources=[{"Type": S3, "Values": []}])],
    [],
)


EVENTS = (
    *(
        event(source, "Any", readOnly=flag)
        for source in ("ec2.amazonaws.com", KMS)
        for flag in (True, False)
    ),
    *(
        make(key)
        for make in (put_object, get_object)
        for key in ("shop/a", "shop2/a", "web/ab", "web/b")
    ),
    *(make(name) for make in (invoke, put_item) for name in ("orders", "pay")),
    get_id(),
    vpce(),
    insight(),
)


@pytest.mark.parametrize("selectors", BASICS, ids=str)
def test_basic_selectors_become_advanced_ones_that_select_the_same(
    selectors: list[dict[str, Any]],
) -> None:
    old = trail(basic=selectors)
    change = changed(old, needs=COGNITO_ALL)

    assert change.converted
    kept = change.selectors[: -len(change.added)]
    told = any("written as advanced ones" in note for note in change.also)
    assert told is bool(kept)
    new = offers.changed(old, change.member, kept) if kept else None
    for one in EVENTS:
        after = records(new, one).verdict if new else False
        assert after is records(old, one).verdict, one


def test_basic_selectors_stay_basic_where_they_can_say_what_is_missing() -> None:
    old = trail(basic=[basic(ExcludeManagementEventSources=[KMS])])
    needs = [MANAGEMENT, Need("Data", resource_type=S3, access="Write")]

    change = changed(old, needs=needs)

    assert change.member == "EventSelectors"
    assert not change.converted
    assert change.selectors[0] == old["event_selectors"]["EventSelectors"][0]
    assert change.selectors[1:] == (
        basic("All"),
        basic(
            "WriteOnly",
            IncludeManagementEvents=False,
            DataResources=[{"Type": S3, "Values": ["arn:aws:s3"]}],
        ),
    )


def test_a_sixth_basic_selector_is_never_written() -> None:
    old = trail(basic=[basic("ReadOnly") for _ in range(5)])
    change = changed(old, needs=Need("Management", access="Write"))
    assert change.member == "AdvancedEventSelectors"
    assert len(change.selectors) == 2  # five equal ones are one


def test_a_bucket_without_a_slash_is_kept_as_it_is_or_not_touched() -> None:
    vague = trail(
        basic=[basic(DataResources=[{"Type": S3, "Values": ["arn:aws:s3:::shop"]}])]
    )

    change = changed(vague, needs=Need("Data", resource_type=LAMBDA))
    answer = refused(vague, needs=COGNITO_ALL)

    assert change.member == "EventSelectors"
    assert "without a slash" in answer.reason


def test_a_trail_without_a_name_yet_has_a_placeholder_in_commands() -> None:
    unnamed = {"HomeRegion": "us-east-1"}

    assert offers.addressed(unnamed) == "TRAIL_ARN --region us-east-1"
