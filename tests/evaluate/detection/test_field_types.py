"""A field of another type than CloudTrail's is a problem wherever a rule reads it.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checker import conditions, run
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.evaluated import Evaluated
from checker.evaluate.detection.field_types import field_types
from checker.model import Batch, Detection, DetectionRule, Level, Match
from checker.sources.events import formats

EVENT: dict[str, Any] = {
    "eventVersion": "1.11",
    "eventTime": "2026-11-01T00:00:00Z",
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "DeleteTrail",
    "eventID": "00000000-0000-4000-8000-000000000000",
    "awsRegion": "eu-central-1",
    "sourceIPAddress": "192.0.2.1",
    "userAgent": "aws-cli/2.15.0",
    "recipientAccountId": "123456789012",
    "readOnly": False,
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/u"},
    "requestParameters": {"name": "t"},
}
SIZE = 40

TEXTS = """
eventTime awsRegion sourceIPAddress userAgent errorCode errorMessage eventID eventName
eventSource eventType recipientAccountId vpcEndpointId requestID apiVersion
sharedEventID eventCategory userIdentity.arn userIdentity.accountId userIdentity.type
userIdentity.sessionContext.sessionIssuer.arn tlsDetails.tlsVersion
""".split()
OPAQUE = """
requestParameters responseElements additionalEventData serviceEventDetails
""".split()
CLOSED = [
    "userIdentity",
    "tlsDetails",
    "userIdentity.sessionContext",
]
TEXT_OF_OBJECT = '{"name":"t"}'
TEXT_OF_TEXT = json.dumps(TEXT_OF_OBJECT)
NUMBERS = st.sampled_from([7, 0, -1.5])
LISTS = st.sampled_from([["a"], [{"a": 1}], [7]])
OBJECTS = st.sampled_from([{"a": "b"}, {}])
WRONG = st.one_of(
    st.tuples(
        st.sampled_from(TEXTS), st.one_of(NUMBERS, LISTS, OBJECTS, st.booleans())
    ),
    st.tuples(
        st.sampled_from(OPAQUE),
        st.one_of(
            NUMBERS,
            LISTS,
            st.sampled_from([True, TEXT_OF_OBJECT, ' ["a"]', TEXT_OF_TEXT]),
        ),
    ),
    st.tuples(
        st.sampled_from(CLOSED),
        st.one_of(NUMBERS, LISTS, st.sampled_from([False, "HIDDEN"])),
    ),
    st.tuples(st.just("resources"), st.one_of(NUMBERS, st.sampled_from([True, "a"]))),
    st.tuples(st.just("readOnly"), st.one_of(NUMBERS, LISTS, OBJECTS)),
)
RULES = [
    # Answered by the header alone, by the caller, by the whole event.
    "eventName == 'DeleteTrail' && {} == 'x'",
    "{} == 'x'",
    "contains({}, 'zz')",
    "matches(to_string({}), 'zz')",
    "eventSource == 'cloudtrail.amazonaws.com' && sigma_contains({}, `[\"zz\"]`)",
    "{} != 'x'",
]


def rule(text: str, name: str = "r") -> DetectionRule:
    return DetectionRule(
        path="x.yml",
        line=1,
        title=name,
        name=name,
        id=name,
        level=Level.HIGH,
        status="stable",
        detection=Detection({}, conditions.parse(text)),
    )


def with_value(path: str, value: object) -> dict[str, Any]:
    """Return the event with a value at a path."""
    event: dict[str, Any] = json.loads(json.dumps(EVENT))
    inside = event
    *outer, last = path.split(".")
    for name in outer:
        inside = inside.setdefault(name, {})
    inside[last] = value
    return event


def evaluated(
    shape: str, events: list[dict[str, Any]], text: str
) -> tuple[Batch, Evaluated[Match]]:
    detector = detection.compile_rules([rule(text)])
    written = (
        b"\n".join(json.dumps(each).encode() for each in events)
        if shape == "lines"
        else json.dumps({"Records": events} if shape == "records" else events).encode()
    )
    batch = formats.split("x.json", written, header=detector.header)
    assert isinstance(batch, Batch)
    return batch, detection.evaluate(detector, batch)


@example(("requestParameters", TEXT_OF_TEXT), 1, "records", RULES[1])
@given(
    wrong=WRONG,
    place=st.integers(0, SIZE - 1),
    shape=st.sampled_from(["records", "lines", "array"]),
    text=st.sampled_from(RULES),
)
def test_a_wrong_type_is_told_wherever_a_rule_reads_it(
    wrong: tuple[str, Any], place: int, shape: str, text: str
) -> None:
    path, value = wrong
    events = [EVENT] * SIZE
    events[place] = with_value(path, value)

    batch, found = evaluated(shape, events, text.format(path))

    problems = [*batch.problems, *found.problems]
    assert len(found.records) + len(problems) == SIZE
    if value in (TEXT_OF_OBJECT, TEXT_OF_TEXT) and not problems:
        # Found when the file was read, and put back as the object that it is.
        assert json.loads(batch.records[place])[path] == json.loads(TEXT_OF_OBJECT)
        return
    assert [each.record for each in problems] == [place]
    assert path in problems[0].reason
    assert place not in {each.record for each in found.matches}


def test_it_is_told_by_a_scan_in_the_middle_of_a_large_log_file(tmp_path: Path) -> None:
    events = [{**EVENT, "eventID": f"event-{number}"} for number in range(2001)]
    events[1003]["requestParameters"] = ["t"]
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"Records": events}))
    chosen = rule("eventName == 'DeleteTrail' && requestParameters.name == 'other'")
    quiet = rule("eventName == 'StopLogging'", "quiet")

    told = run.scan([chosen, quiet], [str(file)])

    assert [each.record for each in told.problems] == [1003]
    assert "requestParameters is a list, not an object" in told.problems[0].reason
    assert told.statistics.events == 2000
    assert told.statistics.unreadable_records == 1
    # An event that no rule looks at loses nothing.
    assert not run.scan([quiet], [str(file)]).problems


@pytest.mark.parametrize(
    "right",
    [
        {"requestParameters": None, "responseElements": None, "userIdentity": None},
        {"responseElements": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        {"responseElements": [], "additionalEventData": {}},
        {"readOnly": "true", "managementEvent": True},
        {"sessionCredentialFromConsole": True},
        {"userAgent": "[S3Console/0.4]", "errorCode": None},
        {"eventVersion": 1.08},
        {
            "userIdentity": {
                "type": "AssumedRole",
                "sessionContext": {"attributes": {"mfaAuthenticated": False}},
            }
        },
    ],
)
def test_what_aws_and_its_tables_write_is_judged(right: dict[str, Any]) -> None:
    reads = "eventName == 'DeleteTrail' && !sessionCredentialFromConsole"
    batch, found = evaluated("records", [EVENT, {**EVENT, **right}], reads)

    assert (batch.problems, found.problems) == ((), ())
    assert len(found.records) == 2


def test_only_fields_that_are_read_count() -> None:
    event = {**EVENT, "apiVersion": 20131101, "userIdentity": {"accessKeyId": 7}}

    assert field_types(frozenset({("userIdentity", "arn")})).misfit(event) is None
    assert (
        field_types(frozenset({("userIdentity", "accessKeyId")})).misfit(event)
        == "userIdentity.accessKeyId is a number, not text"
    )
