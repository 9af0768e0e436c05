"""What a kind of event decides is put into conditions, and changes no answer."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import conditions
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection import index
from checker.evaluate.detection.detector import Detector
from tests.evaluate.detection.test_detector import batch, rule

CONDITIONS = (
    "call && open || permission && named",
    "(call || errorCode) && !(permission && open)",
    "readOnly || open && userIdentity.type != 'Root'",
    "!(eventSource == 's3.amazonaws.com' && !errorCode) && named",
    "(userIdentity.type == 'Root' || userIdentity.arn == 'a') && open",
    "not_null(errorCode, requestParameters.key) == 'k' && (call || named)",
    'sigma_equals(eventName, `["call"]`) && (open || !errorCode)',
    "call && resources.ARN || permission && resources[0].ARN == 'k'",
    "call && (matches(to_string(requestParameters), '/x') || open || named)",
    "call && matches(to_string(userIdentity), '/x')",
    "(call && open || userAgent == 'u') && (named || !open)",
    "length(requestParameters) == `1` && !requestParameters.key || errorCode",
    "call && (length(requestParameters) == `1` || requestParameters.key == 'k')",
    "!(requestParameters == `{}` && requestParameters.name != 'n') && userAgent",
    "contains(keys(requestParameters), 'name') == (requestParameters.keys == '*')",
)
SELECTIONS: dict[str, Any] = {
    "call": {"eventSource": "s3.amazonaws.com", "eventName": ["Call", "Put"]},
    "permission": "eventName == 'Permit' && userIdentity.type != 'IAMUser'",
    "open": "requestParameters.key == 'k' || contains(requestParameters.keys, '*')",
    "named": "matches(requestParameters.name, '^n') && userAgent != 'v'",
}
texts = st.sampled_from(["k", "n", "u", "v", "/x", 'n"/x', "", None])
EVENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "eventSource": st.sampled_from(["s3.amazonaws.com", "S3.amazonaws.com", None]),
        "eventName": st.sampled_from(["Call", "call", "Put", "Permit", "", None]),
        "errorCode": st.sampled_from(["AccessDenied", "", None]),
        "readOnly": st.sampled_from([True, False, "true", None, 1, []]),
        "userAgent": texts | st.just(7),
        "resources": st.sampled_from([None, [], [{"ARN": "k"}], ["k"]]),
        "userIdentity": st.sampled_from([None, "Root", {}, {"type": None}, ["x"]])
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["Root", "AWSService", "IAMUser", 3])},
            optional={"arn": st.sampled_from(["a", "/x", "b/x", "c", "d", "e", None])},
        ),
        "requestParameters": st.sampled_from([None, "HIDDEN", [], {}])
        | st.fixed_dictionaries(
            {},
            optional={
                "key": texts | st.just(["k"]),
                "name": texts | st.just({}),
                "keys": st.sampled_from(["*", ["*"], [], None, 0]),
            },
        ),
    },
)


@functools.cache
def mixed() -> tuple[Detector, list[Callable[[Any], Any]]]:
    rules = [rule(text, f"r{n}", **SELECTIONS) for n, text in enumerate(CONDITIONS)]
    tests = [conditions.closure(each.detection.condition) for each in rules]
    return detection.compile_rules(rules), tests


def check(events: list[dict[str, Any]]) -> None:
    """Compare what is found of some events with what the whole conditions say."""
    detector, tests = mixed()

    found = detection.evaluate(detector, batch(*events))

    # What has a field of another type than CloudTrail's is a problem, and not judged.
    wrong = {each.record for each in found.problems}
    expected = {
        (f"r{n}", at)
        for at, event in enumerate(events)
        for n, test in enumerate(tests)
        if at not in wrong and conditions.holds(test(event))
    }
    assert {(match.rule, match.record) for match in found.matches} == expected


@given(st.lists(EVENTS, max_size=12))
@settings(max_examples=50)
def test_events_are_judged_as_by_the_whole_conditions(
    events: list[dict[str, Any]],
) -> None:
    check(events)


def test_kinds_that_leave_the_same_of_a_condition_share_what_is_found() -> None:
    one = rule(CONDITIONS[0], **SELECTIONS)
    built = index.build([one.detection.condition])
    decode = msgspec.json.Decoder(built.header).decode
    events = [
        {"eventSource": "s3.amazonaws.com", "eventName": name, "errorCode": error}
        for name in ("Call", "Put")
        for error in ("AccessDenied", None)
    ]

    assert not [*built.candidates([decode(json.dumps(each)) for each in events])]
    assert len(built._plans) == len(events)
    assert len(built._groups) == 1


PARAMETERS = EVENTS.map(
    lambda event: {
        "eventSource": "s3.amazonaws.com",
        "eventName": "Call",
        "requestParameters": event.get("requestParameters"),
        "userIdentity": event.get("userIdentity"),
    }
)


@given(st.lists(PARAMETERS, min_size=6, max_size=20))
@settings(max_examples=30)
def test_many_objects_are_judged_at_one_go(events: list[dict[str, Any]]) -> None:
    check(events)


def test_what_of_an_event_cannot_be_read_never_holds() -> None:
    """A match that only feeds correlations shows nothing of what its rule read."""
    condition = "eventName == 'Call' && requestParameters.size == `7`"
    other = "eventName == 'Call' && tlsDetails == 'x'"
    rules = [rule(condition, "r0"), rule(other, "r1")]
    feeding = {each.name: ["userIdentity.arn"] for each in rules}
    detector = detection.compile_rules(rules, feeding, ["r0", "r1"])
    events = [
        {"eventName": "Call", "requestParameters": {"size": 1}},
        {"eventName": "Call", "requestParameters": {"size": 7}},
        {"eventName": "Call", "tlsDetails": {"tlsVersion": 3}},
        {"eventName": "Call", "requestParameters": {"size": "@"}},
    ]
    own = {"eventID": "e", "eventTime": "2026-11-01T00:00:00Z"}
    records = [
        json.dumps(each | own).replace('"@"', "1e999").encode() for each in events
    ]

    for number in (4, 3, 4):
        found = detection.evaluate(detector, batch(*records[:number]))

        assert [(hit.rule, hit.record) for hit in found.hits] == [("r0", 1)]
        assert [each.record for each in found.problems] == [3][: number - 3]


def test_of_many_callers_each_is_asked() -> None:
    callers = [
        {"type": "Root", "arn": f"{n}/x" if n == 7 else str(n)} for n in range(9)
    ]

    check(
        [
            {
                "eventSource": "s3.amazonaws.com",
                "eventName": "Call",
                "userIdentity": each,
            }
            for each in callers
        ]
    )
