from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions.unknown import Unknown
from checker.evaluate.recording.recorder import recorder, records
from tests.evaluate.recording.rows import Row
from tests.evaluate.recording.selector_strategies import (
    advanced_selectors,
    events,
    trails,
)
from tests.evaluate.recording.selector_table import ROWS
from tests.evaluate.recording.trails import (
    POOL,
    data,
    event,
    field,
    get_id,
    put_object,
    selector,
    trail,
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_trail_records_what_aws_says(row: Row) -> None:
    verdict, reason = records(row.trail, row.event)
    assert (verdict, row.source) == (row.verdict, row.source), reason
    assert row.reason in reason


def test_the_table_has_no_row_twice() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 60


def test_the_reference_snapshot_says_that_getid_is_recorded_by_none() -> None:
    cognito = trail(
        region="eu-west-1",
        name="cognito-eu",
        IsMultiRegionTrail=False,
        advanced=[
            data(
                "AWS::Cognito::IdentityPool",
                field("eventName", NotEquals="GetId"),
                name="Cognito Selector",
            )
        ],
    )
    main = trail(advanced=[selector("Management", name="Management events selector")])
    for name in ("GetCredentialsForIdentity", "GetOpenIdToken", "UnlinkIdentity"):
        assert records(cognito, get_id(eventName=name)).verdict is True
    for one in (main, cognito):
        assert records(one, get_id()).verdict is False
    assert POOL in get_id()["resources"][0]["ARN"]


def test_a_reason_names_every_event_selector_that_excludes() -> None:
    narrow = trail(
        advanced=[
            data("AWS::S3::Object", field("readOnly", Equals="true"), name="reads"),
            data("AWS::S3::Object", field("eventName", NotEquals="PutObject")),
        ]
    )
    assert records(narrow, put_object()).reason == (
        "PutObject is excluded by selector 'reads': readOnly Equals true "
        "(the event has false); by selector 2: eventName NotEquals PutObject"
    )


def test_a_long_list_of_values_is_shortened() -> None:
    names = [f"Get{number}" for number in range(9)]
    narrow = trail(advanced=[data("AWS::S3::Object", field("eventName", Equals=names))])
    assert "Get0, Get1, Get2 and 6 more" in records(narrow, put_object()).reason


def test_a_trail_changed_in_place_is_read_anew() -> None:
    changed = trail(advanced=[data("AWS::S3::Object")])
    assert records(changed, put_object()).verdict is True
    fields = changed["event_selectors"]["AdvancedEventSelectors"][0]["FieldSelectors"]
    fields.append(field("eventName", NotEquals="PutObject"))
    assert records(changed, put_object()).verdict is False
    fields[-1]["NotEquals"][0] = "GetObject"
    assert records(changed, put_object()).verdict is True
    changed["status"] = Unknown("status: denied")
    assert records(changed, put_object()).verdict is None
    changed["status"] = {"IsLogging": False}
    assert records(changed, put_object()).verdict is False


def test_many_trails_do_not_mix() -> None:
    stopped = [trail(status={"IsLogging": number % 2 == 0}) for number in range(200)]
    verdicts = [records(one, event()).verdict for one in stopped]
    assert verdicts == [number % 2 == 0 for number in range(200)]


def test_records_changes_neither_trail_nor_event() -> None:
    for row in ROWS:
        held = copy.deepcopy(row.event)
        records(row.trail, row.event)
        assert row.event == held


@given(trails(), advanced_selectors(), events())
def test_adding_a_selector_never_removes_a_recorded_event(
    one: dict[str, Any], more: dict[str, Any], record: dict[str, Any]
) -> None:
    found = one["event_selectors"]["AdvancedEventSelectors"]
    if not found:
        found.append(selector("Management"))
    before = recorder(one)(record).verdict
    found.append(more)
    after = recorder(one)(record).verdict
    assert not (before is True and after is not True)
    assert not (before is None and after is False)


@given(trails(), events(), st.data())
def test_removing_a_negative_operator_never_removes_a_recorded_event(
    one: dict[str, Any], record: dict[str, Any], draw: st.DataObject
) -> None:
    before = recorder(one)(record).verdict
    negatives = [
        (entry, operator)
        for each in one["event_selectors"]["AdvancedEventSelectors"]
        for entry in each["FieldSelectors"]
        for operator in entry
        if operator.startswith("Not")
    ]
    if negatives:
        entry, operator = draw.draw(st.sampled_from(negatives))
        del entry[operator]
    after = recorder(one)(record).verdict
    assert not (before is True and after is not True)


@given(trails(), events())
def test_records_agrees_with_a_plain_reading_of_the_selectors(
    one: dict[str, Any], record: dict[str, Any]
) -> None:
    found = one["event_selectors"]["AdvancedEventSelectors"]
    expected = (
        any(_selects(each, record) for each in found)
        if found
        else record["eventCategory"] == "Management"
    )
    assert records(one, record).verdict is expected


def _selects(each: dict[str, Any], record: dict[str, Any]) -> bool:
    """The pages' words, once more and without any index."""
    fields = [one for one in each["FieldSelectors"] if "resources" not in one["Field"]]
    on_resources = [
        one for one in each["FieldSelectors"] if "resources" in one["Field"]
    ]
    flat = {
        **record,
        "readOnly": str(record["readOnly"]).lower(),
        "userIdentity.arn": record["userIdentity"].get("arn"),
    }
    if not all(_passes(one, flat.get(one["Field"])) for one in fields):
        return False
    if not on_resources:
        return True
    return any(
        all(
            _passes(one, resource.get(one["Field"].removeprefix("resources.")))
            for one in on_resources
        )
        for resource in record.get("resources", ())
    )


def _passes(one: dict[str, Any], value: str | None) -> bool:
    tests: dict[str, Callable[[str, str], bool]] = {
        "Equals": str.__eq__,
        "StartsWith": str.startswith,
        "EndsWith": str.endswith,
    }
    chosen = [
        value is not None and test(value, wanted)
        for operator, test in tests.items()
        for wanted in one.get(operator, ())
    ]
    dropped = [
        value is not None and test(value, unwanted)
        for operator, test in tests.items()
        for unwanted in one.get(f"Not{operator}", ())
    ]
    return (any(chosen) or not chosen) and not any(dropped)
