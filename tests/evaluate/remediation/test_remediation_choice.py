"""The trail that is changed is chosen well, and what follows is told."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from checker.change import Change, NoChange
from checker.conditions.unknown import Unknown
from checker.evaluate.recording.coverage import coverage
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.recorder import records
from checker.evaluate.remediation import apply, remedy
from tests.evaluate.recording.trails import (
    ACCOUNT,
    COGNITO,
    OTHER_ACCOUNT,
    S3,
    basic,
    data,
    delivery,
    field,
    selector,
    trail,
)
from tests.evaluate.remediation.remedies import (
    ARN,
    COGNITO_ALL,
    MANAGEMENT,
    SINGLE,
    STOPPED,
    changed,
    of_management,
    refused,
    snapshot,
)


@pytest.mark.parametrize(("count", "fits"), [(495, True), (496, False)])
def test_a_trail_never_gets_more_than_five_hundred_values(
    count: int,
    fits: bool,  # noqa: FBT001 - the two sides of the limit
) -> None:
    many = data(S3, field("eventName", NotEquals=[f"Get{n}" for n in range(count)]))
    answer = remedy(snapshot(trail(advanced=[many])), [MANAGEMENT, COGNITO_ALL])
    assert isinstance(answer, Change) is fits
    if isinstance(answer, NoChange):
        assert "it would need 501 values, and AWS takes 500" in answer.reason


def test_a_trail_that_is_not_logging_is_started_first() -> None:
    answer = refused(trail(**STOPPED), needs=MANAGEMENT)
    assert answer.commands == (
        f"aws cloudtrail start-logging --name {ARN} --region us-east-1",
    )
    assert "no selectors are missing" in answer.reason
    later = refused(trail(**STOPPED), needs=COGNITO_ALL)
    assert "ask again" in later.reason


def test_a_single_region_trail_is_made_multi_region_where_the_need_is_elsewhere() -> (
    None
):
    home = changed(
        trail(**SINGLE),
        needs=Need("Data", resource_type=COGNITO, regions=("us-east-1",)),
    )
    away = refused(
        trail(**SINGLE),
        needs=Need("Data", resource_type=COGNITO, regions=("eu-west-1",)),
    )
    stopped = refused(trail(**SINGLE, **STOPPED), needs=MANAGEMENT)

    assert home.trail_arn == ARN
    options = "--is-multi-region-trail --include-global-service-events"
    assert away.commands == (
        f"aws cloudtrail update-trail --name {ARN} --region us-east-1 {options}",
    )
    assert [line.split()[2] for line in stopped.commands] == [
        "update-trail",
        "start-logging",
    ]


def test_an_account_without_a_trail_is_told_to_make_one() -> None:
    answer = refused(needs=MANAGEMENT)
    assert answer.reason == "the account has no trail"
    assert [line.split()[2] for line in answer.commands] == [
        "create-trail",
        "start-logging",
    ]


def test_an_organization_trail_is_not_changed_from_a_member() -> None:
    shadow = trail(
        account=OTHER_ACCOUNT, IsOrganizationTrail=True, advanced=[data(COGNITO)]
    )
    answer = refused(shadow, needs=MANAGEMENT)
    own = changed(shadow, trail(name="own", advanced=[data(S3)]), needs=MANAGEMENT)

    assert f"belongs to account {OTHER_ACCOUNT}" in answer.reason
    assert own.trail_arn.endswith("trail/own")
    told = refused({**trail(advanced=[data(S3)]), "owned": False}, needs=MANAGEMENT)
    assert "can be changed there only" in told.reason


def test_the_accounts_own_organization_trail_is_changed_last_and_said_to_be_one() -> (
    None
):
    organization = trail(name="org", IsOrganizationTrail=True, advanced=[data(COGNITO)])
    own = trail(name="own", advanced=[data(COGNITO)])

    assert changed(organization, own, needs=MANAGEMENT).trail_arn.endswith("own")
    alone = changed(organization, needs=MANAGEMENT)
    assert any("every member account" in note for note in alone.also)


def test_selectors_that_were_denied_are_unknown_and_never_overwritten() -> None:
    denied = trail(event_selectors=Unknown("event_selectors: denied"))
    half = trail(advanced=[data(S3, {"Field": "eventName", "Equals": Unknown("x")})])

    for each in (denied, half):
        answer = refused(each, needs=COGNITO_ALL, outcome="unknown")
        assert answer.commands == (
            f"aws cloudtrail get-event-selectors --trail-name {ARN} --region us-east-1",
        )
    listing: Any = Unknown("trails: denied")
    unread = remedy({"trails": listing}, [MANAGEMENT])
    assert isinstance(unread, NoChange)
    assert unread.outcome == "unknown"


def test_trails_that_could_not_be_read_are_unknown_and_named_in_no_command() -> None:
    row: Any = Unknown("the trails could not all be collected: denied in eu-west-1")
    answer = refused(row, needs=MANAGEMENT, outcome="unknown")
    assert (answer.reason, answer.commands) == (row.reason, ())
    beside = remedy(snapshot(trail(advanced=[data(S3)]), row), [MANAGEMENT])
    assert isinstance(beside, Change)


def test_trails_that_go_by_one_name_are_not_mixed_up() -> None:
    nameless = {**trail(advanced=[data(S3)]), "TrailARN": Unknown("arn: later")}
    answer = refused(nameless, {**nameless}, needs=MANAGEMENT)
    assert "several trails go by main" in answer.reason
    assert changed(nameless, needs=MANAGEMENT).trail_arn == "main"


def test_selectors_that_aws_would_refuse_are_not_sent_back() -> None:
    broken = trail(advanced=[selector("Data", name="broken")])
    answer = refused(broken, needs=MANAGEMENT)
    assert "AWS would refuse selector 'broken'" in answer.reason


@pytest.mark.parametrize(
    ("need", "word"),
    [
        (Need("Insight"), "put-insight-selectors"),
        (Need("NetworkActivity"), "one event source"),
        (Need("Data", source="s3.amazonaws.com"), "must name a resource type"),
        (
            Need("Data", source="s3.amazonaws.com", names=("Zap",)),
            "must name a resource type",
        ),
    ],
    ids=str,
)
def test_what_no_selector_can_say_is_refused_with_the_reason(
    need: Need, word: str
) -> None:
    answer = refused(trail(advanced=[data(S3)]), needs=need)
    assert word in " ".join([answer.reason, *answer.commands])


def test_data_events_are_charged_and_the_first_copy_of_management_events_is_not() -> (
    None
):
    lone = trail(advanced=[data(COGNITO)])
    reader = trail(name="reader", basic=[basic("ReadOnly")])
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:ct:*"

    assert changed(trail(), needs=COGNITO_ALL).billable
    free = changed(lone, needs=MANAGEMENT)
    assert (free.billable, free.billing) == (False, ())
    copy = remedy(snapshot(lone, reader), [MANAGEMENT], only=ARN)
    assert isinstance(copy, Change)
    assert "reader may record" in copy.billing[0]
    logs = changed(trail(CloudWatchLogsLogGroupArn=group), needs=COGNITO_ALL)
    assert any(group in line for line in logs.billing)


def test_a_trail_that_would_record_its_own_deliveries_is_pointed_at() -> None:
    everything = Need("Data", resource_type=S3)
    elsewhere = Need("Data", resource_type=S3, arn="arn:aws:s3:::shop/")
    calm = trail(advanced=[of_management()], RecursiveLogging=False)
    main = trail(advanced=[of_management()])

    def warned(change: Change) -> bool:
        return any("own deliveries to audit-logs" in note for note in change.also)

    assert records(
        apply(snapshot(main), changed(main, needs=everything))["trails"][0], delivery()
    ).verdict
    assert warned(changed(main, needs=everything))
    assert not warned(changed(main, needs=elsewhere))
    assert not warned(changed(calm, needs=everything))


def test_insights_that_begin_to_look_are_told_and_do_not_stand_in_the_way() -> None:
    waiting = trail(
        advanced=[data(S3)],
        insight_selectors=[{"InsightType": "ApiCallRateInsight"}],
    )
    change = changed(waiting, needs=MANAGEMENT)
    assert any("Insights" in note for note in change.also)


def test_a_trail_that_records_such_events_already_is_changed_before_another() -> None:
    partial = data(COGNITO, field("eventName", NotEquals="GetId"))
    kin = trail(name="z-kin", advanced=[partial])
    change = changed(trail(name="a"), kin, needs=COGNITO_ALL)
    assert change.trail_arn.endswith("z-kin")


def test_the_trail_that_a_rule_is_about_is_preferred() -> None:
    several = snapshot(*(trail(name=name, advanced=[data(S3)]) for name in "ab"))
    second = several["trails"][1]["TrailARN"]
    answer = remedy(several, [MANAGEMENT], prefer=second)
    assert isinstance(answer, Change)
    assert answer.trail_arn == second


def test_an_account_of_many_stopped_trails_is_not_asked_once_for_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def counting(*arguments: Any) -> Any:
        asked.append(arguments)
        return coverage(*arguments)

    # The package has a function of the module's name.
    module = sys.modules["checker.evaluate.remediation.remedy"]
    monkeypatch.setattr(module, "coverage", counting)

    def questions(count: int) -> int:
        asked.clear()
        many = [trail(name=f"t{n}", **STOPPED, **SINGLE) for n in range(count)]
        reason = refused(*many, needs=MANAGEMENT).reason
        assert "t0 has to log and be multi-Region" in reason
        return len(asked)

    assert questions(24) == questions(12)
