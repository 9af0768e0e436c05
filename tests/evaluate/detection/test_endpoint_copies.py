"""A call that a VPC endpoint let through is reported once; what it denied, as well."""

from __future__ import annotations

from typing import Any

import pytest

from checker.evaluate.detection import detector as detection
from checker.model import Event
from tests.evaluate.detection.test_detector import batch, rule

ACCOUNT, STRANGER = "123456789012", "999999999999"
PLAIN = rule("eventName == 'StopLogging'")
MANAGEMENT: Event = {
    "eventTime": "2026-11-20T10:00:00Z",
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "StopLogging",
    "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT},
    "recipientAccountId": ACCOUNT,
    "requestID": "5b70c3c3",
    "eventID": "e1",
    "eventType": "AwsApiCall",
    "eventCategory": "Management",
}
COPY: Event = {
    **MANAGEMENT,
    "eventID": "e2",
    "eventType": "AwsVpceEvent",
    "eventCategory": "NetworkActivity",
    "vpcEndpointId": "vpce-0a1b2cEXAMPLE",
    "vpcEndpointAccountId": ACCOUNT,
}
DENIED: Event = {**COPY, "errorCode": "VpceAccessDenied"}
BY_STRANGER: Event = {
    **COPY,
    "userIdentity": {"type": "AWSAccount", "accountId": STRANGER},
}


def judged(*events: Event, condition: str = "eventName == 'StopLogging'") -> list[int]:
    compiled = detection.compile_rules(
        [rule(condition)], carried={"it": ("eventName",)}
    )
    found = detection.evaluate(compiled, batch(*events))

    assert [hit.record for hit in found.hits] == [m.place[1] for m in found.matches]
    return [match.place[1] for match in found.matches]


def test_one_act_is_reported_and_counted_once() -> None:
    assert judged(MANAGEMENT, COPY) == [0]
    assert judged(COPY, MANAGEMENT) == [1]


@pytest.mark.parametrize("event", [DENIED, BY_STRANGER])
def test_what_only_the_endpoint_saw_is_reported(event: Event) -> None:
    assert judged(event) == [0]


@pytest.mark.parametrize(
    "without", ["eventCategory", "eventType", "recipientAccountId", "userIdentity"]
)
def test_an_event_is_a_copy_only_where_its_accounts_say_so(without: str) -> None:
    event: dict[str, Any] = {**COPY, without: None}
    is_known = without in {"eventCategory", "eventType"}

    assert judged(event) == ([] if is_known else [0])


@pytest.mark.parametrize(
    "condition",
    [
        "eventType == 'AwsVpceEvent'",
        "starts_with(eventType, 'AwsVpceEvent')",
        "eventCategory == 'NetworkActivity'",
        "one_of(eventCategory, ['Data', 'NetworkActivity']) && eventName",
        "vpcEndpointId",
        "vpcEndpointAccountId == recipientAccountId && eventName",
    ],
)
def test_a_rule_that_asks_for_such_events_judges_them(condition: str) -> None:
    assert judged(COPY, condition=condition) == [0]
    assert detection.holds(rule(condition), COPY)


def test_one_rule_by_itself_says_the_same() -> None:
    events = (MANAGEMENT, COPY, DENIED)

    assert [detection.holds(PLAIN, each) for each in events] == [True, False, True]
